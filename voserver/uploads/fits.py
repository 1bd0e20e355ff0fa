"""Tables of FITS files (FITS 4.0 §7): binary ones with arrays and heap, and those of text.

Rows are read where they lie, a block at a time. astropy reads the cards of the headers; the rows it would read whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Datatype
from voserver.model.errors import UsageError
from voserver.uploads.binary_values import Bytes, Places, decode, width
from voserver.uploads.fits_headers import BLOCK, Header, read_header
from voserver.uploads.fits_text import read_text
from voserver.uploads.limits import Limits, shown
from voserver.uploads.sources import Source
from voserver.uploads.votable_fields import Field, field

_MOST_HDUS = 1000
_BATCH_ROWS = 8192
_BATCH_BYTES = 4 << 20
_LONGEST_ROW = 64 << 20
_FORM = re.compile(r"\s*([0-9]{0,9})([LXBIJKAEDCMPQ])([LXBIJKAEDCM]?)\s*(\(.*)?.*")
_DATATYPES = {
    "L": "boolean", "X": "bit", "B": "unsignedByte", "I": "short", "J": "int", "K": "long", "A": "char",
    "E": "float", "D": "double", "C": "floatComplex", "M": "doubleComplex",
}  # fmt: skip
_UNSIGNED: dict[tuple[str, int], Datatype] = {
    ("I", 2**15): "int",
    ("J", 2**31): "long",
    ("K", 2**63): "long",
    ("B", -(2**7)): "short",
}


@dataclass(frozen=True)
class _Part:
    """One column: its field, its place in a row, and what its numbers are to be multiplied with and added to."""

    field: Field
    offset: int
    width: int
    descriptor: str | None = None
    """The form of the two numbers that say where in the heap an array lies: `>i4` or `>i8`."""
    scale: float = 1
    zero: float = 0

    @property
    def is_scaled(self) -> bool:
        return (self.scale, self.zero) != (1, 0)


@dataclass(frozen=True)
class _Table:
    """A table's place in the file."""

    file: IO[bytes]
    start: int
    row: int
    rows: int
    heap: int
    heap_size: int
    parts: tuple[_Part, ...]


def read_fits(file: IO[bytes], limits: Limits) -> Source:
    """Open the first table of a FITS file.

    Raises:
        UsageError: what is wrong with it.
    """
    position, end = 0, file.seek(0, 2)
    for number in range(_MOST_HDUS):
        header, start = read_header(file, position)
        if header is None:
            break
        size = header.data_size
        kind = header.text("XTENSION").upper()
        if number and kind in {"BINTABLE", "TABLE"}:
            if header.values.get("ZTABLE"):
                raise UsageError("The uploaded FITS table is compressed (ZTABLE).", hint="Send it unpacked.")
            limits.check_rows(header.natural("NAXIS2"))
            if start + size > end:
                raise UsageError(
                    f"The uploaded FITS table has {size:,} bytes by its header, but the file ends after "
                    f"{max(0, end - start):,}."
                )
            return (
                read_text(file, header, start, limits)
                if kind == "TABLE"
                else _read(file, header, start, limits)
            )
        position = start + -(-size // BLOCK) * BLOCK
        if position >= end:
            break
    raise UsageError("The uploaded FITS file has no table.", hint="Tables are extensions BINTABLE and TABLE.")


def _read(file: IO[bytes], header: Header, start: int, limits: Limits) -> Source:
    row, rows, count = (header.natural(name) for name in ("NAXIS1", "NAXIS2", "TFIELDS"))
    limits.check_rows(rows)
    limits.check_columns(range(count))
    if row > _LONGEST_ROW:
        raise UsageError(f"The rows of the uploaded FITS table have {row:,} bytes; {_LONGEST_ROW:,} may be.")
    parts, offset = [], 0
    for number in range(1, count + 1):
        part = _part(header, number, offset)
        offset += part.width
        if part.width:
            parts.append(part)
    if offset != row:
        raise UsageError(
            f"The rows of the uploaded FITS table have {row:,} bytes (NAXIS1), but its columns take {offset:,}."
        )
    limits.check_columns(parts)
    heap = header.natural("THEAP", row * rows)
    size = header.natural("PCOUNT", 0) - (heap - row * rows)
    table = _Table(file, start, row, rows, start + heap, size, tuple(parts))
    return Source(tuple(part.field.column for part in parts), _batches(table))


def _part(header: Header, number: int, offset: int) -> _Part:
    form = header.text(f"TFORM{number}")
    found = _FORM.fullmatch(form)
    if found is None or (found[2] in "PQ") != bool(found[3]):
        raise UsageError(
            f"The uploaded FITS table has TFORM{number}={shown(form)}, which is no form of a column."
        )
    repeat, letter = int(found[1] or 1), found[3] or found[2]
    said = {**header.field_attributes(number), "datatype": _DATATYPES[letter]}
    if found[3]:
        said["arraysize"] = "*"
    elif repeat != 1 or letter == "A":
        said["arraysize"] = _shape(header, number, repeat) or str(max(repeat, 1))
    known = field(said, number)
    known = replace(known, column=replace(known.column, description=header.description(number)))
    if letter in "BIJK" and f"TNULL{number}" in header.values:
        known = replace(known, null=header.text(f"TNULL{number}"))
    size = repeat * (8 if found[2] == "P" else 16) if found[3] else width(known, repeat) if repeat else 0
    if found[3] and repeat > 1:
        raise UsageError(
            f"The uploaded FITS table has TFORM{number}={shown(form)}; P and Q come once or never."
        )
    part = _Part(known, offset, size, {"P": ">i4", "Q": ">i8"}.get(found[2]))
    return _scaled(part, header, number, letter)


def _shape(header: Header, number: int, repeat: int) -> str | None:
    """The axes of each value, where TDIM says them and they fit."""
    found = re.fullmatch(r"\s*\(\s*([0-9]{1,9}(?:\s*,\s*[0-9]{1,9})+)\s*\)\s*", header.text(f"TDIM{number}"))
    if found is None:
        return None
    axes = [int(axis) for axis in found[1].split(",")]
    return "x".join(map(str, axes)) if int(np.prod(axes, dtype=object)) == repeat else None


def _scaled(part: _Part, header: Header, number: int, letter: str) -> _Part:
    """The column with TSCAL and TZERO: an offset may be how unsigned integers are written."""
    scale, zero = header.number(f"TSCAL{number}", 1), header.number(f"TZERO{number}", 0)
    if (scale, zero) == (1, 0) or letter not in "BIJKED":
        return part
    is_offset = scale == 1 and zero == int(zero)
    datatype = _UNSIGNED.get((letter, int(zero)), "double") if is_offset else "double"
    column = replace(part.field.column, datatype=datatype)
    return replace(part, field=replace(part.field, column=column), scale=float(scale), zero=float(zero))


def _batches(table: _Table) -> Iterator[pa.RecordBatch]:
    size = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(table.row, 1)))
    names = [f"c{number}" for number in range(1, len(table.parts) + 1)]
    for first in range(0, table.rows, size):
        count = min(size, table.rows - first)
        table.file.seek(table.start + first * table.row)
        data = np.frombuffer(table.file.read(count * table.row), np.uint8)
        for begin, end in _pieces(table, data, count):
            starts = np.arange(begin, end, dtype=np.int64) * table.row
            arrays = [_values(table, part, data, starts, first + begin + 1) for part in table.parts]
            yield pa.record_batch(arrays, names=names)


