"""Queries of one table that parameters ask for: conditions on its columns, as the tree that ADQL's text becomes, too.

Values stay values: nothing here is text that is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from voserver.query.adql import tree

_AT = 0  # what was never text has no place in one


def column(name: str) -> tree.ColumnReference:
    """A column of the table."""
    return tree.ColumnReference(_AT, (tree.Name(_AT, name, delimited=True),))


def text(value: str) -> tree.Text:
    """A text."""
    return tree.Text(_AT, value)


def number(value: float) -> tree.Expression:
    """A finite number."""
    written = tree.Number(_AT, repr(abs(value)))
    return tree.Sign(_AT, "-", written) if value < 0 else written


def call(name: str, *arguments: tree.Expression) -> tree.Function:
    """A function of ADQL."""
    return tree.Function(_AT, name, arguments)


def shape(name: str, *numbers: float) -> tree.Function:
    """POINT, CIRCLE, POLYGON or BOX of numbers."""
    return call(name, *map(number, numbers))


def compare(left: tree.Expression, operator: str, right: tree.Expression) -> tree.Comparison:
    """A comparison."""
    return tree.Comparison(_AT, operator, left, right)


def holds(predicate: tree.Function) -> tree.Comparison:
    """That CONTAINS or INTERSECTS is true."""
    return compare(number(1), "=", predicate)


def among(operand: tree.Expression, values: Iterable[str]) -> tree.In:
    """That a text is one of some."""
    return tree.In(_AT, operand, False, tuple(map(text, values)))


def like(operand: tree.Expression, pattern: str) -> tree.Like:
    """That a text looks so."""
    return tree.Like(_AT, operand, False, False, text(pattern))


def is_given(name: str) -> tree.IsNull:
    """That a column has a value."""
    return tree.IsNull(_AT, column(name), True)


NEVER = compare(number(1), "=", number(0))
"""The condition that no row meets."""


def any_of(conditions: Sequence[tree.Condition]) -> tree.Condition:
    """One of the conditions holds."""
    return conditions[0] if len(conditions) == 1 else tree.Junction(_AT, "OR", tuple(conditions))


def all_of(conditions: Sequence[tree.Condition]) -> tree.Condition:
    """All of the conditions hold."""
    return conditions[0] if len(conditions) == 1 else tree.Junction(_AT, "AND", tuple(conditions))


def query(
    table: str,
    conditions: Sequence[tree.Condition],
    *,
    columns: Iterable[str] = (),
    nearest_by: tree.Expression | None = None,
    top: int | None = None,
) -> tree.Query:
    """The rows of a table, by its full name, that meet all conditions; all columns where none are named."""
    items = tuple(tree.SelectItem(_AT, column(name), None) for name in columns) or (tree.Asterisk(_AT),)
    names = tuple(tree.Name(_AT, part, delimited=True) for part in table.split("."))
    where = all_of(conditions) if conditions else None
    tables = (tree.NamedTable(_AT, names, None),)
    select = tree.Select(_AT, False, top, items, tables, where, (), None)
    return tree.Query(_AT, select, () if nearest_by is None else (tree.Sort(_AT, nearest_by, False),))
