"""What is wrong with a text that is not ADQL, in words for its author: where, what, and the likely mend."""

from __future__ import annotations

import re
from difflib import get_close_matches

from lark import Token
from lark.exceptions import UnexpectedToken
from typing_extensions import override

from voserver.model.errors import Position, QuerySyntaxError
from voserver.model.reserved import RESERVED

_EXCERPT = 100

_SAID = {
    "RPAR": ")",
    "COMMA": "a comma",
    "FROM": "FROM",
    "SELECT": "SELECT",
    "REGULAR_IDENTIFIER": "a name",
    "STRING": "a text in single quotes",
    "UNSIGNED_INTEGER": "a whole number",
    "LPAR": "(",
    "AND": "AND",
    "JOIN": "JOIN",
    "ON": "ON",
    "WHERE": "WHERE",
    "BY": "BY",
    "GROUP": "GROUP BY",
    "ORDER": "ORDER BY",
    "NULL": "NULL",
    "LIKE": "LIKE",
    "IN": "IN",
    "AS": "AS",
    "DOT": "a dot",
    "$END": "the end of the query",
    "WHEN": "WHEN",
    "THEN": "THEN",
    "END": "END",
}

_COMMANDS = {
    "ALTER",
    "COPY",
    "CREATE",
    "DELETE",
    "DROP",
    "EXPLAIN",
    "GRANT",
    "INSERT",
    "SET",
    "TRUNCATE",
    "UPDATE",
}

_CLAUSES = {
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "BY", "AND", "OR", "NOT", "ON", "AS", "IN", "IS",
    "LIKE", "BETWEEN", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "NATURAL", "UNION",
}  # fmt: skip

_ALIAS = {"AS", "REGULAR_IDENTIFIER", "DELIMITED_IDENTIFIER"}
_ENDS_IN_PREDICATE = re.compile(r"\b(CONTAINS|INTERSECTS)\s*\([^;]*\)$", re.IGNORECASE)

_QUOTES = 'A name takes double quotes ("name"), a text single ones; or something is missing before it.'

_NAME = 'A name begins with a letter from A to Z, and has letters, digits and _; others take double quotes: "2mass"'

_BAD_SIGNS = {
    "[": "Arrays have no subscripts in ADQL.",
    "%": "ADQL has no % operator; use MOD(x, y).",
    "&": "Conditions are joined by AND.",
    "|": "Conditions are joined by OR, texts by ||.",
    "!": "Not equal is <> (or !=), and a condition is negated by NOT.",
    "^": "Use POWER(x, y).",
    ":": "A type is changed by CAST(x AS INTEGER).",
    "_": _NAME,
    "#": "A comment begins with --",
    "`": 'Names that need quotes take double quotes: "name".',
    "\u2018": "Use the plain quote ' round texts.",
    "\u2019": "Use the plain quote ' round texts.",
    "\u201c": "Use the plain quote \" round names, and ' round texts.",
    "\u201d": "Use the plain quote \" round names, and ' round texts.",
    "'": "A text that begins here never ends: a ' is missing. Within a text write '' for one quote.",
    '"': 'A name that begins here never ends: a " is missing.',
}

_FOREIGN = {
    "LIMIT": "ADQL has no LIMIT: write SELECT TOP n … at the beginning.",
    "CASE": "ADQL has no CASE.",
    "CROSS": "ADQL has no CROSS JOIN: separate the tables by a comma.",
    "SIMILAR": "ADQL has LIKE (and ILIKE), with % and _.",
    "TRUE": "ADQL has no truth values; a condition that holds is 1 = 1.",
    "FALSE": "ADQL has no truth values; a condition that never holds is 1 = 0.",
    "FLOAT": "The types are REAL and DOUBLE PRECISION.",
    "NUMERIC": "The types are REAL and DOUBLE PRECISION.",
    "DECIMAL": "The types are REAL and DOUBLE PRECISION.",
    "INTO": "Only queries are answered: SELECT … FROM …",
    "NULLS": "The order of NULL cannot be chosen; it comes last, and with DESC first.",
    "OUTER": "Say which: LEFT, RIGHT or FULL OUTER JOIN.",
    "FETCH": "ADQL has no FETCH FIRST: write SELECT TOP n …",
}


