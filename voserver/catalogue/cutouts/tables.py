"""Columns of binary tables (FITS 4.0 §7.3), as far as a cut-out has to look at them."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from voserver.catalogue.cutouts.areas import Array
from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.model.errors import UsageError

_FORM = re.compile(r"(\d{0,9})([LXBIJKAEDCMPQ])")
_WIDTHS = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}
_NUMBERS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_MOST_COLUMNS = 999
_MOST_BYTES = 64 << 20
"""Bytes of a table that is looked at."""


@dataclass(frozen=True)
class Column:
    """A column: where it begins in a row, how many values of what kind it has there."""

    name: str
    number: int
    offset: int
    count: int
    kind: str
    unit: str


@dataclass(frozen=True)
class Table:
    """A binary table: the rows lie one after the other, `width` bytes each; the heap behind them."""

    unit: Unit

    @property
    def width(self) -> int:
        """The bytes of a row."""
        return self.unit.shape[0]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.unit.shape[1]

    @cached_property
    def columns(self) -> list[Column]:
        """Its columns.

        Raises:
            UsageError: the header and the width of a row do not agree.
        """
        cards, found, offset = self.unit.cards, [], 0
        for number in range(1, cards.natural("TFIELDS", 0) + 1):
            form = _FORM.match(cards.text(f"TFORM{number}").upper())
            if form is None or number > _MOST_COLUMNS:
                raise UsageError(f"The table in {self.unit} has a column {number} that is not understood.")
            count = int(form[1] or 1)
            name, unit = cards.text(f"TTYPE{number}"), cards.text(f"TUNIT{number}")
            found.append(Column(name, number, offset, count, form[2], unit))
            offset += -(-count // 8) if form[2] == "X" else count * _WIDTHS[form[2]]
        if offset > self.width:
            raise UsageError(f"The columns of the table in {self.unit} are wider than its rows.")
        return found

    def column(self, name: str) -> Column | None:
        """The column of that name, in any case."""
        return next((one for one in self.columns if one.name.upper() == name.upper()), None)

    def values(self, column: Column, rows: bytes) -> Array:
        """The column's numbers in rows, shape (rows, count), scaled as TSCAL and TZERO say."""
        kind = _NUMBERS.get(column.kind)
        if kind is None:
            raise UsageError(f"The column {column.name!r} of {self.unit} holds no numbers.")
        table = np.frombuffer(rows, np.uint8).reshape(-1, self.width)
        size = column.count * int(np.dtype(kind).itemsize)
        part: NDArray[np.uint8] = np.ascontiguousarray(table[:, column.offset : column.offset + size])
        numbers = part.view(kind).astype(float) if column.count else np.empty((len(table), 0))
        scale = self.unit.cards.number(f"TSCAL{column.number}", 1.0)
        zero = self.unit.cards.number(f"TZERO{column.number}", 0.0)
        return np.asarray(numbers * scale + zero)


def table_of(unit: Unit) -> Table:
    """A unit as a table.

    Raises:
        UsageError: it is none, or a broken one.
    """
    if len(unit.shape) != 2 or unit.cards.natural("BITPIX") != 8:
        raise UsageError(f"The table in {unit} is broken.")
    return Table(unit)


def read_rows(table: Table, source: Source) -> bytes:
    """All rows, without the heap.

    Raises:
        UsageError: they are too many.
    """
    size = table.width * table.rows
    if size > _MOST_BYTES:
        raise UsageError(
            f"The table in {table.unit} has {size / 1e6:,.0f} MB, too many to look through.",
            hint="The whole file can be had.",
        )
    return source.read(table.unit.data, table.unit.data + size)


def column_of(unit: Unit, name: str, source: Source, *, most: int) -> tuple[Array, str]:
    """All numbers of a column, one after the other, and their unit.

    Raises:
        UsageError: there is no such column, or it is too long.
    """
    table = table_of(unit)
    column = table.column(name)
    if column is None:
        raise UsageError(f"The table in {unit} has no column {name[:40]!r}.")
    if column.count * table.rows > most:
        raise UsageError(f"The column {column.name!r} of {unit} is too long.")
    return table.values(column, read_rows(table, source)).ravel(), column.unit
