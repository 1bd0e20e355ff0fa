"""The functions of the sky (ADQL 2.1 §4.2): their names, how they are called, what they mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeometryFunction:
    """A function of the sky."""

    name: str
    form: str
    meaning: str


GEOMETRY = {
    function.name: function
    for function in (
        GeometryFunction("POINT", "POINT(lon, lat)", "a position"),
        GeometryFunction("CIRCLE", "CIRCLE(lon, lat, radius)", "a circle; CIRCLE(point, radius) too"),
        GeometryFunction(
            "POLYGON", "POLYGON(lon1, lat1, lon2, lat2, lon3, lat3, …)", "a polygon; of points too"
        ),
        GeometryFunction("BOX", "BOX(lon, lat, width, height)", "a box; BOX(point, width, height) too"),
        GeometryFunction("REGION", "REGION('Circle ICRS 10 20 0.5')", "shapes in STC-S, or in DALI's form"),
        GeometryFunction("CENTROID", "CENTROID(geometry)", "the middle"),
        GeometryFunction("AREA", "AREA(geometry)", "the area in square degrees"),
        GeometryFunction("COORD1", "COORD1(point)", "the longitude in degrees"),
        GeometryFunction("COORD2", "COORD2(point)", "the latitude in degrees"),
        GeometryFunction("COORDSYS", "COORDSYS(geometry)", "the coordinate system: always ICRS"),
        GeometryFunction(
            "DISTANCE", "DISTANCE(point, point)", "degrees between; DISTANCE(lon1, lat1, lon2, lat2) too"
        ),
        GeometryFunction("CONTAINS", "CONTAINS(inner, outer)", "1 if inner lies in outer, else 0"),
        GeometryFunction(
            "INTERSECTS", "INTERSECTS(one, other)", "1 if the two have a point in common, else 0"
        ),
    )
}
