"""Under which key a store has a file that no row of the catalogue tells of."""

import re
from urllib.parse import quote

from voserver.catalogue.holdings import Holding
from voserver.settings import StoreSetting

CLOUD = "cloud"
"""The layout of a store that has files where their `cloud_uri` says."""


def key_of(store: StoreSetting, holding: Holding) -> str | None:
    """The file's key in the store; None where it cannot have one there."""
    for location in holding.locations:
        if location.store == store.name:
            return _sound(location.key)
    if not holding.uri.startswith(store.uris):
        return None
    if store.layout == CLOUD:
        return None if holding.cloud_uri is None else _sound(inside(store.url, holding.cloud_uri) or "")
    return _sound(_filled(store.layout, holding) or "")


def url_of(store: StoreSetting, holding: Holding, key: str) -> str | None:
    """The URL of a file in a store that is reached by HTTP."""
    if "{" in store.url:
        return _filled(store.url, holding, escape=True)
    return f"{store.url}/{quote(key)}"


def inside(url: str, address: str) -> str | None:
    """What comes after a store's URL in an address; None where that is elsewhere."""
    return address.removeprefix(f"{url}/") if address.startswith(f"{url}/") else None


def _filled(template: str, holding: Holding, *, escape: bool = False) -> str | None:
    """The template with a file's words; None where it has not got one of them."""
    program = None if holding.program is None else f"{holding.program:05d}"
    words = {
        "filename": holding.filename,
        "path": holding.uri.partition(":")[2],
        "program": program,
        "uri": holding.uri,
    }
    for name in re.findall(r"\{(\w+)\}", template):
        if words[name] is None:
            return None
    return re.sub(r"\{(\w+)\}", lambda found: _word(words[found[1]], escape=escape), template)


def _word(word: str | None, *, escape: bool) -> str:
    return quote(word or "", safe="/") if escape else word or ""


def _sound(key: str) -> str | None:
    """The key, where every part of it is a name."""
    parts = key.split("/")
    odd = "\0" in key or "\\" in key or any(part in {"", ".", ".."} for part in parts)
    return None if odd else key
