"""Random pairs of regions that are likely to meet, hold each other or just not: of any size, anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.sky import sphere
from tests.sky.sphere import Numbers, Shapes

Floats = npt.NDArray[np.float64]
Parts = tuple[Shapes, ...]

SMALLEST = 2.8e-7
"""A milliarcsecond, in degrees."""

# Outlines on a plane, each of one winding: a U, an L, a comb, a spiral, a sliver, an arrow, a bow.
_OUTLINES: list[list[tuple[float, float]]] = [
    [(-1, -1), (1, -1), (1, 1), (0.6, 1), (0.6, -0.6), (-0.6, -0.6), (-0.6, 1), (-1, 1)],
    [(-1, -1), (1, -1), (1, -0.7), (-0.7, -0.7), (-0.7, 1), (-1, 1)],
    [(-1, -1), (1, -1), (0.9, 1), (0.7, -0.8), (0.5, 1), (0.2, -0.9), (0, 1), (-0.3, -0.8), (-0.6, 0.9)],
    [(-1, -1), (1, -1), (1, 1), (-0.6, 1), (-0.6, -0.4), (0.5, -0.4), (0.5, 0.4), (0, 0.4), (0, 0.2), (0.3, 0.2),
     (0.3, -0.2), (-0.4, -0.2), (-0.4, 0.7), (0.8, 0.7), (0.8, -0.8), (-1, -0.8)],
    [(-1, -0.001), (1, 0), (-1, 0.001)],
    [(-1, -1), (0, 1), (1, -1), (0, -0.2)],
    [(-1, 0), (-0.5, 0.6), (0, 0.8), (0.5, 0.6), (1, 0), (0.5, 0.4), (0, 0.6), (-0.5, 0.4)],
]  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where shapes are to be, and their sizes in degrees."""

    centres: Numbers
    sizes: Floats


def degrees(vectors: Numbers) -> tuple[Floats, Floats]:
    """Longitudes from 0 to 360 and latitudes, as doubles."""
    lon = np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0])).astype(np.float64) % 360 % 360
    lat = np.degrees(np.arctan2(vectors[..., 2], np.hypot(vectors[..., 0], vectors[..., 1])))
    return lon, lat.astype(np.float64)


def away(centres: Numbers, bearings: Numbers, distances: Numbers) -> Numbers:
    """Unit vectors so far (radians) from centres, in these directions."""
    step = np.abs(centres[..., 2:]) > 0.9
    side = sphere.unit(np.cross(centres, np.where(step, [1.0, 0, 0], [0, 0, 1.0]).astype(np.longdouble)))
    other = np.cross(centres, side)
    along = side * np.cos(bearings)[..., None] + other * np.sin(bearings)[..., None]
    return np.asarray(centres * np.cos(distances)[..., None] + along * np.sin(distances)[..., None])


