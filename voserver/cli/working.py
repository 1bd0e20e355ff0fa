"""Runs jobs, as a process of its own."""

import asyncio

from voserver import worker
from voserver.catalogue import migrations
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database, url
from voserver.model.errors import Unavailable


def run(**options: object) -> None:
    """`voserver worker`: work until Ctrl-C or SIGTERM."""
    settings = read_settings(**options)
    with database(settings) as ready:
        if migrations.status(url(ready)).pending:
            raise Unavailable("The database's schema is not up to date.", hint="Run: voserver db upgrade")
        asyncio.run(worker.run(ready))
