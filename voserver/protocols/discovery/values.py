"""The values that the parameters of SIA 2.0 and its kin take (DALI 1.1 §3.3), and the ADQL that says the same."""

import math
import re
from dataclasses import dataclass

from voserver.model.errors import UsageError

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INFINITE = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included; a single number is an interval, too."""

    low: float
    high: float


def shown(text: str) -> str:
    """A value as it may be repeated in a message."""
    return repr(text if len(text) <= 60 else text[:60] + "…")


def number(name: str, text: str) -> float:
    """A number, or `Inf` with a sign."""
    word = text.strip()
    if word.lower() in _INFINITE:
        return _INFINITE[word.lower()]
    value = float(word) if _NUMBER.fullmatch(word) else math.nan
    if not math.isfinite(value):
        raise UsageError(
            f"{name}: {shown(word)} is not a number.", hint="Numbers are like 12.5, 1e-6 or +Inf."
        )
    return value


def interval(name: str, text: str, example: str) -> Interval:
    """`12` or `12 15`, either end infinite."""
    numbers = [number(name, word) for word in text.split()]
    if len(numbers) == 1:
        numbers *= 2
    if len(numbers) != 2 or not numbers[0] <= numbers[1]:
        raise UsageError(
            f"{name}={shown(text)} is not a number, nor an interval from a lower to a higher one.",
            hint=f"For example {name}={example}",
        )
    return Interval(*numbers)


def text_literal(text: str) -> str:
    """A text as ADQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def number_literal(value: float) -> str:
    """A finite number as ADQL writes it."""
    return f"({value!r})" if value < 0 else repr(value)


def overlaps(low: str, high: str, wanted: Interval) -> str:
    """The condition that what goes from one column to another overlaps an interval."""
    parts = [f"{high} >= {number_literal(wanted.low)}"] if wanted.low > -math.inf else []
    parts += [f"{low} <= {number_literal(wanted.high)}"] if wanted.high < math.inf else []
    return " AND ".join(parts) or f"{low} IS NOT NULL"


def within(column: str, wanted: Interval) -> str:
    """The condition that a column's value lies in an interval."""
    return overlaps(column, column, wanted)


def any_of(conditions: list[str]) -> str:
    """One of the conditions holds."""
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(f'({one})' for one in conditions)})"