def point(_rng: np.random.Generator, places: Places) -> Parts:
    lon, lat = degrees(places.centres)
    texts = [f"Position ICRS {x!r} {y!r}" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    return (_round(lon, lat, np.zeros_like(lon), texts),)


def circle(rng: np.random.Generator, places: Places) -> Parts:
    lon, lat = degrees(places.centres)
    radius = np.where(rng.random(lon.size) < 0.02, rng.choice([0.0, 90.0, 180.0], lon.size), places.sizes)
    numbers = zip(lon.tolist(), lat.tolist(), radius.tolist(), strict=True)
    return (_round(lon, lat, radius, [f"Circle ICRS {x!r} {y!r} {r!r}" for x, y, r in numbers]),)


def _round(lon: Floats, lat: Floats, radius: Floats, texts: list[str]) -> Shapes:
    radii = radius.astype(np.longdouble) * (sphere.PI / 180)
    return Shapes(sphere.vectors(lon, lat)[:, None], radii, False, texts)


def convex(rng: np.random.Generator, places: Places) -> Parts:
    """Vertices on a circle."""
    radii = np.radians(np.minimum(places.sizes, 89))[:, None]
    return (_spread(rng, places, lambda shape: np.broadcast_to(radii, shape)),)


def concave(rng: np.random.Generator, places: Places) -> Parts:
    """Vertices around a centre, at any distances from it: up to almost the opposite point."""
    sizes = np.radians(np.minimum(places.sizes, 175))[:, None]
    return (_spread(rng, places, lambda shape: sizes * rng.uniform(0.2, 1, shape)),)


def _spread(
    rng: np.random.Generator, places: Places, distances: Callable[[tuple[int, int]], Floats]
) -> Shapes:
    shape = (places.sizes.size, int(rng.integers(3, 12)))
    steps = np.arange(shape[1]) + rng.uniform(-0.2, 0.2, shape) + rng.random((shape[0], 1))
    bearings = (2 * np.pi / shape[1] * steps).astype(np.longdouble)
    return polygon(rng, away(places.centres[:, None], bearings, distances(shape).astype(np.longdouble)))


def drawn(rng: np.random.Generator, places: Places) -> Parts:
    """One of the drawn outlines, on the plane that touches the sphere: straight lines there are great circles."""
    plane = np.array(_OUTLINES[rng.integers(len(_OUTLINES))])
    bearings = np.arctan2(plane[:, 1], plane[:, 0]) + rng.uniform(0, 2 * np.pi, (places.sizes.size, 1))
    size = np.tan(np.radians(np.minimum(places.sizes, 80)))[:, None]
    distances = np.arctan(np.hypot(plane[:, 0], plane[:, 1]) * size)
    return (
        polygon(
            rng,
            away(places.centres[:, None], bearings.astype(np.longdouble), distances.astype(np.longdouble)),
        ),
    )


def box(rng: np.random.Generator, places: Places) -> Parts:
    """A rectangle on the plane that touches its centre (ADQL 2.1 §4.2.10)."""
    lon, lat = degrees(places.centres)
    width, height = np.minimum(places.sizes[:, None] * rng.uniform(0.05, 2, (lon.size, 2)), 179).T
    centres = sphere.vectors(lon, lat)
    turned = np.radians(lon.astype(np.longdouble))
    east = np.stack([-np.sin(turned), np.cos(turned), np.zeros_like(turned)], axis=-1)
    north = np.cross(centres, east)
    half = [np.tan(side.astype(np.longdouble) * (sphere.PI / 360))[:, None] for side in (width, height)]
    corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
    vertices = np.stack(
        [sphere.unit(centres + x * half[0] * east + y * half[1] * north) for x, y in corners], axis=1
    )
    numbers = zip(lon.tolist(), lat.tolist(), width.tolist(), height.tolist(), strict=True)
    return (
        Shapes(
            vertices,
            np.zeros(lon.size, np.longdouble),
            True,
            [f"Box ICRS {x!r} {y!r} {w!r} {h!r}" for x, y, w, h in numbers],
        ),
    )


def polygon(rng: np.random.Generator, vertices: Numbers) -> Shapes:
    """Polygons of vertices: either way round, from any vertex on, now and then with repeated vertices."""
    if rng.random() < 0.5:
        vertices = vertices[:, ::-1]
    lon, lat = degrees(np.roll(vertices, int(rng.integers(vertices.shape[1])), axis=1))
    texts = []
    for row in np.stack([lon, lat], axis=2).tolist():
        chance = rng.random()
        if chance < 0.05:
            row.append(row[0])
        elif chance < 0.1:
            row.insert(2, row[2])
        texts.append("Polygon ICRS " + " ".join(f"{x!r} {y!r}" for x, y in row))
    return Shapes(sphere.vectors(lon, lat), np.zeros(lon.shape[0], np.longdouble), True, texts)


def union(rng: np.random.Generator, places: Places) -> Parts:
    """Two or three shapes near each other."""
    kinds = rng.choice(np.array([circle, convex, concave, drawn, box, point]), int(rng.integers(2, 4)))
    return tuple(kind(rng, _beside(rng, places, 1))[0] for kind in kinds)


KINDS: dict[str, Callable[[np.random.Generator, Places], Parts]] = {
    "point": point,
    "circle": circle,
    "convex": convex,
    "concave": concave,
    "drawn": drawn,
    "box": box,
    "union": union,
}


def anywhere(rng: np.random.Generator, count: int) -> Places:
    """Positions all over the sphere, many of them at poles, the seam of longitudes and the equator."""
    centres = sphere.unit(rng.normal(size=(count, 3)).astype(np.longdouble))
    sizes = np.exp(rng.uniform(np.log(SMALLEST), np.log(170), count))
    sizes = np.where(rng.random(count) < 0.3, rng.uniform(1, 178, count), sizes)
    beyond = np.radians(sizes)[:, None] * rng.uniform(-1, 1, (count, 3))
    special = np.array([[0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0], [0, 1, 0]])[rng.integers(5, size=count)]
    exact = rng.random(count) < 0.3
    near = sphere.unit((special + np.where(exact[:, None], 0, beyond)).astype(np.longdouble))
    return Places(np.where((rng.random(count) < 0.4)[:, None], near, centres), sizes)


def _beside(rng: np.random.Generator, places: Places, spread: float) -> Places:
    """Places so near to these that shapes there may meet those here, and of sizes such that one may hold the other."""
    count = places.sizes.size
    ratios = np.exp(rng.normal(0, spread, count))
    sizes = np.clip(places.sizes * ratios, SMALLEST, 179)
    reach = np.minimum(np.radians(places.sizes + sizes) * rng.random(count) ** 1.5 * 1.2, np.pi)
    bearings = rng.uniform(0, 2 * np.pi, count).astype(np.longdouble)
    return Places(away(places.centres, bearings, reach.astype(np.longdouble)), sizes)


def random_pairs(rng: np.random.Generator, batch: int, rounds: int) -> Iterator[tuple[str, Parts, Parts]]:
    """Batches of every kind with every kind, named by the two."""
    for _ in range(rounds):
        for number, one in enumerate(KINDS):
            for other in list(KINDS)[number:]:
                places = anywhere(rng, batch)
                yield f"{one}, {other}", KINDS[one](rng, places), KINDS[other](rng, _beside(rng, places, 2))
