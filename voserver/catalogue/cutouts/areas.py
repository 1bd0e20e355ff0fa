"""Regions of the sky as NumPy needs them: is a position inside, and where does the boundary run near an image?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voserver.model.errors import UsageError
from voserver.model.regions import Shape

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_COARSE = 0.01  # radians between places on a curve to begin with
_MOST = 200_000  # places on one curve at most
_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Cap:
    """All within an angle (radians) of a direction."""

    center: Array
    radius: float


@dataclass(frozen=True)
class Area:
    """A region: what is inside, and the curves that bound it, each from 0 to 1 with its length in radians.

    Directions are unit vectors of ICRS, arrays of shape (n, 3).
    """

    contains: Callable[[Array], Mask]
    curves: Sequence[tuple[Callable[[Array], Array], float]]

    def boundary(self, near: Cap, step: float) -> Array:
        """The boundary within a cap, as places that are at most `step` radians apart, shape (n, 3)."""
        step = max(step, 2 * near.radius / (_MOST / 4), 1e-12)
        found = [_refined(curve, length, near, step) for curve, length in self.curves]
        return np.concatenate(found) if found else np.empty((0, 3))


def vectors(longitude: Array, latitude: Array) -> Array:
    """Unit vectors of positions in degrees."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def positions(directions: Array) -> tuple[Array, Array]:
    """Longitudes (0 to 360) and latitudes in degrees."""
    x, y, z = directions.T
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))


def separation(a: Array, b: Array) -> Array:
    """Angles between directions, in radians, right also where they are small."""
    chord = np.linalg.norm(a - b, axis=-1)
    return np.asarray(2 * np.arcsin(np.clip(chord / 2, 0, 1)))


def cap_around(directions: Array, margin: float) -> Cap:
    """A cap that holds all of these, with a margin in radians; the whole sky where they are all around."""
    total = directions.sum(axis=0)
    size = float(np.linalg.norm(total))
    if not size > 1e-6 * len(directions):
        return Cap(np.array([0.0, 0.0, 1.0]), np.pi)
    center = total / size
    return Cap(center, float(separation(directions, center).max()) + margin)


def area_of(shape: Shape) -> Area:
    """The area of a shape.

    Raises:
        UsageError: it is a polygon larger than a hemisphere.
    """
    if shape.kind == "Polygon":
        return _polygon(np.array(shape.vertices()))
    longitude, latitude, *radius = shape.numbers
    return circle(longitude, latitude, radius[0] if radius else 0.0)


def circle(longitude: float, latitude: float, radius: float) -> Area:
    """All within a radius; degrees."""
    center = vectors(np.array(longitude), np.array(latitude))
    opening = float(np.radians(radius))
    east = np.array([-np.sin(np.radians(longitude)), np.cos(np.radians(longitude)), 0.0])
    north = np.cross(center, east)

    def at(part: Array) -> Array:
        turn = 2 * np.pi * part[:, None]
        return np.asarray(
            center * np.cos(opening) + (east * np.cos(turn) + north * np.sin(turn)) * np.sin(opening)
        )

    def contains(directions: Array) -> Mask:
        return separation(directions, center) <= opening + _TOLERANCE

    return Area(contains, [(at, 2 * np.pi * float(np.sin(opening)))])


def box(west: float, east: float, south: float, north: float) -> Area:
    """Longitudes and latitudes between limits, in degrees; `west` is less than `east`, by 360 at most."""
    is_ring = east - west >= 360
    middle, half = (west + east) / 2, (east - west) / 2

    def contains(directions: Array) -> Mask:
        longitude, latitude = positions(directions)
        off = np.abs((longitude - middle + 180) % 360 - 180)
        inside = (latitude >= south - 1e-10) & (latitude <= north + 1e-10)
        return np.asarray(inside if is_ring else inside & (off <= half + 1e-10))

    def parallel(latitude: float) -> tuple[Callable[[Array], Array], float]:
        length = np.radians(east - west) * np.cos(np.radians(latitude))
        return lambda part: vectors(west + (east - west) * part, np.full_like(part, latitude)), float(length)

    def meridian(longitude: float) -> tuple[Callable[[Array], Array], float]:
        length = float(np.radians(north - south))
        return lambda part: vectors(np.full_like(part, longitude), south + (north - south) * part), length

    curves = [parallel(latitude) for latitude in (south, north) if abs(latitude) < 90]
    curves += [] if is_ring else [meridian(west), meridian(east)]
    return Area(contains, curves)


def _polygon(corners: Array) -> Area:
    """A polygon of great circles that lies within less than a hemisphere: there they are straight lines."""
    cap = cap_around(corners, 0.0)
    if cap.radius > np.radians(89):
        raise UsageError(
            "The polygon spans a hemisphere or more.", hint="Cut-outs take polygons that are smaller."
        )
    east = np.cross([0.0, 0.0, 1.0] if abs(cap.center[2]) < 0.9 else [1.0, 0.0, 0.0], cap.center)
    east /= np.linalg.norm(east)
    axes = np.stack([east, np.cross(cap.center, east), cap.center])
    flat = corners @ axes.T
    flat = flat[:, :2] / flat[:, 2:]

    def contains(directions: Array) -> Mask:
        x, y, depth = (directions @ axes.T).T
        in_front = depth > 1e-3
        depth = np.where(in_front, depth, 1.0)
        return np.asarray(in_front & _in_outline(flat, x / depth, y / depth))

    return Area(contains, [_edge(a, b) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])


def _in_outline(corners: Array, x: Array, y: Array) -> Mask:
    """Whether points of the plane lie in a polygon: an odd number of edges is crossed to the east."""
    inside = np.zeros(x.shape, dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def _edge(a: Array, b: Array) -> tuple[Callable[[Array], Array], float]:
    """The great circle from one corner to the next."""
    angle = float(separation(a, b))

    def at(part: Array) -> Array:
        along = a * np.sin((1 - part[:, None]) * angle) + b * np.sin(part[:, None] * angle)
        return np.asarray(along / max(np.sin(angle), 1e-300))

    return at, angle


def _refined(curve: Callable[[Array], Array], length: float, near: Cap, step: float) -> Array:
    """Places on a curve within a cap: what is far away is left out before the rest is divided further."""
    count = max(4, int(np.ceil(length / _COARSE)))
    starts, width = np.arange(count) / count, 1.0 / count
    while True:
        middles = curve(starts + width / 2)
        starts = starts[separation(middles, near.center) <= near.radius + length * width / 2 + step]
        if length * width <= step or len(starts) * 4 > _MOST or not len(starts):
            return curve(np.unique(np.concatenate([starts, starts + width])))
        starts = (starts[:, None] + width * np.array([0.0, 0.25, 0.5, 0.75])).ravel()
        width /= 4


def touch(one: Area, other: Area) -> bool:
    """Whether two areas have a point in common."""
    return _reaches(one, other) or _reaches(other, one)


def _reaches(one: Area, other: Area) -> bool:
    """Whether one's boundary, at some of its places, is inside the other."""
    sky = Cap(np.array([0.0, 0.0, 1.0]), np.pi)
    length = max((length for _, length in one.curves), default=0.0)
    return bool(other.contains(one.boundary(sky, max(length / 4096, 1e-9))).any())
