"""What is wrong with a text that is not ADQL, in words for its author: where, what, and the likely mend."""

from __future__ import annotations

import re

from lark import Token
from lark.exceptions import UnexpectedToken

from voserver.model.errors import Position, QuerySyntaxError
from voserver.query.adql.reserved import RESERVED

_EXCERPT = 100

_NAMES = {
    "REGULAR_IDENTIFIER": "a name",
    "STRING": "a text in single quotes",
    "NUMBER": "a number",
    "UNSIGNED_INTEGER": "a whole number",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "DOT": ".",
    "$END": "the end of the query",
}

_BAD_SIGNS = {
    "[": "Arrays have no subscripts in ADQL.",
    "%": "ADQL has no % operator; use MOD(x, y).",
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
    "FETCH": "ADQL has no FETCH FIRST: write SELECT TOP n …",
}


def place(text: str, offset: int) -> Position:
    """Line, column and excerpt for an offset; a long line is cut round it."""
    before = text[:offset]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    line = re.split(r"[\r\n]", text[start:], maxsplit=1)[0]
    column = offset - start
    cut = max(0, column - _EXCERPT // 2)
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

    def __str__(self) -> str:
        """The line with a caret under the place."""
        return f"{self.excerpt}\n{' ' * self.caret}^"


def unreadable(text: str, offset: int) -> QuerySyntaxError:
    """A character that no word of ADQL begins with."""
    sign = text[offset]
    shown = f"The character {sign}" if sign.isprintable() else f"The character U+{ord(sign):04X}"
    return QuerySyntaxError(f"{shown} has no meaning here.", place(text, offset), hint=_BAD_SIGNS.get(sign))


def unexpected(text: str, error: UnexpectedToken) -> QuerySyntaxError:
    """A word in a place where the grammar has no use for it."""
    token = error.token
    accepted = set(error.accepts or error.expected)
    offset = len(text.rstrip()) if token.type == "$END" else token.start_pos or 0
    hint = _hint(text, token, accepted)
    if token.type == "$END":
        message = f"The query ends where {_expectation(accepted)} should follow."
    elif token.type == "RESERVED" or (token.upper() in RESERVED and "REGULAR_IDENTIFIER" in accepted):
        message = f"{token} is a reserved word of ADQL."
    else:
        message = f"{_shown(token)} was not expected here, but {_expectation(accepted)}."
    return QuerySyntaxError(message, place(text, offset), hint=hint)


def _shown(token: Token) -> str:
    return str(token) if len(token) <= 40 else f"{token[:37]}…"


def _expectation(accepted: set[str]) -> str:
    """What could stand there, most telling first; a list nobody would read is cut."""
    if {"COUNT", "STRING", "REGULAR_IDENTIFIER"} <= accepted:
        return "a value (a column, a number, a text, a function)"
    words = [_NAMES[name] for name in _NAMES if name in accepted]
    words += sorted(name for name in accepted if name in RESERVED)
    return " or ".join(words[:6]) if words else "something else"


def _hint(text: str, token: Token, accepted: set[str]) -> str | None:
    word, offset = token.upper(), token.start_pos or 0
    previous = text[:offset].rstrip()
    if word in _FOREIGN:
        return _FOREIGN[word]
    if token == "=" and previous.endswith("="):
        return "Equality is a single = in ADQL."
    if token.type == "RESERVED" or (word in RESERVED and "REGULAR_IDENTIFIER" in accepted):
        if previous.endswith(","):
            return f'Is there a comma too many? A name that is a reserved word is written in double quotes: "{token}".'
        return f'As a name it is written in double quotes: "{token}".'
    if previous.endswith(";"):
        return "One query at a time: nothing may follow the semicolon."
    if token == "." and "FROM" in accepted:
        return None
    if token.type in {"REGULAR_IDENTIFIER", "DELIMITED_IDENTIFIER", "STRING"} and "COMMA" in accepted:
        if token.type == "STRING":
            return 'A name takes double quotes ("name"), a text single ones; or a comma is missing before it.'
        return "Is a comma missing before it?"
    return None
