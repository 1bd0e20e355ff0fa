"""Values: columns, literals, operators, functions, aggregates and casts, from tree to typed SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.calls import call
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry import geometry
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.names import Scope, suggestion
from voserver.query.adql.postgresql import float_literal, quote_text
from voserver.query.adql.registry import Function, Resolve
from voserver.query.adql.types import (
    GEOMETRIES,
    INTEGERS,
    NUMBERS,
    POSTGRESQL,
    Kind,
    Refusal,
    Value,
    aligned,
    common_kind,
    converted,
    derived,
    timestamp_literal,
    wider,
)
from voserver.query.adql.units import factor, product, quotient
from voserver.query.adql.user_functions import USER_FUNCTIONS

FOREIGN_FUNCTIONS = {
    "SUBSTR": "ADQL has no sub-strings; compare with LIKE.",
    "SUBSTRING": "ADQL has no sub-strings; compare with LIKE.",
    "CONCAT": "Texts are joined by ||.",
    "IFNULL": "Use COALESCE(a, b).",
    "NVL": "Use COALESCE(a, b).",
    "ISNULL": "Use COALESCE(a, b), or the condition … IS NULL.",
    "POW": "Use POWER(x, y).",
    "CEIL": "Use CEILING(x).",
    "LN": "Use LOG(x), the natural logarithm.",
    "TRUNC": "Use TRUNCATE(x).",
    "RANDOM": "Use RAND().",
    "LCASE": "Use LOWER(text).",
    "UCASE": "Use UPPER(text).",
    "GROUP_CONCAT": "Use ivo_string_agg(text, ',').",
    "STRING_AGG": "Use ivo_string_agg(text, ',').",
    "NOW": "ADQL has no clock; write the time: '2024-07-01T12:00:00'",
    "GETDATE": "ADQL has no clock; write the time: '2024-07-01T12:00:00'",
    "Q3C_RADIAL_QUERY": "Use DISTANCE(POINT(ra, dec), POINT(10.5, 20.1)) < 0.1, which is indexed.",
    "Q3C_JOIN": "Use DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) < 0.001, which is indexed.",
    "STDDEV": "Use SQRT(AVG(x * x) - AVG(x) * AVG(x)).",
}
"""Functions of other dialects, and what ADQL has for them."""

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
    """Values within one scope.

    `compare` is what tests the conditions of CASE, and `resolve` what looks up the names of objects.
    """

    def __init__(self, scope: Scope, resolve: Resolve | None = None) -> None:
        self.scope = scope
        self.resolve = resolve
        self.compare: Callable[[tree.Condition], Value]

    def value(self, node: tree.Expression) -> Value:
        """What an expression means; a term of GROUP BY is no longer a stray column."""
        value = self._value(node)
        if value.sql in self.scope.grouped:
            value = replace(value, ungrouped=None)
        return value

    def _value(self, node: tree.Expression) -> Value:  # noqa: C901, PLR0911 -- one for each kind of node
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
            case tree.Case():
                return self._case(node)
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
            column = _combined(operator, column, value)
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
        if node.name == "NULLIF":
            return self._null_if(node)
        if node.name == "IN_UNIT":
            return self._in_unit(node)
        function = FUNCTIONS.get(node.name) or USER_FUNCTIONS.get(node.name)
        if function is None:
            raise _unknown_function(node)
        arguments = [self.value(argument) for argument in node.arguments]
        if function.compute is not None:
            return function.compute(node, arguments, self.resolve)
        value = call(node, function, arguments)
        return self._of_group(value, function, arguments) if function.aggregate else value

    def _of_group(self, value: Value, function: Function, arguments: Sequence[Value]) -> Value:
        """An aggregate of a user defined function's."""
        if any(argument.aggregate for argument in arguments):
            name = function.signatures[0].partition("(")[0]
            raise Refusal(value.at, f"{name} cannot hold another aggregate.", "Use a sub-query in FROM.")
        return replace(value, aggregate=True, ungrouped=None, guards=value.guards - self.scope.guards)

    def _null_if(self, node: tree.Function) -> Value:
        if len(node.arguments) != 2:
            raise Refusal(node.at, "NULLIF takes two values.", "NULLIF(a, b): NULL where they are equal.")
        one, other = (self.value(argument) for argument in node.arguments)
        first, second = aligned(one, other)
        kind = "text" if one.kind == "uuid" and first != one.sql else one.kind
        return derived(f"NULLIF({first}, {second})", kind, node.at, (one, other), _plain(one.column))

    def _in_unit(self, node: tree.Function) -> Value:
        """A number in another unit (ADQL 2.1 §4.7)."""
        usage = "IN_UNIT(value, 'arcsec')"
        if len(node.arguments) != 2:
            raise Refusal(node.at, "IN_UNIT takes a number and a unit in single quotes.", usage)
        operand, unit = (self.value(argument) for argument in node.arguments)
        _want_number(operand, "IN_UNIT")
        if unit.text is None:
            raise Refusal(unit.at, "The unit is a text in single quotes.", usage)
        if not operand.column.unit:
            hint = "Columns have the units that TAP_SCHEMA.columns says; a number by itself has none."
            raise Refusal(operand.at, "The unit of this value is not known.", hint)
        try:
            number = factor(operand.column.unit, unit.text)
        except ValueError as error:
            raise Refusal(unit.at, str(error)) from None
        column = replace(operand.column, name="", unit=unit.text.strip(), utype=None)
        sql = f"({converted(operand, 'double')} * {float_literal(number)})"
        return replace(derived(sql, "double", node.at, (operand,), column), can_fail=True)

    def _case(self, node: tree.Case) -> Value:
        """CASE, as SQL has it."""
        tests = [self.compare(test) for test, _ in node.branches]
        results = [self.value(result) for _, result in node.branches]
        if node.otherwise is not None:
            results.append(self.value(node.otherwise))
        best = results[0]
        for result in results[1:]:
            best = replace(best, kind=common_kind(best, result))
        values = [converted(result, best.kind) for result in results]
        branches = [f"WHEN {test.sql} THEN {value}" for test, value in zip(tests, values, strict=False)]
        otherwise = f" ELSE {values[-1]}" if node.otherwise is not None else ""
        unit = results[0].column.unit
        column = Column("", "double", unit=unit if all(r.column.unit == unit for r in results) else None)
        sql = f"CASE {' '.join(branches)}{otherwise} END"
        return derived(sql, best.kind, node.at, (*tests, *results), column)

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


