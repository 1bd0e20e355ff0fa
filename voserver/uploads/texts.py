"""Values that are written as text, as in VOTable's TABLEDATA and in CSV, as Arrow columns of their types.

Whole columns at a time; only where Arrow does not understand a column is it read value by value, to take what
Arrow does not know (hexadecimal, a plus sign), or to say which value is to blame.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.uploads.limits import shown

_INTEGER = re.compile(r"[+-]?(?:[0-9]{1,40}|0[xX][0-9a-fA-F]{1,16})")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?")
_BOOLEANS = {
    "t": True, "true": True, "1": True, "y": True, "yes": True,
    "f": False, "false": False, "0": False, "n": False, "no": False, "?": None, "": None,
}  # fmt: skip
_SPECIAL = {"nan": float("nan"), "inf": float("inf"), "infinity": float("inf")}
_BITS = {"short": 16, "int": 32, "long": 64}
_SAID = {
    "short": "an integer of 16 bits", "int": "an integer of 32 bits", "long": "an integer of 64 bits",
    "float": "a number", "double": "a number", "boolean": "T or F", "char": "a time such as 2024-07-01T12:00:00",
}  # fmt: skip


def from_texts(
    column: Column,
    texts: Sequence[str | None] | pa.Array,
    row: int,
    *,
    null: str | None = None,
    size: int | None = None,
) -> pa.Array:
    """A column of texts as the column's own type; no text is no value.

    Args:
        column: what the values are.
        texts: one for each row.
        row: the number of the first row, for messages.
        null: the text that also means that there is no value.
        size: how many numbers each array must have, None for any number.
    """
    values = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    if column.is_text:
        return pc.if_else(pc.equal(values, ""), None, values)
    values = pc.utf8_trim_whitespace(values)
    missing = pc.equal(values, "") if null is None else pc.or_(pc.equal(values, ""), pc.equal(values, null))
    values = pc.if_else(missing, None, values)
    if column.is_array:
        return _arrays(column, values, row, size)
    return without_nan(_scalars(column, values, row))


def without_nan(values: pa.Array) -> pa.Array:
    """Numbers with VOTable's NaN as what it means: no value."""
    if not pa.types.is_floating(values.type):
        return values
    numbers = pc.is_nan(values)
    return pc.if_else(numbers, None, values) if numbers.true_count else values


def _scalars(column: Column, texts: pa.Array, row: int) -> pa.Array:
    wanted = column.arrow_type.value_type if column.is_array else column.arrow_type
    if column.datatype == "boolean":
        return _booleans(column, texts, row)
    if column.is_timestamp:
        texts = pc.replace_substring_regex(texts, r"^(.{19}\.[0-9]{6})[0-9]+", r"\1")
        texts = pc.replace_substring_regex(texts, "[Zz]$", "")
    try:
        return texts.cast(wanted)
    except pa.ArrowInvalid:
        return pa.array(
            [_number(column, text, row + at) for at, text in enumerate(texts.to_pylist())], wanted
        )


def _booleans(column: Column, texts: pa.Array, row: int) -> pa.Array:
    known = texts.dictionary_encode()
    words = [word.lower() for word in known.dictionary.to_pylist()]
    for word, text in zip(words, known.dictionary.to_pylist(), strict=True):
        if word not in _BOOLEANS:
            raise _wrong(column, text, row + texts.index(text).as_py())
    return pa.array([_BOOLEANS[word] for word in words], pa.bool_()).take(known.indices)


def _number(column: Column, text: str | None, row: int) -> object:
    """One value, read by us: Arrow has refused one of these."""
    if text is None:
        return None
    if column.datatype in {"float", "double"}:
        special = _SPECIAL.get(text.lower().lstrip("+-"))
        if special is not None:
            return -special if text.startswith("-") else special
        if _FLOAT.fullmatch(text):
            return float(re.sub("[dD]", "e", text))
    elif column.is_timestamp:
        try:
            return pa.scalar(text).cast(pa.timestamp("us")).as_py()
        except pa.ArrowInvalid:
            raise _wrong(column, text, row) from None
    elif _INTEGER.fullmatch(text):
        bits = _BITS[column.datatype]
        number = int(text, 16 if "x" in text.lower() else 10)
        if "x" in text.lower() and number >= 1 << (bits - 1):
            number -= 1 << bits  # hexadecimal is how the bits are, sign and all
        if -(1 << (bits - 1)) <= number < 1 << (bits - 1):
            return number
    raise _wrong(column, text, row)


def _wrong(column: Column, text: str, row: int) -> UsageError:
    said = _SAID[column.datatype]
    return UsageError(
        f"Row {row:,} of the uploaded table has {shown(text)} in {column.name}, which is not {said}."
    )


def _arrays(column: Column, texts: pa.Array, row: int, size: int | None) -> pa.Array:
    """Arrays, whose items have blanks between them (VOTable 1.4 §5.1)."""
    lists = pc.utf8_split_whitespace(texts)
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy()
    check_sizes(column, lengths, np.asarray(texts.is_valid()), row, size)
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    items = pc.list_flatten(lists)
    try:
        values = _scalars(column, items, 0)
    except UsageError:
        for at in range(len(lists)):
            _scalars_of_row(column, lists[at].as_py() or [], row + at)
        raise
    mask = pc.invert(texts.is_valid()) if texts.null_count else None
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)


def _scalars_of_row(column: Column, items: Sequence[str], row: int) -> None:
    for item in items:
        _scalars(column, pa.array([item]), row)


def check_sizes(
    column: Column,
    lengths: "np.ndarray[Any, Any]",
    present: "np.ndarray[Any, Any]",
    row: int,
    size: int | None,
) -> None:
    """Refuse arrays of another size than all should have."""
    if size is None:
        return
    wrong = np.flatnonzero(present & (lengths != size))
    if wrong.size:
        at = int(wrong[0])
        raise UsageError(
            f"Row {row + at:,} of the uploaded table has {lengths[at]} numbers in {column.name}, "
            f"whose arraysize {column.arraysize} means {size}."
        )
