"""Columns as the database takes them, where that is not how results carry them."""

import uuid

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.model.tables import TableColumn
from voserver.uploads.limits import shown

_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def is_uuid(column: Column) -> bool:
    """Whether values are UUIDs: compared with the catalogue's, they are found by its indexes."""
    return column.datatype == "char" and column.xtype == "uuid"


def stored_type(column: Column) -> pa.DataType:
    """The type that a column is kept in."""
    return pa.binary(16) if is_uuid(column) else column.arrow_type


def stored(column: Column, values: pa.Array, row: int) -> pa.Array:
    """The values as they are kept; `row` is the number of the first, for messages."""
    if is_uuid(column):
        return _uuids(column, values, row)
    if TableColumn(column).geometry:
        return _shapes(values)
    return values


def _uuids(column: Column, values: pa.Array, row: int) -> pa.Array:
    values = pc.utf8_trim_whitespace(values)
    matches = pc.match_substring_regex(values, _UUID)
    if not pc.all(matches).as_py():
        at = matches.index(False).as_py()
        raise UsageError(
            f"Row {row + at:,} of the uploaded table has {shown(values[at].as_py())} in {column.name}, "
            "which is not a UUID as its xtype says."
        )
    found = [None if text is None else uuid.UUID(text).bytes for text in values.to_pylist()]
    return pa.array(found, pa.binary(16))


def _shapes(values: pa.ListArray) -> pa.Array:
    """Shapes of numbers. No number, or one that is none, makes no shape (DALI 1.1 §3.3.5: a NaN for each)."""
    numbers = values.flatten()
    lengths = pc.list_value_length(values).fill_null(0).to_numpy()
    owners = np.repeat(np.arange(len(values)), lengths)
    absent = np.asarray(pc.invert(pc.is_finite(numbers)).fill_null(True))
    missing = (lengths == 0) | (np.bincount(owners, weights=absent, minlength=len(values)) > 0)
    return pc.if_else(pa.array(missing), None, values) if missing.any() else values
