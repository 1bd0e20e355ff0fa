"""Shapes in CAOM documents: footprints on the sky, and bounds of the axes of a chunk."""

from collections.abc import Iterator, Sequence
from math import atan2, degrees, hypot
from typing import Any, TypeVar

from lxml import etree

from voserver.model.errors import UsageError
from voserver.model.outlines import Vector, cross, direction, dot
from voserver.model.regions import Region, Shape, parse_region

XSI = "http://www.w3.org/2001/XMLSchema-instance"
Number = TypeVar("Number", float, str)

_MOVE, _LINE, _CLOSE = 2, 1, 0
"""How a vertex of a CAOM 2.4 MultiPolygon is reached."""
_MOST_NUMBERS = 4_000
"""Of a footprint: what a region costs grows with their square, and no detector has so many corners."""
_LARGE = 90.0  # degrees: footprints that are wider are not drawn on a plane


def where(element: etree._Element) -> str:
    """Where a document has an element: its line, or in JSON the elements about it."""
    name = etree.QName(element).localname
    if element.sourceline:
        return f"line {element.sourceline}, {name}"
    above = [etree.QName(one).localname for one in element.iterancestors()]
    return "/".join((*reversed(above), name))


def read_bounds(position: etree._Element | None) -> dict[str, Any]:
    """The columns of a footprint: all of its shapes, where the document tells them apart, else its outline."""
    if position is None:
        return {}
    shapes = _shapes(position)
    if not shapes:
        return {}
    if sum(len(numbers) for _, numbers in shapes) > _MOST_NUMBERS:
        raise UsageError(
            f"{where(position)}: the footprint has more than {_MOST_NUMBERS // 2:,} vertices.",
            hint="Give a simpler outline.",
        )
    text = " ".join(f"{kind} ICRS {' '.join(map(repr, numbers))}" for kind, numbers in shapes)
    region = parse_region(text)
    circle = region.circle()
    if circle is None:
        raise UsageError(f"{where(position)}: the footprint is {region.status}.")
    longitude, latitude, size = circle
    return {
        "position_bounds": region.stcs(),
        "position_bounds__shape": region.shape(),
        "position_bounds_given": text,
        "position_bounds_status": "repaired" if region.notes else "good",
        "position_bounds_size": size,
        "position_center_ra": longitude,
        "position_center_dec": latitude,
    }


def _shapes(position: etree._Element) -> list[tuple[str, list[float]]]:
    bounds = _child(position, "bounds")
    separate = _child(position, "samples")  # CAOM 2.5
    if separate is not None and len(separate):
        return [_shape(one) for one in separate]
    if bounds is None:
        return []
    samples = _child(bounds, "samples")  # CAOM 2.4
    polygons = [] if samples is None else list(_polygons(samples))
    if len(polygons) > 1:
        return [("Polygon", polygon) for polygon in polygons]
    return [_shape(bounds)]


def _shape(element: etree._Element) -> tuple[str, list[float]]:
    center, points = _child(element, "center"), _child(element, "points")
    if center is not None:
        return "Circle", [*_pair(center, "cval1", "cval2"), _number(element, "radius")]
    if points is None:
        raise UsageError(f"{where(element)}: the shape is neither a circle nor a polygon.")
    return "Polygon", [number for one in points for number in _pair(one, "cval1", "cval2")]


def _polygons(samples: etree._Element) -> Iterator[list[float]]:
    vertices = _child(samples, "vertices")
    polygon: list[float] = []
    for vertex in [] if vertices is None else vertices:
        kind = _number(vertex, "type")
        if kind == _CLOSE:
            yield polygon
            polygon = []
        else:
            polygon = (
                polygon + _pair(vertex, "cval1", "cval2")
                if kind == _LINE
                else _pair(vertex, "cval1", "cval2")
            )


def write_bounds(position: etree._Element, text: str, version: str) -> None:
    """Write a footprint: its outline, and its shapes one by one."""
    region = parse_region(text)
    shapes = [shape for shape in region.shapes if shape.kind in {"Circle", "Polygon"}]
    if not shapes:
        return
    outline = _outline(region, shapes)
    bounds = _add(position, "bounds")
    _write_shape(bounds, outline)
    if version == "2.5":
        samples = _add(position, "samples")
        for shape in shapes:
            _write_shape(_add(samples, "shape"), shape)
    elif outline.kind == "Polygon":
        vertices = _add(_add(bounds, "samples"), "vertices")
        for shape in [one for one in shapes if one.kind == "Polygon"] or [outline]:
            _write_vertices(vertices, shape)


def _outline(region: Region, shapes: list[Shape]) -> Shape:
    """One shape about all: itself where there is one, else a polygon about all corners, or a circle."""
    if len(shapes) == 1:
        return shapes[0]
    circle = region.circle()
    assert circle is not None
    longitude, latitude, size = circle
    if size < _LARGE and all(shape.kind == "Polygon" for shape in shapes):
        corners = hull([vertex for shape in shapes for vertex in shape.vertices()])
        return parse_region(f"Polygon ICRS {' '.join(map(repr, corners))}").shapes[0]
    return parse_region(f"Circle ICRS {longitude!r} {latitude!r} {size / 2!r}").shapes[0]


