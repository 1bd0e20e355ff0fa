"""What a kind of job must bring along to be run by a worker."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from voserver.jobs.records import Job
from voserver.model.errors import OutOfTime, Unavailable
from voserver.query.plan import in_words


@dataclass(frozen=True, slots=True)
class Output:
    """A result being made: what it is called, and its bytes."""

    result_id: str
    media_type: str
    file_name: str
    pieces: Iterator[bytes]


class Work(Protocol):
    """One attempt at a job. `outputs` runs in one thread; `cancel` comes from any other, perhaps twice."""

    @property
    def row_count(self) -> int | None:
        """How many rows were written so far, where it is rows that are written."""
        return None

    def estimate(self) -> float | None:
        """The seconds that it may take, where that can be told quickly."""
        return None

    def outputs(self) -> Iterator[Output]:
        """The results, each to be drained before the next is asked for. Raises a `ServiceError` to fail the job."""
        ...

    def cancel(self) -> None:
        """Make `outputs` end soon, with an error."""
        ...

    def close(self) -> None:
        """Give back what it holds; called once, at the end."""
        ...


class Term:
    """The time that an attempt has, from now on, unless it is told to end before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = monotonic() + seconds
        self._is_over = False

    def end(self) -> None:
        """Let it be over; from any thread."""
        self._is_over = True

    @property
    def left(self) -> float:
        """The seconds that are left; negative where there are none."""
        return self._until - monotonic()

    def check(self) -> None:
        """Go on only while there is time.

        Raises:
            OutOfTime: there is none.
            Unavailable: it was told to end.
        """
        if self._is_over:
            raise Unavailable("The job was stopped.")
        if self.left < 0:
            raise OutOfTime(
                f"The job took longer than its {in_words(self._seconds)}.",
                hint="EXECUTIONDURATION gives it more; or ask for less.",
            )


Begin = Callable[[Job], Work]
"""Makes the work of a job of one kind; raises a `ServiceError` where its parameters make no sense."""
