"""SQL for the sky: how the database's `sky` functions are called so that its indexes are used.

Every argument is SQL that somebody else has made safe. Coordinates, radii and separations are double
precision, in degrees; shapes are of type sky.region. The indexes are GiST over `sky.point(ra, dec)` and
`sky.bounds(x__shape)`.
"""

from collections.abc import Sequence


def point(longitude: str, latitude: str) -> str:
    """The position on the unit sphere: what the index of positions holds."""
    return f"sky.point({longitude}, {latitude})"


def closer(
    position: tuple[str, str],
    centre: tuple[str, str],
    radius: str,
    *,
    operator: str = "<=",
    both_ways: bool = False,
) -> str:
    """Whether a position lies within a radius of a centre.

    The index of `position` serves it; `both_ways` also lets that of `centre`, as a join of two catalogues
    wants where either may be the larger.
    """
    one, other, chord = point(*position), point(*centre), f"sky.chord({radius})"
    tests = [f"{one} <@ cube_enlarge({other}, {chord}, 3)"]
    if both_ways:
        tests.append(f"{other} <@ cube_enlarge({one}, {chord}, 3)")
    # A chord reaches a little farther, so that what lies on the edge is found; "less than" must leave that out.
    exact = f"{distance(position, centre)} < {radius}"
    tests.append(exact if operator == "<" else f"cube_distance({one}, {other}) <= {chord}")
    return f"({' AND '.join(tests)})"


def distance(one: tuple[str, str], other: tuple[str, str]) -> str:
    """The separation of two positions."""
    return f"sky.distance({one[0]}, {one[1]}, {other[0]}, {other[1]})"


def contains_point(position: tuple[str, str], shape: str) -> str:
    """Whether a position lies in a shape; the index of either serves it."""
    exact = f"sky.contains_point({position[0]}, {position[1]}, {shape})"
    return f"(sky.bounds({shape}) @> {point(*position)} AND {exact})"


def contains(inner: str, outer: str) -> str:
    """Whether a shape lies in another. Bounds are not tight, so that they need only overlap."""
    return f"(sky.bounds({inner}) && sky.bounds({outer}) AND sky.contains({inner}, {outer}))"


def intersects(one: str, other: str) -> str:
    """Whether two shapes have a point in common."""
    return f"(sky.bounds({one}) && sky.bounds({other}) AND sky.intersects({one}, {other}))"


def point_region(longitude: str, latitude: str) -> str:
    """A point as a shape."""
    return f"sky.point_region({longitude}, {latitude})"


def circle(longitude: str, latitude: str, radius: str) -> str:
    """A circle as a shape."""
    return f"sky.circle({longitude}, {latitude}, {radius})"


def polygon(coordinates: Sequence[str]) -> str:
    """A polygon of longitudes and latitudes in turn as a shape."""
    return f"sky.polygon(ARRAY[{', '.join(coordinates)}]::float8[])"


def of_numbers(kind: str, numbers: str) -> str:
    """A `point`, `circle` or `polygon` of an array of DALI's numbers."""
    if kind == "polygon":
        return f"sky.polygon({numbers})"
    parts = ", ".join(f"({numbers})[{index}]" for index in range(1, 3 if kind == "point" else 4))
    return f"sky.point_region({parts})" if kind == "point" else f"sky.circle({parts})"


def companion(column: str, geometry: str | None) -> str:
    """The shape beside a column: of its text, or of its arrays where they are a `point`, `circle` or `polygon`."""
    return of_numbers(geometry, f"({column})::float8[]") if geometry else region(column)


def bounds(shape: str) -> str:
    """The box about a shape: what the index of shapes holds."""
    return f"sky.bounds({shape})"


def dali(shape: str) -> str:
    """The numbers of a shape as DALI writes them."""
    return f"sky.dali({shape})"


def box(longitude: str, latitude: str, width: str, height: str) -> str:
    """A box as a shape."""
    return f"sky.box({longitude}, {latitude}, {width}, {height})"


def region(text: str) -> str:
    """A shape from its text, in STC-S or DALI's form."""
    return f"sky.region({text})"


def transform(source: str, target: str, shape: str) -> str:
    """A shape in another reference frame."""
    return f"sky.transform({source}, {target}, {shape})"


def area(shape: str) -> str:
    """The area in square degrees."""
    return f"sky.area({shape})"


def centroid(shape: str) -> str:
    """The middle, as a point's shape."""
    return f"sky.centroid({shape})"


def longitude(shape: str) -> str:
    """The longitude of a point's shape."""
    return f"sky.longitude({shape})"


def latitude(shape: str) -> str:
    """The latitude of a point's shape."""
    return f"sky.latitude({shape})"


def coordinates(shape: str) -> str:
    """DALI's numbers of a point, circle or polygon, as float8[]."""
    return f"sky.coordinates({shape})"


def text(shape: str) -> str:
    """The STC-S text of a shape."""
    return f"sky.text({shape})"


def coverage(text: str) -> str:
    """A coverage map (sky.moc) from its ASCII form."""
    return f"sky.coverage({text})"


def coverage_of(order: str, shape: str) -> str:
    """The coverage map of a shape."""
    return f"sky.coverage({order}, {shape})"


def coverage_union(one: str, other: str) -> str:
    """The coverage map of what is in either."""
    return f"sky.coverage_union({one}, {other})"


def coverage_intersection(one: str, other: str) -> str:
    """The coverage map of what is in both."""
    return f"sky.coverage_intersection({one}, {other})"


def maps_meet(one: str, other: str) -> str:
    """Whether two coverage maps have a pixel in common."""
    return f"({one}::int8multirange && {other}::int8multirange)"


def map_contains(inner: str, outer: str) -> str:
    """Whether a coverage map holds another."""
    return f"({inner}::int8multirange <@ {outer}::int8multirange)"
