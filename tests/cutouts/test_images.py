"""Cut-outs of images: the right pixels, of all arrays alike, in headers that say where they are."""

from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from tests.cutouts.made import PIXEL, STAR, Large, cut_out, image, sip, tangent, written
from voserver.catalogue.cutouts.areas import area_of, box, circle
from voserver.catalogue.cutouts.cards import Cards, cards
from voserver.catalogue.cutouts.pieces import Slab
from voserver.catalogue.cutouts.structure import Unit
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.model.errors import UsageError
from voserver.model.regions import parse_region

Place = tuple[float, float]


def place_of(header: dict[str, Any], x: float, y: float) -> Place:
    """Where a pixel (counted from 0) is."""
    longitude, latitude = WCS(fits.Header(header)).all_pix2world(x, y, 0)
    return float(longitude), float(latitude)


def peak(data: Any) -> tuple[float, float]:
    """Where a star is: the middle of what is bright about the brightest pixel (x, y, from 0)."""
    clean = np.nan_to_num(data)
    row, column = np.unravel_index(np.argmax(clean), clean.shape)
    v, u = np.mgrid[row - 6 : row + 7, column - 6 : column + 7]
    near = clean[row - 6 : row + 7, column - 6 : column + 7]
    return float((near * u).sum() / near.sum()), float((near * v).sum() / near.sum())


FRAMES = {
    "turned": tangent(300, 200),
    "flipped": tangent(300, 200, turn=200, flip=True),
    "distorted": sip(tangent(300, 200, turn=-75)),
}


@pytest.mark.parametrize("header", FRAMES.values(), ids=FRAMES)
def test_a_star_is_where_the_wcs_of_the_cut_out_has_it(header: dict[str, Any]) -> None:
    x, y = 251.3, 37.8  # far from the reference point, where distortion matters
    place = place_of(header, x, y)
    hdus = cut_out(image(header, place=place), Wanted(circle(*place, 12 * PIXEL), words="x"))
    assert hdus is not None
    found = WCS(hdus["SCI"].header).all_world2pix(*place, 0)
    assert peak(hdus["SCI"].data) == pytest.approx([float(value) for value in found], abs=0.1)
    assert all(24 <= side <= 28 for side in hdus["SCI"].data.shape)


def test_arrays_without_a_wcs_are_cut_as_the_science_array_and_others_are_kept() -> None:
    content = image(tangent(300, 200))
    hdus = cut_out(content, Wanted(circle(*STAR, 20 * PIXEL), words="CIRCLE=1 2 3"))
    whole = fits.HDUList.fromstring(content)
    assert hdus is not None
    assert [hdu.name for hdu in hdus] == ["PRIMARY", "SCI", "ERR", "DQ", "CON", "OTHER", "HDRTAB"]
    first = int(hdus["DQ"].data[0, 0])
    row, column = divmod(first, 300)
    height, width = hdus["SCI"].data.shape
    part = np.s_[row : row + height, column : column + width]
    for name in ("SCI", "ERR", "DQ"):
        np.testing.assert_array_equal(hdus[name].data, whole[name].data[part])
    np.testing.assert_array_equal(hdus["CON"].data, whole["CON"].data[:, *part])
    np.testing.assert_array_equal(hdus["OTHER"].data, whole["OTHER"].data)
    assert (width, height) == (41, 41) or width in range(40, 43)


def test_headers_say_what_was_cut_and_keep_the_rest() -> None:
    hdus = cut_out(image(tangent(300, 200)), Wanted(circle(*STAR, 20 * PIXEL), words="CIRCLE=110.8 -73.45"))
    assert hdus is not None
    primary, science = hdus[0].header, hdus["SCI"].header
    assert primary["TARGNAME"] == "O'Neill's ring"
    assert primary.comments["TARGNAME"] == "kept as it is"
    assert primary["NEXTEND"] == 6
    history = "\n".join(primary["HISTORY"])
    assert "CIRCLE=110.8 -73.45" in history
    assert "ASDF was left out" in history
    assert "CHECKSUM" not in science
    first = 150.5 - science["CRPIX1"]
    assert science["CRPIX1A"] == 10.0 - first
    corners = [float(word) for word in science["S_REGION"].split()[2:]]
    height, width = hdus["SCI"].data.shape
    x, y = WCS(science).all_world2pix(corners[::2], corners[1::2], 1)
    assert x == pytest.approx([0.5, width + 0.5, width + 0.5, 0.5], abs=1e-3)
    assert y == pytest.approx([0.5, 0.5, height + 0.5, height + 0.5], abs=1e-3)


