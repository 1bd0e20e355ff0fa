"""`/oai/capabilities`: that the registry can be harvested (Registry Interfaces 1.1 §3, VORegistry 1.1)."""

from functools import lru_cache
from typing import Literal

from pydantic_xml import attr, element
from vo_models.voresource.models import Capability, Interface

from voserver.protocols.capabilities import STANDARDS, capabilities_xml
from voserver.settings import Settings

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


@lru_cache(maxsize=16)
def registry_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of the registry."""
    base = f"{base_url}/oai"
    interface = Interface.model_validate(
        {
            "type": "vg:OAIHTTP",
            "role": "std",
            "version": "1.0",
            "access_url": [{"value": base, "use": "base"}],
        }
    )
    own = Harvest.model_validate(
        {"standard_id": f"{STANDARDS}/Registry", "interface": [interface], "max_records": PAGE}
    )
    return capabilities_xml(base, own)
