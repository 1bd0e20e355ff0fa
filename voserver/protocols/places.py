"""The places in which queries run: as many as the database is given to do at once.

Waiting happens here, in the event loop, so that a query that waits costs neither a thread nor a connection. Whose turn
it is goes by who has fewest places already, then by order of arrival. The last quarter nobody has alone: however many
long queries come from one address, another one finds a place.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter

from voserver.model.errors import Unavailable
from voserver.protocols import metrics


class Places:
    """A number of places, each with a thread of its own to wait for the database and to encode rows in.

    `what` they are for is told to whom none is left.
    """

    def __init__(self, count: int, queue_timeout: float, what: str = "queries") -> None:
        self._what = what
        self._count = count
        self._most = count - count // 4  # for one holder
        self._queue_timeout = queue_timeout
        self._held: Counter[str] = Counter()
        self._waiting: dict[asyncio.Future[None], str] = {}
        self.threads = ThreadPoolExecutor(count, thread_name_prefix=what)

    @property
    def are_wanted(self) -> bool:
        """Whether a query waits for a place."""
        return bool(self._waiting)

    @asynccontextmanager
    async def take(self, holder: str = "") -> AsyncIterator[None]:
        """Hold a place; `Unavailable` when none becomes free in time."""
        asked = perf_counter()
        with metrics.WAITING.track_inprogress():
            try:
                async with asyncio.timeout(self._queue_timeout):
                    await self._turn(holder)
            except TimeoutError:
                raise Unavailable(
                    f"The service is busy: {self._taken(holder)} stayed taken for {self._queue_timeout:g} s.",
                    hint="Try again a little later.",
                ) from None
        metrics.WAIT_SECONDS.observe(perf_counter() - asked)
        try:
            with metrics.RUNNING.track_inprogress():
                yield
        finally:
            self._give_back(holder)

    def _taken(self, holder: str) -> str:
        if self._held[holder] < self._most or self._most == self._count:
            return f"all {self._count} places for {self._what}"
        return f"the {self._most} places for {self._what} that one address may have"

    async def _turn(self, holder: str) -> None:
        """Wait for a place, which is counted as the holder's from then on."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[turn] = holder
        self._hand_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(holder)
            raise
        finally:
            self._waiting.pop(turn, None)

    def _hand_out(self) -> None:
        """Give free places to those whose turn it is."""
        while self._held.total() < self._count:
            may = (item for item in self._waiting.items() if self._held[item[1]] < self._most)
            turn, holder = min(may, key=lambda item: self._held[item[1]], default=(None, ""))
            if turn is None:
                return
            del self._waiting[turn]
            self._held[holder] += 1
            turn.set_result(None)

    def _give_back(self, holder: str) -> None:
        self._held[holder] -= 1
        if not self._held[holder]:
            del self._held[holder]
        self._hand_out()

    def close(self) -> None:
        """End the threads; whatever still ran was cancelled by whoever held the place."""
        self.threads.shutdown(wait=True, cancel_futures=True)
