"""`/datalink/capabilities`: where links are asked for (DataLink 1.1 §2.1)."""

from functools import lru_cache

from pydantic_xml import element
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.vodataservice.models import ParamHTTP
from vo_models.voresource.models import Capability
from vo_models.vosi.capabilities.models import NSMAP, VOSICapabilities

from voserver.protocols.datalink.descriptors import MEDIA_TYPE, STANDARD, links_url
from voserver.protocols.documents import document_response, xml_document
from voserver.protocols.site import Site
from voserver.protocols.tap.capabilities import vosi


class LinksAccess(Capability, tag="capability"):
    """A capability whose interface is told with the kinds of requests and of answers."""

    # Only what the field's own type has would be written.
    interface: list[ParamHTTP] = element(tag="interface")  # type: ignore[assignment]


class Capabilities(VOSICapabilities, tag="capabilities", ns="vosi", nsmap=NSMAP):
    """The capabilities of DataLink."""

    capability: list[LinksAccess | Capability] = element(tag="capability", ns="", nsmap={"": ""}, default=[])


@lru_cache(maxsize=16)
def capabilities_document(base_url: str) -> bytes:
    """The capabilities of DataLink where the whole service has this URL."""
    base = f"{base_url}/datalink"
    interface = ParamHTTP.model_validate(
        {
            "access_url": [{"value": links_url(base_url), "use": "base"}],
            "role": "std",
            "version": "1.1",
            "query_type": ["GET", "POST"],
            "result_type": MEDIA_TYPE,
        }
    )
    return xml_document(
        Capabilities(
            capability=[
                vosi(base, "capabilities", "capabilities"),
                vosi(base, "availability", "availability"),
                LinksAccess.model_validate({"standard_id": STANDARD, "interface": [interface]}),
            ]
        )
    )


async def capabilities(site: Site, request: Request) -> Response:
    """The capabilities document."""
    body = await run_in_threadpool(capabilities_document, site.base_url(request))
    return document_response(request, body, "text/xml", modified=site.started)
