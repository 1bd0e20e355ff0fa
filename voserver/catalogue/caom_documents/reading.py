"""A CAOM document as rows. It comes from anywhere: no entities, no more depth or size than an observation can have."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from lxml import etree

from voserver.catalogue.caom_documents import fields
from voserver.catalogue.caom_documents.checksums import misfits
from voserver.catalogue.caom_documents.fields import NAMESPACES, Field, Version
from voserver.catalogue.caom_documents.json_form import from_json, is_json
from voserver.catalogue.caom_documents.outlines import read_bounds, read_outline, read_ranges, where
from voserver.model.errors import UsageError

LARGEST = 64 * 1024**2
"""Bytes of a document that are read: the largest observations of CADC have a few megabytes."""

_LONGEST_NAME = 200
"""Of signs in a URL; a name of a file has 255 bytes."""
_MOST_TAGS = 1_000_000
"""An element takes many times its bytes in memory."""

Row = dict[str, Any]
"""Values by column."""

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_DERIVED = {"DerivedObservation", "CompositeObservation"}
_VERSIONS = {namespace: version for version, namespace in NAMESPACES.items()}
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Node:
    """An entity of a document, with those below it: planes, artifacts, parts or chunks."""

    row: Row
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """An observation, with its members (URIs)."""

    observation: Node
    members: tuple[str, ...]
    misfits: int = 0
    """How many of its checksums are not those of what it says."""

    @property
    def name(self) -> str:
        """Its URI."""
        return str(self.observation.row["observationuri"])


def read(content: bytes) -> Document:
    """Understand a document.

    Raises:
        UsageError: it is no CAOM observation; says where, and what is wrong.
    """
    root = from_json(content) if is_json(content) else parse(content)
    name = etree.QName(root)
    if name.localname != "Observation" or name.namespace not in _VERSIONS:
        known = ", ".join(_VERSIONS)
        raise UsageError(
            f"The document is no CAOM observation: its root is {str(root.tag)[:200]}.",
            hint=f"It is Observation of one of the namespaces {known}.",
        )
    document = _observation(_Element(root))
    return replace(document, misfits=0 if _Element(root).version == "2.5" else misfits(root))


def parse(content: bytes) -> etree._Element:
    """The elements of a document.

    Raises:
        UsageError: it is no XML, or has what may be more than it seems.
    """
    if len(content) > LARGEST:
        raise UsageError(f"The document is larger than {LARGEST // 1024**2} MiB.")
    if content.count(b"<") > _MOST_TAGS:
        raise UsageError(f"The document has more than {_MOST_TAGS:,} tags.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UsageError(f"The document is no well-formed XML: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UsageError("The document has a DOCTYPE.", hint="CAOM documents need none; leave it out.")
    return root


class _Element:
    """An element, whose children are found by their names, whatever their namespace's version."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self._namespace = etree.QName(element).namespace

    @property
    def version(self) -> Version:
        """That of CAOM."""
        return _VERSIONS[str(self._namespace)]

    def find(self, *path: str) -> etree._Element | None:
        found: etree._Element | None = self.element
        for name in path:
            if found is None:
                return None
            found = found.find(f"{{{self._namespace}}}{name}")
        return found

    def text(self, *path: str) -> str | None:
        """The text of an element; None where it has none."""
        found = self.find(*path)
        return _text_of(found)

    def each(self, *path: str) -> Iterator["_Element"]:
        parent = self.find(*path[:-1])
        if parent is not None:
            for child in parent.iterchildren(f"{{{self._namespace}}}{path[-1]}"):
                yield _Element(child)

    def attribute(self, name: str) -> str | None:
        given = self.element.get(f"{{{self._namespace}}}{name}") or self.element.get(name)
        return given.strip() if given and given.strip() else None

    def where(self) -> str:
        return where(self.element)


def _text_of(found: etree._Element | None) -> str | None:
    if found is None or len(found):
        return None
    text = (found.text or "").strip()
    return text or None


