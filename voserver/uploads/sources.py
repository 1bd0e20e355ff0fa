"""What every reader gives: the columns of a table, and its rows as record batches of the columns' types."""

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import pyarrow as pa

from voserver.model.columns import Column

CHUNK = 1 << 18
"""Bytes read from a file at a time."""

IN_MEMORY = 1 << 20
"""Bytes of a file that comes with a request that are kept in memory."""


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


def spool() -> IO[bytes]:
    """A file that lies in memory as long as it is small; of a larger one nothing is left when it is closed."""
    return cast("IO[bytes]", SpooledTemporaryFile(max_size=IN_MEMORY))
