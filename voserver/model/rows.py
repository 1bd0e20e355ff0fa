"""A result on its way: columns and a stream of Arrow record batches. Made by `query.run`, drained by a serializer."""

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from voserver.model.columns import Column


class RowStream(Protocol):
    """Rows of a running query, read once.

    Every batch has one Arrow column per `columns` entry, in that order, of its `Column.arrow_type`. Batches hold
    at least one row; there may be none. Reading may raise a `ServiceError` (a time limit, a lost database).
    """

    columns: tuple[Column, ...]

    @property
    def overflow(self) -> bool:
        """Whether rows were left out because of the row limit. True only when known, at the latest at the end."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches."""
        ...

    def close(self) -> None:
        """Stop the query if it still runs and give its connection back. May be called from another thread, twice."""
        ...
