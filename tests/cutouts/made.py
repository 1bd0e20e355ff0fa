"""FITS files in the manner of the JWST pipeline, each with a star at a known place."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from voserver.catalogue.cutouts.fits_cut import cut
from voserver.catalogue.cutouts.pieces import write
from voserver.catalogue.cutouts.unpacked import Opened
from voserver.catalogue.cutouts.wanted import Extent, Wanted

PIXEL = 8e-6  # degrees
STAR = (110.8, -73.45)
Header = Mapping[str, Any]


class Bytes:
    """A file in memory that counts what is read of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.count = 0
        self.reads = 0

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, end: int) -> bytes:
        assert 0 <= start <= end <= self.size
        self.count += end - start
        self.reads += 1
        return self.content[start:end]


class Large(Bytes):
    """A file of large arrays of zeros, which is nowhere: SCI and ERR with these headers."""

    def __init__(self, headers: Sequence[Header | None], columns: int, rows: int) -> None:
        first: list[tuple[str, Any]] = [("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0)]
        self._headers = {0: fits.Header(first).tostring().encode()}
        position = 2880
        for name, header in zip(("SCI", "ERR"), headers, strict=True):
            sides = [
                ("XTENSION", "IMAGE"),
                ("BITPIX", -32),
                ("NAXIS", 2),
                ("NAXIS1", columns),
                ("NAXIS2", rows),
            ]
            cards = [*sides, ("PCOUNT", 0), ("GCOUNT", 1), ("EXTNAME", name)]
            self._headers[position] = fits.Header([*cards, *(header or {}).items()]).tostring().encode()
            position += len(self._headers[position]) + -(-columns * rows * 4 // 2880) * 2880
        self._size = position
        super().__init__(b"")

    @property
    def size(self) -> int:
        return self._size

    def read(self, start: int, end: int) -> bytes:
        self.count += end - start
        self.reads += 1
        content = bytearray(end - start)
        for place, header in self._headers.items():
            low, high = max(start, place), min(end, place + len(header))
            if low < high:
                content[low - start : high - start] = header[low - place : high - place]
        return bytes(content)


def tangent(
    columns: int, rows: int, *, at: tuple[float, float] = STAR, turn: float = 30.0, flip: bool = False
) -> dict[str, Any]:
    """A tangent plane whose reference point is the middle of the array."""
    cosine, sine = np.cos(np.radians(turn)) * PIXEL, np.sin(np.radians(turn)) * PIXEL
    side = 1 if flip else -1
    return {
        "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CUNIT1": "deg", "CUNIT2": "deg", "RADESYS": "ICRS",
        "CRVAL1": at[0], "CRVAL2": at[1], "CRPIX1": (columns + 1) / 2, "CRPIX2": (rows + 1) / 2,
        "CD1_1": side * cosine, "CD1_2": sine, "CD2_1": -side * sine, "CD2_2": cosine,
    }  # fmt: skip


def sip(header: Header) -> dict[str, Any]:
    """The same with a distortion of some pixels at the edges."""
    return {
        **header, "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "A_ORDER": 3, "B_ORDER": 3,
        "A_2_0": 3e-5, "A_0_2": -2e-5, "A_1_1": 1e-5, "B_2_0": 1e-5, "B_0_2": 4e-5, "A_3_0": 1e-8, "B_1_2": 2e-8,
    }  # fmt: skip


def star(columns: int, rows: int, x: float, y: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """An array with a star at a place (counted from 0)."""
    v, u = np.mgrid[0:rows, 0:columns]
    return np.asarray(100 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 4), dtype=np.float32)


def image(header: Header, columns: int = 300, rows: int = 200, *, place: tuple[float, float] = STAR) -> bytes:
    """SCI with ERR, DQ, WHT and CON beside it, a table and a model."""
    wcs = WCS(fits.Header(header))
    x, y = wcs.all_world2pix(*place, 0)
    science = star(columns, rows, float(x), float(y))
    science[0, 0] = np.nan
    primary = fits.PrimaryHDU()
    primary.header["TELESCOP"] = "JWST"
    primary.header["TARGNAME"] = ("O'Neill's ring", "kept as it is")
    primary.header["MJD-BEG"], primary.header["MJD-END"] = 59700.0, 59700.5
    primary.header["NEXTEND"] = 7
    number = np.arange(columns * rows, dtype=np.int32).reshape(rows, columns)
    sci = fits.ImageHDU(science, fits.Header(header), "SCI")
    sci.header["S_REGION"] = "POLYGON ICRS  1 2 3 4 5 6 7 8"
    sci.header["CRPIX1A"] = 10.0
    table = fits.BinTableHDU.from_columns([fits.Column("FILENAME", "8A", array=["a", "b"])], name="HDRTAB")
    hdus = [
        primary, sci, fits.ImageHDU(science / 10, name="ERR"), fits.ImageHDU(number, name="DQ"),
        fits.ImageHDU(np.stack([number, -number]), name="CON"), fits.ImageHDU(np.ones((7, 5)), name="OTHER"),
        table, fits.BinTableHDU.from_columns([fits.Column("D", "3B", array=[[1, 2, 3]])], name="ASDF"),
    ]  # fmt: skip
    return written(hdus, checksum=True)


def cube(*, is_looked_up: bool = False, channels: int = 40) -> bytes:
    """SCI, ERR, DQ, WMAP with a star in one channel; 5 µm and on, in steps of 0.01 µm or from a table."""
    columns, rows = 50, 60
    header = tangent(columns, rows) | {
        "WCSAXES": 3, "CTYPE3": "WAVE", "CUNIT3": "um", "CRPIX3": 1.0, "CRVAL3": 5.0, "CDELT3": 0.01,
    }  # fmt: skip
    for key in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
        header["PC" + key[2:]] = header.pop(key)
    header |= {"CDELT1": 1.0, "CDELT2": 1.0, "PC3_3": 1.0}
    data = np.zeros((channels, rows, columns), dtype=np.float32)
    data[23] = star(columns, rows, (columns - 1) / 2, (rows - 1) / 2)
    hdus = [fits.PrimaryHDU()]
    wavelengths = 5 + 0.01 * np.arange(channels)
    if is_looked_up:
        header |= {"CTYPE3": "WAVE-TAB", "CRVAL3": 1.0, "CDELT3": 1.0}
        header |= {"PS3_0": "WCS-TABLE", "PS3_1": "wavelength"}
        column = fits.Column("wavelength", f"{channels}D", unit="um", dim=f"(1,{channels})",
                             array=wavelengths.reshape(1, channels, 1))  # fmt: skip
        hdus.append(fits.BinTableHDU.from_columns([column], name="WCS-TABLE"))
    hdus += [
        fits.ImageHDU(data, fits.Header(header), "SCI"), fits.ImageHDU(data / 10, name="ERR"),
        fits.ImageHDU(data.astype(np.int32), name="DQ"), fits.ImageHDU(data, name="WMAP"),
    ]  # fmt: skip
    return written(hdus)


def spectrum(rows: int = 1000, *, segments: int = 2) -> bytes:
    """Tables as x1d has them, one behind the other in wavelength: 1 to 2 µm, 2 to 3 µm and so on."""
    hdus: list[Any] = [fits.PrimaryHDU()]
    for number in range(segments):
        wavelength = np.linspace(1 + number, 2 + number, rows, endpoint=False)
        columns = [
            fits.Column("WAVELENGTH", "D", unit="um", array=wavelength),
            fits.Column("FLUX", "D", unit="Jy", array=wavelength**2),
            fits.Column("NAME", "PA(3)", array=np.array([["x"]] * rows, dtype=object)),
            fits.Column("DQ", "J", array=np.arange(rows)),
        ]
        hdus.append(
            fits.BinTableHDU.from_columns(columns[:2] + columns[3:], name="EXTRACT1D", ver=number + 1)
        )
    return written(hdus)


def written(hdus: Sequence[Any], *, checksum: bool = False) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    fits.HDUList(hdus).writeto(stream, checksum=checksum)
    return stream.getvalue()


def cut_out(
    content: bytes | Bytes, wanted: Wanted, extent: Extent | None = None, *, is_near: bool = True
) -> fits.HDUList | None:
    """The cut-out as astropy opens it; None where there is none. It is as long as was said."""
    source = content if isinstance(content, Bytes) else Bytes(content)
    opened = Opened(source, is_near=is_near)
    found = cut(opened.source, opened.units("x.fits"), wanted, extent or Extent(), "x.fits")
    if found is None:
        opened.close()
        return None
    result = b"".join(write(found.pieces, opened.source, is_near=opened.is_near))
    opened.close()
    assert len(result) == found.size
    assert found.size % 2880 == 0
    hdus = fits.open(io.BytesIO(result))
    hdus.verify("exception")
    return hdus
