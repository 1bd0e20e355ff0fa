"""`/metrics`: what Prometheus fetches, of the server's processes and of the jobs in the database."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from voserver.jobs.phases import Phase
from voserver.model.errors import ServiceError
from voserver.protocols import metrics
from voserver.protocols.site import Site

_PATIENCE = 2.0  # seconds that a scrape waits for the database
_NEVER = frozenset({Phase.HELD, Phase.SUSPENDED, Phase.ARCHIVED, Phase.UNKNOWN})


async def expose(site: Site, _: Request) -> Response:
    """The metrics in Prometheus' text format."""
    body = await run_in_threadpool(metrics.latest) + await _of_jobs(site)
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


async def _of_jobs(site: Site) -> bytes:
    """How many jobs there are in each phase. Nothing while the database is away: whatever else is known is told."""
    try:
        async with asyncio.timeout(_PATIENCE):
            counts = await site.jobs.store.counts()
    except (ServiceError, TimeoutError):
        return b""
    registry = CollectorRegistry()
    jobs = Gauge("voserver_jobs", "Jobs that are there, by phase.", ["phase"], registry=registry)
    for phase in sorted({*Phase} - _NEVER):
        jobs.labels(phase).set(counts.get(phase, 0))
    return generate_latest(registry)
