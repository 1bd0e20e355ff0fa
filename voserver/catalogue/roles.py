"""The role that runs users' queries: what it may read, and the limits on what it may use."""

import psycopg
from psycopg import sql

from voserver.settings import Settings

QUERY_ROLE = "voserver_query"
PUBLISHED_SCHEMAS = ("caom2", "ivoa", "jwst", "tap_schema")

_HARMFUL = (
    r"^(lo_.*|loread|lowrite|pg_notify|pg_(try_)?advisory_.*|pg_sleep.*|pg_cancel_backend|pg_terminate_backend"
    r"|pg_logical_emit_message|pg_export_snapshot)$"
)
"""Functions that PostgreSQL gives to everybody and that do more than read: they keep large objects, wake or stop
other sessions, hold locks or snapshots, wait, or write to the log."""

_OWN_TABLES = "TEMPORARY"
"""What the role may have on the database: tables that come with a query live in its session, and end with it."""

_OPEN = """
    SELECT format('TEMPORARY ON DATABASE %%I', current_database())
    WHERE has_database_privilege('public', current_database(), 'TEMPORARY')
    UNION ALL SELECT format('CREATE ON SCHEMA %%I', nspname) FROM pg_namespace
    WHERE has_schema_privilege('public', oid, 'CREATE')
    UNION ALL SELECT format('EXECUTE ON FUNCTION %%s', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ %(harmful)s
        AND has_function_privilege('public', oid, 'EXECUTE')"""


def limits(settings: Settings) -> dict[str, str]:
    """The PostgreSQL settings of every session that runs users' queries."""
    return {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{settings.sync_timeout}s",
        "temp_file_limit": settings.temp_file_limit,
        "idle_in_transaction_session_timeout": "60s",  # a session that was forgotten holds nothing for long
        "client_connection_check_interval": "2s",  # a query whose server process was killed ends, too
        "lock_timeout": "10s",  # an upgrade that changes a view makes queries wait, not pile up
        # How many footprints meet a region is hard to foresee, and starting workers costs more (5 ms, measured on a
        # million rows) than a search that an index serves. Counts of whole tables still get theirs.
        "parallel_setup_cost": "20000",
        "timezone": "UTC",
    }


def fingerprint(settings: Settings) -> str:
    """What the role's rights and limits are made from, to see whether they are up to date."""
    return repr((QUERY_ROLE, PUBLISHED_SCHEMAS, _HARMFUL, _OWN_TABLES, sorted(limits(settings).items())))


def grant(connection: psycopg.Connection, settings: Settings) -> None:
    """Make the role, or bring it to these rights and limits."""
    role = sql.Identifier(QUERY_ROLE)
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [QUERY_ROLE]).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
    # PostgreSQL 16+: a role's maker may not take it unless told so.
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE").format(role))
    for schema in (*PUBLISHED_SCHEMAS, "sky"):
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(name, role))
        kind = "EXECUTE ON ALL FUNCTIONS" if schema == "sky" else "SELECT ON ALL TABLES"
        connection.execute(sql.SQL("GRANT {} IN SCHEMA {} TO {}").format(sql.SQL(kind), name, role))
    withhold(connection)
    database = sql.Identifier(connection.info.dbname)
    _attempt(
        connection, sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(_OWN_TABLES), database, role)
    )
    found = connection.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", [QUERY_ROLE]).fetchone()
    present = (found and found[0]) or []
    for setting, value in limits(settings).items():
        # The role is the whole server's: upgrades of two databases at once must not both write what is there.
        if f"{setting}={value}" not in present:
            _limit(connection, role, setting, value)


def open_to_all(connection: psycopg.Connection) -> list[str]:
    """What every role may do here beyond reading, as what comes between REVOKE and FROM PUBLIC."""
    return [right for (right,) in connection.execute(_OPEN, {"harmful": _HARMFUL}).fetchall()]


def withhold(connection: psycopg.Connection) -> None:
    """Take from PUBLIC, and so from the query role, what is no reading; the archive's owner keeps it.

    A user's session is read-only, but a session can end that by itself; rights it cannot give itself. On a managed
    service they may be somebody else's to take: the doctor tells what is left.
    """
    found = connection.execute("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'archive'")
    row = found.fetchone()
    owner = sql.SQL(row[0] if row else "CURRENT_USER")  # regrole's text is quoted where it needs to be
    for right in map(sql.SQL, open_to_all(connection)):
        _attempt(connection, sql.SQL("GRANT {} TO {}").format(right, owner))
        _attempt(connection, sql.SQL("REVOKE {} FROM PUBLIC").format(right))


def _limit(connection: psycopg.Connection, role: sql.Identifier, setting: str, value: str) -> None:
    """Set a limit for sessions that log in as the role. Some of them only a superuser may set: the doctor tells."""
    statement = sql.SQL("ALTER ROLE {} SET {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
    _attempt(connection, statement)


def _attempt(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Run a statement that may be for somebody mightier."""
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return
