"""The values that the parameters of SIA 2.0 and its kin take (DALI 1.1 §3.3), and the conditions that they are."""

import math
import re
from dataclasses import dataclass

from voserver.model.errors import UsageError
from voserver.query.adql import tree
from voserver.query.constraints import all_of, call, column, compare, is_given, text
from voserver.query.constraints import number as as_number

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INFINITE = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included; a single number is an interval, too."""

    low: float
    high: float


def shown(written: str) -> str:
    """A value as it may be repeated in a message."""
    return repr(written if len(written) <= 60 else written[:60] + "…")


def number(name: str, written: str) -> float:
    """A number, or `Inf` with a sign."""
    word = written.strip()
    if word.lower() in _INFINITE:
        return _INFINITE[word.lower()]
    value = float(word) if _NUMBER.fullmatch(word) else math.nan
    if not math.isfinite(value):
        raise UsageError(
            f"{name}: {shown(word)} is not a number.", hint="Numbers are like 12.5, 1e-6 or +Inf."
        )
    return value


def interval(name: str, written: str, example: str) -> Interval:
    """`12` or `12 15`, either end infinite."""
    numbers = [number(name, word) for word in written.split()]
    if len(numbers) == 1:
        numbers *= 2
    if len(numbers) != 2 or not numbers[0] <= numbers[1]:
        raise UsageError(
            f"{name}={shown(written)} is not a number, nor an interval from a lower to a higher one.",
            hint=f"For example {name}={example}",
        )
    return Interval(*numbers)


def overlaps(low: str, high: str, wanted: Interval) -> tree.Condition:
    """The condition that what goes from one column to another overlaps an interval."""
    parts: list[tree.Condition] = []
    if wanted.low > -math.inf:
        parts.append(compare(column(high), ">=", as_number(wanted.low)))
    if wanted.high < math.inf:
        parts.append(compare(column(low), "<=", as_number(wanted.high)))
    return all_of(parts) if parts else is_given(low)


def within(name: str, wanted: Interval) -> tree.Condition:
    """The condition that a column's value lies in an interval."""
    return overlaps(name, name, wanted)


def equals(name: str, value: str) -> tree.Condition:
    """The condition that a column has a value."""
    return compare(column(name), "=", text(value))


def equals_in_any_case(name: str, value: str) -> tree.Condition:
    """The condition that a column has a value, in capitals or not."""
    return compare(call("LOWER", column(name)), "=", text(value.strip().lower()))
