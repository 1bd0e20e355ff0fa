"""What a FITS file consists of: its headers, and where the data behind each lie (FITS 4.0 §3)."""

from dataclasses import dataclass
from math import prod
from typing import Protocol

from voserver.catalogue.cutouts.cards import BLOCK, CARD, Cards
from voserver.model.errors import UsageError

_FIRST_READ = 10 * BLOCK
_LONGEST_HEADER = 1500 * BLOCK
_ALL_HEADERS = 64 << 20
_MOST_UNITS = 5000
_MOST_AXES = 9


class Source(Protocol):
    """A file's bytes, wherever they are."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Those from `start` up to `end`; blocks. Raises a `ServiceError` where they cannot be had."""
        ...


@dataclass(frozen=True)
class Unit:
    """A header with its data. `data` is where these begin, `length` their bytes without the filling."""

    number: int
    cards: Cards
    start: int
    data: int
    length: int

    @property
    def name(self) -> str:
        """EXTNAME, in capitals."""
        return self.cards.text("EXTNAME").upper()

    @property
    def version(self) -> int:
        """EXTVER; 1 where there is none."""
        value = self.cards.values.get("EXTVER", 1)
        return value if isinstance(value, int) else 1

    @property
    def kind(self) -> str:
        """IMAGE (the first unit, too), BINTABLE or TABLE."""
        return self.cards.text("XTENSION").upper() or "IMAGE"

    @property
    def is_compressed(self) -> bool:
        """Whether the table is an image in tiles (FITS 4.0 §10)."""
        return self.cards.values.get("ZIMAGE") is True

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes, NAXIS1 first."""
        return tuple(self.cards.natural(f"NAXIS{axis}") for axis in range(1, self.cards.natural("NAXIS") + 1))

    @property
    def width(self) -> int:
        """The bytes of a pixel."""
        return abs(int(self.cards.values["BITPIX"])) // 8

    def __str__(self) -> str:
        named = f" ({self.name}, {self.version})" if self.name else ""
        return f"extension {self.number}{named}" if self.number else "the primary array"


def read_structure(source: Source) -> list[Unit]:
    """Every unit of a file; only headers are read.

    Raises:
        UsageError: it is no FITS file, or a broken one.
    """
    units: list[Unit] = []
    position, headers = 0, 0
    while position < source.size:
        raw = _read_header(source, position, first=not units)
        if raw is None:
            break  # what follows the last unit (FITS 4.0 §3.5)
        headers += len(raw) * CARD
        if len(units) >= _MOST_UNITS or headers > _ALL_HEADERS:
            raise UsageError(f"The file has more than {_MOST_UNITS} extensions, or too long headers.")
        cards = Cards(raw)
        data = position + -(-(len(raw) + 1) * CARD // BLOCK) * BLOCK
        length = _data_length(cards)
        unit = Unit(len(units), cards, position, data, length)
        if data + length > source.size:
            raise UsageError(
                f"The file ends too early: {unit} would have {length:,} bytes, and there are "
                f"{max(0, source.size - data):,}."
            )
        units.append(unit)
        position = data + -(-length // BLOCK) * BLOCK
    if not units:
        raise UsageError("The file is no FITS file: it is empty.")
    return units


def _read_header(source: Source, position: int, *, first: bool) -> list[bytes] | None:
    """The cards before END, by reading ever more until it comes. None where no header begins here."""
    buffer = b""
    wanted = _FIRST_READ
    at = 0
    while True:
        end = min(position + wanted, source.size)
        buffer += source.read(position + len(buffer), end)
        if not buffer.startswith(b"SIMPLE  =" if first else b"XTENSION="):
            if first:
                raise UsageError("The file is no FITS file: it does not begin with SIMPLE.")
            return None
        while at + CARD <= len(buffer):
            if buffer[at : at + CARD].rstrip() == b"END":
                return [buffer[place : place + CARD] for place in range(0, at, CARD)]
            at += CARD
        if end >= source.size or wanted >= _LONGEST_HEADER:
            raise UsageError("The file is a broken FITS file: a header has no END.")
        wanted *= 2


def _data_length(cards: Cards) -> int:
    """The bytes of the data (FITS 4.0 §4.4.1)."""
    bits = cards.values.get("BITPIX")
    if isinstance(bits, bool) or bits not in {8, 16, 32, 64, -32, -64}:
        raise UsageError(f"The file has BITPIX={str(bits)[:40]!r} in its header, which is none.")
    axes = cards.natural("NAXIS")
    if axes > _MOST_AXES:
        raise UsageError(f"The file has an array of {axes} axes; at most {_MOST_AXES} are understood here.")
    if cards.values.get("GROUPS") is True and axes and cards.natural("NAXIS1") == 0:
        raise UsageError("The file has random groups, which are not understood here.")
    sizes = [cards.natural(f"NAXIS{axis}") for axis in range(1, axes + 1)]
    count = prod(sizes) if sizes else 0
    groups, before = cards.natural("GCOUNT", 1), cards.natural("PCOUNT", 0)
    return abs(int(bits)) // 8 * groups * (before + count) if axes else 0
