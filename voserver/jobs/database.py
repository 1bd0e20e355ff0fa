"""The connections of everything about jobs, and Procrastinate's queue on them.

What waits in that queue are tickets: each lets some worker take the job whose turn it is (see `leases`). So a job that
is aborted leaves a ticket that finds nothing to do, and the order of jobs is ours to choose.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from procrastinate import App, PsycopgConnector

from voserver.catalogue.connections import Connection, Connections

QUEUE = "jobs"
TASK = "voserver.take_jobs"
SCHEMA = "queue"
"""Where migration 0101 has put Procrastinate's tables, which it looks for on the search path."""


class JobDatabase(Connections):
    """Connections on which the queue works, too."""

    def __init__(self, url: str, size: int) -> None:
        super().__init__(url, size, purpose="jobs", options=f"-c search_path={SCHEMA}")
        self.queue = App(connector=PsycopgConnector())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect; at the end, give everything back."""
        async with super().opened(), self.queue.open_async(self.pool):
            yield

    async def ring(self, connection: Connection | None = None) -> None:
        """Put a ticket into the queue: some worker will look for a job. Within the connection's transaction, if any."""
        await self.queue.configure_task(TASK, queue=QUEUE, connection=connection).defer_async()
