"""Coverage maps in ADQL (MOC 2.0), as GAVO's servers have them: made of a region or written, then tested like shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from voserver.catalogue import sky
from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.registry import Function, Resolve
from voserver.query.adql.types import GEOMETRIES, INTEGERS, Refusal, Value, derived

DEEPEST = 29
_EXAMPLE = "It is like '5/8-10 42 6/7': an order, cells and ranges of cells."
_WORD = re.compile(r"(?:(\d{1,2})/)?(?:(\d{1,19})(?:-(\d{1,19}))?)?", re.ASCII)


def as_map(value: Value) -> Value | None:
    """The value as a coverage map, if it is one: a map, or a column that holds them as texts."""
    if value.kind == "moc":
        return value
    if value.kind == "text" and value.column.xtype == "moc":
        return replace(_map(sky.coverage(value.sql), value.at, (value,)), can_fail=True)
    return None


def _map(sql: str, at: int, parts: Sequence[Value]) -> Value:
    return derived(sql, "moc", at, parts, Column("", "char", ucd="pos.outline"))


def _made(node: tree.Function, arguments: Sequence[Value], _resolve: Resolve | None) -> Value:
    """`MOC('ascii')` and `MOC(order, geometry)`."""
    if len(arguments) == 1:
        return _read(node, arguments[0])
    if len(arguments) != 2:
        raise Refusal(node.at, f"MOC is not called with {len(arguments)} arguments.", f"It is {MOC.usage}")
    order, shape = arguments
    if order.kind not in INTEGERS:
        raise Refusal(
            order.at, f"The order of a MOC is a whole number, not {order.said}.", f"It is {MOC.usage}"
        )
    if order.number is not None and not 0 <= order.number <= DEEPEST:
        raise Refusal(order.at, f"The order of a MOC is from 0 to {DEEPEST}, not {order.number:g}.")
    if shape.kind not in GEOMETRIES and shape.shape is None:
        raise Refusal(shape.at, f"MOC takes a geometry here, not {shape.said}.", f"It is {MOC.usage}")
    sql = sky.coverage_of(f"({order.sql})::int4", shape.shape or shape.sql)
    return replace(_map(sql, node.at, arguments), can_fail=True)


def _read(node: tree.Function, argument: Value) -> Value:
    known = as_map(argument)
    if known is not None:
        return known
    if argument.kind != "text":
        raise Refusal(argument.at, f"MOC takes a text here, not {argument.said}.", f"It is {MOC.usage}")
    if argument.text is not None:
        _check(argument)
    value = _map(sky.coverage(argument.sql), node.at, (argument,))
    return replace(value, can_fail=value.can_fail or argument.text is None)


def _check(argument: Value) -> None:
    """Refuse a written map that is none (MOC 2.0 §4.3.2); commas are let pass, as older maps have them."""
    order = None
    for word in re.split(r"[\s,]+", (argument.text or "").strip()):
        parts = _WORD.fullmatch(word)
        order = int(parts[1]) if parts and parts[1] else order
        if word and (parts is None or order is None or order > DEEPEST):
            raise Refusal(argument.at, f"A coverage map cannot have '{word[:30]}'.", _EXAMPLE)
        if word and parts and parts[2] and order is not None:
            low, high = int(parts[2]), int(parts[3] or parts[2])
            if not low <= high < 12 * 4**order:
                message = (
                    f"Cells of order {order} are numbered from 0 to {12 * 4**order - 1}; here is {word[:45]}."
                )
                raise Refusal(argument.at, message)


def _combined(node: tree.Function, arguments: Sequence[Value], _resolve: Resolve | None) -> Value:
    """`gavo_mocunion` and `gavo_mocintersect`."""
    function = MAPS[node.name]
    maps = [as_map(argument) for argument in arguments]
    if len(maps) != 2:
        message = f"{node.name.lower()} is not called with {len(maps)} arguments."
        raise Refusal(node.at, message, f"It is {function.usage}")
    for argument, found in zip(arguments, maps, strict=True):
        if found is None:
            message = f"{node.name.lower()} takes a coverage map, not {argument.said}."
            raise Refusal(argument.at, message, "MOC(order, geometry) makes one.")
    one, other = (found for found in maps if found is not None)
    combine = sky.coverage_union if node.name == "GAVO_MOCUNION" else sky.coverage_intersection
    return _map(combine(one.sql, other.sql), node.at, (one, other))


MOC = Function(
    "MOC",
    ("MOC(hpxOrder INTEGER, geo GEOMETRY) -> MOC", "MOC(ascii VARCHAR) -> MOC"),
    "a coverage map: the HEALPix cells of an order that a shape touches, or a map that is written as '5/8-10 6/7'; "
    "CONTAINS, INTERSECTS and AREA take it",
    (),
    gives="moc",
    compute=_made,
)

MAPS = {
    function.name: function
    for function in (
        MOC,
        Function(
            "GAVO_MOCUNION",
            ("gavo_mocunion(moc1 MOC, moc2 MOC) -> MOC",),
            "the coverage map of what is in either map",
            (),
            gives="moc",
            compute=_combined,
        ),
        Function(
            "GAVO_MOCINTERSECT",
            ("gavo_mocintersect(moc1 MOC, moc2 MOC) -> MOC",),
            "the coverage map of what is in both maps",
            (),
            gives="moc",
            compute=_combined,
        ),
    )
}
