"""Geometry on the sphere by brute force, to judge the database's: other formulas, more digits, no shortcuts.

Shapes come in batches of one kind and one number of vertices, so that NumPy does thousands of pairs at once. Every
judgement has a margin: by how many radians the shapes would have to move for the answer to be another.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.longdouble]
Truths = npt.NDArray[np.bool_]
Judgement = tuple[Truths, Numbers]

PI = np.longdouble("3.14159265358979323846")
TIE = 1e-9
"""Two sides of an outline that differ by fewer steradians are equal, and so is 180 degrees less this."""


@dataclass(frozen=True)
class Shapes:
    """A batch of points, circles or polygons: vertices (or centres) as unit vectors, radii in radians."""

    vertices: Numbers
    radii: Numbers
    is_polygon: bool
    texts: list[str]

    @property
    def centres(self) -> Numbers:
        return self.vertices[:, 0]

    @property
    def edges(self) -> tuple[Numbers, Numbers]:
        return self.vertices, np.roll(self.vertices, -1, axis=1)


def vectors(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> Numbers:
    """Unit vectors of positions in degrees."""
    lon = np.asarray(longitude, np.longdouble) * (PI / 180)
    lat = np.asarray(latitude, np.longdouble) * (PI / 180)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def dot(a: Numbers, b: Numbers) -> Numbers:
    return np.asarray((a * b).sum(axis=-1))


def length(a: Numbers) -> Numbers:
    return np.sqrt(dot(a, a))


def unit(a: Numbers) -> Numbers:
    return a / length(a)[..., None]


def cross(a: Numbers, b: Numbers) -> Numbers:
    return np.asarray(np.cross(a, b))


def angle(a: Numbers, b: Numbers) -> Numbers:
    """Radians between unit vectors."""
    return np.arctan2(length(cross(a, b - a)), dot(a, b))


def turn(a: Numbers, b: Numbers, c: Numbers) -> Numbers:
    """Positive where c lies to the left of the great circle from a to b."""
    return dot(a, cross(b - a, c - a))


def crossing(a: Numbers, b: Numbers, c: Numbers, d: Numbers) -> Truths:
    """Whether the arc from a to b crosses that from c to d."""
    signs = np.broadcast_arrays(-turn(a, b, c), -turn(c, d, b), turn(a, b, d), turn(c, d, a))
    return np.asarray(
        np.all([sign > 0 for sign in signs], axis=0) | np.all([sign < 0 for sign in signs], axis=0)
    )


def to_arc(p: Numbers, u: Numbers, v: Numbers) -> Numbers:
    """Radians from p to the nearest point of the arc from u to v."""
    pole = unit(cross(u, v - u))
    beside = (dot(cross(pole, u), p) > 0) & (dot(cross(v, pole), p) > 0)
    away = np.arcsin(np.clip(np.abs(dot(pole, p - u)), 0, 1))
    return np.where(beside, away, np.minimum(angle(p, u), angle(p, v)))


def left_area(polygon: Shapes) -> Numbers:
    """Steradians to the left of outlines, from -2π to 2π: what is negative is the area to the right.

    The sum of triangles that each edge makes with a position near the middle.
    """
    middle = unit(unit(polygon.vertices.sum(axis=1) + 1e-3 * polygon.centres))[:, None]
    u, v = polygon.edges
    a, b = u - middle, v - middle
    half = (length(a) / length(u + middle)) * (length(b) / length(v + middle))
    a, b = a - middle * dot(a, middle)[..., None], b - middle * dot(b, middle)[..., None]
    bearing = np.arctan2(dot(middle, cross(a, b)), dot(a, b))
    total = 2 * np.arctan2(half * np.sin(bearing), 1 + half * np.cos(bearing)).sum(axis=1)
    return np.asarray(total - 4 * PI * np.round(total / (4 * PI)))


def area(shapes: Shapes) -> Numbers:
    """Square degrees."""
    radians = np.abs(left_area(shapes)) if shapes.is_polygon else 4 * PI * np.sin(shapes.radii / 2) ** 2
    return np.asarray(radians * (180 / PI) ** 2)


def outline_distance(polygon: Shapes, p: Numbers) -> Numbers:
    """Radians from each of the positions (pairs, positions, 3) to the polygon's outline."""
    u, v = polygon.edges
    return np.asarray(to_arc(p[:, :, None], u[:, None], v[:, None]).min(axis=2))


