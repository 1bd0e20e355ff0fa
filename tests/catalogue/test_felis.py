"""The Felis files and the live database say the same, in both directions."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from voserver.catalogue import felis, tap_schema
from voserver.model.errors import UsageError
from voserver.model.tables import Tables
from voserver.settings import schema_directory

FILES = sorted(schema_directory().glob("*.yaml"))
SCHEMAS = [file.stem for file in FILES]
POSTGRESQL = {
    ("boolean", None): "boolean",
    ("short", None): "smallint",
    ("int", None): "integer",
    ("int", "array"): "integer[]",
    ("long", None): "bigint",
    ("float", None): "real",
    ("double", None): "double precision",
    ("double", "array"): "double precision[]",
    ("char", "timestamp"): "timestamp without time zone",
    ("char", "uuid"): "uuid",
    ("char", None): "text",
}

# An index of part of a table is read from end to end, when the table is empty.
SOME_FILES = """
INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode)
VALUES ('o', md5('o')::uuid, 'JWST', 'o', 'S');
INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection, observationid)
VALUES ('p', md5('o')::uuid, md5('p')::uuid, 'p', 'cal', 2, 'JWST', 'o');
INSERT INTO archive.artifact (uri, planeid, artifactid, filename, dataproduct_type, suffix, producttype)
SELECT n::text, md5('p')::uuid, md5(n::text)::uuid, n::text, 'spectrum', 'x1d', 'science'
FROM generate_series(1, 2000) AS n;
"""


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as connection:
        yield connection


@pytest.fixture(scope="module")
def tables(connection: psycopg.Connection) -> Tables:
    return tap_schema.load_tables(connection)


def live_columns(connection: psycopg.Connection) -> dict[tuple[str, str, str], str]:
    rows = connection.execute(
        "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped",
        [SCHEMAS],
    )
    return {(schema, table, column): kind for schema, table, column, kind in rows}


def test_every_described_column_is_there_and_every_column_described(
    connection: psycopg.Connection, tables: Tables
) -> None:
    described = {(*table.sql_name, column.sql_name) for table in tables for column in table.columns}
    described |= {
        (*table.sql_name, column.shape_name)
        for table in tables
        for column in table.columns
        if column.is_region
    }
    described |= {(*table.sql_name, "readable__") for table in tables if table.is_ruled}
    assert described == set(live_columns(connection))


def test_every_column_is_of_the_type_that_is_described(
    connection: psycopg.Connection, tables: Tables
) -> None:
    live = live_columns(connection)
    for table in tables:
        for column in table.columns:
            shape = column.column
            detail = "array" if shape.is_array else None
            if shape.datatype == "char" and shape.xtype in {"timestamp", "uuid"}:
                detail = shape.xtype
            found = live[(*table.sql_name, column.sql_name)]
            assert found == POSTGRESQL[shape.datatype, detail], f"{table.full_name}.{column.name}"
            if column.is_region:
                assert live[(*table.sql_name, column.shape_name)] == "sky.region"


def test_tap_schema_says_what_the_files_say(tables: Tables) -> None:
    for file in FILES:
        schema = felis.read(file)
        for table in schema.tables:
            found = tables.find(felis.full_name(schema, table))
            assert found is not None
            assert found.description == table.description
            indexed = felis.indexed_columns(table)
            assert [
                (
                    one.name,
                    one.column.datatype,
                    one.column.unit,
                    one.column.ucd,
                    one.column.utype,
                    one.column.xtype,
                )
                for one in found.columns
            ] == [
                (
                    column.name.strip('"'),
                    felis.datatype(column),
                    column.ivoa_unit,
                    column.ivoa_ucd,
                    column.votable_utype,
                    column.votable_xtype,
                )
                for column in table.columns
            ]
            assert [one.indexed for one in found.columns] == [
                column.id in indexed for column in table.columns
            ]


def test_comments_are_the_descriptions(connection: psycopg.Connection, tables: Tables) -> None:
    comments = {
        (schema, table, column): text
        for schema, table, column, text in connection.execute(
            "SELECT n.nspname, c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ANY(%s)",
            [SCHEMAS],
        )
    }
    for table in tables:
        for column in table.columns:
            assert comments[(*table.sql_name, column.sql_name)] == column.column.description


def test_what_is_called_indexed_is_answered_by_an_index(
    connection: psycopg.Connection, tables: Tables
) -> None:
    sample = {"integer": "1", "bigint": "1", "double precision": "1", "text": "'a'", "uuid": f"'{'0' * 32}'"}
    sample |= {"timestamp without time zone": "'2025-01-01'"}
    live = live_columns(connection)
    checked = 0
    with connection.transaction(force_rollback=True):
        connection.execute(SOME_FILES)
        connection.execute("ANALYZE archive.artifact")
        connection.execute("SET LOCAL enable_seqscan = off")
        for table in tables:
            for column in table.columns:
                if not column.indexed:
                    continue
                schema, name = table.sql_name
                condition = f'"{column.sql_name}" = {sample[live[schema, name, column.sql_name]]}'
                if column.is_region:
                    condition = f"sky.bounds({column.shape_name}) && sky.bounds(sky.circle(10, 10, 1))"
                elif column.name in {"s_ra", "s_dec"}:
                    condition = "sky.point(s_ra, s_dec) <@ cube_enlarge(sky.point(10, 10), 0.01, 3)"
                rows = connection.execute(f"EXPLAIN SELECT 1 FROM {schema}.{name} WHERE {condition}".encode())
                plan = "\n".join(line for (line,) in rows)
                assert "Index Cond" in plan, f"{table.full_name}.{column.name}\n{plan}"
                checked += 1
    assert checked > 50


def test_obscore_has_every_mandatory_column_with_the_standards_metadata(tables: Tables) -> None:
    source = Path(__file__).parents[3] / "shared" / "standards" / "tables" / "obscore.tsv"
    if not source.exists():
        pytest.skip("ObsCore's table of columns (shared/standards/tables/obscore.tsv) is not here")
    header, *lines = [line.split("\t") for line in source.read_text(encoding="utf-8").splitlines()]
    table = tables.find("ivoa.obscore")
    assert table is not None
    have = {column.name: column.column for column in table.columns}
    standard = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    assert {name for name, row in standard.items() if row["status"] == "mandatory"} <= set(have)
    for name, column in have.items():
        row = standard[name]
        assert column.datatype == row["votable_datatype"], name
        assert (column.unit or "", column.ucd or "", column.utype or "") == (
            row["unit"],
            row["ucd"],
            row["utype"],
        )


def standard_columns(name: str) -> list[dict[str, str]]:
    source = Path(__file__).parents[3] / "shared" / "standards" / "tables" / name
    if not source.exists():
        pytest.skip(f"the standard's table of columns (../shared/standards/tables/{name}) is not here")
    header, *lines = [line.split("\t") for line in source.read_text(encoding="utf-8").splitlines()]
    return [dict(zip(header, line, strict=False)) for line in lines]


def test_obsplan_has_every_column_with_the_standards_metadata(tables: Tables) -> None:
    table = tables.find("ivoa.obsplan")
    assert table is not None
    have = {column.name: column.column for column in table.columns}
    types = {"(real)": "double", "(integer)": "int", "(string)": "char", "(region)": "char"}
    for row in standard_columns("obsplan.tsv"):
        column = have[row["column"]]
        assert (column.datatype, column.unit or "", column.ucd or "", column.utype or "") == (
            types[row["type_class"]],
            row["unit"],
            row["ucd"],
            row["utype(as printed, obscore: prefix added here)"].removeprefix("obscore:"),
        )


def test_spectra_have_the_standards_words(tables: Tables) -> None:
    table = tables.find("jwst.spectrum")
    assert table is not None
    standard = {f"ssa:{row['utype'].removeprefix('ssa:')}": row for row in standard_columns("ssa_fields.tsv")}
    ours = [column.column for column in table.columns if (column.column.utype or "").startswith("ssa:")]
    assert {utype for utype, row in standard.items() if row["requirement"] == "MAN"} <= {
        one.utype for one in ours
    }
    for one in ours:
        row = standard[one.utype or ""]
        assert row["ucd"] in {"", one.ucd}, one.name
        assert row["arraysize"] in {"", one.arraysize}, one.name
        assert (row["datatype"] == "char") == (one.datatype == "char"), one.name


def test_keys_join_tables_that_are_there_by_columns_that_are_there(tables: Tables) -> None:
    keys = [key for table in tables for key in table.foreign_keys]
    assert len(keys) >= 8
    for key in keys:
        source, target = tables.find(key.from_table), tables.find(key.target_table)
        assert source is not None
        assert target is not None
        assert key.columns
        for one, other in key.columns:
            assert one.strip('"') in {column.name for column in source.columns}
            assert other.strip('"') in {column.name for column in target.columns}


def test_the_reserved_name_is_written_in_quotes_where_queries_copy_it(
    connection: psycopg.Connection, tables: Tables
) -> None:
    row = connection.execute(
        "SELECT column_name FROM tap_schema.columns WHERE column_name ~ 'size' AND table_name = 'tap_schema.columns'"
        " AND datatype = 'int'"
    ).fetchone()
    assert row == ('"size"',)
    table = tables.find("tap_schema.columns")
    assert table is not None
    assert "size" in {column.name for column in table.columns}


@pytest.mark.parametrize(
    "text",
    [
        "name: x\ntables: [",
        "name: x\ndescription: Some\ntables:\n- name: t\n  description: A table\n  columns:\n  - name: c\n",
        "just words",
    ],
)
def test_a_file_that_is_no_felis_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"broken\.yaml"):
        felis.read(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a0: &a0 [lol, lol]\n"
            + "\n".join(f"a{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]" for n in range(1, 12))
            + "\nname: x\ndescription: *a11\ntables: []",
            "an anchor or alias .* in line 1:",
        ),
        (
            "name: x\na0: &a0 {k: 1}\n"
            + "\n".join(f"a{n}: &a{n} {{<<: [{', '.join(9 * [f'*a{n - 1}'])}]}}" for n in range(1, 9)),
            "an anchor or alias .* in line 2:",
        ),
        ("name: x\ndescription: " + 5 * (1 << 20) * "x", "more than 4 MiB"),
        ("name: " + "9" * 10_000, "no valid Felis file"),
        ("name: 2026-13-45", "no valid Felis file"),
    ],
)
def test_a_file_that_stands_for_more_than_it_has_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        felis.read(file)
