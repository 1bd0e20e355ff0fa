"""`/soda/sync`: one cut-out, at once (SODA 1.0 §4)."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from voserver.catalogue.cutouts.pictures import Look
from voserver.catalogue.cutouts.subjects import extent_of, find_subject
from voserver.catalogue.holdings import Holding, check_readable
from voserver.model.addresses import file_path
from voserver.model.identity import Identity
from voserver.protocols.faults import Custom, Style, remember_custom, remember_style
from voserver.protocols.hosts import sender_of
from voserver.protocols.parameters import read_parameters
from voserver.protocols.ranges import disposition
from voserver.protocols.site import Site
from voserver.protocols.soda.filters import check_single, read_filters, read_look
from voserver.protocols.soda.making import Subject, begin
from voserver.protocols.streaming import AnswerResponse
from voserver.protocols.trace import trace_of

_NO_STORE = {"Cache-Control": "no-store"}


async def sync(site: Site, request: Request) -> Response:
    """Cut one part out of one file. Nothing that overlaps is 204; no filter leads to the whole file."""
    remember_custom(request.scope, Custom.SODA)
    remember_style(request.scope, Style.TEXT)
    parameters = await read_parameters(request)
    trace_of(request.scope).run_id = parameters.run_id
    check_single(parameters)
    (asked,) = read_filters(parameters).combinations()
    look = read_look(parameters)
    who = site.identify(request)
    holding = await readable(site, asked.identifier, who)
    if asked.wanted.is_everything and look is None:
        return RedirectResponse(site.base_url(request) + file_path(holding.uri), 303, headers=_NO_STORE)
    subject = await opened(site, holding, who, look)
    making = partial(
        begin,
        subject,
        asked.wanted,
        most_bytes=site.settings.cutout_bytes,
        advice="Ask for less, or for a job: POST the same to /soda/async.",
    )
    async with site.cutting.take(sender_of(request.scope)):
        found = await run_in_threadpool(making)
    if found is None:
        return Response(status_code=204, headers=_NO_STORE)
    headers = {
        "Content-Type": subject.media_type,
        "Content-Length": str(found.size),
        "Content-Disposition": disposition("attachment", subject.file_name),
        **_NO_STORE,
    }
    if request.method == "HEAD":
        await run_in_threadpool(found.close)
        return Response(headers=headers)
    return AnswerResponse(found, site.cutting, headers)


async def readable(site: Site, identifier: str, who: Identity) -> Holding:
    """The file that an identifier means, for somebody who is given a part of its content.

    Raises:
        NotFound: there is none, or he may not know of it.
        Forbidden: he may know of it, but not have it.
    """
    holding = await find_subject(identifier, site.holdings, site.database, who)
    check_readable(holding, who)
    return holding


async def opened(site: Site, holding: Holding, who: Identity, look: Look | None) -> Subject:
    """The file with a copy to read."""
    copy = await site.stores.open(holding, who)
    return Subject(holding, copy, await extent_of(holding, site.database), look)
