"""Outlines of polygons on the sphere, as unit vectors: which way they turn, whether they cross themselves.

The database's functions (schema/sql/0010_sky.sql) decide the same. Lengths are those of chords.
"""

from collections.abc import Sequence
from math import atan2, cos, pi, radians, sin, sqrt

Vector = tuple[float, float, float]

TOLERANCE = 1e-12
CLOSE = TOLERANCE * TOLERANCE  # squares of chords below which vertices are the same
OPPOSITE = 1e-20  # likewise of a vertex and the opposite of the next
LARGE = 1.99  # likewise beyond which a polygon is not taken to lie in the hemisphere about its centre


def vector(lon: float, lat: float) -> Vector:
    """The unit vector of a position in degrees; every step as the database does it."""
    lon = radians(lon)
    lat = radians(lat)
    across = cos(lat)
    return across * cos(lon), across * sin(lon), sin(lat)


def chord2(a: Vector, b: Vector) -> float:
    """Square of the straight distance."""
    x = a[0] - b[0]
    y = a[1] - b[1]
    z = a[2] - b[2]
    return x * x + y * y + z * z


def direction(vectors: Sequence[Vector]) -> Vector:
    """The direction of the mean; the first one where they cancel."""
    x = y = z = 0.0
    for vector in vectors:
        x += vector[0]
        y += vector[1]
        z += vector[2]
    size = sqrt(x * x + y * y + z * z)
    if size < 1e-9:
        return vectors[0]
    return x / size, y / size, z / size


def cross(a: Vector, b: Vector) -> Vector:
    """The normal of the great circle from a to b, exact also where the two are close together."""
    x = b[0] - a[0]
    y = b[1] - a[1]
    z = b[2] - a[2]
    return a[1] * z - a[2] * y, a[2] * x - a[0] * z, a[0] * y - a[1] * x


def dot(a: Vector, b: Vector) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def turning(vectors: Sequence[Vector], center: Vector) -> float:
    """Positive where an outline runs counter-clockwise seen from outside the sphere, 0 if it has no area."""
    x0, y0, z0 = vectors[0]
    x = y = z = 0.0
    bx, by, bz = vectors[1][0] - x0, vectors[1][1] - y0, vectors[1][2] - z0
    longest = bx * bx + by * by + bz * bz
    for vector in vectors[2:]:
        cx, cy, cz = vector[0] - x0, vector[1] - y0, vector[2] - z0
        x += by * cz - bz * cy
        y += bz * cx - bx * cz
        z += bx * cy - by * cx
        bx, by, bz = cx, cy, cz
        longest = max(longest, bx * bx + by * by + bz * bz)
    turn = x * center[0] + y * center[1] + z * center[2]
    return turn if abs(turn) > TOLERANCE * sqrt(longest) else 0.0


def is_convex(vectors: Sequence[Vector]) -> bool:
    """Whether a triangle or quadrangle turns the same way everywhere; of more vertices this says nothing."""
    count = len(vectors)
    if count != 4:
        return count == 3
    a, b, c, d = vectors
    ab, cd = cross(a, b), cross(c, d)
    turns = (dot(ab, c), dot(ab, d), dot(cd, a), dot(cd, b))
    return min(turns) > 0 or max(turns) < 0


def crosses_itself(vectors: Sequence[Vector]) -> bool:
    """Whether two edges that are not neighbours cross; to touch is no crossing."""
    count = len(vectors)
    ends = [*vectors[1:], vectors[0]]
    normals = []
    for start, end in zip(vectors, ends, strict=True):
        normal = cross(start, end)
        size = sqrt(dot(normal, normal))
        normals.append((normal[0] / size, normal[1] / size, normal[2] / size))
    for i in range(count - 2):
        for j in range(i + 2, count - (i == 0)):
            c, d = dot(normals[i], vectors[j]), dot(normals[i], ends[j])
            if min(c, d) < -TOLERANCE and max(c, d) > TOLERANCE:
                a, b = dot(normals[j], vectors[i]), dot(normals[j], ends[i])
                if min(a, b) < -TOLERANCE and max(a, b) > TOLERANCE and (a > 0) == (d > 0):
                    return True
    return False


def left_area(vectors: Sequence[Vector]) -> float:
    """Steradians to the left of an outline, by the angles through which it turns (Gauss and Bonnet)."""
    total = 2 * pi
    count = len(vectors)
    for i in range(count):
        here = vectors[i]
        p, q = cross(vectors[i - 1], here), cross(here, vectors[(i + 1) % count])
        pq = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
        total -= atan2(dot(here, pq), dot(p, q))
    return total


def large_parity(vectors: Sequence[Vector]) -> float:
    """Parity of fan triangles inside a polygon beyond a hemisphere: see sky.large_parity."""
    count = len(vectors)
    ends = [*vectors[1:], vectors[0]]
    start, end = max(zip(vectors, ends, strict=True), key=lambda edge: chord2(*edge))
    normal = cross(start, end)
    size = 1e7 * sqrt(dot(normal, normal))
    x, y, z = ((start[k] + end[k]) / 2 + normal[k] / size for k in range(3))
    beside = direction([(x, y, z)])
    left_is_odd = False
    for i in range(1, count - 1):
        corners = (vectors[0], vectors[i], vectors[i + 1])
        weights = [dot(cross(corners[k - 2], corners[k - 1]), beside) for k in range(3)]
        if min(weights) >= 0 or max(weights) < 0:
            total = sum(
                abs(weight) * dot(beside, corner) for weight, corner in zip(weights, corners, strict=True)
            )
            left_is_odd ^= total >= 0
    return 1.0 if left_is_odd == (left_area(vectors) < 2 * pi - 1e-9) else 0.0
