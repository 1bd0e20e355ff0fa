"""Calls of functions: which form is meant, and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voserver.model.columns import Column, Datatype
from voserver.query.adql import tree
from voserver.query.adql.geometry import position_of
from voserver.query.adql.registry import Argument, Form, Function
from voserver.query.adql.types import INTEGERS, NUMBERS, Refusal, Value, converted, derived, timestamp_literal

_SAID: dict[Argument, str] = {
    "number": "a number",
    "integer": "a whole number",
    "long": "a whole number",
    "text": "a text",
    "time": "a time",
    "position": "a point",
}


def call(node: tree.Function, function: Function, arguments: Sequence[Value]) -> Value:
    """The value of a function of a template's."""
    forms = [form for form in function.forms if len(form.takes) == len(arguments)]
    if not forms:
        counts = "1 argument" if len(arguments) == 1 else f"{len(arguments)} arguments"
        raise Refusal(node.at, f"{function.spelling} is not called with {counts}.", f"It is {function.usage}")
    form = next((form for form in forms if not _misfits(form, arguments)), None)
    if form is None:
        wrong, takes = _misfits(forms[0], arguments)[0]
        message = f"{function.spelling} takes {_SAID[takes]} here, not {wrong.said}."
        raise Refusal(wrong.at, message, f"It is {function.usage}")
    parts = [sql for takes, value in zip(form.takes, arguments, strict=True) for sql in _given(takes, value)]
    unit = arguments[0].column.unit if function.unit == "same" else function.unit
    arraysize = "*" if function.gives == "array" else None
    datatype: Datatype = "int" if function.gives == "array" else "double"
    column = Column("", datatype, arraysize, unit=unit, ucd=function.ucd, description=function.description)
    value = derived(form.sql.format(*parts), function.gives, node.at, arguments, column)
    parses = any(
        takes == "time" and value.kind == "text" for takes, value in zip(form.takes, arguments, strict=True)
    )
    return replace(value, can_fail=value.can_fail or function.can_fail or parses)


def _misfits(form: Form, arguments: Sequence[Value]) -> list[tuple[Value, Argument]]:
    """The arguments that the form does not take, and what it takes there."""
    pairs = zip(form.takes, arguments, strict=True)
    return [(value, takes) for takes, value in pairs if not _fits(takes, value)]


def _fits(takes: Argument, value: Value) -> bool:
    match takes:
        case "number":
            return value.kind in {*NUMBERS, "null"}
        case "integer" | "long":
            return value.kind in {*INTEGERS, "null"}
        case "text":
            return value.kind in {"text", "uuid", "null"}
        case "time":
            return value.kind in {"timestamp", "text", "null"}
        case "position":
            return value.kind == "point"


def _given(takes: Argument, value: Value) -> tuple[str, ...]:
    match takes:
        case "number":
            return (converted(value, "double"),)
        case "integer":
            return (f"({value.sql})::int4",)
        case "long":
            return (converted(value, "long"),)
        case "text":
            return (converted(value, "text"),)
        case "time":
            return (timestamp_literal(value) if value.text is not None else converted(value, "timestamp"),)
        case "position":
            return position_of(value)
