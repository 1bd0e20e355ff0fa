"""Tables as astronomers keep them (FITS, ECSV, VOTable), read by astropy, as Arrow batches.

Importing this module costs half a second: only what reads such a file does.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time
from astropy.utils import iers

from voserver.catalogue import table_guards
from voserver.model.errors import UsageError

_FORMATS = {"ecsv": "ascii.ecsv", "vot": "votable", "votable": "votable", "xml": "votable"}
"""Astropy's name of a format, by the end of a file's name; others are FITS."""

Untyped: TypeAlias = Any  # astropy ships no types

_BATCH = 20_000
_BATCH_VALUES = 4_000_000
_VALUE = 32
"""Bytes of a number as Python has it, on its way to the database."""


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
    table_guards.check_size(path, is_fits=kind == "fits")
    try:
        with warnings.catch_warnings(), iers.conf.set_temp("auto_download", False):
            # Of units and keywords that astropy does not know: they are kept as text.
            warnings.simplefilter("ignore")
            table = _READERS[kind](path)
            return [column for name in table.colnames for column in _columns(name, table[name])]
    except UsageError:
        raise
    except Exception as error:
        # astropy's readers raise whatever they run into in a file that is damaged: IndexError, TypeError, KeyError …
        raise UsageError(f"{path} cannot be read as {kind}: {' '.join(str(error).split())[:300]}") from error


def _ecsv(path: Path) -> Table:
    return Table.read(table_guards.ecsv_lines(path), format="ascii.ecsv")


def _votable(path: Path) -> Table:
    table_guards.check_votable(path)
    return Table.read(path, format="votable", table_id=0)


def _fits(path: Path) -> Table:
    with fits.open(path) as units:
        table = next((unit for unit in units if isinstance(unit, fits.BinTableHDU)), None)
        if table is not None:
            _check_rows(path, table)
        return Table.read(units, format="fits")


def _check_rows(path: Path, table: fits.BinTableHDU) -> None:
    """Refuse rows without bytes, and cells of variable length that share theirs: both are a file of any size."""
    if not table.header["NAXIS1"] and table.header["NAXIS2"]:
        raise UsageError(f"{path} has rows without bytes: NAXIS1 is 0.")
    rows = table.data.view(np.ndarray)
    cells = [
        rows[column.name][:, 0] for column in table.columns if column.format.lstrip("0123456789")[:1] in "PQ"
    ]
    count = sum(int(lengths.astype(np.float64).sum()) for lengths in cells)
    if count * _VALUE > table_guards.LARGEST_TABLE:
        raise UsageError(
            f"{path} has {count:,} values in cells of variable length.", hint=table_guards.INSTEAD
        )


_READERS = {"ascii.ecsv": _ecsv, "votable": _votable, "fits": _fits}


def batches(columns: list[FileColumn]) -> Iterator[pa.RecordBatch]:
    """The rows, some thousands at a time, fewer of wide ones. NaN is null: files without a null write it so."""
    length = len(columns[0].values) if columns else 0
    names = [column.name for column in columns]
    width = sum(prod(column.values.shape[1:]) for column in columns)
    size = max(1, min(_BATCH, _BATCH_VALUES // max(width, 1)))
    for start in range(0, length, size):
        yield pa.record_batch(
            [_arrow(column.values[start : start + size]) for column in columns], names=names
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
