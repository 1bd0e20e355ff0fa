"""Run a statement: the row limit, and whether rows were left out. Keeps nothing but the batch in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.rows import RowStream
from voserver.query.statement import Statement


class Batches(Protocol):
    """Record batches of a running query (`catalogue.streams.BatchStream`)."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches."""
        ...

    def close(self) -> None:
        """Stop, and give the connection back; from any thread, more than once."""
        ...


Prepare = Callable[[Any], None]
"""What is done in the session before the query (`catalogue.streams.Session`): uploaded tables are filled."""


class Pool(Protocol):
    """What runs SQL (`catalogue.streams.QueryPool`)."""

    def open(
        self,
        sql: str,
        *,
        timeout: float,
        groups: Sequence[str] = (),
        base_url: str = "",
        prepare: Prepare | None = None,
    ) -> Batches:
        """Start a query, in a session that was prepared for it."""
        ...


class LimitedRows:
    """The first `maxrec` rows of a query that was asked for one more, to know whether there are more."""

    def __init__(self, columns: tuple[Column, ...], batches: Batches, maxrec: int) -> None:
        self.columns = columns
        self.overflow = False
        self._batches = batches
        self._maxrec = maxrec
        self._schema = pa.schema([pa.field(column.name, column.arrow_type) for column in columns])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, named and typed as the columns say."""
        left = self._maxrec
        for batch in self._batches:
            if batch.num_rows > left:
                self.overflow = True
            kept = batch.slice(0, left)
            left -= kept.num_rows
            if kept.num_rows:
                yield self._conform(kept)

    def _conform(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        types = self._schema.types
        arrays = [
            array if array.type.equals(wanted) else array.cast(wanted)
            for array, wanted in zip(batch.columns, types, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def close(self) -> None:
        """Stop the query if it still runs and give its connection back."""
        self._batches.close()


class NoRows:
    """The answer to MAXREC=0: columns, no rows, and the mark that there may be more (TAP 1.1 §2.7.4), or not."""

    def __init__(self, columns: tuple[Column, ...], *, overflow: bool) -> None:
        self.columns = columns
        self.overflow = overflow

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """No batches."""
        return iter(())

    def close(self) -> None:
        """Nothing runs."""


def run(
    statement: Statement,
    pool: Pool,
    *,
    maxrec: int,
    timeout: float,
    groups: Sequence[str] = (),
    base_url: str = "",
    prepare: Prepare | None = None,
    mark_none: bool = True,
) -> RowStream:
    """Start a statement for a user of some groups, and stream at most `maxrec` rows.

    `base_url` is the service's own, for the URLs of files that it serves itself.
    `mark_none` says whether the answer to MAXREC=0 has the mark that there may be more.
    A query whose own TOP is no more than `maxrec` never overflows (TAP 1.1 §2.7.4).
    """
    if maxrec <= 0:
        return NoRows(statement.columns, overflow=mark_none)
    sql = statement.limited(maxrec + 1)
    batches = pool.open(sql, timeout=timeout, groups=groups, base_url=base_url, prepare=prepare)
    return LimitedRows(statement.columns, batches, maxrec)
