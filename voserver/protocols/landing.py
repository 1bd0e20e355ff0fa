"""The pages that tell a person what is here: `/`, and `/tap` for whoever opens that URL in a browser."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.catalogue import gallery
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.site import Site
from voserver.protocols.tap.examples import EXAMPLES
from voserver.serializers import FORMATS

_HTML = "text/html; charset=utf-8"
_PICTURES = 8

_SERVICES = (
    ("TAP 1.1, ADQL 2.1", "/tap", "queries of every table, at once or as jobs"),
    ("SIA 2.0", "/sia/query", "images and cubes by position, band and time; 1.0 at /sia1"),
    ("SSA 1.1", "/ssa", "spectra"),
    ("Cone search", "/scs/jwst.product", "files about a position, and any other table that has positions"),
    ("ObsLocTAP", "/tap/tables/ivoa.obsplan", "what was, is and will be observed"),
    ("DataLink 1.1", "/datalink/links", "files, previews and origins of data products"),
    ("SODA 1.0", "/soda/examples", "parts of images, cubes and spectra"),
    ("Packages", "/package", "many files in one archive, or as a script that fetches them"),
    ("Events", "/events.atom", "what is new, reprocessed, released or gone"),
    ("CAOM repository", "/caom", "observations as CAOM documents, for other archives to mirror"),
    ("Registry", "/oai?verb=Identify", "records for the Virtual Observatory's registries"),
)
"""Each service's name, where it is, and what it has."""


async def landing(site: Site, request: Request) -> Response:
    """What is here, with pictures, and how to reach it from one's favourite program."""
    body = render(
        "landing.html",
        base=site.base_url(request),
        version=voserver.__version__,
        example=EXAMPLES[0],
        pictures=await gallery.newest(site.database, _PICTURES),
        services=_SERVICES,
    )
    return document_response(request, body, _HTML, modified=datetime.now(UTC))


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