def _descriptors(part: _Part, data: Bytes, starts: Places) -> tuple[Places, Places]:
    """How many items the arrays have, and where in the heap they lie."""
    pair = data[(starts + part.offset)[:, None] + np.arange(part.width)].view(str(part.descriptor))
    return pair[:, 0].astype(np.int64), pair[:, 1].astype(np.int64)


def _pieces(table: _Table, data: Bytes, count: int) -> Iterator[tuple[int, int]]:
    """Rows cut so that their arrays in the heap take no more than a batch may: many may share a place there."""
    starts = np.arange(count, dtype=np.int64) * table.row
    sizes = np.zeros(count)
    for part in table.parts:
        if part.descriptor is not None:
            counts, places = _descriptors(part, data, starts)
            sizes += _checked(table, part, counts, places)
    begin, held = 0, 0.0
    for at, size in enumerate(sizes if sizes.any() else ()):
        if held + size > _BATCH_BYTES and at > begin:
            yield begin, at
            begin, held = at, 0.0
        held += size
    yield begin, count


def _checked(table: _Table, part: _Part, counts: Places, places: Places) -> npt.NDArray[Any]:
    """The bytes of arrays in the heap, all of which must lie in it."""
    sizes = (counts + 7) // 8 if part.field.kind.item == "bit" else counts * width(part.field, 1)
    wrong = (counts < 0) | (counts > 2**40) | (places < 0) | (places + sizes > table.heap_size)
    if (wrong & (counts != 0)).any():
        raise UsageError(
            f"The uploaded FITS table has an array in {part.field.column.name} that lies outside of its heap."
        )
    if len(sizes) and sizes.max() > _LONGEST_ROW:
        raise UsageError(
            f"The uploaded FITS table has an array of {int(sizes.max()):,} bytes; {_LONGEST_ROW:,} may be."
        )
    return sizes


def _values(table: _Table, part: _Part, data: Bytes, starts: Places, row: int) -> pa.Array:
    stored = part.field
    if part.is_scaled:
        kind = stored.kind.datatype
        stored = replace(stored, column=replace(stored.column, datatype=kind))
    if part.descriptor is None:
        values = decode(stored, data, starts + part.offset, None, row=row)
    else:
        counts, places = _descriptors(part, data, starts)
        sizes = _checked(table, part, counts, places)
        heap = bytearray()
        begins = []
        for place, size in zip(places, sizes, strict=True):
            begins.append(len(heap))
            table.file.seek(table.heap + int(place))
            heap += table.file.read(int(size))
        values = decode(
            stored, np.frombuffer(bytes(heap), np.uint8), np.array(begins, np.int64), counts, row=row
        )
    if part.is_scaled:
        return _rescaled(part, values)
    if stored.column.is_text:
        values = pc.utf8_rtrim(values, " ")  # blanks at the end say nothing (FITS 4.0 §4.2.1)
        return pc.if_else(pc.equal(values, ""), None, values)
    return values


def _rescaled(part: _Part, values: pa.Array) -> pa.Array:
    column = part.field.column
    if isinstance(values, pa.ListArray):
        items = _multiplied(part, values.flatten(), column.arrow_type.value_type)
        lengths = pc.list_value_length(values).fill_null(0).to_numpy()
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), items)
    return _multiplied(part, values, column.arrow_type)


def _multiplied(part: _Part, values: pa.Array, wanted: pa.DataType) -> pa.Array:
    if wanted == pa.float64():
        return pc.add(pc.multiply(values.cast(pa.float64(), safe=False), part.scale), part.zero)
    numbers = values.cast(pa.int64())
    if part.zero < 2**62:
        return pc.add(numbers, int(part.zero)).cast(wanted)
    if pc.any(pc.greater_equal(numbers, 0)).as_py():
        raise UsageError(
            f"The uploaded FITS table has unsigned integers in {part.field.column.name} that do not fit into 64 bits "
            "with a sign."
        )
    return pc.subtract(numbers, -(2**63))
