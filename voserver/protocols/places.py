"""The places in which queries run: as many as the database is given to do at once, in order of arrival.

Waiting happens here, in the event loop, so that a query that waits costs neither a thread nor a connection.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter

from voserver.model.errors import Unavailable
from voserver.protocols import metrics


class Places:
    """A number of places, each with a thread of its own to wait for the database and to encode rows in."""

    def __init__(self, count: int, queue_timeout: float) -> None:
        self._count = count
        self._queue_timeout = queue_timeout
        self._free = asyncio.Semaphore(count)
        self.threads = ThreadPoolExecutor(count, thread_name_prefix="query")

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Hold a place; `Unavailable` when none becomes free in time."""
        asked = perf_counter()
        with metrics.WAITING.track_inprogress():
            try:
                async with asyncio.timeout(self._queue_timeout):
                    await self._free.acquire()
            except TimeoutError:
                raise Unavailable(
                    f"The service is busy: all {self._count} places for queries stayed taken "
                    f"for {self._queue_timeout:g} s.",
                    hint="Try again a little later.",
                ) from None
        metrics.WAIT_SECONDS.observe(perf_counter() - asked)
        try:
            with metrics.RUNNING.track_inprogress():
                yield
        finally:
            self._free.release()

    def close(self) -> None:
        """End the threads; whatever still ran was cancelled by whoever held the place."""
        self.threads.shutdown(wait=True, cancel_futures=True)
