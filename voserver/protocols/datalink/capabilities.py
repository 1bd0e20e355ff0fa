"""`/datalink/capabilities`: where links are asked for (DataLink 1.1 §2.1)."""

from functools import lru_cache

from vo_models.vodataservice.models import ParamHTTP

from voserver.protocols.capabilities import Access, capabilities_xml
from voserver.protocols.datalink.descriptors import MEDIA_TYPE, STANDARD, links_url
from voserver.settings import Settings

_EARLIER = "ivo://ivoa.net/std/DataLink#links-1.0"


@lru_cache(maxsize=16)
def links_document(base_url: str, _: Settings) -> bytes:
    """The capabilities of DataLink."""
    interface = ParamHTTP.model_validate(
        {
            "access_url": [{"value": links_url(base_url), "use": "base"}],
            "role": "std",
            "version": "1.1",
            "query_type": ["GET", "POST"],
            "result_type": MEDIA_TYPE,
        }
    )
    # Clients of DataLink 1.0 (astroquery.cadc) look for that name; the answers of 1.1 are theirs with more columns.
    own = [
        Access.model_validate({"standard_id": standard, "interface": [interface]})
        for standard in (STANDARD, _EARLIER)
    ]
    return capabilities_xml(f"{base_url}/datalink", *own)
