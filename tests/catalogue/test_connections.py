"""The small pool of connections: what it gives out is alive."""

import asyncio

import psycopg

from voserver.catalogue.connections import Connections

_OPEN = 3

_END_ALL = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE application_name = 'voserver ended' AND datname = current_database()
"""


def test_who_asks_after_the_database_ended_the_connections_notices_nothing(database_url: str) -> None:
    async def run() -> list[int]:
        database = Connections(database_url, _OPEN, purpose="ended")
        async with database.opened():

            async def asked() -> int:
                row = await database.one("SELECT pg_backend_pid() AS pid FROM pg_sleep(0.2)", {})
                assert row is not None
                return int(row["pid"])

            before = await asyncio.gather(*(asked() for _ in range(_OPEN)))
            with psycopg.connect(database_url) as connection:
                assert connection.execute(_END_ALL).fetchone() == (len(set(before)),)
            after = await asyncio.gather(*(asked() for _ in range(_OPEN)))
        return sorted(set(before) & set(after))

    assert asyncio.run(run()) == []
