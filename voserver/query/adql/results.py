"""What a query gives: its columns, their names, and the SQL that carries them out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from voserver.catalogue import sky
from voserver.model.reserved import RESERVED
from voserver.query.adql import tree
from voserver.query.adql.names import same_name
from voserver.query.adql.postgresql import fits_name, quote_name
from voserver.query.adql.types import GEOMETRIES, POSTGRESQL_TYPES, Refusal, Value, converted, kind_of


@dataclass(frozen=True, slots=True)
class Item:
    """A column of a query: its name (unique within the query, in any case) and its value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Rendered:
    """A query as SQL, without the limit of its outermost SELECT, which the caller adds (`limited`)."""

    sql: str
    items: tuple[Item, ...]
    top: int | None = None
    offset: int | None = None
    escapes: frozenset[str] = frozenset()
    """Guards of outer queries' columns of which this one computes what can fail."""

    def limited(self, *, fenced: bool = False) -> str:
        """The SQL with the query's own limits (ADQL 2.1 §2.2.1: OFFSET first, then TOP).

        PostgreSQL moves no condition into a query that has an OFFSET: that is the fence.
        """
        limit = f" LIMIT {self.top}" if self.top is not None else ""
        return self.sql + limit + (f" OFFSET {self.offset or 0}" if self.offset or fenced else "")

    @property
    def can_fail(self) -> bool:
        """Whether a condition on its columns could fail for a hidden row."""
        return any(item.value.can_fail and item.value.guards for item in self.items)


def output(item: Item, *, final: bool, shape: bool) -> str:
    """An item of a SELECT list, and in a query within another the shape beside it."""
    name = quote_name(item.name)
    sql = f"{_final(item.value, item.value.sql) if final else item.value.sql} AS {name}"
    if shape and item.value.shape is not None:
        sql += f", {item.value.shape} AS {quote_name(item.name + '__shape')}"
    return sql


def inner_names(items: Iterable[Item]) -> Iterator[str]:
    """The names of the columns that a query within another has, as `output` writes them."""
    for item in items:
        yield quote_name(item.name)
        if item.value.shape is not None:
            yield quote_name(f"{item.name}__shape")


def side_columns(side: Rendered, items: list[Item], *, final: bool) -> str:
    """The columns of one side of a set operation, as the types of the whole."""
    columns = []
    for own, item in zip(side.items, items, strict=True):
        sql = converted(replace(own.value, sql=quote_name(own.name)), item.value.kind)
        columns.append(f"{_final(item.value, sql) if final else sql} AS {quote_name(item.name)}")
    return ", ".join(columns)


def _final(value: Value, sql: str) -> str:
    """A value as results carry it: the PostgreSQL type whose Arrow type is the column's."""
    if value.kind in {"region", "moc"}:
        return sky.text(sql)
    if value.kind in GEOMETRIES:
        return sky.coordinates(sql)
    if value.kind == "array":
        return f"({sql})::{POSTGRESQL_TYPES[kind_of(replace(value.column, arraysize=None))]}[]"
    kind = "text" if value.kind in {"uuid", "null"} else value.kind
    return f"({sql})::{POSTGRESQL_TYPES[kind]}"


def without_shape(value: Value) -> Value:
    """A region whose geometry does not leave the query: only its text does."""
    return replace(value, shape=None)


def unique_name(name: str, taken: set[str]) -> str:
    """A name for a column of a result: the second `x` is `x_2`, as many formats need names that differ."""
    name = name if fits_name(name) else name.encode()[:50].decode(errors="ignore")
    unique, number = name, 1
    while unique.lower() in taken or unique.lower().endswith("__shape"):
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique.lower())
    return unique


def renamed(items: tuple[Item, ...], named: tree.NamedQuery) -> tuple[Item, ...]:
    """The columns of a query of WITH, by the names that it gives them."""
    if not named.columns:
        return items
    if len(named.columns) != len(items):
        message = f"{named.name.text} names {len(named.columns)} columns, and its query has {len(items)}."
        raise Refusal(named.at, message)
    taken: set[str] = set()
    return tuple(
        Item(unique_name(name.text, taken), item.value)
        for name, item in zip(named.columns, items, strict=True)
    )


def generated_name(node: tree.Expression, value: Value, number: int) -> str:
    """A name for a value that has none: a regular identifier (TAP 1.1 §2.7.1)."""
    if value.is_reference:
        return value.column.name
    if isinstance(node, tree.Function | tree.Aggregate):
        arguments = node.arguments if isinstance(node, tree.Function) else (node.argument,)
        name = node.name.lower()
        if len(arguments) == 1 and isinstance(arguments[0], tree.ColumnReference):
            name += "_" + arguments[0].parts[-1].text.lower()
        name = name if name.isidentifier() else f"column_{number}"
        return f"{name}_{number}" if name.upper() in RESERVED else name
    return f"column_{number}"


def column_number(sort: tree.Sort, items: Iterable[Item]) -> int | None:
    """The number of the result's column that is sorted by, if it is one."""
    items = list(items)
    node = sort.value
    if isinstance(node, tree.Number) and node.text.isdigit():
        number = int(node.text[:9])
        if not 1 <= number <= len(items):
            raise Refusal(sort.at, f"ORDER BY {number}: the result has {len(items)} columns.")
        return number
    if isinstance(node, tree.ColumnReference) and len(node.parts) == 1:
        name = node.parts[0]
        found = [number for number, item in enumerate(items, 1) if same_name(item.name, name)]
        return found[0] if found else None
    return None
