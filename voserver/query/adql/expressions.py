"""Values: columns, literals, operators, functions, aggregates and casts, from tree to typed SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.aggregates import aggregated
from voserver.query.adql.calls import call
from voserver.query.adql.casts import cast
from voserver.query.adql.foreign import unknown_function
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry import geometry
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.names import Scope
from voserver.query.adql.postgresql import float_literal, quote_text
from voserver.query.adql.registry import Function, Resolve
from voserver.query.adql.types import (
    POSTGRESQL_TYPES,
    Kind,
    Refusal,
    Value,
    aligned,
    common_kind,
    converted,
    derived,
    plain,
    want_number,
    wider,
    with_word,
)
from voserver.query.adql.units import factor, product, quotient
from voserver.query.adql.user_functions import USER_FUNCTIONS


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
                return cast(node, self.value(node.operand))
            case tree.Case():
                return self._case(node)
            case tree.SimpleCase():
                return self._simple_case(node)
            case tree.Function():
                return self._function(node)

    def _sign(self, node: tree.Sign) -> Value:
        operand = want_number(self.value(node.operand), node.operator)
        number = None if operand.number is None else operand.number * (-1 if node.operator == "-" else 1)
        value = derived(
            f"({node.operator}{operand.sql})", operand.kind, node.at, (operand,), plain(operand.column)
        )
        return replace(value, number=number)

    def _operation(self, node: tree.Operation) -> Value:
        if node.rest[0][0] == "||":
            return self._concatenation(node)
        result = want_number(self.value(node.first), node.rest[0][0])
        sql, parts = [result.sql], [result]
        kind, column, bare = result.kind, result.column, result.number is not None
        for operator, operand in node.rest:
            value = want_number(self.value(operand), operator)
            kind = wider(kind, value.kind)
            column = _combined(operator, column, value, bare=bare)
            bare = bare and value.number is not None
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
            raise unknown_function(node)
        arguments = [self.value(argument) for argument in node.arguments]
        if function.compute is not None:
            return function.compute(node, arguments, self.resolve)
        value = call(node, function, arguments)
        return self._of_group(value, function, arguments) if function.aggregate else value

    def _of_group(self, value: Value, function: Function, arguments: Sequence[Value]) -> Value:
        """An aggregate of a user defined function's."""
        if any(argument.aggregate for argument in arguments):
            message = f"{function.spelling} cannot hold another aggregate."
            raise Refusal(value.at, message, "Use a sub-query in FROM.")
        return replace(value, aggregate=True, ungrouped=None, guards=value.guards - self.scope.guards)

    def _null_if(self, node: tree.Function) -> Value:
        if len(node.arguments) != 2:
            raise Refusal(node.at, "NULLIF takes two values.", "NULLIF(a, b): NULL where they are equal.")
        one, other = (self.value(argument) for argument in node.arguments)
        first, second = aligned(one, other)
        kind = "text" if one.kind == "uuid" and first != one.sql else one.kind
        sql = "NULL" if kind == "null" else f"NULLIF({first}, {second})"
        return derived(sql, kind, node.at, (one, other), plain(one.column))

    def _in_unit(self, node: tree.Function) -> Value:
        """A number in another unit (ADQL 2.1 §4.7)."""
        usage = "IN_UNIT(value, 'arcsec')"
        if len(node.arguments) != 2:
            raise Refusal(node.at, "IN_UNIT takes a number and a unit in single quotes.", usage)
        operand, unit = (self.value(argument) for argument in node.arguments)
        operand = want_number(operand, "IN_UNIT")
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
        return self._chosen(node, "CASE", [test.sql for test in tests], tests)

    def _simple_case(self, node: tree.SimpleCase) -> Value:
        """CASE of an operand. A column's is short for comparisons; any other operand is computed once."""
        if isinstance(node.operand, tree.ColumnReference):
            branches = [
                (tree.Comparison(value.at, "=", node.operand, value), then) for value, then in node.branches
            ]
            return self._case(tree.Case(node.at, tuple(branches), node.otherwise))
        operand = self.value(node.operand)
        values = [self.value(value) for value, _ in node.branches]
        if operand.kind == "null":
            kind: Kind = next((value.kind for value in values if value.kind in POSTGRESQL_TYPES), "text")
            operand = replace(operand, sql=f"NULL::{POSTGRESQL_TYPES[kind]}", kind=kind)
        pairs = [aligned(operand, value) for value in values]
        if len({first for first, _ in pairs}) > 1:
            raise Refusal(values[1].at, "The values after WHEN must be of one type.")
        return self._chosen(node, f"CASE {pairs[0][0]}", [second for _, second in pairs], [operand, *values])

    def _chosen(
        self, node: tree.Case | tree.SimpleCase, start: str, tests: Sequence[str], parts: Sequence[Value]
    ) -> Value:
        results = [self.value(result) for _, result in node.branches]
        if node.otherwise is not None:
            results.append(self.value(node.otherwise))
        best = results[0]
        for result in results[1:]:
            best = replace(best, kind=common_kind(best, result))
        values = [converted(result, best.kind) for result in results]
        branches = [f"WHEN {test} THEN {value}" for test, value in zip(tests, values, strict=False)]
        otherwise = f" ELSE {values[-1]}" if node.otherwise is not None else ""
        unit = results[0].column.unit
        column = Column("", "double", unit=unit if all(r.column.unit == unit for r in results) else None)
        sql = "NULL" if best.kind == "null" else f"{start} {' '.join(branches)}{otherwise} END"
        return derived(sql, best.kind, node.at, (*parts, *results), column)

    def _coalesce(self, node: tree.Function) -> Value:
        if not node.arguments:
            raise Refusal(node.at, "COALESCE takes one or more values.")
        parts = [self.value(argument) for argument in node.arguments]
        best = parts[0]
        for part in parts[1:]:
            best = replace(best, kind=common_kind(best, part))
        values = ", ".join(converted(part, best.kind) for part in parts)
        sql = "NULL" if best.kind == "null" else f"COALESCE({values})"
        return derived(sql, best.kind, node.at, parts, plain(parts[0].column))

    def _own(self, node: tree.Aggregate) -> Value:
        """What an aggregate is of: of rows of this query, where SQL would let it belong to one round it."""
        own, outer = len(self.scope.used), self.scope.outer_uses()
        operand = self.value(node.argument or tree.Null(node.at))
        if len(self.scope.used) == own and self.scope.outer_uses() > outer:
            message = f"{node.name} is of this query's rows, and here is only a column of the query round it."
            raise Refusal(node.at, message, "Compute it there, or in a sub-query in FROM.")
        return operand

    def _aggregate(self, node: tree.Aggregate) -> Value:
        if node.argument is None:
            column = Column("", "long", ucd="meta.number", description="Number of rows")
            return Value("count(*)", "long", node.at, column, aggregate=True)
        operand = self._own(node)
        if operand.aggregate:
            raise Refusal(node.at, f"{node.name} cannot hold another aggregate.", "Use a sub-query in FROM.")
        every = "DISTINCT " if node.distinct else ""
        sql, kind, column = aggregated(node, operand, every)
        # What is computed of a table's own rows is computed of the visible ones.
        guards = operand.guards - self.scope.guards
        return Value(sql, kind, node.at, column, aggregate=True, guards=guards, can_fail=operand.can_fail)


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


def _combined(operator: str, column: Column, value: Value, *, bare: bool) -> Column:
    """Unit and UCD of a result of arithmetic, by the units and UCDs of what stands left and right of it.

    A number that is written out (`bare`, on the left) changes neither, but as a dividend.
    """
    unit, ucd, other = column.unit, column.ucd, value.column
    if bare:
        unit = quotient(None, other.unit) if operator == "/" else other.unit
        ucd = None if operator == "/" else other.ucd
    elif value.number is not None:
        pass
    elif operator in "+-":
        same = (unit, ucd) == (other.unit, other.ucd)
        unit = unit if unit == other.unit else None
        ucd = with_word(ucd, "arith.sum" if operator == "+" else "arith.diff") if same else None
    else:
        ucd = with_word(ucd, "arith.ratio") if operator == "/" and ucd == other.ucd else None
        unit = product(unit, other.unit) if operator == "*" else quotient(unit, other.unit)
    return Column("", "double", unit=unit, ucd=ucd)
