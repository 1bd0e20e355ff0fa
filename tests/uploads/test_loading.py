"""Uploads in the session that runs the query: temporary tables, indexes, and nothing left behind."""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from voserver.catalogue.streams import QueryPool, Session
from voserver.catalogue.tap_schema import load_tables
from voserver.model.columns import Column
from voserver.model.errors import QuotaExceeded, Unavailable, UsageError
from voserver.query.adql import Compiler
from voserver.query.plan import plan
from voserver.query.statement import Statement
from voserver.uploads import Declaration, Limits, Uploads, read_uploads
from voserver.uploads.positions import position

Meant = Callable[[str, Uploads], Statement]


@pytest.fixture(scope="module")
def pool(module_database_url: str) -> Iterator[QueryPool]:
    """One connection, which every query has to share."""
    with closing(QueryPool(module_database_url, 1)) as made:
        yield made


@pytest.fixture(scope="module")
def meant(module_database_url: str) -> Meant:
    with psycopg.connect(module_database_url) as connection:
        compiler = Compiler(load_tables(connection))
    return lambda text, uploads: compiler.compile(text, further=uploads.schema)


def brought(**tables: dict[str, Any]) -> Uploads:
    files = {}
    for name, columns in tables.items():
        files[name] = io.BytesIO()
        pq.write_table(pa.table(columns), files[name])
    return read_uploads([Declaration(name, "param:x") for name in tables], files, Limits())


def sky(rows: int) -> dict[str, Any]:
    random = np.random.default_rng(rows)
    return {"id": np.arange(rows), "ra": random.uniform(0, 360, rows), "dec": random.uniform(-80, 80, rows)}


def answer(pool: QueryPool, statement: Statement, uploads: Uploads) -> list[tuple[object, ...]]:
    def prepare(session: Session) -> None:
        uploads.load(session, statement.body)

    with pool.open(statement.sql, timeout=60, prepare=prepare) as stream:
        return [row for batch in stream for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]


def plan_of(pool: QueryPool, statement: Statement, uploads: Uploads) -> str:
    found: list[str] = []

    def prepare(session: Session) -> None:
        uploads.load(session, statement.body)
        found.append(plan(statement, session, maxrec=10**9, timeout=60).text)

    with pool.open("SELECT 1", timeout=60, prepare=prepare) as stream:
        list(stream)
    return found[0]


MATCH = (
    "SELECT a.id, b.id AS other FROM TAP_UPLOAD.many AS a JOIN TAP_UPLOAD.few AS b"
    " ON 1=CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, 0.001)) ORDER BY 1"
)


def test_a_match_of_large_uploads_is_found_by_an_index(pool: QueryPool, meant: Meant) -> None:
    many = sky(5000)
    few = {name: values[::10] for name, values in many.items()}
    with closing(brought(many=many, few=few)) as uploads:
        statement = meant(MATCH, uploads)
        assert "Index Scan using upload_1_point_idx" in plan_of(pool, statement, uploads)
        assert answer(pool, statement, uploads) == [(at, at) for at in range(0, 5000, 10)]


def test_a_small_upload_is_not_worth_an_index(pool: QueryPool, meant: Meant) -> None:
    with closing(brought(many=sky(100), few=sky(100))) as uploads:
        assert "Index" not in plan_of(pool, meant(MATCH, uploads), uploads)


def test_an_upload_that_is_not_searched_gets_no_index(pool: QueryPool, meant: Meant) -> None:
    with closing(brought(t=sky(5000))) as uploads:
        statement = meant("SELECT COUNT(*) AS n FROM TAP_UPLOAD.t", uploads)
        indexes = Statement(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'pg_temp.upload_1'::regclass", statement.columns
        )
        assert answer(pool, indexes, uploads) == [(0,)]
        assert answer(pool, statement, uploads) == [(5000,)]


def test_uploads_end_with_their_query(pool: QueryPool, meant: Meant) -> None:
    for value in (1, "text", 2.5):
        with closing(brought(t={"x": [value]})) as uploads:
            assert answer(pool, meant("SELECT x FROM TAP_UPLOAD.t", uploads), uploads) == [(value,)]
    with pool.open("SELECT count(*) FROM pg_class WHERE relname LIKE 'upload%'", timeout=9) as stream:
        assert [batch.column(0).to_pylist() for batch in stream] == [[0]]


