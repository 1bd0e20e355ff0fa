"""Rows as a CAOM document of version 2.4, which CADC's clients read, or 2.5."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from lxml import etree

from voserver.catalogue.caom_documents import fields
from voserver.catalogue.caom_documents.checksums import add_checksums
from voserver.catalogue.caom_documents.fields import NAMESPACES, Field
from voserver.catalogue.caom_documents.json_form import to_json
from voserver.catalogue.caom_documents.outlines import XSI, write_bounds, write_outline, write_ranges

Written = Literal["2.4", "2.5"]
Form = Literal["xml", "json"]
Rows = Mapping[str, Any]
"""An observation's rows as JSON has them: `observation`, and lists of `planes`, `artifacts`, `parts`, `chunks`."""


def write(rows: Rows, version: Written = "2.4", form: Form = "xml") -> bytes:
    """The document."""
    root = _Document(version).write(rows)
    if version == "2.4":
        add_checksums(root)
    if form == "json":
        return to_json(root)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


class _Document:
    def __init__(self, version: Written) -> None:
        self._version = version
        self._namespace = NAMESPACES[version]

    def write(self, rows: Rows) -> etree._Element:
        row = rows["observation"]
        root = etree.Element(
            etree.QName(self._namespace, "Observation"), nsmap={"caom2": self._namespace, "xsi": XSI}
        )
        kind = "DerivedObservation" if row["typecode"] == "D" else "SimpleObservation"
        root.set(f"{{{XSI}}}type", f"caom2:{kind}")
        self._attributes(root, row, "obsid")
        self._add(root, "collection", row["collection"])
        if self._version == "2.5":
            self._add(root, "uri", row["observationuri"])
            self._add(root, "uriBucket", _bucket(row["obsid"]))
        else:
            self._add(root, "observationID", row["observationid"])
        self._fields(root, row, fields.OBSERVATION)
        self._each(root, ("planes", "plane"), rows["planes"], lambda one, row: self._plane(one, row, rows))
        if row["typecode"] == "D" and row["members"]:
            members = self._add(root, "members")
            tag = "member" if self._version == "2.5" else "observationURI"
            for member in row["members"].split():
                self._add(members, tag, member)
        return root

    def _plane(self, element: etree._Element, row: Rows, rows: Rows) -> None:
        self._attributes(element, row, "planeid")
        tag, value = ("uri", "planeuri") if self._version == "2.5" else ("productID", "productid")
        self._add(element, tag, row[value])
        self._fields(element, row, fields.PLANE)
        artifacts = [one for one in rows["artifacts"] if one["planeid"] == row["planeid"]]
        self._each(
            element, ("artifacts", "artifact"), artifacts, lambda one, row: self._artifact(one, row, rows)
        )

    def _artifact(self, element: etree._Element, row: Rows, rows: Rows) -> None:
        self._attributes(element, row, "artifactid")
        # The schemas want these two; a file of which nothing is said is data.
        said = {
            **row,
            "producttype": row["producttype"] or "science",
            "releasetype": row["releasetype"] or "data",
        }
        self._fields(element, said, fields.ARTIFACT)
        if self._version == "2.5":
            bucket = etree.Element(etree.QName(self._namespace, "uriBucket"))
            bucket.text = _bucket(row["artifactid"])
            element.insert(1, bucket)
        parts = [one for one in rows["parts"] if one["artifactid"] == row["artifactid"]]
        self._each(element, ("parts", "part"), parts, lambda one, row: self._part(one, row, rows))

    def _part(self, element: etree._Element, row: Rows, rows: Rows) -> None:
        self._attributes(element, row, "partid")
        self._fields(element, row, fields.PART)
        chunks = [one for one in rows["chunks"] if one["partid"] == row["partid"]]
        self._each(element, ("chunks", "chunk"), chunks, self._chunk)

    def _chunk(self, element: etree._Element, row: Rows) -> None:
        self._attributes(element, row, "chunkid")
        self._fields(element, row, fields.CHUNK)

    def _each(
        self,
        parent: etree._Element,
        tags: tuple[str, str],
        rows: Sequence[Rows],
        write: Callable[[etree._Element, Rows], None],
    ) -> None:
        if rows:
            group = self._add(parent, tags[0])
            for row in rows:
                write(self._add(group, tags[1]), row)

    def _attributes(self, element: etree._Element, row: Rows, key: str) -> None:
        element.set(etree.QName(self._namespace, "id"), row[key])
        for name, kind in fields.ENTITY:
            value = row[name.lower()]
            if value is not None and not name.endswith("Checksum"):  # which are of the document as it is now
                element.set(
                    etree.QName(self._namespace, name), _date(value) if kind == "date" else _text(value)
                )

    def _fields(self, element: etree._Element, row: Rows, known: Sequence[Field]) -> None:
        open_elements: dict[tuple[str, ...], etree._Element] = {(): element}
        for one in known:
            if row[one.column] is None or not one.since <= self._version <= one.until:
                continue
            for depth in range(1, len(one.path)):
                above = one.path[:depth]
                if above not in open_elements:
                    open_elements[above] = self._add(open_elements[above[:-1]], above[-1])
            self._field(open_elements[one.path[:-1]], one, row)

    def _field(self, parent: etree._Element, one: Field, row: Rows) -> None:
        value, name = row[one.column], one.path[-1]
        if one.kind == "region":
            write_bounds(parent, value, self._version)
        elif one.kind == "sampled":
            self._sampled(parent, one, row)
        elif one.kind == "interval":
            self._interval(self._add(parent, name), value)
        elif one.kind == "groups":
            self._words(parent, name, "groupURI", value)
        elif one.kind[-1] in "|_/":
            separator = one.kind[-1].replace("_", " ")
            self._words(parent, name, one.kind[:-1], [word for word in value.split(separator) if word])
        elif one.kind in {"ranges", "outline"}:
            (write_ranges if one.kind == "ranges" else write_outline)(self._add(parent, name), value)
        else:
            self._add(parent, name, _written(one.kind, value))

    def _words(self, parent: etree._Element, name: str, tag: str, words: Sequence[str]) -> None:
        if words:
            group = self._add(parent, name)
            for word in words:
                self._add(group, tag, word)

    def _sampled(self, parent: etree._Element, one: Field, row: Rows) -> None:
        ends = row[one.column]
        bounds = self._add(parent, one.path[-1])
        self._interval(bounds, ends)
        parts = row[f"{one.column}_samples"] or ends
        samples = self._add(parent if self._version == "2.5" else bounds, "samples")
        for start in range(0, len(parts), 2):
            self._interval(self._add(samples, "sample"), parts[start : start + 2])

    def _interval(self, element: etree._Element, ends: Sequence[float]) -> None:
        self._add(element, "lower", repr(float(ends[0])))
        self._add(element, "upper", repr(float(ends[1])))

    def _add(self, parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
        made = etree.SubElement(parent, etree.QName(self._namespace, name))
        if text is not None:
            made.text = _text(text)
        return made


def _written(kind: str, value: str | float) -> str:
    if kind == "date":
        return _date(str(value))
    if kind == "truth":
        return "true" if value else "false"
    return repr(float(value)) if kind == "real" else str(value)


def _date(value: str) -> str:
    """With milliseconds, as IVOA dates are; with more only where there are more."""
    moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=precision).removesuffix("+00:00")


def _text(text: str) -> str:
    """A text that XML can hold."""
    return "".join(one if one.isprintable() or one in "\t\n" else "?" for one in text)


def _bucket(identifier: str) -> str:
    """CAOM 2.5 spreads entities over buckets by three digits of hexadecimal."""
    return identifier[:3]
