"""A row before its release is not seen, and no failure of a condition tells that it is there."""

from collections.abc import Iterator

import psycopg
import pytest

from voserver.catalogue import engine
from voserver.catalogue.streams import QueryPool
from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import ServiceError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql

ROWS = """
    INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode, intent,
        metarelease, metareadgroups)
    SELECT name, id, 'JWST', name, 'S', 'science', release, '{team}' FROM given;
    INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,
        observationid, intent, metarelease, metareadgroups)
    SELECT name, id, id, name, 2 * level - 2 || '0000', level, 'JWST', name, 'science', release, '{team}' FROM given;
"""

FAILING = {
    "division": "1 / (calibrationLevel - 3) > 0",
    "division by a float": "1.0 / (calibrationLevel - 3) > 0",
    "overflow": "calibrationLevel * 1000000000 < 3000000000",
    "logarithm": "LOG(3 - calibrationLevel) < 1",
    "root": "SQRT(2 - calibrationLevel) < 1",
    "power": "POWER(0, 2 - calibrationLevel) = 1",
    "arc": "ACOS(calibrationLevel - 1) = 0",
    "exponential": "EXP((calibrationLevel - 2) * 1000) = 1",
    "cast": "CAST(productID AS SMALLINT) > 0",
    "negation": "NOT (1 / (calibrationLevel - 3) > 0)",
    "alternative": "(1 / (calibrationLevel - 3) > 0 OR calibrationLevel = 7)",
    "between": "1 / (calibrationLevel - 3) BETWEEN -1 AND 0",
    "in": "1 / (calibrationLevel - 3) IN (1, -1)",
    "null": "1 / (calibrationLevel - 3) IS NOT NULL",
    "coalesce": "COALESCE(1 / (calibrationLevel - 3), 5) <> 4",
    "circle": "1 = CONTAINS(POINT(1, 2), CIRCLE(1, 2, 5 / (3 - calibrationLevel)))",
    "area": "AREA(CIRCLE(1, 2, 5 / (3 - calibrationLevel))) > 0",
}
QUERIES = {
    "where": "SELECT planeURI FROM caom2.Plane WHERE planeURI LIKE 'future%' AND {}",
    "where in a query in FROM": (
        "SELECT * FROM (SELECT planeURI, calibrationLevel, productID FROM caom2.Plane) AS inside"
        " WHERE planeURI LIKE 'future%' AND {}"
    ),
    "join": (
        "SELECT p.planeURI FROM caom2.Plane AS p JOIN caom2.Observation AS o"
        " ON o.obsID = p.obsID AND planeURI LIKE 'future%' AND {}"
    ),
    "grouped": (
        "SELECT calibrationLevel, planeURI FROM caom2.Plane GROUP BY calibrationLevel, planeURI, productID"
        " HAVING planeURI LIKE 'future%' AND {}"
    ),
    "grouped inside": (
        "SELECT * FROM (SELECT calibrationLevel, planeURI, productID, COUNT(*) AS n FROM caom2.Plane"
        " GROUP BY calibrationLevel, planeURI, productID) AS inside WHERE planeURI LIKE 'future%' AND {}"
    ),
    "united": (
        "SELECT * FROM (SELECT calibrationLevel, planeURI, productID FROM caom2.Plane UNION"
        " SELECT calibrationLevel, planeURI, productID FROM caom2.Plane) AS inside WHERE planeURI LIKE 'future%' AND {}"
    ),
    "with": (
        "WITH inside AS (SELECT * FROM caom2.Plane) SELECT planeURI FROM inside"
        " WHERE planeURI LIKE 'future%' AND {}"
    ),
    "correlated": (
        "SELECT planeURI FROM caom2.Plane AS outside WHERE planeURI LIKE 'future%'"
        " AND EXISTS (SELECT 1 AS one FROM TAP_SCHEMA.tables WHERE {})"
    ),
}