def test_what_lies_partly_outside_is_reduced_to_what_there_is() -> None:
    header = tangent(300, 200, turn=0)
    hdus = cut_out(image(header), Wanted(circle(*place_of(header, 0, 0), 10.4 * PIXEL), words=""))
    assert hdus is not None
    assert hdus["SCI"].data.shape == (11, 11)
    assert np.isnan(hdus["SCI"].data[0, 0])
    assert hdus["DQ"].data[0, 0] == 0


def test_a_region_around_everything_gives_everything() -> None:
    content = image(tangent(300, 200))
    for area in (circle(*STAR, 180), box(0, 360, -90, 90), box(100, 120, -90, 0)):
        hdus = cut_out(content, Wanted(area, words=""))
        assert hdus is not None
        assert hdus["SCI"].data.shape == (200, 300)


def test_a_region_beside_the_image_gives_nothing() -> None:
    content = image(tangent(300, 200))
    assert cut_out(content, Wanted(circle(STAR[0], STAR[1] + 1, 0.5), words="")) is None
    assert cut_out(content, Wanted(circle(STAR[0] + 180, -STAR[1], 0.5), words="")) is None
    assert cut_out(content, Wanted(box(0, 50, -90, 90), words="")) is None


def test_a_region_smaller_than_a_pixel_gives_that_pixel() -> None:
    hdus = cut_out(image(tangent(301, 201)), Wanted(circle(*STAR, 0.0), words=""))
    assert hdus is not None
    assert hdus["SCI"].data.shape == (1, 1)


@pytest.mark.parametrize("at", [(0.0, 89.9999), (0.0, 0.0), (359.9999, 45.0), (123.0, -90.0)])
def test_the_pole_and_the_meridian_are_places_like_others(at: tuple[float, float]) -> None:
    header = tangent(300, 200, at=at)
    hdus = cut_out(image(header, place=at), Wanted(circle(*at, 20 * PIXEL), words=""))
    assert hdus is not None
    assert hdus["SCI"].data.shape in {(41, 41), (42, 42), (41, 42), (42, 41), (40, 40)}
    found = WCS(hdus["SCI"].header).all_world2pix(*at, 0)
    assert peak(hdus["SCI"].data) == pytest.approx([float(value) for value in found], abs=0.1)


def test_every_pixel_that_a_polygon_touches_is_in_its_box_and_no_row_or_column_more() -> None:
    header = sip(tangent(300, 200, turn=20))
    wcs = WCS(fits.Header(header))
    corners = np.array([[40.2, 30.4], [250.6, 60.1], [120.3, 180.7]])
    text = " ".join(f"{lon!r} {lat!r}" for lon, lat in wcs.all_pix2world(corners, 0).tolist())
    (shape,) = parse_region(f"POLYGON ICRS {text}").shapes
    hdus = cut_out(image(header), Wanted(area_of(shape), words=""))
    assert hdus is not None
    row, column = divmod(int(hdus["DQ"].data[0, 0]), 300)
    height, width = hdus["DQ"].data.shape
    assert (column, row) == (40, 30)
    assert (column + width - 1, row + height - 1) == (251, 181)


def test_time_and_wavelength_of_an_image_are_those_of_its_exposure() -> None:
    content = image(tangent(300, 200))
    known = Extent(band=(1e-6, 2e-6))
    inside = cut_out(content, Wanted(time=(59700.4, 59800.0), band=(0.0, 1.5e-6), words=""), known)
    assert inside is not None
    assert inside["SCI"].data.shape == (200, 300)
    assert cut_out(content, Wanted(time=(59701.0, 59800.0), words="")) is None
    assert cut_out(content, Wanted(band=(3e-6, 4e-6), words=""), known) is None
    told = Extent(time=(1.0, 2.0))  # the catalogue goes before the header
    assert cut_out(content, Wanted(time=(59700.4, 59800.0), words=""), told) is None


