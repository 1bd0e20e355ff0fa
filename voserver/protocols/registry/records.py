"""The records of the registry: VOResource 1.2 with its extensions, one for each thing that the archive offers.

A record's capabilities are taken from the document that the service itself shows, its tables from what VOSI shows.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree
from vo_models.voresource import models as voresource

from voserver.catalogue.record_dates import RecordDates
from voserver.model.tables import Tables
from voserver.protocols.capabilities import capability, param_http
from voserver.protocols.documents import xml_element
from voserver.protocols.registry.offers import Offer, offers
from voserver.protocols.tap.vodataservice import table_set_document
from voserver.settings import Settings

RI = "http://www.ivoa.net/xml/RegistryInterface/v1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

_NAMESPACES = {
    "ri": RI,
    "vr": "http://www.ivoa.net/xml/VOResource/v1.0",
    "vg": "http://www.ivoa.net/xml/VORegistry/v1.0",
    "vs": "http://www.ivoa.net/xml/VODataService/v1.1",
    "xsi": XSI,
}
_NEEDED = ("base_url", "registry_publisher", "registry_contact_name", "registry_contact_email")
_EXAMPLE = "voserver.example"
_CONTENT_TYPES = {"vr:Organisation": "Organisation", "vg:Registry": "Registry", "vg:Authority": "Other"}
"""What records are of, in terms of https://www.ivoa.net/rdf/voresource/content_type; the others are an archive's."""

_EXTENSIONS = {
    "tr": "http://www.ivoa.net/xml/TAPRegExt/v1.0",
    "cs": "http://www.ivoa.net/xml/ConeSearch/v1.0",
    "sia": "http://www.ivoa.net/xml/SIA/v1.1",
    "ssap": "http://www.ivoa.net/xml/SSA/v1.1",
}
"""The prefixes that the services' capabilities name their types with."""

_UNSET = "not set"
_SOME_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # stands in records until the database tells the right one

BASE = "https://base-url.invalid"
"""What stands in a record for the service's URL, which an operator may leave to each request."""


@dataclass(frozen=True)
class Record:
    """A record without its dates, and with `BASE` for the service's URL. `digest` changes with what it says."""

    identifier: str
    document: bytes
    digest: str

    def resource(self, base: str, dates: RecordDates) -> etree._Element:
        """The record as an element, whole."""
        resource = etree.fromstring(self.document.replace(BASE.encode(), _escaped(base)))
        resource.set("created", stamp(dates.created))
        resource.set("updated", stamp(dates.updated))
        return resource


