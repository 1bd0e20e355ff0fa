"""The headers of FITS files (FITS 4.0 §4): found without reading the data between them.

Only what a table needs of a card is understood here: its keyword, its value and what is said beside it. (astropy's
reader mends cards and warns of them, for the whole process.)
"""

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import IO

from voserver.model.errors import UsageError
from voserver.uploads.limits import shown

BLOCK = 2880
_MOST_BLOCKS = 400
_CARD = 80
_VALUE = re.compile(
    r"=\s+(?:'(?P<text>(?:[^']|'')*)'|(?P<flag>[TF])(?=[\s/]|$)|(?P<number>[+-]?[0-9.][0-9.EDed+-]*))?"
    r"\s*(?:/\s*(?P<comment>.*))?"
)

Value = str | int | float | bool


@dataclass
class Header:
    """The cards of one header by their keywords: values, and what is said beside them."""

    values: dict[str, Value] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def text(self, *names: str) -> str:
        """The value of the first of these keywords that is there, as text."""
        return next((str(self.values[name]).strip() for name in names if name in self.values), "")

    def natural(self, name: str, otherwise: int | None = None) -> int:
        """A value that is a size or a number of things."""
        value = self.values.get(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**50:
            raise UsageError(f"The uploaded FITS file has {name}={shown(str(value))}, which is no size.")
        return value

    def number(self, name: str, otherwise: float) -> float:
        """A value that is a number."""
        value = self.values.get(name, otherwise)
        if isinstance(value, bool | str) or not isfinite(value):
            raise UsageError(f"The uploaded FITS file has {name}={shown(str(value))}, which is no number.")
        return value

    @property
    def data_size(self) -> int:
        """The bytes of what follows, without the filling of its last block (FITS 4.0 §4.4.1)."""
        axes = self.natural("NAXIS")
        if not axes:
            return 0
        size = 1
        for number in range(1, min(axes, 999) + 1):
            size *= self.natural(f"NAXIS{number}")
        bits = self.values.get("BITPIX")
        if bits not in {8, 16, 32, 64, -32, -64}:
            raise UsageError(f"The uploaded FITS file has BITPIX={shown(str(bits))}, which is none.")
        return abs(int(bits)) // 8 * self.natural("GCOUNT", 1) * (self.natural("PCOUNT", 0) + size)

    def field_attributes(self, number: int) -> dict[str, str]:
        """What is said of a column, as the attributes of a VOTable's FIELD."""
        return {
            "name": self.text(f"TTYPE{number}"),
            "unit": self.text(f"TUNIT{number}"),
            "ucd": self.text(f"TUCD{number}"),
            "utype": self.text(f"TUTYP{number}", f"TUTYPE{number}"),
            "xtype": self.text(f"TXTYP{number}", f"TXTYPE{number}"),
        }

    def description(self, number: int) -> str | None:
        """What is said of a column: in a keyword of STILTS' and others', or beside its name."""
        words = self.text(f"TCOMM{number}") or self.comments.get(f"TTYPE{number}", "")
        return " ".join(words.split()) or None


def read_header(file: IO[bytes], position: int) -> tuple[Header | None, int]:
    """The header that begins here, if one does, and where its data begin."""
    file.seek(position)
    header = Header()
    for number in range(1, _MOST_BLOCKS + 1):
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            return None, position
        for at in range(0, BLOCK, _CARD):
            card = block[at : at + _CARD].decode("ascii", "replace")
            if card.rstrip() == "END":
                return header, position + number * BLOCK
            _understand(card, header)
    raise UsageError("The uploaded FITS file has a header without an end.")


def _understand(card: str, header: Header) -> None:
    keyword, found = card[:8].rstrip(), _VALUE.fullmatch(card[8:].rstrip())
    if found is None:
        return
    if found["text"] is not None:
        header.values[keyword] = found["text"].replace("''", "'").rstrip()
    elif found["flag"]:
        header.values[keyword] = found["flag"] == "T"
    elif found["number"]:
        try:
            header.values[keyword] = _number(found["number"])
        except ValueError:
            raise UsageError(
                f"The uploaded FITS file has {keyword}={shown(found['number'])}, which is no number."
            ) from None
    header.comments[keyword] = found["comment"] or ""


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("+-").isdigit() else float(re.sub("[dD]", "e", text))
