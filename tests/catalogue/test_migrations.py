"""The chain of migrations: from nothing to now, twice, at once, and against what does not belong."""

import threading
from pathlib import Path

import psycopg
import pytest

from voserver.catalogue import migrations
from voserver.model.errors import Unavailable
from voserver.settings import Settings, schema_directory


def settings_for(url: str, tmp_path: Path, temp_file_limit: str = "4GB") -> Settings:
    return Settings(database_url=url, data_dir=tmp_path, temp_file_limit=temp_file_limit)


def objects(url: str) -> list[tuple[str, str, str]]:
    """Every table, view, column and index of ours, with its type or definition."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT table_schema, table_name || '.' || column_name, data_type FROM information_schema.columns"
            " WHERE table_schema IN ('archive', 'caom2', 'ivoa', 'jwst', 'tap_schema') UNION ALL"
            " SELECT schemaname, indexname, indexdef FROM pg_indexes"
            " WHERE schemaname IN ('archive', 'tap_schema') ORDER BY 1, 2"
        ).fetchall()


def test_an_empty_database_gets_every_file_once_in_order(empty_database_url: str, tmp_path: Path) -> None:
    settings = settings_for(empty_database_url, tmp_path)
    assert migrations.status(empty_database_url).applied == ()
    applied = migrations.upgrade(empty_database_url, settings)
    files = sorted(file.stem for file in (schema_directory() / "sql").glob("*.sql"))
    assert applied == [*files, "published schema"]
    assert migrations.status(empty_database_url).is_current
    before = objects(empty_database_url)
    assert migrations.upgrade(empty_database_url, settings) == []
    assert objects(empty_database_url) == before


def test_views_and_tap_schema_can_be_made_anew_over_themselves(
    fresh_database_url: str, tmp_path: Path
) -> None:
    before = objects(fresh_database_url)
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("DELETE FROM archive.migration WHERE name = 'published schema'")
        described = connection.execute("SELECT count(*) FROM tap_schema.columns").fetchone()
    assert not migrations.status(fresh_database_url).is_current
    applied = migrations.upgrade(fresh_database_url, settings_for(fresh_database_url, tmp_path))
    assert applied == ["published schema"]
    assert objects(fresh_database_url) == before
    with psycopg.connect(fresh_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM tap_schema.columns").fetchone() == described


def test_two_upgrades_at_once_apply_everything_once(empty_database_url: str, tmp_path: Path) -> None:
    settings = settings_for(empty_database_url, tmp_path)
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(migrations.upgrade(empty_database_url, settings)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(bool, results)) == [False, True]
    assert migrations.status(empty_database_url).is_current


def test_a_file_that_changed_after_it_was_applied_is_refused(fresh_database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("UPDATE archive.migration SET checksum = 'other' WHERE name = '0020_tables'")
    assert migrations.status(fresh_database_url).changed == ("0020_tables",)
    with pytest.raises(Unavailable, match="0020_tables"):
        migrations.upgrade(fresh_database_url, settings_for(fresh_database_url, tmp_path))


def test_a_database_of_a_newer_version_is_refused(fresh_database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("INSERT INTO archive.migration (name, checksum) VALUES ('9999_future', 'x')")
    with pytest.raises(Unavailable, match="newer voserver: it has 9999_future"):
        migrations.upgrade(fresh_database_url, settings_for(fresh_database_url, tmp_path))


def test_a_failing_file_is_undone_and_names_its_line(
    fresh_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = migrations.Migration("9000_broken", "CREATE TABLE archive.half (a int);\n\nSELECT nonsense;\n")
    files = [*migrations.available(), broken]
    monkeypatch.setattr(migrations, "available", lambda: files)
    with pytest.raises(Unavailable, match=r"9000_broken, line 3 .*nonsense"):
        migrations.upgrade(fresh_database_url, settings_for(fresh_database_url, tmp_path))
    with psycopg.connect(fresh_database_url) as connection:
        assert connection.execute("SELECT to_regclass('archive.half')").fetchone() == (None,)
    assert migrations.status(fresh_database_url).pending == ("9000_broken",)


def test_the_limits_of_the_role_follow_the_settings(empty_database_url: str, tmp_path: Path) -> None:
    migrations.upgrade(empty_database_url, settings_for(empty_database_url, tmp_path))
    other = settings_for(empty_database_url, tmp_path, temp_file_limit="5GB")
    assert migrations.upgrade(empty_database_url, other) == ["published schema"]
    with psycopg.connect(empty_database_url) as connection:
        row = connection.execute(
            "SELECT 'temp_file_limit=5GB' = ANY(rolconfig) FROM pg_roles WHERE rolname = 'voserver_query'"
        ).fetchone()
    assert row == (True,)
