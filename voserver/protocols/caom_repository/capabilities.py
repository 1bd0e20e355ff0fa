"""`/caom/capabilities`: where CADC's clients find the list of observations."""

from functools import lru_cache

from vo_models.voresource.models import Capability

from voserver.protocols.capabilities import capabilities_xml, param_http
from voserver.settings import Settings

STANDARD = "vos://cadc.nrc.ca~vospace/CADC/std/CAOM2Repository#obs-1.2"
"""What CADC's registry calls the interface."""


@lru_cache(maxsize=16)
def repository_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of the repository."""
    base = f"{base_url}/caom"
    interface = param_http(base, "base", role="std", version="1.2")
    own = Capability.model_validate({"standard_id": STANDARD, "interface": [interface]})
    return capabilities_xml(base, own)
