"""ADQL text → tree. Knows the grammar's file and nothing of tables, types or SQL.

The grammar (`adql.lark`) is compiled once a process. A query's size, number of words and depth are bounded
before anything recursive sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, cast

from lark import Lark, Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedToken, VisitError
from lark.lexer import Lexer, LexerState, PatternStr
from lark.parsers.lalr_parser_state import ParserState
from typing_extensions import override

from voserver.model.errors import QuerySyntaxError, ServiceError
from voserver.model.reserved import RESERVED
from voserver.query.adql import tree
from voserver.query.adql.builder import Builder
from voserver.query.adql.complaints import place, unexpected, unreadable

MAXIMUM_LENGTH = 400_000
MAXIMUM_WORDS = 60_000
MAXIMUM_DEPTH = 50
MAXIMUM_JOINED = 100


_NOT_TEXT = re.compile("[\\0\\ud800-\\udfff]")
"""Characters that are no text: NUL, and halves of surrogate pairs, which no encoding can carry."""


UNRESERVED_IN_20 = frozenset({"BIGINT", "ILIKE", "IN_UNIT", "OFFSET"})
"""Words that ADQL 2.1 took: in ADQL 2.0 they are names."""

EXTENSIONS = frozenset({"CASE", "CROSS", "NULLIF"})
"""Words of SQL that are reserved in ADQL and have no use there, but have one here."""


class Words(Lexer):
    """Cuts a query into words: keywords in any case, names, numbers, strings, signs; comments vanish.

    Lark's own lexers would try every keyword as a pattern; one dictionary does it here, and a reserved word
    that the grammar has no use for becomes a word of its own kind, which nothing accepts.
    """

    __future_interface__: ClassVar[int] = 1
    names: ClassVar[frozenset[str]] = frozenset()
    """Keywords that this dialect has as names."""
    without: ClassVar[frozenset[str]] = frozenset()
    """Keywords that this dialect reserves, and has no use for."""

    def __init__(self, configuration: LexerConf) -> None:
        patterns = {terminal.name: terminal.pattern for terminal in configuration.terminals}
        fixed = {pattern.value: name for name, pattern in patterns.items() if isinstance(pattern, PatternStr)}
        self._signs = {text: name for text, name in fixed.items() if not text[0].isalpha()}
        self._words = dict.fromkeys(RESERVED, "RESERVED")
        self._words |= {text: name for text, name in fixed.items() if text[0].isalpha()}
        for name, pattern in patterns.items():
            if name.endswith("_WORD"):
                self._words |= dict.fromkeys(pattern.value.split("|"), name)
        self._words |= dict.fromkeys(self.names, "REGULAR_IDENTIFIER") | dict.fromkeys(
            self.without, "RESERVED"
        )
        signs = "|".join(re.escape(sign) for sign in sorted(self._signs, key=len, reverse=True))
        self._pattern = re.compile(
            rf"(?P<BLANK>\s+|--[^\r\n]*)|(?P<WORD>{patterns['REGULAR_IDENTIFIER'].value})"
            rf"|(?P<NUMBER>{patterns['NUMBER'].value})|(?P<STRING>{patterns['STRING'].value})"
            rf"|(?P<DELIMITED_IDENTIFIER>{patterns['DELIMITED_IDENTIFIER'].value})|(?P<SIGN>{signs})"
        )

    @override
    def lex(self, lexer_state: LexerState, parser_state: ParserState[Any]) -> Iterator[Token]:
        """The words of a text."""
        text = lexer_state.text.text
        position = count = depth = joined = 0
        while position < len(text):
            match = self._pattern.match(text, position)
            if match is None:
                raise unreadable(text, position)
            kind, word = match.lastgroup or "", match.group()
            start, position = position, match.end()
            if kind == "BLANK":
                continue
            if kind == "WORD":
                kind = self._words.get(word.upper(), "REGULAR_IDENTIFIER")
                joined += kind in {"SELECT", "JOIN"}
                depth += (kind == "CASE") - (kind == "END")
            elif kind == "SIGN":
                kind = self._signs[word]
                depth += (word == "(") - (word == ")")
            elif kind == "NUMBER" and word.isdigit():
                kind = "UNSIGNED_INTEGER"
            count += 1
            if depth > MAXIMUM_DEPTH or count > MAXIMUM_WORDS or joined > MAXIMUM_JOINED:
                raise _too_much(text, start, deep=depth > MAXIMUM_DEPTH, many=joined > MAXIMUM_JOINED)
            yield Token(kind, word, start)


def _too_much(text: str, position: int, *, deep: bool, many: bool) -> QuerySyntaxError:
    if deep:
        message = f"Parentheses and CASE are nested more than {MAXIMUM_DEPTH} deep."
        return QuerySyntaxError(
            message, place(text, position), hint="Remove what changes nothing, or use WITH."
        )
    if many:
        message = f"The query has more than {MAXIMUM_JOINED} SELECT and JOIN."
        return QuerySyntaxError(message, place(text, position), hint="Split the query.")
    message = f"The query has more than {MAXIMUM_WORDS:,} words and signs."
    return QuerySyntaxError(message, hint="Upload a long list as a table, or split the query.")


@cache
def _grammar(*, is_20: bool, extended: bool) -> Lark:
    text = Path(__file__).with_name("adql.lark").read_text(encoding="utf-8")
    dialect = {
        "names": UNRESERVED_IN_20 if is_20 else frozenset(),
        "without": frozenset() if extended else EXTENSIONS,
    }
    lexer = type("Words", (Words,), dialect)
    return Lark(text, parser="lalr", lexer=lexer, transformer=Builder(), maybe_placeholders=True)


def parse(text: str, *, language: str = "ADQL-2.1", extended: bool = True) -> tree.Query:
    """Read a query.

    Args:
        text: the query.
        language: one of `LANGUAGES`, in any case.
        extended: whether CASE, CROSS JOIN and NULLIF are understood.

    Raises:
        QuerySyntaxError: the text is not ADQL; says where and what would be.
    """
    if len(text) > MAXIMUM_LENGTH:
        message = f"The query is {len(text):,} characters long; at most {MAXIMUM_LENGTH:,} are read."
        raise QuerySyntaxError(message, hint="Upload a long list as a table, or split the query.")
    bad = _NOT_TEXT.search(text)
    if bad is not None:
        raise unreadable(text, bad.start())
    if not text.strip():
        raise QuerySyntaxError("The query is empty.", hint="Try: SELECT TOP 5 * FROM ivoa.ObsCore")
    try:
        # Lark's types do not know that a transformer was given: what it makes is the tree.
        grammar = _grammar(is_20=language.upper() == "ADQL-2.0", extended=extended)
        return cast("tree.Query", grammar.parse(text))
    except UnexpectedToken as error:
        raise unexpected(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ServiceError):
            raise error.orig_exc from None
        raise
