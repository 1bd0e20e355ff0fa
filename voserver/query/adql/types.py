"""What an expression is: its SQL, its type, and the words (unit, UCD, …) that its column of the result has.

The rules of which types go together are here; nothing here reads the tree or the tables.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from voserver.model.columns import Column, Datatype
from voserver.query.adql.postgresql import float_literal, quote_text

Kind = Literal[
    "boolean", "short", "int", "long", "float", "double", "text", "uuid", "timestamp", "array",
    "point", "circle", "polygon", "region", "moc", "null", "condition",
]  # fmt: skip

INTEGERS: tuple[Kind, ...] = ("short", "int", "long")
NUMBERS: tuple[Kind, ...] = ("short", "int", "long", "float", "double")
GEOMETRIES: frozenset[Kind] = frozenset({"point", "circle", "polygon", "region"})

POSTGRESQL_TYPES: dict[Kind, str] = {
    "boolean": "boolean",
    "short": "int2", "int": "int4", "long": "int8", "float": "float4", "double": "float8",
    "text": "text", "uuid": "uuid", "timestamp": "timestamp",
}  # fmt: skip

_SAID: dict[Kind, str] = {
    "short": "a number", "int": "a number", "long": "a number", "float": "a number", "double": "a number",
    "text": "a text", "uuid": "a UUID", "timestamp": "a time", "array": "an array",
    "boolean": "true or false",
    "point": "a point", "circle": "a circle", "polygon": "a polygon", "region": "a region",
    "moc": "a coverage map", "null": "NULL",
    "condition": "a condition",
}  # fmt: skip

_TIMESTAMP = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"([T ]([01]\d|2[0-3]):[0-5]\d(:([0-5]\d(\.\d{1,9})?|60))?)?Z?",
    re.ASCII,
)


_NAMELESS = Column("", "char")

HEAVIEST = 5_000
"""Parts of one expression: the planner's time and memory grow with them, beyond all measure where queries are nested."""

INNER = "inner query"
"""The guard of a column of a query in FROM, whose tables cannot be asked from outside of it."""


class FenceNeeded(Exception):  # noqa: N818 -- no error: the query is rendered again
    """Queries in FROM must be computed by themselves: conditions that can fail may not be moved into them."""


