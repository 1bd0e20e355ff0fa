"""`/soda/examples`: requests to learn from (DALI 1.1 §2.3, SODA 1.0 §2.5)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.site import Site


@dataclass(frozen=True, slots=True)
class Example:
    """A request that works with the demonstration's files. The tests make every one."""

    id: str
    name: str
    description: str
    parameters: tuple[tuple[str, str], ...]


EXAMPLES = (
    Example(
        "circle",
        "A circle out of an image",
        "What lies within 7 arcseconds of the centre of the Southern Ring Nebula (simulated pixels).",
        (
            ("ID", "voserver:sample/simulated_jw02733-o001_t001_nircam_f405n-f444w_i2d.fits"),
            ("CIRCLE", "151.757 -40.4365 0.002"),
        ),
    ),
    Example(
        "band",
        "A band out of a spectrum",
        "The rows of a spectrum between 2 and 3 micrometres (simulated values).",
        (
            ("ID", "voserver:sample/simulated_jw05224-o004_s000277193_nirspec_clear-prism_x1d.fits"),
            ("BAND", "2e-6 3e-6"),
        ),
    ),
)


async def examples(site: Site, request: Request) -> Response:
    """All examples, as XHTML that people and programs read."""
    body = render("soda.html", base=site.base_url(request), version=voserver.__version__, examples=EXAMPLES)
    return document_response(request, body, "text/html; charset=utf-8", modified=site.started)
