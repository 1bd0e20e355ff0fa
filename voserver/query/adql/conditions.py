"""Search conditions, from tree to SQL (ADQL 2.1 §2.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from voserver.query.adql import geometry, tree
from voserver.query.adql.expressions import Expressions
from voserver.query.adql.postgresql import like_prefix, quote_text
from voserver.query.adql.types import (
    NUMBERS,
    POSTGRESQL_TYPES,
    Refusal,
    Value,
    aligned,
    condition,
    converted,
    guarded,
)

SubQuery = Callable[[tree.Query, bool], Value]
"""Renders a query within the scope; True where its one column is wanted, False for EXISTS."""

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}

_INSTRUMENT = "meta.id;instr"


class Conditions:
    """Conditions over the values of one scope."""

    def __init__(
        self, expressions: Expressions, sub_query: SubQuery, guard: Callable[[Value], Value] = guarded
    ) -> None:
        self._expressions = expressions
        self._sub_query = sub_query
        self._guard = guard

    def value(self, node: tree.Expression) -> Value:
        """An operand, which tells nothing of a hidden row."""
        return self._guard(self._expressions.value(node))

    def condition(self, node: tree.Condition) -> Value:  # noqa: PLR0911 -- one for each kind of node
        """The SQL of a condition."""
        match node:
            case tree.Junction():
                parts = [self.condition(part) for part in node.conditions]
                return condition(f"({f' {node.operator} '.join(part.sql for part in parts)})", node.at, parts)
            case tree.Not():
                part = self.condition(node.condition)
                return condition(f"NOT ({part.sql})", node.at, (part,))
            case tree.Comparison():
                return self._comparison(node)
            case tree.Between():
                return self._between(node)
            case tree.In():
                return self._in(node)
            case tree.Like():
                return self._like(node)
            case tree.IsNull():
                operand = self.value(node.operand)
                return condition(f"{operand.sql} IS {'NOT ' * node.negated}NULL", node.at, (operand,))
            case tree.Exists():
                query = self._sub_query(node.query, False)
                return guarded(condition(f"EXISTS ({query.sql})", node.at, (query,)))

    def _comparison(self, node: tree.Comparison) -> Value:
        if isinstance(node.left, tree.Function):
            found = self._geometric(node, node.left, node.operator, node.right)
        elif isinstance(node.right, tree.Function):
            found = self._geometric(node, node.right, _FLIPPED[node.operator], node.left)
        else:
            found = None
        if found is not None:
            return found
        left, right = self.value(node.left), self.value(node.right)
        if node.operator in {"=", "<>"}:
            for column, literal in ((left, right), (right, left)):
                if _is_instrument(column, literal):
                    same = _same_instrument(column, literal.text or "")
                    return condition(same if node.operator == "=" else f"NOT {same}", node.at, (left, right))
        first, second = aligned(left, right)
        return condition(f"{first} {node.operator} {second}", node.at, (left, right))

    def _geometric(
        self, node: tree.Comparison, function: tree.Function, operator: str, other: tree.Expression
    ) -> Value | None:
        """CONTAINS, INTERSECTS or DISTANCE compared with something, as an index serves it; or None."""
        if (
            function.name in {"CONTAINS", "INTERSECTS"}
            and isinstance(other, tree.Number)
            and other.text in {"0", "1"}
        ):
            wanted = {"=": other.text == "1", "<>": other.text == "0"}.get(operator)
            if wanted is None:
                return None
            test = geometry.test(function, self.value)
            return test if wanted else replace(test, sql=f"NOT {test.sql}", at=node.at)
        if function.name == "DISTANCE" and operator in {"<", "<="}:
            radius = self.value(other)
            if radius.kind not in NUMBERS:
                raise Refusal(radius.at, f"A distance is compared with degrees, not {radius.said}.")
            radius = replace(radius, sql=converted(radius, "double"))
            return geometry.within(function, self.value, operator, radius)
        return None

    def _between(self, node: tree.Between) -> Value:
        operand, low, high = self.value(node.operand), self.value(node.low), self.value(node.high)
        first, low_sql = aligned(operand, low)
        second, high_sql = aligned(operand, high)
        if first == second:
            sql = f"{first} BETWEEN {low_sql} AND {high_sql}"
        else:
            sql = f"({first} >= {low_sql} AND {second} <= {high_sql})"
        return condition(f"NOT ({sql})" if node.negated else sql, node.at, (operand, low, high))

    def _in(self, node: tree.In) -> Value:
        operand = self.value(node.operand)
        negation = "NOT " if node.negated else ""
        if isinstance(node.choices, tree.Query):
            query = self._sub_query(node.choices, True)
            first, _ = aligned(operand, replace(query, text=None))
            if operand.kind == "uuid" and query.kind == "text":
                first = converted(operand, "text")
            rows = query.sql
            if query.kind == "null":  # PostgreSQL makes texts of it
                rows = f"SELECT NULL::{POSTGRESQL_TYPES.get(operand.kind, 'text')} FROM ({rows}) AS nothing"  # noqa: S608 -- compiled
            return guarded(condition(f"{first} {negation}IN ({rows})", node.at, (operand, query)))
        choices = [self.value(choice) for choice in node.choices]
        if any(_is_instrument(operand, choice) for choice in choices):
            tests = [self._equal(operand, choice) for choice in choices]
            return condition(f"{negation}({' OR '.join(tests)})", node.at, (operand, *choices))
        pairs = [aligned(operand, choice) for choice in choices]
        if len({first for first, _ in pairs}) == 1:
            sql = f"{pairs[0][0]} {negation}IN ({', '.join(second for _, second in pairs)})"
        else:
            sql = f"{negation}({' OR '.join(f'{first} = {second}' for first, second in pairs)})"
        return condition(sql, node.at, (operand, *choices))

    def _equal(self, operand: Value, choice: Value) -> str:
        if _is_instrument(operand, choice):
            return _same_instrument(operand, choice.text or "")
        first, second = aligned(operand, choice)
        return f"{first} = {second}"

    def _like(self, node: tree.Like) -> Value:
        operand, pattern = self.value(node.operand), self.value(node.pattern)
        for value in (operand, pattern):
            if value.kind not in {"text", "uuid", "null"}:
                word = "ILIKE" if node.any_case else "LIKE"
                raise Refusal(value.at, f"{word} compares texts, and here is {value.said}.")
        word = "NOT " * node.negated + ("ILIKE" if node.any_case else "LIKE")
        # ADQL has no escape character (ADQL 2.1 §2.2.3): a backslash means itself.
        plain = pattern.text is not None and "\\" not in pattern.text
        escape = "" if plain else " ESCAPE ''"
        sql = f"{converted(operand, 'text')} {word} {converted(pattern, 'text')}{escape}"
        return condition(sql, node.at, (operand, pattern))


def _is_instrument(column: Value, literal: Value) -> bool:
    return column.is_reference and column.column.ucd == _INSTRUMENT and literal.text is not None


def _same_instrument(column: Value, wanted: str) -> str:
    """Whether an instrument is the one that is wanted: `MIRI` in any mode, or `MIRI/IMAGE` in that mode only.

    Columns hold `MIRI/IMAGE`; where one (`instrument`) holds `MIRI`, a mode is looked for in the
    `instrument_name` beside it.
    """
    if "/" in wanted:
        return f"({column.sibling or column.sql} = {quote_text(wanted)})"
    return f"({column.sql} = {quote_text(wanted)} OR {column.sql} LIKE {like_prefix(wanted + '/')})"