class Refusal(Exception):  # noqa: N818 -- it is caught where the text is known, and becomes a QueryError
    """A query that cannot be meant; `at` is the offset of the blame."""

    def __init__(self, at: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.at, self.message, self.hint = at, message, hint


@dataclass(frozen=True, slots=True)
class Value:
    """An expression that is understood.

    Attributes:
        sql: what computes it; its PostgreSQL type is that of `kind` (sky.region for geometries).
        column: name, unit, UCD and so on; its datatype is filled in by `result_column`.
        shape: of a text column that holds regions, the SQL of the sky.region.
        coordinates: of a point (longitude, latitude) or circle (…, radius), the SQL of each.
        text, number: the value of a literal.
        ungrouped: the first column, outside of aggregates, that is not grouped by (its name, its place).
        sibling: the SQL of `instrument_name` beside a column `instrument`.
        guards: the SQL of `readable__` of the tables with a release rule that it is made of; or `INNER`.
        can_fail: whether computing it can end the query, as 1 / 0 does.
        weight: how large the expression is for PostgreSQL's planner, which puts those of queries in FROM into it.
    """

    sql: str
    kind: Kind
    at: int
    column: Column = _NAMELESS
    shape: str | None = None
    coordinates: tuple[str, ...] = ()
    text: str | None = None
    number: float | None = None
    ungrouped: tuple[str, int] | None = None
    aggregate: bool = False
    is_reference: bool = False
    sibling: str | None = None
    guards: frozenset[str] = frozenset()
    can_fail: bool = False
    weight: int = 1

    @property
    def said(self) -> str:
        """The type, in words."""
        return _SAID[self.kind]


def kind_of(column: Column) -> Kind:
    """The type of a published column."""
    if column.is_timestamp:
        return "timestamp"
    if column.datatype == "char":
        return "uuid" if column.xtype == "uuid" else "text"
    return "array" if column.is_array else column.datatype


def derived(sql: str, kind: Kind, at: int, parts: Iterable[Value], column: Column | None = None) -> Value:
    """An expression made of others: what is known of them as to grouping goes on."""
    parts = tuple(parts)
    weight = 1 + sum(part.weight for part in parts)
    if weight > HEAVIEST:
        raise FenceNeeded
    return Value(
        sql,
        kind,
        at,
        column or _NAMELESS,
        ungrouped=next((part.ungrouped for part in parts if part.ungrouped), None),
        aggregate=any(part.aggregate for part in parts),
        guards=frozenset().union(*(part.guards for part in parts)),
        can_fail=any(part.can_fail for part in parts),
        weight=weight,
    )


def guarded(value: Value) -> Value:
    """The value, for a condition: computed of rows that may be seen only, where computing it can fail.

    PostgreSQL may try a condition before the release rule of the view, and a failure would tell of a hidden row.
    A row that an outer join made up has NULL for its guard, and no secret.
    """
    if not value.can_fail or not value.guards:
        return value
    if INNER in value.guards:
        raise FenceNeeded
    tests = " AND ".join(f"{guard} IS NOT FALSE" for guard in sorted(value.guards))
    return replace(value, sql=f"CASE WHEN {tests} THEN {value.sql} END", can_fail=False)


def guarded_in_having(value: Value) -> Value:
    """The value, for HAVING: PostgreSQL tries a condition without an aggregate before it groups."""
    if not value.can_fail or not value.guards or value.aggregate:
        return value
    return replace(value, sql=f"CASE WHEN count(*) > 0 THEN {value.sql} END")


def condition(sql: str, at: int, parts: Iterable[Value]) -> Value:
    """A search condition made of values or other conditions."""
    return derived(sql, "condition", at, parts)


def result_column(value: Value, name: str) -> Column:  # noqa: PLR0911 -- one for each type
    """The column of a result that carries the value (ADQL 2.1 §3.4: how ADQL's types look in VOTable)."""
    column = replace(value.column, name=name)
    match value.kind:
        case "short" | "int" | "long" | "float" | "double" | "boolean":
            datatype: Datatype = value.kind
            return replace(column, datatype=datatype, arraysize=None, xtype=None)
        case "point":
            return replace(column, datatype="double", arraysize="2", xtype="point", unit="deg")
        case "circle":
            return replace(column, datatype="double", arraysize="3", xtype="circle", unit="deg")
        case "polygon":
            return replace(column, datatype="double", arraysize="*", xtype="polygon", unit="deg")
        case "region":
            return replace(column, datatype="char", arraysize="*", xtype="adql:REGION", unit="deg")
        case "moc":
            return replace(column, datatype="char", arraysize="*", xtype="moc")
        case "timestamp":
            return replace(column, datatype="char", arraysize=column.arraysize or "*", xtype="timestamp")
        case "array":
            return column
        case _:
            return replace(column, datatype="char", arraysize=column.arraysize or "*")


def common_kind(left: Value, right: Value) -> Kind:
    """The type that can hold both values, as COALESCE and UNION need it."""
    if "null" in {left.kind, right.kind}:
        return left.kind if right.kind == "null" else right.kind
    if left.kind in NUMBERS and right.kind in NUMBERS:
        return wider(left.kind, right.kind)
    if left.kind == right.kind:
        return left.kind
    if {left.kind, right.kind} == {"text", "uuid"}:
        return "text"
    if left.kind in GEOMETRIES and right.kind in GEOMETRIES:
        return "region"
    raise Refusal(right.at, f"The values must be of one type, but here is {right.said} beside {left.said}.")


def wider(left: Kind, right: Kind) -> Kind:
    """The type of an arithmetic result; float with an integer is double, as integers have more digits."""
    if left == right:
        return left
    if left in INTEGERS and right in INTEGERS:
        return max(left, right, key=INTEGERS.index)
    return "double"


def converted(value: Value, kind: Kind) -> str:
    """The SQL of a value as another type that can hold it."""
    if value.kind == kind or kind not in POSTGRESQL_TYPES:
        return value.sql
    if kind == "double" and value.number is not None:
        return float_literal(float(value.number))
    return f"({value.sql})::{POSTGRESQL_TYPES[kind]}"


def term_of(value: Value) -> str:
    """The SQL of a term of ORDER BY or GROUP BY, where PostgreSQL takes a bare constant for a column's number."""
    if value.number is not None or value.kind == "null":
        return f"({value.sql})::{POSTGRESQL_TYPES.get(value.kind, 'text')}"
    return value.sql


def terms_of(groups: Sequence[Value]) -> list[str]:
    """The SQL of the terms of GROUP BY; a region's text goes with its shape."""
    shapes = [group.shape for group in groups if group.shape and group.sql not in group.shape]
    return [*map(term_of, groups), *shapes]


def aligned(left: Value, right: Value) -> tuple[str, str]:
    """The SQL of two values that are to be compared.

    A text that is written out beside a time or a UUID is checked and becomes one (TAP 1.1 §2.7: times are
    compared with DALI's syntax).
    """
    if "null" in {left.kind, right.kind} or (left.kind in NUMBERS and right.kind in NUMBERS):
        return left.sql, right.sql
    for value in (left, right):
        if value.kind in GEOMETRIES or value.kind in {"moc", "array", "condition"}:
            raise Refusal(value.at, f"A comparison cannot have {value.said} on one side.")
    if left.kind == right.kind:
        return left.sql, right.sql
    if left.kind in {"timestamp", "uuid", "boolean"}:
        return _beside(left, right)
    if right.kind in {"timestamp", "uuid", "boolean"}:
        second, first = _beside(right, left)
        return first, second
    raise _mismatch(left, right)


def _beside(special: Value, other: Value) -> tuple[str, str]:
    """SQL of a time, UUID or truth value and of something that is compared with it."""
    if special.kind == "uuid" and other.kind == "text":
        return (
            (special.sql, uuid_literal(other))
            if other.text is not None
            else (f"({special.sql})::text", other.sql)
        )
    if special.kind == "timestamp" and other.text is not None:
        return special.sql, timestamp_literal(other)
    if special.kind == "boolean" and other.kind in INTEGERS:
        return f"({special.sql})::int4", other.sql
    if special.kind == "boolean" and (other.text or "").lower() in {"true", "false"}:
        return special.sql, (other.text or "").lower()
    raise _mismatch(special, other)


def _mismatch(left: Value, right: Value) -> Refusal:
    numeric = next((value for value in (left, right) if value.kind in NUMBERS), None)
    text = next((value for value in (left, right) if value.kind == "text"), None)
    hint = None
    if numeric is not None and text is not None:
        if text.text is not None and _TIMESTAMP.fullmatch(text.text) and numeric.column.unit == "d":
            hint = f"It is a day's number (MJD): ivo_to_mjd({quote_text(text.text)})"
        elif text.text is not None:
            hint = "Write the number without quotes."
        else:
            hint = "Write the value in single quotes." if numeric.number is not None else "See CAST."
    elif "timestamp" in {left.kind, right.kind}:
        hint = "Write a time as '2024-07-01T12:00:00', or see CAST(… AS TIMESTAMP)."
    sentence = f"{_named(left)} cannot be compared with {_named(right)}."
    # A column's name keeps its letters; a word of ours begins the sentence with a capital.
    return Refusal(right.at, sentence if left.column.name else sentence[0].upper() + sentence[1:], hint)


def _named(value: Value) -> str:
    return f"{value.column.name} ({value.said})" if value.column.name else value.said


def timestamp_literal(value: Value) -> str:
    """The SQL of a time that is written out, in DALI's form (DALI 1.1 §3.3.3)."""
    text = value.text or ""
    if not _TIMESTAMP.fullmatch(text.strip()) or not _is_day(text.strip()[:10]):
        raise Refusal(
            value.at, f"'{text[:40]}' is not a time.", "A time is like '2024-07-01' or '2024-07-01T12:30:00'."
        )
    return f"{quote_text(text.strip().rstrip('Z').replace(' ', 'T'))}::timestamp"


def _is_day(text: str) -> bool:
    year, month, day = (int(part) for part in text.split("-"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return year > 0 and day <= [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def uuid_literal(value: Value) -> str:
    """The SQL of a UUID that is written out."""
    text = value.text or ""
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        hint = "A UUID is like '00000000-0000-0000-0000-0000000000ff'."
        raise Refusal(value.at, f"'{text[:40]}' is not a UUID.", hint) from None
    return f"{quote_text(str(parsed))}::uuid"


def want_number(value: Value, operator: str) -> Value:
    """The value, if it is a number; NULL is one that is missing, and takes on the type of what it meets.

    Raises:
        Refusal: it is none.
    """
    if value.kind == "null":
        return replace(value, sql="NULL::int2", kind="short")
    if value.kind not in NUMBERS:
        name = f"{value.column.name} is" if value.column.name else "here is"
        hint = "Texts are joined by ||." if value.kind == "text" and operator == "+" else None
        what = operator if operator[0].isalpha() else f"The operator {operator}"
        raise Refusal(value.at, f"{what} takes numbers, and {name} {value.said}.", hint)
    return value


def plain(column: Column) -> Column:
    """What of a column's description still holds for a value made of it: its unit."""
    return Column("", column.datatype, column.arraysize, unit=column.unit)


def with_word(ucd: str | None, word: str) -> str | None:
    """A UCD with a word that says what was made of the quantity; none where the quantity is not known."""
    return None if ucd is None else ucd if word in ucd.split(";") else f"{ucd};{word}"
