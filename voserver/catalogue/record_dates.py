"""When the records of the registry changed. The database remembers: a restart, or one more server, changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voserver.catalogue.connections import Connection, Connections

_KNOWN = (
    b"SELECT identifier, digest, created, updated, is_deleted FROM archive.registry_record"
    b' WHERE authority = %(authority)s ORDER BY updated, identifier COLLATE "C"'
)
# Seconds are cut off, not rounded: who harvests within this second and asks for what is new since then gets it.
_CHANGED = b"""
    INSERT INTO archive.registry_record AS known (identifier, authority, digest, created, updated)
    SELECT identifier, %(authority)s, digest, date_trunc('second', now()), date_trunc('second', now())
    FROM unnest(%(identifiers)s::text[], %(digests)s::text[]) AS here (identifier, digest) ORDER BY identifier
    ON CONFLICT (identifier) DO UPDATE
    SET digest = excluded.digest, updated = excluded.updated, is_deleted = false
    WHERE known.digest <> excluded.digest OR known.is_deleted"""
_GONE = b"""
    UPDATE archive.registry_record SET is_deleted = true, updated = date_trunc('second', now())
    WHERE authority = %(authority)s AND NOT is_deleted AND identifier <> ALL (%(identifiers)s)"""


@dataclass(frozen=True, slots=True)
class RecordDates:
    """When a record was made and last changed (UTC, whole seconds), and whether that change was its end."""

    identifier: str
    created: datetime
    updated: datetime
    is_deleted: bool


async def dates_of(database: Connections, authority: str, digests: Mapping[str, str]) -> list[RecordDates]:
    """The dates of all records that an authority has or had, the oldest change first.

    `digests` are of the records that there are, by identifier. What differs from what the database knows has
    changed now.

    Raises:
        ServiceError: what the database said, in our words.
    """
    values = {"authority": authority, "identifiers": list(digests), "digests": list(digests.values())}
    async with database.connection() as connection:
        known = await _known(connection, authority)
        if {row.identifier: digest for row, digest in known if not row.is_deleted} == digests:
            return [row for row, _ in known]
        async with connection.transaction():
            await connection.execute(_CHANGED, values)
            await connection.execute(_GONE, values)
        return [row for row, _ in await _known(connection, authority)]


async def _known(connection: Connection, authority: str) -> list[tuple[RecordDates, str]]:
    found = await (await connection.execute(_KNOWN, {"authority": authority})).fetchall()
    return [
        (RecordDates(row["identifier"], row["created"], row["updated"], row["is_deleted"]), row["digest"])
        for row in found
    ]
