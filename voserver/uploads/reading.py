"""Files of any form, read once from end to end and kept as Arrow record batches on disk.

So types are known before the query is understood, whatever is wrong is told before the database is asked, and no
connection waits for a slow reader.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

import pyarrow as pa

from voserver.model.errors import Unavailable, UsageError
from voserver.uploads.declarations import Declaration
from voserver.uploads.formats import open_table
from voserver.uploads.limits import Limits, named
from voserver.uploads.loading import Upload, Uploads
from voserver.uploads.sources import Source, spool
from voserver.uploads.storage import stored, stored_type

_GROWTH = 8
"""How many times larger a table may become when it is unpacked to columns: a flag takes a byte, a number eight."""


def read_uploads(
    declarations: Sequence[Declaration],
    files: Mapping[str, IO[bytes]],
    limits: Limits,
    cancelled: Callable[[], bool] = lambda: False,
) -> Uploads:
    """Read the tables that a query brings with it.

    Args:
        declarations: what UPLOAD said.
        files: for the name of each table the file that holds it, which can be read from any place in it.
        limits: on all of them together.
        cancelled: asked now and then whether nobody waits any more.

    Raises:
        UsageError: what is wrong with which table, and where.
    """
    found = Uploads()
    try:
        for declaration in declarations:
            file = files[declaration.name]
            try:
                found.tables.append(_read(declaration.name, file, limits, found.rows, cancelled))
            except UsageError as error:
                raise UsageError(f"{declaration.name}: {error.message}", hint=error.hint) from error
    except BaseException:
        found.close()
        raise
    return found


def _read(
    name: str, file: IO[bytes], limits: Limits, rows_before: int, cancelled: Callable[[], bool]
) -> Upload:
    with open_table(file, limits) as source:
        columns = named(source.columns)
        kept = spool()
        try:
            rows = _keep(Source(columns, _counted(source, limits, rows_before, cancelled)), kept, limits)
        except BaseException:
            kept.close()
            raise
    return Upload(name, columns, rows, kept)


def _counted(
    source: Source, limits: Limits, rows_before: int, cancelled: Callable[[], bool]
) -> Iterator[pa.RecordBatch]:
    rows = rows_before
    for batch in source.batches:
        if cancelled():
            raise Unavailable("The query was cancelled.")
        rows += batch.num_rows
        limits.check_rows(rows)
        yield batch


def _keep(source: Source, kept: IO[bytes], limits: Limits) -> int:
    """Write the batches down; how many rows there were."""
    columns = source.columns
    schema = pa.schema(
        [pa.field(f"c{number}", stored_type(column)) for number, column in enumerate(columns, 1)]
    )
    rows = 0
    with pa.ipc.new_stream(kept, schema) as writer:
        for batch in source.batches:
            arrays = [
                stored(column, values, rows + 1)
                for column, values in zip(columns, batch.columns, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            rows += batch.num_rows
            if kept.tell() > _GROWTH * limits.bytes:
                limits.check_bytes(kept.tell())
    return rows
