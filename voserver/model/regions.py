"""Footprints on the sky: read from STC-S and DALI text, mended where possible, packed for the database.

How a region is packed is written at the top of schema/sql/0010_sky.sql; `Region.shape` gives the same
numbers, bit for bit, as `sky.region` makes of `Region.stcs`. Plain Python throughout: a footprint has four
vertices, and for so few it is several times faster than NumPy. This module knows nothing of files, columns or databases.
"""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, floor, hypot, isfinite, pi, radians, sin, sqrt, tan

from voserver.model.outlines import (
    CLOSE,
    LARGE,
    OPPOSITE,
    TOLERANCE,
    Vector,
    chord2,
    crosses_itself,
    direction,
    is_convex,
    large_parity,
    left_area,
    turning,
    vector,
)

_RADIANS_PER_DEGREE = 0.017453292519943295  # PostgreSQL's degrees() divides by this; math.degrees multiplies

_LABELS = {
    "POSITION": "Position",
    "POINT": "Position",
    "CIRCLE": "Circle",
    "POLYGON": "Polygon",
    "BOX": "Box",
    "UNION": "Union",
}
_NUMBERS = {"Position": 2, "Circle": 3, "Box": 4}
_BARE = {2: "Position", 3: "Circle"}  # DALI 1.2 §3.3.5: a point, a circle and a polygon are bare numbers
# STC-S 1.33: frame, reference position and flavour stand between label and numbers; these mean ICRS here.
_FRAME = frozenset(
    (
        "ICRS",
        "FK5",
        "J2000",
        "UNKNOWNFRAME",
        "UNKNOWNREFPOS",
        "BARYCENTER",
        "GEOCENTER",
        "HELIOCENTER",
        "TOPOCENTER",
        "SPHERICAL2",
    )
)
_NUMERIC = frozenset("+-.0123456789")


class _UnusableError(ValueError):
    """What a footprint, or one shape of it, cannot be used for."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One point, circle or polygon.

    Attributes:
        kind: `Position`, `Circle` or `Polygon`.
        numbers: as they stand in STC-S, in degrees.
        record: the numbers of a `sky.region` of this shape alone.
    """

    kind: str
    numbers: tuple[float, ...]
    record: list[float]

    def vertices(self) -> list[Vector]:
        """Unit vectors: of a polygon its vertices, otherwise the one of the centre."""
        record = self.record
        count = int(record[0])
        if count < 3:
            return [(record[1], record[2], record[3])]
        return [(record[k], record[k + 1], record[k + 2]) for k in range(6, 6 + 3 * count, 3)]


