"""Record batches as the rows of VOTable's BINARY and BINARY2 (VOTable 1.4 §5.3, §5.4). Knows no XML.

Neighbouring columns of fixed width become one big-endian record array; records and strings are then put one
after another by Arrow, row by row, in C++.

Text is ASCII here: before VOTable 1.6 `char` is ASCII, and astropy (so pyvo) refuses a whole table over one
other byte. TABLEDATA keeps every character.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.serializers.cells import (
    INTEGER_NULLS,
    as_ascii,
    as_text,
    characters,
    list_lengths,
    padded,
    text_lengths,
)
from voserver.serializers.votable_head import fixed_size

Numbers = npt.NDArray[np.generic]

BIG_ENDIAN = {"boolean": "u1", "short": ">i2", "int": ">i4", "long": ">i8", "float": ">f4", "double": ">f8"}
_COUNT = ">i4"

# Made once: making a constant for Arrow takes longer than writing ten rows.
_NOTHING = pa.scalar(b"")
_TRUE = pa.scalar(ord("T"), pa.uint8())
_FALSE = pa.scalar(ord("F"), pa.uint8())


def binary_rows(columns: Sequence[Column], batch: pa.RecordBatch, *, flagged: bool) -> memoryview:
    """The rows as bytes; `flagged` puts BINARY2's null flags before each row."""
    pending: list[tuple[str, Numbers]] = [("u1", null_flags(batch))] if flagged else []
    parts: list[pa.Array] = []
    for column, values in zip(columns, batch.columns, strict=True):
        if fixed_size(column) is None:
            counts, payload = _variable(column, values)
            parts += [_records([*pending, (_COUNT, counts)]), payload]
            pending = []
        else:
            pending.append(_fixed(column, values, flagged))
    if pending:
        parts.append(_records(pending))
    if len(parts) == 1:
        return memoryview(parts[0].buffers()[2])
    rows = pc.binary_join_element_wise(*parts, _NOTHING, null_handling="replace", null_replacement=b"")
    return memoryview(characters(rows).data)


def null_flags(batch: pa.RecordBatch) -> npt.NDArray[np.uint8]:
    """BINARY2's flags: a bit per column, the first column highest, set where there is no value."""
    flags = np.zeros((batch.num_rows, batch.num_columns), np.bool_)
    for index, values in enumerate(batch.columns):
        if values.null_count:
            flags[:, index] = values.is_null()
    return np.packbits(flags, axis=1)


def scalars(column: Column, values: pa.Array, null: float) -> Numbers:
    """Numbers in machine form; booleans as the letters T, F and the given null."""
    if column.datatype == "boolean":
        letters = pc.if_else(values, _TRUE, _FALSE)
        return np.asarray(letters.fill_null(int(null)))
    return np.asarray(values.fill_null(null) if values.null_count else values)


def null_number(column: Column, *, flagged: bool) -> float:
    """What stands where a value is missing."""
    if column.datatype == "boolean":
        return ord("?")
    if column.datatype in INTEGER_NULLS:
        return 0 if flagged else INTEGER_NULLS[column.datatype]
    return float("nan")


def _fixed(column: Column, values: pa.Array, flagged: bool) -> tuple[str, Numbers]:
    size = fixed_size(column) or 0
    if column.datatype == "char":
        text = as_ascii(as_text(column, values))
        return "u1", padded(text_lengths(text), characters(text), size, 0)
    kind, null = BIG_ENDIAN[column.datatype], null_number(column, flagged=flagged)
    if not column.is_array:
        return kind, scalars(column, values, null)
    return kind, padded(list_lengths(values), scalars(column, values.flatten(), null), size, null)


def _variable(column: Column, values: pa.Array) -> tuple[Numbers, pa.Array]:
    """How many items each row has, and their bytes."""
    if column.datatype == "char":
        text = as_ascii(as_text(column, values))
        return text_lengths(text), text.cast(pa.binary())
    kind = np.dtype(BIG_ENDIAN[column.datatype])
    items = scalars(column, values.flatten(), null_number(column, flagged=False)).astype(kind)
    counts = list_lengths(values)
    return counts, _binary_array(np.concatenate(([0], np.cumsum(counts))) * kind.itemsize, items)


def _records(pieces: Sequence[tuple[str, Numbers]]) -> pa.Array:
    """Fixed-width columns side by side: one value of bytes a row."""
    layout = [(f"f{index}", kind, values.shape[1:]) for index, (kind, values) in enumerate(pieces)]
    records = np.empty(len(pieces[0][1]), np.dtype(layout))
    for index, (_, values) in enumerate(pieces):
        records[f"f{index}"] = values
    return _binary_array(np.arange(len(records) + 1) * records.dtype.itemsize, records)


def _binary_array(offsets: npt.NDArray[np.integer], data: Numbers) -> pa.Array:
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)
