"""What a column of a result is: the VOTable words for it, and the Arrow type that carries its values.

Knows nothing of databases or formats; `query` makes columns, `serializers` write them.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Datatype = Literal["boolean", "short", "int", "long", "float", "double", "char"]
"""The VOTable datatypes that this server produces (VOTable 1.5 §2.1)."""

_ARROW_TYPES: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "short": pa.int16(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
}
_NUMBERS = frozenset(_ARROW_TYPES) - {"boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or of a result, in VOTable's words.

    `arraysize` is None for a scalar, else VOTable's shape ("36", "32*", "*", "2"). `xtype` is DALI's
    ("timestamp", "interval", "point", "uuid", …).
    """

    name: str
    datatype: Datatype
    arraysize: str | None = None
    xtype: str | None = None
    unit: str | None = None
    ucd: str | None = None
    utype: str | None = None
    description: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether values are character strings (a timestamp is not: it travels as an Arrow timestamp)."""
        return self.datatype == "char" and not self.is_timestamp

    @property
    def is_timestamp(self) -> bool:
        """Whether values are instants: DALI timestamps, UTC, at microsecond precision."""
        return self.datatype == "char" and self.xtype in {"timestamp", "adql:TIMESTAMP"}

    @property
    def is_array(self) -> bool:
        """Whether each value is an array of numbers."""
        return self.datatype != "char" and self.arraysize is not None

    @property
    def can_be_degrees(self) -> bool:
        """Whether values can be angles in degrees: one number each, and no other unit is given."""
        return self.datatype in _NUMBERS and not self.is_array and self.unit in {None, "", "deg", "degree"}

    @property
    def arrow_type(self) -> pa.DataType:
        """The type that this column has in every record batch: the contract of the whole pipeline."""
        if self.is_timestamp:
            return pa.timestamp("us")
        if self.datatype == "char":
            return pa.string()
        scalar = _ARROW_TYPES[self.datatype]
        return pa.list_(scalar) if self.is_array else scalar
