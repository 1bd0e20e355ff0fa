"""Runs jobs, as a process of its own."""

import asyncio

from voserver import worker
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import check_schema, database


def run(**options: object) -> None:
    """`voserver worker`: work until Ctrl-C or SIGTERM."""
    settings = read_settings(**options)
    with database(settings) as ready:
        check_schema(ready)
        asyncio.run(worker.run(ready))
