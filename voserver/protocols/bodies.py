"""Bodies of requests on their way in: in time, and not too much of them at once over all requests.

One request's own limits are `parameters`'. These are for many requests at once, and for bodies that never end.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request
from starlette.types import Receive

from voserver.model.errors import Unavailable, UsageError

PATIENCE = 30.0
"""Seconds that a body may be behind its pace."""

PACE = 32 * 1024
"""Bytes of a body in a second, on the average."""

FREE = 64 * 1024
"""Bytes of every body that count nowhere: ordinary requests are always taken."""

MOST_IN_MEMORY = 128 * 1024**2
"""Bytes of all bodies that are kept in memory at once, in each server process."""

MOST_ON_DISK = 4
"""How often the size of one request's files all of them together may take."""

DRAINED = 64 * 1024**2
"""Bytes that are read, and forgotten, of a body that was refused."""

_DRAINING = 20.0  # seconds
_RETRY = 30  # seconds


class TooLarge(UsageError):  # noqa: N818 -- reads as the answer it becomes
    """A request with more bytes or fields than any honest client sends."""


class BodyNotSupported(UsageError):  # noqa: N818 -- reads as the answer it becomes
    """A body of a kind that is not read here."""


class BodyPacked(BodyNotSupported):
    """A body that was compressed on its way."""


class TooSlow(UsageError):  # noqa: N818 -- reads as the answer it becomes
    """A body of which nothing, or next to nothing, comes."""


@dataclass
class Kept:
    """Bytes that are kept of bodies."""

    memory: int = 0
    disk: int = 0


_all = Kept()


class Share:
    """What one request keeps of its body, counted with what the others keep. Used in the event loop only."""

    def __init__(self, files_limit: int | None = None) -> None:
        self._mine = Kept()
        self._most_on_disk = MOST_ON_DISK * (files_limit or 0)

    def keep(self, *, memory: int = 0, disk: int = 0) -> None:
        """Count so many bytes more.

        Raises:
            Unavailable: with those of the other requests these are too many.
        """
        for kept in (self._mine, _all):
            kept.memory += memory
            kept.disk += disk
        memory_is_full = self._mine.memory > FREE and _all.memory > MOST_IN_MEMORY
        if memory_is_full or (disk and _all.disk > self._most_on_disk):
            raise Unavailable(
                "The service is busy: the requests that it is reading are too large together.",
                hint="Try again a little later.",
                retry_after=_RETRY,
            )

    def give_back(self) -> None:
        """Keep nothing any more."""
        _all.memory -= self._mine.memory
        _all.disk -= self._mine.disk
        self._mine = Kept()


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """A body as it comes.

    Raises:
        TooSlow: it does not come at the pace that every line has.
    """
    began, size = monotonic(), 0
    body = request.stream()
    try:
        while True:
            async with asyncio.timeout(PATIENCE + size / PACE - (monotonic() - began)):
                chunk = await anext(body, None)
            if chunk is None:
                return
            size += len(chunk)
            yield chunk
    except TimeoutError:
        raise TooSlow(
            f"The request did not come to its end: {size:,} bytes of its body came in {monotonic() - began:.0f} s.",
            hint="Send the whole body, as long as Content-Length says, or with its last chunk.",
        ) from None


async def drain(receive: Receive) -> None:
    """Read on for a while what nobody wants: a client that sends to its end before it listens hears why.

    To close a connection with bytes unread breaks it, and takes the answer along.
    """
    left = DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAINING):
            while left > 0:
                message = await receive()
                if not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
