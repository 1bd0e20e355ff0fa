"""Rows as an Arrow IPC stream: the batches as they are, and VOTable's words in the metadata of columns."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.rows import RowStream
from voserver.serializers.cells import distinct, pieces
from voserver.serializers.document import Document
from voserver.serializers.votable_head import words


class Drain:
    """A file that is written to by a library and emptied into the answer."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> int:
        """Keep a copy: the library uses its buffers again."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing lies between this and the answer."""

    def close(self) -> None:
        """What was written stays to be taken."""
        self.closed = True

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a result: distinct names, and VOTable's words as metadata of each field."""
    names = distinct(column.name for column in columns)
    return pa.schema(
        pa.field(name, column.arrow_type, metadata=_metadata(column))
        for name, column in zip(names, columns, strict=True)
    )


def _metadata(column: Column) -> dict[str, str]:
    return {key: value for key, value in words(column).items() if value and key != "name"}


def arrow(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The stream. What is said of the answer stands in the schema's metadata."""
    schema = arrow_schema(rows.columns).with_metadata({fact.name: fact.value for fact in document.facts})
    drain = Drain()
    with pa.ipc.new_stream(drain, schema) as writer:
        yield drain.take()
        for batch in pieces(rows):
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            yield drain.take()
    yield drain.take()
