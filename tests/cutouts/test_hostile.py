"""Broken and hostile files: words instead of tracebacks, and never more memory or time than the file is worth."""

import gzip
import io
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from tests.cutouts.made import PIXEL, STAR, cube, cut_out, image, spectrum, tangent, written
from voserver.catalogue.cutouts import unpacked
from voserver.catalogue.cutouts.areas import circle
from voserver.catalogue.cutouts.wanted import Wanted
from voserver.model.errors import QuotaExceeded, ServiceError, UsageError

WANTED = Wanted(circle(*STAR, 10 * PIXEL), (5.1e-6, 5.2e-6), words="a circle")


def card(text: str) -> bytes:
    return text.ljust(80).encode()


def with_cards(*changes: str, of: bytes | None = None) -> bytes:
    """A small image with cards of its science array replaced."""
    content = of or image(tangent(30, 20), 30, 20)
    for change in changes:
        keyword = change[:8].encode()
        start = content.index(keyword, content.index(b"XTENSION"))
        content = content[:start] + card(change) + content[start + 80 :]
    return content


BROKEN = {
    "empty": b"",
    "text": b"<html>" * 1000,
    "one card": card("SIMPLE  =                    T"),
    "no END": card("SIMPLE  =                    T") * 100_000,
    "cut short": image(tangent(30, 20), 30, 20)[:9000],
    "negative side": with_cards("NAXIS1  = -30"),
    "huge side": with_cards("NAXIS1  = 99999999999999999999999"),
    "overflowing sides": with_cards("NAXIS1  = 281474976710655", "NAXIS2  = 281474976710655"),
    "too many axes": with_cards("NAXIS   = 999"),
    "no such BITPIX": with_cards("BITPIX  = 7"),
    "a text for a size": with_cards("NAXIS2  = '20'"),
    "NaN": with_cards("CRVAL1  = NaN"),
    "a pixel of no size": with_cards("CD1_1   = 0.0", "CD1_2   = 0.0"),
    "no such projection": with_cards("CTYPE1  = 'RA---XYZ'", "CTYPE2  = 'DEC--XYZ'"),
    "two projections": with_cards("CTYPE1  = 'RA---SIN'"),
    "a text for a number": with_cards("CRPIX1  = 'middle'"),
    "a table that looks itself up": with_cards("TFORM1  = '0D      '", of=cube(is_looked_up=True)),
    "a huge column": with_cards("TFORM1  = '999999999D'", of=cube(is_looked_up=True)),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_said_in_words(content: bytes) -> None:
    with pytest.raises(UsageError) as raised:
        cut_out(content, WANTED)
    assert len(str(raised.value)) < 500


@given(data=st.data())
def test_any_damage_to_headers_gives_a_cut_out_or_words(data: st.DataObject) -> None:
    content = bytearray(
        data.draw(st.sampled_from([image(tangent(30, 20), 30, 20), cube(is_looked_up=True), spectrum(5)]))
    )
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, min(len(content), 20_000) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        opened = unpacked.Opened(_Held(bytes(content)), is_near=True)
        from voserver.catalogue.cutouts.fits_cut import cut  # noqa: PLC0415 -- only what it raises matters here
        from voserver.catalogue.cutouts.wanted import Extent  # noqa: PLC0415

        cut(opened.source, opened.units("x"), WANTED, Extent(), "x")
    except ServiceError as error:
        assert str(error)  # noqa: PT017 -- either is right


class _Held:
    def __init__(self, content: bytes) -> None:
        self.content, self.size = content, len(content)

    def read(self, start: int, end: int) -> bytes:
        return self.content[start:end]


def test_packed_files_are_unpacked() -> None:
    content = image(tangent(300, 200))
    for packed in (gzip.compress(content), gzip.compress(content[:20_000]) + gzip.compress(content[20_000:])):
        hdus = cut_out(packed, Wanted(circle(*STAR, 10 * PIXEL), words=""))
        assert hdus is not None
        assert hdus["SCI"].data.shape[0] in {20, 21, 22}
    with pytest.raises(UsageError, match="cannot be unpacked"):
        cut_out(gzip.compress(content)[:200] + b"x" * 99, WANTED)


def test_compressed_tiles_are_unpacked() -> None:
    data = np.arange(60_000, dtype=np.int32).reshape(200, 300)
    tiles = fits.CompImageHDU(data, fits.Header(tangent(300, 200)), name="SCI", compression_type="RICE_1")
    hdus = cut_out(written([fits.PrimaryHDU(), tiles]), Wanted(circle(*STAR, 10 * PIXEL), words=""))
    assert hdus is not None
    row, column = divmod(int(hdus["SCI"].data[0, 0]), 300)
    height, width = hdus["SCI"].data.shape
    np.testing.assert_array_equal(hdus["SCI"].data, data[row : row + height, column : column + width])


def test_what_would_be_too_large_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "MOST_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(30 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(QuotaExceeded, match="too large to be unpacked"):
        cut_out(bomb, WANTED)
    tiles = fits.CompImageHDU(np.zeros((2000, 2000), dtype=np.int32), name="SCI")
    with pytest.raises(QuotaExceeded, match="too large to be unpacked"):
        cut_out(written([fits.PrimaryHDU(), tiles]), WANTED)


@pytest.mark.parametrize(
    ("kind", "tile"),
    [
        ("RICE_1", bytes(range(256))),
        ("HCOMPRESS_1", b"\xdd\x99" + b"\x40\0\0\0" * 3 + bytes(range(200))),
        ("GZIP_1", gzip.compress(bytes(64 << 20))),
        ("GZIP_1", b"no gzip"),
        ("NONESUCH", b""),
    ],
)
def test_tiles_that_are_broken_or_hold_more_than_they_say_are_refused(kind: str, tile: bytes) -> None:
    packed = fits.BinTableHDU.from_columns(
        [
            fits.Column(
                "COMPRESSED_DATA", "PB()", array=np.array([np.frombuffer(tile, np.uint8)], dtype=object)
            )
        ]
    )
    words = {"ZIMAGE": True, "ZCMPTYPE": kind, "ZBITPIX": 8, "ZNAXIS": 2, "EXTNAME": "SCI"}
    packed.header.update(words | dict.fromkeys(("ZNAXIS1", "ZNAXIS2", "ZTILE1", "ZTILE2"), 100))
    with pytest.raises(UsageError, match="is broken"):
        cut_out(written([fits.PrimaryHDU(), packed]), WANTED)


def test_warnings_of_astropy_stay_inside() -> None:
    # Tests fail on warnings: a unit that is deprecated, and a keyword that is.
    header: dict[str, Any] = tangent(30, 20) | {
        "CUNIT1": "degree",
        "CUNIT2": "degree",
        "RADECSYS": "FK5",
        "EQUINOX": 2000.0,
    }
    del header["RADESYS"]
    stream = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(np.zeros((20, 30)), fits.Header(header))]).writeto(stream)
    assert cut_out(stream.getvalue(), Wanted(circle(*STAR, 5 * PIXEL), words="")) is not None
