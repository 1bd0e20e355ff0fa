"""Values: columns, literals, operators, functions, aggregates and casts, from tree to typed SQL."""

from __future__ import annotations

from dataclasses import replace

from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.functions import FUNCTIONS, GEOMETRY, Function
from voserver.query.adql.geometry import geometry
from voserver.query.adql.names import Scope
from voserver.query.adql.postgresql import float_literal, quote_text
from voserver.query.adql.types import (
    GEOMETRIES,
    INTEGERS,
    NUMBERS,
    POSTGRESQL,
    Kind,
    Refusal,
    Value,
    common_kind,
    converted,
    derived,
    timestamp_literal,
    wider,
)

_CASTS: dict[str, Kind] = {
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
}


class Expressions:
    """Values within one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def value(self, node: tree.Expression) -> Value:
        """What an expression means; a term of GROUP BY is no longer a stray column."""
        value = self._value(node)
        if value.sql in self.scope.grouped:
            value = replace(value, ungrouped=None)
        return value

    def _value(self, node: tree.Expression) -> Value:  # noqa: PLR0911 -- one for each kind of node
        match node:
            case tree.ColumnReference():
                return self.scope.column(node)
            case tree.Number():
                return _number(node)
            case tree.Text():
                column = Column("", "char", str(len(node.text)) + "*" if node.text else "*")
                return Value(f"{quote_text(node.text)}::text", "text", node.at, column, text=node.text)
            case tree.Null():
                return Value("NULL", "null", node.at)
            case tree.Operation():
                return self._operation(node)
            case tree.Sign():
                return self._sign(node)
            case tree.Aggregate():
                return self._aggregate(node)
            case tree.Cast():
                return self._cast(node)
            case tree.Function():
                return self._function(node)

    def _sign(self, node: tree.Sign) -> Value:
        operand = self.value(node.operand)
        _want_number(operand, node.operator)
        number = None if operand.number is None else operand.number * (-1 if node.operator == "-" else 1)
        value = derived(
            f"({node.operator}{operand.sql})", operand.kind, node.at, (operand,), _plain(operand.column)
        )
        return replace(value, number=number)

    def _operation(self, node: tree.Operation) -> Value:
        if node.rest[0][0] == "||":
            return self._concatenation(node)
        result = self.value(node.first)
        _want_number(result, node.rest[0][0])
        sql, parts = [result.sql], [result]
        kind, column = result.kind, _plain(result.column)
        for operator, operand in node.rest:
            value = self.value(operand)
            _want_number(value, operator)
            kind = value.kind if kind == "null" else kind if value.kind == "null" else wider(kind, value.kind)
            column = Column("", "double", unit=_unit(operator, column, value))
            sql += [operator, value.sql]
            parts.append(value)
        return replace(derived(f"({' '.join(sql)})", kind, node.at, parts, column), can_fail=True)

    def _concatenation(self, node: tree.Operation) -> Value:
        parts = [self.value(node.first), *(self.value(operand) for _, operand in node.rest)]
        for part in parts:
            if part.kind not in {"text", "uuid", "null"}:
                hint = "Convert it with CAST(… AS VARCHAR)."
                raise Refusal(part.at, f"|| joins texts, and here is {part.said}.", hint)
        return derived(f"({' || '.join(converted(part, 'text') for part in parts)})", "text", node.at, parts)

    def _function(self, node: tree.Function) -> Value:
        if node.name in GEOMETRY:
            return geometry(node, self.value)
        if node.name == "COALESCE":
            return self._coalesce(node)
        function = FUNCTIONS.get(node.name)
        if function is None:
            known = ", ".join(sorted([*FUNCTIONS, *GEOMETRY, "COALESCE"]))
            raise Refusal(node.at, f"There is no function {node.name} here.", f"The functions are: {known}")
        arguments = [self.value(argument) for argument in node.arguments]
        template = function.sql.get(len(arguments))
        if template is None:
            raise Refusal(
                node.at, f"{node.name} is not called with {len(arguments)} arguments.", function.form
            )
        sql = template.format(*(_argument(function, argument) for argument in arguments))
        unit = _function_unit(function, arguments)
        column = Column("", "double", unit=unit, description=function.meaning.capitalize())
        value = derived(sql, function.gives, node.at, arguments, column)
        return replace(value, can_fail=value.can_fail or function.takes != "text")

    def _coalesce(self, node: tree.Function) -> Value:
        if not node.arguments:
            raise Refusal(node.at, "COALESCE takes one or more values.")
        parts = [self.value(argument) for argument in node.arguments]
        best = parts[0]
        for part in parts[1:]:
            best = replace(best, kind=common_kind(best, part))
        sql = f"COALESCE({', '.join(converted(part, best.kind) for part in parts)})"
        return derived(sql, best.kind, node.at, parts, _plain(parts[0].column))

    def _aggregate(self, node: tree.Aggregate) -> Value:
        if node.argument is None:
            column = Column("", "long", ucd="meta.number", description="Number of rows")
            return Value("count(*)", "long", node.at, column, aggregate=True)
        operand = self.value(node.argument)
        if operand.aggregate:
            raise Refusal(node.at, f"{node.name} cannot hold another aggregate.", "Use a sub-query in FROM.")
        every = "DISTINCT " if node.distinct else ""
        sql, kind, column = _aggregated(node, operand, every)
        # What is computed of a table's own rows is computed of the visible ones.
        guards = operand.guards - self.scope.guards
        return Value(sql, kind, node.at, column, aggregate=True, guards=guards, can_fail=operand.can_fail)

    def _cast(self, node: tree.Cast) -> Value:
        operand = self.value(node.operand)
        kind = _CASTS.get(node.target)
        if kind is None or (operand.kind not in {*NUMBERS, "text", "uuid", "timestamp", "boolean", "null"}):
            raise Refusal(node.at, f"{operand.said.capitalize()} cannot be cast to {node.target}.")
        source = "text" if operand.kind == "uuid" else operand.kind
        if (source == "timestamp" and kind not in {"text", "timestamp"}) or (
            kind == "timestamp" and source not in {"text", "timestamp", "null"}
        ):
            raise Refusal(node.at, f"{operand.said.capitalize()} cannot be cast to {node.target}.")
        column = replace(_plain(operand.column), arraysize=None)
        if kind == "timestamp" and operand.text is not None:
            return derived(timestamp_literal(operand), kind, node.at, (operand,), column)
        if source == "timestamp" and kind == "text":
            sql = f"""to_char({operand.sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
        else:
            sql = f"({operand.sql})::{POSTGRESQL[kind]}"
        if kind in {"float", "double"} and source == "text":
            # VOTable's NaN is a missing value, and in PostgreSQL it would be the largest number of all.
            sql = f"NULLIF({sql}, 'NaN')"
        if kind == "text" and node.length is not None:
            sql = f"left({sql}, {min(node.length, 2**31 - 1)})"
            column = replace(column, arraysize=f"{node.length}*")
        value = derived(sql, kind, node.at, (operand,), column)
        return replace(value, can_fail=value.can_fail or kind not in {source, "text"})


def _number(node: tree.Number) -> Value:
    text = node.text
    whole = int(text) if text.isdigit() and len(text) <= 30 else None
    if whole is not None and whole < 2**63:
        kind: Kind = "int" if whole < 2**31 else "long"
        sql = str(whole) if kind == "int" else f"{whole}::int8"
        return Value(sql, kind, node.at, Column("", "long"), number=whole)
    number = float(text)
    if number == float("inf"):
        raise Refusal(node.at, f"The number {text[:30]} is too large.", "Numbers reach to about 1.8E308.")
    return Value(float_literal(number), "double", node.at, Column("", "double"), number=number)


def _plain(column: Column) -> Column:
    """What of a column's description still holds for a value made of it: its unit."""
    return Column("", column.datatype, column.arraysize, unit=column.unit)


def _want_number(value: Value, operator: str) -> None:
    if value.kind not in {*NUMBERS, "null"}:
        name = f"{value.column.name} is" if value.column.name else "here is"
        hint = "Texts are joined by ||." if value.kind == "text" and operator == "+" else None
        raise Refusal(value.at, f"The operator {operator} takes numbers, and {name} {value.said}.", hint)


def _unit(operator: str, column: Column, value: Value) -> str | None:
    """The unit of a sum is that of its terms where they agree; a bare factor changes none."""
    if operator in "+-":
        return column.unit if column.unit == value.column.unit or value.number is not None else None
    if value.column.unit is None:
        return column.unit
    return value.column.unit if operator == "*" and column.unit is None else None


def _argument(function: Function, argument: Value) -> str:
    if function.takes == "text":
        if argument.kind not in {"text", "uuid", "null"}:
            raise Refusal(argument.at, f"{function.name} takes a text, not {argument.said}.", function.form)
        return converted(argument, "text")
    if argument.kind not in {*NUMBERS, "null"}:
        raise Refusal(argument.at, f"{function.name} takes a number, not {argument.said}.", function.form)
    return converted(argument, "double")


def _function_unit(function: Function, arguments: list[Value]) -> str | None:
    if function.unit == "same":
        return arguments[0].column.unit
    return None if function.unit == "none" else function.unit


def _aggregated(node: tree.Aggregate, operand: Value, every: str) -> tuple[str, Kind, Column]:
    """SQL, type and column of an aggregate of a value."""
    of = f" of {operand.column.name}" if operand.column.name else ""
    if node.name == "COUNT":
        column = Column("", "long", ucd="meta.number", description=f"Number of values{of}")
        return f"count({every}{operand.sql})", "long", column
    unit, ucd = operand.column.unit, operand.column.ucd
    if node.name in {"MIN", "MAX"}:
        if operand.kind in GEOMETRIES or operand.kind in {"array", "boolean", "null"}:
            raise Refusal(node.at, f"{node.name} needs numbers, texts or times, not {operand.said}.")
        word, said = ("stat.min", "Smallest") if node.name == "MIN" else ("stat.max", "Largest")
        column = replace(operand.column, name="", utype=None, description=f"{said} value{of}")
        column = replace(column, ucd=f"{ucd};{word}" if ucd else word)
        kind: Kind = "text" if operand.kind == "uuid" else operand.kind
        return f"{node.name.lower()}({every}{converted(operand, kind)})", kind, column
    _want_number(operand, node.name)
    if node.name == "AVG":
        column = Column("", "double", unit=unit, ucd="stat.mean", description=f"Mean{of}")
        return f"avg({every}{converted(operand, 'double')})", "double", column
    whole = operand.kind in INTEGERS
    column = Column("", "long", unit=unit, description=f"Sum{of}")
    if whole:
        return f"sum({every}{operand.sql})::int8", "long", column
    return f"sum({every}{converted(operand, 'double')})", "double", column
