"""Spectra as CSV: a column of wavelengths whose name says its unit, and one of fluxes."""

import csv
import io
import math
import re
from dataclasses import dataclass

from voserver.catalogue.cutouts.structure import Source
from voserver.catalogue.ingest.axes import Spectral, wavelengths
from voserver.catalogue.ingest.header_keywords import Keywords
from voserver.model.errors import UsageError

_WAVELENGTH = re.compile(
    r"(?:[a-z]+_)*(?:wavelength|wave|lambda)[_ \[(]+(um|micron|nm|angstrom|m)[\])]?", re.IGNORECASE
)
_MOST = 64 << 20


@dataclass(frozen=True, slots=True)
class CsvSpectrum:
    """What a CSV file tells: columns that say the same in every row are keywords."""

    keywords: Keywords
    energy: Spectral


_CONSTANTS = {
    "grating": "GRATING",
    "filter": "FILTER",
    "source_id": "SRCNAME",
    "ra": "SRCRA",
    "dec": "SRCDEC",
}


def read(source: Source) -> CsvSpectrum | None:
    """The spectrum in a file; None where its columns are those of something else.

    Raises:
        UsageError: it is a spectrum, but damaged.
    """
    head = source.read(0, min(source.size, 10_000)).decode("utf-8-sig", "replace")
    # Lines end as they like, also by \r alone.
    names = [name.strip() for name in next(csv.reader(head.splitlines()[:1]), [])]
    match = next((found for found in map(_WAVELENGTH.fullmatch, names) if found), None)
    if match is None or not any("flux" in name.lower() for name in names):
        return None
    if source.size > _MOST:
        raise UsageError(f"a spectrum of {source.size:,} bytes of CSV is longer than any")
    text = source.read(0, source.size).decode("utf-8-sig", "replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    except csv.Error as error:
        raise UsageError(f"the file is no whole CSV: {error}") from error
    at = names.index(match.group())
    values = [value for value in (_number(row, at) for row in rows) if value is not None]
    energy = wavelengths([min(values), max(values)], len(values), match[1]) if values else None
    if energy is None:
        raise UsageError(f"the column {match.group()!r} has no wavelengths of JWST's")
    return CsvSpectrum(Keywords([_constants(names, rows)]), energy)


def _number(row: list[str], at: int) -> float | None:
    try:
        value = float(row[at])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) and value > 0 else None


def _constants(names: list[str], rows: list[list[str]]) -> dict[str, str | int | float | bool]:
    found: dict[str, str | int | float | bool] = {}
    for at, name in enumerate(names):
        keyword = _CONSTANTS.get(name.lower())
        values = {row[at] for row in rows if at < len(row)}
        if keyword and len(values) == 1:
            text = values.pop()
            found[keyword] = (_number([text], 0) or text) if keyword in {"SRCRA", "SRCDEC"} else text
    return found
