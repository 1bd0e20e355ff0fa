"""`/tap/availability`: whether a query sent now would be answered (VOSI 1.1 §2.2). Asked each time."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.vosi.availability.models import Availability

from voserver.catalogue import migrations
from voserver.model.errors import ServiceError
from voserver.protocols.documents import xml_document
from voserver.protocols.site import Site

_PATIENCE = 5.0  # seconds in which a healthy database answers


async def _complaint(site: Site) -> str | None:
    """What is wrong, or None."""
    try:
        async with asyncio.timeout(_PATIENCE):
            status = await run_in_threadpool(migrations.status, site.database_url)
    except ServiceError as error:
        return str(error)
    except TimeoutError:
        return f"The database has not answered for {_PATIENCE:g} s."
    if status.pending:
        return "The database's schema is older than this software. The operator runs: voserver db upgrade"
    return None


async def availability(site: Site, _: Request) -> Response:
    """The state of the service, and why it is down. HTTP 200 either way: the document is the answer."""
    complaint = await _complaint(site)
    document = Availability.model_validate(
        {
            "available": complaint is None,
            "up_since": site.started if complaint is None else None,
            "note": [complaint] if complaint else [],
        }
    )
    return Response(xml_document(document), media_type="text/xml", headers={"Cache-Control": "no-store"})
