"""What can be queried: schemas, tables, columns and keys, as TAP_SCHEMA has them (TAP 1.1 §4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from voserver.model.columns import Column

REGION_XTYPES = frozenset({"adql:REGION", "shape", "multishape", "circle", "polygon"})
"""Text columns with one of these xtypes hold regions of the sky, and have a companion (`shape_name`)."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a published table: what it is, and what TAP_SCHEMA says of its use.

    In PostgreSQL a column has its name in lower case, unless it is `stored` by another. A region column `x` (text,
    for output) has a companion `x__shape` of type sky.region (for geometry), which is not published.
    """

    column: Column
    indexed: bool = False
    principal: bool = False
    std: bool = False
    index: int = 0
    stored: str | None = None

    @property
    def name(self) -> str:
        """The name as TAP_SCHEMA spells it."""
        return self.column.name

    @property
    def sql_name(self) -> str:
        """The name in PostgreSQL, not quoted."""
        return self.stored or self.name.lower()

    @property
    def is_region(self) -> bool:
        """Whether values are regions of the sky."""
        return self.column.datatype == "char" and self.column.xtype in REGION_XTYPES

    @property
    def geometry(self) -> Literal["point", "circle", "polygon"] | None:
        """What values are where they are arrays of a shape's numbers (DALI 1.1 §3.3.5-7)."""
        column = self.column
        if column.datatype not in {"float", "double"} or column.arraysize is None:
            return None
        match column.xtype, column.arraysize:
            case "point", "2":
                return "point"
            case "circle", "3":
                return "circle"
            case "polygon", _:
                return "polygon"
            case _:
                return None

    @property
    def shape_name(self) -> str:
        """The companion column that geometry functions use, in PostgreSQL."""
        return f"{self.sql_name}__shape"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """How two tables join (TAP 1.1 §4.4, §4.5); tables by their full names."""

    key_id: str
    from_table: str
    target_table: str
    columns: tuple[tuple[str, str], ...]
    description: str | None = None
    utype: str | None = None


@dataclass(frozen=True)
class Table:
    """A published table or view. `schema` and `name` are as TAP_SCHEMA spells them.

    Where `is_ruled`, rows are hidden until their release, and `readable__` says whether a row may be seen.
    `stored` are schema and table in PostgreSQL where they are not these names in lower case.
    """

    schema: str
    name: str
    columns: tuple[TableColumn, ...]
    kind: str = "view"
    utype: str | None = None
    description: str | None = None
    index: int = 0
    foreign_keys: tuple[ForeignKey, ...] = ()
    is_ruled: bool = False
    stored: tuple[str, str] | None = None

    @property
    def full_name(self) -> str:
        """`schema.table`, as users write it."""
        return f"{self.schema}.{self.name}"

    @property
    def sql_name(self) -> tuple[str, str]:
        """Schema and table in PostgreSQL, not quoted."""
        return self.stored or (self.schema.lower(), self.name.lower())


@dataclass(frozen=True)
class Schema:
    """A published schema and its tables, in the order to show them."""

    name: str
    tables: tuple[Table, ...]
    description: str | None = None
    utype: str | None = None
    index: int = 0


@dataclass(frozen=True)
class Tables:
    """Everything that can be queried."""

    schemas: tuple[Schema, ...] = field(default=())

    def __iter__(self) -> Iterator[Table]:
        """All tables, in the order to show them."""
        for schema in self.schemas:
            yield from schema.tables

    @cached_property
    def _by_name(self) -> Mapping[str, Table]:
        return {table.full_name.lower(): table for table in self}

    def find(self, full_name: str) -> Table | None:
        """The table of that name (`schema.table`, in any case), or None."""
        return self._by_name.get(full_name.lower())
