"""Cut-outs in wavelength: channels of cubes, evenly spaced or looked up in a table, and rows of spectra."""

from math import inf
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from tests.cutouts.made import PIXEL, STAR, Bytes, cube, cut_out, spectrum, written
from tests.cutouts.test_images import peak
from voserver.catalogue.cutouts.areas import circle
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.model.errors import UsageError


@pytest.mark.parametrize("is_looked_up", [False, True])
def test_a_cube_is_cut_in_position_and_wavelength(is_looked_up: bool) -> None:
    content = cube(is_looked_up=is_looked_up)
    hdus = cut_out(content, Wanted(circle(*STAR, 8 * PIXEL), (5.205e-6, 5.252e-6), words=""))
    assert hdus is not None
    arrays = [hdu for hdu in hdus[1:] if hdu.is_image]
    assert [hdu.name for hdu in arrays] == ["SCI", "ERR", "DQ", "WMAP"]
    assert len({hdu.data.shape for hdu in arrays}) == 1
    science = hdus["SCI"]
    wcs = WCS(science.header, hdus) if is_looked_up else WCS(science.header)
    channels = len(science.data)
    column, row, channel = 3, 4, int(np.argmax(science.data.max(axis=(1, 2))))
    wavelengths = [float(wcs.all_pix2world(column, row, k, 0)[2]) for k in range(channels)]
    factor = 1e6 if max(wavelengths) < 1e-3 else 1.0
    # Channels reach 0.005 µm to either side of their middle.
    assert np.array(wavelengths) * factor == pytest.approx(5.20 + 0.01 * np.arange(6), abs=1e-9)
    assert wavelengths[channel] * factor == pytest.approx(5.23)
    found = wcs.celestial.all_world2pix(*STAR, 0)
    assert peak(science.data[channel]) == pytest.approx([float(value) for value in found], abs=0.1)


def test_of_a_cube_only_the_channels_that_are_wanted_are_read() -> None:
    source = Bytes(cube(channels=400))
    hdus = cut_out(source, Wanted(band=(6.0e-6, 6.0e-6), words=""))
    assert hdus is not None
    assert len(hdus["SCI"].data) in {1, 2}
    assert source.count < source.size / 10


@pytest.mark.parametrize("band", [(0.0, 4e-6), (5.5e-6, inf)])
def test_a_band_beyond_the_cube_gives_nothing(band: tuple[float, float]) -> None:
    assert cut_out(cube(), Wanted(band=band, words="")) is None


@pytest.mark.parametrize(
    ("axis", "band", "first", "last"),
    [
        ({"CTYPE3": "FREQ", "CUNIT3": "Hz", "CRVAL3": 6.0e13, "CDELT3": 1e11}, (4.9e-6, 4.95e-6), 5, 11),
        ({"CTYPE3": "WAVE", "CUNIT3": "m", "CRVAL3": 5e-6, "CDELT3": -1e-8}, (4.90e-6, 4.92e-6), 8, 10),
        ({"CTYPE3": "WAVE-LOG", "CUNIT3": "um", "CRVAL3": 5.0, "CDELT3": 0.01}, (5.1e-6, 5.1e-6), 9, 9),
    ],
)
def test_axes_of_frequency_and_backwards_and_logarithmic_ones_are_understood(
    axis: dict[str, Any], band: tuple[float, float], first: int, last: int
) -> None:
    data = np.arange(40, dtype=np.float32).reshape(40, 1, 1) * np.ones((1, 3, 3), dtype=np.float32)
    header = fits.Header({"CRPIX3": 1.0, **axis})
    hdus = cut_out(
        written([fits.PrimaryHDU(), fits.ImageHDU(data, header, "SCI")]), Wanted(band=band, words="")
    )
    assert hdus is not None
    assert hdus[1].data[:, 0, 0].tolist() == list(range(first, last + 1)) or (
        abs(hdus[1].data[0, 0, 0] - first) <= 1 and abs(hdus[1].data[-1, 0, 0] - last) <= 1
    )
    with_wcs = WCS(hdus[1].header)
    values = with_wcs.all_pix2world(0, 0, np.arange(len(hdus[1].data)), 0)[2]
    wavelengths = 299_792_458 / values if axis["CTYPE3"] == "FREQ" else values
    assert wavelengths.min() - band[1] < 2e-8
    assert band[0] - wavelengths.max() < 2e-8


