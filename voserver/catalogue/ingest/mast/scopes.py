"""What a harvest asks for: programs, what is new since a date, or a region of the sky."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from voserver.catalogue.ingest.mast.portal import Filters
from voserver.model import mast
from voserver.model.errors import UsageError
from voserver.model.regions import parse_region

_JWST: dict[str, object] = {"paramName": "obs_collection", "values": ["JWST"]}
_FAR = 100_000.0
_WIDEST = 10.0


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, and how that is called in the database."""

    name: str
    queries: tuple[tuple[Filters, str | None], ...]
    """Filters, and a position as `ra, dec, radius` or None; what any of them finds is harvested."""
    programs: tuple[int, ...] = ()
    """Where whole programs are asked for: which."""


def of_programs(programs: Sequence[int]) -> Scope:
    """All of some programs.

    Raises:
        UsageError: there can be no such program.
    """
    wanted = tuple(sorted(set(programs)))
    if not wanted or not all(1 <= program <= 99_999 for program in wanted):
        raise UsageError("A program is a number from 1 to 99999.")
    filters: Filters = [_JWST, {"paramName": "proposal_id", "values": [str(program) for program in wanted]}]
    return Scope(f"program {' '.join(map(str, wanted))}", ((filters, None),), wanted)


def of_date(since: datetime) -> Scope:
    """What was observed, or has been released, since then (UTC)."""
    moment = mast.mjd(since.isoformat(), "since")
    span = [{"min": moment, "max": _FAR}]
    observed: Filters = [_JWST, {"paramName": "t_max", "values": span}]
    released: Filters = [_JWST, {"paramName": "t_obs_release", "values": span}]
    return Scope(f"since {since.isoformat()}", ((observed, None), (released, None)))


def of_region(region: str) -> Scope:
    """What lies in a circle about a region.

    Raises:
        UsageError: it is no region, or a very large one.
    """
    circle = parse_region(region).circle()
    if circle is None:
        raise UsageError(
            f"“{region[:120]}” is no region on the sky.",
            hint="Example: 'CIRCLE 151.7567 -40.4364 0.1' (degrees).",
        )
    ra, dec, size = circle
    if size > _WIDEST:
        raise UsageError(f"The region is {size:.3g} degrees wide; at most {_WIDEST:g} are harvested at once.")
    position = f"{ra!r}, {dec!r}, {size / 2!r}"
    return Scope(f"region {position}", (([_JWST], position),))
