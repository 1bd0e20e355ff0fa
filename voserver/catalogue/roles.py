"""The role that runs users' queries: what it may read, and the limits on what it may use."""

import psycopg
from psycopg import sql

from voserver.settings import Settings

QUERY_ROLE = "voserver_query"
PUBLISHED_SCHEMAS = ("caom2", "ivoa", "jwst", "tap_schema")


def limits(settings: Settings) -> dict[str, str]:
    """The PostgreSQL settings of every session that runs users' queries."""
    return {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{settings.sync_timeout}s",
        "temp_file_limit": settings.temp_file_limit,
        "idle_in_transaction_session_timeout": "60s",  # a session that was forgotten holds nothing for long
        "lock_timeout": "10s",  # an upgrade that changes a view makes queries wait, not pile up
        # How many footprints meet a region is hard to foresee, and starting workers costs more (5 ms, measured on a
        # million rows) than a search that an index serves. Counts of whole tables still get theirs.
        "parallel_setup_cost": "20000",
        "timezone": "UTC",
    }


def fingerprint(settings: Settings) -> str:
    """What the role's rights and limits are made from, to see whether they are up to date."""
    return repr((QUERY_ROLE, PUBLISHED_SCHEMAS, sorted(limits(settings).items())))


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
    for setting, value in limits(settings).items():
        _limit(connection, role, setting, value)


def _limit(connection: psycopg.Connection, role: sql.Identifier, setting: str, value: str) -> None:
    """Set a limit for sessions that log in as the role. Some of them only a superuser may set: the doctor tells."""
    statement = sql.SQL("ALTER ROLE {} SET {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return
