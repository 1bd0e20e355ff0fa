"""Small published tables to compile against, and the whole schema with rows to run queries on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from voserver.catalogue import engine
from voserver.catalogue.streams import QueryPool
from voserver.catalogue.tap_schema import load_tables
from voserver.model.columns import Column
from voserver.model.tables import Schema, Table, TableColumn, Tables
from voserver.query.adql import compile as compile_adql
from voserver.query.run import run

ROWS = Path(__file__).parent.parent / "http" / "catalogue.sql"


def _table(schema: str, name: str, *columns: Column) -> Table:
    return Table(schema, name, tuple(TableColumn(column) for column in columns))


@pytest.fixture(scope="session")
def small_tables() -> Tables:
    """Three tables with a column of every kind."""
    obscore = _table(
        "ivoa",
        "ObsCore",
        Column("obs_id", "char", "*", ucd="meta.id"),
        Column("calib_level", "int"),
        Column("s_ra", "double", unit="deg", ucd="pos.eq.ra", description="Right ascension"),
        Column("s_dec", "double", unit="deg", ucd="pos.eq.dec"),
        Column("s_region", "char", "*", "adql:REGION"),
        Column("instrument_name", "char", "*", ucd="meta.id;instr"),
        Column("t_exptime", "float", unit="s"),
        Column("access_estsize", "long", unit="kbyte"),
        Column("obs_release_date", "char", "*", "timestamp"),
    )
    plane = _table(
        "caom2",
        "Plane",
        Column("planeID", "char", "36", "uuid"),
        Column("obsID", "char", "36", "uuid"),
        Column("energy_bounds", "double", "2", "interval", unit="m"),
        Column("is_public", "boolean"),
    )
    observation = _table(
        "caom2",
        "Observation",
        Column("obsID", "char", "36", "uuid"),
        Column("observationID", "char", "*"),
    )
    product = _table(
        "jwst",
        "product",
        Column("filename", "char", "*"),
        Column("instrument", "char", "*", ucd="meta.id;instr"),
        Column("instrument_name", "char", "*", ucd="meta.id;instr"),
        Column("ra", "double", unit="deg"),
        Column("dec", "double", unit="deg"),
    )
    return Tables(
        (Schema("ivoa", (obscore,)), Schema("caom2", (plane, observation)), Schema("jwst", (product,)))
    )


class Answer(NamedTuple):
    """What a query gave."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    overflow: bool


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def filled_url(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A database with sixty observations on a grid, and their products at the same positions."""
    with new_database() as url:
        with psycopg.connect(url) as filling:
            filling.execute(ROWS.read_bytes())
            filling.execute(
                "UPDATE archive.artifact AS a SET s_ra = p.position_center_ra,"
                " s_dec = p.position_center_dec FROM archive.plane AS p WHERE p.planeid = a.planeid"
            )
        yield url


@pytest.fixture(scope="session")
def published(filled_url: str) -> Tables:
    with engine.connect(filled_url) as connection:
        return load_tables(connection)


@pytest.fixture(scope="session")
def ask(filled_url: str, published: Tables) -> Iterator[Ask]:
    pool = QueryPool(filled_url, 2)

    def answer(text: str, maxrec: int = 1000) -> Answer:
        rows = run(compile_adql(text, published), pool, maxrec=maxrec, timeout=30)
        batches = list(rows)
        values = [row for batch in batches for row in zip(*batch.to_pydict().values(), strict=True)]
        for batch in batches:
            assert [field.type for field in batch.schema] == [column.arrow_type for column in rows.columns]
        return Answer(rows.columns, values, rows.overflow)

    yield answer
    pool.close()
