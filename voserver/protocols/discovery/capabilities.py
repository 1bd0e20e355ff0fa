"""`/capabilities` of the discovery services: what each takes, in the words of its standard's registry extension."""

from functools import lru_cache, partial
from typing import Literal

from pydantic_xml import BaseXmlModel, attr, element
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from vo_models.voresource.models import Capability
from vo_models.vosi.capabilities.models import NSMAP, VOSICapabilities

from voserver.protocols.discovery import cone, sia1, sia2, ssa
from voserver.protocols.documents import document_response, xml_document
from voserver.protocols.site import Site
from voserver.protocols.tap.capabilities import param_http, vosi
from voserver.settings import Settings

_XSI = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_CONE = {"cs": "http://www.ivoa.net/xml/ConeSearch/v1.0", **_XSI}
_SIA = {"sia": "http://www.ivoa.net/xml/SIA/v1.1", **_XSI}
_SSA = {"ssap": "http://www.ivoa.net/xml/SSA/v1.1", **_XSI}


class ConeQuery(BaseXmlModel, tag="testQuery", ns="", nsmap={"": ""}):
    """A cone that finds something."""

    ra: float = element(tag="ra")
    dec: float = element(tag="dec")
    sr: float = element(tag="sr")


class ConeSearch(Capability, tag="capability", nsmap=_CONE):
    """A cone search (`cs:ConeSearch`, Simple Cone Search 1.03)."""

    type: Literal["cs:ConeSearch"] = attr(default="cs:ConeSearch", ns="xsi")
    max_sr: float = element(tag="maxSR")
    max_records: int = element(tag="maxRecords")
    verbosity: bool = element(tag="verbosity")
    test_query: ConeQuery = element(tag="testQuery")


class Sides(BaseXmlModel, ns="", nsmap={"": ""}):
    """A position, or the sides of a region, in degrees."""

    long: float = element(tag="long")
    lat: float = element(tag="lat")


class ImageQuery(BaseXmlModel, tag="testQuery", ns="", nsmap={"": ""}):
    """A region that has images."""

    pos: Sides = element(tag="pos")
    size: Sides = element(tag="size")


class ImageAccess(Capability, tag="capability", nsmap=_SIA):
    """Images about a position (`sia:SimpleImageAccess`, SIA 1.0)."""

    type: Literal["sia:SimpleImageAccess"] = attr(default="sia:SimpleImageAccess", ns="xsi")
    image_service_type: Literal["Pointed"] = element(tag="imageServiceType", default="Pointed")
    max_records: int = element(tag="maxRecords")
    test_query: ImageQuery = element(tag="testQuery")


class SpectralQuery(BaseXmlModel, tag="testQuery", ns="", nsmap={"": ""}):
    """A circle that has spectra."""

    pos: Sides = element(tag="pos")
    size: float = element(tag="size")
    command: str = element(tag="queryDataCmd", default="REQUEST=queryData")


class SpectralAccess(Capability, tag="capability", nsmap=_SSA):
    """Spectra (`ssap:SimpleSpectralAccess`, SSA 1.1)."""

    type: Literal["ssap:SimpleSpectralAccess"] = attr(default="ssap:SimpleSpectralAccess", ns="xsi")
    compliance_level: Literal["minimal"] = element(tag="complianceLevel", default="minimal")
    data_source: Literal["pointed"] = element(tag="dataSource", default="pointed")
    creation_type: Literal["archival"] = element(tag="creationType", default="archival")
    supported_frame: Literal["ICRS"] = element(tag="supportedFrame", default="ICRS")
    max_search_radius: float = element(tag="maxSearchRadius", default=180)
    max_records: int = element(tag="maxRecords")
    default_max_records: int = element(tag="defaultMaxRecords")
    test_query: SpectralQuery = element(tag="testQuery")


class Capabilities(VOSICapabilities, tag="capabilities", ns="vosi", nsmap=NSMAP | _CONE | _SIA | _SSA):
    """The capabilities of one service."""

    capability: list[ConeSearch | ImageAccess | SpectralAccess | Capability] = element(
        tag="capability", ns="", nsmap={"": ""}, default=[]
    )


_FIELD = Sides(long=110.8, lat=-73.45)
"""Where test queries look: SMACS 0723."""


def _written(own: Capability, base: str) -> bytes:
    document = Capabilities(
        capability=[
            vosi(base, "capabilities", "capabilities"),
            vosi(base, "availability", "availability"),
            own,
        ]
    )
    return xml_document(document)


@lru_cache(maxsize=16)
def sia2_document(base: str) -> bytes:
    """The capabilities of the SIA 2.0 service whose base URL is given."""
    interface = param_http(f"{base}/query", "base", role="std", version="2.0")
    return _written(Capability.model_validate({"standard_id": sia2.STANDARD, "interface": [interface]}), base)


@lru_cache(maxsize=64)
def cone_document(base: str, settings: Settings) -> bytes:
    """The capabilities of the cone search whose base URL is given."""
    own = ConeSearch.model_validate(
        {
            "standard_id": cone.STANDARD,
            "interface": [param_http(f"{base}?", "base", role="std")],
            "max_sr": 180,
            "max_records": settings.hard_maxrec,
            "verbosity": True,
            "test_query": ConeQuery(ra=_FIELD.long, dec=_FIELD.lat, sr=0.1),
        }
    )
    return _written(own, base)


@lru_cache(maxsize=16)
def sia1_document(base: str, settings: Settings) -> bytes:
    """The capabilities of the SIA 1.0 service whose base URL is given."""
    own = ImageAccess.model_validate(
        {
            "standard_id": sia1.STANDARD,
            "interface": [param_http(f"{base}?", "base", role="std")],
            "max_records": settings.hard_maxrec,
            "test_query": ImageQuery(pos=_FIELD, size=Sides(long=0.1, lat=0.1)),
        }
    )
    return _written(own, base)


@lru_cache(maxsize=16)
def ssa_document(base: str, settings: Settings) -> bytes:
    """The capabilities of the SSA service whose base URL is given."""
    own = SpectralAccess.model_validate(
        {
            "standard_id": ssa.STANDARD,
            "interface": [param_http(f"{base}?", "base", role="std", version="1.1")],
            "max_records": settings.hard_maxrec,
            "default_max_records": settings.default_maxrec,
            "test_query": SpectralQuery(pos=_FIELD, size=0.1),
        }
    )
    return _written(own, base)


async def of_ssa(site: Site, request: Request) -> Response:
    """`/ssa/capabilities`."""
    body = await run_in_threadpool(ssa_document, f"{site.base_url(request)}/ssa", site.settings)
    return document_response(request, body, "text/xml", modified=site.started)


async def of_sia1(site: Site, request: Request) -> Response:
    """`/sia1/capabilities`."""
    body = await run_in_threadpool(sia1_document, f"{site.base_url(request)}/sia1", site.settings)
    return document_response(request, body, "text/xml", modified=site.started)


async def of_sia2(site: Site, request: Request) -> Response:
    """`/sia/capabilities`."""
    body = await run_in_threadpool(sia2_document, f"{site.base_url(request)}/sia")
    return document_response(request, body, "text/xml", modified=site.started)


async def of_cone(site: Site, request: Request) -> Response:
    """`/scs/{table}/capabilities`."""
    table = cone.find_table(site, request.path_params["name"])
    base = f"{site.base_url(request)}/scs/{table.full_name}"
    body = await run_in_threadpool(partial(cone_document, base, site.settings))
    return document_response(request, body, "text/xml", modified=site.started)
