"""The same question asked in ADQL, and of PostgreSQL in SQL that was written by hand from the standard's meaning.

The files in `meanings` hold both, in blocks: `-- ADQL`, and `-- SQL` with the number of rows where it is a whole query.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from voserver.catalogue import engine
from voserver.catalogue.streams import QueryPool
from voserver.catalogue.tap_schema import load_tables
from voserver.query.adql import compile as compile_adql
from voserver.query.run import run

Rows = list[str]
AskBoth = Callable[[str, str], tuple[Rows, Rows]]

MEANINGS = Path(__file__).parent / "meanings"
CATALOGUE = Path(__file__).parent.parent / "http" / "catalogue.sql"
OBSERVATIONS = 60

_BLOCK = re.compile(
    r"^-- ADQL\n((?:(?!--).*\n)+)-- SQL(?:, (\d+) rows)?\n((?:(?!--).*(?:\n|\Z))+)", re.MULTILINE
)

FORMS = [
    ("1 = {}", "({})"),
    ("{} = 1", "({})"),
    ("0 = {}", "NOT ({})"),
    ("{} = 0", "NOT ({})"),
    ("{} <> 0", "({})"),
    ("0 < {}", "({})"),
    ("{} * 2 = 2", "({})"),
    ("NOT (1 = {})", "NOT ({})"),
    ("NOT 0 = {} AND calib_level > 1", "({}) AND p.calibrationlevel > 1"),
    ("1 = {} OR calib_level = 1", "({}) OR p.calibrationlevel = 1"),
    ("0 = {} AND s_ra > 110.79", "NOT ({}) AND p.position_center_ra > 110.79"),
    ("NOT (1 = {} OR calib_level = 1)", "NOT ({}) AND p.calibrationlevel > 1"),
    ("CASE WHEN 1 = {} THEN calib_level ELSE 0 END > 1", "({}) AND p.calibrationlevel > 1"),
]
"""The ways in which CONTAINS or INTERSECTS is a condition, and what they mean if the test itself is {}."""


def blocks(name: str) -> list[Any]:
    """The pairs of a file, known by their ADQL; of queries with their number of rows."""
    text = (MEANINGS / name).read_text(encoding="utf-8")
    found = [
        (" ".join(adql.split("\n")).strip(), " ".join(sql.split("\n")).strip(), int(count or 0))
        for adql, count, sql in _BLOCK.findall(text)
    ]
    assert len(found) == text.count("-- ADQL\n") > 10
    return [pytest.param(*(block if block[2] else block[:2]), id=block[0]) for block in found]


def comparable(value: Any) -> Any:
    """A value as both sides have it: whole numbers stay apart from others, those are rounded to nine digits."""
    match value:
        case Decimal() | float():
            return float(f"{value:.9g}") + 0.0
        case list():
            return [comparable(part) for part in value]
        case uuid.UUID() | dt.datetime():
            return str(value)
        case _:
            return value


def texts(rows: Sequence[Sequence[Any]]) -> Rows:
    """Rows that can be sorted, whatever is in them."""
    return [repr(tuple(comparable(value) for value in row)) for row in rows]


@pytest.fixture(scope="module")
def both(module_database_url: str) -> Iterator[AskBoth]:
    """Ask in ADQL, and by hand."""
    with psycopg.connect(module_database_url) as filling:
        for file in (CATALOGUE, MEANINGS / "rows.sql"):
            filling.execute(file.read_bytes())
    with engine.connect(module_database_url) as connection:
        tables = load_tables(connection)
    pool = QueryPool(module_database_url, 1)
    with psycopg.connect(module_database_url, autocommit=True) as hand:
        hand.execute("SET search_path = archive, hand, public")

        def ask(adql: str, sql: str) -> tuple[Rows, Rows]:
            batches = run(compile_adql(adql, tables), pool, maxrec=10_000, timeout=60)
            found = [row for batch in batches for row in zip(*batch.to_pydict().values(), strict=True)]
            return texts(found), texts(hand.execute(sql.encode()).fetchall())

        yield ask
    pool.close()


def check_condition(both: AskBoth, adql: str, sql: str) -> None:
    found, wanted = both(
        f"SELECT obs_id FROM ivoa.ObsCore WHERE {adql} ORDER BY obs_id",
        f"SELECT p.observationid FROM plane AS p WHERE {sql} ORDER BY 1",
    )
    assert found == wanted
    assert 0 < len(wanted) < OBSERVATIONS


def check_value(both: AskBoth, adql: str, sql: str) -> None:
    found, wanted = both(
        f"SELECT obs_id, {adql} AS x FROM ivoa.ObsCore ORDER BY obs_id",
        f"SELECT p.observationid, {sql} FROM plane AS p ORDER BY 1",
    )
    assert found == wanted
    assert len(wanted) == OBSERVATIONS
    assert len({row.partition(", ")[2] for row in wanted}) > 1


@pytest.mark.parametrize(("adql", "sql"), blocks("conditions.sql"))
def test_a_condition_holds_for_the_rows_that_sql_finds(both: AskBoth, adql: str, sql: str) -> None:
    check_condition(both, adql, sql)


@pytest.mark.parametrize(("adql", "sql"), blocks("sky.sql"))
@pytest.mark.parametrize(("form", "meaning"), FORMS, ids=[form for form, _ in FORMS])
def test_a_test_of_the_sky_is_a_condition_in_every_form(
    both: AskBoth, adql: str, sql: str, form: str, meaning: str
) -> None:
    check_condition(both, form.format(adql), meaning.format(sql))


@pytest.mark.parametrize(("adql", "sql"), blocks("sky.sql"))
def test_a_test_of_the_sky_is_a_number(both: AskBoth, adql: str, sql: str) -> None:
    check_value(both, adql, f"CASE WHEN {sql} THEN 1 ELSE 0 END")


@pytest.mark.parametrize(("adql", "sql"), blocks("values.sql"))
def test_a_value_is_what_sql_makes_of_each_row(both: AskBoth, adql: str, sql: str) -> None:
    check_value(both, adql, sql)


@pytest.mark.parametrize(("adql", "sql", "count"), blocks("queries.sql"))
def test_a_query_gives_the_rows_that_sql_gives(both: AskBoth, adql: str, sql: str, count: int) -> None:
    found, wanted = both(adql, sql)
    assert sorted(found) == sorted(wanted)
    assert len(wanted) == count


@pytest.mark.parametrize(("adql", "sql", "count"), blocks("sorted.sql"))
def test_a_query_gives_the_rows_in_their_order(both: AskBoth, adql: str, sql: str, count: int) -> None:
    found, wanted = both(adql, sql)
    assert found == wanted
    assert len(wanted) == count
