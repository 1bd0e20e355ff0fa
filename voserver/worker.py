"""The worker put together: jobs of every kind, run by a site's settings."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voserver import logs
from voserver.catalogue.streams import QueryPool
from voserver.jobs.records import Job
from voserver.jobs.worker import Worker
from voserver.protocols.files import jobs as package_jobs
from voserver.protocols.site import Site
from voserver.protocols.soda import asynchronous as soda
from voserver.protocols.tap import asynchronous
from voserver.settings import Settings


@asynccontextmanager
async def working(site: Site) -> AsyncIterator[None]:
    """A worker in this process, with connections of its own: jobs take no place from who waits for an answer."""
    settings = site.settings
    pool = QueryPool.from_settings(
        settings.model_copy(update={"query_connections": settings.job_concurrency})
    )

    def query(job: Job) -> asynchronous.QueryWork:
        return asynchronous.QueryWork(job, site, pool)

    loop = asyncio.get_running_loop()

    def cut_out(job: Job) -> soda.CutOutWork:
        return soda.CutOutWork(job, site, loop)

    def pack(job: Job) -> package_jobs.PackageWork:
        return package_jobs.PackageWork(job, site, loop)

    worker = Worker(
        site.jobs.database,
        site.jobs.results,
        {asynchronous.KIND: query, soda.KIND: cut_out, package_jobs.KIND: pack},
        concurrency=settings.job_concurrency,
        terms=site.jobs.terms,
    )
    try:
        async with worker.opened():
            yield
    finally:
        await asyncio.to_thread(pool.close)


async def run(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM. `settings.database_url` must be set."""
    logs.configure(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    site = Site(settings)
    async with site.opened(), working(site):
        await stopped.wait()
