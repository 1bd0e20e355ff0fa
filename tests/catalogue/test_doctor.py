"""The doctor finds what was broken, and says how to mend it."""

from pathlib import Path

import psycopg
import pytest

from voserver.catalogue import roles
from voserver.catalogue.doctor import Finding, examine, memory
from voserver.settings import Settings

_WAITING_JOB = (
    "INSERT INTO archive.job (job_id, kind, party, phase, base_url, execution_duration, destruction)"
    " VALUES ('x', 'tap', 'test', 'QUEUED', '', 1, now())"
)


def findings(url: str, data_dir: Path, authority: str = "archive.test") -> dict[str, Finding]:
    settings = Settings(database_url=url, data_dir=data_dir, authority=authority)
    return {finding.subject: finding for finding in examine(settings)}


def test_a_new_catalogue_is_well(database_url: str, tmp_path: Path) -> None:
    found = findings(database_url, tmp_path)
    subjects = {
        "settings",
        "disk",
        "database",
        "extensions",
        "schema",
        "query role",
        "indexes",
        "memory",
        "TAP_SCHEMA",
        "jobs",
        "queries",
    }
    assert set(found) == subjects
    assert {finding.message for finding in found.values() if finding.verdict == "ill"} == set()
    assert found["indexes"].verdict == "well"
    assert found["queries"].message == "They run as voserver_query, and one may use 4GB of disk."


def test_an_authority_that_is_an_example_is_doubtful(database_url: str, tmp_path: Path) -> None:
    assert findings(database_url, tmp_path, "voserver.example")["settings"].verdict == "doubtful"


def test_memory_is_asked_for_where_the_indexes_have_outgrown_it() -> None:
    gib = 2**30
    assert memory(gib // 2, gib // 8, gib).verdict == "well"
    assert memory(3 * gib, 4 * gib, 16 * gib).verdict == "well"
    small = memory(3 * gib, gib, 2 * gib)
    assert small.verdict == "doubtful"
    assert small.remedy is not None
    assert "set shared_buffers to a quarter" in small.remedy
    assert "set max_wal_size to 12GB" in small.remedy


def test_a_database_that_is_away_ends_the_examination(tmp_path: Path) -> None:
    found = findings("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2", tmp_path)
    assert found["database"].verdict == "ill"
    assert found["database"].remedy
    assert "schema" not in found


def test_an_empty_database_lacks_extension_and_schema(empty_database_url: str, tmp_path: Path) -> None:
    found = findings(empty_database_url, tmp_path)
    assert (found["extensions"].verdict, found["schema"].verdict) == ("ill", "ill")
    assert found["schema"].remedy == "Run: voserver db upgrade"


@pytest.mark.parametrize(
    ("damage", "subject", "named"),
    [
        (_WAITING_JOB, "jobs", "1 are waiting"),
        ("DROP INDEX archive.plane_footprint", "indexes", "gist (sky.bounds(position_bounds__shape))"),
        ("GRANT SELECT ON archive.plane TO voserver_query", "query role", "archive.plane"),
        ("GRANT INSERT ON ivoa.obscore TO PUBLIC", "query role", "ivoa.obscore"),
        ("ALTER VIEW ivoa.obscore RENAME TO gone", "query role", "ivoa.ObsCore"),
        ("REVOKE SELECT ON jwst.product FROM voserver_query", "query role", "jwst.product"),
        (("INSERT INTO tap_schema.columns (table_name, column_name, datatype, principal, indexed, std)"
            " VALUES ('ivoa.ObsCore', 'no_such', 'int', 0, 0, 0)"),
         "TAP_SCHEMA", "ivoa.ObsCore.no_such"),
    ],
)  # fmt: skip
def test_damage_is_found_and_named(
    fresh_database_url: str, tmp_path: Path, damage: str, subject: str, named: str
) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute(damage.encode())
    found = findings(fresh_database_url, tmp_path)[subject]
    assert found.verdict == "ill"
    assert named in found.message
    assert found.remedy


@pytest.mark.parametrize(
    ("damage", "subject", "named", "remedy"),
    [
        ("DROP INDEX archive.plane_obsid_idx", "indexes", "archive.plane USING btree (obsid)",
         "CREATE INDEX plane_obsid_idx ON archive.plane USING btree (obsid)"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "query role", "CREATE ON SCHEMA public",
         "As a superuser or the database's owner: REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        ("GRANT EXECUTE ON FUNCTION pg_notify TO PUBLIC", "query role", "pg_notify(text,text)",
         "As a superuser or the database's owner: REVOKE EXECUTE ON FUNCTION pg_notify(text,text) FROM PUBLIC"),
    ],
)  # fmt: skip
def test_what_works_but_should_be_mended_is_doubtful(  # noqa: PLR0917 -- a parameter per column above
    fresh_database_url: str, tmp_path: Path, damage: str, subject: str, named: str, remedy: str
) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        roles.withhold(connection)
        connection.execute(damage.encode())
    found = findings(fresh_database_url, tmp_path)[subject]
    assert (found.verdict, found.remedy) == ("doubtful", remedy)
    assert named in found.message


def test_a_remedy_for_an_index_makes_it_well_again(fresh_database_url: str, tmp_path: Path) -> None:
    present = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'archive' ORDER BY indexdef"
    with psycopg.connect(fresh_database_url, autocommit=True) as connection:
        before = connection.execute(present.encode()).fetchall()
        connection.execute(
            "DROP INDEX archive.artifact_release, archive.plane_samples, archive.chunk_partid_idx,"
            " archive.plane_dataproducttype_calibrationlevel_idx"
        )
        for _ in range(4):
            remedy = findings(fresh_database_url, tmp_path)["indexes"].remedy
            assert remedy
            connection.execute(remedy.encode())
        assert connection.execute(present.encode()).fetchall() == before
    assert findings(fresh_database_url, tmp_path)["indexes"].verdict == "well"
