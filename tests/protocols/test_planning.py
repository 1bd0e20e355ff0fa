"""Planning, which may take long where much is computed of constants, can be ended like the query itself."""

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from voserver.model.errors import OutOfTime, Unavailable
from voserver.protocols.tap.queries import Running
from voserver.query.plan import Planner, plan
from voserver.query.statement import Statement

STATEMENT = Statement("SELECT 1", ())


class Slow:
    """A planner that has nothing to say before it is closed."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.closed = threading.Event()

    def explain(self, sql: str, *, timeout: float) -> "Slow":  # noqa: ARG002 -- as planners are called
        self.asked.set()
        return self

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        assert self.closed.wait(60)
        raise Unavailable("The query was cancelled.")
        yield

    def close(self) -> None:
        self.closed.set()


class Late(Slow):
    """A planner whose time is over."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        raise OutOfTime("The query ran longer than 10 s.")
        yield


def plan_by(planner: Planner) -> None:
    plan(STATEMENT, planner, maxrec=10, timeout=10)


def test_planning_ends_when_its_answer_is_cancelled() -> None:
    running, slow = Running(), Slow()
    ended: list[type[BaseException]] = []

    def work() -> None:
        with pytest.raises(Unavailable) as caught:
            plan_by(running.watch(slow))
        ended.append(caught.type)

    thread = threading.Thread(target=work)
    thread.start()
    assert slow.asked.wait(60)
    running.cancel()
    thread.join()
    assert ended == [Unavailable]


def test_planning_that_begins_after_its_answer_was_cancelled_ends_at_once() -> None:
    running, slow = Running(), Slow()
    running.cancel()
    with pytest.raises(Unavailable):
        plan_by(running.watch(slow))


def test_too_long_a_planning_is_told_from_too_long_a_query() -> None:
    with pytest.raises(OutOfTime, match="To plan the query alone took longer than 10 s") as caught:
        plan_by(Late())
    assert "A job has more time" in str(caught.value)
