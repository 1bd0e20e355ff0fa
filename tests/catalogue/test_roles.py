"""What the query role may do: read what is published, within limits, and nothing else.

The grammar lets no such statement through. These tests are about the second wall: a session of the role that runs plain
SQL, and that has ended its read-only mode by itself, as every session can.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import errors, sql

from voserver.catalogue import migrations, roles
from voserver.catalogue.doctor import examine
from voserver.catalogue.streams import QueryPool
from voserver.model.errors import QuotaExceeded
from voserver.settings import Settings

DAMAGE = [
    "CREATE TABLE public.mine (a int)",
    "CREATE TABLE ivoa.mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int RETURN 1",
    "CREATE FUNCTION sky.mine() RETURNS int RETURN 1",
    "CREATE EXTENSION dblink",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "ALTER ROLE voserver_query SUPERUSER",
    "ALTER VIEW ivoa.obscore SET (security_barrier)",
    "DROP VIEW ivoa.obscore",
    "DROP TABLE archive.plane",
    "GRANT voserver_query TO pg_monitor",
    "BEGIN; LOCK TABLE tap_schema.tables IN ACCESS EXCLUSIVE MODE",
    "TRUNCATE tap_schema.columns CASCADE",
    "INSERT INTO tap_schema.schemas (schema_name) VALUES ('x')",
    "UPDATE caom2.plane SET planeuri = 'x'",
    "DELETE FROM tap_schema.columns",
    "MERGE INTO tap_schema.schemas s USING (VALUES ('x')) v (n) ON s.schema_name = v.n WHEN MATCHED THEN DELETE",
    "SELECT lo_create(0)",
    "SELECT lo_creat(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT lo_unlink(1)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/dev/null')",
    "SELECT pg_notify('jobs', 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_lock(1, 2)",
    "SELECT pg_try_advisory_xact_lock_shared(1)",
    "SELECT pg_advisory_unlock_all()",
    "SELECT pg_sleep(0)",
    "SELECT pg_sleep_for('0 s')",
    "SELECT pg_cancel_backend(pg_backend_pid())",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT pg_logical_emit_message(false, 'x', 'y')",
    "SELECT pg_export_snapshot()",
    "SELECT pg_create_physical_replication_slot('mine')",
    "SELECT pg_reload_conf()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_stat_reset()",
    "SELECT pg_switch_wal()",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT pg_hba_file_rules()",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_subscription",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_user_mapping",
    "COPY ivoa.obscore TO PROGRAM 'true'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/dev/null'",
    "COPY tap_schema.schemas FROM PROGRAM 'true'",
    "COPY tap_schema.schemas FROM '/etc/passwd'",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SET temp_file_limit = -1",
    "SET log_statement = 'none'",
    "SET session_replication_role = 'replica'",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "DO LANGUAGE plpgsql 'BEGIN EXECUTE ''SELECT pg_sleep(0)''; END'",
    "EXPLAIN ANALYZE SELECT * FROM archive.plane",
]  # fmt: skip


@contextmanager
def login(server_url: str, *words: str) -> Iterator[tuple[str, str]]:
    """A role that may log in, as long as it is needed: its name, and the server's URL for it."""
    name = f"test_{secrets.token_hex(6)}"
    parts = urlsplit(server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(f"CREATE ROLE {{}} LOGIN {' '.join(words)}").format(sql.Identifier(name)))
        try:
            yield name, parts._replace(netloc=f"{name}@{parts.netloc.rpartition('@')[2]}").geturl()
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def within(server_url: str, database_url: str) -> str:
    """The server's URL, at the database of another."""
    return urlsplit(server_url)._replace(path=urlsplit(database_url).path).geturl()


@pytest.fixture(scope="module")
def catalogue(module_database_url: str) -> str:
    """A database as an upgrade leaves it: a copy of the template has all but the rights on the database itself."""
    with psycopg.connect(module_database_url) as connection:
        roles.grant(connection, Settings(database_url=module_database_url))
        connection.execute(
            "GRANT USAGE ON SCHEMA archive TO voserver_query"
        )  # so that tables are what is refused
    return module_database_url


@pytest.fixture(scope="module")
def web_url(server_url: str, catalogue: str) -> Iterator[str]:
    """How a login connects that is nothing but a member of the query role."""
    with login(server_url, "IN ROLE voserver_query") as (_, url):
        yield within(url, catalogue)


@pytest.fixture
def session(web_url: str) -> Iterator[psycopg.Connection]:
    """A session of that login in the query role, which may write as far as PostgreSQL asks it."""
    with psycopg.connect(web_url, autocommit=True) as connection:
        connection.execute("SET ROLE voserver_query")
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("SET transaction_read_only = off")
        yield connection


def names(session: psycopg.Connection, query: str) -> list[str]:
    return [name for (name,) in session.execute(query.encode()).fetchall()]


def test_every_published_table_can_be_read(session: psycopg.Connection) -> None:
    tables = names(session, "SELECT table_name FROM tap_schema.tables")
    assert len(tables) >= 14
    for table in tables:
        session.execute(f"SELECT * FROM {table}".encode())


def test_no_base_table_can_be_read_or_written(session: psycopg.Connection) -> None:
    tables = names(session, "SELECT relname FROM pg_class WHERE relnamespace = 'archive'::regnamespace"
                            " AND relkind IN ('r', 'p', 'v', 'm', 'S')")  # fmt: skip
    assert {"observation", "plane", "artifact", "migration", "ingest_finding"} <= set(tables)
    for table in tables:
        for statement in ("SELECT * FROM archive.{}", "DELETE FROM archive.{}"):
            with pytest.raises((errors.InsufficientPrivilege, errors.WrongObjectType)):
                session.execute(statement.format(table).encode())


