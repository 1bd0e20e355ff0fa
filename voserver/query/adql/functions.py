"""The functions of ADQL that this service has: what each takes, computes and is called in its capabilities.

`FUNCTIONS` is used by the compiler, `LANGUAGE_FEATURES` by the TAP capabilities (TAPRegExt 1.0 §2.3): what is
not implemented is in neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voserver.query.adql.types import Kind

UnitRule = Literal["none", "same", "deg", "rad"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of numbers or texts.

    `sql` has one entry for each number of arguments, with `{0}`, `{1}` for their SQL; numbers are passed as
    double precision (ADQL 2.1 §2.3.2). `unit` says what unit the result has.
    """

    name: str
    form: str
    meaning: str
    sql: dict[int, str]
    takes: Kind = "double"
    gives: Kind = "double"
    unit: UnitRule = "none"


def _function(
    form: str,
    meaning: str,
    *sql: str,
    takes: Kind = "double",
    gives: Kind = "double",
    unit: UnitRule = "none",
) -> Function:
    counts = {2 if "{1}" in text else 1 if "{0}" in text else 0: text for text in sql}
    return Function(form.partition("(")[0], form, meaning, counts, takes, gives, unit)


_ALL = (
    _function("ABS(x)", "absolute value", "abs({0})", unit="same"),
    _function("CEILING(x)", "smallest whole number not below x", "ceil({0})", unit="same"),
    _function("DEGREES(x)", "radians in degrees", "degrees({0})", unit="deg"),
    _function("EXP(x)", "e to the power of x", "exp({0})"),
    _function("FLOOR(x)", "largest whole number not above x", "floor({0})", unit="same"),
    _function("LOG(x)", "natural logarithm", "ln({0})"),
    _function("LOG10(x)", "logarithm to base 10", "log({0})"),
    _function(
        "MOD(x, y)", "remainder of x / y, with the sign of x", "mod(({0})::numeric, ({1})::numeric)::float8"
    ),
    _function("PI()", "the number pi", "pi()"),
    _function("POWER(x, y)", "x to the power of y", "power({0}, {1})"),
    _function("RADIANS(x)", "degrees in radians", "radians({0})", unit="rad"),
    _function("SQRT(x)", "square root", "sqrt({0})"),
    # The sub-query sets the seed before the first number is drawn, and once; its result is an empty text.
    _function(
        "RAND([seed])",
        "random number from 0 to 1; the same seed gives the same numbers",
        "random()",
        "(length((SELECT setseed(sin({0})))::text) + random())",
    ),
    # Of doubles PostgreSQL rounds halves to even and knows no digits; of numeric it does both as SQL does.
    _function(
        "ROUND(x[, digits])",
        "x rounded, halves away from zero",
        "round(({0})::numeric)::float8",
        "round(({0})::numeric, ({1})::int4)::float8",
        unit="same",
    ),
    _function(
        "TRUNCATE(x[, digits])",
        "x without its further digits",
        "trunc({0})",
        "trunc(({0})::numeric, ({1})::int4)::float8",
        unit="same",
    ),
    _function("ACOS(x)", "arc cosine, in radians", "acos({0})", unit="rad"),
    _function("ASIN(x)", "arc sine, in radians", "asin({0})", unit="rad"),
    _function("ATAN(x)", "arc tangent, in radians", "atan({0})", unit="rad"),
    _function("ATAN2(y, x)", "angle of the position (x, y), in radians", "atan2({0}, {1})", unit="rad"),
    _function("COS(x)", "cosine of radians", "cos({0})"),
    _function("COT(x)", "cotangent of radians", "cot({0})"),
    _function("SIN(x)", "sine of radians", "sin({0})"),
    _function("TAN(x)", "tangent of radians", "tan({0})"),
    _function("LOWER(text)", "the text in small letters", "lower({0})", takes="text", gives="text"),
    _function("UPPER(text)", "the text in capitals", "upper({0})", takes="text", gives="text"),
)

FUNCTIONS = {function.name: function for function in _ALL}


@dataclass(frozen=True, slots=True)
class GeometryFunction:
    """A function of the sky: its name, how it is called, and what it means."""

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


@dataclass(frozen=True, slots=True)
class LanguageFeature:
    """A `feature` of TAPRegExt's `languageFeatures`."""

    form: str
    description: str | None = None


# IVOIDs compare without case, but TOPCAT and taplint compare letters: this is how TAPRegExt 1.0 spells them.
_TYPE = "ivo://ivoa.net/std/TAPRegExt#features-"

LANGUAGE_FEATURES: dict[str, tuple[LanguageFeature, ...]] = {
    _TYPE + "adqlgeo": tuple(LanguageFeature(f.name, f"{f.form}: {f.meaning}.") for f in GEOMETRY.values()),
    _TYPE + "adql-string": tuple(LanguageFeature(name) for name in ("LOWER", "UPPER", "ILIKE")),
    _TYPE + "adql-common-table": (LanguageFeature("WITH"),),
    _TYPE + "adql-sets": tuple(LanguageFeature(name) for name in ("UNION", "EXCEPT", "INTERSECT")),
    _TYPE + "adql-type": (LanguageFeature("CAST"),),
    # Younger than that, and so in ADQL 2.1's own spelling.
    "ivo://ivoa.net/std/tapregext#features-adql-conditional": (LanguageFeature("COALESCE"),),
    _TYPE + "adql-offset": (LanguageFeature("OFFSET"),),
}
"""What TAP's capabilities declare, by the type's identifier (in lower case, ADQL 2.1 §4)."""
