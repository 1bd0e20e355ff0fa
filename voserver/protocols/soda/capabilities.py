"""`/soda/capabilities`: where cut-outs are asked for (SODA 1.0 §2)."""

from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.voresource.models import WebBrowser
from vo_models.vosi.capabilities.models import VOSICapabilities

from voserver.protocols.documents import document_response, xml_document
from voserver.protocols.site import Site
from voserver.protocols.tap.capabilities import capability, param_http, vosi


@lru_cache(maxsize=16)
def capabilities_document(base_url: str) -> bytes:
    """The capabilities of SODA where the whole service has this URL."""
    base = f"{base_url}/soda"
    examples = WebBrowser.model_validate({"access_url": [{"value": f"{base}/examples", "use": "full"}]})
    own = [
        capability(f"SODA#{mode}-1.0", param_http(f"{base}/{mode}", "full", role="std", version="1.0"))
        for mode in ("sync", "async")
    ]
    return xml_document(
        VOSICapabilities(
            capability=[
                vosi(base, "capabilities", "capabilities"),
                vosi(base, "availability", "availability"),
                *own,
                capability("DALI#examples", examples),
            ]
        )
    )


async def capabilities(site: Site, request: Request) -> Response:
    """The capabilities document."""
    body = await run_in_threadpool(capabilities_document, site.base_url(request))
    return document_response(request, body, "text/xml", modified=site.started)
