"""The pages that tell a person what is here: `/`, and `/tap` for whoever opens that URL in a browser."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.catalogue import gallery
from voserver.catalogue.gallery import Picture
from voserver.model.identity import ANYBODY
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.site import Site
from voserver.protocols.tap.examples import EXAMPLES
from voserver.serializers import FORMATS

_HTML = "text/html; charset=utf-8"
_PICTURES = 8
_LOOKED_AT = 64
"""So many of the newest are looked for in the stores."""
_SMACS_0723 = (110.834, -73.454)
"""Where is searched while there is no picture."""


class _Service(NamedTuple):
    """A service's name, what it has, where it is, and what to ask it so that something worth seeing comes."""

    name: str
    words: str
    path: str
    example: str = ""


async def landing(site: Site, request: Request) -> Response:
    """What is here, with pictures, and how to reach it from one's favourite program."""
    pictures = await _pictures(site)
    images, _ = _searches(pictures)
    body = render(
        "landing.html",
        base=site.base_url(request),
        version=voserver.__version__,
        example=EXAMPLES[0],
        pictures=pictures,
        images=images,
        services=tuple(_services(pictures)),
    )
    return document_response(request, body, _HTML, modified=datetime.now(UTC))


async def _pictures(site: Site) -> list[Picture]:
    """The newest pictures that can be given out from here: of lists from elsewhere there may be names only."""
    newest = await gallery.newest(site.database, _LOOKED_AT)
    found = await site.holdings.of_uris([one.uri for one in newest], ANYBODY)
    held = {one.uri: one for one in found}
    shown: list[Picture] = []
    for picture in newest:
        if len(shown) == _PICTURES:
            break
        if picture.uri in held and await site.stores.has_here(held[picture.uri]):
            shown.append(picture)
    return shown


def _services(pictures: Sequence[Picture]) -> Iterator[_Service]:
    """Every service, with an example about the data that the pictures show."""
    images, spectra = _searches(pictures)
    ra, dec = _place(pictures, "image")
    yield _Service("TAP 1.1, ADQL 2.1", "queries of every table, at once or as jobs", "/tap")
    yield _Service(
        "SIA 2.0", "images and cubes by position, band and time; 1.0 at /sia1", "/sia/query", images
    )
    yield _Service("SSA 1.1", "spectra", "/ssa", spectra)
    yield _Service(
        "Cone search",
        "files about a position, and any other table that has positions",
        "/scs/jwst.product",
        urlencode({"RA": ra, "DEC": dec, "SR": 0.01}),
    )
    yield _Service("ObsLocTAP", "what was, is and will be observed", "/tap/tables/ivoa.obsplan")
    yield _Service(
        "DataLink 1.1", "files, previews and origins of data products", "/datalink/links", _of_first(pictures)
    )
    yield _Service("SODA 1.0", "parts of images, cubes and spectra", "/soda/examples")
    if pictures:
        words = "many files in one archive, as a list, or as a script that fetches them"
        yield _Service("Packages", words, "/package", _of_first(pictures, RESPONSEFORMAT="json"))
    yield _Service("Events", "what is new, reprocessed, released or gone", "/events.atom")
    yield _Service("CAOM repository", "observations as CAOM documents, for other archives to mirror", "/caom")
    yield _Service("Registry", "records for the Virtual Observatory's registries", "/oai", "verb=Identify")


def _searches(pictures: Sequence[Picture]) -> tuple[str, str]:
    """What to ask SIA 2 and SSA."""
    ra, dec = _place(pictures, "image")
    images = urlencode({"POS": f"CIRCLE {ra} {dec} 0.01"})
    ra, dec = _place(pictures, "spectrum")
    return images, urlencode({"REQUEST": "queryData", "POS": f"{ra},{dec}", "SIZE": 0.1}, safe=",")


def _place(pictures: Sequence[Picture], kind: str) -> tuple[float, float]:
    """Where the first picture of a kind lies, or any: right ascension and declination in degrees."""
    ordered = sorted(pictures, key=lambda picture: picture.kind != kind)
    places = ((one.ra, one.dec) for one in ordered if one.ra is not None and one.dec is not None)
    ra, dec = next(places, _SMACS_0723)
    return round(ra, 4), round(dec, 4)


def _of_first(pictures: Sequence[Picture], **further: str) -> str:
    return urlencode({"ID": pictures[0].publisher_id, **further}, safe=":/") if pictures else ""


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