def stamp(moment: datetime) -> str:
    """A time as the registry writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


def missing_settings(settings: Settings) -> list[str]:
    """Which settings must be made before the archive can be registered; until then its records are inactive."""
    missing = [name for name in _NEEDED if not getattr(settings, name)]
    if settings.authority == _EXAMPLE:
        missing.insert(0, "authority")
    return [f"VOSERVER_{name.upper()}" for name in missing]


def identifier_of(settings: Settings, key: str = "") -> str:
    """The IVOA identifier of a record; that of the authority has no key."""
    return f"ivo://{settings.authority}/{key}" if key else f"ivo://{settings.authority}"


def make_records(tables: Tables, settings: Settings) -> dict[str, Record]:
    """Every record, by its identifier."""
    base = (settings.base_url or "").rstrip("/").encode()
    made = {}
    for resource in _resources(tables, settings):
        identifier, document = str(resource.findtext("identifier")), etree.tostring(resource)
        digest = hashlib.sha256(document.replace(BASE.encode(), base)).hexdigest()
        made[identifier] = Record(identifier, document, digest)
    return made


def _resources(tables: Tables, settings: Settings) -> Iterator[etree._Element]:
    words = _Words(settings)
    organisation = words.resource(
        "org",
        "vr:Organisation",
        settings.registry_publisher or _UNSET,
        None,
        f"The publisher of {settings.registry_title}.",
        reference=settings.registry_publisher_url,
    )
    yield organisation
    authority = words.resource(
        "",
        "vg:Authority",
        f"{settings.registry_title}: naming authority",
        None,
        f"Identifiers that begin with {identifier_of(settings)} are given by {settings.registry_title}.",
    )
    managing = etree.SubElement(authority, "managingOrg", {"ivo-id": identifier_of(settings, "org")})
    managing.text = settings.registry_publisher or _UNSET
    yield authority
    for offer in offers(tables):
        yield _of_offer(offer, words, settings)


def _of_offer(offer: Offer, words: "_Words", settings: Settings) -> etree._Element:
    resource = words.resource(
        offer.key,
        offer.kind,
        f"{settings.registry_title}: {offer.title}",
        f"{settings.registry_short_name} {offer.short}"[:16],
        f"{settings.registry_description}\n\n{offer.about}",
        related=offer.related,
    )
    if settings.registry_rights:
        rights = etree.SubElement(resource, "rights")
        rights.text = settings.registry_rights
        if settings.registry_rights_url:
            rights.set("rightsURI", settings.registry_rights_url)
    _add_capabilities(resource, offer, settings)
    if offer.kind == "vg:Registry":
        etree.SubElement(resource, "full").text = "false"
        etree.SubElement(resource, "managedAuthority").text = settings.authority
    if offer.is_jwst:
        etree.SubElement(resource, "facility").text = "JWST"
        coverage = etree.SubElement(resource, "coverage")
        for band in ("Optical", "Infrared"):
            etree.SubElement(coverage, "waveband").text = band
    if offer.tables:
        table_set = etree.SubElement(resource, "tableset")
        table_set.extend(list(etree.fromstring(table_set_document(offer.tables, brief=False))))
    return resource


def _add_capabilities(resource: etree._Element, offer: Offer, settings: Settings) -> None:
    """Those of the service; a collection has its table's way through TAP (VODataService 1.2 §3.2.2: auxiliary)."""
    if offer.capabilities is None:
        through_tap = capability("TAP#aux", param_http(f"{BASE}/tap", "base", role="std", version="1.1"))
        resource.append(xml_element(through_tap))
        return
    for found in etree.fromstring(offer.capabilities(BASE, settings)).iterfind("capability"):
        resource.append(found)


class _Words:
    """What all records say alike, from the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        missing = missing_settings(settings)
        self._status = "inactive" if missing else "active"
        publisher = settings.registry_publisher or _UNSET
        named = voresource.ResourceName(value=publisher, ivo_id=identifier_of(settings, "org"))
        self._curation = voresource.Curation(
            publisher=named,
            creator=[voresource.Creator(name=voresource.ResourceName(value=publisher))],
            contact=[
                voresource.Contact(
                    name=voresource.ResourceName(value=settings.registry_contact_name or _UNSET),
                    email=settings.registry_contact_email or None,
                )
            ],
        )

    def resource(
        self,
        key: str,
        kind: str,
        title: str,
        short: str | None,
        about: str,
        *,
        reference: str = "",
        related: Iterable[tuple[str, tuple[str, ...]]] = (),
    ) -> etree._Element:
        """The part of a record that all kinds have (VOResource 1.2 §3.1)."""
        settings = self._settings
        subjects = [term.strip() for term in settings.registry_subjects.split(",") if term.strip()]
        content = {
            "subject": subjects,
            "description": about,
            "reference_url": reference or f"{BASE}/",
            "type": [_CONTENT_TYPES.get(kind, "Archive")],
            "content_level": ["Research"],
            "relationship": [
                {
                    "relationship_type": what,
                    "related_resource": [
                        {"value": f"{settings.registry_title}: {to}", "ivo_id": identifier_of(settings, to)}
                        for to in keys
                    ],
                }
                for what, keys in related
            ],
        }
        common = voresource.Resource.model_validate(
            {
                "created": _SOME_DATE,
                "updated": _SOME_DATE,
                "status": self._status,
                "title": title,
                "short_name": short,
                "identifier": identifier_of(settings, key),
                "curation": self._curation,
                "content": content,
            }
        )
        resource = etree.Element(f"{{{RI}}}Resource", nsmap=_NAMESPACES | _EXTENSIONS)
        resource.set(f"{{{XSI}}}type", kind)
        resource.set("status", self._status)
        resource.set("version", "1.2")
        locations = " ".join(
            f"{namespace} {namespace}" for namespace in resource.nsmap.values() if namespace != XSI
        )
        resource.set(f"{{{XSI}}}schemaLocation", locations)
        resource.extend(list(xml_element(common)))
        return resource