def test_rows_of_a_spectrum_are_those_of_the_band_and_segments_without_any_are_left_out() -> None:
    hdus = cut_out(spectrum(), Wanted(band=(1.25e-6, 1.5e-6), words=""))
    assert hdus is not None
    assert [(hdu.name, hdu.ver) for hdu in hdus[1:]] == [("EXTRACT1D", 1)]
    table = hdus[1].data
    assert (table["WAVELENGTH"][0], table["WAVELENGTH"][-1]) == (1.25, 1.5)
    assert table["DQ"].tolist() == list(range(250, 501))
    assert table["FLUX"] == pytest.approx(table["WAVELENGTH"] ** 2)
    assert "rows 251 to 501 of extension 1 (EXTRACT1D, 1)" in "".join(hdus[0].header["HISTORY"])
    across = cut_out(spectrum(), Wanted(band=(1.9e-6, 2.1e-6), words=""))
    assert across is not None
    assert [len(hdu.data) for hdu in across[1:]] == [100, 101]
    assert cut_out(spectrum(), Wanted(band=(8e-6, 9e-6), words="")) is None


def test_texts_of_variable_length_stay_with_their_rows() -> None:
    names = np.array([f"row{number}" for number in range(100)], dtype=object)
    columns = [
        fits.Column("WAVELENGTH", "D", unit="nm", array=np.arange(100) + 1000.0),
        fits.Column("NAME", "PA()", array=names),
    ]
    content = written([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)])
    hdus = cut_out(content, Wanted(band=(1.05e-6, 1.052e-6), words=""))
    assert hdus is not None
    assert ["".join(name) for name in hdus[1].data["NAME"]] == ["row50", "row51", "row52"]


def test_a_row_that_is_a_whole_spectrum_is_kept_whole() -> None:
    wavelength = np.stack([np.linspace(1, 2, 50), np.linspace(3, 4, 50)])
    column = fits.Column("WAVELENGTH", "50D", unit="um", array=wavelength)
    content = written([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column], name="EXTRACT1D")])
    hdus = cut_out(content, Wanted(band=(3.5e-6, 3.6e-6), words=""))
    assert hdus is not None
    np.testing.assert_array_equal(hdus[1].data["WAVELENGTH"], wavelength[1:])


def test_a_spectrum_is_given_to_regions_that_meet_its_footprint() -> None:
    known = Extent(area=(circle(*STAR, 0.01),))
    assert cut_out(spectrum(), Wanted(circle(STAR[0], STAR[1] + 0.015, 0.01), words=""), known) is not None
    assert cut_out(spectrum(), Wanted(circle(*STAR, 1e-6), words=""), known) is not None
    assert cut_out(spectrum(), Wanted(circle(STAR[0], STAR[1] + 1, 0.01), words=""), known) is None


def test_a_rectified_spectrum_is_cut_with_the_table_that_was_extracted_from_it() -> None:
    header = fits.Header({"CTYPE1": "WAVE", "CUNIT1": "um", "CRPIX1": 1.0, "CRVAL1": 1.0, "CDELT1": 0.001})
    data = np.arange(34_000, dtype=np.float32).reshape(34, 1000)
    table = fits.HDUList.fromstring(spectrum(segments=1))[1]
    content = written(
        [fits.PrimaryHDU(), fits.ImageHDU(data, header, "SCI"), fits.ImageHDU(data, name="WHT"), table]
    )
    wanted = Wanted(circle(*STAR, 0.001), (1.5e-6, 1.5995e-6), words="")
    hdus = cut_out(content, wanted, Extent(area=(circle(*STAR, 0.01),)))
    assert hdus is not None
    assert [hdus[name].data.shape for name in ("SCI", "WHT")] == [(34, 101), (34, 101)]
    assert len(hdus["EXTRACT1D"].data) == 100


def test_a_table_of_wavelengths_that_is_not_there_is_said_to_be_missing() -> None:
    hdus = fits.HDUList.fromstring(cube(is_looked_up=True))
    content = written([hdu for hdu in hdus if hdu.name != "WCS-TABLE"])
    with pytest.raises(UsageError, match="'WCS-TABLE', which the file does not have"):
        cut_out(content, Wanted(band=(5e-6, 6e-6), words=""))
