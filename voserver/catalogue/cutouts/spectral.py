"""The wavelengths along an axis of an array, in metres: evenly spaced, or from a table (FITS 4.0 §8.4, Paper III)."""

import re
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from voserver.catalogue.cutouts.areas import Array
from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.catalogue.cutouts.tables import column_of
from voserver.model.errors import UsageError

_LIGHT = 299_792_458.0  # m/s
_PLANCK = 6.62607015e-34  # J s
_METRES = {
    "m": 1.0, "": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "micron": 1e-6, "microns": 1e-6, "micrometer": 1e-6,
    "nm": 1e-9, "angstrom": 1e-10, "angstroms": 1e-10, "a": 1e-10,
}  # fmt: skip
_HERTZ = {"hz": 1.0, "": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9, "thz": 1e12}
_JOULES = {"j": 1.0, "": 1.0, "ev": 1.602176634e-19, "kev": 1.602176634e-16, "mev": 1.602176634e-13}
_KIND = re.compile(r"(WAVE|AWAV|FREQ|ENER)(?:-(LOG|TAB))?|(WAVELENGTH|LAMBDA)|(FREQUENCY)")
_MOST = 1_000_000  # wavelengths of a table


def is_spectral(kind: str) -> bool:
    """Whether an axis with this CTYPE is one of wavelengths, frequencies or energies."""
    return _KIND.fullmatch(kind) is not None


def metres(unit: str) -> float:
    """How many metres a unit of length is.

    Raises:
        UsageError: it is not known.
    """
    return _factor(_METRES, unit)


def wavelengths(unit: Unit, axis: int, units: Sequence[Unit], source: Source) -> Callable[[Array], Array]:
    """The wavelength (m, in vacuum) as a function of the pixel, counted from 1.

    Raises:
        UsageError: the header does not tell it.
    """
    cards = unit.cards
    found = _KIND.fullmatch(cards.text(f"CTYPE{axis}").upper())
    assert found is not None
    kind = found[1] or ("WAVE" if found[3] else "FREQ")
    reference = cards.number(f"CRVAL{axis}", 0.0)
    at = cards.number(f"CRPIX{axis}", 0.0)
    scaled = cards.number(f"CDELT{axis}", 1.0) * cards.number(f"PC{axis}_{axis}", 1.0)
    step = cards.number(f"CD{axis}_{axis}", scaled)
    written = cards.text(f"CUNIT{axis}")
    linear = partial(_linear, reference=reference, at=at, step=step)
    if found[2] == "TAB":
        values, table_unit = _table(unit, axis, units, source)
        coordinate, written = partial(_looked_up, linear, values), table_unit or written
    elif found[2] == "LOG":
        if not reference > 0:
            raise UsageError(f"The wavelengths of {unit} cannot be understood: CRVAL{axis} is not positive.")
        coordinate = partial(_logarithmic, linear, reference)
    else:
        coordinate = linear
    return partial(_in_metres, kind, _factor(_UNITS[kind], written), coordinate)


_UNITS = {"WAVE": _METRES, "AWAV": _METRES, "FREQ": _HERTZ, "ENER": _JOULES}


def _factor(known: dict[str, float], unit: str) -> float:
    factor = known.get(unit.strip().lower())
    if factor is None:
        raise UsageError(f"The unit {unit[:20]!r} of a spectral axis is not known.")
    return factor


def _linear(pixels: Array, *, reference: float, at: float, step: float) -> Array:
    return reference + (pixels - at) * step


def _logarithmic(linear: Callable[[Array], Array], reference: float, pixels: Array) -> Array:
    return np.asarray(reference * np.exp((linear(pixels) - reference) / reference))


def _looked_up(linear: Callable[[Array], Array], values: Array, pixels: Array) -> Array:
    """The table's values count from 1; up to half a step beyond its ends they go on as before (Paper III §6.1)."""
    index = linear(pixels) - 1
    low = np.clip(np.floor(index), 0, len(values) - 2).astype(int)
    return np.asarray(values[low] + (index - low) * (values[low + 1] - values[low]))


def _in_metres(kind: str, factor: float, coordinate: Callable[[Array], Array], pixels: Array) -> Array:
    value = coordinate(pixels) * factor
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if kind == "FREQ":
            return np.asarray(_LIGHT / value)
        if kind == "ENER":
            return np.asarray(_PLANCK * _LIGHT / value)
        return in_vacuum(value) if kind == "AWAV" else value


def in_vacuum(air: Array) -> Array:
    """The wavelength in vacuum of one in air (Paper III §4, eq. 65), metres."""
    squared = (air * 1e6) ** -2.0
    index = 1 + 1e-6 * (287.6155 + 1.62887 * squared + 0.01360 * squared**2)
    return np.asarray(air * index)


def _table(unit: Unit, axis: int, units: Sequence[Unit], source: Source) -> tuple[Array, str]:
    """The values that an axis is looked up in, and their unit."""
    name, column = unit.cards.text(f"PS{axis}_0").upper(), unit.cards.text(f"PS{axis}_1")
    version = unit.cards.number(f"PV{axis}_1", 1.0)
    tables = [one for one in units if one.kind == "BINTABLE" and one.name == name and one.version == version]
    if not tables:
        raise UsageError(f"The wavelengths of {unit} are in a table {name!r}, which the file does not have.")
    values, written = column_of(tables[0], column, source, most=_MOST)
    if len(values) < 2 or not np.isfinite(values).all():
        raise UsageError(f"The wavelengths of {unit} are in the table {name!r}, which has none.")
    return values, written
