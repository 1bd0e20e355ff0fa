"""Values in binary, big-endian as VOTable and FITS have them, as Arrow columns: whole columns, never a value at a time.

Where a column's values lie is told by the offset of each in the bytes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.errors import UsageError
from voserver.uploads.limits import shown
from voserver.uploads.texts import from_texts, without_nan
from voserver.uploads.votable_fields import Field

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_LETTERS = np.full(256, 3, np.uint8)
for _letters, _meaning in ((b"Tt1", 1), (b"Ff0", 0), (b"? \0", 2)):
    _LETTERS[list(_letters)] = _meaning


def width(field: Field, items: int) -> int:
    """How many bytes so many items take."""
    item = field.kind.item
    return (items + 7) // 8 if item == "bit" else items * np.dtype(item).itemsize * field.kind.parts


def decode(
    field: Field, data: Bytes, starts: Places, counts: Places | None, *, row: int, missing: Mask | None = None
) -> pa.Array:
    """A column's values.

    Args:
        field: what the values are.
        data: the bytes.
        starts: where each value begins.
        counts: how many items each has, where that varies; else `field.size` is meant.
        row: the number of the first row, for messages.
        missing: which values are none.
    """
    if field.column.datatype == "char":
        texts = _texts(field, data, starts, counts, row)
        if missing is not None and missing.any():
            texts = pc.if_else(pa.array(missing), None, texts)
        return from_texts(field.column, texts, row)
    if counts is None:
        values = _items(field, data, starts, field.size or 1, row)
    else:
        values = _varying(field, data, starts, counts, row)
    if not field.column.is_array:
        values = without_nan(values)
        return values if missing is None or not missing.any() else pc.if_else(pa.array(missing), None, values)
    sizes = (np.full(len(starts), field.size or 1, np.int64) if counts is None else counts) * field.kind.parts
    mask = pa.array(missing) if missing is not None and missing.any() else None
    return pa.ListArray.from_arrays(pa.array(_offsets(sizes)), values, mask=mask)


def _offsets(sizes: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    if offsets[-1] >= 2**31:
        raise UsageError("The uploaded table has values that are too large.")
    return offsets.astype(np.int32)


def _matrix(data: Bytes, starts: Places, size: int) -> Bytes:
    """Values of one width, one in each row."""
    matrix: Bytes = data[starts[:, None] + np.arange(size)]
    return matrix


def _gathered(data: Bytes, starts: Places, sizes: Places) -> Bytes:
    """Values of several widths, one after another."""
    ends = np.cumsum(sizes)
    gathered: Bytes = data[
        np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)
    ]
    return gathered


def _items(field: Field, data: Bytes, starts: Places, count: int, row: int) -> pa.Array:
    raw = _matrix(data, starts, width(field, count))
    if field.kind.item == "bit" and count == 1:
        return pa.array(raw[:, 0] != 0)  # astropy does not write the first bit of the byte
    if field.kind.item == "bit":
        return pa.array(np.unpackbits(raw, axis=1)[:, :count].ravel().astype(np.bool_))
    return _numbers(field, raw.ravel(), row, count)


def _varying(field: Field, data: Bytes, starts: Places, counts: Places, row: int) -> pa.Array:
    if field.kind.item == "bit":
        packed = _gathered(data, starts, (counts + 7) // 8)
        bits = np.unpackbits(packed).astype(np.bool_)
        begins = np.cumsum((counts + 7) // 8 * 8) - (counts + 7) // 8 * 8
        kept = np.repeat(begins - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return pa.array(bits[kept])
    return _numbers(field, _gathered(data, starts, counts * width(field, 1)), row, 0)


def _numbers(field: Field, raw: Bytes, row: int, size: int) -> pa.Array:
    if field.kind.datatype == "boolean":
        meanings = _LETTERS[raw]
        if (meanings == 3).any():
            at = int(np.flatnonzero(meanings == 3)[0])
            where = f"row {row + at // size:,}" if size else "an array"
            raise UsageError(
                f"The uploaded table has in {where} of {field.column.name} the byte 0x{raw[at]:02X}, "
                "which is neither T nor F."
            )
        return pa.array(meanings == 1, mask=meanings == 2)
    numbers = raw.view(field.kind.item)
    mask = None if field.null is None else _is_null(numbers, field.null)
    native = field.column.arrow_type.value_type if field.column.is_array else field.column.arrow_type
    return pa.array(numbers.astype(native.to_pandas_dtype()), native, mask=mask)


def _is_null(numbers: npt.NDArray[Any], null: str) -> Mask | None:
    """Which numbers are the one that stands for no value."""
    try:
        wanted = int(null, 0)
    except ValueError:
        return None
    found: Mask = numbers == wanted
    return found


def _texts(field: Field, data: Bytes, starts: Places, counts: Places | None, row: int) -> pa.Array:
    sizes = np.full(len(starts), field.size or 1, np.int64) if counts is None else counts
    raw = _gathered(data, starts, sizes * width(field, 1))
    ends = np.cumsum(sizes) * width(field, 1)
    return (_from_utf16 if field.kind.item == ">u2" else _from_utf8)(field, raw, ends, row)


def _from_utf8(field: Field, raw: Bytes, ends: Places, row: int) -> pa.Array:
    if (raw == 0).any():
        raw, ends = _without_nul(field, raw, ends)
    offsets = _offsets(np.diff(ends, prepend=0))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(raw))]
    values = pa.Array.from_buffers(pa.binary(), len(ends), buffers)
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array(
            [_decoded(field, value, "utf-8", row + at) for at, value in enumerate(values.to_pylist())]
        )


def _without_nul(field: Field, raw: Bytes, ends: Places) -> tuple[Bytes, Places]:
    """Texts up to their first NUL, which pads them; where texts make a matrix, blanks pad them."""
    starts = np.concatenate(([0], ends[:-1]))
    values = [raw[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]
    if "x" in (field.column.arraysize or ""):
        values = [value.rstrip(b"\0").replace(b"\0", b" ") for value in values]
    else:
        values = [value.partition(b"\0")[0] for value in values]
    lengths = np.array([len(value) for value in values], np.int64)
    return np.frombuffer(b"".join(values), np.uint8), np.cumsum(lengths)


def _from_utf16(field: Field, raw: Bytes, ends: Places, row: int) -> pa.Array:
    starts = np.concatenate(([0], ends[:-1]))
    texts = [
        _decoded(field, raw[start:end].tobytes(), "utf-16-be", row + at)
        for at, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return pa.array([text.partition("\0")[0] for text in texts], pa.string())


def _decoded(field: Field, value: bytes, encoding: str, row: int) -> str:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"Row {row:,} of the uploaded table has in {field.column.name} bytes that are not {encoding.upper()}: "
            f"0x{value[error.start]:02X} at offset {error.start}, in {shown(value.decode(encoding, 'replace'))}."
        ) from None