def inside(polygon: Shapes, p: Numbers) -> Truths:
    """Whether polygons hold positions (pairs, positions, 3): by counting edges on the way to the left of the first one.

    The inside is the smaller side. Of two equal ones it is the right one (DALI 1.2 §3.3.7: counter-clockwise as seen
    from within the sphere).
    """
    u, v = polygon.edges
    # An odd fraction of the edge: a way to its middle may well meet a vertex of a symmetric shape.
    goal = unit(u[:, :1] * 0.613 + v[:, :1] * 0.387)
    # By way of a place far off, for of a way to almost the opposite point nobody knows the course.
    station = unit(unit(cross(u[:, :1], v[:, :1] - u[:, :1])) + 0.3 * goal)
    crossed = crossing(p[:, :, None], station[:, None], u[:, None], v[:, None]).sum(axis=2)
    crossed = crossed + crossing(station, goal, u[:, 1:], v[:, 1:]).sum(axis=1)[:, None]
    left = left_area(polygon)
    return np.asarray((crossed % 2 == 0) == ((left > 0) & (left < 2 * PI - TIE))[:, None])


def signed_distance(polygon: Shapes, p: Numbers) -> Numbers:
    """Radians from positions (pairs, 3) to polygons; negative inside."""
    away = outline_distance(polygon, p[:, None])
    return np.asarray(np.where(inside(polygon, p[:, None]), -away, away)[:, 0])


def outlines(a: Shapes, b: Shapes) -> Judgement:
    """Whether outlines of polygons cross, and how near one's vertex comes to the other's edge."""
    (u, v), (s, t) = a.edges, b.edges
    crossed = crossing(u[:, :, None], v[:, :, None], s[:, None], t[:, None]).any(axis=(1, 2))
    near = np.minimum(outline_distance(a, s).min(axis=1), outline_distance(b, u).min(axis=1))
    return np.asarray(crossed), np.asarray(near)


def _judged(slack: Numbers) -> Judgement:
    return np.asarray(slack >= 0), np.abs(slack)


def meet(a: Shapes, b: Shapes) -> Judgement:
    """Whether shapes have a point in common."""
    if a.is_polygon and b.is_polygon:
        crossed, near = outlines(a, b)
        return crossed | inside(a, b.vertices).any(axis=1) | inside(b, a.vertices).any(axis=1), near
    if b.is_polygon:
        return meet(b, a)
    apart = signed_distance(a, b.centres) if a.is_polygon else angle(a.centres, b.centres) - a.radii
    return _judged(b.radii - apart)


def hold(outer: Shapes, inner: Shapes) -> Judgement:
    """Whether the first shapes hold the second ones."""
    if outer.is_polygon and inner.is_polygon:
        crossed, near = outlines(outer, inner)
        return inside(outer, inner.vertices).all(axis=1) & ~crossed, near
    if outer.is_polygon:
        return _judged(-signed_distance(outer, inner.centres) - inner.radii)
    # What is farthest from a circle's centre is nearest to the opposite point; a circle of 180 degrees holds that too.
    spare = PI - outer.radii
    slack = (
        signed_distance(inner, -outer.centres) - spare
        if inner.is_polygon
        else outer.radii - inner.radii - angle(outer.centres, inner.centres)
    )
    return _judged(np.asarray(np.where(spare < TIE, PI, slack)))


def some(parts: list[Judgement]) -> Judgement:
    """Whether any holds true."""
    return _all_or_any(parts, any_of=True)


def every(parts: list[Judgement]) -> Judgement:
    """Whether all hold true."""
    return _all_or_any(parts, any_of=False)


def _all_or_any(parts: list[Judgement], *, any_of: bool) -> Judgement:
    truths = np.stack([truth for truth, _margin in parts])
    margins = np.stack([margin for _truth, margin in parts])
    answer = truths.any(axis=0) if any_of else truths.all(axis=0)
    # What settles it is the surest of the parts that agree with it alone, or else the least sure of all of them.
    sure = np.where(truths == any_of, margins, -1).max(axis=0)
    return np.asarray(answer), np.asarray(np.where(answer == any_of, sure, margins.min(axis=0)))
