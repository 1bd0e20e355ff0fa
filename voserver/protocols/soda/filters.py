"""The parameters of SODA (SODA 1.0 §3) and what they ask for: which datasets, filtered how, in which form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from voserver.catalogue.cutouts.areas import Area, area_of, box
from voserver.catalogue.cutouts.pictures import COLORMAPS, STRETCHES, Look
from voserver.catalogue.cutouts.wanted import Wanted
from voserver.model.errors import SeveralValues, UsageError
from voserver.model.regions import parse_region
from voserver.protocols.discovery.regions import read_region
from voserver.protocols.discovery.values import interval, shown
from voserver.protocols.parameters import Parameters

REPEATABLE = ("ID", "CIRCLE", "POLYGON", "POS", "BAND", "TIME", "POL")
"""What jobs take several of."""

MOST_RESULTS = 1000
"""Of one job."""

_REGIONS = ("CIRCLE", "POLYGON", "POS")
_FORMS: dict[str, Literal["FITS", "PNG", "JPEG"]] = {
    "fits": "FITS",
    "image/fits": "FITS",
    "application/fits": "FITS",
    "png": "PNG",
    "image/png": "PNG",
    "jpeg": "JPEG",
    "jpg": "JPEG",
    "image/jpeg": "JPEG",
}
_MOST_CORNERS = 500
_SMALLEST, _LARGEST = 16, 4096
_STATES = ("I", "Q", "U", "V", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX", "POLI", "POLA")


_ANY = (None,)


@dataclass(frozen=True)
class Combination:
    """One cut-out that is asked for."""

    identifier: str
    wanted: Wanted


@dataclass(frozen=True)
class Filters:
    """What a request asks for; each list with the words that it was asked in."""

    identifiers: Sequence[str]
    areas: Sequence[tuple[str, Area]] = ()
    bands: Sequence[tuple[float, float]] = ()
    times: Sequence[tuple[float, float]] = ()
    states: frozenset[str] = field(default_factory=frozenset)

    def combinations(self) -> Iterator[Combination]:
        """One for each identifier with each region, band and time (SODA 1.0 §5)."""
        for one, area, band, time in product(
            self.identifiers, self.areas or _ANY, self.bands or _ANY, self.times or _ANY
        ):
            words = [area[0]] if area else []
            words += [f"BAND={band[0]!r} {band[1]!r} m"] if band else []
            words += [f"TIME={time[0]!r} {time[1]!r}"] if time else []
            words += [f"POL={','.join(sorted(self.states))}"] if self.states else []
            yield Combination(one, Wanted(area and area[1], band, time, self.states, "; ".join(words)))

    @property
    def count(self) -> int:
        """How many combinations there are."""
        alternatives = (self.areas, self.bands, self.times)
        total = len(self.identifiers)
        for each in alternatives:
            total *= max(1, len(each))
        return total


def read_filters(parameters: Parameters) -> Filters:
    """What is asked for.

    Raises:
        UsageError: a value makes no sense, there is no ID, or there are too many combinations.
    """
    if parameters.all("MOC"):
        raise UsageError("MOC is not understood here.", hint="Regions are CIRCLE, POLYGON or POS.")
    identifiers = [value.strip() for value in parameters.all("ID")]
    if not identifiers:
        raise UsageError("ID is missing.", hint="ID is a dataset's obs_publisher_did, or the URI of a file.")
    found = Filters(
        tuple(dict.fromkeys(identifiers)),
        [_area(name, value) for name in _REGIONS for value in parameters.all(name)],
        [_interval("BAND", value, "5e-6 7e-6") for value in parameters.all("BAND")],
        [_interval("TIME", value, "59770 59800.5") for value in parameters.all("TIME")],
        frozenset(_state(value) for value in parameters.all("POL")),
    )
    if found.count > MOST_RESULTS:
        raise UsageError(
            f"These are {found.count:,} cut-outs; {MOST_RESULTS:,} at most are made at once.",
            hint="Each ID is combined with each region, each BAND and each TIME.",
        )
    return found


def read_look(parameters: Parameters) -> Look | None:
    """How a picture shall look; None where a FITS file is wanted.

    Raises:
        UsageError: a value makes no sense.
    """
    asked = parameters.one("RESPONSEFORMAT") or parameters.one("FORMAT") or "fits"
    form = _FORMS.get(asked.partition(";")[0].strip().lower())
    if form is None:
        raise UsageError(
            f"RESPONSEFORMAT={shown(asked)} cannot be made.", hint=f"It is one of {', '.join(_FORMS)}."
        )
    if form == "FITS":
        return None
    look = Look(form)
    stretch = (parameters.one("STRETCH") or look.stretch).lower()
    colors = (parameters.one("COLORMAP") or look.colors).lower()
    if stretch not in STRETCHES:
        raise UsageError(f"STRETCH={shown(stretch)} is none.", hint=f"It is {', '.join(STRETCHES)}.")
    if colors not in COLORMAPS:
        raise UsageError(f"COLORMAP={shown(colors)} is none.", hint=f"It is {', '.join(COLORMAPS)}.")
    percentiles = look.percentiles
    if written := parameters.one("PERCENTILE"):
        percentiles = _interval("PERCENTILE", written, "1 99.7")
        if not 0 <= percentiles[0] < percentiles[1] <= 100:
            raise UsageError(f"PERCENTILE={shown(written)} are not two within 0 and 100.")
    size = parameters.natural("SIZE") or look.size
    if not _SMALLEST <= size <= _LARGEST:
        raise UsageError(f"SIZE is {_SMALLEST} to {_LARGEST} pixels.")
    return Look(form, STRETCHES[STRETCHES.index(stretch)], percentiles, size, colors=colors)


def check_single(parameters: Parameters) -> None:
    """Refuse what only jobs take: several values of a parameter, but for POL; several regions.

    Raises:
        SeveralValues: there are.
    """
    for name in ("ID", "BAND", "TIME"):
        count = len(parameters.all(name))
        if count > 1:
            raise SeveralValues(f"{name} was given {count} times.", hint=_AS_JOB)
    regions = [name for name in _REGIONS for _ in parameters.all(name)]
    if len(regions) > 1:
        raise SeveralValues(f"{len(regions)} regions were given: {', '.join(regions)}.", hint=_AS_JOB)


_AS_JOB = "Here it is one cut-out a request. A job, at /soda/async, makes all combinations."


def _interval(name: str, written: str, example: str) -> tuple[float, float]:
    found = interval(name, written, example)
    return found.low, found.high


def _state(written: str) -> str:
    state = written.strip().upper()
    if state not in _STATES:
        raise UsageError(
            f"POL={shown(written)} is no state of polarization.", hint=f"They are {', '.join(_STATES)}."
        )
    return state


def _area(name: str, written: str) -> tuple[str, Area]:
    region = read_region(written, name)
    words = f"{name}={' '.join(written.split())}"[:2000]
    if region.kind == "RANGE":
        return words, box(*region.numbers)
    if len(region.numbers) > 2 * _MOST_CORNERS:
        raise UsageError(f"{name}: the polygon has more than {_MOST_CORNERS} corners.")
    found = parse_region(f"{region.kind} ICRS {' '.join(map(repr, region.numbers))}")
    if not found.shapes:
        raise UsageError(f"{name}: the {region.kind.lower()} is {found.status}.")
    return words, area_of(found.shapes[0])
