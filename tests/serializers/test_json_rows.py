import json
import math
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voserver.model.columns import Column
from voserver.model.errors import Unavailable


def test_values_have_their_types_and_columns_their_words(
    rows_of: Callable[..., Any], write: Callable[..., bytes], values: tuple[tuple[Any, ...], ...]
) -> None:
    found = json.loads(write("json", rows_of(sizes=[1, 2, 1])))
    assert [column["name"] for column in found["metadata"]][:2] == ["flag", "visit"]
    assert found["metadata"][7]["arraysize"] == "*"
    assert found["info"]["query"].startswith("SELECT *\n")
    assert found["status"] == "OK"
    assert found["data"][1] == [None] * 13
    for row, (*start, released, bounds, counts, url) in zip(found["data"], values, strict=True):
        assert row[:9] == start
        assert row[9] == (released and row[9])
        assert row[10:] == [bounds, counts, url]
    assert [row[9] for row in found["data"]] == [
        "2022-07-12T14:30:00",
        None,
        "1999-12-31T23:59:59.120",
        "2022-01-01T00:00:00.000001",
    ]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_any_text_comes_back(
    texts: list[str], rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    found = json.loads(write("json", rows_of((Column("t", "char", "*"),), [(text,) for text in texts])))
    assert found["data"] == [[text] for text in texts]


def test_numbers_that_json_lacks_are_null(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    columns = (Column("x", "double"), Column("a", "double", "*"))
    rows = [(math.nan, [math.inf, 1.0, None]), (-math.inf, []), (2.5, None)]
    found = json.loads(write("json", rows_of(columns, rows)))
    assert found["data"] == [[None, [None, 1.0, None]], [None, []], [2.5, None]]


def test_every_end_is_well_formed_and_told(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    assert json.loads(write("json", rows_of(rows=[])))["data"] == []
    assert json.loads(write("json", rows_of(overflow=True)))["status"] == "OVERFLOW"
    for rows in (rows_of(error=Unavailable('"gone"')), rows_of(rows=[], error=Unavailable('"gone"'))):
        found = json.loads(write("json", rows))
        assert (found["status"], found["message"]) == ("ERROR", '"gone"')
