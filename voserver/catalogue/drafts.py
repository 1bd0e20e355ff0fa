"""A first Felis file for a table to be published: what the data know of their names, types, units and meanings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from voserver.catalogue import rows

_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "short",
    pa.uint8(): "short",
    pa.int16(): "short",
    pa.uint16(): "int",
    pa.int32(): "int",
    pa.uint32(): "long",
    pa.int64(): "long",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "text",
    pa.large_string(): "text",
}
_NUMBERS = frozenset(_TYPES.values()) - {"boolean", "text"}
_MAIN = ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main")
_POSITIONS = (
    ("ra", "dec"),
    ("raj2000", "dej2000"),
    ("s_ra", "s_dec"),
    ("ra_icrs", "de_icrs"),
    ("ra_icrs", "dec_icrs"),
    ("sky_centroid_ra", "sky_centroid_dec"),
    ("alpha_j2000", "delta_j2000"),
)
"""Pairs of names that are positions by custom: others', those of ObsCore and MAST, and those of JWST's pipeline."""


PRODUCT_COLUMN = "product_uri"
"""The column of a table that is a file of the archive's own, which says in every row which file."""
_PRODUCT = {
    "name": PRODUCT_COLUMN,
    "datatype": "text",
    "description": "The file that the source is listed in: uri in jwst.product",
    "ivoa:ucd": "meta.ref.uri",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a Felis file, and the columns that it could not take, each with the reason."""

    text: str
    left_out: tuple[str, ...]


def draft(path: Path, schema: str, table: str, *, is_product: bool = False) -> Draft:
    """Describe a file's table as far as the file itself does; of a product of the archive's also which that is.

    Raises:
        UsageError: the file cannot be read.
    """
    found = _columns(path)
    position = dict(zip(position_names([one.name for one in found if one.is_number]), _MAIN, strict=False))
    described, left_out = [], []
    for column in found:
        if not rows.NAME.fullmatch(column.name):
            left_out.append(f"{column.name!r}: no name for a query")
        elif column.datatype is None:
            left_out.append(f"{column.name}: of type {column.kind}")
        else:
            described.append(_described(column, position))
    if is_product and PRODUCT_COLUMN not in {column.name.lower() for column in found}:
        described.append(_PRODUCT)
    content = {
        "name": schema,
        "description": f"Tables of {schema}",
        "tables": [{"name": table, "description": f"Made from {path.name}", "columns": described}],
    }
    return Draft(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: pa.DataType
    unit: str | None = None
    description: str | None = None
    ucd: str | None = None

    @property
    def element(self) -> pa.DataType:
        return self.kind.value_type if pa.types.is_list(self.kind) else self.kind

    @property
    def is_number(self) -> bool:
        return self.kind == self.element and self.datatype in _NUMBERS

    @property
    def datatype(self) -> str | None:
        return "timestamp" if pa.types.is_timestamp(self.element) else _TYPES.get(self.element)


def _columns(path: Path) -> list[_Column]:
    if not path.name.lower().endswith(rows.ASTROPYS):
        return [_Column(field.name, field.type) for field in rows.schema_of(path)]
    from voserver.catalogue import table_files  # noqa: PLC0415 -- astropy's half second, where it is needed

    read = table_files.read(path)
    first = next(table_files.batches(read), None)
    kinds: Sequence[pa.DataType] = first.schema.types if first is not None else [pa.null()] * len(read)
    return [
        _Column(one.name, kind, one.unit, one.description, one.ucd)
        for one, kind in zip(read, kinds, strict=True)
    ]


def position_names(names: Sequence[str]) -> Sequence[str]:
    """Those that by custom are the main position's, right ascension first; none where there are no such."""
    lowered = {name.lower(): name for name in names}
    pairs = ((lowered[ra], lowered[dec]) for ra, dec in _POSITIONS if ra in lowered and dec in lowered)
    return next(pairs, ())


def _described(column: _Column, position: dict[str, str]) -> dict[str, str]:
    is_text = (
        column.datatype == "text"
    )  # 23:20:06.86 is neither in degrees nor a position that can be searched
    ucd = None if is_text and "pos.eq" in (column.ucd or "").lower() else column.ucd
    unit = None if is_text else column.unit
    known = {
        "name": column.name,
        "datatype": column.datatype,
        "votable:arraysize": "*" if pa.types.is_list(column.kind) else None,
        "description": column.description or f"{column.name} as the file has it",
        "ivoa:ucd": position.get(column.name) or ucd,
        "ivoa:unit": unit or ("deg" if column.name in position else None),
    }
    return {key: value for key, value in known.items() if value is not None}
