"""Tables as astronomers keep them (FITS, ECSV, VOTable), read by astropy, as Arrow batches.

Importing this module costs half a second: only what reads such a file does.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

from voserver.model.errors import UsageError

_FORMATS = {"ecsv": "ascii.ecsv", "vot": "votable", "votable": "votable", "xml": "votable"}
"""Astropy's name of a format, by the end of a file's name; others are FITS."""

Untyped: TypeAlias = Any  # astropy ships no types

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column as its file describes it. `values` may be masked; arrays in cells have more dimensions."""

    name: str
    values: MaskedColumn
    unit: str | None
    description: str | None
    ucd: str | None


def read(path: Path) -> list[FileColumn]:
    """The columns of the first table in a file.

    Raises:
        UsageError: it cannot be read. Its reader's own words say why.
    """
    kind = _FORMATS.get(path.suffix.lower().removeprefix("."), "fits")
    try:
        with warnings.catch_warnings():
            # Of units and keywords that astropy does not know: they are kept as text.
            warnings.simplefilter("ignore")
            table = Table.read(path, format=kind, **({"table_id": 0} if kind == "votable" else {}))
            return [column for name in table.colnames for column in _columns(name, table[name])]
    except Exception as error:
        # astropy's readers raise whatever they run into in a file that is damaged: IndexError, TypeError, KeyError …
        raise UsageError(f"{path} cannot be read as {kind}: {' '.join(str(error).split())[:300]}") from error


def batches(columns: list[FileColumn]) -> Iterator[pa.RecordBatch]:
    """The rows, some thousands at a time. NaN is null: files without a null write it so."""
    length = len(columns[0].values) if columns else 0
    names = [column.name for column in columns]
    for start in range(0, length, _BATCH):
        yield pa.record_batch(
            [_arrow(column.values[start : start + _BATCH]) for column in columns], names=names
        )


def _columns(name: str, values: Untyped) -> Iterator[FileColumn]:
    """A column of the file; a position becomes two, a time one of ISO text, as a table in a database wants them."""
    description = values.info.description
    if isinstance(values, SkyCoord):
        place = values.icrs
        for axis, angle, ucd in (("ra", place.ra, "pos.eq.ra"), ("dec", place.dec, "pos.eq.dec")):
            yield FileColumn(f"{name}_{axis}", MaskedColumn(angle.deg), "deg", description, ucd)
    elif isinstance(values, Time):
        yield FileColumn(name, MaskedColumn(values.utc.isot), None, description, "time.epoch")
    else:
        plain = Table(QTable({name: values}), masked=True, copy=False)[name]
        unit = str(plain.unit) if plain.unit is not None and str(plain.unit) else None
        meaning = (values.info.meta or {}).get("ucd")
        yield FileColumn(name, plain, unit, description, meaning)


def _arrow(values: MaskedColumn) -> pa.Array:
    numbers = np.ma.asarray(values)
    mask = np.ma.getmaskarray(numbers)
    data = numbers.data
    if data.dtype.kind in "SU":
        texts = [
            None if gone else _text(value) for value, gone in zip(data.ravel(), mask.ravel(), strict=True)
        ]
        return _shaped(texts, data.shape)
    if data.dtype.kind == "O":
        return pa.array([_cell(cell, gone) for cell, gone in zip(data, mask, strict=True)])
    if data.dtype.kind == "c":  # real and imaginary part, as an array
        data = np.stack([data.real, data.imag], axis=-1)
        mask = np.stack([mask, mask], axis=-1)
    if data.dtype.kind == "f":
        mask = mask | np.isnan(data)
    plain = pa.array(data.astype(data.dtype.newbyteorder("=")).ravel(), mask=mask.ravel())
    return _shaped(plain, data.shape)


def _text(value: Untyped) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def _cell(cell: Untyped, gone: Untyped) -> Untyped:
    """A cell of variable length, or a text of a kind that astropy keeps as an object."""
    if np.ndim(gone) == 0 and gone:
        return None
    return cell.tolist() if isinstance(cell, np.ndarray) else cell


def _shaped(flat: Untyped, shape: tuple[int, ...]) -> pa.Array:
    """Values one after the other as cells of an array column, whose cells are flat, too, in this service."""
    values = flat if isinstance(flat, pa.Array) else pa.array(flat, pa.string())
    if len(shape) == 1:
        return values
    size = int(np.prod(shape[1:]))
    offsets = np.arange(0, len(values) + 1, size or 1, dtype=np.int32)
    return pa.ListArray.from_arrays(offsets, values)
