"""Lists of ranges as SSA 1.1 has them: `a/b`, `a/`, `/b` and `a`, separated by commas."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from voserver.model.errors import UsageError
from voserver.protocols.discovery.values import Interval, number, shown

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)Z?)?)?)?", re.ASCII
)


def numbers(name: str, text: str, example: str) -> list[Interval]:
    """Ranges of numbers."""

    def whole(word: str) -> Interval:
        value = number(name, word)
        return Interval(value, value)

    return _ranges(name, text, example, whole)


def times(name: str, text: str, example: str) -> list[Interval]:
    """Ranges of dates, as MJD. A date without a time is the whole day, a month or a year alone the whole of it."""
    return _ranges(name, text, example, lambda word: _time(name, word, example))


def _ranges(name: str, text: str, example: str, whole: Callable[[str], Interval]) -> list[Interval]:
    found = []
    for item in text.split(","):
        first, slash, last = (part.strip() for part in item.partition("/"))
        if not (first or last):
            raise UsageError(
                f"{name}={shown(text)} has an empty range.", hint=f"For example {name}={example}"
            )
        low = whole(first).low if first else -math.inf
        high = whole(last or first).high if last or not slash else math.inf
        if not low <= high:
            raise UsageError(
                f"{name}={shown(text)} has a range that ends before it begins.",
                hint=f"For example {name}={example}",
            )
        found.append(Interval(low, high))
    return found


def _time(name: str, word: str, example: str) -> Interval:
    parts = _DATE.fullmatch(word)
    if parts:
        with suppress(ValueError, OverflowError):  # a day or an hour that there is not
            start, end = _span(*parts.groups())
            return Interval(_mjd(start), _mjd(end))
    raise UsageError(f"{name}: {shown(word)} is no date of ISO 8601.", hint=f"For example {name}={example}")


def _span(year: str, month: str | None, day: str | None, clock: str | None) -> tuple[datetime, datetime]:
    """From when to when: as long as the smallest unit that is given."""
    start = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}T{clock or '00:00'}+00:00")
    if clock:
        return start, start
    if day:
        return start, start + timedelta(days=1)
    if month:
        return start, (start + timedelta(days=32)).replace(day=1)
    return start, (start + timedelta(days=367)).replace(month=1, day=1)


def _mjd(moment: datetime) -> float:
    return (moment - _MJD_ZERO) / timedelta(days=1)