def _combined(operator: str, column: Column, value: Value) -> Column:
    """Unit and UCD of a result of arithmetic: a sum has those that its terms agree on, a bare number has none."""
    unit, ucd = column.unit, column.ucd
    other = value.column
    if value.number is not None:
        ucd = None if operator == "/" and not column.unit else ucd
    elif operator in "+-":
        unit = unit if unit == other.unit else None
        word = "arith.sum" if operator == "+" else "arith.diff"
        ucd = with_word(ucd, word) if ucd == other.ucd and unit == other.unit else None
    else:
        unit = product(unit, other.unit) if operator == "*" else quotient(unit, other.unit)
        ucd = with_word(ucd, "arith.ratio") if operator == "/" and ucd == other.ucd else None
    return Column("", "double", unit=unit, ucd=ucd)


def with_word(ucd: str | None, word: str) -> str | None:
    """A UCD with a word that says what was made of the quantity; none where the quantity is not known."""
    return None if ucd is None else ucd if word in ucd.split(";") else f"{ucd};{word}"


def _unknown_function(node: tree.Function) -> Refusal:
    known = {
        name.lower(): function.signatures[0].partition("(")[0] for name, function in USER_FUNCTIONS.items()
    }
    known |= {name.lower(): name for name in (*FUNCTIONS, *GEOMETRY, "COALESCE", "IN_UNIT")}
    foreign = FOREIGN_FUNCTIONS.get(node.name)
    hint = foreign or suggestion(node.name, known.values(), "The functions are: ")
    return Refusal(node.at, f"There is no function {node.name} here.", hint)


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
        column = replace(column, ucd=with_word(ucd, word))
        kind: Kind = "text" if operand.kind == "uuid" else operand.kind
        return f"{node.name.lower()}({every}{converted(operand, kind)})", kind, column
    _want_number(operand, node.name)
    if node.name == "AVG":
        column = Column("", "double", unit=unit, ucd=with_word(ucd, "stat.mean"), description=f"Mean{of}")
        return f"avg({every}{converted(operand, 'double')})", "double", column
    whole = operand.kind in INTEGERS
    column = Column("", "long", unit=unit, description=f"Sum{of}")
    if whole:
        return f"sum({every}{operand.sql})::int8", "long", column
    return f"sum({every}{converted(operand, 'double')})", "double", column
