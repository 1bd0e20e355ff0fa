"""VOTable as a stream: TABLEDATA, BINARY and BINARY2 (VOTable 1.4 §5).

What frames the rows is in `votable_head`.
"""

import binascii
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.model.rows import RowStream
from voserver.serializers.binary_rows import binary_rows
from voserver.serializers.cells import as_text, characters, joined, pieces
from voserver.serializers.document import Document
from voserver.serializers.votable_head import OVERFLOW, closing, failed, fixed_size, head, info
from voserver.serializers.xml_text import escaped_column

_RowWriter = Callable[[Iterator[pa.RecordBatch]], Iterator[bytes]]


def tabledata(rows: RowStream, document: Document) -> Iterator[bytes]:
    """A VOTable whose cells are text."""
    return _votable(
        rows,
        document,
        head(rows.columns, document) + "<DATA>\n<TABLEDATA>\n",
        lambda batches: (table_rows(rows.columns, batch) for batch in batches),
        "</TABLEDATA>\n</DATA>\n",
    )


def binary2(rows: RowStream, document: Document) -> Iterator[bytes]:
    """A VOTable whose rows are base64 of binary records, with null flags."""
    return _votable(
        rows,
        document,
        head(rows.columns, document) + '<DATA>\n<BINARY2>\n<STREAM encoding="base64">\n',
        lambda batches: _base64(binary_rows(rows.columns, batch, flagged=True) for batch in batches),
        "</STREAM>\n</BINARY2>\n</DATA>\n",
    )


def binary(rows: RowStream, document: Document) -> Iterator[bytes]:
    """A VOTable whose rows are base64 of binary records; a missing integer is a declared value."""
    return _votable(
        rows,
        document,
        head(rows.columns, document, magic_nulls=True) + '<DATA>\n<BINARY>\n<STREAM encoding="base64">\n',
        lambda batches: _base64(binary_rows(rows.columns, batch, flagged=False) for batch in batches),
        "</STREAM>\n</BINARY>\n</DATA>\n",
    )


def _votable(
    rows: RowStream, document: Document, opening: str, write: _RowWriter, end_of_data: str
) -> Iterator[bytes]:
    """The whole document. A failure on the way ends it properly and is told (DALI 1.1 §4.4.1)."""
    yield opening.encode()
    failures: list[ServiceError] = []
    yield from write(_until_failure(rows, failures))
    status = info(failed(failures[0])) if failures else info(OVERFLOW) if rows.overflow else ""
    yield f"{end_of_data}</TABLE>\n{status}".encode()
    for piece in closing(rows.columns, document):
        yield piece.encode()


def _until_failure(rows: RowStream, failures: list[ServiceError]) -> Iterator[pa.RecordBatch]:
    try:
        yield from pieces(rows)
    except ServiceError as error:
        failures.append(error)


def table_rows(columns: Sequence[Column], batch: pa.RecordBatch) -> bytes:
    """Rows as TR and TD elements; they are HTML, too."""
    parts: list[pa.Array | str] = []
    for column, values in zip(columns, batch.columns, strict=True):
        parts += ["</TD><TD>", _cells(column, values)]
    parts = ["<TR><TD>", *parts[1:], "</TD></TR>\n"]
    return characters(joined(*parts)).tobytes()


def _cells(column: Column, values: pa.Array) -> pa.Array:
    text = as_text(column, values)
    if column.is_text:
        return escaped_column(text)
    size = fixed_size(column)
    if column.is_array and size and pa.types.is_floating(values.type.value_type):
        return text.fill_null(" ".join(["NaN"] * size))  # an empty cell is no array of this many numbers
    return text


def _base64(chunks: Iterator[memoryview]) -> Iterator[bytes]:
    """Base64 of all chunks as one stream: bytes short of a group of three wait for the next chunk."""
    carried = b""
    for chunk in chunks:
        missing = -len(carried) % 3
        start = carried + bytes(chunk[:missing])
        whole = missing + (len(chunk) - missing) // 3 * 3
        if len(chunk) < missing:
            carried = start
            continue
        carried = bytes(chunk[whole:])
        yield binascii.b2a_base64(start, newline=False) + binascii.b2a_base64(chunk[missing:whole])
    if carried:
        yield binascii.b2a_base64(carried)
