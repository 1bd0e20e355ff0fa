"""The rows of a spectrum's table that lie in a band."""

from dataclasses import dataclass

import numpy as np

from voserver.catalogue.cutouts.cards import Value
from voserver.catalogue.cutouts.pieces import Piece, Range
from voserver.catalogue.cutouts.spectral import metres
from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.catalogue.cutouts.tables import Column, read_rows, table_of

_NAMES = ("WAVELENGTH", "WAVE", "LAMBDA")
_MARGIN = 1e-12
"""Of a wavelength: what micrometres lose when they are written as metres."""


@dataclass(frozen=True)
class Rows:
    """Rows of a table: what is written, what changes in the header, and which they are, in words."""

    pieces: list[Piece]
    changes: dict[str, Value]
    words: str


def spectrum_of(unit: Unit) -> Column | None:
    """The column of wavelengths, where a unit is a table that has one."""
    if unit.kind != "BINTABLE" or unit.is_compressed or not unit.length:
        return None
    table = table_of(unit)
    for name in _NAMES:
        column = table.column(name)
        if column is not None and column.kind in "EDIJKB" and column.count:
            return column
    return None


def in_band(unit: Unit, band: tuple[float, float], source: Source) -> Rows | None:
    """The rows with a wavelength (m) in a band; None where there are none. A row of a whole spectrum is kept whole.

    Raises:
        UsageError: the table is too large, or its unit is not known.
    """
    column = spectrum_of(unit)
    assert column is not None
    table = table_of(unit)
    content = read_rows(table, source)
    wavelengths = table.values(column, content) * metres(column.unit or "um")
    with np.errstate(invalid="ignore"):
        inside = (wavelengths >= band[0] * (1 - _MARGIN)) & (wavelengths <= band[1] * (1 + _MARGIN))
    kept = np.flatnonzero(inside.any(axis=1))
    if not len(kept):
        return None
    chosen = np.frombuffer(content, np.uint8).reshape(table.rows, table.width)[kept].tobytes()
    pieces: list[Piece] = [chosen]
    changes: dict[str, Value] = {"NAXIS2": len(kept)}
    end = unit.data + table.width * table.rows
    if "THEAP" in unit.cards:
        heap = unit.data + unit.cards.natural("THEAP")
        # A gap before the heap is kept: what the header says of its size stays right.
        changes["THEAP"] = len(chosen) + max(0, heap - end)
    if unit.data + unit.length > end:
        pieces.append(Range(end, unit.data + unit.length))
    return Rows(pieces, changes, f"{kept[0] + 1} to {kept[-1] + 1}")