def test_the_query_itself_can_write_nothing(pool: QueryPool, meant: Meant) -> None:
    with closing(brought(t={"x": [1]})) as uploads:
        columns = meant("SELECT x FROM TAP_UPLOAD.t", uploads).columns
        asked = Statement("SELECT current_setting('transaction_read_only'), current_user", columns)
        assert answer(pool, asked, uploads) == [("on", "voserver_query")]


def test_names_of_postgresql_and_of_adql_are_names_like_others(pool: QueryPool, meant: Meant) -> None:
    names = ["ctid", "select", "tableoid", 'say "so"', "it's", "%s {}", "c1", "é ☄", "Order"]
    with closing(brought(pg_class={name: [at] for at, name in enumerate(names)})) as uploads:
        statement = meant("SELECT * FROM TAP_UPLOAD.pg_class", uploads)
        assert [column.name for column in statement.columns] == names
        assert answer(pool, statement, uploads) == [tuple(range(len(names)))]
        statement = meant('SELECT "select" + "Order" AS x FROM TAP_UPLOAD.pg_class', uploads)
        assert answer(pool, statement, uploads) == [(9,)]


def test_types_of_postgresql_are_not_hidden_by_a_table_of_their_name(pool: QueryPool, meant: Meant) -> None:
    with closing(brought(float8={"x": [1.5]}, text={"x": ["a"]})) as uploads:
        statement = meant(
            "SELECT a.x, b.x AS y, CAST(a.x AS VARCHAR) AS z FROM TAP_UPLOAD.float8 AS a, TAP_UPLOAD.text AS b",
            uploads,
        )
        assert answer(pool, statement, uploads) == [(1.5, "a", "1.5")]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([Column("x", "double", ucd="pos.eq.ra;meta.main"), Column("y", "float", ucd="pos.eq.dec;meta.main")], (0, 1)),
        ([Column("x", "double", ucd="POS_EQ_RA_MAIN"), Column("y", "double", ucd="POS_EQ_DEC_MAIN")], (0, 1)),
        ([Column("DEC", "double"), Column("RA", "double")], (1, 0)),
        ([Column("RAJ2000", "double"), Column("DEJ2000", "double")], (0, 1)),
        ([Column("ra", "char", "*"), Column("dec", "char", "*")], None),
        ([Column("x", "double", ucd="pos.eq.ra"), Column("z", "double")], None),
    ],
)  # fmt: skip
def test_where_a_position_is_found(columns: list[Column], found: tuple[int, int] | None) -> None:
    assert position(columns) == found


def test_a_query_that_is_cancelled_while_it_loads_ends_and_frees_its_place(pool: QueryPool) -> None:
    is_loading = threading.Event()

    def prepare(session: Session) -> None:
        is_loading.set()
        session.execute("CREATE TEMPORARY TABLE x AS SELECT count(*) FROM generate_series(1, 1000000000000)")

    stream = pool.open("SELECT 1", timeout=600, prepare=prepare)
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(next, stream)
        is_loading.wait()
        stream.close()
        with pytest.raises(Unavailable, match="cancelled"):
            reading.result()
    with pool.open("SELECT 1 AS a", timeout=9) as again:
        assert [batch.column(0).to_pylist() for batch in again] == [[1]]


def test_loading_counts_to_the_time_of_a_query(pool: QueryPool) -> None:
    def prepare(session: Session) -> None:
        session.execute("CREATE TEMPORARY TABLE x AS SELECT count(*) FROM generate_series(1, 1000000000000)")

    with (
        pool.open("SELECT 1", timeout=0.2, prepare=prepare) as stream,
        pytest.raises(QuotaExceeded, match="longer than"),
    ):
        next(stream)


def test_rows_that_no_page_holds_are_refused_with_the_name_of_their_table(
    pool: QueryPool, meant: Meant
) -> None:
    texts = brought(wide={f"t{number}": ["0123456789"] for number in range(1000)})
    with (
        closing(texts) as uploads,
        pytest.raises(UsageError, match="wide: A row is larger than the database can"),
    ):
        answer(pool, meant("SELECT t1 FROM TAP_UPLOAD.wide", uploads), uploads)
    with closing(brought(wide={f"n{number}": [number] for number in range(1000)})) as uploads:
        assert answer(pool, meant("SELECT n7 + n999 AS x FROM TAP_UPLOAD.wide", uploads), uploads) == [
            (1006,)
        ]


def test_reading_stops_when_nobody_waits() -> None:
    file = io.BytesIO(b"a\n1\n")
    with pytest.raises(Unavailable, match="cancelled"):
        read_uploads([Declaration("t", "param:x")], {"t": file}, Limits(), cancelled=lambda: True)
