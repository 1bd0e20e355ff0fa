"""Random regions of every size, in the database and by brute force; and brute force against spherical-geometry."""

from itertools import product

import numpy as np
import psycopg
import pytest
from spherical_geometry.polygon import SphericalPolygon

from tests.sky import comparison, pairs, sphere
from tests.sky.sphere import Numbers, Shapes
from voserver.catalogue import sky

FUNCTIONS = {
    "intersects", "contains", "contains_point", "bounds", "cone", "distance", "area",
}  # fmt: skip


def test_the_database_answers_as_brute_force_does(session: psycopg.Connection) -> None:
    generator = np.random.default_rng(20221)
    agreement = comparison.compare(session, pairs.random_pairs(generator, batch=40, rounds=3))
    assert agreement.faults == []
    assert sum(agreement.near.values()) < sum(agreement.compared.values()) / 1000
    assert {function for function, _ in agreement.compared} == FUNCTIONS


def test_random_pairs_are_balanced() -> None:
    """A comparison says little of what is never or always true."""
    batches = list(pairs.random_pairs(np.random.default_rng(3), batch=200, rounds=1))
    for kinds, one, other in batches:
        met = np.mean(sphere.some([sphere.meet(a, b) for a, b in product(one, other)])[0])
        held = np.mean([sphere.hold(one[0], other[0])[0], sphere.hold(other[0], one[0])[0]])
        assert kinds == "point, point" or (met > 0.02 and 0 < held < 0.9), (kinds, met, held)


def _regions() -> list[tuple[str, pairs.Parts]]:
    generator = np.random.default_rng(5)
    return [
        (name, kind(generator, pairs.anywhere(generator, 60)))
        for name, kind in pairs.KINDS.items()
        for _ in range(3)
    ]


def test_every_region_meets_and_holds_itself(session: psycopg.Connection) -> None:
    texts = [text for _name, region in _regions() for text in comparison.texts(region)]
    wrong = session.execute(
        "WITH regions AS MATERIALIZED (SELECT t, sky.region(t) AS r FROM unnest(%s::text[]) AS t)"
        f" SELECT t FROM regions WHERE NOT ({sky.intersects('r', 'r')} AND {sky.contains('r', 'r')})".encode(),
        [texts],
    ).fetchall()
    assert wrong == []


def test_every_polygon_holds_its_vertices_and_the_middles_of_its_edges(session: psycopg.Connection) -> None:
    texts: list[str] = []
    longitudes: list[float] = []
    latitudes: list[float] = []
    for name, (shapes, *_) in _regions():
        if not shapes.is_polygon or name == "union":
            continue
        u, v = shapes.edges
        for places in (u, sphere.unit(u + v)):
            lon, lat = pairs.degrees(places)
            longitudes += lon.ravel().tolist()
            latitudes += lat.ravel().tolist()
            texts += [text for text in shapes.texts for _ in range(lon.shape[1])]
    wrong = session.execute(
        "WITH positions AS MATERIALIZED (SELECT t, lon, lat, sky.region(t) AS r"
        " FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS given (t, lon, lat))"
        f" SELECT t, lon, lat FROM positions WHERE NOT {sky.contains_point(('lon', 'lat'), 'r')}".encode(),
        [texts, longitudes, latitudes],
    ).fetchall()
    assert wrong == []


@pytest.mark.parametrize("kind", ["convex", "concave", "box"])
def test_brute_force_agrees_with_spherical_geometry(kind: str) -> None:
    """Within what that library can do: polygons that are neither tiny nor a hemisphere, nor shaped like a sickle."""
    generator = np.random.default_rng(8)
    places, beside = _neighbours(generator, 60)
    (one,), (other,) = pairs.KINDS[kind](generator, places), pairs.convex(generator, beside)
    ours, theirs = _library(one), _library(other)
    square = (180 / np.pi) ** 2
    areas = [polygon.area() * square for polygon in ours]
    assert np.allclose(areas, sphere.area(one).astype(float), rtol=1e-9)
    met = sphere.meet(one, other)[0]
    assert 0.1 < met.mean() < 0.9
    assert [a.intersects_poly(b) for a, b in zip(ours, theirs, strict=True)] == met.tolist()
    probes = sphere.unit(one.vertices[:, :1] + 0.2 * other.centres[:, None])
    held = sphere.inside(one, probes)[:, 0]
    assert 0.05 < held.mean() < 0.95
    assert [a.contains_point(p[0].astype(float)) for a, p in zip(ours, probes, strict=True)] == held.tolist()


def test_brute_force_agrees_with_the_plane() -> None:
    """Great circles are straight on a plane that touches the sphere; there, even and odd crossings tell the inside."""
    generator = np.random.default_rng(9)
    for _ in range(20):
        places = pairs.Places(pairs.anywhere(generator, 50).centres, generator.uniform(1e-3, 60, 50))
        (drawn,) = pairs.drawn(generator, places)
        turns, reach = (
            generator.uniform(0, 2 * np.pi, 50),
            np.radians(places.sizes * generator.uniform(0, 1.2, 50)),
        )
        probes = pairs.away(places.centres, turns.astype(np.longdouble), reach.astype(np.longdouble))
        held = sphere.inside(drawn, probes[:, None])[:, 0]
        assert held.tolist() == [
            _even_odd(centre, outline, probe)
            for centre, outline, probe in zip(places.centres, drawn.vertices, probes, strict=True)
        ]


def _even_odd(centre: Numbers, outline: Numbers, probe: Numbers) -> bool:
    across = sphere.unit(sphere.cross(centre, np.array([0.1, 0.3, 0.9], np.longdouble)))
    up = sphere.cross(centre, across)
    x, y = (outline @ across) / (outline @ centre), (outline @ up) / (outline @ centre)
    px, py = (probe @ across) / (probe @ centre), (probe @ up) / (probe @ centre)
    before_x, before_y = np.roll(x, 1), np.roll(y, 1)
    passed = (y > py) != (before_y > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_the_right = px < x + (py - y) * (before_x - x) / (before_y - y)
    return bool((passed & to_the_right).sum() % 2)


def _neighbours(generator: np.random.Generator, count: int) -> tuple[pairs.Places, pairs.Places]:
    places = pairs.Places(pairs.anywhere(generator, count).centres, generator.uniform(2, 40, count))
    reach = np.radians(places.sizes * generator.uniform(0.5, 2.5, count)).astype(np.longdouble)
    return places, pairs.Places(pairs.away(places.centres, reach, reach), places.sizes)


def _library(polygons: Shapes) -> list[SphericalPolygon]:
    outlines = polygons.vertices.astype(float)
    return [SphericalPolygon(np.vstack([outline, outline[:1]])) for outline in outlines]
