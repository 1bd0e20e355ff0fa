"""Turns what the grammar's rules matched into the tree.

One method per rule of `adql.lark`, called as it is parsed.
"""

# ruff: noqa: D102, ANN401, PLR0917 -- a method is its rule, whose text is in the grammar; Lark passes what matched

from __future__ import annotations

from typing import Any

from lark import Token, Transformer, v_args

from voserver.model.errors import UsageError
from voserver.query.adql import tree

MAXIMUM_OPERANDS = 500
"""Terms of one sum or product: the database's own parser walks such a chain by recursion."""


def _at(token: Token) -> int:
    return token.start_pos or 0


@v_args(inline=True)
class Builder(Transformer[Token, tree.Query]):
    """The tree of a query. Rules that add nothing to the tree are inlined by the grammar (`?`, `_`)."""

    def start(self, named: tuple[tree.NamedQuery, ...] | None, query: tree.Query) -> tree.Query:
        return tree.Query(query.at, query.body, query.order_by, query.offset, named or ())

    # ---- queries

    def with_clause(self, *queries: tree.NamedQuery) -> tuple[tree.NamedQuery, ...]:
        return queries

    def with_query(
        self, name: tree.Name, columns: tuple[tree.Name, ...] | None, query: tree.Query
    ) -> tree.NamedQuery:
        return tree.NamedQuery(name.at, name, columns or (), query)

    def column_names(self, *names: tree.Name) -> tuple[tree.Name, ...]:
        return names

    def query_expression(
        self,
        body: tree.Select | tree.SetOperation | tree.Query,
        order_by: tuple[tree.Sort, ...] | None,
        offset: int | None,
    ) -> tree.Query:
        return tree.Query(body.at, body, order_by or (), offset)

    def subquery(self, query: tree.Query) -> tree.Query:
        return query

    def set_operation(self, left: Any, operator: Token, every: Token | None, right: Any) -> tree.SetOperation:
        return tree.SetOperation(_at(operator), operator.type, every is not None, left, right)

    def query_specification(
        self,
        quantifier: str | None,
        top: int | None,
        items: tuple[tree.SelectItem | tree.Asterisk, ...],
        tables: tuple[tree.TableReference, ...],
        where: tree.Condition | None,
        group_by: tuple[tree.Expression, ...] | None,
        having: tree.Condition | None,
    ) -> tree.Select:
        distinct = quantifier == "DISTINCT"
        return tree.Select(items[0].at, distinct, top, items, tables, where, group_by or (), having)

    def set_quantifier(self, word: Token) -> str:
        return word.type

    def set_limit(self, count: Token) -> int:
        return whole_number(count)

    def select_list(
        self, *items: tree.SelectItem | tree.Asterisk
    ) -> tuple[tree.SelectItem | tree.Asterisk, ...]:
        return items

    def asterisk(self, token: Token) -> tree.Asterisk:
        return tree.Asterisk(_at(token))

    def all_columns(self, *parts: Any) -> tree.Asterisk:
        return tree.Asterisk(parts[0].at, parts[:-1])

    def derived_column(self, value: tree.Expression, alias: tree.Name | None) -> tree.SelectItem:
        return tree.SelectItem(value.at, value, alias)

    def as_clause(self, name: tree.Name) -> tree.Name:
        return name

    def order_by_clause(self, *sorts: tree.Sort) -> tuple[tree.Sort, ...]:
        return sorts

    def sort_specification(self, value: tree.Expression, order: str | None) -> tree.Sort:
        return tree.Sort(value.at, value, order == "DESC")

    def ordering_specification(self, word: Token) -> str:
        return word.type

    def offset_clause(self, count: Token) -> int:
        return whole_number(count)

    # ---- tables

    def from_clause(self, *tables: tree.TableReference) -> tuple[tree.TableReference, ...]:
        return tables

    def table_reference(self, first: tree.TableReference, *joins: tuple[Any, ...]) -> tree.TableReference:
        table = first
        for at, natural, kind, right, condition in joins:
            using = condition if isinstance(condition, tuple) else ()
            on = None if isinstance(condition, tuple) else condition
            table = tree.Join(at, table, right, kind, natural, on, using)
        return table

    def named_table(self, parts: tuple[tree.Name, ...], alias: tree.Name | None) -> tree.NamedTable:
        return tree.NamedTable(parts[0].at, parts, alias)

    def derived_table(self, query: tree.Query, alias: tree.Name) -> tree.DerivedTable:
        return tree.DerivedTable(alias.at, query, alias)

    def correlation_specification(self, name: tree.Name) -> tree.Name:
        return name

    def table_name(self, *parts: tree.Name) -> tuple[tree.Name, ...]:
        return parts

    def qualified_join(
        self, natural: Token | None, kind: str | None, join: Token, table: tree.TableReference, condition: Any
    ) -> tuple[Any, ...]:
        return _at(join), natural is not None, kind or "INNER", table, condition

    def cross_join(self, _cross: Token, join: Token, table: tree.TableReference) -> tuple[Any, ...]:
        return _at(join), False, "CROSS", table, None

    def join_type(self, *words: Token) -> str:
        return words[0].type

    def join_condition(self, condition: tree.Condition) -> tree.Condition:
        return condition

    def named_columns_join(self, names: tuple[tree.Name, ...]) -> tuple[tree.Name, ...]:
        return names

    def where_clause(self, condition: tree.Condition) -> tree.Condition:
        return condition

    def group_by_clause(self, *values: tree.Expression) -> tuple[tree.Expression, ...]:
        return values

    def having_clause(self, condition: tree.Condition) -> tree.Condition:
        return condition

    # ---- conditions

    def search_condition(self, *conditions: tree.Condition) -> tree.Junction:
        return tree.Junction(conditions[0].at, "OR", conditions)

    def boolean_term(self, *conditions: tree.Condition) -> tree.Junction:
        return tree.Junction(conditions[0].at, "AND", conditions)

    def negation(self, condition: tree.Condition) -> tree.Not:
        return tree.Not(condition.at, condition)

    def comparison_predicate(
        self, left: tree.Expression, operator: Token, right: tree.Expression
    ) -> tree.Comparison:
        return tree.Comparison(left.at, str(operator), left, right)

    def comp_op(self, operator: Token) -> str:
        return "<>" if operator == "!=" else str(operator)

    def between_predicate(
        self, operand: tree.Expression, negated: Token | None, low: tree.Expression, high: tree.Expression
    ) -> tree.Between:
        return tree.Between(operand.at, operand, negated is not None, low, high)

    def in_predicate(
        self, operand: tree.Expression, negated: Token | None, word: Token, choices: Any
    ) -> tree.In:
        return tree.In(_at(word), operand, negated is not None, choices)

    def in_predicate_value(self, *choices: Any) -> tuple[tree.Expression, ...] | tree.Query:
        return choices[0] if isinstance(choices[0], tree.Query) else choices

    def like_predicate(
        self, operand: tree.Expression, negated: Token | None, word: Token, pattern: tree.Expression
    ) -> tree.Like:
        return tree.Like(operand.at, operand, negated is not None, word.type == "ILIKE", pattern)

    def null_predicate(self, operand: tree.Expression, _is: Token, negated: Token | None) -> tree.IsNull:
        return tree.IsNull(operand.at, operand, negated is not None)

    def exists_predicate(self, query: tree.Query) -> tree.Exists:
        return tree.Exists(query.at, query)

    # ---- values

    def operation(self, first: tree.Expression, *rest: Any) -> tree.Operation:
        if len(rest) > 2 * MAXIMUM_OPERANDS:
            raise UsageError(
                f"An expression here may have {MAXIMUM_OPERANDS} operators in a row, not {len(rest) // 2}."
            )
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return tree.Operation(first.at, first, tuple((str(operator), value) for operator, value in pairs))

    def sign(self, operator: Token, operand: tree.Expression) -> tree.Sign:
        return tree.Sign(_at(operator), str(operator), operand)

    def unsigned_numeric_literal(self, token: Token) -> tree.Number:
        return tree.Number(_at(token), str(token))

    def character_string_literal(self, *tokens: Token) -> tree.Text:
        return tree.Text(_at(tokens[0]), "".join(token[1:-1].replace("''", "'") for token in tokens))

    def null_literal(self, token: Token) -> tree.Null:
        return tree.Null(_at(token))

    def column_reference(self, *parts: tree.Name) -> tree.ColumnReference:
        return tree.ColumnReference(parts[0].at, parts)

    def count_all(self, word: Token, _asterisk: Token) -> tree.Aggregate:
        return tree.Aggregate(_at(word), "COUNT", distinct=False, argument=None)

    def set_function_specification(
        self, word: Token, quantifier: str | None, argument: tree.Expression
    ) -> tree.Aggregate:
        return tree.Aggregate(_at(word), word.type, quantifier == "DISTINCT", argument)

    def value_function(self, word: Token, arguments: tuple[tree.Expression, ...] | None) -> tree.Function:
        return tree.Function(_at(word), word.upper(), arguments or ())

    def arguments(self, *values: tree.Expression) -> tuple[tree.Expression, ...]:
        return values

    def cast_specification(
        self, word: Token, operand: tree.Expression, target: tuple[str, int | None]
    ) -> tree.Cast:
        return tree.Cast(_at(word), operand, *target)

    def case_expression(self, word: Token, *parts: Any) -> tree.Case | tree.SimpleCase:
        *branches, otherwise = parts
        if not isinstance(branches[0], tuple):
            return tree.SimpleCase(_at(word), branches[0], tuple(branches[1:]), otherwise)
        return tree.Case(_at(word), tuple(branches), otherwise)

    def searched_when(
        self, condition: tree.Condition, value: tree.Expression
    ) -> tuple[tree.Condition, tree.Expression]:
        return condition, value

    def simple_when(
        self, compared: tree.Expression, value: tree.Expression
    ) -> tuple[tree.Expression, tree.Expression]:
        return compared, value

    def cast_target(self, *words: Token | None) -> tuple[str, int | None]:
        tokens = [word for word in words if word is not None]
        length = next((whole_number(token) for token in tokens if token.type == "UNSIGNED_INTEGER"), None)
        return tokens[0].upper(), length

    def identifier(self, token: Token) -> tree.Name:
        if token.type == "DELIMITED_IDENTIFIER":
            return tree.Name(_at(token), token[1:-1].replace('""', '"'), delimited=True)
        return tree.Name(_at(token), str(token))


def whole_number(token: Token) -> int:
    """The value of a count, bounded by what the database can count."""
    return int(token) if len(token) <= 18 else 10**18
