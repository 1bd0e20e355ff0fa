"""Slows down who guesses passwords, by the address that guesses and never by the name alone: nobody locks others out."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from voserver.model.errors import QuotaExceeded

_MOST = 50_000  # who is remembered at once; the longest quiet are forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """How many failures may come at once, and after how many seconds each is forgiven."""

    burst: int
    seconds: float


PER_ADDRESS_AND_NAME = Rate(5, 12.0)
PER_ADDRESS = Rate(20, 3.0)


class Throttle:
    """Failures of each address, and of each address with each name, as buckets that empty with time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def attempt(self, address: str, name: str) -> None:
        """Count an attempt as a failure, until `succeeded` says otherwise: so attempts at once count, too.

        Raises:
            QuotaExceeded: there have been too many; it says for how long to wait.
        """
        now = self._clock()
        limits: list[tuple[Hashable, Rate]] = [
            ((address, name), PER_ADDRESS_AND_NAME),
            (address, PER_ADDRESS),
        ]
        levels = {key: self._level(key, rate, now) for key, rate in limits}
        wait = max((levels[key] + 1 - rate.burst) * rate.seconds for key, rate in limits)
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise QuotaExceeded(
                f"Too many names and passwords from here were wrong. The next is looked at in {seconds} s.",
                hint="`voserver user password` sets a new one: ask the operator.",
                retry_after=seconds,
            )
        for key, level in levels.items():
            self._set(key, level + 1, now)

    def succeeded(self, address: str, name: str) -> None:
        """Take back what `attempt` counted."""
        now = self._clock()
        for key, rate in (((address, name), PER_ADDRESS_AND_NAME), (address, PER_ADDRESS)):
            self._set(key, max(0.0, self._level(key, rate, now) - 1), now)

    def _level(self, key: Hashable, rate: Rate, now: float) -> float:
        level, then = self._levels.get(key, (0.0, now))
        return max(0.0, level - (now - then) / rate.seconds)

    def _set(self, key: Hashable, level: float, now: float) -> None:
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > _MOST:
            self._levels.popitem(last=False)
