"""FITS tables of text (FITS 4.0 §7.2)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO

import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.uploads.fits_headers import Header
from voserver.uploads.limits import Limits, shown
from voserver.uploads.sources import Source
from voserver.uploads.texts import from_texts
from voserver.uploads.votable_fields import field

_BATCH_ROWS = 8192
_BATCH_BYTES = 4 << 20
_LONGEST_ROW = 64 << 20
_FORM = re.compile(r"\s*([AIFED])([0-9]{1,5})(\.[0-9]+)?\s*")


def read_text(file: IO[bytes], header: Header, start: int, limits: Limits) -> Source:
    """The table whose data begin there."""
    row, rows, count = (header.natural(name) for name in ("NAXIS1", "NAXIS2", "TFIELDS"))
    limits.check_rows(rows)
    limits.check_columns(range(count))
    found = [_text_column(header, number, row) for number in range(1, count + 1)]
    if row > _LONGEST_ROW:
        raise UsageError(f"The rows of the uploaded FITS table have {row:,} bytes; {_LONGEST_ROW:,} may be.")
    return Source(tuple(column for column, *_ in found), _text_batches(file, start, row, rows, found))


def _text_column(header: Header, number: int, row: int) -> tuple[Column, int, int, str | None]:
    """A column, where its text begins and ends in a row, and what text stands for no value."""
    form = header.text(f"TFORM{number}")
    found = _FORM.fullmatch(form)
    if found is None:
        raise UsageError(
            f"The uploaded FITS table has TFORM{number}={shown(form)}, which is no form of a column."
        )
    begin = header.natural(f"TBCOL{number}") - 1
    end = begin + int(found[2])
    if not 0 <= begin < end <= row:
        raise UsageError(f"Column {number} of the uploaded FITS table lies outside of its rows.")
    datatype = {"A": "char", "I": "long"}.get(found[1], "double")
    said = {
        **header.field_attributes(number),
        "datatype": datatype,
        **({"arraysize": "*"} if datatype == "char" else {}),
    }
    column = replace(field(said, number).column, description=header.description(number))
    null = header.text(f"TNULL{number}") if f"TNULL{number}" in header.values else None
    return column, begin, end, null


def _text_batches(
    file: IO[bytes], start: int, row: int, rows: int, found: Sequence[tuple[Column, int, int, str | None]]
) -> Iterator[pa.RecordBatch]:
    size = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(row, 1)))
    for first in range(0, rows, size):
        count = min(size, rows - first)
        file.seek(start + first * row)
        text = file.read(count * row).decode("ascii", "replace")
        arrays = []
        for column, begin, end, null in found:
            cells = [text[at + begin : at + end].strip().rstrip("\0") for at in range(0, count * row, row)]
            arrays.append(from_texts(column, cells, first + 1, null=null))
        yield pa.record_batch(arrays, names=[column.name for column, *_ in found])
