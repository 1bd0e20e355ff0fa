"""Look the installation over: what is well, what is not, and how to mend it. Changes nothing."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg

from voserver.catalogue import engine, migrations, roles, tap_schema
from voserver.catalogue.streams import QueryPool
from voserver.model.errors import ServiceError
from voserver.settings import Settings, schema_directory

Verdict = Literal["well", "doubtful", "ill"]
_OLDEST = 160000  # PostgreSQL 16, in server_version_num's way of counting
_SMALL = 1 << 30  # bytes of indexes that are quick to write, however little memory there is
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
_MIGHTY = """
    SELECT word FROM pg_roles, LATERAL (VALUES (rolsuper, 'SUPERUSER'), (rolcreaterole, 'CREATEROLE'),
        (rolcreatedb, 'CREATEDB'), (rolreplication, 'REPLICATION'), (rolbypassrls, 'BYPASSRLS')) AS words (has, word)
    WHERE rolname = %(role)s AND has
    UNION ALL SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE m.member = %(role)s::regrole ORDER BY 1"""
_JOBS = """
    SELECT count(*) FILTER (WHERE phase = 'QUEUED'), count(*) FILTER (WHERE phase = 'EXECUTING'),
        count(*) FILTER (WHERE phase IN ('COMPLETED', 'ERROR', 'ABORTED')),
        (SELECT count(*) FROM queue.procrastinate_workers
         WHERE last_heartbeat > now() - make_interval(secs => %(seconds)s))
    FROM archive.job"""
_MEMORY = """
    SELECT coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint, pg_size_bytes(current_setting('shared_buffers')),
        pg_size_bytes(current_setting('max_wal_size'))
    FROM pg_class c WHERE c.relnamespace = 'archive'::regnamespace AND c.relkind = 'r'"""
_SESSION = "SELECT current_user::text, quote_ident(session_user::text), current_setting('temp_file_limit')"
_INDEX = re.compile(
    r"^(?:DROP INDEX (?:IF EXISTS )?archive\.(?P<dropped>\w+)"
    r"|CREATE INDEX (?:IF NOT EXISTS )?(?:(?P<name>\w+) )?ON archive\.(?P<table>\w+) (?:USING (?P<kind>\w+) )?"
    r"(?P<columns>\([^;]*?\))(?:\s+WHERE (?P<rows>[^;]+))?);",
    re.MULTILINE,
)
"""A statement of our migrations that makes an index, or drops one."""
_PRESENT = """
    SELECT substring(indexdef FROM ' ON (.*)') FROM pg_indexes WHERE schemaname = 'archive'"""


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
            yield _role(connection)
            yield _indexes(connection)
            row = connection.execute(_MEMORY.encode()).fetchone()
            assert row is not None
            yield memory(*row)
            yield _published(connection)
            yield _jobs(connection, settings)
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


def _role(connection: psycopg.Connection[Any]) -> Finding:
    name = roles.QUERY_ROLE
    role = {"role": name}
    if mighty := _names(connection, _MIGHTY, role):
        message = f"{name} has more than the right to read: {_some(mighty)}."
        return Finding("query role", "ill", message, f"ALTER ROLE {name} NO…, or REVOKE … FROM {name}")
    if unreadable := _names(connection, _UNREADABLE, role):
        message = f"{name} cannot read {_some(unreadable)}."
        return Finding("query role", "ill", message, "Run: voserver db upgrade")
    if forbidden := _names(connection, _FORBIDDEN, role):
        message = f"{name} may do more than read what is published: {_some(forbidden)}."
        return Finding("query role", "ill", message, f"REVOKE ALL ON … FROM {name}, PUBLIC")
    if left_open := roles.open_to_all(connection):
        message = f"Everybody, and so {name}, has rights beyond reading: {_some(left_open)}."
        remedy = f"As a superuser or the database's owner: REVOKE {left_open[0]} FROM PUBLIC"
        return Finding("query role", "doubtful", message, remedy)
    return Finding("query role", "well", f"{name} reads what is published and nothing else.")


def _indexes(connection: psycopg.Connection[Any]) -> Finding:
    broken = _names(connection, _BROKEN_INDEXES)
    if broken:
        return Finding("indexes", "ill", f"Not valid: {_some(broken)}.", f"REINDEX INDEX {broken[0]}")
    present = {_plain(index) for index in _names(connection, _PRESENT)}
    wanted = _wanted_indexes()
    missing = sorted(index for index in wanted if _plain(index) not in present)
    if missing:
        on_sky = any(" gist " in index for index in missing)
        message = f"Missing: {_some(missing)}. Without {'it' if len(missing) == 1 else 'them'} searches read every row."
        remedy = f"CREATE INDEX {wanted[missing[0]]} ON {missing[0]}"
        return Finding("indexes", "ill" if on_sky else "doubtful", message, remedy)
    return Finding("indexes", "well", f"All {len(present)} are there and valid, those on the sky among them.")


def _wanted_indexes() -> dict[str, str]:
    """The indexes that our migrations leave, much as PostgreSQL describes them, with the name of each."""
    wanted: dict[str, str] = {}
    for file in sorted((schema_directory() / "sql").glob("*.sql")):
        for match in _INDEX.finditer(file.read_text(encoding="utf-8")):
            if match["dropped"]:
                wanted = {index: name for index, name in wanted.items() if name != match["dropped"]}
                continue
            rows = match["rows"] or ""
            if rows:
                rows = f" WHERE {rows if rows.startswith('(') else f'({rows})'}"
            index = f"archive.{match['table']} USING {match['kind'] or 'btree'} {match['columns']}{rows}"
            # Without a name PostgreSQL gives it one, of the table's and the columns'.
            named = "_".join((match["table"], *re.findall(r"\w+", match["columns"]), "idx"))
            wanted[index] = match["name"] or named
    return wanted


def _plain(index: str) -> str:
    """An index's description without what PostgreSQL adds to it: types, quotes, parentheses."""
    return re.sub(r'::text|[()"]', "", index)


