import csv
import io
import math
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voserver.model.columns import Column

TEXT = (Column("t", "char", "*"), Column("n", "long"))


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_any_text_comes_back_from_csv(
    texts: list[str], rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    written = write("csv", rows_of(TEXT, [(text, index) for index, text in enumerate(texts)]))
    assert read(written) == [["t", "n"], *([text, str(index)] for index, text in enumerate(texts))]


@given(numbers=st.lists(st.floats(), min_size=1, max_size=20))
def test_floats_come_back_exactly(
    numbers: list[float], rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    _, *rows = read(write("csv", rows_of((Column("x", "double"),), [(number,) for number in numbers])))
    for number, (cell,) in zip(numbers, rows, strict=True):
        found = float(cell)
        assert found == number or (math.isnan(found) and math.isnan(number))


def test_a_null_is_an_empty_field(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    assert write("csv", rows_of(TEXT, [(None, None)])) == b"t,n\n,\n"
    assert write("tsv", rows_of(TEXT, [(None, None)])) == b"t\tn\n\t\n"


def test_a_null_alone_in_its_line_is_no_empty_line(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    assert write("csv", rows_of(TEXT[:1], [(None,), ("",), ("a",)])) == b't\n""\n""\na\n'
    assert write("csv", rows_of(TEXT[1:], [(None,), (1,)])) == b'n\n""\n1\n'


def test_names_are_quoted_like_values(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    columns = (Column('a,"b"', "int"), Column("c", "int"))
    assert write("csv", rows_of(columns, [])) == b'"a,""b""",c\n'


def test_tabs_and_line_ends_in_tsv_become_blanks(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    rows = [('a\tb\r\nc\nd\re "quoted"', 1)]
    assert write("tsv", rows_of(TEXT, rows)) == b't\tn\na b c d e "quoted"\t1\n'
