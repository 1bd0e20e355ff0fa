"""Files as the archive holds them: what each is, who may read it, and where its copies lie.

Here is the one question to ask before a byte of a file, or a link that opens it, is given to somebody:
`Holding.is_readable`, by the rule that the views have, too (`archive.readable` in views.sql).
"""

from asyncio import sleep
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from voserver.catalogue.connections import Connections
from voserver.model.errors import Forbidden, NotFound, SignInNeeded, UsageError
from voserver.model.identity import Identity


@dataclass(frozen=True, slots=True)
class Location:
    """A copy of a file: in which store, under which key, and from when on it may be had (None: always)."""

    store: str
    key: str
    release: datetime | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A file whose metadata somebody may see; `is_readable` tells whether he may have its content, too.

    `release` is the time (UTC) from which everybody may; None while it is not known. Lengths are in bytes.
    """

    uri: str
    artifact_id: UUID
    plane_id: UUID
    publisher_id: str | None
    filename: str
    program: int | None
    product_type: str | None
    """CAOM's: science, auxiliary, preview, thumbnail, info …"""
    subgroup: str | None
    """MAST's: CAL, I2D, X1D, ASN …"""
    dataproduct_type: str | None
    calibration_level: int | None
    is_minimum_recommended: bool
    content_type: str | None
    content_length: int | None
    content_checksum: str | None
    """`md5:…` or `sha-256:…`"""
    release: datetime | None
    is_readable: bool
    is_public: bool
    cloud_uri: str | None
    cloud_release: datetime | None
    """From when on the copy at `cloud_uri` may be had (UTC), besides the file's own release."""
    shares_name: bool
    """Whether a file that he may not have, of another URI, has the same name: a copy found by its name may be that."""
    locations: tuple[Location, ...]


_SELECT = """
SELECT a.uri, a.artifactid AS artifact_id, a.planeid AS plane_id, a.publisherid AS publisher_id, a.filename, a.program,
    a.producttype AS product_type, a.product_subgroup AS subgroup, a.dataproduct_type,
    a.calib_level AS calibration_level, a.minimum_recommended = 1 AS is_minimum_recommended,
    a.contenttype AS content_type, a.contentlength AS content_length, a.contentchecksum AS content_checksum,
    a.datarelease AS release,
    archive.readable(a.datarelease, a.datareadgroups, %(mine)s) IS TRUE AS is_readable,
    archive.readable(a.datarelease, a.datareadgroups, '{}') IS TRUE AS is_public,
    EXISTS (SELECT FROM archive.artifact AS other WHERE other.filename = a.filename AND other.uri <> a.uri
        AND archive.readable(other.datarelease, other.datareadgroups, %(mine)s) IS NOT TRUE) AS shares_name,
    a.cloud_uri, a.cloud_release, l.stores, l.keys, l.releases
FROM archive.artifact AS a LEFT JOIN LATERAL (
    SELECT array_agg(store) AS stores, array_agg(key) AS keys, array_agg(release) AS releases
    FROM archive.location WHERE artifactid = a.artifactid) AS l ON true
WHERE archive.readable(a.metarelease, a.metareadgroups, %(mine)s) AND """


_KEPT_SECONDS = 1.0
"""How long a public file is remembered: who reads it in many small parts shall not wait for the database each time."""

_KEPT = 1000

_AT_ONCE = 500  # rows that are made into files before others have their turn

MOST = 50_000
"""Files that are looked up at once: with what is known of each they have some 100 MB of memory."""


class Holdings:
    """Looks files up, for somebody: what he may not know of is not there."""

    def __init__(self, database: Connections) -> None:
        self._database = database
        self._public: dict[str, tuple[float, Holding]] = {}

    async def of_uris(self, uris: Sequence[str], who: Identity) -> list[Holding]:
        """Those of the files with these URIs that there are."""
        return await self._find("a.uri = ANY (%(wanted)s)", list(uris), who)

    async def of_publisher_ids(self, publisher_ids: Sequence[str], who: Identity) -> list[Holding]:
        """The files of these planes. Identifiers are compared without regard to case, as IVOIDs are."""
        lowered = [one.lower() for one in publisher_ids]
        return await self._find("lower(a.publisherid) = ANY (%(wanted)s)", lowered, who)

    async def to_read(self, uri: str, who: Identity) -> Holding:
        """The file, for somebody who is given its content. What is public is told as it was a second ago at most.

        Raises:
            NotFound: there is none, or he may not know of it.
            Forbidden: he may know of it, but not have it.
        """
        until, kept = self._public.get(uri, (0.0, None))
        if kept is not None and monotonic() < until:
            return kept
        found = await self.of_uris([uri], who)
        if not found:
            raise NotFound(f"There is no file {uri[:200]!r} here.")
        check_readable(found[0], who)
        # Found without groups, it is there for everybody.
        if found[0].is_public and not who.groups:
            if len(self._public) >= _KEPT:
                self._public.clear()
            self._public[uri] = (monotonic() + _KEPT_SECONDS, found[0])
        return found[0]

    async def _find(self, condition: str, wanted: list[str], who: Identity) -> list[Holding]:
        # What cannot be in the database is not looked for there: it would refuse the whole question.
        wanted = [one for one in wanted if one.isprintable()]
        parameters = {"wanted": wanted, "mine": list(who.groups)}
        query = f"{_SELECT}{condition} ORDER BY a.uri LIMIT {MOST + 1}"
        found: list[Holding] = []
        async with self._database.connection() as connection:
            cursor = await connection.execute(query.encode(), parameters)
            while rows := await cursor.fetchmany(_AT_ONCE):
                found += map(_holding, rows)
                await sleep(0)  # others have their turn
        if len(found) > MOST:
            raise UsageError(f"These are more than {MOST:,} files.", hint="Ask for fewer at once.")
        return found


def check_readable(holding: Holding, who: Identity) -> None:
    """Refuse what somebody may not have, and say from when on he may.

    Raises:
        Forbidden: the file is exclusive to others.
    """
    if holding.is_readable:
        return
    until = f" until {holding.release:%Y-%m-%d %H:%M} UTC" if holding.release else ""
    said = f"{holding.filename} is under exclusive access{until}."
    if who.name is None:
        raise SignInNeeded(said, hint="Sign in as a member of its program.")
    raise Forbidden(said, hint="It is for members of its program.")


def _holding(row: dict[str, Any]) -> Holding:
    columns = (row.pop("stores") or [], row.pop("keys") or [], row.pop("releases") or [])
    copies = zip(*columns, strict=True)
    return Holding(**row, locations=tuple(Location(*copy) for copy in copies))
