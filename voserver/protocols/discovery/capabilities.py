"""`/capabilities` of the discovery services: what each takes, in the words of its standard's registry extension."""

from functools import lru_cache
from typing import Literal

from pydantic_xml import BaseXmlModel, attr, element
from starlette.requests import Request
from starlette.responses import Response
from vo_models.voresource.models import Capability

from voserver.protocols.capabilities import capabilities_response, capabilities_xml, param_http
from voserver.protocols.discovery import cone, sia1, sia2, ssa
from voserver.protocols.site import Site
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


_FIELD = Sides(long=110.8, lat=-73.45)
"""Where test queries look: SMACS 0723."""


@lru_cache(maxsize=16)
def sia2_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of SIA 2.0."""
    base = f"{base_url}/sia"
    interface = param_http(f"{base}/query", "base", role="std", version="2.0")
    own = Capability.model_validate({"standard_id": sia2.STANDARD, "interface": [interface]})
    return capabilities_xml(base, own)


@lru_cache(maxsize=64)
def cone_document(table: str, base_url: str, settings: Settings) -> bytes:
    """The capabilities of the cone search of a table."""
    base = f"{base_url}/scs/{table}"
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
    return capabilities_xml(base, own)


@lru_cache(maxsize=16)
def sia1_document(base_url: str, settings: Settings) -> bytes:
    """The capabilities of SIA 1.0."""
    base = f"{base_url}/sia1"
    own = ImageAccess.model_validate(
        {
            "standard_id": sia1.STANDARD,
            "interface": [param_http(f"{base}?", "base", role="std")],
            "max_records": settings.hard_maxrec,
            "test_query": ImageQuery(pos=_FIELD, size=Sides(long=0.1, lat=0.1)),
        }
    )
    return capabilities_xml(base, own)


@lru_cache(maxsize=16)
def ssa_document(base_url: str, settings: Settings) -> bytes:
    """The capabilities of SSA."""
    base = f"{base_url}/ssa"
    own = SpectralAccess.model_validate(
        {
            "standard_id": ssa.STANDARD,
            "interface": [param_http(f"{base}?", "base", role="std", version="1.1")],
            "max_records": settings.hard_maxrec,
            "default_max_records": settings.default_maxrec,
            "test_query": SpectralQuery(pos=_FIELD, size=0.1),
        }
    )
    return capabilities_xml(base, own)


async def of_cone(site: Site, request: Request) -> Response:
    """`/scs/{table}/capabilities`."""
    name = cone.find_table(site, request.path_params["name"]).full_name
    return await capabilities_response(site, request, lambda url: cone_document(name, url, site.settings))
