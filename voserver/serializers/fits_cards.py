"""Header cards of FITS (FITS 4.0 §4): 80 ASCII characters each, in blocks of 2880."""

from collections.abc import Sequence

_CARD = 80
BLOCK = 2880
_TEXT = 68  # characters between the quotes of one card
_CONTINUED = 33  # of these, so many survive even if each is a quote, which is written twice


def card(keyword: str, value: int | bool) -> bytes:
    """A card with a number or a logical value."""
    text = ("T" if value else "F") if isinstance(value, bool) else str(value)
    return f"{keyword:<8}= {text:>20}".ljust(_CARD).encode("ascii")


def text_cards(keyword: str, text: str) -> list[bytes]:
    """A text, on as many cards as it needs (CONTINUE, FITS 4.0 §4.2.1.2; HISTORY repeats)."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in " ".join(text.split()))
    if keyword == "HISTORY":
        return [f"{keyword:<8}{part}".ljust(_CARD).encode("ascii") for part in _cut(plain, _CARD - 8)]
    if len(plain.replace("'", "''")) <= _TEXT:
        return [_quoted(f"{keyword:<8}= ", plain)]
    *parts, last = _cut(plain, _CONTINUED)
    starts = [f"{keyword:<8}= ", *["CONTINUE  "] * len(parts)]
    return [
        _quoted(start, part)
        for start, part in zip(starts, [*(f"{part}&" for part in parts), last], strict=True)
    ]


def block(cards: Sequence[bytes]) -> bytes:
    """A whole header: the cards, END, and blanks up to the end of the block."""
    header = b"".join([*cards, b"END".ljust(_CARD)])
    return header + b" " * (-len(header) % BLOCK)


def _cut(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)] or [""]


def _quoted(start: str, text: str) -> bytes:
    doubled = text.replace("'", "''")
    return f"{start}'{doubled:<8}'".ljust(_CARD).encode("ascii")
