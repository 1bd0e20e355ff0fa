"""`/files/<uri>`: a file as one of the stores has it, or where a client may fetch it himself."""

import base64
import re

from starlette.requests import Request
from starlette.responses import Response

from voserver.catalogue.files import Copy, Elsewhere
from voserver.catalogue.holdings import Holding
from voserver.model import jwst
from voserver.model.errors import NotFound
from voserver.model.media_types import media_type_of
from voserver.protocols.ranges import Content, content_response, disposition
from voserver.protocols.site import Site

_PUBLIC = "public, max-age=3600"
_PRIVATE = "private, no-cache"
_DEMONSTRATION = "voserver:sample/"
_MEDIA_TYPE = re.compile(r"[!-~]+/[!-~]+(?:; *[!-~]+)*")
"""What can stand in a header: the catalogue's words come from many hands."""
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")

_DIGESTS = {
    "md5": "md5",
    "sha-256": "sha-256",
    "sha256": "sha-256",
    "sha-512": "sha-512",
    "sha512": "sha-512",
}
"""CAOM's schemes of checksums by their names in HTTP."""


async def file(site: Site, request: Request) -> Response:
    """One file. `<uri>/properties`, by which Aladin looks for a HiPS, is no file: 404.

    Raises:
        NotFound: there is no such file, or no store has it.
        Forbidden: it is exclusive to others.
        Unavailable: the store that may have it is away.
    """
    holding = await _wanted(site, request)
    found = await site.stores.find(holding, site.identify(request))
    if isinstance(found, Elsewhere):
        kept = "private, no-store" if found.is_passing else "public, max-age=300"
        return Response(status_code=302, headers={"Location": found.url, "Cache-Control": kept})
    return await content_response(request, _content(holding, found))


async def _wanted(site: Site, request: Request) -> Holding:
    uri: str = request.path_params["uri"]
    # The demonstration's files had paths without a scheme once.
    uri = uri if ":" in uri else f"{_DEMONSTRATION}{uri}"
    try:
        return await site.holdings.to_read(uri, site.identify(request))
    except NotFound as error:
        if not uri.startswith("mast:") or not uri.isprintable():
            raise
        elsewhere = f"MAST itself may have it: {jwst.download_url(uri[:200])}"
        raise NotFound(error.message, hint=elsewhere) from error


def _content(holding: Holding, copy: Copy) -> Content:
    headers = {
        "Cache-Control": _PUBLIC if holding.is_public else _PRIVATE,
        "Content-Disposition": disposition("inline", holding.filename),
        # What a browser finds in a file is not this site's word.
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    if copy.size == holding.content_length:
        headers |= digests(holding.content_checksum)
    known = holding.content_type if _MEDIA_TYPE.fullmatch(holding.content_type or "") else None
    media_type = known or media_type_of(holding.filename)
    return Content(copy.size, copy.e_tag, copy.modified, media_type, copy.blocks, headers)


def digests(checksum: str | None) -> dict[str, str]:
    """The headers that tell the checksum of the whole file, of a part's answer too (RFC 9530 §3, RFC 3230 §4.3.2)."""
    scheme, _, value = (checksum or "").partition(":")
    name = _DIGESTS.get(scheme.lower())
    if name is None or _HEX.fullmatch(value) is None:
        return {}
    text = base64.b64encode(bytes.fromhex(value)).decode()
    return {"Repr-Digest": f"{name}=:{text}:", "Digest": f"{name}={text}"}
