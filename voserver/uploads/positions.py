"""Which columns of a table are its position on the sky: by their UCDs, else by their names."""

from collections.abc import Sequence

from voserver.model.columns import Column

_UCDS = ("pos.eq.ra", "pos.eq.dec")
_OLD_UCDS = ("pos_eq_ra_main", "pos_eq_dec_main")
_NAMES = (
    ("ra", "dec"),
    ("raj2000", "dej2000"),
    ("_raj2000", "_dej2000"),
    ("ra_icrs", "de_icrs"),
    ("ra_icrs", "dec_icrs"),
    ("s_ra", "s_dec"),
    ("ra_deg", "dec_deg"),
    ("radeg", "dedeg"),
    ("radeg", "decdeg"),
    ("ra2000", "dec2000"),
    ("alpha_j2000", "delta_j2000"),
    ("lon", "lat"),
)
_NUMBERS = frozenset({"short", "int", "long", "float", "double"})


def position(columns: Sequence[Column]) -> tuple[int, int] | None:
    """The places of longitude and latitude among the columns, or None."""
    usable = [(at, column) for at, column in enumerate(columns) if _is_angle(column)]
    found = [_by_ucd(usable, ucd, old) for ucd, old in zip(_UCDS, _OLD_UCDS, strict=True)]
    if found[0] is not None and found[1] is not None:
        return found[0], found[1]
    places = {column.name.lower(): at for at, column in usable}
    for longitude, latitude in _NAMES:
        if longitude in places and latitude in places:
            return places[longitude], places[latitude]
    return None


def _is_angle(column: Column) -> bool:
    return column.datatype in _NUMBERS and not column.is_array


def _by_ucd(columns: Sequence[tuple[int, Column]], ucd: str, old: str) -> int | None:
    """The column that says it is the main one, or the only one of that UCD."""
    words = {at: (column.ucd or "").lower().split(";") for at, column in columns}
    named = [at for at, parts in words.items() if ucd in parts or old in parts]
    main = [at for at in named if "meta.main" in words[at] or old in words[at]]
    return main[0] if main else named[0] if len(named) == 1 else None
