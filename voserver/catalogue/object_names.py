"""Positions of objects by their names, from a Sesame service such as the CDS runs.

Not by astropy's resolver: that leaves a file behind for each name, or writes into the user's home.
"""

import http.client
import logging
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from functools import lru_cache, partial

from voserver.model.errors import Unavailable, UsageError

_log = logging.getLogger(__name__)

_TIMEOUT = 10.0
_LONGEST_NAME = 100
_LONGEST_ANSWER = 100_000
_POSITION = re.compile(r"^%J\s*([0-9]+\.?[0-9]*)\s+([+-]?[0-9]+\.?[0-9]*)\s", re.MULTILINE)


def resolver(url: str) -> Callable[[str], tuple[float, float]] | None:
    """What looks names up at a service; None where none is set."""
    return partial(resolve, url) if url else None


@lru_cache(maxsize=1000)
def resolve(url: str, name: str) -> tuple[float, float]:
    """Right ascension and declination (ICRS, degrees) of an object.

    Args:
        url: of the service, up to the databases to ask: `https://…/nph-sesame/`.
        name: of the object.

    Raises:
        UsageError: no object is known by that name.
        Unavailable: the service does not answer, or not as such a service does.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"'{name[:40]}' is no name of an object.", hint=f"A name has up to {_LONGEST_NAME} characters."
        )
    address = f"{url.rstrip('/')}/SNV?{urllib.parse.quote(name.strip())}"
    try:
        position = _position(_fetched(address))
    except (OSError, ValueError, http.client.HTTPException) as error:
        _log.warning("No position from %s: %r", url, error)
    else:
        if position is None:
            raise UsageError(
                f"No object is known by the name '{name[:40]}'.", hint="Check how it is spelled."
            )
        return position
    # Not within the handler: the error holds a socket, which is closed once nobody holds the error.
    hint = "Try again later, or give the position: POINT(ra, dec)"
    raise Unavailable("The service that knows objects' names does not answer.", hint=hint)


def _fetched(address: str) -> str:
    """What is at a URL, unless it is more, or takes longer, than any answer about an object."""
    ending = time.monotonic() + _TIMEOUT
    content = b""
    with urllib.request.urlopen(address, timeout=_TIMEOUT) as response:  # noqa: S310 -- the operator's URL
        while chunk := response.read1(_LONGEST_ANSWER):
            content += chunk
            if len(content) > _LONGEST_ANSWER or time.monotonic() > ending:
                raise ValueError("too much, or too slow")
    return content.decode(errors="replace")


def _position(text: str) -> tuple[float, float] | None:
    """The position in an answer of Sesame's, which begins with a line `# name`; None where it found none."""
    if not text.startswith("#"):
        raise ValueError("no answer of Sesame's")
    found = _POSITION.search(text)
    if found is None:
        return None
    longitude, latitude = float(found[1]), float(found[2])
    if longitude > 360 or abs(latitude) > 90:
        raise ValueError("no position")
    return longitude, latitude
