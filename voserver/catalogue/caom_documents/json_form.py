"""The JSON form of a document, which is that of the XML as CADC's `JsonWriter` writes it.

An element is an object: `@name` are its attributes, `$` is its value, others its children. The value of an element that
holds a list is an array, whose items have one member each, named without the prefix: `{"caom2:planes": {"$": [{"plane":
{…}}]}}`. Beyond CADC's, all elements that can have several children of one name hold lists here: in an object, names
must not come twice.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from lxml import etree

from voserver.catalogue.caom_documents.outlines import XSI
from voserver.model.errors import UsageError

LARGEST = 16 * 1024**2
"""Bytes of a document in JSON: what is read takes many times its memory."""
_DEEPEST = 100
_MOST_MEMBERS = 500_000

_LISTS = frozenset(
    ("planes", "artifacts", "parts", "chunks", "vertices", "points", "inputs", "states", "samples", "members",
     "keywords", "metaReadGroups", "dataReadGroups", "contentReadGroups", "energyBands")
)  # fmt: skip
_TEXTS = frozenset(("observationID", "productID", "sequenceNumber", "name"))
"""What is a string even where it looks like a number."""
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]{0,29}", re.ASCII)


def to_json(root: etree._Element) -> bytes:
    """A document's JSON form."""
    name = f"{root.prefix}:{etree.QName(root).localname}"
    spaces = {f"@xmlns:{prefix}": uri for prefix, uri in root.nsmap.items()}
    return json.dumps({name: {**spaces, **_object(root)}}, ensure_ascii=False, indent=2).encode() + b"\n"


def _object(element: etree._Element) -> dict[str, Any]:
    made: dict[str, Any] = {
        f"@{'xsi' if etree.QName(key).namespace == XSI else element.prefix}:{etree.QName(key).localname}": text
        for key, text in element.attrib.items()
    }
    name = etree.QName(element).localname
    if name in _LISTS:
        return {**made, "$": [{etree.QName(one).localname: _object(one)} for one in element]}
    if len(element):
        return made | {f"{one.prefix}:{etree.QName(one).localname}": _object(one) for one in element}
    return {**made, "$": _scalar(name, element.text or "")}


def _scalar(name: str, text: str) -> str | float | bool:
    if name in _TEXTS:
        return text
    if text in {"true", "false"}:
        return text == "true"
    if _NUMBER.fullmatch(text):
        for kind in (int, float):
            with suppress(ValueError):
                if (
                    repr(kind(text)) == text
                ):  # else it would be another text when it is read again, as a version 1.10
                    return kind(text)
    return text


def is_json(content: bytes) -> bool:
    """Whether a document is JSON: an object, after what may stand before it."""
    return content[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def from_json(content: bytes) -> etree._Element:
    """The elements of a document in its JSON form. What comes twice in an object is two elements.

    Raises:
        UsageError: it is no JSON, or not of this form; says where.
    """
    if len(content) > LARGEST:
        raise UsageError(f"The document is larger than {LARGEST // 1024**2} MiB, which is too much for JSON.")
    if content.count(b",") > _MOST_MEMBERS:
        raise UsageError(f"The document has more than {_MOST_MEMBERS:,} members.")
    try:
        pairs = json.loads(
            content, object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str
        )
    except RecursionError:
        raise UsageError(f"The document is nested deeper than {_DEEPEST} objects.") from None
    except ValueError as error:
        raise UsageError(f"The document is no JSON: {error}") from None
    if not isinstance(pairs, _Pairs) or len(pairs) != 1 or not isinstance(pairs[0][1], _Pairs):
        raise UsageError(
            "The document is no CAOM observation: it is no object whose one member is caom2:Observation."
        )
    ((name, inner),) = pairs
    prefix, _, local = name.rpartition(":")
    space = dict(inner).get(f"@xmlns:{prefix}" if prefix else "@xmlns")
    try:
        root = etree.Element(etree.QName(space if isinstance(space, str) and space else None, local))
        _fill(root, inner, 0)
    except (ValueError, TypeError) as error:  # what can be no name or text of XML
        raise UsageError(f"The document is no CAOM observation: {error}") from None
    return root


class _Pairs(list[tuple[str, Any]]):
    """The members of an object."""


def _fill(element: etree._Element, value: object, depth: int) -> None:
    """Give an element what its object has."""
    if depth > _DEEPEST:
        raise UsageError(f"The document is nested deeper than {_DEEPEST} objects.")
    if isinstance(value, bool):
        element.text = "true" if value else "false"
    elif isinstance(value, str):
        element.text = value
    elif isinstance(value, _Pairs):
        for name, inner in value:
            _member(element, name, inner, depth)
    elif value is not None:
        raise UsageError(
            f"{etree.QName(element).localname}: it is an array where a value or an object belongs."
        )


def _member(element: etree._Element, name: str, inner: object, depth: int) -> None:
    if name == "$" and isinstance(inner, list) and not isinstance(inner, _Pairs):
        for item in inner:
            if not isinstance(item, _Pairs) or len(item) != 1:
                raise UsageError(
                    f"{etree.QName(element).localname}: an item of its list is no object with one member."
                )
            _child(element, *item[0], depth)
    elif name == "$":
        _fill(element, inner, depth + 1)
    elif name.startswith("@xmlns"):
        pass  # the document's, which its root has told
    elif name.startswith("@"):
        _attribute(element, name[1:], inner)
    else:
        several: Iterable[object] = (
            inner if isinstance(inner, list) and not isinstance(inner, _Pairs) else (inner,)
        )
        for one in several:
            _child(element, name, one, depth)


def _child(element: etree._Element, name: str, inner: object, depth: int) -> None:
    space = etree.QName(element).namespace
    _fill(etree.SubElement(element, etree.QName(space, name.rpartition(":")[2])), inner, depth + 1)


def _attribute(element: etree._Element, name: str, inner: object) -> None:
    if not isinstance(inner, str):
        raise UsageError(f"{etree.QName(element).localname}: its attribute {name[:60]!r} is no text.")
    prefix, _, local = name.rpartition(":")
    element.set(etree.QName(XSI if prefix == "xsi" else etree.QName(element).namespace, local), inner)