def _observation(root: _Element) -> Document:
    row = _entity(root, "obsid", fields.OBSERVATION)
    collection = _named(root, "collection", _needed(root, "collection"))
    uri = _uri(root)
    name = _named(root, "observationID", uri.rpartition("/")[2] if uri else _needed(root, "observationID"))
    kind = (root.element.get(_TYPE) or "").rpartition(":")[2]
    row |= {
        "collection": collection,
        "observationid": name,
        "observationuri": uri or f"caom:{collection}/{name}",
        "typecode": "D" if kind in _DERIVED else "S",
    }
    members = tuple(
        text
        for tag in ("observationURI", "member")
        for one in root.each("members", tag)
        if (text := _text_of(one.element))
    )
    row["members"] = " ".join(members) or None
    planes = [_plane(one, row) for one in root.each("planes", "plane")]
    return Document(Node(row, planes), members)


def _plane(element: _Element, observation: Row) -> Node:
    row = _entity(element, "planeid", fields.PLANE)
    uri = _uri(element)
    product = _named(element, "productID", uri.rpartition("/")[2] if uri else _needed(element, "productID"))
    row |= {"planeuri": uri or f"{observation['observationuri']}/{product}", "productid": product}
    if row["calibrationlevel"] is None or not -1 <= row["calibrationlevel"] <= 4:
        raise UsageError(
            f"{element.where()}: the plane {product[:100]!r} has no calibrationLevel of -1 to 4."
        )
    row |= _NO_BOUNDS | read_bounds(element.find("position"))
    for axis in ("energy", "time", "custom") if element.version != "2.3" else ("energy", "time"):
        row |= _samples(element, axis)
    bands = row["energy_energybands"]
    row["energy_emband"] = bands.partition("|")[0] if bands else None
    return Node(row, [_artifact(one) for one in element.each("artifacts", "artifact")])


def _samples(element: _Element, axis: str) -> Row:
    """The parts of an interval where there are data; one part alone is the whole."""
    names = [f"{axis}_bounds{end}" for end in ("", "_samples", "_lower", "_upper", "_width")]
    bounds = element.find(axis, "bounds")
    if bounds is None:
        return dict.fromkeys(names)
    lists = (element.find(axis, "bounds", "samples"), element.find(axis, "samples"))
    parent = next((one for one in lists if one is not None), None)
    parts = [] if parent is None else [_interval(_Element(one)) for one in parent.iterchildren()]
    lower, upper = _interval(_Element(bounds))
    several = [end for part in parts for end in part] if len(parts) > 1 else None
    return dict(zip(names, ([lower, upper], several, lower, upper, upper - lower), strict=True))


_NO_BOUNDS: Row = {
    **dict.fromkeys(
        ("position_bounds", "position_bounds__shape", "position_bounds_given", "position_bounds_size",
         "position_center_ra", "position_center_dec")
    ),
    "position_bounds_status": "absent",
}  # fmt: skip


def _artifact(element: _Element) -> Node:
    row = _entity(element, "artifactid", fields.ARTIFACT)
    if _uri(element) is None:
        raise UsageError(f"{element.where()}: it has no uri.")
    parts = [_part(one) for one in element.each("parts", "part")]
    return Node(row, parts)


def _part(element: _Element) -> Node:
    chunks = [Node(_entity(one, "chunkid", fields.CHUNK)) for one in element.each("chunks", "chunk")]
    return Node(_entity(element, "partid", fields.PART), chunks)


def _entity(element: _Element, key: str, known: tuple[Field, ...]) -> Row:
    """The columns of which documents of this version can tell."""
    row: Row = {key: _identifier(element)}
    for name, kind in fields.ENTITY:
        given = element.attribute(name)
        row[name.lower()] = None if given is None else _value(kind, given, element)
    for one in known:
        is_several = one.kind in {"region", "sampled"}  # columns
        if not is_several and one.since <= element.version <= one.until:
            row[one.column] = _field(element, one)
    return row


