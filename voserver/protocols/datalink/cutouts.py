"""SODA's descriptors for one plane or file: within which limits there is something to cut out (SODA 1.0 §4.2)."""

from dataclasses import replace

from voserver.catalogue.links import Subject
from voserver.model.outlines import Vector, cross, direction, dot
from voserver.model.regions import Region, parse_region
from voserver.protocols.datalink.descriptors import SODA_ID, SODA_INPUTS, cutouts
from voserver.serializers import ServiceDescriptor, ServiceInput

_NEAR = 0.5  # cosine of the largest angle from the centre at which an outline about all is drawn: 60 degrees


def descriptors(
    subject: Subject, identifier: str, base_url: str, number: int
) -> tuple[ServiceDescriptor, ServiceDescriptor]:
    """SODA at once, and as a job, for the data that a client knows by this identifier.

    Rows refer to them by their own identifiers, which `number` makes unlike those of all others in a document. In
    alphabetical order, which pyvo brings rows into before it takes the first service, that at once comes first.
    """
    of = ServiceInput("ID", ucd=SODA_ID, value=identifier)
    limits = _limits(subject)
    inputs = tuple(_limited(one, limits) for one in SODA_INPUTS)
    return (
        cutouts(of, base_url, inputs, f"cutout of {identifier}", f"cutout-{number}"),
        cutouts(of, base_url, inputs, f"cutout job of {identifier}", f"cutout-job-{number}", is_job=True),
    )


_Limits = dict[str, tuple[str | None, str]]
"""The least and the greatest value of parameters, by name."""


def _limited(one: ServiceInput, limits: _Limits) -> ServiceInput:
    if one.name not in limits:
        return one
    minimum, maximum = limits[one.name]
    return replace(one, minimum=minimum, maximum=maximum)


def _limits(subject: Subject) -> _Limits:
    """What is known of a subject's limits."""
    found: _Limits = {}
    for name, lower, upper in (
        ("BAND", subject.em_min, subject.em_max),
        ("TIME", subject.t_min, subject.t_max),
    ):
        if lower is not None and upper is not None:
            found[name] = (repr(lower), repr(upper))
    if subject.region:
        region = parse_region(subject.region)
        circle, polygon = region.circle(), _polygon(region)
        if circle:
            longitude, latitude, diameter = circle
            found["CIRCLE"] = (None, _written((longitude, latitude, diameter / 2)))
        if polygon:
            found["POLYGON"] = (None, _written(polygon))
    return found


def _written(numbers: tuple[float, ...]) -> str:
    """Numbers to a hundredth of a milliarcsecond."""
    return " ".join(f"{number:.12g}" for number in numbers)


def _polygon(region: Region) -> tuple[float, ...]:
    """A polygon that holds all of a region: its own, or the convex one about several; none about a circle."""
    if any(shape.kind != "Polygon" for shape in region.shapes):
        return ()
    if len(region.shapes) == 1:
        return region.shapes[0].numbers
    corners = {
        vector: position
        for shape in region.shapes
        for vector, position in zip(
            shape.vertices(), zip(shape.numbers[::2], shape.numbers[1::2], strict=True), strict=True
        )
    }
    if not corners:
        return ()
    return tuple(number for vector in _convex(list(corners)) for number in corners[vector])


def _convex(vectors: list[Vector]) -> list[Vector]:
    """Those that are corners of the convex polygon about all, in its order; none where they lie too far apart.

    It is wrapped from corner to corner: the next one is that which has all others to its right, so that it runs
    counter-clockwise as one sees it in the sky (DALI 1.1 §3.3.7).
    """
    center = direction(vectors)
    if min(dot(vector, center) for vector in vectors) < _NEAR:
        return []
    start = min(vectors, key=lambda vector: dot(vector, center))
    outline = [start]
    while len(outline) <= len(vectors):
        here = outline[-1]
        best = next(vector for vector in vectors if vector != here)
        for vector in vectors:
            if vector != here and dot(cross(here, best), vector) > 0:
                best = vector
        if best == start:
            return outline
        outline.append(best)
    return []
