"""Whatever tree a query has, its text is read back as that tree."""

from contextlib import suppress
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from tests.query import meaningful
from tests.query.generated import Generator
from tests.query.writing import condition, written
from voserver.model.errors import ServiceError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql
from voserver.query.adql import parse, tree

RANDOM = st.randoms(use_true_random=False)


def placeless(node: Any) -> Any:
    """A tree without the places of its parts, as plain tuples."""
    if is_dataclass(node):
        parts = [placeless(getattr(node, field.name)) for field in fields(node) if field.name != "at"]
        return (type(node).__name__, *parts)
    return tuple(map(placeless, node)) if isinstance(node, tuple) else node


@given(RANDOM)
def test_a_tree_is_written_and_read_back(random: Random) -> None:
    query = Generator(random).query(3)
    assert placeless(parse(written(query))) == placeless(query)


@given(RANDOM)
def test_a_condition_is_written_and_read_back(random: Random) -> None:
    node = Generator(random).condition(4)
    body = parse(f"SELECT a FROM b WHERE {condition(node)}").body
    assert isinstance(body, tree.Select)
    assert placeless(body.where) == placeless(node)


def test_postgresql_understands_whatever_is_compiled(filled_url: str, published: Tables) -> None:
    """Never SQL that is malformed, of a wrong type, or names what is not there; `make fuzz` tries many more."""
    tables = meaningful.columns_of(published)
    understood = 0
    with psycopg.connect(filled_url, autocommit=True) as connection:
        for seed in range(1500):
            text = written(meaningful.Generator(Random(seed), tables).query(2))
            with suppress(ServiceError):
                sql = compile_adql(text, published).sql
                understood += 1
                try:
                    connection.execute(b"EXPLAIN " + sql.encode())
                except psycopg.errors.DataError:
                    continue  # a number that is too large, or a division of written numbers by zero
                except psycopg.Error as error:
                    raise AssertionError(text) from error
    assert understood > 1000
