"""What the names of contributed files tell: JWST's words in them, and the product that they were made from."""

import re
from dataclasses import dataclass

from voserver.catalogue.ingest.passbands import Setup
from voserver.model import jwst
from voserver.model.errors import UsageError

_ENDING = re.compile(r"\.(?:fits?(?:\.gz)?|csv|txt|ecsv|json|asdf|jpe?g|png)$", re.IGNORECASE)
_WORDS = {
    "instrument": r"nircam|nirspec|niriss|miri|fgs",
    "filter": r"f\d{3,4}(?:w2?|wr|m|n|c|lp)|clear",
    "grating": r"prism|g\d{3}[mh]|p750l",
    "channel": r"ch([1-4])",
    "band": r"short|medium|long",
}
_PATTERNS = {kind: re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])") for kind, words in _WORDS.items()}
_NO_TARGETS = re.compile(r"(?:hlsp|jwst?|calib|static|test|spec)(?![a-z0-9])|jw\d|opd|[ro]20\d{8}")
_NIRSPEC = re.compile(r"PRISM|G\d{3}[MH]")


@dataclass(frozen=True, slots=True)
class Hints:
    """Words of a name; empty where it has none of a kind."""

    stem: str
    instrument: str = ""
    filter: str = ""
    grating: str = ""
    channel: str = ""
    band: str = ""
    target: str = ""
    product: jwst.ProductName | None = None
    """The pipeline's product whose name the file's name has in it."""

    def setup(
        self, instrument: str, mode: str | None, optical_filter: str | None, grating: str | None
    ) -> Setup:
        """The instrument's set-up, by what a header says and the name for the rest."""
        return Setup(
            instrument=instrument,
            mode=mode or "",
            optical_filter=(optical_filter or self.filter).upper(),
            grating=(grating or self.grating).upper(),
            channel=self.channel,
            band=self.band.upper(),
        )


def hints(name: str) -> Hints:
    """Take a file's name apart."""
    stem = _ENDING.sub("", name)
    lowered = stem.lower()
    found = {kind: pattern.search(lowered) for kind, pattern in _PATTERNS.items()}
    words = {kind: match.group() for kind, match in found.items() if match}
    product = product_in(stem)
    instrument = words.get("instrument", "").upper() or (product.instrument if product else None) or ""
    instrument = instrument or instrument_with(words.get("grating", ""))
    places = [match.start() for match in found.values() if match]
    before = stem[: min(places)].rstrip("_-. ") if places else ""
    target = "" if not before or _NO_TARGETS.match(before.lower()) else before
    return Hints(
        stem,
        instrument,
        words.get("filter", ""),
        words.get("grating", ""),
        words.get("channel", "")[2:],
        words.get("band", ""),
        target[:200],
        product,
    )


def instrument_with(grating: str) -> str:
    """The instrument that has a grating; empty where the name tells none."""
    return "NIRSPEC" if _NIRSPEC.fullmatch(grating.upper()) else ""


def product_in(text: str) -> jwst.ProductName | None:
    """The name of a product of the pipeline's that a text has in it, up to its suffix."""
    match = re.search(r"jw\d{5}[0-9A-Za-z_-]*", text)
    words = match.group().split("_") if match else []
    for count in range(len(words), 1, -1):
        try:
            return jwst.parse("_".join(words[:count]) + ".fits")
        except UsageError:
            continue
    return None
