"""Shapes that touch, poles, the seam of longitudes, edges of more than 90 degrees, hemispheres, the whole sky.

Truths here are exact: what touches meets, and what touches the edge from within is held (ADQL 2.1 §4.2.11).
"""

import psycopg
import pytest

from voserver.catalogue import sky

SQUARE = "Polygon ICRS 10 -1 12 -1 12 1 10 1"
NOTCHED = "Polygon ICRS 0 0 4 0 4 4 3 4 3 1 1 1 1 4 0 4"
SKY = "Circle ICRS 77 -33 180"
SOUTH = "Polygon ICRS 0 0 90 0 180 0 270 0"
NORTH = "Polygon ICRS 270 0 180 0 90 0 0 0"
HALF = "Circle ICRS 0 0 90"
WIDE = "Polygon ICRS 0 -10 110 -10 240 -10"

# Two regions; whether they meet, whether the first holds the second, whether the second holds the first.
CASES = {
    "the same point, written otherwise": ("0 20", "360 20", True, True, True),
    "the pole has every longitude": ("10 90", "200 90", True, True, True),
    "points on either side of the seam": ("0 0", "359.9999999999 0", False, False, False),
    "circles that touch": ("Circle ICRS 0 0 1", "Circle ICRS 2 0 1", True, False, False),
    "circles that touch across the seam": ("Circle ICRS 359 0 1", "Circle ICRS 1 0 1", True, False, False),
    "circles that touch across the pole": ("Circle ICRS 5 89 1", "Circle ICRS 185 89 1", True, False, False),
    "a circle touches another from within": ("Circle ICRS 0 0 2", "Circle ICRS 1 0 1", True, True, False),
    "a point on a circle": ("Circle ICRS 0 88 2", "180 90", True, True, False),
    "a point at a circle's centre": ("Circle ICRS 30 40 0", "30 40", True, True, True),
    "a milliarcsecond apart": ("Circle ICRS 0 0 1e-7", "Circle ICRS 4.8e-7 0 1e-7", False, False, False),
    "circles of a milliarcsecond touch": ("Circle ICRS 0 0 1e-7", "Circle ICRS 2e-7 0 1e-7", True, False, False),
    "the whole sky holds everything": (SKY, "Circle ICRS 257 33 100", True, True, False),
    "the whole sky holds polygons": (SKY, "Polygon ICRS 250 30 260 30 260 40 250 40", True, True, False),
    "the whole sky holds hemispheres": (SKY, SOUTH, True, True, False),
    "the whole sky about another place": (SKY, "Circle ICRS 1 2 180", True, True, True),
    "a circle just short of the sky": ("Circle ICRS 0 0 179", "180 0", False, False, False),
    "opposite hemispheres touch": (HALF, "Circle ICRS 180 0 90", True, False, False),
    "a point on the edge of a hemisphere": (HALF, "90 0", True, True, False),
    "a square shares an edge": (SQUARE, "Polygon ICRS 12 -1 14 -1 14 1 12 1", True, False, False),
    "a square shares a corner": (SQUARE, "Polygon ICRS 12 1 14 1 14 3 12 3", True, False, False),
    "the other winding": (SQUARE, "Polygon ICRS 10 1 12 1 12 -1 10 -1", True, True, True),
    "another first vertex, and vertices repeated": (
        SQUARE, "Polygon ICRS 12 1 10 1 10 1 10 -1 12 -1 12 -1 12 1", True, True, True,
    ),
    "longitudes beyond the circle": (SQUARE, "Polygon ICRS 370 -1 372 -1 -348 1 -350 1", True, True, True),
    "a triangle in a square, along an edge": (SQUARE, "Polygon ICRS 10 -1 12 -1 12 1", True, True, False),
    "a vertex on an edge, from outside": (SQUARE, "Polygon ICRS 12 0 13 0.5 13 -0.5", True, False, False),
    "a vertex on an edge, from within": (SQUARE, "Polygon ICRS 12 0 11 0.5 11 -0.5", True, True, False),
    "a cross of two bars": ("Polygon ICRS -5 -1 5 -1 5 1 -5 1", "Polygon ICRS -1 -5 1 -5 1 5 -1 5", True, False, False),
    "a circle in a square's middle": (SQUARE, "Circle ICRS 11 0 0.9", True, True, False),
    "a square in a circle": ("Circle ICRS 11 0 1.5", SQUARE, True, True, False),
    "a point on a vertex": (SQUARE, "10 -1", True, True, False),
    "a point on an edge": (SQUARE, "12 0", True, True, False),
    "in the notch": (NOTCHED, "Circle ICRS 2 2.5 0.9", False, False, False),
    "across the notch": (NOTCHED, "Polygon ICRS 0.2 3 3.8 3 3.8 3.5 0.2 3.5", True, False, False),
    "in one of the arms": (NOTCHED, "Polygon ICRS 0.2 3 0.8 3 0.8 3.5 0.2 3.5", True, True, False),
    "vertices in the arms, an edge over the notch": (NOTCHED, "Polygon ICRS 0.5 2 3.5 2 2 0.5", True, False, False),
    "about the pole": ("Polygon ICRS 0 80 90 80 180 80 270 80", "123 90", True, True, False),
    "a box about the pole": ("Box ICRS 45 90 2 2", "Circle ICRS 7 90 0.99", True, True, False),
    "a box on the seam": ("Box ICRS 0 0 2 2", "Polygon ICRS 359.5 0 0.5 0 0.5 0.5 359.5 0.5", True, True, False),
    "edges of more than 90 degrees": (WIDE, "Circle ICRS 0 -90 9", True, True, False),
    "beyond edges of more than 90 degrees": (WIDE, "0 -9.9", False, False, False),
    "the bulge of an edge of 110 degrees": (WIDE, "55 -16", False, False, False),
    "the south as a polygon": (SOUTH, "33 -1e-9", True, True, False),
    "not the north": (SOUTH, "33 1e-9", False, False, False),
    "the north as a polygon": (NORTH, "33 1e-9", True, True, False),
    "the equator belongs to the south": (SOUTH, "33 0", True, True, False),
    "the equator belongs to the north": (NORTH, "33 0", True, True, False),
    "a union has its shapes": (f"{SQUARE} Circle ICRS 50 50 1", "Circle ICRS 50 50 1", True, True, False),
    "a union holds a union": (f"{SQUARE} Circle ICRS 50 50 1", "Circle ICRS 50 50 0.5 Position 11 0", True, True, False),
    "one part of a union is elsewhere": (SQUARE, "Position ICRS 11 0 Position ICRS 11 20", True, False, False),
    "shapes hold together what none holds alone": (
        f"{SQUARE} Polygon ICRS 12 -1 14 -1 14 1 12 1", "Circle ICRS 12 0 0.5", True, False, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_touching_and_special_shapes(session: psycopg.Connection, name: str) -> None:
    one, other, meets, holds, held = CASES[name]
    found = session.execute(
        "WITH regions AS MATERIALIZED (SELECT sky.region(%s) AS a, sky.region(%s) AS b) SELECT"
        f" {sky.intersects('a', 'b')}, {sky.intersects('b', 'a')}, {sky.contains('b', 'a')}, {sky.contains('a', 'b')}"
        " FROM regions".encode(),
        [one, other],
    ).fetchone()
    assert found == (meets, meets, holds, held)


@pytest.mark.parametrize(
    ("region", "area"),
    [
        ("10 20", 0),
        (SKY, 41252.96124941928),
        (HALF, 20626.48062470964),
        (SOUTH, 20626.48062470964),
        ("Polygon ICRS 0 0 90 0 0 90", 5156.62015617741),
        ("Polygon ICRS 0 0 90 0 90 90", 5156.62015617741),
        ("Polygon ICRS 0 0 1e-6 0 1e-6 1e-6 0 1e-6", 1e-12),
        ("Circle ICRS 0 90 1e-6", 3.141592653589793e-12),
        ("Circle ICRS 0 0 1e-6 Circle ICRS 0 0 1e-6", 6.283185307179586e-12),
    ],
)
def test_areas(session: psycopg.Connection, region: str, area: float) -> None:
    found = session.execute("SELECT sky.area(sky.region(%s))", [region]).fetchone()
    assert found == (pytest.approx(area, rel=1e-7, abs=0),)
