"""A FITS file of what a filter selects: every array that belongs to the selection is cut alike, headers say so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

import voserver
from voserver.catalogue.cutouts import rows
from voserver.catalogue.cutouts.areas import Area, area_of, positions, touch
from voserver.catalogue.cutouts.cards import Value
from voserver.catalogue.cutouts.pieces import Piece, Range, Slab, filled, size_of
from voserver.catalogue.cutouts.selection import Box, box_of
from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.catalogue.cutouts.wanted import Extent, Wanted, overlap
from voserver.catalogue.cutouts.world import Sky, World, world_of
from voserver.model.errors import UsageError
from voserver.model.regions import parse_region

_STALE = ("CHECKSUM", "DATASUM", "DATAMIN", "DATAMAX", "ZHECKSUM", "ZDATASUM")
_MODEL = "ASDF"
"""The extension in which the JWST pipeline keeps its own model of the file, with a WCS of the whole array."""


@dataclass(frozen=True)
class CutOut:
    """A FITS file that can be written: its pieces in order."""

    pieces: Sequence[Piece]

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(map(size_of, self.pieces))


@dataclass
class Selection:
    """What a filter selects of a file.

    `boxes` and `tables` have what is cut, by the number of the unit; `dropped` what has nothing of it.
    """

    units: list[Unit]
    worlds: dict[int, World]
    boxes: dict[int, Box] = field(default_factory=dict)
    tables: dict[int, rows.Rows] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)


def cut(source: Source, units: list[Unit], wanted: Wanted, extent: Extent, name: str) -> CutOut | None:
    """The cut-out of a FITS file called `name`; None where the filter selects nothing of it.

    `units` are those of the source. Of what is behind the headers only columns that are looked up are read here.

    Raises:
        UsageError: the file is broken, or cannot be cut like that.
    """
    selection = select(source, units, wanted, extent)
    return None if selection is None else CutOut(_pieces(selection, wanted, name))


def select(source: Source, units: list[Unit], wanted: Wanted, extent: Extent) -> Selection | None:
    """What a filter selects; None where that is nothing. Raises as `cut`."""
    arrays = [unit for unit in units if unit.kind == "IMAGE" and unit.length]
    worlds = {unit.number: world_of(unit, units, source) for unit in arrays}
    selection = Selection(units, worlds)
    if not _may_overlap(selection, wanted, extent):
        return None
    placed = [unit for unit in arrays if _has_place(worlds[unit.number])]
    for unit in placed:
        box = box_of(unit, worlds[unit.number], wanted)
        if box is None:
            selection.dropped.add(unit.number)
        else:
            selection.boxes[unit.number] = box
    for unit in arrays:
        _follow(unit, placed, selection)
    if wanted.band is not None:
        _select_rows(selection, wanted.band, source)
    is_empty = selection.dropped and not (selection.boxes or selection.tables)
    return None if is_empty else selection


def _has_place(world: World) -> bool:
    return world.sky is not None or world.spectral is not None or world.polarization is not None


def _may_overlap(selection: Selection, wanted: Wanted, extent: Extent) -> bool:
    """By axes that the file's arrays do not have: what is known of the whole file decides."""
    worlds = selection.worlds.values()
    has_wavelengths = any(world.spectral for world in worlds) or bool(_spectra(selection))
    if wanted.area is not None and not any(world.sky for world in worlds):
        if worlds and not has_wavelengths:
            raise UsageError(
                "The file has no WCS in its headers that a region could be cut out by.",
                hint="Leave out CIRCLE, POLYGON and POS, or take the whole file.",
            )
        areas = extent.area or _footprints(selection.units)
        if areas and not any(touch(wanted.area, area) for area in areas):
            return False
    if wanted.time is not None and not overlap(wanted.time, extent.time or _exposure(selection.units)):
        return False
    return has_wavelengths or overlap(wanted.band, extent.band)


def _spectra(selection: Selection) -> list[Unit]:
    """The tables of spectra: those with wavelengths that no array looks its own up in."""
    arrays = [unit for unit in selection.units if unit.number in selection.worlds]
    looked_up = {unit.cards.text(f"PS{axis}_0").upper() for unit in arrays for axis in range(1, 10)} - {""}
    return [
        unit for unit in selection.units if unit.name not in looked_up and rows.spectrum_of(unit) is not None
    ]


def _footprints(units: Sequence[Unit]) -> tuple[Area, ...]:
    texts = [unit.cards.text("S_REGION") for unit in units]
    return tuple(area_of(shape) for text in texts if text for shape in parse_region(text).shapes)


def _exposure(units: Sequence[Unit]) -> tuple[float, float] | None:
    """The exposure's interval, as the primary header has it."""
    for first, last in (("MJD-BEG", "MJD-END"), ("EXPSTART", "EXPEND")):
        begin, end = (units[0].cards.values.get(keyword) for keyword in (first, last))
        if isinstance(begin, float | int) and isinstance(end, float | int):
            return float(begin), float(end)
    return None


