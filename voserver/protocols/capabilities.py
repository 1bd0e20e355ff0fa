"""`/capabilities` of every service: where VOSI's resources are, and what the service itself has to tell (VOSI 1.1 §4).

A service makes its document for the URL of the whole archive, so that the registry can show it, too.
"""

from collections.abc import Awaitable, Callable

from lxml import etree
from pydantic_xml import element
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.vodataservice.models import ParamHTTP
from vo_models.voresource.models import Capability, Interface
from vo_models.vosi.capabilities.models import VOSICapabilities

from voserver.protocols.documents import document_response, xml_element
from voserver.protocols.site import Site
from voserver.settings import Settings

STANDARDS = "ivo://ivoa.net/std"


class Access(Capability, tag="capability"):
    """A capability whose interface is told with the kinds of requests and of answers."""

    # Only what the field's own type has would be written.
    interface: list[ParamHTTP] = element(tag="interface")  # type: ignore[assignment]


Maker = Callable[[str, Settings], bytes]
"""Makes a service's document for the archive's URL."""


def param_http(url: str, use: str, **attributes: str) -> ParamHTTP:
    """An interface that takes parameters at a URL; `use` says whether the URL is whole."""
    return ParamHTTP.model_validate({"access_url": [{"value": url, "use": use}], **attributes})


def capability(standard: str, interface: Interface) -> Capability:
    """What a standard's service does, at an interface."""
    return Capability.model_validate({"standard_id": f"{STANDARDS}/{standard}", "interface": [interface]})


def vosi(base: str, name: str, standard: str) -> Capability:
    """A resource of VOSI below a service's base URL."""
    return capability(f"VOSI#{standard}", param_http(f"{base}/{name}", "full"))


def capabilities_xml(base: str, *own: Capability) -> bytes:
    """The document of the service whose base URL is given: VOSI's resources and these, of whatever type each is."""
    root = xml_element(VOSICapabilities())
    for one in (*(vosi(base, name, name) for name in ("capabilities", "availability")), *own):
        root.append(xml_element(one))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


async def capabilities_response(site: Site, request: Request, make: Callable[[str], bytes]) -> Response:
    """The document; it changes only when the service is started with other settings."""
    body = await run_in_threadpool(make, site.base_url(request))
    return document_response(request, body, "text/xml", modified=site.started)


def capabilities_of(make: Maker) -> Callable[[Site, Request], Awaitable[Response]]:
    """The endpoint of a service that has one document."""

    async def capabilities(site: Site, request: Request) -> Response:
        return await capabilities_response(site, request, lambda url: make(url, site.settings))

    return capabilities
