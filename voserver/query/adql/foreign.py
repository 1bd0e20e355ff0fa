"""Functions that ADQL does not have: what another dialect means by them, and what is called alike."""

from __future__ import annotations

from voserver.query.adql import tree
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.names import suggestion
from voserver.query.adql.types import Refusal
from voserver.query.adql.user_functions import USER_FUNCTIONS

_FOREIGN = {
    "SUBSTR": "ADQL has no sub-strings; compare with LIKE.",
    "SUBSTRING": "ADQL has no sub-strings; compare with LIKE.",
    "CONCAT": "Texts are joined by ||.",
    "IFNULL": "Use COALESCE(a, b).",
    "NVL": "Use COALESCE(a, b).",
    "ISNULL": "Use COALESCE(a, b), or the condition … IS NULL.",
    "POW": "Use POWER(x, y).",
    "CEIL": "Use CEILING(x).",
    "LN": "Use LOG(x), the natural logarithm.",
    "TRUNC": "Use TRUNCATE(x).",
    "RANDOM": "Use RAND().",
    "LCASE": "Use LOWER(text).",
    "UCASE": "Use UPPER(text).",
    "GROUP_CONCAT": "Use ivo_string_agg(text, ',').",
    "STRING_AGG": "Use ivo_string_agg(text, ',').",
    "NOW": "ADQL has no clock; write the time: '2024-07-01T12:00:00'",
    "GETDATE": "ADQL has no clock; write the time: '2024-07-01T12:00:00'",
    "Q3C_RADIAL_QUERY": "Use DISTANCE(POINT(ra, dec), POINT(10.5, 20.1)) < 0.1, which is indexed.",
    "Q3C_JOIN": "Use DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) < 0.001, which is indexed.",
    "STDDEV": "Use SQRT(AVG(x * x) - AVG(x) * AVG(x)).",
}
"""Functions of other dialects, and what ADQL has for them."""


def unknown_function(node: tree.Function) -> Refusal:
    """What to tell of a function that is not there."""
    known = {name.lower(): function.spelling for name, function in USER_FUNCTIONS.items()}
    known |= {name.lower(): name for name in (*FUNCTIONS, *GEOMETRY, "COALESCE", "IN_UNIT")}
    foreign = _FOREIGN.get(node.name)
    hint = foreign or suggestion(node.name, known.values(), "The functions are: ")
    return Refusal(node.at, f"There is no function {node.name} here.", hint)
