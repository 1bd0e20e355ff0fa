"""Every query of the corpus becomes the SQL, or gets the error, that stands below it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.adql.corpus import FILES, Case, cases, outcome
from voserver.catalogue.tap_schema import load_tables
from voserver.model.tables import Tables

CORPUS = [(path.stem, case) for path in FILES for case in cases(path)]
NAMES = [f"{name}: {case.adql[:60]}" for name, case in CORPUS]


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def published(connection: psycopg.Connection) -> Tables:
    return load_tables(connection)


@pytest.mark.parametrize(("name", "case"), CORPUS, ids=NAMES)
def test_a_query_becomes_what_stands_below_it(
    connection: psycopg.Connection, published: Tables, name: str, case: Case
) -> None:
    is_error, text = outcome(case.adql, published)
    assert (is_error, text if is_error else " ".join(text.split())) == (case.is_error, case.wanted), name
    if not is_error:
        connection.execute(b"EXPLAIN " + text.encode())  # PostgreSQL understands it


def test_the_corpus_is_there() -> None:
    assert len(CORPUS) > 250
