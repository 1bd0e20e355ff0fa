"""Values on their way to text or bytes: whole Arrow columns at a time, never a row. Knows no format."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column

# What stands for a missing integer where a format has no null (VOTable 1.4 §4.7 of BINARY; TNULL of FITS).
INTEGER_NULLS: Mapping[str, int] = {"short": -(2**15), "int": -(2**31), "long": -(2**63)}

_PIECE_ROWS = 65_536
_PIECE_BYTES = 8_000_000

_FIRST_MICROSECOND = -62_135_596_800_000_000  # 0001-01-01, the first year that DALI's timestamp can write
_LAST_MICROSECOND = 253_402_300_799_999_999  # 9999-12-31
# An array has a word for every item, so a missing one needs a word, too.
_MISSING_ITEM = {
    "boolean": "?",
    "float": "NaN",
    "double": "NaN",
    **{datatype: str(null) for datatype, null in INTEGER_NULLS.items()},
}

_TIMESTAMP_WIDTH = len("2022-07-12T14:30:00.000000")


def pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, cut where one is so large that a copy of it in a format would burden the memory."""
    for batch in batches:
        wanted = _PIECE_BYTES * batch.num_rows // max(batch.nbytes, 1)
        rows = max(1, min(_PIECE_ROWS, wanted))
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def as_text(column: Column, values: pa.Array) -> pa.Array:
    """Values as a DALI client reads them (DALI 1.1 §3): numbers round-trip, nulls stay null."""
    if not column.is_array:
        return _scalar_text(values)
    text = _scalar_text(values.flatten()).fill_null(_MISSING_ITEM[column.datatype])
    arrays = lists(list_lengths(values), text, " ")
    return pc.if_else(values.is_valid(), arrays, None) if values.null_count else arrays


def lists(lengths: npt.NDArray[np.int32], text: pa.Array, separator: str) -> pa.Array:
    """Items joined to values of the given numbers of items."""
    return pc.binary_join(pa.ListArray.from_arrays(_offsets(lengths), text), separator)


def _scalar_text(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        return _timestamp_text(values)
    text = values.cast(pa.string())
    if not pa.types.is_floating(values.type):
        return text
    finite = pc.is_finite(values)
    if finite.false_count == 0:
        return text
    infinite = pc.if_else(pc.greater(values, 0), "+Inf", "-Inf")
    return pc.if_else(finite, text, pc.if_else(pc.is_nan(values), "NaN", infinite))


def _timestamp_text(values: pa.Array) -> pa.Array:
    """Timestamps as `YYYY-MM-DDThh:mm:ss`, with as many of 0, 3 or 6 decimals as the value needs.

    What no calendar year of four digits can hold (PostgreSQL's `infinity`) has no such form and becomes null.
    """
    ticks = values.cast(pa.int64()).fill_null(0).to_numpy()
    known = np.asarray(values.is_valid()) & (ticks >= _FIRST_MICROSECOND) & (ticks <= _LAST_MICROSECOND)
    text = pa.array(np.where(known, ticks, 0), pa.timestamp("us")).cast(pa.string())
    matrix = characters(text).reshape(-1, _TIMESTAMP_WIDTH).copy()
    matrix[:, 10] = ord("T")
    widths = np.where(ticks % 1_000_000 == 0, 19, np.where(ticks % 1_000 == 0, 23, 26))
    widths[~known] = 0
    if widths.size and (widths == widths[0]).all():
        kept = np.ascontiguousarray(matrix[:, : widths[0]])
    else:
        kept = matrix[np.arange(_TIMESTAMP_WIDTH) < widths[:, None]]
    result = pa.StringArray.from_buffers(len(values), _offsets(widths).buffers()[1], pa.py_buffer(kept))
    return result if known.all() else pc.if_else(pa.array(known), result, None)


@cache
def _word(text: str) -> pa.Scalar:
    """A constant for Arrow. Making one takes longer than joining ten rows."""
    return pa.scalar(text)


def joined(*parts: pa.Array | str, null: str | None = "") -> pa.Array:
    """Each row's parts one after another; strings are the same in every row.

    A missing value becomes `null`, or makes the whole row missing if that is None.
    """
    words = [_word(part) if isinstance(part, str) else part for part in parts]
    if null is None:
        return pc.binary_join_element_wise(*words, _word(""))
    return pc.binary_join_element_wise(*words, _word(""), null_handling="replace", null_replacement=null)


def _offsets(lengths: npt.NDArray[np.integer]) -> pa.Array:
    """Where each value starts and the last one ends, as Arrow wants it."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.Array.from_buffers(pa.int32(), len(offsets), [None, pa.py_buffer(offsets)])


def as_ascii(text: pa.Array) -> pa.Array:
    """Text in ASCII: letters lose their accents, what is still not ASCII becomes a question mark."""
    data = characters(text)
    if not data.size or data.max() < 128:
        return text
    bare = pc.replace_substring_regex(pc.utf8_normalize(text, form="NFKD"), r"\p{M}", "")
    return pc.replace_substring_regex(bare, r"[^\x00-\x7F]", "?")


def characters(text: pa.Array) -> npt.NDArray[np.uint8]:
    """All characters of a column of text, one value after another, as bytes."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def text_lengths(text: pa.Array) -> npt.NDArray[np.int32]:
    """Bytes of each value, 0 for null."""
    lengths: npt.NDArray[np.int32] = pc.binary_length(text).fill_null(0).to_numpy()
    return lengths


def list_lengths(values: pa.Array) -> npt.NDArray[np.int32]:
    """Numbers in each value, 0 for null."""
    lengths: npt.NDArray[np.int32] = pc.list_value_length(values).fill_null(0).to_numpy()
    return lengths


def holds_any(text: pa.Array, suspects: npt.NDArray[np.bool_]) -> bool:
    """Whether any byte of the column is one of the suspects (a table of 256)."""
    return bool(suspects[characters(text)].any())


def suspects(wanted: Iterable[int]) -> npt.NDArray[np.bool_]:
    """A table for `holds_any`."""
    table = np.zeros(256, np.bool_)
    table[list(wanted)] = True
    return table


def padded(
    lengths: npt.NDArray[np.int32], items: npt.NDArray[np.generic], width: int, fill: float | bool
) -> npt.NDArray[np.generic]:
    """Values of several lengths as a matrix: each row one value, cut or filled to the width."""
    if (lengths == width).all():
        return items.reshape(len(lengths), width)
    matrix = np.full((len(lengths), width), fill, items.dtype)
    starts = np.cumsum(lengths) - lengths
    places = np.arange(len(items)) - np.repeat(starts, lengths)
    matrix[np.arange(width) < lengths[:, None]] = items[places < width]
    return matrix


def distinct(names: Iterable[str]) -> list[str]:
    """The names, with a number behind those that came before (in any case)."""
    taken: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate.lower())
        result.append(candidate)
    return result
