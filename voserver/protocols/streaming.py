"""Bytes made in a thread, sent by the event loop, at the pace of the client.

The first block is made before the status goes out, so that whatever fails early gets a status of its own.
From then on one block is made while the one before it is sent, and never more: that is the back-pressure. A
client that goes away ends the query at once; so does one that stops reading, soon where others wait for its place. When
the server ends, the query ends in time for the document to say that it is not whole.
"""

import asyncio
import contextvars
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Protocol

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from voserver.model.errors import ServiceError, Unavailable
from voserver.protocols.hosts import sender_of
from voserver.protocols.places import Places
from voserver.protocols.trace import trace_of

BLOCK = 64 * 1024
"""Bytes that are worth a message to the event loop; smaller pieces are joined."""

STALL = 120.0
"""Seconds that a client may take over one block before it counts as gone."""

PACE = 1.0
"""Seconds that a client may take over one block on average, once others wait for its place: 64 kB/s."""

PATIENCE = 5.0
"""Seconds that a client may be behind that pace."""

_LOOK = 0.5  # seconds after which is looked whether others wait now

_END = "voserver.end_answer"

log = structlog.get_logger()


def end_answer(scope: Scope) -> None:
    """Make a request's answer end soon, with a word about it where its form has room; called in the event loop."""
    if _END in scope:
        scope[_END]()


class Answer(Protocol):
    """An answer being made: pieces of bytes, in one thread at a time, and a way to stop from any other."""

    def pieces(self) -> Iterator[bytes]:
        """The bytes; may raise a `ServiceError` at any point."""
        ...

    def cancel(self) -> None:
        """Make a running `pieces` end soon and give back what it holds. May be called twice, at any time."""
        ...


class _Blocks:
    """Pieces joined to blocks of at least so many bytes. `read` runs in a query thread."""

    def __init__(self, answer: Answer, least: int) -> None:
        self._pieces = answer.pieces()
        self._least = least

    def read(self) -> tuple[bytes, bool]:
        """The next block, and whether it is the last."""
        parts: list[bytes] = []
        size = 0
        for piece in self._pieces:
            parts.append(piece)
            size += len(piece)
            if size >= self._least:
                return b"".join(parts), False
        return b"".join(parts), True


class AnswerResponse(Response):
    """A response that holds one of the places for queries while its answer is made and sent."""

    def __init__(
        self, answer: Answer, places: Places, headers: Mapping[str, str], *, block: int = BLOCK
    ) -> None:
        self.status_code = 200
        self.background = None
        self._block = block
        self._answer = answer
        self._places = places
        self.init_headers(headers)

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer unless the client leaves first, or the server ends."""
        ending = asyncio.Event()
        scope[_END] = ending.set
        serving = asyncio.create_task(self._serve(sender_of(scope), send))
        watching = asyncio.create_task(client_left(receive))
        warned = asyncio.create_task(ending.wait())
        try:
            await asyncio.wait({serving, watching, warned}, return_when=asyncio.FIRST_COMPLETED)
            if not (serving.done() or watching.done()):
                await run_in_threadpool(self._answer.cancel)
                await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                trace_of(scope).outcome = "disconnected"
            elif warned.done() and isinstance(serving.exception(), Unavailable):
                raise Unavailable("The service is being stopped.", hint="Try again in a moment.")
            else:
                serving.result()
        finally:
            tasks = {serving, watching, warned}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _serve(self, sender: str, send: Send) -> None:
        async with self._places.take(sender):
            await self._send(_Blocks(self._answer, self._block).read, send)

    async def _send(self, read: Callable[[], tuple[bytes, bool]], send: Send) -> None:
        reading = self._start(read)
        pace = _Pace(self._places)
        try:
            block, last = await asyncio.shield(reading)
            if last:
                self.headers["content-length"] = str(len(block))
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not last:
                reading = self._start(read)
                await pace.send(block, send)
                block, last = await asyncio.shield(reading)
            await pace.send(block, send, last=True)
        except BaseException:
            await self._stop(reading)
            raise

    async def _stop(self, reading: asyncio.Future[tuple[bytes, bool]]) -> None:
        """End the query, and wait for its thread: the place is free only then."""
        await run_in_threadpool(self._answer.cancel)
        await asyncio.wait({reading})
        if not reading.cancelled() and reading.exception():
            log.debug("answer_stopped", error=str(reading.exception()))

    def _start(self, read: Callable[[], tuple[bytes, bool]]) -> asyncio.Future[tuple[bytes, bool]]:
        """Make a block in a query thread, in this request's context: log lines carry its identifier."""
        context = contextvars.copy_context()
        return asyncio.get_running_loop().run_in_executor(self._places.threads, context.run, read)


class _Pace:
    """Sends blocks to a client that has to read them. What it is behind its pace does not count while nobody waits."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._behind = 0.0

    async def send(self, block: bytes, send: Send, *, last: bool = False) -> None:
        """Send a block; `ClientStalled` where the client takes too long."""
        message = {"type": "http.response.body", "body": block, "more_body": not last}
        sending = asyncio.ensure_future(send(message))
        began = monotonic()
        try:
            while not (await asyncio.wait({sending}, timeout=_LOOK))[0]:
                self._check(monotonic() - began)
        finally:
            sending.cancel()
        sending.result()
        self._behind = max(0.0, self._behind + monotonic() - began - PACE * max(1, len(block) / BLOCK))

    def _check(self, seconds: float) -> None:
        if seconds > STALL:
            raise ClientStalled(f"The client took more than {STALL:g} s over one block.")
        if self._behind + seconds > PATIENCE and self._places.are_wanted:
            raise ClientStalled(
                f"The client reads less than {BLOCK / PACE / 1000:.0f} kB/s, and others wait."
            )


class ClientStalled(ServiceError):  # noqa: N818 -- an event, not a fault of ours
    """The client has stopped reading. Only the log is told."""


async def client_left(receive: Receive) -> None:
    """Wait until the client goes away; what it sends meanwhile is not for this answer."""
    while (await receive())["type"] != "http.disconnect":
        pass
