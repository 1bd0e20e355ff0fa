"""Rows of a Parquet or CSV file, read in batches: the same dictionaries from either. CSV may be packed by gzip."""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from voserver.model.errors import NotFound, UsageError

_BATCH = 5_000
_ENDINGS = (".parquet", ".csv", ".csv.gz")

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
            return next(csv.reader(file), [])
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
    with pq.ParquetFile(path) as file:
        wanted = _present(path, file.schema_arrow.names, columns, required)
        number = 0
        for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
            names, values = batch.schema.names, [column.to_pylist() for column in batch.columns]
            for fields in zip(*values, strict=True):
                number += 1
                yield Row(number, dict(zip(names, fields, strict=True)))


def _read_csv(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> Iterator[Row]:
    with _open(path) as file:
        reader = csv.reader(file)
        header = next(reader, [])
        wanted = {name: header.index(name) for name in _present(path, header, columns, required)}
        number = 0
        for fields in reader:
            if not fields:
                continue
            number += 1
            if len(fields) != len(header):
                yield Row(number, {}, f"the row has {len(fields)} values where the header has {len(header)}")
                continue
            yield Row(number, {name: fields[index] for name, index in wanted.items()})
