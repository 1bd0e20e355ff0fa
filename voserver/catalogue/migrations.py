"""Bring a database to the schema of this version: numbered SQL files once each, then all that can be made anew.

Files never change after a release; what changes is a new file. Views, comments, TAP_SCHEMA and the query role are made
anew from `schema/` whenever it differs from what the database was last given.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from voserver.catalogue import engine, roles
from voserver.model.errors import ServiceError, Unavailable
from voserver.settings import Settings, schema_directory

_LOCK = 0x766F_7365  # any number that only we use
_PUBLISHED = "published schema"
"""The name under which the checksum of the re-creatable part is kept."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered SQL file."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """What tells whether the file is still the one that was applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Status:
    """How a database stands against this version's files."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    changed: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to do and nothing is wrong."""
        return not (self.pending or self.changed or self.unknown)


def available(directory: Path | None = None) -> list[Migration]:
    """The numbered files, in the order to apply them."""
    files = sorted((directory or schema_directory() / "sql").glob("[0-9]*.sql"))
    return [Migration(file.stem, file.read_text(encoding="utf-8")) for file in files]


def upgrade(url: str, settings: Settings) -> list[str]:
    """Apply what is missing and return its names. Safe to run twice, and by two processes at once."""
    with engine.connect(url, autocommit=True) as connection, _alone(connection):
        _prepare(connection)
        status = _status(connection)
        if status.changed or status.unknown:
            raise _mismatch(status)
        applied = [_apply(connection, one) for one in available() if one.name in status.pending]
        if _publish(connection, settings):
            applied.append(_PUBLISHED)
        return applied


def status(url: str) -> Status:
    """What is applied and what is missing."""
    with engine.connect(url) as connection:
        return _status(connection)


def check(url: str) -> None:
    """Refuse a database of another version, whose rows may have to be other than ours.

    Raises:
        ServiceError: it is of a newer version, or was made by other files than these.
    """
    found = status(url)
    if found.changed or found.unknown:
        raise _mismatch(found)


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the upgrade's advisory lock; it goes with the connection, whatever happens."""
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _prepare(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("CREATE SCHEMA IF NOT EXISTS archive")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS archive.migration (name text PRIMARY KEY, checksum text NOT NULL,"
            " applied_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'))"
        )


def _recorded(connection: psycopg.Connection) -> dict[str, str]:
    found = connection.execute("SELECT to_regclass('archive.migration') IS NOT NULL").fetchone()
    if not (found and found[0]):
        return {}
    return dict(connection.execute("SELECT name, checksum FROM archive.migration ORDER BY name").fetchall())


def _status(connection: psycopg.Connection) -> Status:
    files = {one.name: one.checksum for one in available()}
    recorded = _recorded(connection)
    published = recorded.pop(_PUBLISHED, None)
    pending = [name for name in files if name not in recorded]
    if published is None:
        pending.append(_PUBLISHED)
    return Status(
        applied=tuple(name for name in files if name in recorded),
        pending=tuple(pending),
        changed=tuple(name for name in files if recorded.get(name, files[name]) != files[name]),
        unknown=tuple(name for name in recorded if name not in files),
    )


def _mismatch(status: Status) -> ServiceError:
    if status.unknown:
        return Unavailable(
            f"The database was upgraded by a newer voserver: it has {', '.join(status.unknown)}.",
            hint="Use that version, or another database.",
        )
    return Unavailable(
        f"These migrations differ from the ones that were applied: {', '.join(status.changed)}.",
        hint="Restore the files of schema/sql as they were, or load a new database.",
    )


def _apply(connection: psycopg.Connection, migration: Migration) -> str:
    try:
        with connection.transaction():
            connection.execute(migration.text.encode())
            _record(connection, migration.name, migration.checksum)
    except psycopg.Error as error:
        raise _failure(migration.name, migration.text, error) from error
    return migration.name


def _record(connection: psycopg.Connection, name: str, checksum: str) -> None:
    connection.execute(
        "INSERT INTO archive.migration (name, checksum) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE"
        " SET checksum = excluded.checksum, applied_at = now() AT TIME ZONE 'utc'",
        [name, checksum],
    )


def _failure(name: str, text: str, error: psycopg.Error) -> ServiceError:
    """The error with the line of the file that is to blame."""
    position = error.diag.statement_position
    where = f", line {text[: int(position)].count(chr(10)) + 1}" if position else ""
    return Unavailable(
        f"Migration {name}{where} failed and was undone: {str(error).strip()}",
        hint="`voserver doctor` checks what the database needs.",
    )


def _publish(connection: psycopg.Connection, settings: Settings) -> bool:
    """Make views, comments, TAP_SCHEMA and the query role anew, if they differ from the files."""
    views = (schema_directory() / "views.sql").read_text(encoding="utf-8")
    felis_files = sorted(schema_directory().glob("*.yaml"))
    parts = [views, *(file.read_text(encoding="utf-8") for file in felis_files), roles.fingerprint(settings)]
    parts += [one.name for one in available()]  # what they add, the query role must be granted
    checksum = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    if _recorded(connection).get(_PUBLISHED) == checksum:
        return False
    from voserver.catalogue import felis  # noqa: PLC0415 -- the import costs seconds and is seldom needed

    try:
        with connection.transaction():
            connection.execute(views.encode())
            felis.publish(connection, felis_files)
            roles.grant(connection, settings)
            _record(connection, _PUBLISHED, checksum)
    except psycopg.Error as error:
        raise _failure("views.sql", views, error) from error
    return True
