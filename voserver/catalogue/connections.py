"""A few connections to the archive, in the role that owns it, for everything that is small: jobs, accounts, files.

Users' queries have a pool of their own, in a role that may only read what is published (`streams`).
"""

import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from voserver.catalogue import engine

_PATIENCE = 10.0  # seconds to wait for a connection before the database counts as away

Connection = AsyncConnection[DictRow]


async def _check(connection: Connection) -> None:
    """Ask the database whether it is there only where it has said something unasked, as one that goes away does.

    To ask each time takes a fifth of the time of looking a file up.
    """
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    if news.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _commit_at_once(connection: Connection) -> None:
    await connection.set_autocommit(True)


class Connections:
    """A pool of connections, each statement its own transaction. Errors come out translated."""

    def __init__(self, url: str, size: int, *, purpose: str, options: str = "") -> None:
        given = conninfo.conninfo_to_dict(url).get("options") or ""
        self.conninfo = conninfo.make_conninfo(
            url,
            options=f"{given} {options}".strip(),
            application_name=f"voserver {purpose}",
            connect_timeout=10,
        )
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
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
            check=_check,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect; at the end, give everything back."""
        async with self.pool:
            yield

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a statement or two, each its own transaction.

        Raises:
            ServiceError: what the database said, in our words.
        """
        try:
            async with self.pool.connection() as connection:
                yield connection
        except psycopg.Error as error:
            raise engine.translate(error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction. Raises as `connection` does."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def one(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        """The row that a statement returns, if any."""
        async with self.connection() as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchone()

    async def all(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[DictRow]:
        """The rows that a statement returns."""
        async with self.connection() as connection:
            return await (await connection.execute(query.encode(), parameters)).fetchall()