def test_statistics_tell_nothing_of_base_tables(session: psycopg.Connection, catalogue: str) -> None:
    with psycopg.connect(catalogue) as connection:
        connection.execute("INSERT INTO archive.ingest_run (kind, source, fingerprint) SELECT 'a', 'b', 'c'"
                           " FROM generate_series(1, 100)")  # fmt: skip
        connection.execute("ANALYZE archive.ingest_run")
        found = "SELECT tablename FROM pg_stats WHERE schemaname = 'archive'"
        assert names(connection, found)
    assert names(session, found) == []


@pytest.mark.parametrize("statement", DAMAGE)
def test_a_session_that_may_write_still_does_no_damage(session: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        session.execute(statement.encode())


@pytest.mark.parametrize(
    "statement", ["SELECT pg_notify('a', 'b')", "CREATE TABLE public.mine (a int)", "SELECT pg_sleep(0)"]
)
def test_the_session_of_an_owner_that_took_the_role_does_neither(catalogue: str, statement: str) -> None:
    with psycopg.connect(catalogue) as connection:
        connection.execute("SET ROLE voserver_query")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_tables_of_a_session_of_its_own_end_with_it(web_url: str) -> None:
    for _ in range(2):
        with psycopg.connect(web_url) as connection:
            connection.execute("SET ROLE voserver_query")
            connection.execute("SET TRANSACTION READ WRITE")
            connection.execute("CREATE TEMPORARY TABLE mine ON COMMIT DROP AS SELECT 1 AS a")
            assert connection.execute("SELECT a FROM pg_temp.mine").fetchall() == [(1,)]


def test_the_owner_keeps_what_everybody_else_lost(catalogue: str) -> None:
    with psycopg.connect(catalogue) as connection:
        assert roles.open_to_all(connection) == []
        (owner,) = names(
            connection, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'archive'"
        )
        given = "SELECT count(*) FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = %s::regrole AND proname = %s"
        assert connection.execute(given, [owner, "pg_advisory_lock"]).fetchone() == (2,)
        connection.execute("CREATE TEMPORARY TABLE staged (a int)")


@pytest.mark.parametrize("as_member", [False, True])
def test_every_limit_holds_in_the_sessions_of_users(catalogue: str, web_url: str, *, as_member: bool) -> None:
    settings = Settings(
        database_url=catalogue, query_database_url=web_url if as_member else None, temp_file_limit="3MB",
        sync_timeout=77,
    )  # fmt: skip
    wanted = roles.limits(settings)
    del wanted["statement_timeout"]  # each query has its own
    if as_member:
        del wanted["temp_file_limit"]  # only a superuser may give it: the doctor tells
    pool = QueryPool.from_settings(settings)
    asked = ", ".join(f"current_setting('{name}')" for name in wanted)
    with pool.open(f"SELECT {asked}, current_setting('statement_timeout')", timeout=7) as stream:
        *found, timeout = (column[0].as_py() for column in next(stream).columns)
    pool.close()
    normal = {"60s": "1min"}
    assert found == [normal.get(value, value) for value in wanted.values()]
    assert timeout == "7s"


def test_a_query_that_fills_the_disk_is_stopped(catalogue: str) -> None:
    pool = QueryPool.from_settings(Settings(database_url=catalogue, temp_file_limit="1MB"))
    large = "SELECT a, md5(a::text) AS b, md5(a::text) AS c FROM generate_series(1, 400000) AS a ORDER BY b"
    with pool.open(large, timeout=60) as stream, pytest.raises(QuotaExceeded, match="temporary disk space"):
        list(stream)
    pool.close()


def test_the_doctor_says_when_a_login_cannot_limit_its_disk(
    server_url: str, catalogue: str, tmp_path: Path
) -> None:
    with login(server_url, "IN ROLE voserver_query") as (name, url):
        settings = Settings(
            database_url=catalogue, query_database_url=within(url, catalogue), data_dir=tmp_path
        )
        found = {finding.subject: finding for finding in examine(settings)}["queries"]
        assert (found.verdict, "may fill the disk" in found.message) == ("doubtful", True)
        assert found.remedy
        try:
            with psycopg.connect(catalogue) as connection:
                connection.execute(found.remedy.removeprefix("As a superuser: ").encode())
            found = {finding.subject: finding for finding in examine(settings)}["queries"]
            assert found.verdict == "well"
        finally:
            with psycopg.connect(catalogue) as connection:
                connection.execute(f"REVOKE SET ON PARAMETER temp_file_limit FROM {name}".encode())


def test_an_owner_who_is_no_superuser_upgrades_and_is_told_what_stays_open(
    server_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    with login(server_url, "CREATEROLE") as (name, server):
        url = within(server, empty_database_url)
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            database = sql.Identifier(urlsplit(empty_database_url).path[1:])
            connection.execute(
                sql.SQL("GRANT voserver_query TO {} WITH ADMIN OPTION").format(sql.Identifier(name))
            )
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, sql.Identifier(name))
            )
            settings = Settings(database_url=url, data_dir=tmp_path)
            migrations.upgrade(url, settings)
            found = {finding.subject: finding for finding in examine(settings)}
            assert {finding.subject for finding in found.values() if finding.verdict == "ill"} == set()
            assert found["query role"].verdict == "doubtful"
            assert "EXECUTE ON FUNCTION" in found["query role"].message
            with psycopg.connect(url) as own:
                assert not [right for right in roles.open_to_all(own) if not right.startswith("EXECUTE")]
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO postgres").format(database))
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO postgres").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
