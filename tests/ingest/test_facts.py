"""Rows that cannot be true, and rows that look odd and are right."""

from collections.abc import Callable
from datetime import datetime

import pytest

from voserver.catalogue.ingest.facts import check
from voserver.model.errors import UsageError

Make = Callable[..., dict[str, object]]
NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": ""}, "true_filename is missing"),
        ({"name": "readme.txt"}, "not the name of a JWST product"),
        ({"name": "jw02045003001_02101_00001_nrcblong"}, "the name of an observation"),
        ({"name": "jw02045_20250619t003749_pool.csv"}, "serves many observations"),
        ({"name": "jw02045003001_02101_00001_nrcblong_\0cal.fits"}, "NUL"),
        ({"exp_type": None}, "exp_type is missing"),
        ({"exp_type": "WFC3_IMAGE"}, "not an exposure type"),
        ({"exp_type": "MIR_IMAGE"}, "exp_type is of MIRI, but the file's name says NIRCAM"),
        ({"program": None}, "program is missing"),
        ({"program": 2046}, "program is 2046, but the file's name says 2045"),
        ({"program": 2045.5}, "not a whole number"),
        ({"mast_uri": "mast:JWST/product/other.fits"}, "mast_uri is"),
        ({"fileSize": -1}, "fileSize is not a number of bytes: -1"),
        ({"fileSize": 2**60}, "fileSize is not a number of bytes"),
        ({"fileSize": "big"}, "fileSize is not a number: “big”"),
        ({"checksum": "d427"}, "checksum is not an MD5 sum"),
        ({"targ_ra": NAN}, "targ_ra is not a finite number"),
        ({"targ_dec": float("inf")}, "targ_dec is not a finite number"),
        ({"targ_ra": 361.0}, "targ_ra is outside"),
        ({"targ_dec": -90.5}, "targ_dec is outside"),
        ({"targ_ra": None}, "must come together"),
        ({"expstart": NAN}, "expstart is not a finite number"),
        ({"expstart": 0.0}, "expstart is no date of JWST's"),
        ({"expend": 1e300}, "expend is no date of JWST's"),
        ({"expend": 60535.0}, "is before expstart"),
        ({"effexptm": -3.0}, "effexptm is negative"),
        ({"publicReleaseDate_mjd": 1e9}, "publicReleaseDate_mjd is no date"),
        ({"publicReleaseDate_mjd": None, "release": "soon"}, "release is not a date: “soon”"),
        ({"publicReleaseDate_mjd": None, "release": "0001-01-01T00:00:00+23:59"}, "release is not a date"),
        ({"publicReleaseDate_mjd": None, "release": "9999-12-31T23:59:59-23:59"}, "release is not a date"),
        ({"publicReleaseDate_mjd": None, "release": "1970-01-01"}, "release is no date of JWST's"),
        ({"program": 1e300}, "program is 1e+300, but"),
        ({"fileSize": 1e300}, "fileSize is not a number of bytes: 1e+300"),
        ({"name": f"jw02045003001_02101_00001_nrcblong_cal.{'x' * 300}"}, "characters, more than 255"),
        ({"targprop": "x" * 501}, "targprop has 501 characters, more than 500"),
        ({"filter": "x" * 100_000}, "filter has 100,000 characters"),
        ({"title": "x" * 10_001}, "title has 10,001 characters, more than 10,000"),
        ({"orig_s_region": "1 " * 500_001}, "orig_s_region has 1,000,001 characters"),
    ],
)
def test_what_cannot_be_true_is_refused(fact: Make, values: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError) as refusal:
        check(fact(**values))
    assert reason in refusal.value.message


def test_the_archives_own_footprint_is_preferred(fact: Make) -> None:
    assert str(check(fact()).footprint).startswith("POLYGON ICRS  266.58")
    assert check(fact(orig_s_region=None)).footprint == "POLYGON ICRS 1 2 3 4 5 6"
    assert check(fact(orig_s_region=None, s_region="")).footprint is None


def test_filters_lose_what_lists_add_to_their_names(fact: Make) -> None:
    setup = check(fact()).setup
    assert (setup.optical_filter, setup.pupil) == ("F322W2", "F323N")
    name = "jw04513003001_02201_00001_nis_cal.fits"
    niriss = fact(
        name, exp_type="NIS_IMAGE", program=4513, filter="NI.F277WP", pupil="CLEARP", detector="NIS"
    )
    setup = check(niriss).setup
    assert (setup.optical_filter, setup.pupil) == ("F277W", "CLEAR")
    miri = fact(
        "jw04093001001_03101_00001_mirimage_cal.fits", exp_type="MIR_IMAGE", program=4093, filter="MI.N/A"
    )
    assert check(miri).setup.optical_filter == ""


def test_release_dates_come_in_two_forms(fact: Make) -> None:
    assert check(fact()).release == datetime(2025, 8, 13, 12)  # noqa: DTZ001 -- UTC without zone
    assert check(fact(publicReleaseDate_mjd=None)).release == datetime(2025, 8, 13, 12)  # noqa: DTZ001
    zoned = fact(publicReleaseDate_mjd=None, release="2025-08-13T14:00:00+02:00")
    assert check(zoned).release == datetime(2025, 8, 13, 12)  # noqa: DTZ001
    assert check(fact(publicReleaseDate_mjd=None, release=None)).release is None


def test_a_missing_size_or_checksum_is_no_fault(fact: Make) -> None:
    facts = check(fact(fileSize=None, checksum=""))
    assert (facts.size, facts.checksum) == (None, None)
