"""`/caom/capabilities`: where CADC's clients find the list of observations."""

from functools import lru_cache

from vo_models.voresource.models import Capability

from voserver.protocols.capabilities import capabilities_xml, param_http
from voserver.settings import Settings

_STANDARD = "vos://cadc.nrc.ca~vospace/CADC/std/CAOM2Repository"
OBSERVATIONS, DELETIONS = f"{_STANDARD}#obs-1.2", f"{_STANDARD}#del-1.0"
"""What CADC's registry, its services and its clients call the interfaces."""


@lru_cache(maxsize=16)
def repository_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of the repository."""
    base = f"{base_url}/caom"
    own = [
        Capability.model_validate(
            {"standard_id": standard, "interface": [param_http(address, "base", role="std", version=version)]}
        )
        for standard, address, version in (
            (OBSERVATIONS, base, "1.2"),
            (DELETIONS, f"{base}/deletions", "1.0"),
        )
    ]
    return capabilities_xml(base, *own)