def test_several_chips_are_cut_each_by_its_own_wcs() -> None:
    near, far = tangent(100, 100), tangent(100, 100, at=(STAR[0] + 1, STAR[1]))
    data = np.arange(10_000, dtype=np.float32).reshape(100, 100)
    hdus = [fits.PrimaryHDU()]
    for version, header in ((1, near), (2, far)):
        hdus += [
            fits.ImageHDU(data, fits.Header(header), "SCI", version),
            fits.ImageHDU(data, name="ERR", ver=version),
        ]
    found = cut_out(written(hdus), Wanted(circle(*STAR, 10 * PIXEL), words=""))
    assert found is not None
    assert [(hdu.name, hdu.ver) for hdu in found[1:]] == [("SCI", 1), ("ERR", 1)]
    np.testing.assert_array_equal(found[1].data, found[2].data)


def test_an_image_in_the_primary_array_is_cut_too() -> None:
    header = fits.Header(tangent(100, 80))
    data = np.arange(8000, dtype=np.int16).reshape(80, 100)
    hdu = fits.PrimaryHDU(data, header)
    hdu.header["BZERO"] = 32768
    found = cut_out(written([hdu]), Wanted(circle(*STAR, 5 * PIXEL), words=""))
    assert found is not None
    assert found[0].header["NAXIS1"] in {10, 11, 12}


def test_other_frames_than_icrs_are_understood() -> None:
    header = tangent(300, 200, at=(96.0, 6.0)) | {"CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN"}
    del header["RADESYS"]
    place = WCS(fits.Header(header)).pixel_to_world(200, 50).icrs
    at = (float(place.ra.deg), float(place.dec.deg))
    found = cut_out(image(header, place=(96.0, 6.0)), Wanted(circle(*at, 3 * PIXEL), words=""))
    assert found is not None
    row, column = divmod(int(found["DQ"].data[3, 3]), 300)
    assert (column, row) == (200, 50)


def test_polarization_is_cut_where_there_is_an_axis_of_it() -> None:
    header = tangent(50, 40) | {"CTYPE3": "STOKES", "CRVAL3": 1.0, "CRPIX3": 1.0, "CDELT3": 1.0}
    data = np.arange(8000, dtype=np.float32).reshape(4, 40, 50)
    content = written([fits.PrimaryHDU(), fits.ImageHDU(data, fits.Header(header), "SCI")])
    found = cut_out(content, Wanted(states=frozenset({"Q", "U"}), words=""))
    assert found is not None
    np.testing.assert_array_equal(found[1].data, data[1:3])
    assert cut_out(content, Wanted(states=frozenset({"RR"}), words="")) is None
    ignored = cut_out(image(tangent(300, 200)), Wanted(states=frozenset({"V"}), words=""))
    assert ignored is not None


def test_a_file_without_coordinates_cannot_be_cut_by_a_region_and_says_so() -> None:
    content = written([fits.PrimaryHDU(np.zeros((10, 10)))])
    with pytest.raises(UsageError, match="no WCS"):
        cut_out(content, Wanted(circle(*STAR, 1), words=""))


@pytest.mark.parametrize(("is_near", "most"), [(True, 0.02), (False, 0.08)])
def test_of_a_large_file_little_more_is_read_than_is_wanted(is_near: bool, most: float) -> None:
    header = tangent(20_000, 24_000, turn=0)
    source = Large([header, None], 20_000, 24_000)
    assert source.size > 3.8e9
    found = cut_out(source, Wanted(circle(*STAR, 1 / 120), words=""), is_near=is_near)  # one arcminute across
    assert found is not None
    assert found["SCI"].data.shape == found["ERR"].data.shape == (2084, 2084)
    wanted = 2 * 2084 * 2084 * 4
    assert wanted <= source.count < (wanted + 200_000 if is_near else 2 * 2084 * 80_000 + 200_000)
    assert source.count < most * source.size * (1 if is_near else 1.2)


def test_an_array_of_very_many_rows_is_read_row_by_row() -> None:
    sizes = [*cards("BITPIX", 8), *cards("NAXIS", 2), *cards("NAXIS1", 2), *cards("NAXIS2", 2**46)]
    unit = Unit(0, Cards(sizes), start=0, data=2880, length=2**47)
    runs = Slab(unit, {1: (2, 2)}).ranges()
    assert [next(runs), next(runs)] == [(2881, 2882), (2883, 2884)]
