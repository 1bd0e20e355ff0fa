"""ADQL: text → tree (`parser`) → meaning and SQL (`queries`).

The grammar is closed: no text of a user's becomes SQL.
"""

from __future__ import annotations

from voserver.model.errors import QueryError, UsageError
from voserver.model.tables import Tables
from voserver.query.adql.complaints import place
from voserver.query.adql.functions import FUNCTIONS, GEOMETRY, LANGUAGE_FEATURES, LanguageFeature
from voserver.query.adql.parser import parse
from voserver.query.adql.queries import Queries
from voserver.query.adql.types import FenceNeeded, Refusal, result_column
from voserver.query.statement import Statement

LANGUAGES = ("ADQL", "ADQL-2.0", "ADQL-2.1")
"""What LANG may be (TAP 1.1 §2.7.1); 2.0 is read by the grammar of 2.1, which has all of it."""

__all__ = ["FUNCTIONS", "GEOMETRY", "LANGUAGES", "LANGUAGE_FEATURES", "LanguageFeature", "compile"]


def compile(text: str, tables: Tables, *, language: str = "ADQL-2.1") -> Statement:  # noqa: A001 -- it is what it does
    """Understand a query over the published tables.

    Raises:
        QueryError: with the place and what would be right; `QuerySyntaxError` where the grammar ends.
        UsageError: an unknown language.
    """
    if language.upper() not in LANGUAGES:
        raise UsageError(
            f"The query language {language[:40]} is not known.", hint=f"LANG is {' or '.join(LANGUAGES)}."
        )
    query = parse(text)
    try:
        try:
            rendered = Queries(tables).outermost(query)
        except FenceNeeded:
            rendered = Queries(tables, fenced=True).outermost(query)
    except Refusal as refusal:
        raise QueryError(refusal.message, place(text, refusal.at), hint=refusal.hint) from None
    columns = tuple(result_column(item.value, item.name) for item in rendered.items)
    return Statement(rendered.sql, columns, rendered.top, rendered.offset)
