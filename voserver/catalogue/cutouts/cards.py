"""The cards of a FITS header (FITS 4.0 §4): read without complaint, changed one by one, the others kept as they are.

(astropy mends what it reads, and warns for the whole process; a cut-out shall say what the file said.)
"""

import re
from collections.abc import Collection, Mapping
from math import isfinite

from voserver.model.errors import UsageError

BLOCK = 2880
CARD = 80

_VALUE = re.compile(
    r"=\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<flag>[TF])(?=[\s/]|$)|(?P<number>[+-]?[0-9.][0-9.EDed+-]{0,69}))"
)
_CONTINUED = re.compile(r"\s*'(?P<text>(?:[^']|'')*)'")
_TEXT = 67  # characters between the quotes of one card, so that an `&` has room, too

Value = str | int | float | bool


class Cards:
    """One header. Of a keyword that is there twice the first counts."""

    def __init__(self, raw: list[bytes]) -> None:
        self.raw = raw
        self._values: dict[str, Value] = {}
        last = ""
        for card in raw:
            keyword, rest = card[:8].decode("latin-1").rstrip(), card[8:].decode("latin-1")
            if keyword == "CONTINUE":
                self._continue(last, rest)
                continue
            last = "" if keyword in self._values else keyword
            found = _VALUE.match(rest)
            if found and last:
                value = _value(found)
                if value is not None:
                    self._values[keyword] = value

    def _continue(self, keyword: str, rest: str) -> None:
        before, found = self._values.get(keyword), _CONTINUED.match(rest)
        if isinstance(before, str) and before.endswith("&") and found:
            self._values[keyword] = before[:-1] + _plain(found["text"])

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._values

    @property
    def values(self) -> Mapping[str, Value]:
        """Every keyword that has a value which can be read."""
        return self._values

    def text(self, keyword: str) -> str:
        """A value as text; empty where there is none."""
        value = self._values.get(keyword, "")
        return value.strip() if isinstance(value, str) else str(value)

    def natural(self, keyword: str, otherwise: int | None = None) -> int:
        """A value that is a size or a number of things.

        Raises:
            UsageError: it is none.
        """
        value = self._values.get(keyword, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**48:
            raise UsageError(f"The file has {keyword}={str(value)[:40]!r} in its header, which is no size.")
        return value

    def number(self, keyword: str, otherwise: float) -> float:
        """A value that is a number.

        Raises:
            UsageError: it is none.
        """
        value = self._values.get(keyword, otherwise)
        if isinstance(value, bool | str) or not isfinite(value):
            raise UsageError(f"The file has {keyword}={str(value)[:40]!r} in its header, which is no number.")
        return float(value)

    def changed(
        self,
        changes: Mapping[str, Value],
        *,
        without: Collection[str] = (),
        history: Collection[str] = (),
    ) -> bytes:
        """The header with other values for these keywords, new ones at its end, as whole blocks."""
        written: list[bytes] = []
        left = dict(changes)
        skipping = False
        for card in self.raw:
            keyword = card[:8].decode("latin-1").rstrip()
            if keyword == "CONTINUE" and skipping:
                continue
            skipping = keyword in without or (keyword in changes and keyword not in left)
            if not skipping and keyword in left:
                written += cards(keyword, left.pop(keyword), _comment(card))
                skipping = True
            elif not skipping:
                written.append(card)
        for keyword, value in left.items():
            written += cards(keyword, value)
        for line in history:
            written += [_padded(f"HISTORY {line[at : at + 72]}") for at in range(0, len(line), 72)]
        header = b"".join([*written, _padded("END")])
        return header + b" " * (-len(header) % BLOCK)


def cards(keyword: str, value: Value, comment: str = "") -> list[bytes]:
    """A card, or several for a long text (CONTINUE, FITS 4.0 §4.2.1.2)."""
    if isinstance(value, str):
        return _text_cards(keyword, value, comment)
    text = ("T" if value else "F") if isinstance(value, bool) else repr(value).upper()
    card = f"{keyword:<8}= {text:>20}"
    return [_padded(f"{card} / {comment}" if comment else card)]


def _text_cards(keyword: str, value: str, comment: str) -> list[bytes]:
    plain = "".join(character if " " <= character <= "~" else "?" for character in value)
    length = _TEXT // 2 if "'" in plain else _TEXT
    parts = [plain[at : at + length] for at in range(0, len(plain), length)]
    *most, last = [*(f"{part}&" for part in parts[:-1]), *parts[-1:]] or [""]
    starts = [f"{keyword:<8}= ", *["CONTINUE  "] * len(most)]
    written = []
    for start, part in zip(starts, [*most, last], strict=True):
        doubled = part.replace("'", "''")
        written.append(f"{start}'{doubled:<8}'")
    if comment:
        written[-1] = f"{written[-1]} / {comment}"
    return [_padded(card) for card in written]


def _padded(card: str) -> bytes:
    return card.encode("ascii", "replace")[:CARD].ljust(CARD)


def _comment(card: bytes) -> str:
    """What a card says beside its value."""
    rest = card[8:].decode("latin-1")
    found = _VALUE.match(rest)
    if found is None:
        return ""
    comment = rest[found.end() :].partition("/")[2].strip()
    return "".join(character if " " <= character <= "~" else "?" for character in comment)


def _value(found: re.Match[str]) -> Value | None:
    if found["text"] is not None:
        return _plain(found["text"])
    if found["flag"]:
        return found["flag"] == "T"
    text = found["number"]
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(re.sub("[dD]", "e", text))
    except ValueError:
        return None


def _plain(text: str) -> str:
    return text.replace("''", "'").rstrip()
