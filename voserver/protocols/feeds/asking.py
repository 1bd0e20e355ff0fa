"""What a request for events asks for: from when on, and of which files. It becomes a query of jwst.event."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from voserver.model.errors import UsageError
from voserver.protocols.discovery.regions import read_region
from voserver.protocols.discovery.values import shown
from voserver.protocols.parameters import Parameters
from voserver.query import constraints
from voserver.query.adql import tree
from voserver.query.constraints import all_of, among, any_of, call, column, compare, holds, shape, text

KINDS = ("new", "reprocessed", "released", "withdrawn")

USUAL = 100
MOST = 1000
"""Events on one page: a page is made whole, so that it has a tag by which a client knows that nothing is new."""

_TABLE = "jwst.event"
_MOST_VALUES = 100  # of one filter
_EVENT = re.compile(
    rf"(?:.*\?)?((\d{{8}}T\d{{6}})(\d{{6}})/(?:{'|'.join(KINDS)})/[0-9a-f-]{{36}}(?:/\d{{1,19}})?)", re.ASCII
)
_FORM = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Since:
    """From when on, and, where that is an event that was seen already, after which of that time."""

    moment: datetime
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events, and how many at most. The latest come first unless a start was given."""

    since: Since | None
    conditions: tuple[tree.Condition, ...]
    limit: int

    def query(self, horizon: datetime) -> tree.Query:
        """The events before a moment up to which all are known: what comes later cannot come in between."""
        conditions = [*self.conditions, compare(column("event_time"), "<", _time(horizon))]
        if self.since:
            conditions.append(compare(column("event_time"), ">=", _time(self.since.moment)))
        if self.since and self.since.event:
            # Not earlier than its time (above), and of its time only what comes after it.
            later = compare(column("event_time"), ">", _time(self.since.moment))
            conditions.append(any_of([later, compare(column("event_id"), ">", text(self.since.event))]))
        made = constraints.query(_TABLE, conditions)
        latest_first = self.since is None
        order = [replace(_SORT, value=column(name), descending=latest_first) for name in _ORDER]
        return replace(made, order_by=tuple(order))


_ORDER = ("event_time", "event_id")
_SORT = tree.Sort(0, column(_ORDER[0]), descending=False)


def _time(moment: datetime) -> tree.Text:
    return text(moment.isoformat())


def read_wanted(parameters: Parameters) -> Wanted:
    """Check what is asked.

    Raises:
        UsageError: says which parameter has no meaning, and what would have one.
    """
    conditions = [
        any_of([condition(one) for one in _values(parameters, name)])
        for name, condition in _CONDITIONS.items()
        if parameters.all(name)
    ]
    since = parameters.one("SINCE")
    return Wanted(None if since is None else read_since(since), tuple(conditions), _limit(parameters))


def _values(parameters: Parameters, name: str) -> tuple[str, ...]:
    values = parameters.all(name)
    if len(values) > _MOST_VALUES:
        raise UsageError(f"{name.lower()} was given {len(values)} times; {_MOST_VALUES} at most.")
    return values


def _limit(parameters: Parameters) -> int:
    given = parameters.natural("LIMIT")
    if given == 0:
        raise UsageError("limit=0 asks for no events.", hint=f"limit is 1 to {MOST}.")
    return USUAL if given is None else min(given, MOST)


def read_since(written: str) -> Since:
    """A time, or the identifier of an event that was seen last."""
    word = written.strip()
    try:
        if event := _EVENT.fullmatch(word):
            return Since(datetime.strptime(event[2] + event[3], _FORM), event[1])  # noqa: DTZ007 -- UTC without zone
        moment = datetime.fromisoformat(word.replace(" ", "+") if "T" in word else word)
        return Since(moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)
    except (ValueError, OverflowError):
        raise UsageError(
            f"since={shown(word)} is neither a time nor the identifier of an event.",
            hint="For example since=2026-01-31T12:00:00 (UTC), or the id of the last entry that you have seen.",
        ) from None


def _program(written: str) -> tree.Condition:
    word = written.strip()
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise UsageError(
            f"program={shown(word)} is not the number of a program.", hint="For example program=2736"
        )
    return compare(column("program"), "=", constraints.number(int(word)))


def _instrument(written: str) -> tree.Condition:
    name = written.strip().upper()
    return compare(column("instrument_name" if "/" in name else "instrument"), "=", text(name))


def _kind(written: str) -> tree.Condition:
    word = written.strip().lower()
    if word not in KINDS:
        raise UsageError(f"kind={shown(written)} is no kind of event.", hint=f"There are {', '.join(KINDS)}.")
    return among(column("kind"), [word])


def _region(written: str) -> tree.Condition:
    region = read_region(written)
    if region.kind != "CIRCLE":
        raise UsageError(
            f"POS={shown(written)} is no circle.",
            hint="For example POS=CIRCLE 110.8 -73.45 0.1, in degrees (ICRS).",
        )
    middle = call("POINT", column("s_ra"), column("s_dec"))
    return all_of([holds(call("CONTAINS", middle, shape("CIRCLE", *region.numbers)))])


_CONDITIONS: dict[str, Callable[[str], tree.Condition]] = {
    "PROGRAM": _program,
    "INSTRUMENT": _instrument,
    "KIND": _kind,
    "POS": _region,
}
