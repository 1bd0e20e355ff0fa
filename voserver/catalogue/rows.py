"""Rows of a file going into a table: read in batches, brought to its types, copied."""

import re
from collections import Counter
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

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,50}")
"""What a schema, table or column can be called that is published."""

_CSV_BLOCK = 8 << 20
_BATCH = 20_000
_LISTED = 40
_CSV_PACKED = {".gz", ".bz2", ".zst"}
_PARQUET = {".parquet", ".pq"}
ASTROPYS = (".fits", ".fit", ".fits.gz", ".ecsv", ".vot", ".votable", ".xml")
"""The ends of names of files that astropy reads (`table_files`)."""

_FAULTS = (pa.ArrowException, OSError, ValueError, OverflowError)
"""What readers raise on a damaged file; Arrow has OSError for damaged pages, OverflowError for dates beyond Python's."""

_WORDS = (
    ("straddl", f"A row is longer than {_CSV_BLOCK >> 20} MiB, or a quote is not closed."),
    (
        "cannot infer number of columns",
        f"It is empty, or its first line is longer than {_CSV_BLOCK >> 20} MiB.",
    ),
)
"""What some of Arrow's messages mean to a user."""

_CSV_COLUMN = re.compile(r"In CSV column #(\d+): (?:CSV )?")


@dataclass(frozen=True)
class Source:
    """An open file: its batches have exactly the wanted columns, in their order and types."""

    columns: tuple[Column, ...]
    batches: Iterator[pa.RecordBatch]
    left_out: tuple[str, ...]


@contextmanager
def open_rows(path: Path, columns: Sequence[Column]) -> Iterator[Source]:
    """Open a file by its ending. `UsageError` where it cannot be read or lacks a column."""
    _check_kind(path)
    names: list[str] = []
    try:
        if path.suffix.lower() in _PARQUET:
            with pyarrow.parquet.ParquetFile(path) as file:
                yield _source(path, columns, file.schema_arrow.names, file.iter_batches(batch_size=_BATCH))
        elif _is_csv(path):
            names = _csv_names(path)
            with pyarrow.csv.open_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK),
                convert_options=_csv_types(columns, names),
            ) as reader:
                yield _source(path, columns, names, reader)
        else:
            yield _by_astropy(path, columns)
    except _FAULTS as error:
        raise UsageError(f"{path}: {_reason(error, names)}") from error


def schema_of(path: Path) -> pa.Schema:
    """The columns of a CSV or Parquet file; a CSV file's types are guessed from its first rows.

    Raises:
        UsageError: it cannot be read.
    """
    _check_kind(path)
    try:
        if path.suffix.lower() in _PARQUET:
            return pyarrow.parquet.read_schema(path)
        options = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK)
        with pyarrow.csv.open_csv(path, read_options=options) as reader:
            return reader.schema
    except _FAULTS as error:
        raise UsageError(f"{path}: {_reason(error, [])}") from error


def _check_kind(path: Path) -> None:
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    if not (path.suffix.lower() in _PARQUET or _is_csv(path) or path.name.lower().endswith(ASTROPYS)):
        raise UsageError(
            f"{path.name}: not a kind of file that is read here.",
            hint="Use .csv (or .csv.gz, .csv.bz2, .csv.zst), .parquet, .fits, .ecsv or .vot.",
        )


def _by_astropy(path: Path, columns: Sequence[Column]) -> Source:
    from voserver.catalogue import table_files  # noqa: PLC0415 -- astropy's half second, where it is needed

    found = table_files.read(path)
    return _source(path, columns, [column.name for column in found], table_files.batches(found))


def _is_csv(path: Path) -> bool:
    endings = [suffix.lower() for suffix in path.suffixes]
    return endings[-1:] == [".csv"] or (endings[-2:-1] == [".csv"] and endings[-1] in _CSV_PACKED)


def _reason(error: Exception, names: Sequence[str]) -> str:
    """The reader's message in one line, with a column's name in place of its number."""
    text = " ".join(str(error).split())
    for sign, words in _WORDS:
        if sign in text:
            return words
    return _CSV_COLUMN.sub(lambda found: f"Column {names[int(found[1])]}: ", text)


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


def listed(names: Sequence[str]) -> str:
    """The names in a sentence; of very many the first ones."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")


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
        raise UsageError(f"{path} has no column {listed(missing)}.", hint=f"It has: {listed(names)}.")
    wanted = {column.name.lower() for column in columns}
    counts = Counter(name.lower() for name in names)
    twice = [name for name in wanted if counts[name] > 1]
    if twice:
        raise UsageError(f"{path} has more than one column {listed(sorted(twice))}.")
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
