"""ADQL: text → tree (`parser`) → meaning and SQL (`queries`).

The grammar is closed: no text of a user's becomes SQL.
"""

from __future__ import annotations

from functools import lru_cache

from voserver.model.errors import QueryError, UsageError
from voserver.model.tables import Schema, Tables
from voserver.query.adql import tree
from voserver.query.adql.complaints import place
from voserver.query.adql.features import LanguageFeature, language_features
from voserver.query.adql.parser import parse
from voserver.query.adql.queries import Queries
from voserver.query.adql.registry import Resolve
from voserver.query.adql.results import Rendered
from voserver.query.adql.types import FenceNeeded, Refusal, result_column
from voserver.query.statement import Statement

LANGUAGES = ("ADQL", "ADQL-2.0", "ADQL-2.1")
"""What LANG may be (TAP 1.1 §2.7.1); ADQL alone is the latest. 2.0 has fewer reserved words."""

__all__ = ["LANGUAGES", "Compiler", "LanguageFeature", "Resolve", "compile", "language_features", "parse"]


_LONGEST_SQL = 5_000_000
_REMEMBERED = 1000
_SHORT = 20_000


class Compiler:
    """Understands queries over the published tables, and remembers those that come again."""

    def __init__(self, tables: Tables, *, extended: bool = True, resolve: Resolve | None = None) -> None:
        self._tables = tables
        self._extended = extended
        self._resolve = resolve
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._compile)

    def compile(self, text: str, language: str = "ADQL-2.1", further: Schema | None = None) -> Statement:
        """As `compile`, of this service's tables and, for this query alone, further ones."""
        if further is not None:
            tables = Tables((*self._tables.schemas, further))
            return compile(text, tables, language=language, extended=self._extended, resolve=self._resolve)
        return (self._remembered if len(text) <= _SHORT else self._compile)(text, language)

    def compile_tree(self, query: tree.Query) -> Statement:
        """As `compile_tree`, of this service's tables."""
        return compile_tree(query, self._tables)

    def _compile(self, text: str, language: str) -> Statement:
        return compile(text, self._tables, language=language, extended=self._extended, resolve=self._resolve)


def compile(  # noqa: A001 -- it is what it does
    text: str,
    tables: Tables,
    *,
    language: str = "ADQL-2.1",
    extended: bool = True,
    resolve: Resolve | None = None,
) -> Statement:
    """Understand a query over the published tables.

    Args:
        text: the query.
        tables: what it can name.
        language: one of `LANGUAGES`, in any case.
        extended: whether CASE, CROSS JOIN and NULLIF are understood.
        resolve: looks up names of objects for `ivo_simbadpoint`; without it there is no such function.

    Raises:
        QueryError: with the place and what would be right; `QuerySyntaxError` where the grammar ends.
        UsageError: an unknown language.
    """
    if language.upper() not in LANGUAGES:
        raise UsageError(
            f"LANG={language[:40]!r} is an unknown query language.", hint=f"Known are {', '.join(LANGUAGES)}."
        )
    query = parse(text, language=language, extended=extended)
    try:
        return _understood(query, tables, resolve)
    except Refusal as refusal:
        raise QueryError(refusal.message, place(text, refusal.at), hint=refusal.hint) from None


def compile_tree(query: tree.Query, tables: Tables) -> Statement:
    """Understand a query that was never text (see `query.constraints`).

    Raises:
        UsageError: it cannot be meant.
    """
    try:
        return _understood(query, tables, None)
    except Refusal as refusal:
        raise UsageError(refusal.message, hint=refusal.hint) from None


def _understood(query: tree.Query, tables: Tables, resolve: Resolve | None) -> Statement:
    try:
        rendered = Queries(tables, resolve).outermost(query)
    except FenceNeeded:
        rendered = _fenced(tables, resolve, query)
    if len(rendered.sql) > _LONGEST_SQL:
        raise QueryError(
            "The query is too large once it is translated.", hint="Upload a long list as a table."
        )
    columns = tuple(result_column(item.value, item.name) for item in rendered.items)
    return Statement(rendered.sql, columns, rendered.top, rendered.offset)


def _fenced(tables: Tables, resolve: Resolve | None, query: tree.Query) -> Rendered:
    try:
        return Queries(tables, resolve, fenced=True).outermost(query)
    except FenceNeeded:
        raise QueryError("An expression of the query is too large.", hint="Split it, or the query.") from None
