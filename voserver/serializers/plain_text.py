"""Rows as aligned columns for a terminal, streamed: widths come from the first rows and only ever grow."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.model.rows import RowStream
from voserver.serializers.cells import as_text, characters, joined, pieces
from voserver.serializers.document import Document
from voserver.serializers.votable_head import OVERFLOW

_LINE_BREAKERS = r"[\x00-\x1f\x7f]+"
_WIDEST = 200  # one long value must not make every row that wide


def text(rows: RowStream, _document: Document) -> Iterator[bytes]:
    """The table, then a line about how it ended."""
    widths = [len(column.name) for column in rows.columns]
    count, headed = 0, False
    ending = ""
    try:
        for batch in pieces(rows):
            cells = [
                _cells(column, values) for column, values in zip(rows.columns, batch.columns, strict=True)
            ]
            widths = [max(width, _width(values)) for width, values in zip(widths, cells, strict=True)]
            if not headed:
                yield _heading(rows.columns, widths)
                headed = True
            yield _lines(rows.columns, cells, widths)
            count += batch.num_rows
    except ServiceError as error:
        ending = f"\nERROR: {error}\n"
    if not headed:
        yield _heading(rows.columns, widths)
    if not ending and rows.overflow:
        ending = f"\nOVERFLOW: {OVERFLOW.text}\n"
    yield f"({count} row{'' if count == 1 else 's'})\n{ending}".encode()


def _cells(column: Column, values: pa.Array) -> pa.Array:
    cells = as_text(column, values)
    return (pc.replace_substring_regex(cells, _LINE_BREAKERS, " ") if column.is_text else cells).fill_null("")


def _width(cells: pa.Array) -> int:
    return min(_WIDEST, int(np.max(pc.utf8_length(cells))))


def _aligned(column: Column, cells: pa.Array, width: int) -> pa.Array:
    numeric = column.datatype != "char" and not column.is_array
    return pc.utf8_lpad(cells, width) if numeric else pc.utf8_rpad(cells, width)


def _heading(columns: tuple[Column, ...], widths: list[int]) -> bytes:
    names = [pa.array([column.name, "-" * width]) for column, width in zip(columns, widths, strict=True)]
    return _lines(columns, names, widths)


def _lines(columns: tuple[Column, ...], cells: list[pa.Array], widths: list[int]) -> bytes:
    padded = [_aligned(*words) for words in zip(columns, cells, widths, strict=True)]
    spaced = [part for cell in padded for part in ("  ", cell)]
    lines = pc.utf8_rtrim_whitespace(joined(*spaced[1:]))
    return characters(joined(lines, "\n")).tobytes()
