"""Footprints that are right, odd, and absurd."""

import pytest

from voserver.catalogue.ingest.footprints import footprint


def test_a_right_footprint_has_region_centre_and_size() -> None:
    found = footprint("POLYGON ICRS  10 -1 11 -1 11 1 10 1")
    assert (found.status, found.remark) == ("good", None)
    assert (found.ra, found.dec) == pytest.approx((10.5, 0.0))
    assert found.size == pytest.approx(2.236, abs=0.001)
    assert found.text is not None
    assert found.text.startswith("Polygon ICRS ")
    assert found.shape is not None


def test_a_placeholder_is_kept_and_marked() -> None:
    found = footprint("CIRCLE 150.1 2.2 0.017")
    assert (found.status, found.text) == ("placeholder", "Circle ICRS 150.1 2.2 0.017")
    assert "placeholder" in str(found.remark)


def test_a_repeated_vertex_is_mended_and_remarked_on() -> None:
    found = footprint("POLYGON ICRS 10 -1 11 -1 11 1 10 1 10 -1")
    assert found.status == "repaired"
    assert "repeated its first vertex" in str(found.remark)
    assert found.shape is not None


@pytest.mark.parametrize(
    "given",
    [
        "POLYGON ICRS nan 1 2 3 4 5",
        "POLYGON ICRS 1 95 2 3 4 5",
        "POLYGON ICRS 1 2",
        "somewhere",
        "POLYGON ICRS 10 -60 100 -60 100 60 10 60",
    ],
)
def test_an_absurd_footprint_is_not_used_and_says_why(given: str) -> None:
    found = footprint(given)
    assert (found.status, found.text, found.shape, found.ra) == ("unusable", None, None, None)
    assert "not usable" in str(found.remark)


def test_no_footprint_is_remarked_on() -> None:
    assert footprint(None).status == "absent"
    assert footprint(None).remark == "there is no footprint"
