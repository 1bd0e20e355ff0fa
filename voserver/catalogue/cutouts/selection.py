"""The box of pixels that a filter selects of an array."""

from collections.abc import Mapping

import numpy as np

from voserver.catalogue.cutouts.areas import Area, Array, Mask, cap_around
from voserver.catalogue.cutouts.structure import Unit
from voserver.catalogue.cutouts.wanted import Wanted
from voserver.catalogue.cutouts.world import Sky, World
from voserver.model.errors import UsageError

Box = Mapping[int, tuple[int, int]]
"""The first and the last pixel of each axis that is cut; axes and pixels count from 1."""

_MOST_CHANNELS = 10_000_000
_MOST_ON_SIDE = 20_000  # places along an edge that are looked at


def box_of(unit: Unit, world: World, wanted: Wanted) -> Box | None:
    """The pixels of an array that a filter selects; None where it selects none.

    Axes that the array does not have select nothing and exclude nothing.

    Raises:
        UsageError: the array's coordinates cannot be understood.
    """
    box: dict[int, tuple[int, int]] = {}
    if wanted.area is not None and world.sky is not None:
        found = _on_sky(unit, world.sky, wanted.area)
        if found is None:
            return None
        box |= found
    if wanted.band is not None and world.spectral is not None:
        channels = _channels(unit, world, wanted.band)
        if channels is None:
            return None
        box[world.spectral] = channels
    if wanted.states and world.polarization is not None:
        matching = [number for number, state in enumerate(world.states, 1) if state in wanted.states]
        if not matching:
            return None
        box[world.polarization] = (matching[0], matching[-1])
    return box


def outline(sky: Sky, shape: tuple[int, ...]) -> Array:
    """Directions along the outer edge of an array, corner to corner; shape (n, 3)."""
    x, y = _edge(*(shape[axis - 1] for axis in sky.axes))
    return sky.to_sky(x, y)


def _edge(columns: int, rows: int) -> tuple[Array, Array]:
    along = np.linspace(0.5, columns + 0.5, min(columns, _MOST_ON_SIDE) + 1)
    up = np.linspace(0.5, rows + 0.5, min(rows, _MOST_ON_SIDE) + 1)
    x = np.concatenate([along, np.full_like(up, columns + 0.5), along[::-1], np.full_like(up, 0.5)])
    y = np.concatenate([np.full_like(along, 0.5), up, np.full_like(along, rows + 0.5), up[::-1]])
    return x, y


def _on_sky(unit: Unit, sky: Sky, area: Area) -> Box | None:
    """The box around what an area and an array have in common.

    Its sides touch the area's boundary inside the array, or the array's edge inside the area.
    """
    columns, rows = (unit.shape[axis - 1] for axis in sky.axes)
    if not (columns and rows):
        return None
    edge_x, edge_y = _edge(columns, rows)
    edge = sky.to_sky(edge_x, edge_y)
    is_there: Mask = np.asarray(np.isfinite(edge).all(axis=1))
    if not is_there.any():
        raise UsageError(f"The WCS of {unit} cannot be understood: its edges are nowhere on the sky.")
    margin = np.pi if not is_there.all() else sky.scale
    near = cap_around(edge[is_there], margin)
    boundary = area.boundary(near, sky.scale / 2)
    x, y = sky.to_pixels(boundary) if len(boundary) else (np.empty(0), np.empty(0))
    with np.errstate(invalid="ignore"):
        inside = (x >= 0.5) & (x <= columns + 0.5) & (y >= 0.5) & (y <= rows + 0.5)
    covered = area.contains(np.where(is_there[:, None], edge, 0.0)) & np.asarray(is_there)
    all_x, all_y = np.concatenate([x[inside], edge_x[covered]]), np.concatenate([y[inside], edge_y[covered]])
    if not len(all_x):
        return None
    first, second = sky.axes
    return {first: _pixels(all_x, columns), second: _pixels(all_y, rows)}


def _pixels(places: Array, count: int) -> tuple[int, int]:
    """The pixels that reach from the least to the greatest of these places."""
    first = int(np.floor(places.min() + 0.5 + 1e-6))
    last = int(np.ceil(places.max() - 0.5 - 1e-6))
    first = min(max(first, 1), count)
    return first, min(max(last, first), count)


def _channels(unit: Unit, world: World, band: tuple[float, float]) -> tuple[int, int] | None:
    """The channels that a band touches: each reaches halfway to its neighbours."""
    assert world.spectral is not None
    assert world.wavelengths is not None
    count = unit.shape[world.spectral - 1]
    if count > _MOST_CHANNELS:
        raise UsageError(f"The spectral axis of {unit} is too long: {count:,} channels.")
    with np.errstate(over="ignore", invalid="ignore"):
        edges = world.wavelengths(np.arange(0.5, count + 1, dtype=float))
    low, high = np.minimum(edges[:-1], edges[1:]), np.maximum(edges[:-1], edges[1:])
    touched = np.flatnonzero((high >= band[0]) & (low <= band[1]))
    return (int(touched[0]) + 1, int(touched[-1]) + 1) if len(touched) else None
