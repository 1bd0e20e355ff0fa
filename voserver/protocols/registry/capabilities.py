"""`/oai/capabilities`: that the registry can be harvested (Registry Interfaces 1.1 §3, VORegistry 1.1)."""

from functools import lru_cache
from typing import Literal

from pydantic_xml import attr, element
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.voresource.models import Capability, Interface
from vo_models.vosi.capabilities.models import NSMAP, VOSICapabilities

from voserver.protocols.documents import document_response, xml_document
from voserver.protocols.site import Site
from voserver.protocols.tap.capabilities import vosi

PAGE = 20
"""Records that one answer holds; those with tables are long."""

_VG = {
    "vg": "http://www.ivoa.net/xml/VORegistry/v1.0",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


class Harvest(Capability, tag="capability", nsmap=_VG):
    """That records can be harvested (`vg:Harvest`)."""

    type: Literal["vg:Harvest"] = attr(default="vg:Harvest", ns="xsi")
    max_records: int = element(tag="maxRecords")


class _Capabilities(VOSICapabilities, tag="capabilities", ns="vosi", nsmap=NSMAP | _VG):
    capability: list[Harvest | Capability] = element(tag="capability", ns="", nsmap={"": ""}, default=[])


@lru_cache(maxsize=16)
def registry_document(base: str) -> bytes:
    """The capabilities of the registry whose base URL is given."""
    interface = Interface.model_validate(
        {
            "type": "vg:OAIHTTP",
            "role": "std",
            "version": "1.0",
            "access_url": [{"value": base, "use": "base"}],
        }
    )
    own = Harvest.model_validate(
        {"standard_id": "ivo://ivoa.net/std/Registry", "interface": [interface], "max_records": PAGE}
    )
    vosi_resources = [vosi(base, name, name) for name in ("capabilities", "availability")]
    return xml_document(_Capabilities(capability=[*vosi_resources, own]))


async def of_registry(site: Site, request: Request) -> Response:
    """`/oai/capabilities`."""
    body = await run_in_threadpool(registry_document, f"{site.base_url(request)}/oai")
    return document_response(request, body, "text/xml", modified=site.started)
