"""A job of cut-outs that ends before its last result."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from voserver.jobs.phases import Phase
from voserver.jobs.records import job_from
from voserver.model.errors import OutOfTime, Unavailable
from voserver.protocols.site import Site
from voserver.protocols.soda.asynchronous import CutOutWork
from voserver.settings import Settings


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with closing(asyncio.new_event_loop()) as made:
        yield made


def work(seconds: int, loop: asyncio.AbstractEventLoop) -> CutOutWork:
    """Two cut-outs, to be made in so many seconds."""
    now = datetime.now(UTC)
    nothing = (
        "owner",
        "run_id",
        "start_time",
        "end_time",
        "quote",
        "row_count",
        "error_type",
        "error_message",
    )
    job = job_from(
        {
            **dict.fromkeys(nothing),
            "job_id": "1",
            "kind": "soda",
            "party": "somebody",
            "phase": Phase.EXECUTING,
            "parameters": [["ID", "one"], ["ID", "other"]],
            "base_url": "http://archive.test",
            "creation_time": now,
            "execution_duration": seconds,
            "destruction": now,
            "attempt": 1,
            "losses": 0,
        }
    )
    return CutOutWork(job, Site(Settings(database_url="postgresql://nowhere")), loop)


def test_a_job_whose_time_is_over_fails_and_has_no_results_that_say_so(
    loop: asyncio.AbstractEventLoop,
) -> None:
    with pytest.raises(OutOfTime, match=r"^UsageError: The job took longer than its"):
        list(work(-1, loop).outputs())


def test_a_job_that_was_stopped_makes_nothing_more(loop: asyncio.AbstractEventLoop) -> None:
    stopped = work(60, loop)
    stopped.cancel()
    with pytest.raises(Unavailable, match="stopped"):
        list(stopped.outputs())
