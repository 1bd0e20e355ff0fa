"""Comma- and tab-separated text: a header line, then a line a row (RFC 4180, TAP 1.1 §3.3)."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.rows import RowStream
from voserver.serializers.cells import as_text, characters, holds_any, joined, pieces, suspects
from voserver.serializers.document import Document

_NEEDS_QUOTES = suspects(b',"\r\n')
_NEEDS_QUOTES_RE2 = r'[,"\r\n]'
_BREAKS_A_LINE = suspects(b"\t\r\n")


def csv(rows: RowStream, _document: Document) -> Iterator[bytes]:
    """Comma-separated. A null is an empty field, NaN is `NaN`; lines end with a line feed alone."""
    return _lines(rows, ",", _quoted)


def tsv(rows: RowStream, _document: Document) -> Iterator[bytes]:
    """Tab-separated. It has no quoting, so tabs and line ends within a value become blanks."""
    return _lines(rows, "\t", _on_one_line)


def _lines(rows: RowStream, separator: str, protect: Callable[[pa.Array], pa.Array]) -> Iterator[bytes]:
    names = protect(pa.array([column.name for column in rows.columns], pa.string()))
    yield (separator.join(names.to_pylist()) + "\n").encode()
    for batch in pieces(rows):
        parts: list[pa.Array | str] = []
        for column, values in zip(rows.columns, batch.columns, strict=True):
            parts += [separator, _cells(column, values, protect, alone=len(rows.columns) == 1)]
        yield characters(joined(*parts[1:], "\n")).tobytes()


def _cells(
    column: Column, values: pa.Array, protect: Callable[[pa.Array], pa.Array], *, alone: bool
) -> pa.Array:
    text = as_text(column, values)
    if column.is_text:
        text = protect(text)
    if alone and protect is _quoted:  # readers skip empty lines, so a lone empty field is written as ""
        text = text.fill_null("")
        return pc.if_else(pc.equal(text, ""), '""', text)
    return text


def _quoted(text: pa.Array) -> pa.Array:
    if not holds_any(text, _NEEDS_QUOTES):
        return text
    within = pc.replace_substring(text, '"', '""')
    quoted = joined('"', within, '"', null=None)
    return pc.if_else(pc.match_substring_regex(text, _NEEDS_QUOTES_RE2), quoted, text)


def _on_one_line(text: pa.Array) -> pa.Array:
    if not holds_any(text, _BREAKS_A_LINE):
        return text
    return pc.replace_substring_regex(text, r"\r\n|[\t\r\n]", " ")
