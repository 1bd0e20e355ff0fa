"""CAST (ADQL 2.1 §4.6): what can become what, and how.

Numbers are rounded to the nearest whole one; CHAR without a length is as long as its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from voserver.catalogue import sky
from voserver.model.columns import Column
from voserver.model.regions import parse_region
from voserver.query.adql import tree
from voserver.query.adql.postgresql import float_literal
from voserver.query.adql.types import (
    GEOMETRIES,
    NUMBERS,
    POSTGRESQL_TYPES,
    Kind,
    Refusal,
    Value,
    derived,
    plain,
    timestamp_literal,
)

_TARGETS: dict[str, Kind] = {
    "INTEGER": "int",
    "INT": "int",
    "SMALLINT": "short",
    "BIGINT": "long",
    "REAL": "float",
    "DOUBLE": "double",
    "CHAR": "text",
    "CHARACTER": "text",
    "VARCHAR": "text",
    "TIMESTAMP": "timestamp",
    "POINT": "point",
    "CIRCLE": "circle",
    "POLYGON": "polygon",
}

_SOURCES: dict[Kind, frozenset[Kind]] = {
    **dict.fromkeys(NUMBERS, frozenset({*NUMBERS, "text", "boolean", "null"})),
    "text": frozenset({*NUMBERS, *GEOMETRIES, "moc", "text", "uuid", "timestamp", "boolean", "null"}),
    "timestamp": frozenset({"text", "timestamp", "null"}),
    "point": frozenset({"text", "point", "null"}),
    "circle": frozenset({"text", "circle", "null"}),
    "polygon": frozenset({"text", "polygon", "null"}),
}
"""What can become each type."""

_NUMBERS = re.compile(r"[\s\d.eE+-]+")
_NUMBERS_OF = {"point": "Position", "circle": "Circle", "polygon": "Polygon"}
_MAKERS: dict[Kind, Callable[[Sequence[str]], str]] = {
    "point": lambda numbers: sky.point_region(*numbers),
    "circle": lambda numbers: sky.circle(*numbers),
    "polygon": sky.polygon,
}

_LONGEST = 10_000
"""Blanks are filled in up to here: a cell of gigabytes is no use to anybody."""

_EXAMPLES = {"point": "10.5 -20.1", "circle": "10.5 -20.1 0.5", "polygon": "10 20 11 20 11 21"}


def cast(node: tree.Cast, operand: Value) -> Value:
    """A value as another type."""
    kind = _TARGETS.get(node.target)
    if kind is None or operand.kind not in _SOURCES[kind]:
        said = operand.said[0].upper() + operand.said[1:]
        target = "DOUBLE PRECISION" if node.target == "DOUBLE" else node.target
        raise Refusal(node.at, f"{said} cannot be cast to {target}.")
    if kind in GEOMETRIES:
        return _shape(node, operand, kind)
    column = replace(plain(operand.column), arraysize=None)
    if kind == "timestamp" and operand.text is not None:
        return derived(timestamp_literal(operand), kind, node.at, (operand,), column)
    sql = _text(operand) if kind == "text" else _simple(operand, kind)
    if node.length is not None:
        length = min(node.length, 2**31 - 1)
        if node.target != "VARCHAR" and length > _LONGEST:
            raise Refusal(
                node.at, f"CHAR({node.length}) is filled with blanks, up to {_LONGEST:,}.", "Use VARCHAR."
            )
        sql = f"left({sql}, {length})"
        column = replace(column, arraysize=f"{node.length}*")
        if node.target != "VARCHAR":  # SQL fills CHAR(n) with blanks
            sql = f"rpad({sql}, {length})"
            column = replace(column, arraysize=str(node.length))
    value = derived(sql, kind, node.at, (operand,), column)
    return replace(value, can_fail=value.can_fail or kind not in {operand.kind, "text"})


def _simple(operand: Value, kind: Kind) -> str:
    sql = f"({operand.sql})::int4" if operand.kind == "boolean" else operand.sql
    sql = f"({sql})::{POSTGRESQL_TYPES[kind]}"
    if kind in {"float", "double"} and operand.kind == "text":
        # VOTable's NaN is a missing value, and in PostgreSQL it would be the largest number of all.
        return f"NULLIF({sql}, 'NaN')"
    return sql


def _text(operand: Value) -> str:
    """A value as text, as DALI writes it (DALI 1.1 §3.3)."""
    if operand.kind == "timestamp":
        return f"""rtrim(rtrim(to_char({operand.sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.')"""
    if operand.kind == "moc":
        return sky.text(operand.sql)
    if operand.kind in GEOMETRIES:
        return sky.dali(operand.sql)
    return f"({operand.sql})::text"


def _shape(node: tree.Cast, operand: Value, kind: Kind) -> Value:
    """A shape from its numbers (DALI 1.1 §3.3.5-7); what is written out is checked here."""
    if operand.kind in {kind, "null"}:
        return replace(operand, kind=kind, at=node.at) if operand.kind == kind else _null(node, kind)
    column = Column("", "char", ucd="pos" if kind == "point" else "pos.outline")
    if operand.text is None:
        array = f"regexp_split_to_array(btrim({operand.sql}), '\\s+')::float8[]"
        sql = sky.of_numbers(kind, array)
        return replace(derived(sql, kind, node.at, (operand,), column), can_fail=True)
    numbers = operand.text.split()
    region = parse_region(operand.text)
    if [shape.kind for shape in region.shapes] != [_NUMBERS_OF[kind]] or not _NUMBERS.fullmatch(operand.text):
        message = f"'{operand.text[:40]}' is not a {kind}."
        raise Refusal(operand.at, message, f"In DALI's form it is like '{_EXAMPLES[kind]}'.")
    # As they were given: a region's own numbers may be mended.
    literals = tuple(float_literal(float(number)) for number in numbers)
    value = derived(_MAKERS[kind](literals), kind, node.at, (operand,), column)
    return replace(value, coordinates=() if kind == "polygon" else literals)


def _null(node: tree.Cast, kind: Kind) -> Value:
    return Value("NULL::sky.region", kind, node.at)