def _follow(unit: Unit, placed: Sequence[Unit], selection: Selection) -> None:
    """An array without coordinates is cut as the one that it belongs to: of the same version, with the same sides."""
    if unit in placed:
        return
    leaders = [one for one in placed if _is_alike(unit, one)]
    of_version = [one for one in leaders if one.version == unit.version] or leaders
    before = [one for one in of_version if one.number < unit.number]
    if not of_version:
        return
    leader = before[-1] if before else of_version[0]
    if leader.number in selection.dropped:
        selection.dropped.add(unit.number)
        return
    box = selection.boxes[leader.number]
    selection.boxes[unit.number] = {axis: ends for axis, ends in box.items() if axis <= len(unit.shape)}


def _is_alike(unit: Unit, leader: Unit) -> bool:
    shared = min(len(unit.shape), len(leader.shape))
    return shared >= min(2, len(leader.shape)) and unit.shape[:shared] == leader.shape[:shared]


def _select_rows(selection: Selection, band: tuple[float, float], source: Source) -> None:
    for unit in _spectra(selection):
        found = rows.in_band(unit, band, source)
        if found is None:
            selection.dropped.add(unit.number)
        else:
            selection.tables[unit.number] = found


def _pieces(selection: Selection, wanted: Wanted, name: str) -> list[Piece]:
    kept = [unit for unit in selection.units if unit.number == 0 or unit.number not in selection.dropped]
    is_cut = bool(selection.boxes or selection.tables or selection.dropped)
    models = [unit for unit in kept if is_cut and unit.name == _MODEL]
    kept = [unit for unit in kept if unit not in models]
    pieces: list[Piece] = []
    for unit in kept:
        changes: dict[str, Value] = {}
        history: list[str] = []
        if unit.number == 0:
            history = _history(selection, wanted, name, has_model=bool(models))
            if "NEXTEND" in unit.cards:
                changes["NEXTEND"] = len(kept) - 1
        pieces += _unit(unit, selection, changes, history)
    return pieces


def _unit(unit: Unit, selection: Selection, changes: dict[str, Value], history: list[str]) -> list[Piece]:
    if unit.number in selection.dropped:  # the primary array: its header is needed
        changes["NAXIS"] = 0
        axes = [f"NAXIS{axis}" for axis in range(1, len(unit.shape) + 1)]
        return [unit.cards.changed(changes, without=(*_STALE, *axes), history=history)]
    if unit.number in selection.tables:
        found = selection.tables[unit.number]
        header = unit.cards.changed(changes | found.changes, without=_STALE, history=history)
        return [header, *filled(found.pieces)]
    box = selection.boxes.get(unit.number, {})
    changes |= _moved(unit, box, selection.worlds.get(unit.number, World()).sky)
    stale = _STALE if box or history or changes else ()
    header = unit.cards.changed(changes, without=stale, history=history)
    if not unit.length:
        return [header]
    data = Slab(unit, box) if box else Range(unit.data, unit.data + unit.length)
    return [header, *filled([data], b" " if unit.kind == "TABLE" else b"\0")]


def _moved(unit: Unit, box: Box, sky: Sky | None) -> dict[str, Value]:
    """The keywords that a cut changes: sizes, and where the reference pixel is now (all versions of the WCS)."""
    changes: dict[str, Value] = {}
    for axis, (first, last) in box.items():
        changes[f"NAXIS{axis}"] = last - first + 1
        for keyword, value in unit.cards.values.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and re.fullmatch(rf"(CRPIX{axis}[A-Z]?|LTV{axis})", keyword):
                changes[keyword] = float(value) - (first - 1)
    if sky is not None and "S_REGION" in unit.cards and any(axis in box for axis in sky.axes):
        changes["S_REGION"] = _footprint(unit, box, sky)
    return changes


def _footprint(unit: Unit, box: Box, sky: Sky) -> str:
    """The outline of the cut array, from corner to corner."""
    (left, right), (low, high) = (box.get(axis, (1, unit.shape[axis - 1])) for axis in sky.axes)
    x = np.array([left - 0.5, right + 0.5, right + 0.5, left - 0.5])
    y = np.array([low - 0.5, low - 0.5, high + 0.5, high + 0.5])
    longitude, latitude = positions(sky.to_sky(x, y))
    corners = " ".join(f"{lon:.9f} {lat:.9f}" for lon, lat in zip(longitude, latitude, strict=True))
    return f"POLYGON ICRS  {corners}"


def _history(selection: Selection, wanted: Wanted, name: str, *, has_model: bool) -> list[str]:
    lines = [f"Cut out of {name} by voserver {voserver.__version__}:", wanted.words]
    for number, box in selection.boxes.items():
        if number in selection.worlds and _has_place(selection.worlds[number]) and box:
            ends = [f"{first}:{last}" for first, last in _limits(selection.units[number], box)]
            lines.append(f"pixels [{','.join(ends)}] of {selection.units[number]}")
    lines += [
        f"rows {found.words} of {selection.units[number]}" for number, found in selection.tables.items()
    ]
    if has_model:
        lines.append(f"The extension {_MODEL} was left out: its WCS is that of the whole array.")
    return lines


def _limits(unit: Unit, box: Box) -> list[tuple[int, int]]:
    return [box.get(axis, (1, length)) for axis, length in enumerate(unit.shape, 1)]
