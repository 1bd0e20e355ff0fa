"""The doctor finds what was broken, and says how to mend it."""

from pathlib import Path

import psycopg
import pytest

from voserver.catalogue.doctor import Finding, examine
from voserver.settings import Settings


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
        "TAP_SCHEMA",
        "queries",
    }
    assert set(found) == subjects
    assert {finding.message for finding in found.values() if finding.verdict == "ill"} == set()
    assert found["queries"].message == "They run as voserver_query."


def test_an_authority_that_is_an_example_is_doubtful(database_url: str, tmp_path: Path) -> None:
    assert findings(database_url, tmp_path, "voserver.example")["settings"].verdict == "doubtful"


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
        ("DROP INDEX archive.plane_footprint", "indexes", "plane_footprint"),
        ("GRANT SELECT ON archive.plane TO voserver_query", "query role", "archive.plane"),
        ("GRANT INSERT ON ivoa.obscore TO PUBLIC", "query role", "ivoa.obscore"),
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
