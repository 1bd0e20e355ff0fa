"""The connections of everything about jobs, and Procrastinate's queue on them.

What waits in that queue are tickets: each lets some worker take the job whose turn it is (see `leases`). So a job that
is aborted leaves a ticket that finds nothing to do, and the order of jobs is ours to choose.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection, conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from voserver.catalogue import engine

QUEUE = "jobs"
TASK = "voserver.take_jobs"
SCHEMA = "queue"
"""Where migration 0101 has put Procrastinate's tables, which it looks for on the search path."""

_PATIENCE = 10.0  # seconds to wait for a connection before the database counts as away

Connection = AsyncConnection[DictRow]


async def _commit_at_once(connection: Connection) -> None:
    await connection.set_autocommit(True)


class JobDatabase:
    """A few connections to the archive, in the role that owns it. Errors come out translated."""

    def __init__(self, url: str, size: int) -> None:
        given = conninfo.conninfo_to_dict(url).get("options") or ""
        self.conninfo = conninfo.make_conninfo(
            url,
            options=f"{given} -c search_path={SCHEMA}".strip(),
            application_name="voserver jobs",
            connect_timeout=10,
        )
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            self.conninfo,
            connection_class=AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row},
            configure=_commit_at_once,
            min_size=1,
            max_size=size,
            open=False,
            timeout=_PATIENCE,
            # A database that comes back is noticed by the next who asks, not after a long pause.
            reconnect_timeout=2,
            check=AsyncConnectionPool.check_connection,
        )
        self.queue = App(connector=PsycopgConnector())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect; at the end, give everything back."""
        async with self._pool, self.queue.open_async(self._pool):
            yield

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a statement or two, each its own transaction.

        Raises:
            ServiceError: what the database said, in our words.
        """
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.Error as error:
            raise engine.translate(error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction. Raises as `connection` does."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def ring(self, connection: Connection | None = None) -> None:
        """Put a ticket into the queue: some worker will look for a job. Within the connection's transaction, if any."""
        await self.queue.configure_task(TASK, queue=QUEUE, connection=connection).defer_async()

    async def one(self, query: str, parameters: dict[str, Any]) -> DictRow | None:
        """The row that a statement returns, if any."""
        async with self.connection() as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchone()

    async def all(self, query: str, parameters: dict[str, Any] | None = None) -> list[DictRow]:
        """The rows that a statement returns."""
        async with self.connection() as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchall()
