"""Spectra in binary tables of a FITS file: which column has the wavelengths, and from where to where they go.

Of a file's data this is all that is ever read: the rows of a table with such a column, a piece at a time.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.catalogue.ingest.axes import Spectral, wavelengths

_WAVELENGTHS = ("WAVELENGTH", "WAVE", "LAMBDA", "WAVELENGTHS", "WAVELEN")
_FLUXES = ("FLUX", "FLUX_DENSITY", "FNU", "FLAM", "F_LAMBDA", "F_NU", "SURF_BRIGHT")
_SIZES = {"L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}
_DTYPES = {"E": ">f4", "D": ">f8"}
_FORM = re.compile(r"(\d*)([LXBIJKAEDCMPQ])")
_PIECE = 4 << 20
_MOST = 64 << 20
"""Bytes of a table that are read at most: a spectrum is never that long."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where in a row it is (bytes), and what it holds."""

    name: str
    unit: str
    offset: int
    repeat: int
    code: str


def columns(unit: Unit) -> list[Column]:
    """The columns of a binary table; none where one of them is of no form that FITS has."""
    values = unit.cards.values
    found: list[Column] = []
    offset = 0
    for number in range(1, unit.cards.natural("TFIELDS", 0) + 1):
        form = _FORM.match(str(values.get(f"TFORM{number}", "")))
        if form is None:
            return []
        repeat, code = int(form[1] or 1), form[2]
        name, what = str(values.get(f"TTYPE{number}", "")), str(values.get(f"TUNIT{number}", ""))
        found.append(Column(name.strip(), what.strip(), offset, repeat, code))
        offset += (repeat + 7) // 8 if code == "X" else repeat * _SIZES[code]
    return found


def flux(unit: Unit) -> Column | None:
    """The column of a table that has a spectrum's flux."""
    return _named(columns(unit), _FLUXES) if unit.kind == "BINTABLE" else None


def wavelength_column(unit: Unit) -> Column | None:
    """The column of a table that has a spectrum's wavelengths, as numbers with a fraction."""
    found = _named(columns(unit), _WAVELENGTHS) if unit.kind == "BINTABLE" else None
    return found if found and found.code in _DTYPES and found.repeat else None


def _named(among: list[Column], names: tuple[str, ...]) -> Column | None:
    by_name = {column.name.upper(): column for column in reversed(among)}
    return next((by_name[name] for name in names if name in by_name), None)


def spectral(source: Source, unit: Unit) -> Spectral | None:
    """From where to where a table's wavelengths go, and how many there are; None where it has none."""
    column = wavelength_column(unit)
    if column is None or len(unit.shape) != 2:
        return None
    if not column.offset + column.repeat * _SIZES[column.code] <= unit.shape[0]:
        return None  # the columns are longer than the rows that they are in
    ends: list[float] = []
    count = 0
    for piece in _pieces(source, unit, column):
        good = piece[np.isfinite(piece) & (piece > 0)]
        if good.size:
            ends += [float(good.min()), float(good.max())]
            count = max(count, column.repeat) if column.repeat > 1 else count + len(piece)
    if not ends:
        return None
    return wavelengths([min(ends), max(ends)], count, column.unit or "um")


def _pieces(source: Source, unit: Unit, column: Column) -> list[NDArray[np.float64]]:
    width, rows = unit.shape
    layout = np.dtype(
        {
            "names": ["it"],
            "formats": [(_DTYPES[column.code], (column.repeat,))],
            "offsets": [column.offset],
            "itemsize": width,
        }
    )
    at_once = max(1, _PIECE // width)
    most = min(rows, max(1, _MOST // width))
    return [
        np.frombuffer(
            source.read(unit.data + first * width, unit.data + min(first + at_once, most) * width), layout
        )["it"].astype(np.float64)
        for first in range(0, most, at_once)
    ]
