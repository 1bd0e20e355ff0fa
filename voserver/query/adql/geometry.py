"""Geometry in ADQL (ADQL 2.1 §4.2): shapes from functions and columns, tests and measures of them.

A predicate is written so that PostgreSQL can use the sky's indexes; how is in `catalogue.sky`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from voserver.catalogue import sky
from voserver.model.columns import Column
from voserver.model.regions import Region, parse_region
from voserver.query.adql import tree
from voserver.query.adql.coverage import as_map
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.postgresql import quote_text
from voserver.query.adql.types import GEOMETRIES, NUMBERS, Kind, Refusal, Value, condition, converted, derived

Binder = Callable[[tree.Expression], Value]

_SYSTEMS = {
    **dict.fromkeys(("", "ICRS", "UNKNOWN", "UNKNOWNFRAME", "FK5", "J2000"), ""),
    "GALACTIC": "GALACTIC",
    "GALACTIC_II": "GALACTIC",
    "FK4": "FK4",
    "B1950": "FK4",
    "ECLIPTIC": "ECLIPTIC",
}
"""Frames that may be named, and what `ivo_geom_transform` calls those that are converted to ICRS.

FK5 differs from ICRS by hundredths of an arcsecond, and is not converted.
"""


_SHAPES_OF_NUMBERS: dict[str, tuple[Kind, int]] = {
    "point": ("point", 2),
    "circle": ("circle", 3),
    "polygon": ("polygon", 0),
}
"""The xtypes of arrays that are shapes, and how many numbers are taken from them by themselves."""


def geometry(node: tree.Function, bind: Binder) -> Value:
    """The value of a geometry function."""
    arguments = [_unfolded(bind(argument)) for argument in node.arguments]
    match node.name:
        case "POINT" | "CIRCLE" | "POLYGON" | "BOX":
            return _made(node, arguments)
        case "REGION":
            return _region(node, arguments)
        case "DISTANCE":
            one, other = _positions(node, arguments)
            column = Column("", "double", unit="deg", ucd="pos.angDistance", description="Angular distance")
            return derived(sky.distance(one, other), "double", node.at, arguments, column)
        case "CONTAINS" | "INTERSECTS":
            found = predicate(node, arguments)
            return derived(f"({found.sql})::int4", "int", node.at, arguments)
        case _:
            return _measure(node, arguments)


def _made(node: tree.Function, arguments: list[Value]) -> Value:
    """A shape of numbers, turned to ICRS where another system is named (deprecated in ADQL 2.1 §4.2.4)."""
    system = ""
    if _has_system(node, arguments):
        system = _system(arguments[0])
        arguments = arguments[1:]
    maker = {"POINT": _point, "CIRCLE": _circle, "POLYGON": _polygon, "BOX": _box}[node.name]
    shape = maker(node, arguments)
    if not system:
        return shape
    sql = sky.transform(f"{quote_text(system)}::text", "'ICRS'::text", shape.sql)
    position = (sky.longitude(sql), sky.latitude(sql))
    coordinates = () if shape.kind == "polygon" else (*position, *shape.coordinates[2:])
    return replace(shape, sql=sql, coordinates=coordinates)


def _has_system(node: tree.Function, arguments: Sequence[Value]) -> bool:
    """Whether the first argument is a coordinate system; a NULL or a column is one only where it is one too many."""
    if not arguments or arguments[0].shape is not None:
        return False
    of_numbers = {"POINT": 2, "CIRCLE": 3, "BOX": 4, "POLYGON": len(arguments) // 2 * 2}[node.name]
    if arguments[0].text is not None:
        return True
    return arguments[0].kind in {"text", "null"} and len(arguments) > of_numbers


def _system(value: Value) -> str:
    if value.text is None and value.kind == "text":
        message = "A coordinate system is a text in single quotes."
        raise Refusal(value.at, message, "Leave it out, or write 'ICRS'.")
    words = (value.text or "").upper().split() or [""]
    if words[0] not in _SYSTEMS:
        known = ", ".join(name for name in _SYSTEMS if name)
        raise Refusal(
            value.at, f"The coordinate system '{words[0][:30]}' is not known here.", f"Known are {known}"
        )
    return _SYSTEMS[words[0]]


def _unfolded(value: Value) -> Value:
    """A column of arrays that are shapes, as the shape that it is; any other value as it is."""
    found = _SHAPES_OF_NUMBERS.get(value.column.xtype or "")
    if value.kind != "array" or value.shape is None or found is None:
        return value
    kind, size = found
    numbers = tuple(f"({value.sql})[{place}]::float8" for place in range(1, size + 1))
    return replace(value, kind=kind, sql=value.shape, coordinates=numbers)


def within(node: tree.Function, bind: Binder, operator: str, radius: Value) -> Value:
    """`DISTANCE(…) < radius` (or <=) as a test that an index serves."""
    arguments = [_unfolded(bind(argument)) for argument in node.arguments]
    one, other = _positions(node, arguments)
    return _near(node.at, one, other, (*arguments, radius), radius=radius.sql, operator=operator)


def test(node: tree.Function, bind: Binder) -> Value:
    """CONTAINS or INTERSECTS as a condition."""
    return predicate(node, [_unfolded(bind(argument)) for argument in node.arguments])


def predicate(node: tree.Function, arguments: Sequence[Value]) -> Value:
    """CONTAINS or INTERSECTS of shapes, as a condition."""
    if len(arguments) != 2:
        raise _wrong_call(node)
    one, other = (as_map(argument) or _as_geometry(node, argument) for argument in arguments)
    if "moc" in {one.kind, other.kind}:
        return _with_map(node, one, other)
    if other.kind == "point" and node.name == "INTERSECTS":
        one, other = other, one
    if one.kind == "point":
        position = position_of(one)
        if other.kind == "circle" and other.coordinates:
            longitude, latitude, radius = other.coordinates
            return _near(node.at, position, (longitude, latitude), (one, other), radius=radius)
        if other.kind == "point":
            return _near(node.at, position, position_of(other), (one, other), radius="0::float8")
        return condition(sky.contains_point(position, shape_of(other)), node.at, arguments)
    exact = sky.contains if node.name == "CONTAINS" else sky.intersects
    return condition(exact(shape_of(one), shape_of(other)), node.at, arguments)


def _with_map(node: tree.Function, one: Value, other: Value) -> Value:
    """CONTAINS or INTERSECTS of a coverage map and another one, or a shape."""
    if one.kind == other.kind:
        test = sky.map_contains if node.name == "CONTAINS" else sky.maps_meet
        return condition(test(one.sql, other.sql), node.at, (one, other))
    if node.name == "INTERSECTS" and one.kind != "moc":
        one, other = other, one
    point, area = (one, other) if one.kind == "point" else (other, one)
    if point.kind == "point" and (node.name == "INTERSECTS" or area is other):
        return condition(sky.contains_point(position_of(point), area.sql), node.at, (one, other))
    test = sky.contains if node.name == "CONTAINS" else sky.intersects
    return condition(test(_area(one), _area(other)), node.at, (one, other))


def _area(value: Value) -> str:
    return value.sql if value.kind == "moc" else shape_of(value)


def _near(
    at: int,
    one: tuple[str, str],
    other: tuple[str, str],
    parts: Sequence[Value],
    *,
    radius: str,
    operator: str = "<=",
) -> Value:
    """Two positions within a radius; what is indexed goes first, in a join of columns either may be."""
    constant = [all(not _has_column(sql) for sql in position) for position in (one, other)]
    if constant[0] and not constant[1]:
        one, other = other, one
    sql = sky.closer(one, other, radius, operator=operator, both_ways=not any(constant))
    return condition(sql, at, parts)


def _has_column(sql: str) -> bool:
    return '"' in sql


def shape_of(value: Value) -> str:
    """The SQL of a geometry as sky.region."""
    return value.shape if value.shape is not None else value.sql


def position_of(value: Value) -> tuple[str, str]:
    """The SQL of a point's coordinates."""
    if len(value.coordinates) == 2:
        return value.coordinates[0], value.coordinates[1]
    return sky.longitude(shape_of(value)), sky.latitude(shape_of(value))


