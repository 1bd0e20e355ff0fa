"""Rows as a FITS binary table (FITS 4.0 §7.3).

The header says how many rows there are and how wide text is, so the rows wait in a temporary file, in Arrow's
form, until the last has come; memory holds one batch at a time. FITS text is ASCII.
"""

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile

import numpy as np
import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.rows import RowStream
from voserver.serializers.binary_rows import BIG_ENDIAN, Numbers, scalars
from voserver.serializers.cells import (
    INTEGER_NULLS,
    as_ascii,
    as_text,
    characters,
    distinct,
    list_lengths,
    padded,
    pieces,
    text_lengths,
)
from voserver.serializers.document import Document
from voserver.serializers.fits_cards import BLOCK, block, card, text_cards
from voserver.serializers.votable_head import OK, OVERFLOW

_LETTERS = {"boolean": "L", "short": "I", "int": "J", "long": "K", "float": "E", "double": "D", "char": "A"}
_KINDS = {**BIG_ENDIAN, "char": "u1"}
_MATRIX_BYTES = 8_000_000


def fits(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The file: an empty primary HDU at once, the table when all rows are known."""
    yield block([card("SIMPLE", True), card("BITPIX", 8), card("NAXIS", 0), card("EXTEND", True)])
    with TemporaryFile(prefix="voserver-fits-") as spool:
        count, sizes = _spool(rows, spool)
        kinds = [np.dtype(_KINDS[column.datatype]) for column in rows.columns]
        width = sum(kind.itemsize * size for kind, size in zip(kinds, sizes, strict=True))
        yield _header(rows, document, count, sizes, width)
        spool.seek(0)
        with pa.ipc.open_stream(spool) as batches:
            for batch in batches:
                step = max(1, _MATRIX_BYTES // width)
                for start in range(0, batch.num_rows, step):
                    yield _records(rows.columns, batch.slice(start, step), sizes)
    yield bytes(-count * width % BLOCK)


def _spool(rows: RowStream, spool: object) -> tuple[int, list[int]]:
    """Write all rows to the file, text already ASCII; return their number and each column's greatest size."""
    sizes = [1] * len(rows.columns)
    count = 0
    names = distinct(column.name for column in rows.columns)
    types = [pa.string() if column.datatype == "char" else column.arrow_type for column in rows.columns]
    schema = pa.schema(list(zip(names, types, strict=True)))
    with pa.ipc.new_stream(spool, schema) as writer:
        for batch in pieces(rows):
            columns = list(zip(rows.columns, batch.columns, strict=True))
            arrays = [
                as_ascii(as_text(c, values)) if c.datatype == "char" else values for c, values in columns
            ]
            sizes = [max(size, *_size(array)) for size, array in zip(sizes, arrays, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            count += batch.num_rows
    return count, sizes


def _size(values: pa.Array) -> tuple[int, int]:
    if pa.types.is_string(values.type):
        return 1, int(text_lengths(values).max())
    return 1, int(list_lengths(values).max()) if pa.types.is_list(values.type) else 1


def _header(rows: RowStream, document: Document, count: int, sizes: Sequence[int], width: int) -> bytes:
    cards = [
        *text_cards("XTENSION", "BINTABLE"),
        *(card(word, number) for word, number in (("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", width))),
        *(card(word, number) for word, number in (("NAXIS2", count), ("PCOUNT", 0), ("GCOUNT", 1))),
        card("TFIELDS", len(rows.columns)),
    ]
    names = distinct(column.name for column in rows.columns)
    for number, (column, name, size) in enumerate(zip(rows.columns, names, sizes, strict=True), start=1):
        cards += _column_cards(number, column, name, size)
    status = OVERFLOW if rows.overflow else OK
    cards += text_cards("QSTATUS", status.value)
    for fact in document.facts:
        cards += text_cards("HISTORY", f"{fact.name}: {fact.value}")
    return block(cards)


def _column_cards(number: int, column: Column, name: str, size: int) -> list[bytes]:
    """What FITS says of a column; TUCD, TUTYP, TXTYP and TCOMM are STILTS's words, which TOPCAT shows."""
    count = str(size) if column.is_array or column.datatype == "char" else ""
    words = {
        "TTYPE": name,
        "TFORM": count + _LETTERS[column.datatype],
        "TUNIT": column.unit,
        "TUCD": column.ucd,
        "TUTYP": column.utype,
        "TXTYP": column.xtype,
        "TCOMM": column.description,
    }
    cards = [line for word, text in words.items() if text for line in text_cards(f"{word}{number}", text)]
    if column.datatype in INTEGER_NULLS:
        cards.append(card(f"TNULL{number}", INTEGER_NULLS[column.datatype]))
    return cards


def _records(columns: Sequence[Column], batch: pa.RecordBatch, sizes: Sequence[int]) -> bytes:
    layout = [
        (f"f{index}", _KINDS[column.datatype], (size,))
        for index, (column, size) in enumerate(zip(columns, sizes, strict=True))
    ]
    records = np.empty(batch.num_rows, np.dtype(layout))
    for index, (column, values, size) in enumerate(zip(columns, batch.columns, sizes, strict=True)):
        records[f"f{index}"] = _matrix(column, values, size)
    return records.tobytes()


def _matrix(column: Column, values: pa.Array, size: int) -> Numbers:
    if column.datatype == "char":
        return padded(text_lengths(values), characters(values), size, 0)
    null = 0 if column.datatype == "boolean" else INTEGER_NULLS.get(column.datatype, float("nan"))
    if not column.is_array:
        return scalars(column, values, null).reshape(-1, 1)
    return padded(list_lengths(values), scalars(column, values.flatten(), null), size, null)
