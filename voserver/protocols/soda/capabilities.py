"""`/soda/capabilities`: where cut-outs are asked for (SODA 1.0 §2)."""

from functools import lru_cache

from vo_models.voresource.models import WebBrowser

from voserver.protocols.capabilities import capabilities_xml, capability, param_http
from voserver.settings import Settings


@lru_cache(maxsize=16)
def soda_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of SODA."""
    base = f"{base_url}/soda"
    examples = WebBrowser.model_validate({"access_url": [{"value": f"{base}/examples", "use": "full"}]})
    own = (
        capability(f"SODA#{mode}-1.0", param_http(f"{base}/{mode}", "full", role="std", version="1.0"))
        for mode in ("sync", "async")
    )
    return capabilities_xml(base, *own, capability("DALI#examples", examples))
