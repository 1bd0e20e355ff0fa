"""The functions of numbers and texts that ADQL itself has (ADQL 2.1 §2.3, §4.6).

Numbers are passed as double precision, and come back so.
"""

from __future__ import annotations

from voserver.query.adql.registry import Argument, Form, Function


def _number(
    signature: str, meaning: str, *sql: str, unit: str | None = None, can_fail: bool = True
) -> Function:
    name = signature.partition("(")[0]
    forms = tuple(_form("number", text) for text in sql)
    return Function(name, (signature,), meaning, forms, unit=unit, can_fail=can_fail)


def _text(signature: str, meaning: str, sql: str) -> Function:
    name = signature.partition("(")[0]
    return Function(name, (signature,), meaning, (_form("text", sql),), gives="text", can_fail=False)


def _form(takes: Argument, sql: str) -> Form:
    return Form((takes,) * (2 if "{1}" in sql else 1 if "{0}" in sql else 0), sql)


_ALL = (
    _number("ABS(x)", "absolute value", "abs({0})", unit="same", can_fail=False),
    _number("CEILING(x)", "smallest whole number not below x", "ceil({0})", unit="same", can_fail=False),
    _number("DEGREES(x)", "radians in degrees", "degrees({0})", unit="deg"),
    _number("EXP(x)", "e to the power of x", "exp({0})"),
    _number("FLOOR(x)", "largest whole number not above x", "floor({0})", unit="same", can_fail=False),
    _number("LOG(x)", "natural logarithm", "ln({0})"),
    _number("LOG10(x)", "logarithm to base 10", "log({0})"),
    _number(
        "MOD(x, y)", "remainder of x / y, with the sign of x", "mod(({0})::numeric, ({1})::numeric)::float8"
    ),
    _number("PI()", "the number pi", "pi()"),
    _number("POWER(x, y)", "x to the power of y", "power({0}, {1})"),
    _number("RADIANS(x)", "degrees in radians", "radians({0})", unit="rad", can_fail=False),
    _number("SQRT(x)", "square root", "sqrt({0})"),
    # The sub-query sets the seed before the first number is drawn, and once; its result is an empty text.
    _number(
        "RAND([seed])",
        "random number from 0 to 1; the same seed gives the same numbers",
        "random()",
        "(length((SELECT setseed(sin({0})))::text) + random())",
    ),
    # Of doubles PostgreSQL rounds halves to even and knows no digits; of numeric it does both as SQL does.
    _number(
        "ROUND(x[, digits])",
        "x rounded, halves away from zero",
        "round(({0})::numeric)::float8",
        "round(({0})::numeric, ({1})::int4)::float8",
        unit="same",
    ),
    _number(
        "TRUNCATE(x[, digits])",
        "x without its further digits",
        "trunc({0})",
        "trunc(({0})::numeric, ({1})::int4)::float8",
        unit="same",
    ),
    _number("ACOS(x)", "arc cosine, in radians", "acos({0})", unit="rad"),
    _number("ASIN(x)", "arc sine, in radians", "asin({0})", unit="rad"),
    _number("ATAN(x)", "arc tangent, in radians", "atan({0})", unit="rad", can_fail=False),
    _number("ATAN2(y, x)", "angle of the position (x, y), in radians", "atan2({0}, {1})", unit="rad"),
    _number("COS(x)", "cosine of radians", "cos({0})"),
    _number("COT(x)", "cotangent of radians", "cot({0})"),
    _number("SIN(x)", "sine of radians", "sin({0})"),
    _number("TAN(x)", "tangent of radians", "tan({0})"),
    _text("LOWER(text)", "the text in small letters", "lower({0})"),
    _text("UPPER(text)", "the text in capitals", "upper({0})"),
)

FUNCTIONS = {function.name: function for function in _ALL}