def _wrong_call(node: tree.Function) -> Refusal:
    form = GEOMETRY[node.name].form
    return Refusal(node.at, f"{node.name} is not called like this.", f"It is called as {form}, in degrees.")


def _numbers(node: tree.Function, arguments: Sequence[Value]) -> list[str]:
    for argument in arguments:
        if argument.kind not in {*NUMBERS, "null"}:
            raise Refusal(
                argument.at,
                f"{node.name} takes a number here, not {_said(argument)}.",
                GEOMETRY[node.name].form,
            )
    return [converted(argument, "double") for argument in arguments]


def _said(value: Value) -> str:
    """The type in words; of a column of text that it is one, as positions like 23:20:06.86 are."""
    if value.kind != "text" or not value.column.name:
        return value.said
    return f"the column {value.column.name}, which is text and no decimal degrees"


def _check(value: Value, low: float, high: float, what: str) -> None:
    if value.number is not None and not low <= value.number <= high:
        raise Refusal(value.at, f"{what} is from {low:g} to {high:g} degrees, not {value.number:g}.")


def _check_position(longitude: Value, latitude: Value) -> None:
    _check(longitude, -360, 360, "A longitude")
    _check(latitude, -90, 90, "A latitude")


def _point(node: tree.Function, arguments: Sequence[Value]) -> Value:
    if len(arguments) != 2:
        raise _wrong_call(node)
    longitude, latitude = _numbers(node, arguments)
    _check_position(*arguments)
    return _shape(node, "point", sky.point_region(longitude, latitude), arguments, (longitude, latitude))


