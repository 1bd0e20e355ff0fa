"""What must be done now and then, whether or not anybody asks: by every process that knows jobs, one at a time.

Jobs whose worker is lost go to another worker, or fail; jobs past their destruction time are deleted; files that
belong to no job are removed; tickets that were lost with a worker are replaced.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import procrastinate
import structlog
from procrastinate.jobs import Status

from voserver.jobs.database import QUEUE, JobDatabase
from voserver.jobs.leases import MOST_LOSSES
from voserver.jobs.results import ResultStore
from voserver.model.errors import ServiceError

_ALONE = "SELECT pg_try_advisory_xact_lock(0x766f7570) AS mine"
_RETRY = """
    UPDATE archive.job SET phase = 'QUEUED', start_time = NULL, worker = NULL, lease = NULL, quote = NULL,
        losses = losses + 1
    WHERE phase = 'EXECUTING' AND lease < clock_timestamp() AND losses < %(most)s RETURNING job_id"""
_FAIL = """
    UPDATE archive.job SET phase = 'ERROR', end_time = clock_timestamp(), lease = NULL, losses = losses + 1,
        error_type = 'transient', error_message = %(message)s
    WHERE phase = 'EXECUTING' AND lease < clock_timestamp() RETURNING job_id"""
_DESTROY = "DELETE FROM archive.job WHERE destruction < clock_timestamp() RETURNING job_id"
_TICKETS_MISSING = """
    SELECT EXISTS (SELECT FROM archive.job WHERE phase = 'QUEUED')
        AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name = %(queue)s AND status = 'todo') AS missing"""
_WASTE = """
    SELECT file_key, size IS NOT NULL OR noted_at < clock_timestamp() - interval '2 days' AS is_final
    FROM archive.job_file f WHERE NOT EXISTS (
        SELECT FROM archive.job j WHERE j.job_id = f.job_id
            AND (f.is_input OR j.attempt = f.attempt AND j.phase IN ('EXECUTING', 'COMPLETED')))"""
_FORGET = "DELETE FROM archive.job_file WHERE file_key = ANY(%(keys)s)"
_LOST = (
    "The worker that ran the job was lost, and so was the one that tried again.\n"
    "Make a new job to try once more; if that is lost too, tell the operators, or ask for less at once."
)

log = structlog.get_logger()


class Upkeep:
    """The upkeep of one process. `lease` is for how long a worker holds a job unless it says that it lives."""

    def __init__(self, database: JobDatabase, results: ResultStore, lease: float) -> None:
        self._database = database
        self._results = results
        self._lease = lease

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep things up until the end."""
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def _work(self) -> None:
        while True:
            try:
                await self.once()
            except (ServiceError, procrastinate.exceptions.ProcrastinateException) as error:
                log.warning("jobs_not_kept_up", error=str(error))
            await asyncio.sleep(self._lease / 3)

    async def once(self) -> None:
        """Do what is to be done now."""
        async with self._database.transaction() as connection:
            alone = await (await connection.execute(_ALONE.encode())).fetchone()
            if not (alone and alone["mine"]):
                return
            for event, statement in (
                ("job_retried", _RETRY),
                ("job_lost", _FAIL),
                ("job_destroyed", _DESTROY),
            ):
                found = await connection.execute(statement.encode(), {"most": MOST_LOSSES, "message": _LOST})
                for row in await found.fetchall():
                    log.info(event, job=row["job_id"])
            missing = await (await connection.execute(_TICKETS_MISSING.encode(), {"queue": QUEUE})).fetchone()
            if missing and missing["missing"]:
                await self._database.ring(connection)
        await self._drop_tickets()
        await self.remove_waste()

    async def remove_waste(self) -> None:
        """Remove the files that belong to no job.

        One that was never noted as whole may still be on its way, by a worker that does not know that it is lost:
        its key is kept, and looked at again.
        """
        rows = await self._database.all(_WASTE)
        for row in rows:
            await asyncio.to_thread(self._results.delete, row["file_key"])
        await self._forget([row["file_key"] for row in rows if row["is_final"]])

    async def discard(self, keys: list[str]) -> None:
        """Remove files for good: whoever wrote them says that it writes no more."""
        for key in keys:
            await asyncio.to_thread(self._results.delete, key)
        await self._forget(keys)

    async def _forget(self, keys: list[str]) -> None:
        """Drop the notes of files that are gone."""
        if keys:
            async with self._database.connection() as connection:
                await connection.execute(_FORGET.encode(), {"keys": keys})

    async def _drop_tickets(self) -> None:
        """Drop the tickets of workers that no longer live: the jobs that they took are looked after above."""
        tickets = self._database.queue.job_manager
        for ticket in await tickets.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=2 * self._lease):
            await tickets.finish_job(job=ticket, status=Status.FAILED, delete_job=True)
