"""How names and literals are spelled in PostgreSQL: a user's words enter SQL through here only."""

from __future__ import annotations

import math

_LONGEST_NAME = 60


def quote_name(name: str) -> str:
    """An identifier, always in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text literal; with `standard_conforming_strings`, PostgreSQL's default, only the quote is special."""
    return "'" + text.replace("'", "''") + "'"


def fits_name(name: str) -> bool:
    """Whether PostgreSQL keeps a name whole (it cuts at 63 bytes)."""
    return len(name.encode()) <= _LONGEST_NAME


def float_literal(number: float) -> str:
    """A double precision literal, exact."""
    if not math.isfinite(number):
        raise ValueError(number)
    return f"{number!r}::float8" if number >= 0 else f"({number!r}::float8)"


def like_prefix(text: str) -> str:
    """The LIKE pattern of everything that begins with a text."""
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return quote_text(text + "%")
