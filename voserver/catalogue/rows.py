"""Rows of a CSV or Parquet file going into a table: read in batches, brought to its types, copied."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from psycopg import sql

from voserver.model.columns import Column
from voserver.model.errors import UsageError

_CSV_BLOCK = 8 << 20
_BATCH = 20_000


@dataclass(frozen=True)
class Source:
    """An open file: its batches have exactly the wanted columns, in their order and types."""

    columns: tuple[Column, ...]
    batches: Iterator[pa.RecordBatch]
    left_out: tuple[str, ...]


@contextmanager
def open_rows(path: Path, columns: Sequence[Column]) -> Iterator[Source]:
    """Open a file by its ending. `UsageError` where it cannot be read or lacks a column."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            with pyarrow.parquet.ParquetFile(path) as file:
                yield _source(path, columns, file.schema_arrow.names, file.iter_batches(batch_size=_BATCH))
        elif {".csv"} & {suffix.lower() for suffix in path.suffixes}:
            names = _csv_names(path)
            with pyarrow.csv.open_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK),
                convert_options=_csv_types(columns, names),
            ) as reader:
                yield _source(path, columns, names, reader)
        else:
            raise UsageError(
                f"{path.name}: not a kind of file that is read here.", hint="Use .csv or .parquet."
            )
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {str(error).splitlines()[0]}") from error


def copy(
    connection: psycopg.Connection, table: sql.Identifier, source: Source, report: Callable[[int], None]
) -> int:
    """COPY every row into the table; how many there were."""
    names = sql.SQL(", ").join(sql.Identifier(column.name.lower()) for column in source.columns)
    count = 0
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)) as copying:
        for batch in source.batches:
            for row in zip(*(values.to_pylist() for values in batch.columns), strict=True):
                copying.write_row(row)
            count += batch.num_rows
            report(count)
    return count


def _csv_names(path: Path) -> list[str]:
    """The header of a CSV file, by the reader that will read the rest."""
    with pyarrow.csv.open_csv(path, read_options=pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK)) as reader:
        return list(reader.schema.names)


def _csv_types(columns: Sequence[Column], names: Sequence[str]) -> pyarrow.csv.ConvertOptions:
    """How to read each column: as its type; arrays as text, whose numbers are separated by spaces (DALI)."""
    types = {column.name.lower(): pa.string() if column.is_array else column.arrow_type for column in columns}
    return pyarrow.csv.ConvertOptions(
        column_types={name: types[name.lower()] for name in names if name.lower() in types},
        null_values=["", "NULL", "null"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )


def _source(
    path: Path, columns: Sequence[Column], names: Sequence[str], batches: Iterator[pa.RecordBatch]
) -> Source:
    places = {name.lower(): place for place, name in enumerate(names)}
    missing = [column.name for column in columns if column.name.lower() not in places]
    if missing:
        raise UsageError(f"{path} has no column {', '.join(missing)}.", hint=f"It has: {', '.join(names)}.")
    wanted = {column.name.lower() for column in columns}
    order = [places[column.name.lower()] for column in columns]
    typed = (
        pa.record_batch(
            [_cast(batch.column(place), column) for place, column in zip(order, columns, strict=True)],
            names=[column.name for column in columns],
        )
        for batch in batches
    )
    return Source(tuple(columns), typed, tuple(name for name in names if name.lower() not in wanted))


def _cast(values: pa.Array, column: Column) -> pa.Array:
    if column.is_array and pa.types.is_string(values.type):
        values = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(values))
    try:
        return values if values.type == column.arrow_type else values.cast(column.arrow_type)
    except pa.ArrowException as error:
        raise UsageError(f"Column {column.name}: {str(error).splitlines()[0]}") from error
