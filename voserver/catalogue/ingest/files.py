"""Rows of a Parquet or CSV file, read in batches: the same dictionaries from either. CSV may be packed by gzip."""

import csv
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from voserver.model.errors import NotFound, UsageError

_BATCH = 5_000
_ENDINGS = (".parquet", ".csv", ".csv.gz")

_LONGEST_ROW = 1 << 20
"""Characters of a row of CSV, and bytes of a value in Parquet: a few bytes that are packed may stand for any number."""
_LARGEST_BATCH = 256 << 20
"""Bytes of the texts that are in memory at once."""
_LAST_DAY = datetime(2100, 1, 1, tzinfo=UTC)

_FAULTS = (pa.ArrowException, csv.Error, ValueError, OverflowError, OSError, EOFError, zlib.error)
"""What readers raise on a damaged file; Arrow has OSError for damaged pages, ValueError for dates beyond Python's."""


class Row(NamedTuple):
    """One row of a file; `number` counts from 1 (a CSV file's header does not count)."""

    number: int
    values: Mapping[str, object]
    fault: str | None = None
    """Why the row could not be read at all, or None."""


def check(path: Path) -> None:
    """Refuse a path that cannot be read.

    Raises:
        NotFound: there is no such file.
        UsageError: neither Parquet nor CSV by its name.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    if not path.name.lower().endswith(_ENDINGS):
        raise UsageError(
            f"{path.name} is neither a Parquet nor a CSV file.",
            hint="Its name must end in .parquet, .csv or .csv.gz.",
        )


def fingerprint(path: Path) -> str:
    """What tells whether a file is the one that was read before: the SHA-256 of its bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count(path: Path) -> int | None:
    """How many rows the file has, where that costs nothing to know.

    Raises:
        UsageError: the file is damaged.
    """
    if path.suffix.lower() != ".parquet":
        return None
    try:
        return int(pq.read_metadata(path).num_rows)
    except _FAULTS as error:
        raise _damaged(path, error) from error


def header(path: Path) -> list[str]:
    """The names of the file's columns.

    Raises:
        UsageError: the file is damaged.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return list(pq.read_schema(path).names)
        with _open(path) as file:
            return next(csv.reader(_Lines(file)), [])
    except _FAULTS as error:
        raise _damaged(path, error) from error


def read(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> Iterator[Row]:
    """The rows of the file, with those of `columns` that it has.

    Raises:
        UsageError: a required column is missing, or the file is damaged.
    """
    rows = (
        _read_parquet(path, columns, required)
        if path.suffix.lower() == ".parquet"
        else _read_csv(path, columns, required)
    )
    try:
        yield from rows
    except _FAULTS as error:
        raise _damaged(path, error) from error


def _open(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


class _Lines:
    """Lines of a file for a reader of CSV, whose rows take no more than the `room` that is left."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.room = _LONGEST_ROW

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(self.room + 1)
        if not line:
            raise StopIteration
        self.room -= len(line)
        if self.room < 0:
            raise ValueError(f"a row has more than {_LONGEST_ROW:,} characters")
        return line


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


_SMALL = (pa.types.is_primitive, pa.types.is_null, pa.types.is_decimal)


def _is_flat(kind: pa.DataType) -> bool:
    """Whether a value takes a few bytes, or is a text."""
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return _is_text(kind) or any(test(kind) for test in _SMALL)


def _check_size(batch: pa.RecordBatch) -> None:
    size = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_dictionary(column.type):
            continue
        lengths = pc.binary_length(column.dictionary)
        if (pc.max(lengths).as_py() or 0) > _LONGEST_ROW:
            raise ValueError(f"{name} has a value of more than {_LONGEST_ROW:,} bytes")
        size += pc.sum(pc.cast(lengths.take(column.indices), pa.int64())).as_py() or 0
    if size > _LARGEST_BATCH:
        raise ValueError(f"{batch.num_rows:,} of its rows have texts of {size:,} bytes")


def _unpacked(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def last_change(status: os.stat_result) -> datetime:
    """When a file was changed (UTC); some disks hold times that no calendar has."""
    seconds = min(max(status.st_mtime, 0.0), _LAST_DAY.timestamp())
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _damaged(path: Path, error: Exception) -> UsageError:
    why = " ".join(str(error).split())
    return UsageError(f"{path.name} cannot be read: {why}", hint="Is the file whole? Copy it again.")


def _present(path: Path, header: list[str], columns: tuple[str, ...], required: tuple[str, ...]) -> list[str]:
    missing = [name for name in required if name not in header]
    if missing:
        raise UsageError(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}.",
            hint="Rows of MAST's JWST keyword service are wanted, with the service's own column names.",
        )
    wanted = [name for name in columns if name in header]
    twice = [name for name in wanted if header.count(name) > 1]
    if twice:
        raise UsageError(f"{path.name} has more than one column {', '.join(twice)}.")
    return wanted


def _read_parquet(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> Iterator[Row]:
    schema = pq.read_schema(path)
    wanted = _present(path, schema.names, columns, required)
    odd = [name for name in wanted if not _is_flat(schema.field(name).type)]
    if odd:
        raise ValueError(f"the column {odd[0]} is of type {str(schema.field(odd[0]).type)[:100]}")
    texts = [name for name in wanted if _is_text(schema.field(name).type)]
    # A text that is repeated is there once until it is known how large all are together.
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        number = 0
        for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
            _check_size(batch)
            names, values = batch.schema.names, [_unpacked(column).to_pylist() for column in batch.columns]
            for fields in zip(*values, strict=True):
                number += 1
                yield Row(number, dict(zip(names, fields, strict=True)))


def _read_csv(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> Iterator[Row]:
    with _open(path) as file:
        lines = _Lines(file)
        reader = csv.reader(lines)
        header = next(reader, [])
        wanted = {name: header.index(name) for name in _present(path, header, columns, required)}
        number = 0
        for fields in reader:
            lines.room = _LONGEST_ROW
            if not fields:
                continue
            number += 1
            if len(fields) != len(header):
                yield Row(number, {}, f"the row has {len(fields)} values where the header has {len(header)}")
                continue
            yield Row(number, {name: fields[index] for name, index in wanted.items()})
