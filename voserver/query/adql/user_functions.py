"""User defined functions: the IVOA's catalogue (EN 1.2), and what users of other servers expect (`gavo_…`).

What they compute is in `schema/`, in the database's schema `sky`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voserver.catalogue import sky
from voserver.model.columns import Column
from voserver.query.adql import tree
from voserver.query.adql.coverage import MAPS
from voserver.query.adql.postgresql import float_literal, quote_text
from voserver.query.adql.registry import Argument, Form, Function, Resolve
from voserver.query.adql.types import GEOMETRIES, NUMBERS, Kind, Refusal, Value, converted, derived
from voserver.query.adql.units import spectral_factor

FRAMES = ("ICRS", "GALACTIC", "FK5", "FK4", "ECLIPTIC")
"""Reference frames that shapes can be turned to; FK5 and ECLIPTIC of J2000, FK4 of B1950."""


def _function(
    signature: str,
    meaning: str,
    sql: str,
    *takes: Argument,
    gives: Kind = "double",
    unit: str | None = None,
    ucd: str | None = None,
    aggregate: bool = False,
) -> Function:
    return Function(
        name=signature.partition("(")[0].upper(),
        signatures=(signature,),
        meaning=meaning,
        forms=(Form(takes, sql),),
        gives=gives,
        unit=unit,
        ucd=ucd,
        aggregate=aggregate,
    )


def _text_literal(value: Value, what: str, usage: str) -> str:
    if value.text is None:
        raise Refusal(value.at, f"{what} is a text in single quotes.", usage)
    return value.text


def _convert_spectral(node: tree.Function, arguments: Sequence[Value], _resolve: Resolve | None) -> Value:
    """`gavo_specconv(expression, [its unit,] unit)`."""
    usage = SPECTRAL.usage
    if len(arguments) not in {2, 3}:
        raise Refusal(node.at, f"gavo_specconv is not called with {len(arguments)} arguments.", usage)
    value, *units = arguments
    if value.kind not in {*NUMBERS, "null"}:
        raise Refusal(value.at, f"gavo_specconv takes a number, not {value.said}.", usage)
    names = [_text_literal(unit, "A unit", usage) for unit in units]
    if len(names) == 1:
        if not value.column.unit:
            raise Refusal(value.at, "The unit of this value is not known.", "Give it as the second argument.")
        names.insert(0, value.column.unit)
    try:
        factor, inverted = spectral_factor(*names)
    except ValueError as error:
        raise Refusal(units[-1].at, str(error)) from None
    number = converted(value, "double")
    sql = f"({float_literal(factor)} / {number})" if inverted else f"({number} * {float_literal(factor)})"
    column = Column("", "double", unit=names[1])
    return replace(derived(sql, "double", node.at, (value,), column), can_fail=True)


def _transform(node: tree.Function, arguments: Sequence[Value], _resolve: Resolve | None) -> Value:
    """`ivo_geom_transform(from, to, geometry)`."""
    usage = TRANSFORM.usage
    if len(arguments) != 3:
        raise Refusal(node.at, f"{node.name.lower()} is not called with {len(arguments)} arguments.", usage)
    *systems, shape = arguments
    names = []
    for system in systems:
        name = _text_literal(system, "A reference frame", usage)
        if name not in FRAMES:
            raise Refusal(
                system.at, f"The frame {name[:30]} is not known here.", f"Known are {', '.join(FRAMES)}"
            )
        names.append(quote_text(name) + "::text")
    if shape.kind not in GEOMETRIES and shape.shape is None:
        raise Refusal(shape.at, f"{node.name.lower()} takes a geometry, not {shape.said}.", usage)
    kind = shape.kind if shape.kind in GEOMETRIES else "region"
    sql = sky.transform(names[0], names[1], shape.shape or shape.sql)
    return derived(sql, kind, node.at, (shape,), Column("", "char", ucd="pos"))


def _named_point(node: tree.Function, arguments: Sequence[Value], resolve: Resolve | None) -> Value:
    """`ivo_simbadpoint('name')`."""
    if len(arguments) != 1:
        raise Refusal(
            node.at, f"ivo_simbadpoint is not called with {len(arguments)} arguments.", SIMBAD.usage
        )
    name = _text_literal(arguments[0], "An object's name", SIMBAD.usage)
    if resolve is None:
        raise Refusal(
            node.at, "This service looks up no names of objects.", "Give the position: POINT(ra, dec)"
        )
    longitude, latitude = (float_literal(number) for number in resolve(name))
    value = derived(
        sky.point_region(longitude, latitude), "point", node.at, (), Column("", "char", ucd="pos")
    )
    return replace(value, coordinates=(longitude, latitude))


SPECTRAL = Function(
    "GAVO_SPECCONV",
    (
        "gavo_specconv(expr DOUBLE PRECISION, dest_unit VARCHAR) -> DOUBLE PRECISION",
        "gavo_specconv(expr DOUBLE PRECISION, expr_unit VARCHAR, dest_unit VARCHAR) -> DOUBLE PRECISION",
    ),
    "a wavelength, frequency or energy as another of them, in another unit",
    (),
    compute=_convert_spectral,
)

TRANSFORM = Function(
    "IVO_GEOM_TRANSFORM",
    ("ivo_geom_transform(from_sys VARCHAR, to_sys VARCHAR, geo GEOMETRY) -> GEOMETRY",),
    f"a shape in another reference frame; the frames are {', '.join(FRAMES)} (FK5 and ECLIPTIC of J2000, FK4 of B1950)",
    (),
    compute=_transform,
)

SIMBAD = Function(
    "IVO_SIMBADPOINT",
    ("ivo_simbadpoint(identifier VARCHAR) -> POINT",),
    "the position of the object that has the name, as the CDS knows it",
    (),
    compute=_named_point,
)

_HEALPIX_INDEX = Function(
    "IVO_HEALPIX_INDEX",
    (
        "ivo_healpix_index(hpxOrder INTEGER, long DOUBLE PRECISION, lat DOUBLE PRECISION) -> BIGINT",
        "ivo_healpix_index(hpxOrder INTEGER, p POINT) -> BIGINT",
    ),
    "the HEALPix pixel, in the nested scheme, that a position is in",
    (
        Form(("integer", "number", "number"), "sky.healpix_index({0}, {1}, {2})"),
        Form(("integer", "position"), "sky.healpix_index({0}, {1}, {2})"),
    ),
    gives="long",
    ucd="pos.healpix",
)

_ALL = (
    _HEALPIX_INDEX,
    _function(
        "ivo_healpix_center(hpxOrder INTEGER, hpxIndex BIGINT) -> POINT",
        "the middle of a HEALPix pixel of the nested scheme",
        "sky.healpix_center({0}, {1})",
        "integer",
        "long",
        gives="point",
    ),
    _function(
        "ivo_epoch_prop_pos(ra DOUBLE PRECISION, dec DOUBLE PRECISION, parallax DOUBLE PRECISION, "
        "pmra DOUBLE PRECISION, pmdec DOUBLE PRECISION, radial_velocity DOUBLE PRECISION, "
        "ref_epoch DOUBLE PRECISION, out_epoch DOUBLE PRECISION) -> POINT",
        "where a star is at out_epoch that moves on a line from where it was at ref_epoch "
        "(deg, mas, mas/yr, km/s, Julian years)",
        "sky.epoch_position({0}, {1}, {2}, {3}, {4}, {5}, {6}, {7})",
        *("number",) * 8,
        gives="point",
    ),
    TRANSFORM,
    replace(
        TRANSFORM,
        name="GAVO_TRANSFORM",
        signatures=("gavo_transform(from_sys VARCHAR, to_sys VARCHAR, geo GEOMETRY) -> GEOMETRY",),
    ),
    _function(
        "ivo_to_jd(d TIMESTAMP) -> DOUBLE PRECISION",
        "a time as a Julian date",
        "sky.julian_date({0})",
        "time",
        unit="d",
        ucd="time.epoch",
    ),
    _function(
        "ivo_to_mjd(d TIMESTAMP) -> DOUBLE PRECISION",
        "a time as a modified Julian date",
        "sky.modified_julian_date({0})",
        "time",
        unit="d",
        ucd="time.epoch",
    ),
    _function(
        "ivo_string_agg(expression VARCHAR, delimiter VARCHAR) -> VARCHAR",
        "the texts of a group, joined",
        "string_agg({0}, {1})",
        "text",
        "text",
        gives="text",
        aggregate=True,
    ),
    _function(
        "ivo_nocasematch(value VARCHAR, pattern VARCHAR) -> INTEGER",
        "1 if the text is like the pattern in any case, else 0; ILIKE is the better way",
        "sky.matches_ignoring_case({0}, {1})",
        "text",
        "text",
        gives="int",
    ),
    _function(
        "ivo_hasword(haystack VARCHAR, needle VARCHAR) -> INTEGER",
        "1 if all words of the second text are in the first, in any case, else 0",
        "sky.has_word({0}, {1})",
        "text",
        "text",
        gives="int",
    ),
    _function(
        "ivo_hashlist_has(hashlist VARCHAR, item VARCHAR) -> INTEGER",
        "1 if the item is in the list, whose items have # between them, in any case, else 0",
        "sky.hashlist_has({0}, {1})",
        "text",
        "text",
        gives="int",
    ),
    _function(
        "ivo_histogram(val DOUBLE PRECISION, lower DOUBLE PRECISION, upper DOUBLE PRECISION, nbins INTEGER) "
        "-> INTEGER[]",
        "how many values of a group are below lower, in each of the bins, and from upper on",
        "sky.histogram({0}, {1}, {2}, {3})",
        "number",
        "number",
        "number",
        "integer",
        gives="array",
        aggregate=True,
    ),
    _function(
        "ivo_normal_random(mu DOUBLE PRECISION, sigma DOUBLE PRECISION) -> DOUBLE PRECISION",
        "a number drawn from a normal distribution",
        "sky.normal_random({0}, {1})",
        "number",
        "number",
        unit="same",
    ),
    _function(
        "ivo_interval_overlaps(a1 DOUBLE PRECISION, b1 DOUBLE PRECISION, a2 DOUBLE PRECISION, "
        "b2 DOUBLE PRECISION) -> INTEGER",
        "1 if the intervals a1 to b1 and a2 to b2 overlap or touch, else 0",
        "sky.interval_overlaps({0}, {1}, {2}, {3})",
        *("number",) * 4,
        gives="int",
    ),
    SIMBAD,
    _function(
        "ivo_hms_to_degrees(hms VARCHAR) -> DOUBLE PRECISION",
        "hours, minutes and seconds (3:34:45.4, 033445.4, 3h34m45.4s) in degrees; NULL where it is none",
        "sky.degrees_of_hms({0})",
        "text",
        unit="deg",
    ),
    _function(
        "ivo_dms_to_degrees(dms VARCHAR) -> DOUBLE PRECISION",
        "degrees, minutes and seconds (-42:9:6.7, -420906.7, -42d9m6.7s) in degrees; NULL where it is none",
        "sky.degrees_of_dms({0})",
        "text",
        unit="deg",
    ),
    SPECTRAL,
)

USER_FUNCTIONS = {function.name: function for function in _ALL} | MAPS
