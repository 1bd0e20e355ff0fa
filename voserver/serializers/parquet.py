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


def parquet(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The file. Its VOTable header goes last, so that it can tell of rows left out."""
    schema = arrow_schema(rows.columns)
    drain = Drain()
    with pq.ParquetWriter(drain, schema, compression="zstd", compression_level=1) as writer:
        yield drain.take()
        for batch in pieces(rows):
            renamed = pa.RecordBatch.from_arrays(batch.columns, schema=schema)
            writer.write_batch(renamed, row_group_size=_ROW_GROUP_ROWS)
            yield drain.take()
        header = without_rows(rows.columns, document, OVERFLOW if rows.overflow else OK)
        writer.add_key_value_metadata(
            {"IVOA.VOTable-Parquet.version": "1.0", "IVOA.VOTable-Parquet.content": header}
        )
    yield drain.take()