def memory(indexes: int, shared_buffers: int, max_wal_size: int) -> Finding:
    """Whether loads can go on as fast as they began; all in bytes.

    Every new row touches dozens of pages anywhere in the indexes. Where these have no room in PostgreSQL's memory, they
    are read and written again and again; and after each checkpoint, of which a small log makes many, logged whole.
    """
    settings = f"shared_buffers is {_gib(shared_buffers)}, max_wal_size {_gib(max_wal_size)}"
    message = f"Indexes take {_gib(indexes)}; {settings}."
    wanted = {
        "shared_buffers": (shared_buffers < indexes / 2, "a quarter of the memory; restart PostgreSQL"),
        "max_wal_size": (
            max_wal_size < 4 * indexes,
            f"{-(-4 * indexes // 2**30)}GB, and checkpoint_timeout to 30min",
        ),
    }
    advice = [f"set {name} to {value}" for name, (is_small, value) in wanted.items() if is_small]
    if indexes < _SMALL or not advice:
        return Finding("memory", "well", message)
    remedy = f"To load as fast as into an empty catalogue, {'; '.join(advice)} (postgresql.conf)."
    return Finding("memory", "doubtful", message, remedy)


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _published(connection: psycopg.Connection[Any]) -> Finding:
    wrong = _names(connection, _UNKNOWN_COLUMNS)
    if wrong:
        message = f"TAP_SCHEMA describes columns that are not there: {_some(wrong)}."
        return Finding("TAP_SCHEMA", "ill", message, "Run: voserver db upgrade, or publish the table anew.")
    tables = sum(1 for _ in tap_schema.load_tables(connection))
    return Finding("TAP_SCHEMA", "well", f"{tables} tables are described, and they are there.")


def _jobs(connection: psycopg.Connection[Any], settings: Settings) -> Finding:
    """Jobs, and whether somebody works on them: who was not heard of for two leases is no longer there."""
    row = connection.execute(_JOBS.encode(), {"seconds": 2 * settings.job_lease}).fetchone()
    assert row is not None
    queued, running, ended, workers = row
    there = "1 worker is there" if workers == 1 else f"{workers} workers are there"
    message = f"{queued} are waiting, {running} running, {ended} ended; {there}."
    if queued and not workers:
        return Finding("jobs", "ill", message, "Run: voserver worker, or serve with --workers-embedded")
    return Finding("jobs", "well", message)


def _query(settings: Settings) -> Finding:
    """Ask as users do: through the pool, in the query role."""
    pool = QueryPool.from_settings(settings)
    try:
        with pool.open(_SESSION, timeout=10) as stream:
            role, login, temp_file_limit = (column[0].as_py() for column in next(stream).columns)
    except ServiceError as error:
        return Finding("queries", "ill", error.message, error.hint or "Check VOSERVER_QUERY_DATABASE_URL.")
    finally:
        pool.close()
    if temp_file_limit == "-1":
        message = (
            f"They run as {role}, but one of them may fill the disk: {login} may not set temp_file_limit."
        )
        remedy = f"As a superuser: GRANT SET ON PARAMETER temp_file_limit TO {login}"
        return Finding("queries", "doubtful", message, remedy)
    return Finding("queries", "well", f"They run as {role}, and one may use {temp_file_limit} of disk.")


def _names(
    connection: psycopg.Connection[Any], query: str, parameters: dict[str, str] | None = None
) -> list[str]:
    return [name for (name,) in connection.execute(query.encode(), parameters).fetchall()]


def _some(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    shown = 5
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
