"""Answers requests for events: the rows that one may see, as a page that has a tag.

No event is lost between two polls. Transactions that change files overlap, and one that began first may end last; so a
page ends before whatever is still under way, and what comes later is later than everything on it.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from voserver.protocols.documents import is_known
from voserver.protocols.faults import Style, remember_style
from voserver.protocols.feeds.asking import Wanted, read_wanted
from voserver.protocols.feeds.forms import ATOM, JSON, Event, Page, atom, json_feed
from voserver.protocols.hosts import sender_of
from voserver.protocols.parameters import Parameters, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.trace import trace_of
from voserver.query.run import run

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- the archive's times are UTC without zone

Form = tuple[str, Style, Callable[[Page], bytes]]

_ATOM: Form = (ATOM, Style.TEXT, atom)
_JSON: Form = (JSON, Style.JSON, json_feed)


async def feed(site: Site, request: Request) -> Response:
    """The form that the client prefers: JSON where it asks for that, else Atom."""
    return await _answer(site, request, _JSON if "json" in request.headers.get("accept", "") else _ATOM)


async def atom_feed(site: Site, request: Request) -> Response:
    """As Atom."""
    return await _answer(site, request, _ATOM)


async def json_form(site: Site, request: Request) -> Response:
    """As JSON Feed."""
    return await _answer(site, request, _JSON)


async def _answer(site: Site, request: Request, form: Form) -> Response:
    media_type, style, write = form
    remember_style(request.scope, style)
    parameters = await read_parameters(request)
    wanted = read_wanted(parameters)
    found = await site.database.one("SELECT archive.change_horizon() AS horizon", {})
    assert found is not None
    horizon: datetime = found["horizon"]
    groups = site.identify(request).groups
    async with site.places.take(sender_of(request.scope)):
        fetching = partial(_fetch, site, wanted, horizon, groups)
        events, is_more = await asyncio.get_running_loop().run_in_executor(site.places.threads, fetching)
    trace_of(request.scope).rows = len(events)
    latest = max((event["event_time"] for event in events), default=_start(wanted))
    page = Page(
        events,
        latest,
        site.base_url(request),
        site.settings.authority,
        _url(site, request, parameters, None),
        _url(site, request, parameters, events[-1]) if is_more and wanted.since else None,
    )
    return _response(request, await run_in_threadpool(write, page), media_type, latest, horizon)


def _fetch(site: Site, wanted: Wanted, horizon: datetime, groups: Sequence[str]) -> tuple[list[Event], bool]:
    """The events of a page, and whether there are more."""
    statement = site.published.compiler.compile_tree(wanted.query(horizon))
    rows = run(
        statement,
        site.pool,
        maxrec=wanted.limit,
        timeout=site.settings.sync_timeout,
        groups=groups,
    )
    try:
        return [row for batch in rows for row in batch.to_pylist()], rows.overflow
    finally:
        rows.close()


def _start(wanted: Wanted) -> datetime:
    return wanted.since.moment if wanted.since else _EPOCH


def _url(site: Site, request: Request, parameters: Parameters, after: Event | None) -> str:
    """This page's URL, or that of the page after an event."""
    pairs = [(name.lower() if name != "POS" else name, value) for name, value in parameters.pairs]
    if after is not None:
        pairs = [(name, value) for name, value in pairs if name != "since"]
        pairs.append(("since", after["event_id"]))
    asked = f"?{urlencode(pairs, safe='/:')}" if pairs else ""
    return f"{site.base_url(request)}{request.scope['path']}{asked}"


def _response(
    request: Request, body: bytes, media_type: str, latest: datetime, horizon: datetime
) -> Response:
    """The page, or 304 where the client has it. Dates count in seconds: only one that is over has all its events."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept"}
    second = latest.replace(microsecond=0)
    modified = datetime.now(UTC)
    if second > _EPOCH and second + timedelta(seconds=1) <= horizon:
        modified = second.replace(tzinfo=UTC)
        headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    if is_known(request, tag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
