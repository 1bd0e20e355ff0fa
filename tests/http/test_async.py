"""Queries as jobs, as clients work with them over a real socket."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
import pyvo
from pyvo.dal import DALQueryError, TAPService

from voserver.settings import Settings

FIVE = "SELECT TOP 5 obs_id, s_ra FROM ivoa.ObsCore ORDER BY obs_id"


@pytest.fixture(scope="module")
def working(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    """A server that runs jobs itself."""
    with serve(site_settings.model_copy(update={"workers_embedded": True})) as url:
        yield url


@pytest.fixture(scope="module")
def tap(working: str) -> TAPService:
    return pyvo.dal.TAPService(f"{working}/tap")


def test_pyvo_runs_a_query_as_a_job(tap: TAPService) -> None:
    found = tap.run_async(FIVE)
    assert len(found) == 5
    assert found.fieldnames == ("obs_id", "s_ra")


def test_pyvo_is_told_why_a_job_failed(tap: TAPService) -> None:
    with pytest.raises(DALQueryError, match="There is no column nothing"):
        tap.run_async("SELECT nothing FROM ivoa.ObsCore")


def test_a_job_made_by_hand(working: str) -> None:
    asked = {"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "csv"}
    made = httpx.post(f"{working}/tap/async", data=asked)
    assert made.status_code == 303
    job = made.headers["location"]
    assert httpx.get(f"{job}/phase").text == "PENDING"
    assert httpx.post(f"{job}/phase", data={"PHASE": "RUN"}).headers["location"] == job
    ended = httpx.get(job, params={"WAIT": "30"}, timeout=60)
    while "QUEUED" in ended.text or "EXECUTING" in ended.text:
        ended = httpx.get(job, params={"WAIT": "30"}, timeout=60)
    assert "COMPLETED" in ended.text
    result = httpx.get(f"{job}/results/result")
    assert result.text.count("\n") == 6