def _centre(node: tree.Function, arguments: Sequence[Value], further: int) -> tuple[str, str, list[str]]:
    """The position that begins the arguments, as a point or as two numbers, and the numbers that follow."""
    if len(arguments) == 1 + further and arguments[0].kind == "point":
        return (*position_of(arguments[0]), _numbers(node, arguments[1:]))
    if len(arguments) != 2 + further:
        raise _wrong_call(node)
    longitude, latitude, *rest = _numbers(node, arguments)
    _check_position(arguments[0], arguments[1])
    return longitude, latitude, rest


def _circle(node: tree.Function, arguments: Sequence[Value]) -> Value:
    longitude, latitude, (radius,) = _centre(node, arguments, 1)
    _check(arguments[-1], 0, 180, "A radius")
    sql = sky.circle(longitude, latitude, radius)
    return _shape(node, "circle", sql, arguments, (longitude, latitude, radius))


def _box(node: tree.Function, arguments: Sequence[Value]) -> Value:
    longitude, latitude, (width, height) = _centre(node, arguments, 2)
    for side, what in zip(arguments[-2:], ("A width", "A height"), strict=True):
        if side.number is not None and not 0 < side.number < 180:
            raise Refusal(
                side.at, f"{what} is longer than 0 and shorter than 180 degrees, not {side.number:g}."
            )
    return _shape(node, "polygon", sky.box(longitude, latitude, width, height), arguments)


def _polygon(node: tree.Function, arguments: Sequence[Value]) -> Value:
    if arguments and all(argument.kind == "point" for argument in arguments):
        coordinates = [number for argument in arguments for number in position_of(argument)]
    else:
        coordinates = _numbers(node, arguments)
        for longitude, latitude in zip(arguments[::2], arguments[1::2], strict=False):
            _check_position(longitude, latitude)
    if len(coordinates) % 2 or len(coordinates) < 6:
        message = (
            f"A polygon is three or more pairs of longitude and latitude, not {len(coordinates)} numbers."
        )
        raise Refusal(node.at, message, GEOMETRY[node.name].form)
    if all(argument.number is not None for argument in arguments):
        _check_written(node, "Polygon " + " ".join(repr(argument.number) for argument in arguments))
    return _shape(node, "polygon", sky.polygon(coordinates), arguments)


