"""Rows as JSON: `metadata` (the columns), `data` (an array a row), `status`.

Streamed, and well formed at any end. The names are those of ESA's TAP services, which clients know. Infinity
and NaN, which JSON lacks, are null.
"""

from collections.abc import Iterator
from json import dumps

import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.model.rows import RowStream
from voserver.serializers.cells import as_text, characters, holds_any, joined, list_lengths, pieces, suspects
from voserver.serializers.cells import lists as text_lists
from voserver.serializers.document import Document
from voserver.serializers.votable_head import OK, OVERFLOW, failed, words

_SUSPECTS = suspects({*range(0x20), *b'"\\'})
_CONTROLS = [chr(code) for code in range(0x20)]


def json(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The document; `status` comes last, since only then it is known."""
    columns = [words(column) for column in rows.columns]
    facts = {fact.name: fact.value for fact in document.facts}
    yield f'{{"info":{dumps(facts)},\n"metadata":{dumps(columns)},\n"data":['.encode()
    status, separator = OK, b"\n"
    try:
        for batch in pieces(rows):
            yield separator + _rows(rows.columns, batch)
            separator = b",\n"
    except ServiceError as error:
        status = failed(error)
    else:
        status = OVERFLOW if rows.overflow else OK
    yield f'\n],\n"status":{dumps(status.value)},"message":{dumps(status.text)}}}\n'.encode()


def _rows(columns: tuple[Column, ...], batch: pa.RecordBatch) -> bytes:
    parts: list[pa.Array | str] = []
    for column, values in zip(columns, batch.columns, strict=True):
        parts += [",", _cells(column, values)]
    return characters(joined("[", *parts[1:], "],\n", null="null")).tobytes()[:-2]


def _cells(column: Column, values: pa.Array) -> pa.Array:
    if column.is_array:
        items = values.flatten()
        arrays = text_lists(list_lengths(values), _numbers(items).fill_null("null"), ",")
        texts = joined("[", arrays, "]", null=None)
        return pc.if_else(values.is_valid(), texts, None)
    if column.datatype != "char":
        return _numbers(values)
    text = as_text(column, values)
    if column.is_text:
        text = _escaped(text)
    return joined('"', text, '"', null=None)


def _numbers(values: pa.Array) -> pa.Array:
    text = values.cast(pa.string())
    if pa.types.is_floating(values.type):
        finite = pc.is_finite(values)
        return text if finite.false_count == 0 else pc.if_else(finite, text, None)
    return text


def _escaped(text: pa.Array) -> pa.Array:
    if not holds_any(text, _SUSPECTS):
        return text
    for character in ("\\", '"', *_CONTROLS):
        text = pc.replace_substring(text, character, dumps(character)[1:-1])
    return text
