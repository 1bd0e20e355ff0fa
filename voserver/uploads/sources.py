"""What every reader gives: the columns of a table, and its rows as record batches of the columns' types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pyarrow as pa

from voserver.model.columns import Column

CHUNK = 1 << 18
"""Bytes read from a file at a time."""


@dataclass(frozen=True)
class Source:
    """A table that is being read. Names are as the file has them; what is wrong with rows is raised by `batches`."""

    columns: tuple[Column, ...]
    batches: Iterator[pa.RecordBatch]


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