def _region(node: tree.Function, arguments: Sequence[Value]) -> Value:
    if len(arguments) != 1 or arguments[0].kind != "text":
        raise _wrong_call(node)
    argument = arguments[0]
    if argument.text is not None:
        return _written_region(node, argument)
    return _shape(node, "region", argument.shape or sky.region(argument.sql), arguments)


def _written_region(node: tree.Node, argument: Value) -> Value:
    """A region that the query spells out, read here: so an error can say where it is."""
    region = _check_written(argument, argument.text or "")
    return derived(
        sky.region(quote_text(region.stcs()) + "::text"), "region", node.at, (argument,), _column("region")
    )


def _check_written(node: tree.Node | Value, text: str) -> Region:
    """A shape that the query spells out, if it can be one; the database would make NULL of what cannot."""
    region = parse_region(text)
    if not region.shapes:
        said = region.status.removeprefix("not usable: ")
        raise Refusal(node.at, f"This is not a region: {said}.", "It is like 'Circle ICRS 10.5 -20.1 0.5'.")
    return region


def _shape(
    node: tree.Function, kind: Kind, sql: str, parts: Sequence[Value], coordinates: tuple[str, ...] = ()
) -> Value:
    return replace(derived(sql, kind, node.at, parts, _column(kind)), coordinates=coordinates)


def _column(kind: Kind) -> Column:
    return Column("", "char", ucd="pos" if kind == "point" else "pos.outline")


def _as_geometry(node: tree.Function, value: Value) -> Value:
    if value.kind in GEOMETRIES or value.shape is not None:
        return value
    hint = "POINT(lon, lat), CIRCLE(lon, lat, radius), POLYGON(…), or a region column such as s_region."
    if value.kind == "text" and value.text is not None:
        return _written_region(node, value)
    raise Refusal(value.at, f"{node.name} takes a geometry here, not {value.said}.", hint)


def _positions(node: tree.Function, arguments: Sequence[Value]) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two positions of DISTANCE, from two points or four numbers."""
    if len(arguments) == 4:
        numbers = _numbers(node, arguments)
        _check_position(arguments[0], arguments[1])
        _check_position(arguments[2], arguments[3])
        return (numbers[0], numbers[1]), (numbers[2], numbers[3])
    if len(arguments) == 2 and all(argument.kind == "point" for argument in arguments):
        return position_of(arguments[0]), position_of(arguments[1])
    raise _wrong_call(node)


def _measure(node: tree.Function, arguments: Sequence[Value]) -> Value:
    """AREA, CENTROID, COORD1, COORD2 and COORDSYS."""
    if len(arguments) != 1:
        raise _wrong_call(node)
    map_of_cells = as_map(arguments[0]) if node.name == "AREA" else None
    argument = map_of_cells or _as_geometry(node, arguments[0])
    shape = _area(argument)
    if node.name == "AREA":
        column = Column("", "double", unit="deg**2", ucd="phys.angArea", description="Area on the sky")
        return derived(sky.area(shape), "double", node.at, arguments, column)
    if node.name == "CENTROID":
        return _shape(node, "point", sky.centroid(shape), arguments)
    if node.name == "COORDSYS":
        column = Column("", "char", "*", ucd="pos.frame", description="Coordinate system")
        return derived("'ICRS'::text", "text", node.at, arguments, column)
    if argument.kind != "point":
        raise Refusal(argument.at, f"{node.name} takes a point, not {argument.said}.", "See CENTROID.")
    first = node.name == "COORD1"
    column = Column("", "double", unit="deg", ucd="pos.eq.ra" if first else "pos.eq.dec")
    return derived(position_of(argument)[0 if first else 1], "double", node.at, arguments, column)
