"""Checksums of metadata (CAOM 2.4, `metaChecksum` and `accMetaChecksum`), of the elements of a document.

That of an entity is of its id, of who made it, and of its values in alphabetical order of their names, depth first, each
as its bytes; the accumulated one is of that, and of those of its children in the order of their ids. So CADC computes
them, in Java and in Python.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from lxml import etree

from voserver.catalogue.caom_documents import fields
from voserver.catalogue.caom_documents.fields import Field
from voserver.model.errors import UsageError

_Kinds = dict[tuple[str, ...], str]


def _kinds(known: tuple[Field, ...], more: dict[str, str]) -> _Kinds:
    """Kinds by path; with what has no column (`metrics/sampleSNR`), as others count it."""
    found = {one.path: one.kind for one in known} | {
        tuple(path.split("/")): kind for path, kind in more.items()
    }
    return dict(sorted(found.items()))


_LEVELS: dict[str, tuple[_Kinds, tuple[str, str] | None]] = {
    "Observation": (
        _kinds(fields.OBSERVATION, {"collection": "text", "observationID": "text", "members": "set"}),
        ("planes", "plane"),
    ),
    "plane": (
        _kinds(fields.PLANE, {"productID": "text", "metrics/sampleSNR": "real"}),
        ("artifacts", "artifact"),
    ),
    "artifact": (_kinds(fields.ARTIFACT, {}), ("parts", "part")),
    "part": (_kinds(fields.PART, {}), ("chunks", "chunk")),
    "chunk": (_kinds(fields.CHUNK, {}), None),
}
"""What each entity has, in order, and where its children are."""

_SHORT = {"sequenceNumber", "calibrationLevel", "type", "naxis", "observableAxis", "positionAxis1", "positionAxis2",
          "energyAxis", "timeAxis", "polarizationAxis", "customAxis"}  # fmt: skip
"""Integers of 32 bits of entities, and of vertices; others have 64."""
_TOO_LONG = 2**31
_LISTS = {"samples", "vertices", "points"}
_STRUCTURES = {"region", "sampled", "interval", "ranges", "outline"}

_BANDS = (b"Radio", b"Millimeter", b"Infrared", b"Optical", b"UV", b"EUV", b"X-ray", b"Gamma-ray")
"""Bands have this order, not that of the alphabet."""

Sums = tuple[str, str]
"""Of an entity, and the accumulated one."""


def add_checksums(root: etree._Element) -> None:
    """Write the checksums of all its entities into a document of CAOM 2.4."""
    space = etree.QName(root).namespace
    for entity, (own, accumulated) in checksums(root):
        entity.set(etree.QName(space, "metaChecksum"), own)
        entity.set(etree.QName(space, "accMetaChecksum"), accumulated)


def misfits(root: etree._Element) -> int:
    """How many checksums of a document are not those of what it says.

    Raises:
        UsageError: what should be a number is none.
    """
    wrong = 0
    try:
        found = list(checksums(root))
    except (ValueError, OverflowError, struct.error) as error:
        raise UsageError(f"The document has a value that is none: {error}.") from None
    for entity, sums in found:
        for name, wanted in zip(("metaChecksum", "accMetaChecksum"), sums, strict=True):
            given = _attribute(entity, name)
            wrong += given is not None and given.strip().lower() != wanted
    return wrong


def checksums(entity: etree._Element) -> Iterator[tuple[etree._Element, Sums]]:
    """Each entity of a document with its checksums, those of children first."""
    yield from _entity(entity, [])


def _entity(entity: etree._Element, above: list[tuple[UUID, bytes]]) -> Iterator[tuple[etree._Element, Sums]]:
    kinds, children = _LEVELS[etree.QName(entity).localname]
    identifier = UUID(_attribute(entity, "id") or "")
    own = hashlib.md5(identifier.bytes, usedforsecurity=False)
    own.update((_attribute(entity, "metaProducer") or "").strip().encode())
    for path, kind in kinds.items():
        found = _find(entity, path)
        for piece in () if found is None else _value(found, kind):
            own.update(piece)
    all_below: list[tuple[UUID, bytes]] = []
    if children:
        group = _find(entity, children[:1])
        tag = f"{{{etree.QName(entity).namespace}}}{children[1]}"
        for child in () if group is None else group.iterchildren(tag):
            yield from _entity(child, all_below)
    accumulated = hashlib.md5(own.digest(), usedforsecurity=False)
    for _, digest in sorted(all_below):
        accumulated.update(digest)
    above.append((identifier, accumulated.digest()))
    yield entity, (f"md5:{own.hexdigest()}", f"md5:{accumulated.hexdigest()}")


def _find(element: etree._Element, path: Iterable[str]) -> etree._Element | None:
    found: etree._Element | None = element
    space = etree.QName(element).namespace
    for name in path:
        if found is None:
            return None
        found = found.find(f"{{{space}}}{name}")
    return found


def _attribute(element: etree._Element, name: str) -> str | None:
    return element.get(f"{{{etree.QName(element).namespace}}}{name}") or element.get(name)


def _value(element: etree._Element, kind: str) -> Iterator[bytes]:
    text = (element.text or "").strip()
    if kind in _STRUCTURES:
        yield from _structure(element)
    elif kind == "emBand|":
        yield from sorted(((one.text or "").strip().encode() for one in element), key=_band)
    elif kind in {"groups", "set"} or kind[-1] in "|_":
        yield from sorted((one.text or "").strip().encode() for one in element)
    elif kind[-1] == "/":
        yield from ((one.text or "").strip().encode() for one in element)
    elif len(element) or not text:
        return
    elif kind == "real":
        yield struct.pack("!d", float(text))
    elif kind == "integer":
        number = int(text)
        is_short = etree.QName(element).localname in _SHORT and _is_of_entity(element)
        yield struct.pack("!l" if is_short and abs(number) < _TOO_LONG else "!q", number)
    elif kind == "truth":
        yield struct.pack("!?", text in {"true", "1"})
    elif kind == "date":
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        yield struct.pack("!q", int(seconds))
    else:
        yield text.encode()


def _band(name: bytes) -> int:
    return _BANDS.index(name) if name in _BANDS else len(_BANDS)


def _is_of_entity(element: etree._Element) -> bool:
    """Whether it is an entity's own value: the `naxis` of a function is a long one."""
    parent = element.getparent()
    return parent is not None and etree.QName(parent).localname in _LEVELS


def _structure(element: etree._Element) -> Iterator[bytes]:
    """Numbers of a shape or an interval, by the names of its elements; of lists in their order."""
    name = etree.QName(element).localname
    if not len(element):
        text = (element.text or "").strip()
        if text:
            yield struct.pack("!l", int(text)) if name == "type" else struct.pack("!d", float(text))
        return
    inner = list(element)
    if name not in _LISTS or etree.QName(inner[0]).localname == "vertices":
        inner.sort(key=lambda one: str(etree.QName(one).localname))
    for one in inner:
        yield from _structure(one)
