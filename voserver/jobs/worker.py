"""A worker: takes jobs, runs as many at once as it has places, and stops those that are aborted.

Several workers, in one machine or many, share the work; each may be killed at any moment.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException

from voserver.jobs.attempts import Attempt, Stop
from voserver.jobs.changes import Changes
from voserver.jobs.database import QUEUE, TASK, JobDatabase
from voserver.jobs.leases import Leases, Terms
from voserver.jobs.records import Job
from voserver.jobs.results import ResultStore
from voserver.jobs.upkeep import Upkeep
from voserver.jobs.work import Begin
from voserver.model.errors import ServiceError

_PAUSE = 0.5  # seconds before what failed is tried again
_OVER = frozenset({"ABORTED", "GONE"})

log = structlog.get_logger()


class Worker:
    """One process's worker. `kinds` says how each kind of job is begun."""

    def __init__(
        self,
        database: JobDatabase,
        results: ResultStore,
        kinds: Mapping[str, Begin],
        *,
        concurrency: int,
        terms: Terms,
    ) -> None:
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._database = database
        self._results = results
        self._kinds = kinds
        self._concurrency = concurrency
        self._terms = terms
        self._leases = Leases(database, self.name, terms)
        self._upkeep = Upkeep(database, results, terms.lease)
        self._changes = Changes(database, self._heard)
        self._places = asyncio.Semaphore(concurrency)
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="job")
        self._running: dict[str, Attempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_leaving = False

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Work until the end; then stop what runs and give it back to the queue."""
        self._database.queue.task(name=TASK, queue=QUEUE)(self._take_jobs)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._changes.opened())
            await stack.enter_async_context(self._upkeep.opened())
            tasks = [asyncio.create_task(self._renew()), asyncio.create_task(self._answer_tickets())]
            try:
                log.info("worker_started", worker=self.name, places=self._concurrency)
                yield
            finally:
                await self._leave()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._threads.shutdown()
                log.info("worker_stopped", worker=self.name)

    async def _answer_tickets(self) -> None:
        """Run Procrastinate's worker, and run it again when the database was away.

        Without the database it may end in that error even where it was cancelled: so the flag decides.
        """
        while not self._is_leaving:
            try:
                await self._database.queue.run_worker_async(
                    queues=[QUEUE],
                    name=self.name,
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    # Running jobs are ours to look after: they go on.
                    shutdown_graceful_timeout=0,
                    update_heartbeat_interval=self._terms.lease / 3,
                    stalled_worker_timeout=2 * self._terms.lease,
                )
            except (ProcrastinateException, psycopg.Error) as error:
                log.warning("tickets_not_answered", error=str(error))
            await asyncio.sleep(_PAUSE)

    async def _take_jobs(self) -> None:
        """Answer a ticket: run jobs for as long as there are any for this worker."""
        while not self._is_leaving:
            await self._places.acquire()
            try:
                job = await self._leases.take()
            except BaseException:
                self._places.release()
                raise
            if job is None:
                self._places.release()
                return
            # When the ticket is given up, because the database was away for a moment, the job goes on.
            await asyncio.shield(self._start(job))

    def _start(self, job: Job) -> asyncio.Task[None]:
        attempt = Attempt(job, self._leases, self._results, self._threads)
        self._running[job.job_id] = attempt
        task = asyncio.create_task(self._run(attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, attempt: Attempt) -> None:
        job = attempt.job
        began = time.perf_counter()
        try:
            is_done = await attempt.run(self._kinds[job.kind])
            if not is_done:
                await self._upkeep.discard(attempt.keys)
            log.info(
                "job_ended",
                job=job.job_id,
                attempt=job.attempt,
                completed=is_done,
                rows=attempt.row_count,
                ms=round((time.perf_counter() - began) * 1000, 1),
            )
        except ServiceError as error:
            # The lease runs out, and upkeep goes on from there.
            log.warning("job_end_not_noted", job=job.job_id, error=str(error))
        finally:
            self._running.pop(job.job_id, None)
            self._places.release()

    def _heard(self, job_id: str, phase: str) -> None:
        if phase in _OVER and (attempt := self._running.get(job_id)):
            self._stop(attempt, Stop.GONE)

    def _stop(self, attempt: Attempt, why: Stop) -> asyncio.Future[None]:
        return asyncio.get_running_loop().run_in_executor(None, attempt.stop, why)

    async def _renew(self) -> None:
        """Renew the leases. Without the database for longer than a lease, the jobs are others' by now."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(self._terms.lease / 3)
            mine = dict(self._running)
            if not mine:
                renewed = time.monotonic()
                continue
            try:
                held = await self._leases.renew(mine)
                renewed = time.monotonic()
            except ServiceError as error:
                log.warning("leases_not_renewed", error=str(error))
                if time.monotonic() - renewed < self._terms.lease:
                    continue
                held = set()
            for attempt in mine.values():
                if (attempt.job.job_id, attempt.job.attempt) not in held:
                    self._stop(attempt, Stop.GONE)

    async def _leave(self) -> None:
        self._is_leaving = True
        for attempt in self._running.values():
            self._stop(attempt, Stop.LEAVING)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._terms.lease)