def hull(vectors: Sequence[Vector]) -> list[float]:
    """Longitudes and latitudes (degrees) of the convex polygon about some directions of one hemisphere.

    Great circles are straight lines on a plane that touches the sky, so it is found there.
    """
    center = direction(vectors)
    axis = (0.0, 0.0, 1.0) if abs(center[2]) < 0.9 else (1.0, 0.0, 0.0)
    east = cross(axis, center)
    north = cross(center, east)
    flat = sorted(
        {
            (dot(one, east) / dot(one, center), dot(one, north) / dot(one, center)): one for one in vectors
        }.items()
    )
    around = _half(flat) + _half(flat[::-1])
    return [
        angle for x, y, z in around for angle in (degrees(atan2(y, x)) % 360, degrees(atan2(z, hypot(x, y))))
    ]


def _half(points: Sequence[tuple[tuple[float, float], Vector]]) -> list[Vector]:
    """One side of the hull of points in order, without its last."""
    kept: list[tuple[tuple[float, float], Vector]] = []
    for point in points:
        while len(kept) > 1 and _turn(kept[-2][0], kept[-1][0], point[0]) <= 0:
            kept.pop()
        kept.append(point)
    return [vector for _, vector in kept[:-1]]


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _write_shape(element: etree._Element, shape: Shape) -> None:
    element.set(f"{{{XSI}}}type", f"caom2:{shape.kind}")
    if shape.kind == "Circle":
        _write_point(_add(element, "center"), shape.numbers[:2])
        _add(element, "radius").text = repr(shape.numbers[2])
        return
    points = _add(element, "points")
    for pair in _pairs(shape.numbers):
        _write_point(_add(points, "point"), pair)


def _write_vertices(vertices: etree._Element, shape: Shape) -> None:
    kind = _MOVE
    for pair in _pairs(shape.numbers):
        vertex = _add(vertices, "vertex")
        _write_point(vertex, pair)
        _add(vertex, "type").text = str(kind)
        kind = _LINE
    end = _add(vertices, "vertex")
    _write_point(end, (0.0, 0.0))
    _add(end, "type").text = str(_CLOSE)


def _write_point(element: etree._Element, pair: Sequence[float]) -> None:
    for name, number in zip(("cval1", "cval2"), pair, strict=True):
        _add(element, name).text = repr(float(number))


def read_ranges(bounds: etree._Element) -> str | None:
    """Bounds of an axis: for each range the pixel and value of its start, then of its end."""
    samples = _child(bounds, "samples")
    words: list[str] = []
    for one in [] if samples is None else samples:
        for name in ("start", "end"):
            words += map(repr, _pair(_needed(one, name), "pix", "val"))
    return " ".join(words) or None


def write_ranges(bounds: etree._Element, text: str) -> None:
    """As `read_ranges` has them."""
    numbers = text.split()
    samples = _add(bounds, "samples")
    for start in range(0, len(numbers) - 3, 4):
        one = _add(samples, "range")
        for name, pair in (("start", numbers[start : start + 2]), ("end", numbers[start + 2 : start + 4])):
            element = _add(one, name)
            for tag, number in zip(("pix", "val"), pair, strict=True):
                _add(element, tag).text = number


def read_outline(bounds: etree._Element) -> str | None:
    """Bounds of the two axes of a position: `circle` with centre and radius, or `polygon` with vertices."""
    circle, polygon = _child(bounds, "circle"), _child(bounds, "polygon")
    if circle is not None:
        numbers = [*_pair(_needed(circle, "center"), "coord1", "coord2"), _number(circle, "radius")]
        return f"circle {' '.join(map(repr, numbers))}"
    if polygon is None:
        return None
    numbers = [one for vertex in _needed(polygon, "vertices") for one in _pair(vertex, "coord1", "coord2")]
    return f"polygon {' '.join(map(repr, numbers))}"


def write_outline(bounds: etree._Element, text: str) -> None:
    """As `read_outline` has it."""
    kind, *numbers = text.split()
    shape = _add(bounds, kind)
    if kind == "circle":
        _write_coordinates(_add(shape, "center"), numbers[:2])
        _add(shape, "radius").text = numbers[2]
        return
    vertices = _add(shape, "vertices")
    for pair in _pairs(numbers):
        _write_coordinates(_add(vertices, "vertex"), pair)


def _write_coordinates(element: etree._Element, pair: Sequence[str]) -> None:
    for name, number in zip(("coord1", "coord2"), pair, strict=True):
        _add(element, name).text = number


def _pairs(numbers: Sequence[Number]) -> Iterator[tuple[Number, Number]]:
    return zip(numbers[::2], numbers[1::2], strict=True)


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name))


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    return parent.find(f"{{{etree.QName(parent).namespace}}}{name}")


def _needed(parent: etree._Element, name: str) -> etree._Element:
    found = _child(parent, name)
    if found is None:
        raise UsageError(f"{where(parent)}: it has no {name}.")
    return found


def _number(parent: etree._Element, name: str) -> float:
    text = (_needed(parent, name).text or "").strip()
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if number - number != 0:  # neither infinite nor no number
        raise UsageError(f"{where(parent)}, {name}: {text[:60]!r} is no finite number.")
    return number


def _pair(parent: etree._Element, first: str, second: str) -> list[float]:
    return [_number(parent, first), _number(parent, second)]
