"""The queue's tables are those that the installed Procrastinate expects."""

from pathlib import Path

import procrastinate


def test_the_migration_holds_the_installed_version_s_schema() -> None:
    expected = (Path(procrastinate.__file__).parent / "sql" / "schema.sql").read_text()
    files = sorted((Path(__file__).parents[2] / "schema" / "sql").glob("*queue*.sql"))
    assert files[0].read_text().endswith(expected), (
        "Procrastinate has changed its schema: put its own migrations since 3.10 into a new file here, "
        "and compare with that version's schema.sql from then on."
    )
