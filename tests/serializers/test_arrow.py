"""Parquet and Arrow, read back by their own library."""

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io.votable import parse

from voserver.model.columns import Column


@pytest.mark.parametrize("sizes", [[4], [1, 2, 1], None])
def test_both_give_the_rows_back(
    sizes: list[int] | None,
    rows_of: Callable[..., Any],
    write: Callable[..., bytes],
) -> None:
    given = rows_of(sizes=sizes) if sizes else rows_of(rows=[])
    schema = pa.schema([(column.name, column.arrow_type) for column in given.columns])
    batches = [pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in given.batches]
    wanted = pa.Table.from_batches(batches, schema)
    stream = pa.ipc.open_stream(write("arrow", given)).read_all()
    parquet = pq.read_table(io.BytesIO(write("parquet", given)))
    assert stream.to_pydict() == wanted.to_pydict()
    assert parquet.to_pydict() == wanted.to_pydict()
    assert stream.schema.types == wanted.schema.types
    assert parquet.schema.types == wanted.schema.types


def test_arrow_fields_carry_the_words_of_their_columns(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    schema = pa.ipc.open_stream(write("arrow", rows_of())).schema
    assert schema.field("size").metadata == {
        b"datatype": b"long",
        b"unit": b"byte",
        b"ucd": b"phys.size;meta.file",
    }
    assert schema.metadata[b"query"].startswith(b"SELECT *")


@pytest.mark.parametrize(("overflow", "status"), [(False, "OK"), (True, "OVERFLOW")])
def test_parquet_carries_its_votable_header(
    overflow: bool, status: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    metadata = pq.ParquetFile(io.BytesIO(write("parquet", rows_of(overflow=overflow)))).metadata.metadata
    assert metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    votable = parse(io.BytesIO(metadata[b"IVOA.VOTable-Parquet.content"]))
    table = votable.get_first_table()
    assert [field.name for field in table.fields][:3] == ["flag", "visit", "program"]
    assert str(table.fields[3].unit) == "byte"
    assert votable.resources[0].infos[0].value == status


def test_a_name_given_twice_stays_readable(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    columns = (Column("a", "int"), Column("a", "int"))
    assert pq.read_table(io.BytesIO(write("parquet", rows_of(columns, [(1, 2)])))).to_pydict() == {
        "a": [1],
        "a_2": [2],
    }


def test_parquet_row_groups_after_the_first_are_not_as_small_as_batches(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    rows = rows_of((Column("n", "int"),), [(number,) for number in range(100_000)], sizes=[1000] * 100)
    metadata = pq.ParquetFile(io.BytesIO(write("parquet", rows))).metadata
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert sizes == [1_000, 66_000, 33_000]
