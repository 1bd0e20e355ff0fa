"""Aggregates: what SQL, type, unit and UCD they have (ADQL 2.1 §2.2.2)."""

from __future__ import annotations

from dataclasses import replace

from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.types import (
    GEOMETRIES,
    INTEGERS,
    Kind,
    Refusal,
    Value,
    converted,
    want_number,
    with_word,
)


def aggregated(node: tree.Aggregate, operand: Value, every: str) -> tuple[str, Kind, Column]:
    """SQL, type and column of an aggregate of a value."""
    of = f" of {operand.column.name}" if operand.column.name else ""
    if node.name == "COUNT":
        column = Column("", "long", ucd="meta.number", description=f"Number of values{of}")
        return f"count({every}{operand.sql})", "long", column
    unit, ucd = operand.column.unit, operand.column.ucd
    if node.name in {"MIN", "MAX"}:
        if operand.kind in GEOMETRIES or operand.kind in {"moc", "array", "boolean", "null"}:
            raise Refusal(node.at, f"{node.name} needs numbers, texts or times, not {operand.said}.")
        word, said = ("stat.min", "Smallest") if node.name == "MIN" else ("stat.max", "Largest")
        column = replace(operand.column, name="", utype=None, description=f"{said} value{of}")
        column = replace(column, ucd=with_word(ucd, word))
        kind: Kind = "text" if operand.kind == "uuid" else operand.kind
        return f"{node.name.lower()}({every}{converted(operand, kind)})", kind, column
    operand = want_number(operand, node.name)
    if node.name == "AVG":
        column = Column("", "double", unit=unit, ucd=with_word(ucd, "stat.mean"), description=f"Mean{of}")
        return f"avg({every}{converted(operand, 'double')})", "double", column
    whole = operand.kind in INTEGERS
    column = Column("", "long", unit=unit, description=f"Sum{of}")
    if whole:
        return f"sum({every}{operand.sql})::int8", "long", column
    return f"sum({every}{converted(operand, 'double')})", "double", column
