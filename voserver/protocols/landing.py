"""The pages that tell a person what is here: `/`, and `/tap` for whoever opens that URL in a browser."""

from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.site import Site
from voserver.protocols.tap.examples import EXAMPLES
from voserver.serializers import FORMATS

_HTML = "text/html; charset=utf-8"


async def landing(site: Site, request: Request) -> Response:
    """What is here, and how to reach it from one's favourite program."""
    body = render(
        "landing.html", base=site.base_url(request), version=voserver.__version__, example=EXAMPLES[0]
    )
    return document_response(request, body, _HTML, modified=site.started)


async def tap(site: Site, request: Request) -> Response:
    """The TAP service's own page: its tables, a form to try a query, its limits."""
    published = site.published
    body = render(
        "tap.html",
        base=site.base_url(request),
        version=voserver.__version__,
        schemas=published.tables.schemas,
        formats=FORMATS,
        settings=site.settings,
        example=EXAMPLES[0],
    )
    return document_response(request, body, _HTML, modified=published.since)
