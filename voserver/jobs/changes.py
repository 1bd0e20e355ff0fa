"""Changes of jobs' phases as they happen, by PostgreSQL's NOTIFY: for workers that must stop and clients that wait.

A message may be missed while the connection is renewed. So nobody relies on them: who waits also looks now and then.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psycopg
import structlog

from voserver.jobs.database import JobDatabase

_CHANNEL = "voserver_job"
_PAUSE = 0.5  # seconds before a lost connection is tried again
_LOOK = 5.0  # seconds after which a silent connection is tested

log = structlog.get_logger()

Hear = Callable[[str, str], None]
"""What is called for every change, with the job's identifier and its phase, or GONE."""


class Changes:
    """One connection that listens for all who wait in this process."""

    def __init__(self, database: JobDatabase, hear: Hear | None = None) -> None:
        self._database = database
        self._hear = hear
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Listen until the end."""
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    @contextmanager
    def watching(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change of a job from now on."""
        event = asyncio.Event()
        waiting = self._waiting.setdefault(job_id, set())
        waiting.add(event)
        try:
            yield event
        finally:
            waiting.discard(event)
            if not waiting:
                self._waiting.pop(job_id, None)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_all()
            except psycopg.Error as error:
                log.warning("job_changes_not_heard", error=str(error).strip())
            await asyncio.sleep(_PAUSE)

    async def _hear_all(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._database.conninfo, autocommit=True
        ) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}".encode())
            while True:
                async for message in connection.notifies(timeout=_LOOK):
                    job_id, _, phase = message.payload.partition(" ")
                    self._tell(job_id, phase)
                await connection.execute(b"SELECT 1")

    def _tell(self, job_id: str, phase: str) -> None:
        if self._hear is not None:
            self._hear(job_id, phase)
        for event in self._waiting.get(job_id, ()):
            event.set()
