"""One attempt at a job: from the work's beginning to what is written down about its end."""

import asyncio
import secrets
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from enum import Enum
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import structlog

from voserver.jobs.leases import MOST_LOSSES, Leases
from voserver.jobs.records import Job
from voserver.jobs.results import NotStored, ResultStore
from voserver.jobs.work import Begin, Output, Work
from voserver.model.errors import InternalError, ServiceError, Unavailable

_Result = TypeVar("_Result")

log = structlog.get_logger()


class Stop(Enum):
    """Why an attempt is ended from outside."""

    GONE = "the job was aborted or deleted, or another worker has it"
    LEAVING = "this worker is being stopped"


class Attempt:
    """An attempt at a job. `run` never raises, but for the loss of the database."""

    def __init__(self, job: Job, leases: Leases, results: ResultStore, threads: ThreadPoolExecutor) -> None:
        self.job = job
        self.keys: list[str] = []
        self._leases = leases
        self._results = results
        self._threads = threads
        self._work: Work | None = None
        self._stopped: Stop | None = None
        self._lock = Lock()

    @property
    def row_count(self) -> int | None:
        """The rows written so far."""
        return None if self._work is None else self._work.row_count

    def stop(self, why: Stop) -> None:
        """End the attempt soon. Blocks for as long as the database takes to hear of it."""
        with self._lock:
            self._stopped = self._stopped or why
            work = self._work
        if work is not None:
            work.cancel()

    async def run(self, begin: Begin) -> bool:
        """Do the work and say how it ended. Returns whether its files are the job's results now."""
        try:
            await self._make(begin)
            return await self._leases.complete(self.job, self.row_count)
        except _Stopped:
            await self._leave()
        except ServiceError as error:
            await self._fail(error)
        except Exception:
            reference = secrets.token_hex(6)
            log.exception("job_failed_unexpectedly", job=self.job.job_id, reference=reference)
            await self._fail(InternalError(reference))
        return False

    async def _make(self, begin: Begin) -> None:
        work = await self._thread(begin, self.job)
        with self._lock:
            self._work = work
        with closing(work):
            await self._do(work)

    async def _do(self, work: Work) -> None:
        seconds = await self._thread(work.estimate)
        if seconds is not None:
            await self._leases.quote(self.job, seconds)
        with closing(_generated(work)) as outputs:
            position = 0
            while (output := await self._thread(next, outputs, None)) is not None:
                await self._write(position, output)
                position += 1

    async def _write(self, position: int, output: Output) -> None:
        key = await self._leases.note_file(self.job, position, output)
        if key is None:
            raise _Stopped
        self.keys.append(key)
        stored = await self._thread(partial(self._results.write, key, output.pieces))
        await self._leases.stored(key, stored)

    async def _thread(self, function: Callable[..., _Result], *arguments: Any) -> _Result:  # noqa: ANN401
        """Run in a thread of the worker's own; a stopped attempt does no further step."""
        if self._stopped is not None:
            raise _Stopped
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    async def _fail(self, error: ServiceError) -> None:
        if self._stopped is not None:
            await self._leave()
            return
        is_lost = isinstance(error, Unavailable) and not isinstance(error, NotStored)
        log.info("job_failed", job=self.job.job_id, error=type(error).__name__, is_lost=is_lost)
        if is_lost and self.job.losses < MOST_LOSSES:
            await self._leases.give_back(self.job, is_lost=True)
        else:
            await self._leases.fail(
                self.job, str(error), transient=isinstance(error, Unavailable), row_count=self.row_count
            )

    async def _leave(self) -> None:
        """A job that is gone needs no word; one that is left behind goes back to the queue."""
        if self._stopped is Stop.LEAVING:
            await self._leases.give_back(self.job, is_lost=False)


class _Stopped(Exception):  # noqa: N818 -- an event, no fault
    """The attempt was ended from outside."""


def _generated(work: Work) -> Generator[Output, None, None]:
    yield from work.outputs()
