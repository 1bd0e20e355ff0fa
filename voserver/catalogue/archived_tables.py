"""Tables that are files of the archive's own, to be published beside the images that they were made of."""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from voserver.catalogue.connections import Connections
from voserver.catalogue.files.stores import Stores
from voserver.catalogue.holdings import Holding, Holdings
from voserver.model import jwst
from voserver.model.errors import NotFound, UsageError
from voserver.model.identity import ANYBODY
from voserver.settings import Settings

_WITH = "SELECT uri FROM archive.artifact WHERE uri = %(name)s OR filename = %(name)s ORDER BY uri LIMIT 2"


@dataclass(frozen=True, slots=True)
class Archived:
    """A file of the archive's: its URI, and where a copy of it lies for now."""

    uri: str
    path: Path


def is_archived(name: str) -> bool:
    """Whether that is the URI of a file, or the name of one of JWST's, and not a path."""
    if re.match(r"[a-z][a-z0-9+.-]+:", name, re.IGNORECASE):
        return True
    try:
        return bool(jwst.parse(name).extension) and not Path(name).exists()
    except UsageError:
        return False


@contextmanager
def fetched(url: str, name: str, settings: Settings) -> Iterator[Archived]:
    """A copy of a file that everybody may have, by its URI or name, for as long as it is read.

    Raises:
        NotFound: the catalogue has no such file, or no store has it.
        UsageError: it is exclusive, while a published table is for everybody; or several have that name.
        Unavailable: the store that has it is away.
    """
    with tempfile.TemporaryDirectory() as directory:
        yield asyncio.run(_fetch(url, name, settings, Path(directory)))


async def _fetch(url: str, name: str, settings: Settings, directory: Path) -> Archived:
    database = Connections(url, 1, purpose="publishing")
    async with database.opened():
        rows = await database.all(_WITH, {"name": name}) if name.isprintable() else []
        if not rows:
            raise NotFound(f"There is no file {name[:200]!r} in the archive.")
        if len(rows) > 1:
            raise UsageError(
                f"Several files of the archive have the name {name[:200]}.", hint="Give the URI."
            )
        uri = str(rows[0]["uri"])
        holding = _public(uri, await Holdings(database).of_uris([uri], ANYBODY))
        copy = await Stores.from_settings(settings).open(holding, ANYBODY)
        path = directory / (re.sub(r"[^\w.-]", "_", holding.filename).lstrip(".")[-100:] or "table")
        with path.open("wb") as file:
            async for block in copy.blocks(0, copy.size):
                file.write(block)
    return Archived(uri, path)


def _public(uri: str, found: list[Holding]) -> Holding:
    """Rows of a published table have no release of their own: whoever asks gets them."""
    if found and found[0].is_public:
        return found[0]
    release = found[0].release if found else None
    until = f" until {release:%Y-%m-%d %H:%M} UTC" if release else ""
    raise UsageError(
        f"{uri} is under exclusive access{until}, and everybody may query a published table.",
        hint="Publish it when it is released. Whoever may decide otherwise gives the file itself, by its path.",
    )
