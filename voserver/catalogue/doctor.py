"""Look the installation over: what is well, what is not, and how to mend it. Changes nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg

from voserver.catalogue import engine, migrations, roles, tap_schema
from voserver.catalogue.streams import QueryPool
from voserver.model.errors import ServiceError
from voserver.settings import Settings

Verdict = Literal["well", "doubtful", "ill"]
_OLDEST = 160000  # PostgreSQL 16, in server_version_num's way of counting
_ROOM = 2 << 30  # bytes that should be free on the disk: sorts of a few queries at once

_FORBIDDEN = """
    SELECT n.nspname || '.' || c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND (n.nspname !~ '^pg_toast') AND (
            has_table_privilege(%(role)s, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR n.nspname = 'archive' AND has_table_privilege(%(role)s, c.oid, 'SELECT'))
    ORDER BY 1"""
_UNREADABLE = """
    SELECT t.table_name FROM tap_schema.tables t
    WHERE to_regclass(t.table_name) IS NULL OR NOT has_table_privilege(%(role)s, to_regclass(t.table_name), 'SELECT')
    ORDER BY 1"""
_UNKNOWN_COLUMNS = """
    SELECT c.table_name || '.' || c.column_name FROM tap_schema.columns c
    WHERE to_regclass(c.table_name) IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = to_regclass(c.table_name) AND NOT a.attisdropped
            AND a.attname = lower(trim('"' FROM c.column_name)))
    ORDER BY 1"""
_BROKEN_INDEXES = """
    SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'archive' AND NOT i.indisvalid ORDER BY 1"""
_SKY_INDEXES = ("plane_footprint", "plane_center", "artifact_footprint", "artifact_position")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says how to mend it, where it is not well."""

    subject: str
    verdict: Verdict
    message: str
    remedy: str | None = None


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after another; stops where nothing more can be seen."""
    yield _settings(settings)
    yield _disk(settings.data_dir)
    assert settings.database_url is not None
    try:
        connection = engine.connect(settings.database_url, autocommit=True)
    except ServiceError as error:
        yield Finding("database", "ill", error.message, error.hint or "Check VOSERVER_DATABASE_URL.")
        return
    with connection:
        yield _version(connection)
        yield _extension(connection)
        schema = _schema(settings.database_url)
        yield schema
        if schema.verdict == "well":
            yield from _role(connection)
            yield _indexes(connection)
            yield _published(connection)
            yield _query(settings)


def _settings(settings: Settings) -> Finding:
    if settings.authority == Settings.model_fields["authority"].default:
        return Finding(
            "settings", "doubtful",
            f"The IVOA authority is {settings.authority}, an example: identifiers of datasets will hold it.",
            "Before loading data of your own, set VOSERVER_AUTHORITY to the authority that you have registered.",
        )  # fmt: skip
    if settings.default_maxrec > settings.hard_maxrec:
        message = (
            f"default_maxrec ({settings.default_maxrec}) is more than hard_maxrec ({settings.hard_maxrec})."
        )
        return Finding("settings", "ill", message, "Lower VOSERVER_DEFAULT_MAXREC.")
    return Finding("settings", "well", "They make sense together.")


def _disk(directory: Path) -> Finding:
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 2**30:.1f} GiB are free at {directory}."
    if free < _ROOM:
        return Finding("disk", "doubtful", message, "Make room, or set VOSERVER_DATA_DIR to a larger disk.")
    return Finding("disk", "well", message)


def _version(connection: psycopg.Connection[Any]) -> Finding:
    info = connection.info
    message = f"PostgreSQL {info.server_version // 10000}.{info.server_version % 10000} answers."
    if info.server_version < _OLDEST:
        return Finding("database", "ill", message, "voserver needs PostgreSQL 16 or newer.")
    return Finding("database", "well", message)


def _extension(connection: psycopg.Connection[Any]) -> Finding:
    installed = _names(connection, "SELECT extversion FROM pg_extension WHERE extname = 'cube'")
    if installed:
        return Finding("extensions", "well", f"cube {installed[0]} is installed.")
    offered = _names(connection, "SELECT 1::text FROM pg_available_extensions WHERE name = 'cube'")
    remedy = (
        "Run: voserver db upgrade"
        if offered
        else "Install PostgreSQL's contrib package (postgresql-contrib)."
    )
    return Finding(
        "extensions", "ill", "The extension cube, which carries the sky index, is missing.", remedy
    )


def _schema(url: str) -> Finding:
    status = migrations.status(url)
    if status.is_current:
        return Finding("schema", "well", f"All {len(status.applied)} migrations are applied.")
    wrong = {
        "missing": status.pending,
        "differing from what was applied": status.changed,
        "of a newer version": status.unknown,
    }
    listed = "; ".join(f"{word}: {', '.join(names)}" for word, names in wrong.items() if names)
    return Finding("schema", "ill", f"Migrations {listed}.", "Run: voserver db upgrade")


def _role(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    role = {"role": roles.QUERY_ROLE}
    unreadable = _names(connection, _UNREADABLE, role)
    forbidden = _names(connection, _FORBIDDEN, role)
    if unreadable:
        message = f"{roles.QUERY_ROLE} cannot read {_some(unreadable)}."
        yield Finding("query role", "ill", message, "Run: voserver db upgrade")
    elif forbidden:
        message = f"{roles.QUERY_ROLE} may do more than read what is published: {_some(forbidden)}."
        yield Finding("query role", "ill", message, f"REVOKE ALL ON … FROM {roles.QUERY_ROLE}, PUBLIC")
    else:
        yield Finding("query role", "well", f"{roles.QUERY_ROLE} reads what is published and nothing else.")


def _indexes(connection: psycopg.Connection[Any]) -> Finding:
    broken = _names(connection, _BROKEN_INDEXES)
    if broken:
        return Finding("indexes", "ill", f"Not valid: {_some(broken)}.", f"REINDEX INDEX {broken[0]}")
    present = _names(connection, "SELECT indexname FROM pg_indexes WHERE schemaname = 'archive'")
    missing = [name for name in _SKY_INDEXES if name not in present]
    if missing:
        remedy = "Create them as schema/sql/0030_indexes.sql has them: without them a search reads every row."
        return Finding("indexes", "ill", f"Missing: {_some(missing)}.", remedy)
    return Finding("indexes", "well", f"All {len(present)} are valid, those on the sky among them.")


def _published(connection: psycopg.Connection[Any]) -> Finding:
    wrong = _names(connection, _UNKNOWN_COLUMNS)
    if wrong:
        message = f"TAP_SCHEMA describes columns that are not there: {_some(wrong)}."
        return Finding("TAP_SCHEMA", "ill", message, "Run: voserver db upgrade, or publish the table anew.")
    tables = sum(1 for _ in tap_schema.load_tables(connection))
    return Finding("TAP_SCHEMA", "well", f"{tables} tables are described, and they are there.")


def _query(settings: Settings) -> Finding:
    """Ask as users do: through the pool, in the query role."""
    pool = QueryPool.from_settings(settings)
    try:
        with pool.open("SELECT current_user::text AS role", timeout=10) as stream:
            role = next(stream).column(0)[0].as_py()
    except ServiceError as error:
        return Finding("queries", "ill", error.message, error.hint or "Check VOSERVER_QUERY_DATABASE_URL.")
    finally:
        pool.close()
    return Finding("queries", "well", f"They run as {role}.")


def _names(
    connection: psycopg.Connection[Any], query: str, parameters: dict[str, str] | None = None
) -> list[str]:
    return [name for (name,) in connection.execute(query.encode(), parameters).fetchall()]


def _some(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    shown = 5
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
