"""Queries that are short and meant to hurt: what they become stays small, so that nothing grows beyond measure."""

from collections.abc import Callable

import psycopg
import pytest

from voserver.model.errors import QueryError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql


def doubled(depth: int) -> str:
    """Each query names the column of the one in it twice; PostgreSQL would put them all into one expression."""
    query = "SELECT calib_level AS a FROM ivoa.ObsCore"
    for number in range(depth):
        query = f"SELECT COALESCE(a, a) AS a FROM ({query}) AS t{number}"
    return f"SELECT a FROM ({query}) AS whole WHERE a > 2"


def doubled_by_name(depth: int) -> str:
    """The same with WITH."""
    queries = ["c0 AS (SELECT calib_level AS a FROM ivoa.ObsCore)"]
    queries += [f"c{number + 1} AS (SELECT ABS(a) + ABS(a) AS a FROM c{number})" for number in range(depth)]
    return f"WITH {', '.join(queries)} SELECT a FROM c{depth} WHERE a > 2"


def chosen(depth: int) -> str:
    """CASE of CASE of CASE …, each with its operand in two comparisons."""
    value = "calib_level + 1"
    for _ in range(depth):
        value = f"CASE {value} WHEN 1 THEN 1 WHEN 2 THEN 2 END"
    return f"SELECT {value} AS a FROM ivoa.ObsCore"


def compared(depth: int) -> str:
    """The operand is a long text."""
    return f"SELECT CASE '{'x' * 1000 * depth}' WHEN '' THEN 1 WHEN 'b' THEN 2 WHEN 'c' THEN 3 END FROM ivoa.ObsCore"


@pytest.mark.parametrize("make", [doubled, doubled_by_name, chosen, compared])
@pytest.mark.parametrize("depth", [5, 12, 25, 40])
def test_what_a_nested_query_becomes_grows_no_faster_than_it(
    filled_url: str, published: Tables, make: Callable[[int], str], depth: int
) -> None:
    query = make(depth)
    sql = compile_adql(query, published).sql
    assert len(sql) < 10 * len(query)
    with psycopg.connect(filled_url) as connection:
        connection.execute("SET LOCAL statement_timeout = '20s'")
        connection.execute(b"EXPLAIN " + sql.encode())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            f"SELECT {'CASE WHEN ' * 60}1{' = 1 THEN 1 END' * 60} FROM ivoa.ObsCore",
            "nested more than 50 deep",
        ),
        (
            f"SELECT {'CASE WHEN 1 = 1 THEN 1 ELSE ' * 60}1{' END' * 60} FROM ivoa.ObsCore",
            "nested more than 50 deep",
        ),
        (
            "SELECT IN_UNIT(s_ra, '10**999999999deg') FROM ivoa.ObsCore",
            "is not a unit of VOUnits that is read here",
        ),
        (
            "SELECT gavo_specconv(1, 'm', 'm**99999999') FROM ivoa.ObsCore",
            "is not a unit of VOUnits that is read here",
        ),
        (
            f"SELECT IN_UNIT(s_ra, '{'deg.' * 100}deg') FROM ivoa.ObsCore",
            "is not a unit of VOUnits that is read here",
        ),
        ("SELECT CAST(obs_id AS CHAR(2000000000)) FROM ivoa.ObsCore", "is filled with blanks, up to 10,000"),
    ],
)
def test_what_would_take_for_ever_is_refused_in_words(published: Tables, query: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        compile_adql(query, published)
