"""Positions of objects by their names, from a Sesame service such as the CDS runs.

Not by astropy's resolver: that leaves a file behind for each name, or writes into the user's home.
"""

import re
import urllib.error
import urllib.parse
import urllib.request
from functools import lru_cache

from voserver.model.errors import Unavailable, UsageError

_TIMEOUT = 10.0
_LONGEST_NAME = 100
_LONGEST_ANSWER = 100_000
_POSITION = re.compile(r"^%J\s*([0-9.]+)\s*([+-]?[0-9.]+)", re.MULTILINE)


@lru_cache(maxsize=1000)
def resolve(url: str, name: str) -> tuple[float, float]:
    """Right ascension and declination (ICRS, degrees) of an object.

    Args:
        url: of the service, up to the databases to ask: `https://…/nph-sesame/`.
        name: of the object.

    Raises:
        UsageError: no object is known by that name.
        Unavailable: the service does not answer.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"'{name[:40]}' is no name of an object.", hint=f"A name has up to {_LONGEST_NAME} characters."
        )
    address = f"{url.rstrip('/')}/SNV?{urllib.parse.quote(name.strip())}"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as response:  # noqa: S310 -- the operator's URL
            text = response.read(_LONGEST_ANSWER).decode(errors="replace")
    except (OSError, ValueError) as error:
        hint = "Try again later, or give the position: POINT(ra, dec)"
        raise Unavailable("The service that knows objects' names does not answer.", hint=hint) from error
    found = _POSITION.search(text)
    if found is None:
        raise UsageError(f"No object is known by the name '{name[:40]}'.", hint="Check how it is spelled.")
    return float(found[1]), float(found[2])
