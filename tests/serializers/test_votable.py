import io
import math
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io.votable import parse, parse_single_table
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from voserver.model.columns import Column
from voserver.model.errors import Unavailable, UsageError
from voserver.serializers import Document, Info, error_votable

FLAVOURS = ("votable", "votable/b2", "votable/b")
EACH_FLAVOUR = pytest.mark.parametrize("flavour", FLAVOURS)
SHARED = Path(__file__).parents[3] / "shared"
NAMESPACE = "{http://www.ivoa.net/xml/VOTable/v1.3}"


def read(data: bytes) -> list[list[Any]]:
    """Values as astropy reads them: None for masked and empty, lists for arrays."""
    table = parse_single_table(io.BytesIO(data)).array
    named = [table[name] for name in table.dtype.names]
    return [[plain(column[index]) for column in named] for index in range(len(table))]


def plain(value: Any) -> Any:
    if isinstance(value, np.ma.MaskedArray) and value.ndim:
        return None if value.size == 0 or np.ma.getmaskarray(value).all() else value.tolist()
    if value is np.ma.masked or value == "" or (isinstance(value, np.ndarray) and not value.size):
        return None
    if isinstance(value, np.floating | float) and math.isnan(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def expected(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="auto" if value.microsecond % 1000 else "milliseconds").removesuffix(
            ".000"
        )
    if isinstance(value, list | str) and not len(value):
        return None
    return value


@EACH_FLAVOUR
@pytest.mark.parametrize("sizes", [[4], [1, 1, 2], [3, 1]])
def test_astropy_reads_what_went_in(
    flavour: str,
    sizes: list[int],
    rows_of: Callable[..., Any],
    values: tuple[tuple[object, ...], ...],
    write: Callable[..., bytes],
) -> None:
    found = read(write(flavour, rows_of(sizes=sizes)))
    wanted = [[expected(value) for value in row] for row in values]
    for row in wanted:
        row[4] = row[4] and float(np.float32(row[4]))
    assert found == wanted


def test_fields_carry_the_words_of_their_columns(
    rows_of: Callable[..., Any], columns: tuple[Column, ...], write: Callable[..., bytes]
) -> None:
    table = parse_single_table(io.BytesIO(write("votable", rows_of())))
    for column, field in zip(columns, table.fields, strict=True):
        assert field.name == column.name
        assert (field.datatype, field.arraysize, field.xtype) == (
            column.datatype,
            column.arraysize,
            column.xtype,
        )
        assert (field.ucd, field.utype, field.description) == (column.ucd, column.utype, column.description)
        assert str(field.unit or "") == (column.unit or "")
    assert table.fields[5].ref == "frame_icrs"
    assert table.fields[6].ref == "time_mjd_utc"
    assert table.fields[9].ref == "time_utc"


def test_identifiers_are_unique_and_legal_whatever_the_names(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    names = ("a", "A", "1 b", "", "é", 'x"><y', "frame_icrs", "a\x00")
    columns = tuple(Column(name, "int") for name in names)
    tree = etree.fromstring(write("votable", rows_of(columns, [])))
    found = [element.get("ID") for element in tree.iter(f"{NAMESPACE}FIELD")]
    assert len({str(identifier).lower() for identifier in found}) == len(names)
    assert all(str(i)[0].isalpha() or str(i)[0] == "_" for i in found)
    assert [element.get("name") for element in tree.iter(f"{NAMESPACE}FIELD")][:7] == list(names[:7])


@EACH_FLAVOUR
def test_an_empty_result_is_a_table(
    flavour: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    assert read(write(flavour, rows_of(rows=[]))) == []


def statuses(data: bytes) -> list[tuple[str | None, str | None]]:
    resource = etree.fromstring(data)[0]
    return [
        (child.get("value"), child.text) if child.tag.endswith("INFO") else ("TABLE", None)
        for child in resource
        if child.tag.endswith("TABLE") or child.get("name") == "QUERY_STATUS"
    ]


@EACH_FLAVOUR
def test_overflow_is_told_after_the_table(
    flavour: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    found = statuses(write(flavour, rows_of(overflow=True)))
    assert [value for value, _ in found] == ["OK", "TABLE", "OVERFLOW"]
    assert [value for value, _ in statuses(write(flavour, rows_of()))] == ["OK", "TABLE"]


@EACH_FLAVOUR
def test_an_error_after_some_rows_ends_the_document_properly(
    flavour: str, rows_of: Callable[..., Any], write: Callable[..., bytes], values: tuple[Any, ...]
) -> None:
    written = write(flavour, rows_of(error=Unavailable("gone & <lost>\x00", hint="Later.")))
    assert statuses(written)[1:] == [("TABLE", None), ("ERROR", "gone & <lost>?\nLater.")]
    assert len(read(written)) == len(values)


def test_facts_about_the_answer_are_infos(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    infos = {
        info.name: info.value for info in parse(io.BytesIO(write("votable", rows_of()))).resources[0].infos
    }
    assert infos["query"] == "SELECT *\nFROM t WHERE a < 'é'"
    assert infos["standardID"] == "ivo://ivoa.net/std/TAP"


def test_an_error_document_says_what_and_how_to_mend_it() -> None:
    error = UsageError("No column s_regoin.", hint="Did you mean s_region?")
    document = error_votable(error, Document(infos=(Info("citation", "x", "y", ucd="meta.bib"),)))
    assert statuses(document) == [("ERROR", "No column s_regoin.\nDid you mean s_region?")]


def test_characters_that_xml_forbids_are_replaced(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    forbidden = [chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"] + ["\ufffe", "\uffff"]
    data = [(f"a{character}b",) for character in forbidden] + [("\r\n\t é 𝄞 \x7f\ufffd",)]
    tree = etree.fromstring(write("votable", rows_of((Column("t", "char", "*"),), data)))
    cells = [cell.text for cell in tree.iter(f"{NAMESPACE}TD")]
    assert cells == ["a?b"] * len(forbidden) + ["\r\n\t é 𝄞 \x7f\ufffd"]


def test_binary_text_is_ascii_since_char_is(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    rows = [("Müller, Jörg",), ("天 Cen",), ("plain",)]
    for size in ("*", "12"):
        columns = (Column("pi", "char", size),)
        assert read(write("votable/b2", rows_of(columns, rows))) == [["Muller, Jorg"], ["? Cen"], ["plain"]]
        assert read(write("votable", rows_of(columns, rows))) == [list(row) for row in rows]


def test_times_without_a_calendar_form_are_missing(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    columns = (Column("t", "char", "*", xtype="timestamp"),)
    rows = [(2**63 - 1,), (-(2**62),), (0,)]
    assert read(write("votable", rows_of(columns, rows))) == [[None], [None], ["1970-01-01T00:00:00"]]


def test_special_numbers_survive_text(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    rows = [(math.inf,), (-math.inf,), (math.nan,), (-0.0,), (5e-324,)]
    written = write("votable", rows_of((Column("x", "double"),), rows))
    assert [cell.text for cell in etree.fromstring(written).iter(f"{NAMESPACE}TD")][:3] == [
        "+Inf",
        "-Inf",
        "NaN",
    ]
    assert read(written) == [[math.inf], [-math.inf], [None], [-0.0], [5e-324]]


TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001
TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)).map(str.strip)
SCHEMA = (
    Column("b", "boolean"),
    Column("s", "short"),
    Column("i", "int"),
    Column("l", "long"),
    Column("f", "float"),
    Column("d", "double"),
    Column("t", "char", "*"),
    Column("w", "char", "*", xtype="timestamp"),
    Column("a", "double", "2", xtype="interval"),
    Column("v", "long", "*"),
)
FINITE = st.floats(allow_nan=False)
ROW = st.tuples(
    *(
        st.none() | strategy
        for strategy in (
            st.booleans(),
            st.integers(-(2**15) + 1, 2**15 - 1),
            st.integers(-(2**31) + 1, 2**31 - 1),
            st.integers(-(2**63) + 1, 2**63 - 1),
            st.floats(width=32, allow_nan=False),
            FINITE,
            TEXT,
            TIMES,
            st.lists(FINITE, min_size=2, max_size=2),
            st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1),
        )
    )
)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(rows=st.lists(ROW, min_size=1, max_size=12), cut=st.integers(0, 12))
def test_all_flavours_say_the_same(
    rows: list[tuple[Any, ...]], cut: int, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    cut = min(cut, len(rows))
    sizes = [size for size in (cut, len(rows) - cut) if size]
    wanted = [[expected(value) for value in row] for row in rows]
    for flavour in FLAVOURS:
        assert read(write(flavour, rows_of(SCHEMA, rows, sizes=sizes))) == wanted


@EACH_FLAVOUR
def test_base64_continues_across_batches_of_any_size(
    flavour: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    columns = (Column("t", "char", "*"),)
    rows = [("x" * (number % 7),) for number in range(40)]
    wanted = [[text or None] for (text,) in rows]
    assert read(write(flavour, rows_of(columns, rows, sizes=[1] * 40))) == wanted


@EACH_FLAVOUR
@pytest.mark.parametrize("version", ["1.4", "1.5"])
def test_documents_are_valid_against_the_schema(
    flavour: str, version: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    schema = SHARED / "standards" / "xsd" / f"VOTable-{version}.xsd"
    if not schema.is_file():
        pytest.skip(f"{schema.name} is not beside this checkout")
    validator = etree.XMLSchema(etree.parse(schema))
    for rows in (rows_of(overflow=True), rows_of(rows=[]), rows_of(error=Unavailable("gone"))):
        validator.assertValid(etree.fromstring(write(flavour, rows)))


@EACH_FLAVOUR
def test_votlint_finds_nothing(
    flavour: str, rows_of: Callable[..., Any], write: Callable[..., bytes], tmp_path: Path
) -> None:
    stilts = shutil.which("stilts")
    if stilts is None:
        pytest.skip("stilts is not installed")
    path = tmp_path / "answer.vot"
    path.write_bytes(write(flavour, rows_of(overflow=True)))
    lint = subprocess.run([stilts, "votlint", f"votable={path}"], capture_output=True, check=True)
    assert lint.stdout.decode(errors="replace") == ""