OTHERS = {
    "computed inside": (
        "SELECT planeURI FROM (SELECT planeURI, 1 / (calibrationLevel - 3) AS x FROM caom2.Plane) AS inside"
        " WHERE planeURI LIKE 'future%' AND x > 0"
    ),
    "computed in WITH": (
        "WITH inside AS (SELECT planeURI, 1 / (calibrationLevel - 3) AS x FROM caom2.Plane)"
        " SELECT planeURI FROM inside WHERE planeURI LIKE 'future%' AND x > 0"
    ),
    "computed in a union": (
        "SELECT planeURI FROM (SELECT planeURI, 1 AS x FROM caom2.Plane UNION ALL"
        " SELECT planeURI, 1 / (calibrationLevel - 3) AS x FROM caom2.Plane) AS inside"
        " WHERE planeURI LIKE 'future%' AND x > 1"
    ),
    "list of a correlated query": (
        "SELECT planeURI FROM caom2.Plane AS p WHERE planeURI LIKE 'future%'"
        " AND 5 IN (SELECT 1 / (p.calibrationLevel - 3) FROM TAP_SCHEMA.tables)"
    ),
    "HAVING of a correlated query": (
        "SELECT planeURI FROM caom2.Plane AS p WHERE planeURI LIKE 'future%' AND EXISTS"
        " (SELECT COUNT(*) AS n FROM TAP_SCHEMA.tables HAVING 1 / (p.calibrationLevel - 3) > COUNT(*))"
    ),
    "HAVING without an aggregate": (
        "SELECT planeURI FROM caom2.Plane AS p WHERE planeURI LIKE 'future%' AND EXISTS"
        " (SELECT schema_name FROM TAP_SCHEMA.tables GROUP BY schema_name HAVING 1 / (p.calibrationLevel - 3) > 0)"
    ),
    "order of a correlated query": (
        "SELECT planeURI FROM caom2.Plane AS p WHERE planeURI LIKE 'future%' AND 'x' IN"
        " (SELECT TOP 1 schema_name FROM TAP_SCHEMA.tables ORDER BY 1 / (p.calibrationLevel - 3), schema_name)"
    ),
    "query of a value": (
        "SELECT schema_name FROM TAP_SCHEMA.schemas WHERE 7 IN"
        " (SELECT 1 / (calibrationLevel - 3) FROM caom2.Plane WHERE planeURI LIKE 'future%')"
    ),
    "grouped query of a value": (
        "SELECT schema_name FROM TAP_SCHEMA.schemas WHERE 7 IN"
        " (SELECT 1 / (calibrationLevel - 3) FROM caom2.Plane GROUP BY calibrationLevel)"
    ),
    "two deep": (
        "SELECT planeURI FROM caom2.Plane AS p WHERE planeURI LIKE 'future%' AND EXISTS (SELECT * FROM TAP_SCHEMA.tables"
        " WHERE 9 IN (SELECT 1 / (p.calibrationLevel - 3) FROM TAP_SCHEMA.schemas))"
    ),
}  # fmt: skip

CASES = {
    **{
        f"{name}, {how}": query.format(condition)
        for name, condition in FAILING.items()
        for how, query in QUERIES.items()
    },
    **OTHERS,
}


@pytest.fixture(scope="module")
def pool(module_database_url: str) -> Iterator[QueryPool]:
    """A database with five public observations of level 2 and five of level 3 that nobody may see yet."""
    with psycopg.connect(module_database_url) as filling:
        filling.execute(
            "CREATE TEMPORARY TABLE given AS SELECT gen_random_uuid() AS id, kind || number AS name, level,"
            " now() AT TIME ZONE 'utc' + wait AS release FROM generate_series(1, 5) AS number, (VALUES"
            " ('public', 2, interval '-1 day'), ('future', 3, interval '1 day')) AS kinds (kind, level, wait)"
        )
        for statement in ROWS.split(";"):
            filling.execute(statement.encode())
    with psycopg.connect(module_database_url, autocommit=True) as counting:
        counting.execute("ANALYZE")
    pool = QueryPool(module_database_url, 2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def published(module_database_url: str) -> Tables:
    with engine.connect(module_database_url) as connection:
        return load_tables(connection)


@pytest.mark.parametrize("adql", CASES.values(), ids=CASES)
def test_a_condition_that_would_fail_on_hidden_rows_finds_nothing(
    pool: QueryPool, published: Tables, adql: str
) -> None:
    statement = compile_adql(adql, published)
    with pool.open(statement.sql, timeout=20) as stream:
        assert sum(batch.num_rows for batch in stream) == 0
    with pytest.raises(ServiceError), pool.open(statement.sql, timeout=20, groups=("team",)) as stream:
        list(stream)  # the team may see the rows, and so the failure


def test_a_row_that_an_outer_join_made_up_is_computed(pool: QueryPool, published: Tables) -> None:
    adql = (
        "SELECT s.schema_name FROM TAP_SCHEMA.schemas AS s LEFT JOIN caom2.Plane AS p ON p.planeURI = s.schema_name"
        " WHERE COALESCE(p.calibrationLevel / 2, 0) = 0"
    )
    statement = compile_adql(adql, published)
    with pool.open(statement.sql, timeout=20) as stream:
        assert sum(batch.num_rows for batch in stream) == len(published.schemas), statement.sql
