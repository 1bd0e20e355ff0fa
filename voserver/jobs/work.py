"""What a kind of job must bring along to be run by a worker."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from voserver.jobs.records import Job


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
        ...

    def estimate(self) -> float | None:
        """The seconds that it may take, where that can be told quickly."""
        ...

    def outputs(self) -> Iterator[Output]:
        """The results, each to be drained before the next is asked for. Raises a `ServiceError` to fail the job."""
        ...

    def cancel(self) -> None:
        """Make `outputs` end soon, with an error."""
        ...

    def close(self) -> None:
        """Give back what it holds; called once, at the end."""
        ...


Begin = Callable[[Job], Work]
"""Makes the work of a job of one kind; raises a `ServiceError` where its parameters make no sense."""
