"""`/tap/tables`: what can be queried, whole or table by table (VOSI 1.1 §2.3, TAP 1.1 §2.2)."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.model.errors import NotFound, UsageError
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.parameters import read_parameters
from voserver.protocols.site import Site
from voserver.protocols.tap.vodataservice import table_document, table_set_document
from voserver.serializers import is_browser

_XML = "text/xml"
_HTML = "text/html; charset=utf-8"


async def table_set(site: Site, request: Request) -> Response:
    """Every table; `detail=min` leaves the columns out."""
    detail = (await read_parameters(request)).one("DETAIL") or "max"
    if detail not in {"min", "max"}:
        raise UsageError(f"DETAIL={detail!r} is neither min nor max.", hint="Leave it out for everything.")
    published = site.published
    make = partial(table_set_document, published.tables, brief=detail == "min")
    body = await run_in_threadpool(published.document, detail, make)
    return document_response(request, body, _XML, modified=published.since)


async def one_table(site: Site, request: Request) -> Response:
    """One table by its full name, in any case: XML, and for a browser a page."""
    name: str = request.path_params["name"]
    published = site.published
    table = published.tables.find(name)
    if table is None:
        raise NotFound(f"There is no table {name}.", hint="GET tables?detail=min lists them.")
    if is_browser(request.headers.get("accept", "")):
        body = render("table.html", base=site.base_url(request), version=voserver.__version__, table=table)
        media_type = _HTML
    else:
        body = await run_in_threadpool(published.document, table.full_name, partial(table_document, table))
        media_type = _XML
    response = document_response(request, body, media_type, modified=published.since)
    response.headers.add_vary_header("Accept")
    return response
