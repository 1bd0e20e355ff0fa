"""What names mean: which column of which table of the FROM clause, or what to suggest where there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from voserver.model.tables import Table, Tables
from voserver.query.adql import tree
from voserver.query.adql.postgresql import quote_name
from voserver.query.adql.types import Refusal, Value, kind_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """A column as a query sees it."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of a FROM clause; `path` is what may qualify its columns: (schema, table), or (alias,)."""

    path: tuple[str, ...]
    fields: tuple[Field, ...]
    at: int = 0

    def is_called(self, names: Sequence[tree.Name]) -> bool:
        """Whether a qualifier means this table."""
        tail = self.path[-len(names) :]
        return len(tail) == len(names) and all(
            same_name(known, name) for known, name in zip(tail, names, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Tables joined: the SQL, the tables for qualified names, and the fields for bare names and `*`."""

    sql: str
    relations: tuple[Relation, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A column that a query names; `inside` says that a query within it does."""

    name: str
    sql: str
    at: int
    inside: bool


@dataclass(slots=True)
class Scope:
    """What one SELECT can name.

    `outer` is the scope of the query round it, `grouped` the SQL of GROUP BY; `aliases` are those of the select
    list, which its conditions cannot name. `used` are the columns that were named so far, in this query or, of
    this one's tables, in one within it.
    """

    source: Source
    outer: Scope | None = None
    grouped: frozenset[str] = field(default_factory=frozenset)
    aliases: frozenset[str] = field(default_factory=frozenset)
    used: list[Use] = field(default_factory=list)

    def column(self, reference: tree.ColumnReference) -> Value:
        """The column that is meant, in this query or in one round it."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.find(reference)
            if found is not None:
                is_outer = scope is not self
                name = found.value.column.name
                scope.used.append(Use(name, found.value.sql, reference.at, inside=is_outer))
                return replace(
                    found.value,
                    at=reference.at,
                    is_reference=True,
                    ungrouped=None if is_outer else (name, reference.at),
                )
            scope = scope.outer
        raise self._unknown(reference)

    def ungrouped(self, since: int) -> tuple[str, int] | None:
        """The first column that queries within have named since `used` was so long, and that is not grouped by."""
        uses = (use for use in self.used[since:] if use.inside and use.sql not in self.grouped)
        return next(((use.name, use.at) for use in uses), None)

    def outer_uses(self) -> int:
        """How many columns of queries round this one were named so far."""
        return sum(len(scope.used) for scope in self._outwards() if scope is not self)

    @property
    def guards(self) -> frozenset[str]:
        """The guards of this SELECT's own tables."""
        return frozenset().union(*(known.value.guards for known in self.source.fields))

    def find(self, reference: tree.ColumnReference) -> Field | None:
        """The column of this SELECT's own tables that is meant, or None."""
        *qualifier, name = reference.parts
        if qualifier:
            found = [f for relation in self.relations(qualifier) for f in match_fields(relation.fields, name)]
        else:
            found = match_fields(self.source.fields, name)
        if len(found) > 1:
            owners = [r.path[-1] for r in self.source.relations if match_fields(r.fields, name)]
            hint = f"Say which: {' or '.join(f'{owner}.{name.text}' for owner in owners)}"
            raise Refusal(reference.at, f"The column {name.text} is in more than one table.", hint)
        return found[0] if found else None

    def relations(self, qualifier: Sequence[tree.Name]) -> list[Relation]:
        """The tables that a qualifier means."""
        return [relation for relation in self.source.relations if relation.is_called(qualifier)]

    def _unknown(self, reference: tree.ColumnReference) -> Refusal:
        *qualifier, name = reference.parts
        written = ".".join(part.text for part in qualifier)
        scopes = list(self._outwards())
        if qualifier and not any(scope.relations(qualifier) for scope in scopes):
            known = [relation.path[-1] for scope in scopes for relation in scope.source.relations]
            return Refusal(
                reference.at,
                f"No table in FROM is called {written}.",
                suggestion(written, known, "Known here: "),
            )
        relations = [r for scope in scopes for r in (scope.relations(qualifier) or scope.source.relations)]
        close = _similar(name.text, {f.name: relation for relation in relations for f in relation.fields})
        hint = " or ".join(f"{column} in {'.'.join(relation.path)}" for column, relation in close)
        hint = f"Did you mean {hint}?" if hint else ""
        if name.delimited and not qualifier:
            hint += f" If it is a text, it takes single quotes: '{name.text[:40]}'"
        elif not qualifier and name.text.lower() in self.aliases:
            hint = f"{name.text} is an alias of the select list, which conditions cannot use: repeat its expression."
        return Refusal(
            reference.at,
            f"There is no column {name.text} in {written or 'the tables of FROM'}.",
            hint.strip() or None,
        )

    def _outwards(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


def same_name(known: str, name: tree.Name) -> bool:
    """Whether a name means what is known: in any case, or as spelled if it is delimited (ADQL 2.1 §2.1.3)."""
    return known == name.text if name.delimited else known.lower() == name.text.lower()


def match_fields(fields: Iterable[Field], name: tree.Name) -> list[Field]:
    """The fields of a name."""
    return [f for f in fields if same_name(f.name, name)]


def table_fields(table: Table, alias: str) -> tuple[Field, ...]:
    """The columns of a published table under an alias (quoted)."""
    fields = []
    sql_names = {column.sql_name for column in table.columns}
    guards = frozenset({f"{alias}.readable__"}) if table.is_ruled else frozenset()
    for column in table.columns:
        has_shape = column.is_region or column.geometry
        shape = f"{alias}.{quote_name(column.shape_name)}" if has_shape else None
        sibling = None
        if column.sql_name == "instrument" and "instrument_name" in sql_names:
            sibling = f'{alias}."instrument_name"'
        sql = f"{alias}.{quote_name(column.sql_name)}"
        value = Value(sql, kind_of(column.column), 0, column.column, shape=shape, sibling=sibling)
        fields.append(Field(column.name, replace(value, guards=guards)))
    return tuple(fields)


def find_table(tables: Tables, parts: Sequence[tree.Name]) -> Table:
    """The published table of a name; the schema may be left out where only one has such a table."""
    written = ".".join(part.text for part in parts)
    if len(parts) == 1:
        found = [table for table in tables if same_name(table.name, parts[0])]
    else:
        table = tables.find(written)
        names = () if table is None else (table.schema, table.name)
        spelled = all(same_name(known, part) for known, part in zip(names, parts, strict=False))
        found = [table] if table is not None and spelled else []
    if len(found) == 1:
        return found[0]
    known = [table.full_name for table in (found or tables)]
    if found:
        raise Refusal(
            parts[0].at, f"More than one schema has a table {written}.", f"Say which: {' or '.join(known)}"
        )
    hint = suggestion(written, known, "The tables are: ")
    if any(part.delimited for part in parts):
        hint += " (A name in double quotes is compared letter by letter.)"
    raise Refusal(parts[0].at, f"There is no table {written}.", hint)


def suggestion(written: str, known: Iterable[str], otherwise: str) -> str:
    """The known names that are like what was written, or all of them."""
    names = list(dict.fromkeys(known))
    close = [name for name, _ in _similar(written, dict.fromkeys(names))]
    close += [name for name in names if name.lower().endswith("." + written.lower()) and name not in close]
    return f"Did you mean {' or '.join(close)}?" if close else otherwise + ", ".join(names[:20])


def _similar(written: str, known: Mapping[str, T]) -> list[tuple[str, T]]:
    lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(written.lower(), lower, n=3, cutoff=0.6)
    return [(lower[name], known[lower[name]]) for name in close]
