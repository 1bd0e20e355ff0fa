"""Queries, from tree to SQL: FROM, SELECT, GROUP BY, ORDER BY, set operations and WITH."""

# ruff: noqa: S608 -- all SQL here is made of our own words and of what `postgresql` has quoted

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from voserver.catalogue import sky
from voserver.model.tables import Tables
from voserver.query.adql import tree
from voserver.query.adql.conditions import Conditions, SubQuery
from voserver.query.adql.expressions import Expressions
from voserver.query.adql.names import (
    Field,
    Relation,
    Scope,
    Source,
    find_table,
    match_fields,
    same_name,
    table_fields,
)
from voserver.query.adql.postgresql import fits_name, quote_name
from voserver.query.adql.registry import Resolve
from voserver.query.adql.results import (
    Item,
    Rendered,
    column_number,
    generated_name,
    inner_names,
    output,
    renamed,
    side_columns,
    unique_name,
    without_shape,
)
from voserver.query.adql.types import (
    INNER,
    FenceNeeded,
    Refusal,
    Value,
    aligned,
    common_kind,
    guarded_in_having,
    result_column,
    term_of,
    terms_of,
)

MAXIMUM_TABLES = 60
"""Tables of one query: the time to plan a join grows fast with their number."""


@dataclass(slots=True)
class Queries:
    """The queries of one text: what tables and WITH queries they can name, and which aliases are taken."""

    tables: Tables
    resolve: Resolve | None = None
    fenced: bool = False
    """Whether queries in FROM, WITH and IN are computed by themselves (see `FenceNeeded`)."""
    named: dict[str, tuple[str, tuple[Item, ...]]] = field(default_factory=dict)
    _aliases: set[str] = field(default_factory=set)
    _count: int = 0

    # ---- whole queries

    def outermost(self, query: tree.Query) -> Rendered:
        """The whole text; its columns have the types that results have."""
        clauses = []
        for named in query.named:
            name = named.name
            if name.text.lower() in self.named:
                raise Refusal(name.at, f"Two queries of WITH are called {name.text}.")
            rendered = self.query(named.query, None)
            items = renamed(rendered.items, named)
            alias = self._alias(name.text)
            columns = f" ({', '.join(inner_names(items))})" if named.columns else ""
            clauses.append(f"{alias}{columns} AS ({self._inner(rendered)})")
            self.named[name.text.lower()] = (alias, items)
        rendered = self.query(replace(query, named=()), None, final=True)
        prefix = f"WITH {', '.join(clauses)} " if clauses else ""
        return replace(rendered, sql=prefix + rendered.sql)

    def query(self, query: tree.Query, outer: Scope | None, *, final: bool = False) -> Rendered:
        """A query with its order and offset."""
        body = query.body
        while isinstance(body, tree.Query) and not body.order_by and body.offset is None:
            body = body.body
        if isinstance(body, tree.Query):
            if not query.order_by and query.offset is None:
                return self.query(body, outer, final=final)
            derived_table = tree.DerivedTable(body.at, body, tree.Name(body.at, "parenthesis"))
            body = tree.Select(
                body.at, False, None, (tree.Asterisk(body.at),), (derived_table,), None, (), None
            )
        if isinstance(body, tree.Select):
            return self._select(body, query, outer, final=final)
        rendered = self._set_operation(body, outer, final=final)
        order = self._order_by_names(query.order_by, rendered.items)
        return replace(rendered, sql=rendered.sql + order, offset=query.offset)

    def _inner(self, rendered: Rendered) -> str:
        """The SQL of a query within another, which tells nothing of hidden rows."""
        if rendered.can_fail and not self.fenced:
            raise FenceNeeded
        return rendered.limited(fenced=self.fenced)

    def _order_by_names(self, sorts: Iterable[tree.Sort], items: tuple[Item, ...]) -> str:
        terms = []
        for sort in sorts:
            position = column_number(sort, items)
            if position is None:
                raise Refusal(
                    sort.at, "UNION, EXCEPT and INTERSECT are ordered by a column's name or number."
                )
            terms.append(f"{position}{' DESC' * sort.descending}")
        return f" ORDER BY {', '.join(terms)}" if terms else ""

    def _set_operation(self, node: tree.SetOperation, outer: Scope | None, *, final: bool) -> Rendered:
        """UNION, EXCEPT, INTERSECT; names, units and UCDs are those of the left side (ADQL 2.1 §4.4)."""
        sides = [self._operand(side, outer) for side in (node.left, node.right)]
        left, right = sides
        if len(left.items) != len(right.items):
            counts = f"{len(left.items)} and {len(right.items)}"
            raise Refusal(
                node.at, f"The two sides of {node.operator} have {counts} columns.", "They need as many."
            )
        items = []
        for one, other in zip(left.items, right.items, strict=True):
            kind = common_kind(one.value, replace(other.value, at=node.at))
            value = replace(one.value, kind=kind, shape=None, coordinates=())
            can_fail = one.value.can_fail or other.value.can_fail
            guards = one.value.guards | other.value.guards
            weight = max(one.value.weight, other.value.weight)
            items.append(Item(one.name, replace(value, can_fail=can_fail, guards=guards, weight=weight)))
        alls = " ALL" if node.all else ""
        sql = f" {node.operator}{alls} ".join(
            f"SELECT {side_columns(side, items, final=final)} FROM ({side.limited()}) AS {self._alias('side')}"
            for side in sides
        )
        return Rendered(sql, tuple(items), escapes=left.escapes | right.escapes)

    def _operand(self, node: tree.Select | tree.SetOperation | tree.Query, outer: Scope | None) -> Rendered:
        query = node if isinstance(node, tree.Query) else tree.Query(node.at, node)
        return self.query(query, outer)

    # ---- SELECT

    def _select(self, node: tree.Select, query: tree.Query, outer: Scope | None, *, final: bool) -> Rendered:
        aliases = (item.alias for item in node.items if isinstance(item, tree.SelectItem))
        scope = Scope(
            self._from(node.tables, outer),
            outer,
            aliases=frozenset(alias.text.lower() for alias in aliases if alias is not None),
        )
        values, sub_query = self._within(scope)
        where = None if node.where is None else Conditions(values, sub_query).condition(node.where)
        if where is not None and where.aggregate:
            raise Refusal(
                where.at, "WHERE cannot hold an aggregate.", "Conditions on aggregates go into HAVING."
            )
        groups = [self._group(term, node, scope, values) for term in node.group_by]
        scope.grouped = frozenset(group.sql for group in groups)
        items = self._items(node, scope, values)
        of_groups = Conditions(values, sub_query, guarded_in_having)
        having = None if node.having is None else of_groups.condition(node.having)
        order, sorted_by = self._order_by(query.order_by, items, values, distinct=node.distinct)
        checked = [item.value for item in items] + ([having] if having else []) + sorted_by
        grouped = bool(groups) or having is not None or any(value.aggregate for value in checked)
        if grouped:
            _check_grouped(checked)
        shapes = not final and not grouped and not node.distinct
        sql = [
            "SELECT DISTINCT" if node.distinct else "SELECT",
            ", ".join(output(item, final=final, shape=shapes) for item in items),
            "FROM " + scope.source.sql,
        ]
        sql += [f"WHERE {where.sql}"] if where else []
        sql += [f"GROUP BY {', '.join(terms_of(groups))}"] if groups else []
        sql += [f"HAVING {having.sql}"] if having else []
        if not shapes:
            items = [Item(item.name, without_shape(item.value)) for item in items]
        escapes = _failing(checked + groups) - scope.guards
        return Rendered(" ".join(sql) + order, tuple(items), node.top, query.offset, escapes)

    def _within(self, scope: Scope) -> tuple[Expressions, SubQuery]:
        """What renders the values of a scope, and the queries within its conditions."""

        def sub_query(query: tree.Query, column: bool) -> Value:
            return self._nested(query, scope, column=column)

        values = Expressions(scope, self.resolve)
        values.compare = Conditions(values, sub_query, lambda value: value).condition
        return values, sub_query

    def _group(self, term: tree.Expression, node: tree.Select, scope: Scope, values: Expressions) -> Value:
        """A term of GROUP BY: an expression, or the alias of one in the select list."""
        if isinstance(term, tree.ColumnReference) and len(term.parts) == 1:
            name = term.parts[0]
            if not match_fields(scope.source.fields, name):
                for item in node.items:
                    if isinstance(item, tree.SelectItem) and item.alias and same_name(item.alias.text, name):
                        term = item.value
                        break
        if isinstance(term, tree.Number):
            raise Refusal(term.at, "GROUP BY takes columns or expressions, not numbers.")
        group = values.value(term)
        if group.aggregate:
            raise Refusal(group.at, "GROUP BY cannot hold an aggregate.")
        return group

    def _items(self, node: tree.Select, scope: Scope, values: Expressions) -> list[Item]:
        taken: set[str] = set()
        items: list[Item] = []
        for item in node.items:
            if isinstance(item, tree.Asterisk):
                for known in self._asterisk(item, scope):
                    value = replace(
                        known.value, at=item.at, is_reference=True, ungrouped=(known.name, item.at)
                    )
                    if value.sql in scope.grouped:
                        value = replace(value, ungrouped=None)
                    items.append(Item(unique_name(known.name, taken), value))
                continue
            value = values.value(item.value)
            name = item.alias.text if item.alias else generated_name(item.value, value, len(items) + 1)
            items.append(Item(unique_name(name, taken), value))
        return items

    def _asterisk(self, node: tree.Asterisk, scope: Scope) -> tuple[Field, ...]:
        if not node.qualifier:
            return scope.source.fields
        relations = scope.relations(node.qualifier)
        if not relations:
            written = ".".join(part.text for part in node.qualifier)
            known = ", ".join(relation.path[-1] for relation in scope.source.relations)
            raise Refusal(node.at, f"No table in FROM is called {written}.", f"Known here: {known}")
        return relations[0].fields

    def _order_by(
        self, sorts: Iterable[tree.Sort], items: list[Item], values: Expressions, *, distinct: bool
    ) -> tuple[str, list[Value]]:
        """ORDER BY, and the values in it that are no column of the result."""
        terms, others = [], []
        for sort in sorts:
            position = column_number(sort, items)
            if position is None:
                value = values.value(sort.value)
                same = [number for number, item in enumerate(items, 1) if item.value.sql == value.sql]
                if not same and distinct:
                    raise Refusal(sort.at, "With DISTINCT, ORDER BY takes columns of the select list.")
                if not same:
                    others.append(value)
                term = str(same[0]) if same else term_of(value)
            else:
                term = str(position)
            terms.append(term + " DESC" * sort.descending)
        return (f" ORDER BY {', '.join(terms)}" if terms else ""), others

    def _nested(self, query: tree.Query, scope: Scope, *, column: bool) -> Value:
        """A query within a condition."""
        so_far = len(scope.used)
        rendered = self.query(query, scope)
        if column and len(rendered.items) != 1:
            raise Refusal(query.at, f"The query after IN must have one column, not {len(rendered.items)}.")
        value = rendered.items[0].value
        if column and value.shape is not None:
            name, alias = quote_name(rendered.items[0].name), self._alias("inner")
            sql = f"SELECT {name} FROM ({self._inner(rendered)}) AS {alias}"
        else:
            sql = self._inner(rendered) if column else rendered.limited()
        return replace(
            value,
            sql=sql,
            at=query.at,
            can_fail=bool(rendered.escapes),
            guards=rendered.escapes,
            ungrouped=scope.ungrouped(so_far),
            aggregate=False,
        )

    # ---- FROM

    def _from(self, tables: Iterable[tree.TableReference], outer: Scope | None) -> Source:
        sources = [self._source(table, outer) for table in tables]
        relations = tuple(relation for source in sources for relation in source.relations)
        for number, relation in enumerate(relations):
            if any(_same_path(relation.path, other.path) for other in relations[:number]):
                name = ".".join(relation.path)
                raise Refusal(
                    relation.at, f"Two tables in FROM are called {name}.", "Give one an alias: … AS name"
                )
        fields = tuple(known for source in sources for known in source.fields)
        return Source(", ".join(source.sql for source in sources), relations, fields)

    def _source(self, node: tree.TableReference, outer: Scope | None) -> Source:
        match node:
            case tree.NamedTable():
                return self._table(node)
            case tree.DerivedTable():
                rendered = self.query(node.query, None)
                alias = self._alias(node.alias.text)
                sql = f"({self._inner(rendered)}) AS {alias}"
                return self._columns_of(sql, node.at, (node.alias.text,), alias, rendered.items)
            case tree.Join():
                return self._join(node, outer)

    def _columns_of(
        self, sql: str, at: int, path: tuple[str, ...], alias: str, items: tuple[Item, ...]
    ) -> Source:
        """The columns of a query in FROM, under its alias."""
        fields = []
        for item in items:
            name = f"{alias}.{quote_name(item.name)}"
            shape = f"{alias}.{quote_name(item.name + '__shape')}" if item.value.shape else None
            column = result_column(item.value, item.name)
            if (
                shape is None
                and item.value.kind == "text"
                and item.value.column.xtype in {"adql:REGION", "shape"}
            ):
                shape = sky.region(name)
            kind = "text" if item.value.kind == "null" else item.value.kind
            guards = frozenset({INNER}) if item.value.guards and not self.fenced else frozenset[str]()
            weight = 1 if self.fenced else item.value.weight
            value = Value(name, kind, at, column, shape=shape, guards=guards, weight=weight)
            fields.append(Field(item.name, value))
        return Source(sql, (Relation(path, tuple(fields), at),), tuple(fields))

    def _table(self, node: tree.NamedTable) -> Source:
        self._count += 1
        if self._count > MAXIMUM_TABLES:
            raise Refusal(node.at, f"A query may name {MAXIMUM_TABLES} tables.")
        name = node.parts[-1].text
        called = node.alias.text if node.alias else name
        named = self.named.get(name.lower()) if len(node.parts) == 1 else None
        if named is not None:
            alias = self._alias(called)
            return self._columns_of(f"{named[0]} AS {alias}", node.at, (called,), alias, named[1])
        table = find_table(self.tables, node.parts)
        alias = self._alias(node.alias.text if node.alias else table.name.lower())
        schema, sql_name = table.sql_name
        path = (node.alias.text,) if node.alias else (table.schema, table.name)
        fields = table_fields(table, alias)
        sql = f"{quote_name(schema)}.{quote_name(sql_name)} AS {alias}"
        return Source(sql, (Relation(path, fields, node.at),), fields)

    def _join(self, node: tree.Join, outer: Scope | None) -> Source:
        left, right = self._source(node.left, outer), self._source(node.right, outer)
        relations = left.relations + right.relations
        if node.natural:
            names = [f.name for f in left.fields if any(_same(f.name, other.name) for other in right.fields)]
            merged = self._merge(node, [tree.Name(node.at, name) for name in names], left, right)
            if node.condition is not None or node.using:
                raise Refusal(node.at, "A NATURAL JOIN has no ON and no USING.")
        elif node.using:
            merged = self._merge(node, list(node.using), left, right)
        elif node.kind == "CROSS":
            merged = [], ""
        elif node.condition is None:
            raise Refusal(
                node.at, "This JOIN has no condition.", "Add ON a.column = b.column, or USING (column)."
            )
        else:
            scope = Scope(Source("", relations, left.fields + right.fields), outer)
            test = Conditions(*self._within(scope)).condition(node.condition)
            if test.aggregate:
                raise Refusal(test.at, "ON cannot hold an aggregate.")
            merged = [], test.sql
        fields, condition = merged
        hidden = {f.name.lower() for f in fields}
        rest = [f for f in (*left.fields, *right.fields) if f.name.lower() not in hidden]
        kind = "" if node.kind == "INNER" else node.kind + " "
        on = "" if node.kind == "CROSS" else f" ON {condition or 'true'}"
        sql = f"({left.sql} {kind}JOIN {right.sql}{on})"
        return Source(sql, relations, (*fields, *rest))

    def _merge(
        self, node: tree.Join, names: list[tree.Name], left: Source, right: Source
    ) -> tuple[list[Field], str]:
        """The columns that a NATURAL JOIN or USING makes one, and the condition."""
        fields, tests = [], []
        for name in names:
            pair = []
            for side in (left, right):
                found = match_fields(side.fields, name)
                if len(found) != 1:
                    problem = "is not in both tables" if not found else "is twice on one side"
                    raise Refusal(name.at, f"The column {name.text} {problem} of the JOIN.")
                pair.append(replace(found[0].value, at=name.at))
            one, other = aligned(*pair)
            tests.append(f"{one} = {other}")
            value = pair[1] if node.kind == "RIGHT" else pair[0]
            if node.kind == "FULL":
                value = replace(value, sql=f"COALESCE({one}, {other})", shape=None)
            fields.append(Field(match_fields(left.fields, name)[0].name, value))
        return fields, " AND ".join(tests)

    def _alias(self, name: str) -> str:
        """A quoted alias that no other table of the text has."""
        base = name if fits_name(name) else "table"
        alias, number = base, 1
        while alias.lower() in self._aliases:
            number += 1
            alias = f"{base[:50]}_{number}"
        self._aliases.add(alias.lower())
        return quote_name(alias)


def _failing(values: Iterable[Value]) -> frozenset[str]:
    """The guards of what can fail."""
    return frozenset().union(*(value.guards for value in values if value.can_fail))


def _same_path(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return [part.lower() for part in one] == [part.lower() for part in other]


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _check_grouped(values: Iterable[Value]) -> None:
    for value in values:
        if value.ungrouped is not None:
            name, at = value.ungrouped
            hint = f"Add {name} to GROUP BY, or use an aggregate such as MAX({name})."
            raise Refusal(at, f"The column {name} is neither grouped by nor in an aggregate.", hint)
