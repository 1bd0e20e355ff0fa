"""Text that is safe inside XML 1.0 and HTML, for single strings and for whole columns."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from voserver.serializers.cells import holds_any, suspects

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"[ !#-%'-;=?-~]*")
_ILLEGAL_RE2 = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
_SUBSTITUTE = "?"

# U+FFFE and U+FFFF begin with the byte 0xEF in UTF-8; a carriage return would be read as a line feed.
_SUSPECTS = suspects({*range(0x20), *b"&<>", 0xEF} - {*b"\t\n"})
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """Text for an element or a double-quoted attribute; characters that XML 1.0 forbids become `?`."""
    text = _ILLEGAL.sub(_SUBSTITUTE, text)
    for character, entity in {**_ENTITIES, '"': "&quot;"}.items():
        text = text.replace(character, entity)
    return text


def attributes(**values: str | None) -> str:
    """Attributes of a start tag; None leaves one out."""
    return "".join(f' {name}="{_attribute(value)}"' for name, value in values.items() if value is not None)


def _attribute(value: str) -> str:
    """A value within quotes: readers turn bare line ends and tabs into blanks, so these become references."""
    if _PLAIN.fullmatch(value):
        return value  # as nearly all are
    return escaped(value).replace("\n", "&#10;").replace("\t", "&#9;")


def escaped_column(text: pa.Array) -> pa.Array:
    """A column of text for elements. Looks first, since next to no column needs it."""
    if not holds_any(text, _SUSPECTS):
        return text
    for character, entity in _ENTITIES.items():
        text = pc.replace_substring(text, character, entity)
    return pc.replace_substring_regex(text, _ILLEGAL_RE2, _SUBSTITUTE)
