"""What the loader sends by COPY is what PostgreSQL has afterwards, as psycopg reads it back."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voserver.catalogue.ingest.binary_copy import Encoder
from voserver.catalogue.ingest.caom import identifier

TYPES = ("text", "integer", "bigint", "double precision", "timestamp without time zone", "uuid")
ARRAYS = ("text[]", "double precision[]")
Row = tuple[object, ...]

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
awkward = st.sampled_from(["", "\\N", "\\.", "a\tb\\c\nd\r", '{"x",NULL}', "NULL", "'", "é\U0001f52d"])
doubles = st.floats(allow_nan=False)
rows = st.tuples(
    st.none() | texts | awkward,
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | doubles | st.integers(-(2**53), 2**53),
    st.none() | st.datetimes(),
    st.none() | st.binary(min_size=16, max_size=16),
    st.none() | st.lists(texts | awkward, max_size=4).map(tuple),
    st.none() | st.lists(doubles, max_size=9).map(tuple),
)


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as made:
        yield made


def copied(connection: psycopg.Connection, sent: list[Row]) -> list[tuple[Any, ...]]:
    """The rows as they are after they went through a table."""
    connection.execute("SET client_encoding = 'UTF8'")
    columns = ", ".join(f"c{number} {name}" for number, name in enumerate((*TYPES, *ARRAYS)))
    connection.execute(f"CREATE TEMP TABLE sent (place serial, {columns})".encode())
    names = ", ".join(f"c{number}" for number in range(len(TYPES) + len(ARRAYS)))
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY sent ({names}) FROM STDIN (FORMAT binary)".encode()) as stream:
            stream.write(b"".join(Encoder().rows((*TYPES, *ARRAYS), sent)))
        found = cursor.execute(f"SELECT {names} FROM sent ORDER BY place".encode()).fetchall()
    connection.rollback()
    return found


def as_read(row: Row) -> tuple[Any, ...]:
    """How psycopg gives back what was sent."""
    *plain, number, words, values = cast("tuple[Any, ...]", row)
    lists = (None if some is None else list(some) for some in (words, values))
    return (*plain, None if number is None else UUID(bytes=number), *lists)


@given(sent=st.lists(rows, max_size=8))
def test_every_value_comes_back_as_it_was_sent(connection: psycopg.Connection, sent: list[Row]) -> None:
    assert copied(connection, sent) == [as_read(row) for row in sent]


def test_a_zero_has_no_sign_whichever_comes_first() -> None:
    first, second = (
        Encoder().rows(["double precision", "double precision[]"], [(zero, (zero,)), (-zero, (-zero,))])
        for zero in (0.0, -0.0)
    )
    assert first == second
    assert b"\x80" not in first


def test_a_value_of_another_type_is_an_error() -> None:
    for name, value in (("integer", 2**31), ("integer", "1"), ("bigint", 0.5)):
        with pytest.raises(struct.error):
            Encoder().rows([name], [(value,)])
    with pytest.raises(TypeError, match="offset-aware"):
        Encoder().rows(["timestamp without time zone"], [(datetime(2025, 1, 1, tzinfo=UTC),)])


def test_rows_of_another_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        Encoder().rows(["text", "text"], [("a", "b"), ("c",)])
    with pytest.raises(ValueError, match="zip"):
        Encoder().rows(["text"], [("a", "b")])


@given(texts)
def test_ids_are_those_of_uuid5(uri: str) -> None:
    assert identifier(uri) == uuid5(NAMESPACE_URL, uri).bytes
