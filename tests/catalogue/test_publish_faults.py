"""Publishing from files that are not what they should be: a sentence that names the fault, and nothing made."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from voserver.catalogue.publish import publish
from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import UsageError
from voserver.query.adql import compile as compile_adql

DATA = "id,ra,dec,label\n1,10.5,-3,one\n2,11,4,two\n"
COLUMNS = """
  - {name: id, datatype: long, description: A number of it}
  - {name: ra, datatype: double, description: Where it is, "ivoa:ucd": "pos.eq.ra;meta.main"}
  - {name: dec, datatype: double, description: Where it is, "ivoa:ucd": "pos.eq.dec;meta.main"}
  - {name: label, datatype: string, length: 64, description: What it is called}
"""
Try = Callable[..., None]


def felis(columns: str = COLUMNS, more: str = "") -> str:
    return (
        "name: faulty\ndescription: A schema that is never made\ntables:\n"
        f"- name: things\n  description: Things that are never made\n  columns:{columns}{more}"
    )


@pytest.fixture
def refuse(tmp_path: Path, database_url: str) -> Try:
    """Publishes, and holds what is said and that nothing was made."""

    def tried(
        said: str,
        *,
        data: str | bytes = DATA,
        name: str = "things.csv",
        description: str | bytes | None = None,
    ) -> None:
        yaml, file = tmp_path / "things.yaml", tmp_path / name
        wanted = felis() if description is None else description
        yaml.write_bytes(wanted if isinstance(wanted, bytes) else wanted.encode())
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        with pytest.raises(UsageError, match=said):
            publish(database_url, yaml, file, replace=False)
        assert made(database_url) == []

    return tried


def made(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname = 'faulty'"
            " UNION ALL SELECT schema_name FROM tap_schema.schemas WHERE schema_name = 'faulty'"
        ).fetchall()


def test_a_description_that_is_not_there_is_said_to_be_missing(tmp_path: Path, database_url: str) -> None:
    missing = tmp_path / "nowhere.yaml"
    with pytest.raises(UsageError, match=r"^There is no file .*nowhere\.yaml\.$"):
        publish(database_url, missing, tmp_path / "things.csv", replace=False)


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("", "is no valid Felis file"),
        ("- 1\n- 2\n", "is no valid Felis file"),
        ("hello", "is no valid Felis file"),
        (bytes(range(256)), "is no valid Felis file: .utf-8. codec"),
        ("name: M\u00fcller\n".encode("latin-1"), "is no valid Felis file: .utf-8. codec"),
        ("[" * 20_000, "is no valid Felis file: maximum recursion"),
        ("!!python/object/apply:os.system [id]\n", "could not determine a constructor"),
        (felis(" []"), "describes no columns"),
        (
            felis("\n  - {name: id, datatype: quaternion, description: abcd}"),
            "Unknown felis type .quaternion",
        ),
        (
            felis("\n  - {name: xmin, datatype: long, description: abcd}"),
            "yaml: column name .xmin. conflicts",
        ),
        (
            felis(
                COLUMNS + "  - {name: a, datatype: double, description: abcd, 'votable:arraysize': banana}"
            ),
            "has the arraysize “banana”",
        ),
        (
            felis(
                more="  indexes:\n  - {name: ix, '@id': '#ix', description: abcd, columns: ['#nowhere']}\n"
            ),
            "An index of faulty.things has the column nowhere, which the table lacks",
        ),
    ],
)
def test_a_description_that_is_wrong_is_refused(refuse: Try, description: str | bytes, said: str) -> None:
    refuse(said, description=description, data="id,xmin,ra,dec,label,a\n1,2,3,4,b,5\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", r"things\.csv: Empty CSV file"),
        ("\n\n", "its first line is longer than 8 MiB"),
        ("id,ra,dec,label," + "x" * 9_000_000, "its first line is longer than 8 MiB"),
        (DATA + "1,2,3," + "x" * 17_000_000, "A row is longer than 8 MiB"),
        (DATA + "x,2,3,a\n", r"things\.csv: Column id: conversion error to int64: invalid value 'x'"),
        (DATA + "1,2\n", "Expected 4 columns, got 2"),
        (DATA + "1,2,3,a\0b\n", "NUL"),
        ((DATA + "1,2,3,\u00fc\n").encode("latin-1"), "Column label: .*UTF8"),
        ("id,id,ra,dec,label\n1,2,3,4,a\n", "has more than one column id"),
        ("id,ID,ra,dec,label\n1,2,3,4,a\n", "has more than one column id"),
        (",".join(f"c{n}" for n in range(10_000)) + "\n", "no column id, ra, dec, label.\nIt has: .* and 9,960 more"),
        ("SIMPLE  =                    T".ljust(2880), "first line is longer"),
    ],
)  # fmt: skip
def test_a_csv_file_that_is_wrong_is_refused(refuse: Try, data: str | bytes, said: str) -> None:
    refuse(said, data=data)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("things.csv.gz", b"no gzip", r"things\.csv\.gz: zlib inflate failed"),
        ("things.csv.gz", gzip.compress(os.urandom(5000))[:-900], r"things\.csv\.gz: Truncated compressed"),
        ("things.csv.zip", b"PK\3\4", "not a kind of file that is read here"),
        ("things.vot", b"<VOTABLE/>", "cannot be read as votable"),
        ("things.parquet", b"", r"things\.parquet: Parquet file size is 0 bytes"),
        ("things.parquet", b"PAR1 and nothing else", r"things\.parquet: Parquet magic bytes not found"),
    ],
)
def test_other_files_are_refused(refuse: Try, name: str, data: bytes, said: str) -> None:
    refuse(said, name=name, data=data)


def parquet(path: Path, **columns: pa.Array) -> bytes:
    whole = {"id": pa.array([1]), "ra": pa.array([1.0]), "dec": pa.array([1.0]), "label": pa.array(["a"])}
    pq.write_table(pa.table(whole | columns), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("label", pa.array([["a"]]), "Column label: Unsupported cast from list"),
        ("id", pa.array([{"a": 1}]), "Column id: Unsupported cast from struct"),
        (
            "id",
            pa.array([2**64 - 1], pa.uint64()),
            "Column id: Integer value 18446744073709551615 not in range",
        ),
        ("id", pa.array([1.5]), "Column id: Float value 1.5"),
        ("label", pa.array([b"\xff"]), "Column label: Invalid UTF8"),
        ("label", pa.array(["a\0b"]), "NUL"),
    ],
)
def test_parquet_columns_of_other_types_are_refused(
    refuse: Try, tmp_path: Path, column: str, values: pa.Array, said: str
) -> None:
    refuse(said, name="things.parquet", data=parquet(tmp_path / "made.parquet", **{column: values}))


def test_damaged_pages_are_told_with_the_files_name(refuse: Try, tmp_path: Path) -> None:
    content = bytearray(parquet(tmp_path / "made.parquet"))
    content[4:80] = bytes(255 - byte for byte in content[4:80])
    refuse(r"things\.parquet: Couldn't deserialize", name="things.parquet", data=bytes(content))


def test_dates_that_python_does_not_have_are_refused(refuse: Try, tmp_path: Path) -> None:
    described = felis("\n  - {name: t, datatype: timestamp, description: abcd}")
    far = parquet(tmp_path / "made.parquet", t=pa.array([2**62], pa.timestamp("us")))
    refuse(
        r"things\.parquet: date value out of range", name="things.parquet", data=far, description=described
    )


def test_tables_that_postgresql_cannot_hold_are_refused(refuse: Try) -> None:
    def wide(count: int, kind: str) -> str:
        return "".join(f"\n  - {{name: c{n}, datatype: {kind}, description: abcd}}" for n in range(count))

    header = ",".join(f"c{n}" for n in range(1_700)) + "\n"
    row = ",".join(["abcdefgh"] * 1_700) + "\n"
    refuse(
        "yaml: tables can have at most 1600 columns",
        description=felis(wide(1_700, "text")),
        data=header + row,
    )
    refuse("csv: row is too big", description=felis(wide(1_500, "text")), data=header + row)


def test_a_failed_replacement_leaves_the_table(fresh_database_url: str, tmp_path: Path) -> None:
    yaml, good, bad = tmp_path / "things.yaml", tmp_path / "good.csv", tmp_path / "bad.csv"
    yaml.write_text(felis().replace("name: faulty", "name: replaced"))
    good.write_text(DATA)
    bad.write_text(DATA * 2)
    publish(fresh_database_url, yaml, good, replace=False)
    with pytest.raises(UsageError, match=r"bad\.csv: Column id: conversion error"):
        publish(fresh_database_url, yaml, bad, replace=True)
    with psycopg.connect(fresh_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM replaced.things").fetchone() == (2,)


def test_positions_that_are_texts_or_arrays_are_not_indexed(fresh_database_url: str, tmp_path: Path) -> None:
    yaml, file = tmp_path / "things.yaml", tmp_path / "things.csv"
    told = felis().replace("name: faulty", "name: worded").replace("datatype: double", "datatype: text")
    yaml.write_text(told)
    file.write_text(DATA)
    done = publish(fresh_database_url, yaml, file, replace=False)
    assert done.searchable is False
    assert done.no_positions == ("ra is text", "dec is text")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"ivoa:ucd": "pos.eq.ra;meta.main"', '"ivoa:unit": "rad"'), ["ra is in rad"]),
        (
            ('"ivoa:ucd": "pos.eq.ra;meta.main"', '"ivoa:unit": "rad", "ivoa:ucd": "pos.eq.ra"'),
            ["ra is in rad"],
        ),
        (("datatype: double, description: Where it is", "datatype: text, description: abcd"), ["ra is text"]),
    ],
)
def test_why_a_position_cannot_be_searched_is_said_of_the_column(
    fresh_database_url: str, tmp_path: Path, change: tuple[str, str], said: list[str]
) -> None:
    yaml, file = tmp_path / "things.yaml", tmp_path / "things.csv"
    yaml.write_text(felis().replace("name: faulty", "name: told").replace(*change, 1))
    file.write_text(DATA)
    done = publish(fresh_database_url, yaml, file, replace=False)
    assert list(done.no_positions) == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3,400,95,c", "row 3 has ra 400.0 and dec 95.0: no position"),
        ("3,-0.5,0,c", "row 3 has ra -0.5 and dec 0.0"),
        ("3,,-90.5,c", "row 3 has ra nothing and dec -90.5"),
        ("3,inf,0,c", "row 3 has ra inf"),
    ],
)
def test_impossible_positions_are_refused_with_the_first_such_row(refuse: Try, row: str, said: str) -> None:
    refuse(rf"things\.csv: {said}.*\n.*0 to 360.*-90 to 90", data=f"{DATA}{row}\n4,500,0,d\n")


def test_positions_may_be_unknown_or_at_the_poles(fresh_database_url: str, tmp_path: Path) -> None:
    yaml, file = tmp_path / "things.yaml", tmp_path / "things.csv"
    yaml.write_text(felis().replace("name: faulty", "name: polar"))
    file.write_text(DATA + "3,,,\n4,nan,nan,\n5,360,-90,\n6,0,90,\n")
    assert publish(fresh_database_url, yaml, file, replace=False).rows == 6


def test_names_that_are_words_of_adql_are_published_as_queries_write_them(
    fresh_database_url: str, tmp_path: Path
) -> None:
    yaml, file = tmp_path / "things.yaml", tmp_path / "things.csv"
    told = felis(
        more='\n  indexes:\n  - {name: by_date, "@id": "#by", description: By day, columns: ["#things.Date"]}'
    )
    yaml.write_text(told.replace("name: faulty", "name: worded").replace("{name: label,", "{name: Date,"))
    file.write_text(DATA.replace("label", "Date"))
    publish(fresh_database_url, yaml, file, replace=False)
    with psycopg.connect(fresh_database_url) as connection:
        found = connection.execute(
            "SELECT column_name, indexed FROM tap_schema.columns WHERE table_name = 'worded.things'"
        ).fetchall()
        tables = load_tables(connection)
    assert ('"Date"', 1) in found
    for name, _ in found:
        assert compile_adql(f"SELECT {name} FROM worded.things", tables).columns


def test_tables_are_not_called_by_words_of_adql(refuse: Try) -> None:
    refuse("table is a word of ADQL's own", description=felis().replace("name: things", "name: table"))
