"""TAP uploads through real clients: tables that come with a query, by part of the form and by URL."""

import pytest
import pyvo
from astropy import units
from astropy.table import Table
from pyvo.dal import TAPService


@pytest.fixture(scope="module")
def tap(served: str) -> TAPService:
    return pyvo.dal.TAPService(f"{served}/tap")


@pytest.fixture
def positions() -> Table:
    table = Table({"name": ["a", "b"], "ra": [110.6, 110.7] * units.deg, "dec": [-73.5, -73.48] * units.deg})
    table["ra"].info.meta = {"ucd": "pos.eq.ra;meta.main"}
    return table


def test_an_uploaded_table_comes_back(tap: TAPService, positions: Table) -> None:
    found = tap.run_sync(
        "SELECT * FROM TAP_UPLOAD.mine ORDER BY name", uploads={"mine": positions}
    ).to_table()
    assert found.colnames == ["name", "ra", "dec"]
    assert list(found["name"]) == ["a", "b"]
    assert list(found["ra"]) == [110.6, 110.7]
    assert found["ra"].unit == units.deg


def test_an_uploaded_table_is_matched_with_the_catalogue(tap: TAPService, positions: Table) -> None:
    found = tap.run_sync(
        "SELECT t.name, COUNT(*) AS n FROM ivoa.ObsCore AS o JOIN TAP_UPLOAD.mine AS t"
        " ON 1=CONTAINS(POINT(t.ra, t.dec), o.s_region) GROUP BY t.name ORDER BY t.name",
        uploads={"mine": positions},
    )
    assert [row["name"] for row in found] == ["a", "b"]
    assert all(0 < row["n"] < 60 for row in found)