@dataclass(frozen=True, slots=True)
class Region:
    """The union of shapes that a footprint's text means.

    Attributes:
        shapes: none where the text cannot be understood.
        notes: what had to be mended or left out, or why nothing could be understood.
    """

    shapes: tuple[Shape, ...]
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Empty where the text was right; otherwise what was wrong and whether it was mended."""
        if not self.notes:
            return ""
        return ("mended: " if self.shapes else "not usable: ") + "; ".join(self.notes)

    def stcs(self) -> str:
        """Canonical STC-S, several shapes one after the other; empty where the text was not understood."""
        return " ".join(
            f"{shape.kind} ICRS {' '.join(map(_written, shape.numbers))}" for shape in self.shapes
        )

    def shape(self) -> list[float]:
        """The value of the `sky.region` column beside the text."""
        if len(self.shapes) == 1:
            return self.shapes[0].record
        return [number for shape in self.shapes for number in shape.record]

    def circle(self) -> tuple[float, float, float] | None:
        """Centre (longitude, latitude) and diameter of a circle around everything, in degrees."""
        if not self.shapes:
            return None
        vertices = [vertex for shape in self.shapes for vertex in shape.vertices()]
        if len(self.shapes) == 1:
            x, y, z = self.shapes[0].record[1:4]
        else:
            x, y, z = direction(vertices)
        widest = 0.0
        for shape in self.shapes:
            size = shape.record[5] if shape.kind == "Circle" else 0.0
            if shape.kind == "Polygon" and shape.record[4] >= 2:
                size = 180.0
            for vertex in shape.vertices():
                distance = sqrt((vertex[0] - x) ** 2 + (vertex[1] - y) ** 2 + (vertex[2] - z) ** 2)
                widest = max(widest, size + 2 * degrees(asin(min(1.0, distance / 2))))
        if len(self.shapes) == 1 and self.shapes[0].kind != "Polygon":
            return self.shapes[0].numbers[0], self.shapes[0].numbers[1], 2 * widest
        return degrees(atan2(y, x)) % 360, degrees(atan2(z, hypot(x, y))), min(2 * widest, 360.0)


def parse_region(text: str) -> Region:
    """Read a footprint in STC-S or DALI form and mend what can be; never raises, see `Region.status`."""
    try:
        given = _split(text)
    except _UnusableError as error:
        return Region((), (str(error),))
    shapes: list[Shape] = []
    notes: list[str] = []
    for number, (kind, numbers) in enumerate(given, 1):
        faults: list[str] = []
        try:
            shapes.append(_shape(kind, numbers, faults))
        except _UnusableError as error:
            faults.append(f"{error}, so it was left out" if len(given) > 1 else str(error))
        if faults:
            which = f"{kind.lower()} {number} of {len(given)}" if len(given) > 1 else f"the {kind.lower()}"
            notes.extend(f"{which} {fault}" for fault in faults)
    return Region(tuple(shapes), tuple(notes))


def _split(text: str) -> list[tuple[str, list[float]]]:
    """Cut the text into shapes: kind and numbers."""
    if not text.isascii() or "_" in text:
        raise _UnusableError("the text holds signs that belong to no region")
    if "(" in text or "," in text or ")" in text:
        text = text.replace("(", " ").replace(")", " ").replace(",", " ")
    words = text.split()
    if not words:
        raise _UnusableError("the text is empty")
    shapes = []
    at = 0
    while at < len(words):
        kind, at = _kind(words, at)
        if kind == "Union" and at < len(words):
            continue
        end = at
        while end < len(words) and words[end][0] in _NUMERIC:
            end += 1
        if end < len(words) and words[end].upper() not in _LABELS:
            raise _UnusableError(f"the text has {words[end]!r} where a number should be")
        try:
            numbers = list(map(float, words[at:end]))
        except ValueError as error:
            word = str(error).rpartition(": ")[2]
            raise _UnusableError(f"the text has {word} where a number should be") from None
        shapes.append((kind or _BARE.get(len(numbers), "Polygon"), numbers))
        at = end
    return shapes


def _kind(words: list[str], at: int) -> tuple[str, int]:
    """The shape whose label stands there (empty for a bare number) and the place after its frame."""
    if words[at][0] in _NUMERIC:
        return "", at
    kind = _LABELS.get(words[at].upper())
    if kind is None:
        raise _UnusableError(f"the text has {words[at]!r} where a shape should be")
    at += 1
    while at < len(words) and words[at].upper() in _FRAME:
        at += 1
    return kind, at


def _shape(kind: str, numbers: list[float], notes: list[str]) -> Shape:
    needed = _NUMBERS.get(kind)
    given = len(numbers)
    if kind == "Union":
        raise _UnusableError("is empty")
    if given != needed if needed else given % 2:
        raise _UnusableError(f"has {given} numbers instead of {needed or 'pairs'}")
    for k in range(0, 2 if needed else given, 2):
        if not (0 <= numbers[k] < 360 and -90 <= numbers[k + 1] <= 90):
            numbers[k] = _wrapped(numbers[k], numbers[k + 1], notes)
    if kind == "Polygon":
        return _polygon(numbers, notes)
    if kind == "Box":
        return _polygon(_corners(*numbers), notes)
    x, y, z = vector(numbers[0], numbers[1])
    if kind == "Position":
        return Shape(kind, tuple(numbers), [1.0, x, y, z, 0.0, 0.0, *numbers])
    lon, lat, radius = numbers
    if not 0 <= radius <= 180:
        raise _UnusableError(f"has a radius of {radius}, beyond 0..180")
    chord = 2 * sin(radians(radius / 2)) + TOLERANCE
    return Shape(kind, tuple(numbers), [2.0, x, y, z, chord, radius, lon, lat])


def _wrapped(lon: float, lat: float, notes: list[str]) -> float:
    if not -90 <= lat <= 90:
        raise _UnusableError(f"has a latitude of {lat}, beyond -90..90")
    if not isfinite(lon):
        raise _UnusableError("has a longitude that is no finite number")
    note = "had longitudes beyond 0..360, now within"
    if lon != 360 and note not in notes:
        notes.append(note)
    return lon % 360 % 360  # twice, since -1e-20 % 360 is 360


def _polygon(numbers: list[float], notes: list[str]) -> Shape:
    """A polygon without repeated vertices, counter-clockwise as seen on the sky (DALI 1.2 §3.3.7)."""
    places, vectors = _distinct(numbers, notes)
    _check_edges(vectors)
    if not is_convex(vectors) and crosses_itself(vectors):
        order = _uncrossed(vectors)
        places, vectors = [places[k] for k in order], [vectors[k] for k in order]
        notes.append("had edges that cross each other, its vertices were put in order")
    center = direction(vectors)
    far = max([chord2(vertex, center) for vertex in vectors])
    turn = turning(vectors, center) if far < LARGE else 2 * pi - 1e-9 - left_area(vectors)
    if turn > 0:
        # The other way round, from the same first vertex; no note, since either winding means the same.
        places = [places[0], *places[:0:-1]]
        vectors = [vectors[0], *vectors[:0:-1]]
        center = direction(vectors)
        far = max([chord2(vertex, center) for vertex in vectors])
    elif turn == 0:
        notes.append("has no area")
    record = [float(len(vectors)), *center, sqrt(far) + TOLERANCE, 1.0]
    if far >= LARGE:
        record[4:] = [2 * sin(radians(90.0)) + TOLERANCE, large_parity(vectors)]
    for vertex in vectors:
        record += vertex
    for place in places:
        record += place
    return Shape("Polygon", tuple(record[6 + 3 * len(vectors) :]), record)


def _check_edges(vectors: list[Vector]) -> None:
    if len(vectors) < 3:
        raise _UnusableError(f"has too few different vertices: {len(vectors)}")
    before = vectors[-1]
    for after in vectors:
        if chord2(before, (-after[0], -after[1], -after[2])) < OPPOSITE:
            raise _UnusableError("has an edge that joins opposite points of the sky")
        before = after


def _uncrossed(vectors: list[Vector]) -> tuple[int, ...]:
    """The order of vertices in which the outline does not cross itself: of four one exists."""
    if len(vectors) == 4:
        for order in ((0, 1, 3, 2), (0, 2, 1, 3)):
            if not crosses_itself([vectors[k] for k in order]):
                return order
    raise _UnusableError("has edges that cross each other")


def _distinct(numbers: list[float], notes: list[str]) -> tuple[list[tuple[float, float]], list[Vector]]:
    """Places and vectors of the vertices, without those that repeat their neighbour."""
    places: list[tuple[float, float]] = []
    vectors: list[Vector] = []
    last: Vector = (2.0, 2.0, 2.0)
    for k in range(0, len(numbers), 2):
        place = (numbers[k], numbers[k + 1])
        vertex = vector(*place)
        if chord2(vertex, last) <= CLOSE:
            continue
        places.append(place)
        vectors.append(vertex)
        last = vertex
    repeated = len(numbers) // 2 - len(places)
    if repeated:
        notes.append(f"repeated {repeated} of its vertices, now dropped")
    if len(vectors) > 1 and chord2(vectors[0], vectors[-1]) <= CLOSE:
        notes.append("repeated its first vertex at the end, now dropped")
        while len(vectors) > 1 and chord2(vectors[0], vectors[-1]) <= CLOSE:
            del places[-1], vectors[-1]
    return places, vectors


def _written(number: float) -> str:
    """As PostgreSQL writes it: the shortest text that reads back as the same number."""
    return repr(number).removesuffix(".0")


def _corners(lon: float, lat: float, width: float, height: float) -> list[float]:
    """A box as a polygon (ADQL 2.1 §4.2.10): a rectangle on the plane that touches its centre."""
    if not (0 < width < 180 and 0 < height < 180):
        raise _UnusableError(f"has sides of {width} by {height}, beyond 0..180")
    u = tan(radians(width / 2))
    v = tan(radians(height / 2))
    corners = []
    for east, north in ((u, v), (u, -v), (-u, -v), (-u, v)):
        x = cos(radians(lat)) - sin(radians(lat)) * north
        z = sin(radians(lat)) + cos(radians(lat)) * north
        longitude = lon + atan2(east, x) / _RADIANS_PER_DEGREE
        latitude = atan2(z, sqrt(x * x + east * east)) / _RADIANS_PER_DEGREE
        corners += [longitude - 360 * floor(longitude / 360), latitude]
    return corners
