"""What of ADQL this service has beyond its core, as TAP's capabilities declare it (TAPRegExt 1.0 §2.3, ADQL 2.1 §4).

What is not implemented is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.user_functions import SIMBAD, USER_FUNCTIONS


@dataclass(frozen=True, slots=True)
class LanguageFeature:
    """A `feature` of TAPRegExt's `languageFeatures`."""

    form: str
    description: str | None = None


# IVOIDs compare without case, but TOPCAT and taplint compare letters: this is how TAPRegExt 1.0 spells them.
_TYPE = "ivo://ivoa.net/std/TAPRegExt#features-"
# Younger than that, and so in ADQL 2.1's own spelling.
_YOUNGER = "ivo://ivoa.net/std/tapregext#features-"

_FEATURES: dict[str, tuple[LanguageFeature, ...]] = {
    _TYPE + "adqlgeo": tuple(LanguageFeature(f.name, f"{f.form}: {f.meaning}.") for f in GEOMETRY.values()),
    _TYPE + "udf": tuple(
        LanguageFeature(signature, f"{function.description}.")
        for function in USER_FUNCTIONS.values()
        for signature in function.signatures
    ),
    _TYPE + "adql-string": tuple(LanguageFeature(name) for name in ("LOWER", "UPPER", "ILIKE")),
    _TYPE + "adql-common-table": (LanguageFeature("WITH"),),
    _TYPE + "adql-sets": tuple(LanguageFeature(name) for name in ("UNION", "EXCEPT", "INTERSECT")),
    _TYPE + "adql-type": (LanguageFeature("CAST"),),
    _TYPE + "adql-unit": (LanguageFeature("IN_UNIT"),),
    _YOUNGER + "adql-conditional": (LanguageFeature("COALESCE"),),
    _TYPE + "adql-offset": (LanguageFeature("OFFSET"),),
}

_EXTENSIONS = {
    # The type under which GAVO's servers declare theirs.
    "ivo://org.gavo.dc/std/exts#extra-adql-keywords": (
        LanguageFeature("CASE", "CASE WHEN condition THEN value … ELSE value END, as in SQL."),
        LanguageFeature("CROSS JOIN", "Every row of one table beside every row of another, as in SQL."),
        LanguageFeature("NULLIF", "NULLIF(a, b): NULL where the two are equal, else the first, as in SQL."),
    )
}


def language_features(*, extended: bool, resolving: bool) -> dict[str, tuple[LanguageFeature, ...]]:
    """The features by the identifiers of their types; `extended` and `resolving` say what is switched on."""
    features = _FEATURES | (_EXTENSIONS if extended else {})
    if resolving:
        return features
    named = {
        kind: tuple(one for one in forms if one.form not in SIMBAD.signatures)
        for kind, forms in features.items()
    }
    return {kind: forms for kind, forms in named.items() if forms}
