"""Rows as PostgreSQL's binary COPY takes them (PostgreSQL's manual, COPY, "Binary Format").

A batch repeats most of its values (programs, titles, filters), so each is encoded once, and rows are put
together without a step of Python for every value. Arrays of doubles need no text, which costs both sides
more than all the rest.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice, repeat
from typing import Any, cast

import numpy as np

NULL = struct.pack(">i", -1)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)

_TEXT_OID, _DOUBLE_OID = 25, 701
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 -- PostgreSQL's zero of a timestamp without zone
_MICROSECOND = timedelta(microseconds=1)
_BLOCK = 100
"""So many rows are turned into columns at once: more do not stay in the processor's cache."""

_ELEMENT = np.dtype([("size", ">i4"), ("value", ">f8")])

_integer, _bigint, _double = struct.Struct(">ii"), struct.Struct(">iq"), struct.Struct(">id")
_size, _array = struct.Struct(">i"), struct.Struct(">iiiiii")


def _field(content: bytes) -> bytes:
    return _size.pack(len(content)) + content


def _text(value: str) -> bytes:
    return _field(value.encode())


def _array_field(elements: bytes, count: int, oid: int) -> bytes:
    """An array of one dimension, without nulls, that counts from 1; an empty one has no dimension."""
    if not count:
        return _size.pack(12) + struct.pack(">iii", 0, 0, oid)
    return _array.pack(20 + len(elements), 1, 0, oid, count, 1) + elements


def _texts(values: Sequence[str]) -> bytes:
    return _array_field(b"".join(map(_text, values)), len(values), _TEXT_OID)


def doubles(values: Sequence[float]) -> bytes:
    """An array of doubles that is encoded once for all rows that have it: a row may hold this in its place."""
    elements = np.empty(len(values), _ELEMENT)
    elements["size"] = 8
    elements["value"] = values
    elements["value"] += 0.0  # no negative zeros, see Encoder
    return _array_field(elements.tobytes(), len(values), _DOUBLE_OID)


_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "text": _text,
    "boolean": lambda value: _field(b"\1" if value else b"\0"),
    "integer": lambda value: _integer.pack(4, value),
    "bigint": lambda value: _bigint.pack(8, value),
    "double precision": lambda value: _double.pack(8, value + 0.0),
    "timestamp without time zone": lambda value: _bigint.pack(8, (value - _EPOCH) // _MICROSECOND),
    "uuid": _field,
    "text[]": _texts,
    "double precision[]": lambda value: value if isinstance(value, bytes) else doubles(value),
}
"""By the type's name; a uuid is given by its 16 bytes, an array as a tuple, or by `doubles`."""


class _Fields(dict[object, bytes]):
    """Values of one type and what they are in COPY."""

    def __init__(self, encode: Callable[[Any], bytes]) -> None:
        super().__init__({None: NULL})
        self._encode = encode

    def __missing__(self, value: object) -> bytes:
        field = self[value] = self._encode(value)
        return field


class Encoder:
    """Encodes rows, and remembers what it has encoded: one serves one batch.

    Numbers that are equal are one number: a zero has no sign.
    """

    def __init__(self) -> None:
        self._fields = {name: _Fields(encode) for name, encode in _ENCODERS.items()}

    def rows(self, types: Sequence[str], rows: Iterable[Iterable[object]]) -> list[bytes]:
        """All that COPY … FROM STDIN (FORMAT binary) is sent for these rows, in pieces."""
        encoders = [self._fields[name].__getitem__ for name in types]
        heads = repeat(struct.pack(">h", len(types)))
        content, rest = [_SIGNATURE], iter(rows)
        while block := list(islice(rest, _BLOCK)):
            columns = zip(*block, strict=True)
            fields = [map(encode, column) for encode, column in zip(encoders, columns, strict=True)]
            lines = cast("Iterable[tuple[bytes, ...]]", zip(heads, *fields))  # noqa: B905 -- heads never end
            content.append(b"".join(chain.from_iterable(lines)))
        return [*content, _TRAILER]
