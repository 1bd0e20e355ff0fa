"""One file at a time becomes rows: what kind of file it is, and who describes that kind. Needs no database."""

import logging
from dataclasses import dataclass

from voserver.catalogue.cutouts.structure import Source
from voserver.catalogue.ingest import companions, csv_spectra, extensions
from voserver.catalogue.ingest.contributed import contribution
from voserver.catalogue.ingest.extensions import Contents
from voserver.catalogue.ingest.header_keywords import Keywords
from voserver.catalogue.ingest.header_records import Described, Manner, product
from voserver.catalogue.ingest.sources import Found, checksum, opened
from voserver.model import jwst
from voserver.model.errors import Unavailable, UsageError
from voserver.settings import Settings

_log = logging.getLogger(__name__)
_FITS = (".fits", ".fit", ".fits.gz")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file with what it becomes, or the reason why it was set aside."""

    file: Found
    described: Described | None = None
    refusal: str | None = None


def is_fits(name: str) -> bool:
    """Whether a file of this name should be FITS, perhaps packed."""
    return name.lower().endswith(_FITS)


def read(file: Found, manner: Manner, settings: Settings) -> Reading:
    """Read a file's headers.

    Raises:
        Unavailable: its store is away.
    """
    if not (file.name.isprintable() and file.place.isprintable()):
        return Reading(file, refusal="its name, or its directory's, has signs that cannot be written")
    try:
        described = _described(file, manner, settings)
    except Unavailable:
        raise
    except UsageError as fault:
        return Reading(file, refusal=fault.message)
    except Exception as fault:  # noqa: BLE001 -- one file like no other must not end an archive's load
        _log.exception("%s cannot be read", file.place)
        return Reading(file, refusal=f"it cannot be read: {type(fault).__name__}: {str(fault)[:200]}")
    return Reading(file, described)


def _described(file: Found, manner: Manner, settings: Settings) -> Described:
    name = _name(file)
    with opened(file, settings) as source:
        total = checksum(file, settings) if manner.with_checksums else None
        if is_fits(file.name):
            contents = extensions.read(source)
            if name:
                return product(file, name, contents, manner, total)
            keywords = Keywords.of(contents.units)
            return contribution(file, contents, keywords, contents.energy, manner, total)
        return _without_header(file, name, source, manner, total)


def _without_header(
    file: Found, name: jwst.ProductName | None, source: Source, manner: Manner, total: str | None
) -> Described:
    listed = companions.list_in(file, source)
    if listed:
        return companions.of_list(file, name, listed, manner, total)
    if name:
        return companions.of_product(file, name, manner, total)
    if file.name.lower().endswith(".csv"):
        spectrum = csv_spectra.read(source)
        if spectrum:
            return contribution(file, Contents(), spectrum.keywords, spectrum.energy, manner, total)
    if file.name.lower().endswith((".csv", ".json", ".json.gz")):
        measured = companions.engineering(file, source, manner, total)
        if measured:
            return measured
    if file.location is None:
        raise UsageError("what it is is not known, and it lies in no store")
    return companions.other(file, manner, total, "what it is is not known: kept as a file")


def _name(file: Found) -> jwst.ProductName | None:
    """The name as one of the archive's own products, or None."""
    try:
        name = jwst.parse(file.name)
    except UsageError:
        return None
    if not name.extension:
        raise UsageError("its name is that of an observation, not of a file")
    return name