def _field(element: _Element, one: Field) -> object:
    found = element.find(*one.path)
    if found is None:
        return None
    inner = _Element(found)
    if one.kind == "groups":
        texts = [_text_of(child) for child in found.iterchildren()]
        return [text for text in texts if text] or None
    if one.kind[-1] in "|_/":
        return _words(inner, one.kind)
    if one.kind in _STRUCTURES:
        return _STRUCTURES[one.kind](inner)
    text = _text_of(found)
    return None if text is None else _value(one.kind, text, inner)


def _words(element: _Element, kind: str) -> str | None:
    """Texts of a list, as one: keywords are separated by `|`, URIs by blanks, states of polarization stand in `/`."""
    tag, separator = kind[:-1], kind[-1].replace("_", " ")
    words = [text for one in element.each(tag) if (text := _text_of(one.element))]
    joined = separator.join(word.replace("|", "/") if separator == "|" else word for word in words)
    if not words:
        return None
    return f"/{joined}/" if separator == "/" else joined


def _interval(element: _Element) -> list[float]:
    lower, upper = element.text("lower"), element.text("upper")
    if lower is None or upper is None:
        raise UsageError(f"{element.where()}: an interval has a lower and an upper end.")
    ends = [_real(lower, element), _real(upper, element)]
    if ends[0] > ends[1]:
        raise UsageError(f"{element.where()}: its lower end {ends[0]} is above its upper end {ends[1]}.")
    return ends


_STRUCTURES: dict[str, Callable[[_Element], object]] = {
    "interval": _interval,
    "ranges": lambda element: read_ranges(element.element),
    "outline": lambda element: read_outline(element.element),
}


def _needed(element: _Element, name: str) -> str:
    text = element.text(name)
    if text is None or not text.isprintable():
        raise UsageError(f"{element.where()}: it has no {name}.")
    return text


def _named(element: _Element, name: str, text: str) -> str:
    """A name that can be a file's (`export caom`), a part of a URL's path and a word of a list, as names have to be."""
    if text in {"", ".", ".."} or not text.isprintable() or len(quote(text, safe="")) > _LONGEST_NAME:
        raise UsageError(
            f"{element.where()}: its {name} {text[:60]!r} cannot be a name.",
            hint=f"It is of printable characters, {_LONGEST_NAME} in a URL at the most, and not . or ..",
        )
    return text


def _uri(element: _Element) -> str | None:
    text = element.text("uri")
    if text is not None and not text.isprintable():
        raise UsageError(f"{element.where()}: its uri {text[:60]!r} has characters that no URI has.")
    return text


def _identifier(element: _Element) -> UUID:
    given = element.attribute("id")
    try:
        return UUID(given or "")
    except ValueError:
        raise UsageError(
            f"{element.where()}: its id {(given or '')[:60]!r} is no UUID.",
            hint="CAOM 2.3 and later have UUIDs.",
        ) from None


def _value(kind: str, text: str, element: _Element) -> object:
    if kind == "text":
        return text
    if kind == "real":
        return _real(text, element)
    try:
        if kind == "date":
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        if kind == "truth":
            return {"true": 1, "1": 1, "false": 0, "0": 0}[text.lower()]
        number = int(text) if len(text) < 20 else _LARGEST_INTEGER + 1
    except (ValueError, KeyError, OverflowError):
        raise _wrong(kind, text, element) from None
    if abs(number) > _LARGEST_INTEGER:
        raise _wrong(kind, text, element)
    return number


def _real(text: str, element: _Element) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _wrong("real", text, element)
    return number


def _wrong(kind: str, text: str, element: _Element) -> UsageError:
    said = {"real": "finite number", "truth": "true or false", "date": "date of ISO 8601"}.get(
        kind, "integer"
    )
    return UsageError(f"{element.where()}: {text[:60]!r} is no {said}.")
