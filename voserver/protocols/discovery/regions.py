"""Regions as parameters have them, and the condition that a footprint meets one; positions in SIA 1.0 and SSA."""

import math
from dataclasses import dataclass
from itertools import pairwise

from voserver.model.errors import UsageError
from voserver.protocols.discovery.values import number, shown
from voserver.query.adql import tree
from voserver.query.constraints import all_of, any_of, call, holds, is_given, shape
from voserver.query.constraints import column as column_of

_EXAMPLES = {
    "POS": "POS=CIRCLE 110.8 -73.45 0.1, POS=RANGE 110 111 -74 -73 or POS=POLYGON and its vertices",
    "CIRCLE": "CIRCLE=110.8 -73.45 0.1",
    "POLYGON": "POLYGON=110.7 -73.5 110.9 -73.5 110.9 -73.4",
}
_STEP = 0.5  # degrees between vertices on a parallel, which is no great circle: the sky between is less than 1 arcsec
_WIDEST = 30.0  # degrees of longitude of one polygon


@dataclass(frozen=True, slots=True)
class Region:
    """A region of the sky, checked: a CIRCLE, a RANGE (which is cut to the sky) or a POLYGON; degrees (ICRS)."""

    kind: str
    numbers: tuple[float, ...]


def read_region(text: str, name: str = "POS") -> Region:
    """A value of POS (SIA 2.0 §2.1.1), or of a parameter CIRCLE or POLYGON, which names its shape (SODA 1.0 §3.3).

    Raises:
        UsageError: it is no region, or one that is not on the sky.
    """
    kind, *words = (text.split() or [""]) if name == "POS" else (name, *text.split())
    kind, numbers = kind.upper(), tuple(number(name, word) for word in words)
    is_right = {
        "CIRCLE": len(numbers) == 3,
        "RANGE": len(numbers) == 4,
        "POLYGON": len(numbers) >= 6 and len(numbers) % 2 == 0,
    }.get(kind, False)
    if not is_right:
        raise UsageError(
            f"{name}={shown(text)} is no region.", hint=f"For example {_EXAMPLES[name]}, in degrees (ICRS)."
        )
    if kind == "RANGE":
        return Region(kind, _cut_to_the_sky(*numbers))
    for longitude, latitude in zip(numbers[::2], numbers[1::2], strict=False):
        _check_position(longitude, latitude, name)
    if kind == "CIRCLE" and not 0 <= numbers[2] <= 180:
        raise UsageError(f"{name}: the radius {numbers[2]:g} is not between 0 and 180 degrees.")
    return Region(kind, numbers)


def _cut_to_the_sky(
    west: float, east: float, south: float, north: float
) -> tuple[float, float, float, float]:
    """The part of a range that is on the sky; without an end in -Inf or +Inf."""
    if not (west <= east and south <= north):
        raise UsageError(
            f"POS: the range from {west:g} to {east:g} and {south:g} to {north:g} is empty.",
            hint="RANGE has the western, eastern, southern and northern limit. One across 0 degrees is given as two.",
        )
    west, east, south, north = max(west, 0.0), min(east, 360.0), max(south, -90.0), min(north, 90.0)
    if west > east or south > north:
        raise UsageError(
            "POS: the range is not on the sky.", hint="Longitudes are 0 to 360, latitudes -90 to 90."
        )
    return west, east, south, north


def meets(column: str, text: str) -> tree.Condition:
    """The condition that a region column has a point in common with the value of POS."""
    region = read_region(text)
    if region.kind == "RANGE":
        return _meets_range(column, *region.numbers)
    return _met(column, shape(region.kind, *region.numbers))


def position(text: str) -> tuple[float, float]:
    """POS of SIA 1.0 and SSA: longitude and latitude, and in SSA (§4.1.1.1) perhaps a frame: ICRS is known."""
    coordinates, _, frame = text.partition(";")
    numbers = [number("POS", word) for word in coordinates.split(",")]
    if len(numbers) != 2:
        raise UsageError(
            f"POS={shown(text)} is no position.", hint="For example POS=110.8,-73.45, in degrees (ICRS)."
        )
    if frame.strip().upper() not in {"", "ICRS"}:
        raise UsageError(
            f"POS={shown(text)}: the frame {shown(frame)} is not known here.", hint="Positions are ICRS."
        )
    longitude, latitude = numbers
    _check_position(longitude, latitude)
    return longitude, latitude


def _check_position(longitude: float, latitude: float, name: str = "POS") -> None:
    if not 0 <= longitude <= 360:
        raise UsageError(f"{name}: the longitude {longitude:g} is not between 0 and 360 degrees.")
    if not -90 <= latitude <= 90:
        raise UsageError(f"{name}: the latitude {latitude:g} is not between -90 and 90 degrees.")


def _met(column: str, area: tree.Function) -> tree.Condition:
    return holds(call("INTERSECTS", column_of(column), area))


def _meets_range(column: str, west: float, east: float, south: float, north: float) -> tree.Condition:
    """Longitudes and latitudes between limits."""
    if east - west < 360:
        return _meets_strips(column, west, east, south, north)
    # A ring about the poles is where the caps north of one parallel and south of the other overlap.
    caps = [_met(column, shape("CIRCLE", 0, 90, 90 - south))] if south > -90 else []
    caps += [_met(column, shape("CIRCLE", 0, -90, north + 90))] if north < 90 else []
    return all_of(caps) if caps else is_given(column)


def _meets_strips(column: str, west: float, east: float, south: float, north: float) -> tree.Condition:
    # A line or a point has no inside: it gets one, of a hundredth of an arcsecond.
    east, north = max(east, west + 3e-6), max(north, min(south + 3e-6, 90))
    south = min(south, north - 3e-6)
    count = math.ceil((east - west) / _WIDEST)
    edges = [west + (east - west) * number / count for number in range(count + 1)]
    return any_of([_met(column, _strip(low, high, south, north)) for low, high in pairwise(edges)])


def _strip(west: float, east: float, south: float, north: float) -> tree.Function:
    steps = max(1, math.ceil((east - west) / _STEP))
    longitudes = [west + (east - west) * step / steps for step in range(steps + 1)]
    lower = [(longitude, south) for longitude in longitudes] if south > -90 else [(west, -90.0)]
    upper = [(longitude, north) for longitude in reversed(longitudes)] if north < 90 else [(west, 90.0)]
    # A meridian longer than a third of the sky is given a vertex on its way.
    middle = [(south + north) / 2] if north - south > 100 else []
    corners = [
        *lower,
        *((east, latitude) for latitude in middle),
        *upper,
        *((west, latitude) for latitude in middle),
    ]
    return shape("POLYGON", *(coordinate for corner in corners for coordinate in corner))