def place(text: str, offset: int) -> Position:
    """Line, column and excerpt for an offset; a long line is cut round it."""
    before = text[:offset]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    line = re.split(r"[\r\n]", text[start:], maxsplit=1)[0]
    column = offset - start
    cut = max(0, column - _EXCERPT // 2) if len(line) > _EXCERPT else 0
    excerpt = line[cut : cut + _EXCERPT].replace("\t", " ")
    lines = len(re.findall(r"\r\n|\r|\n", text[:start]))
    return ExcerptPosition(lines + 1, column + 1, excerpt, caret=column - cut)


class ExcerptPosition(Position):
    """A place in a line that was cut: the caret stands in the excerpt, the column in the line."""

    __slots__ = ("caret",)

    caret: int

    def __init__(self, line: int, column: int, excerpt: str, *, caret: int) -> None:
        super().__init__(line, column, excerpt)
        object.__setattr__(self, "caret", caret)

    @override
    def __str__(self) -> str:
        """The line with a caret under the place."""
        return f"{self.excerpt}\n{' ' * self.caret}^"


def unreadable(text: str, offset: int) -> QuerySyntaxError:
    """A character that no word of ADQL begins with."""
    sign = text[offset]
    shown = f"The character {sign}" if sign.isprintable() else f"The character U+{ord(sign):04X}"
    hint = _NAME if sign.isalpha() else _BAD_SIGNS.get(sign)
    return QuerySyntaxError(f"{shown} has no meaning here.", place(text, offset), hint=hint)


def unexpected(text: str, error: UnexpectedToken) -> QuerySyntaxError:
    """A word in a place where the grammar has no use for it."""
    word = error.token
    accepted = set(error.accepts or error.expected)
    offset = len(text.rstrip()) if word.type == "$END" else word.start_pos or 0
    if word.type == "$END":
        message = f"The query ends where {_expectation(accepted)} should follow."
    elif word.type == "RESERVED":
        message = f"{word} is a reserved word of ADQL, with no use here."
    else:
        message = f"{_shown(word)} was not expected here, but {_expectation(accepted)}."
    hint = _hint(text[:offset].rstrip(), word, accepted)
    if text.startswith("/*", offset):
        hint = "A comment begins with -- and ends with the line."
    return QuerySyntaxError(message, place(text, offset), hint=hint)


def _shown(word: Token) -> str:
    return str(word) if len(word) <= 40 else f"{word[:37]}…"


def _expectation(accepted: set[str]) -> str:
    """What could stand there, most telling first; a list nobody would read is cut."""
    if "BIGINT" in accepted:
        return (
            "a type (INTEGER, SMALLINT, BIGINT, REAL, DOUBLE PRECISION, CHAR, VARCHAR, TIMESTAMP,"
            " POINT, CIRCLE, POLYGON)"
        )
    if {"COUNT", "STRING", "REGULAR_IDENTIFIER"} <= accepted:
        return "a value (a column, a number, a text, a function)"
    words = ["a comparison"] if "EQUAL" in accepted and "SEMICOLON" not in accepted else []
    words += [said for name, said in _SAID.items() if name in accepted]
    return " or ".join(words[:5]) if words else "something else"


def _hint(previous: str, token: Token, accepted: set[str]) -> str | None:
    """The likely mend, from the word that is wrong and from what stands before it."""
    word = token.upper()
    before = (re.findall(r"\w+$", previous) or [""])[0]
    wants_name = "REGULAR_IDENTIFIER" in accepted
    typo = _typo(token, before, accepted)
    hints = (
        (_FOREIGN["LIMIT"], before.upper() == "LIMIT"),
        (_FOREIGN.get(word), word in _FOREIGN),
        (typo, typo is not None),
        ("Equality is a single = in ADQL.", str(token) == "=" and previous.endswith("=")),
        ("Only queries are answered: SELECT … FROM …", not previous and word in _COMMANDS),
        ("One query at a time: nothing may follow the semicolon.", previous.endswith(";")),
        (f'As a name it is written in double quotes: "{token}".', token.type == "RESERVED"),
        ("Is there a comma too many?", previous.endswith(",")),
        (
            f'{before} is a function\'s name; for a column or alias write "{before}".',
            "LPAR" in accepted and not wants_name and before.upper() in RESERVED - _CLAUSES,
        ),
        (
            f'{token} is a reserved word; as a name it is written in double quotes: "{token}".',
            wants_name and word in RESERVED - _CLAUSES,
        ),
        ("DISTINCT stands before TOP: SELECT DISTINCT TOP 10 …", word == "DISTINCT"),
        (
            f"{word} stands before ORDER BY.",
            word in {"WHERE", "GROUP", "HAVING"} and "ORDER BY" in previous.upper(),
        ),
        (_NAME, token.type.startswith("UNSIGNED") and accepted <= _ALIAS),
        ("A query in FROM needs a name: (SELECT …) AS name", previous.endswith(")") and accepted <= _ALIAS),
        (
            "Queries stand in FROM, and after IN and EXISTS: FROM table, (SELECT MAX(x) AS top FROM …) AS other",
            word == "SELECT" and before.upper() != "EXISTS",
        ),
        ("A list stands in parentheses: IN (1, 2)", before.upper() == "IN"),
        ("IS is followed by NULL or NOT NULL; values are compared by =.", before.upper() == "IS"),
        (_QUOTES, token.type == "STRING"),
        (
            "Compare it with 1: 1 = CONTAINS(…), or with 0.",
            "EQUAL" in accepted and _ENDS_IN_PREDICATE.search(previous) is not None,
        ),
        ("Is a comma missing before it?", token.type.endswith("IDENTIFIER") and "COMMA" in accepted),
        ("A text takes single quotes; double quotes are for names.", token.type == "DELIMITED_IDENTIFIER"),
    )
    return next((hint for hint, holds in hints if holds), None)


def _typo(token: Token, before: str, accepted: set[str]) -> str | None:
    """A keyword that could stand here, and that a name here, or the alias before it, is nearly spelled like."""
    keywords = sorted(accepted & _CLAUSES)
    for word in (before, str(token)):
        close = get_close_matches(word.upper(), keywords, 1, 0.7)
        if word.upper() not in RESERVED and close:
            return f"Did you mean {close[0]} instead of {word}?"
    return None
