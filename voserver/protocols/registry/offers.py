"""What the archive offers: each service and collection that has a record of its own in the registry."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from voserver.model.tables import Schema, Table, Tables
from voserver.protocols.capabilities import Maker
from voserver.protocols.datalink.capabilities import links_document
from voserver.protocols.discovery import capabilities as discovery
from voserver.protocols.discovery import cone
from voserver.protocols.registry.capabilities import registry_document
from voserver.protocols.soda.capabilities import soda_document
from voserver.protocols.tap.capabilities import tap_document

COLLECTIONS = {"obscore": "ivoa.ObsCore", "obsplan": "ivoa.obsplan"}
"""The tables that standards have names for: each is a collection with a record, and TAP serves it."""

_OWN_SCHEMAS = frozenset({"caom2", "ivoa", "jwst"})
_NO_KEY = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Offer:
    """A resource: its key below the authority, its type, its words.

    `capabilities` makes the document that its service shows. A collection has none but that of the service which
    serves it.
    """

    key: str
    kind: str
    title: str
    short: str
    about: str
    capabilities: Maker | None = None
    tables: Tables | None = None
    is_jwst: bool = True
    related: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Relationships to others: what, and to which keys."""


def resource_key(name: str) -> str:
    """A table's name as part of an IVOA identifier, which takes few characters (Identifiers 2.0 §2.3.2)."""
    plain = _NO_KEY.sub("_", name)
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _only(tables: Tables, table: Table) -> Tables:
    """A table set with one table."""
    schema = next(schema for schema in tables.schemas if schema.name == table.schema)
    return Tables((Schema(schema.name, (table,), schema.description, schema.utype),))


def _searches(collections: tuple[str, ...]) -> Iterator[Offer]:
    serves = (("IsServiceFor", collections),) if collections else ()
    yield Offer(
        "sia",
        "vs:DataService",
        "images and cubes (SIA 2)",
        "SIA2",
        "Images and cubes by position, wavelength, time and instrument, with links to their files.",
        discovery.sia2_document,
        related=serves,
    )
    yield Offer(
        "sia1",
        "vs:DataService",
        "images (SIA 1)",
        "SIA",
        "Images by position and size, with links to their files.",
        discovery.sia1_document,
        related=serves,
    )
    yield Offer(
        "ssa",
        "vs:DataService",
        "spectra (SSA)",
        "SSA",
        "Extracted spectra by position, wavelength, time and target, with links to their files.",
        discovery.ssa_document,
        related=serves,
    )


def _beside() -> Iterator[Offer]:
    """What belongs to files that were found."""
    yield Offer(
        "datalink",
        "vs:DataService",
        "links of datasets (DataLink)",
        "DataLink",
        "Everything that belongs to a dataset: its files, previews, what it was made from, and cut-outs of it.",
        links_document,
    )
    yield Offer(
        "soda",
        "vs:DataService",
        "cut-outs (SODA)",
        "SODA",
        "Parts of images, cubes and spectra, by region, wavelength and time.",
        soda_document,
    )


def _cones(tables: Tables) -> Iterator[Offer]:
    for table in tables:
        if not cone.position_of(table):
            continue
        yield Offer(
            f"scs/{resource_key(table.full_name)}",
            "vs:CatalogService",
            f"cone search of {table.full_name}",
            "SCS",
            f"Rows of {table.full_name} about a position. {table.description or ''}".strip(),
            partial(discovery.cone_document, table.full_name),
            _only(tables, table),
            is_jwst=table.schema.lower() in _OWN_SCHEMAS,
        )


def offers(tables: Tables) -> Iterator[Offer]:
    """Everything offered, as it is now."""
    collections = {key: table for key, name in COLLECTIONS.items() if (table := tables.find(name))}
    keys = tuple(collections)
    yield Offer(
        "registry",
        "vg:Registry",
        "registry",
        "registry",
        "What this archive offers, for registries of the Virtual Observatory to harvest.",
        registry_document,
        is_jwst=False,
    )
    yield Offer(
        "tap",
        "vs:CatalogService",
        "tables (TAP)",
        "TAP",
        "All tables of the archive, by ADQL: observations, files, instruments, CAOM, ObsCore.",
        tap_document,
        tables,
        related=(("IsServiceFor", keys),) if keys else (),
    )
    yield from _searches(keys)
    yield from _beside()
    yield from _cones(tables)
    for key, table in collections.items():
        yield Offer(
            key,
            "vs:CatalogResource",
            f"observations ({table.name})" if key == "obscore" else f"planned and past visits ({table.name})",
            table.name,
            table.description or f"The table {table.full_name}.",
            tables=_only(tables, table),
            related=(("IsServedBy", ("tap",)),),
        )
