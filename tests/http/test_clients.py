"""pyvo against the application on a real socket."""

import pytest
import pyvo
from pyvo.dal import DALQueryError, TAPService

from voserver.protocols.tap.examples import EXAMPLES


@pytest.fixture(scope="module")
def tap(served: str) -> TAPService:
    return pyvo.dal.TAPService(f"{served}/tap")


def test_search(tap: TAPService) -> None:
    found = tap.search("SELECT TOP 5 obs_id, s_ra, target_name FROM ivoa.ObsCore ORDER BY obs_id")
    assert len(found) == 5
    assert found.fieldnames == ("obs_id", "s_ra", "target_name")
    assert found.to_table()["s_ra"].unit == "deg"


def test_cone_by_footprint(tap: TAPService) -> None:
    found = tap.search("SELECT obs_id FROM ivoa.ObsCore WHERE 1=CONTAINS(POINT(110.8, -73.48), s_region)")
    assert 0 < len(found) < 60


def test_limits_are_known(tap: TAPService) -> None:
    assert (tap.maxrec, tap.hardlimit) == (1000, 100_000)


def test_tables(tap: TAPService) -> None:
    assert "ivoa.ObsCore" in list(tap.tables.keys())
    assert any(column.name == "s_region" for column in tap.tables["ivoa.ObsCore"].columns)


def test_examples(tap: TAPService) -> None:
    assert [example["QUERY"] for example in tap.examples] == [example.query for example in EXAMPLES]


def test_describe(tap: TAPService, capsys: pytest.CaptureFixture[str]) -> None:
    tap.describe()
    told = capsys.readouterr().out
    assert "Maximum 100000 row" in told
    assert "POLYGON" in told


def test_an_error_is_told_in_our_words(tap: TAPService) -> None:
    with pytest.raises(DALQueryError, match="There is no column nothing"):
        tap.search("SELECT nothing FROM ivoa.ObsCore")
