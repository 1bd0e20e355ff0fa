"""`rendering/*.sql` hold pairs of ADQL (after `-- ADQL:`) and the SQL that it becomes."""

from pathlib import Path

import pytest

from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql

PAIRS = [
    (path.stem, *(part.strip() for part in pair.split("\n-- SQL:\n")))
    for path in sorted(Path(__file__).parent.glob("rendering/*.sql"))
    for pair in path.read_text(encoding="utf-8").split("-- ADQL:\n")
    if pair.strip()
]


@pytest.mark.parametrize(("name", "adql", "sql"), PAIRS)
def test_adql_becomes_sql(small_tables: Tables, name: str, adql: str, sql: str) -> None:
    assert compile_adql(adql, small_tables).sql == " ".join(sql.split()), name
