"""Rows as Parquet, with the table's VOTable header in the file's metadata (VOParquet 1.0)."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from voserver.model.rows import RowStream
from voserver.serializers.arrow_stream import Drain, arrow_schema
from voserver.serializers.cells import pieces
from voserver.serializers.document import Document
from voserver.serializers.votable_head import OK, OVERFLOW, without_rows

_ROW_GROUP_ROWS = 65_536
_ROW_GROUP_BYTES = 16_000_000


def parquet(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The file. Its VOTable header goes last, so that it can tell of rows left out."""
    schema = arrow_schema(rows.columns)
    drain = Drain()
    with pq.ParquetWriter(drain, schema, compression="zstd", compression_level=1) as writer:
        yield drain.take()
        for group in _row_groups(rows, schema):
            writer.write_table(group, row_group_size=group.num_rows)
            yield drain.take()
        header = without_rows(rows.columns, document, OVERFLOW if rows.overflow else OK)
        writer.add_key_value_metadata(
            {"IVOA.VOTable-Parquet.version": "1.0", "IVOA.VOTable-Parquet.content": header}
        )
    yield drain.take()


def _row_groups(rows: RowStream, schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches together, since readers are slow with many small row groups; but the first alone, at once."""
    held: list[pa.RecordBatch] = []
    is_first = True
    for batch in pieces(rows):
        held.append(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        full = sum(part.num_rows for part in held) >= _ROW_GROUP_ROWS
        if is_first or full or sum(part.nbytes for part in held) >= _ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held = []
            is_first = False
    if held:
        yield pa.Table.from_batches(held)
