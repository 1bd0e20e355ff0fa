"""Previews: what is bright is bright, north is where FITS has it, spectra have axes, simulations say so."""

import io
import tracemalloc

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from tests.cutouts.made import PIXEL, STAR, Bytes, cube, image, spectrum, tangent, written
from voserver.catalogue.cutouts.areas import circle
from voserver.catalogue.cutouts.pictures import COLORMAPS, STRETCHES, Look, draw, thumbnail
from voserver.catalogue.cutouts.unpacked import Opened
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.model.errors import QuotaExceeded, UsageError

EVERYTHING = Wanted()


def picture(content: bytes, look: Look, wanted: Wanted = EVERYTHING, most_bytes: int = 10**9) -> Image.Image:
    opened = Opened(Bytes(content), is_near=True)
    drawn = draw(opened, "x.fits", wanted, Extent(), look, most_bytes=most_bytes)
    assert drawn is not None
    found = Image.open(io.BytesIO(drawn))
    assert found.format == look.form
    return found


def corner_bright() -> bytes:
    data = np.zeros((100, 200), dtype=np.int16)
    data[90:, 180:] = 1000  # the upper right, as FITS counts rows from below
    data[:10, :20] = -32768
    header = fits.Header({**tangent(200, 100), "BLANK": -32768})
    return written([fits.PrimaryHDU(), fits.ImageHDU(data, header, "SCI")])


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("colors", COLORMAPS)
def test_a_picture_has_the_last_row_above_and_marks_what_has_no_value(stretch: str, colors: str) -> None:
    (known,) = [one for one in STRETCHES if one == stretch]
    pixels = np.asarray(picture(corner_bright(), Look(stretch=known, colors=colors, size=100)))
    assert pixels.shape == (50, 100, 3)
    brightest, darkest = (
        [int(color[at : at + 2], 16) for at in (0, 2, 4)]
        for color in COLORMAPS[colors][:: -len(COLORMAPS[colors]) + 1]
    )
    assert pixels[2, 97].tolist() == brightest
    assert pixels[25, 50].tolist() == darkest
    assert pixels[48, 2].tolist() == [24, 26, 32]


def test_a_region_of_an_image_is_drawn_alone_and_as_jpeg_where_that_is_wanted() -> None:
    found = picture(image(tangent(300, 200)), Look("JPEG"), Wanted(circle(*STAR, 20 * PIXEL), words=""))
    assert set(found.size) <= {40, 41, 42}
    middle = found.convert("L").getpixel((20, 20))
    edge = found.convert("L").getpixel((2, 2))
    assert isinstance(middle, int)
    assert isinstance(edge, int)
    assert middle > 200
    assert edge < 60


def test_a_cube_is_drawn_as_the_mean_over_its_wavelengths() -> None:
    found = picture(cube(), Look(), Wanted(band=(5.2e-6, 5.3e-6), words=""))
    assert found.size == (50, 60)
    values = np.asarray(found.convert("L"))
    assert np.unravel_index(np.argmax(values), values.shape)[0] in range(26, 34)


def test_a_spectrum_is_drawn_in_a_frame_with_labels() -> None:
    found = np.asarray(picture(spectrum(), Look(size=600)))
    assert found.shape == (360, 600, 3)
    blue = (found[..., 2].astype(int) - found[..., 0]) > 60
    rows, columns = np.nonzero(blue)
    # The flux rises with the wavelength: the curve begins below on the left.
    assert rows[columns.argmin()] > rows[columns.argmax()]
    assert (found[-40:, 100:-100] < 128).any()


def test_a_spectrum_in_an_array_is_drawn_too() -> None:
    header = fits.Header({"CTYPE1": "WAVE", "CUNIT1": "um", "CRPIX1": 1.0, "CRVAL1": 1.0, "CDELT1": 0.01})
    content = written([fits.PrimaryHDU(), fits.ImageHDU(np.arange(500.0), header, "DATA")])
    for wanted in (EVERYTHING, Wanted(band=(1.5e-6, 2e-6), words="")):
        drawn = np.asarray(picture(content, Look(size=600), wanted))
        rows, columns = np.nonzero((drawn[..., 2].astype(int) - drawn[..., 0]) > 60)
        assert rows[columns.argmin()] > rows[columns.argmax()]


def test_pictures_of_simulated_pixels_say_so() -> None:
    hdu = fits.ImageHDU(np.zeros((200, 200), dtype=np.float32), fits.Header(tangent(200, 200)), "SCI")
    plain = np.asarray(picture(written([fits.PrimaryHDU(), hdu]), Look()))
    hdu.header["SIMULATE"] = True
    told = np.asarray(picture(written([fits.PrimaryHDU(), hdu]), Look()))
    assert not plain.any()
    assert told[-20:, :100].any()


def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(UsageError, match="neither an image nor a spectrum"):
        picture(written([fits.PrimaryHDU()]), Look())
    with pytest.raises(UsageError, match="has rows of 200,001 pixels"):
        picture(written([fits.PrimaryHDU(np.zeros((1, 200_001), dtype=np.uint8))]), Look())
    with pytest.raises(QuotaExceeded, match="would be read for the picture"):
        picture(image(tangent(300, 200)), Look(), most_bytes=1000)


def test_a_thumbnail_is_small() -> None:
    drawn = draw(
        Opened(Bytes(image(tangent(300, 200))), is_near=True),
        "x",
        EVERYTHING,
        Extent(),
        Look(),
        most_bytes=10**9,
    )
    assert drawn is not None
    assert Image.open(io.BytesIO(thumbnail(drawn))).size == (160, 107)


@pytest.mark.parametrize("shape", [(400_000, 1), (2, 199_999), (1_500, 1_500)])
def test_a_picture_takes_memory_by_what_it_shows(shape: tuple[int, int]) -> None:
    content = written([fits.PrimaryHDU(np.ones(shape, dtype=np.uint8))])
    tracemalloc.start()
    try:
        pixels = np.asarray(picture(content, Look(size=1500)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert max(pixels.shape) <= 1500
    assert peak < 75e6
