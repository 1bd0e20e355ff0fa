"""OAI-PMH 2.0 as XML: the envelope of every answer, headers of records, and records in Dublin Core."""

from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from voserver.catalogue.record_dates import RecordDates
from voserver.protocols.registry.arguments import MANAGED, OaiError
from voserver.protocols.registry.records import RI, XSI, stamp

OAI = "http://www.openarchives.org/OAI/2.0/"
_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_ELEMENTS = "http://purl.org/dc/elements/1.1/"

SCHEMAS = {
    "ivo_vor": ("http://www.ivoa.net/xml/RegistryInterface/v1.0", RI),
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", _DC),
}
"""The schema and the namespace of each format of records."""

_FROM_RESOURCE = (
    ("title", "title"),
    ("creator", "curation/creator/name"),
    ("subject", "content/subject"),
    ("description", "content/description"),
    ("publisher", "curation/publisher"),
    ("type", "content/type"),
    ("identifier", "identifier"),
    ("rights", "rights"),
)
"""Dublin Core from VOResource (VOResource 1.2, table of the core metadata)."""


def child(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Add an element of OAI-PMH's."""
    added = etree.SubElement(parent, f"{{{OAI}}}{name}", attributes)
    added.text = text
    return added


def envelope(url: str, arguments: Mapping[str, str], now: datetime) -> etree._Element:
    """An answer as it begins: when it was given, and to what."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={"oai": OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI}OAI-PMH.xsd")
    child(root, "responseDate", stamp(now))
    child(root, "request", url, **arguments)
    return root


def error_document(url: str, arguments: Mapping[str, str], now: datetime, error: OaiError) -> bytes:
    """An answer that says what was wrong; a request that was not understood is not repeated (§3.2)."""
    understood = error.code not in {"badVerb", "badArgument"}
    root = envelope(url, arguments if understood else {}, now)
    child(root, "error", str(error), code=error.code)
    return written(root)


def written(root: etree._Element) -> bytes:
    """An answer as it is sent."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def header(parent: etree._Element, dates: RecordDates) -> None:
    """Add what identifies a record."""
    added = child(parent, "header")
    if dates.is_deleted:
        added.set("status", "deleted")
    child(added, "identifier", dates.identifier)
    child(added, "datestamp", stamp(dates.updated))
    child(added, "setSpec", MANAGED)


def dublin_core(resource: etree._Element) -> etree._Element:
    """A record in the words that libraries know."""
    made = etree.Element(f"{{{_DC}}}dc", nsmap={"oai_dc": _DC, "dc": _ELEMENTS, "xsi": XSI})
    made.set(f"{{{XSI}}}schemaLocation", f"{_DC} {SCHEMAS['oai_dc'][0]}")
    for name, path in _FROM_RESOURCE:
        for found in resource.iterfind(path):
            etree.SubElement(made, f"{{{_ELEMENTS}}}{name}").text = found.text
    etree.SubElement(made, f"{{{_ELEMENTS}}}date").text = resource.get("updated")
    return made
