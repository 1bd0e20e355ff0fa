"""Bytes that are there already as an answer: whole or a part (RFC 9110 §14), for who has not got them (§13)."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from voserver.protocols.compression import UNPACKED
from voserver.protocols.documents import is_known, not_after
from voserver.protocols.streaming import STALL, ClientStalled, client_left
from voserver.protocols.trace import trace_of

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_IN_TAGS = "!#$%&'()*+,/:;<=>?@[\\]^`{|}"  # besides letters and digits (RFC 9110 §8.8.3)

Blocks = Callable[[int, int], AsyncIterator[bytes | bytearray]]
"""Gives the bytes from one position up to another."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent: `size` bytes, with a tag (without quotes) that changes with them."""

    size: int
    e_tag: str
    modified: datetime | None
    media_type: str
    blocks: Blocks
    headers: Mapping[str, str] = field(default_factory=dict)


async def content_response(request: Request, content: Content) -> Response:
    """The answer to GET or HEAD. Several ranges at once, and what is no range of bytes, give the whole (§14.2).

    Raises:
        ServiceError: the first block cannot be had.
    """
    tag = f'"{quote(content.e_tag, safe=_IN_TAGS)}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    if content.modified is not None:
        headers["Last-Modified"] = format_datetime(content.modified.astimezone(UTC), usegmt=True)
    headers |= content.headers
    if not _still_holds(request, tag, content.modified):
        return _answer(Response("The file is another by now.\n", 412, media_type="text/plain"), headers)
    if is_known(request, tag, content.modified or datetime.now(UTC)):
        return _answer(Response(status_code=304), headers)
    start, end, status = 0, content.size, 200
    asked = _asked_range(request, tag, headers.get("Last-Modified"))
    if asked is not None:
        bounds = _bounds(asked, content.size)
        if bounds is None:
            headers["Content-Range"] = f"bytes */{content.size}"
            text = f"There are {content.size} bytes: the range {asked[:60]} lies outside.\n"
            return _answer(Response(text, 416, media_type="text/plain"), headers)
        start, end, status = *bounds, 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{content.size}"
    headers |= {"Content-Type": content.media_type, "Content-Length": str(end - start)}
    if request.method == "HEAD":
        return _answer(Response(status_code=status), headers, is_whole=True)
    blocks = content.blocks(start, end)
    first = await anext(blocks, b"")
    return BlocksResponse(blocks, headers, first=first, status=status)


def _still_holds(request: Request, tag: str, modified: datetime | None) -> bool:
    """Whether this is still what the client wants a part of (RFC 9110 §13.1.1, §13.1.4)."""
    wanted = request.headers.get("if-match")
    if wanted is not None:
        return any(item.strip() in {tag, "*"} for item in wanted.split(","))
    # What is no date does not count.
    return modified is None or not_after(modified, request.headers.get("if-unmodified-since")) is not False


def _asked_range(request: Request, tag: str, modified: str | None) -> str | None:
    """The one range that is asked for, if the client's part is of these very bytes (RFC 9110 §13.1.5)."""
    if request.method != "GET":  # §14.2
        return None
    asked = request.headers.get("range", "").replace(" ", "")
    condition = request.headers.get("if-range")
    found = _RANGE.fullmatch(asked)
    if found is None or asked == "bytes=-" or (condition is not None and condition not in {tag, modified}):
        return None
    first, last = found.groups()
    return None if first and last and int(last) < int(first) else asked


def _bounds(asked: str, size: int) -> tuple[int, int] | None:
    """Where a range begins, and what comes after it; None where it holds nothing."""
    first, last = asked.removeprefix("bytes=").split("-")
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    else:
        start, end = max(0, size - int(last)), size
    return (start, end) if start < end else None


class BlocksResponse(Response):
    """Sends blocks of bytes as they are to a client that has to read them, with these headers and no others.

    Where they end in an error, so does the connection: `Content-Length` tells the client that there is more.
    """

    def __init__(
        self,
        blocks: AsyncIterator[bytes | bytearray],
        headers: Mapping[str, str],
        *,
        first: bytes | bytearray = b"",
        status: int = 200,
    ) -> None:
        self.status_code = status
        self.background = None
        self.raw_headers = [*_encoded(headers), UNPACKED]
        self._first = first
        self._others = blocks

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(client_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            else:
                trace_of(scope).outcome = "disconnected"
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait({sending, leaving})

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._first:
            await _in_time(send, self._first)
        async for block in self._others:
            await _in_time(send, block)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _in_time(send: Send, block: bytes | bytearray) -> None:
    try:
        async with asyncio.timeout(STALL):
            await send({"type": "http.response.body", "body": block, "more_body": True})
    except TimeoutError as error:
        raise ClientStalled(f"The client took more than {STALL:g} s over one block.") from error


def _answer(response: Response, headers: Mapping[str, str], *, is_whole: bool = False) -> Response:
    """A response with these headers, left unpacked; where `is_whole`, with no others."""
    response.raw_headers = [*([] if is_whole else response.raw_headers), *_encoded(headers), UNPACKED]
    return response


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def disposition(kind: str, name: str) -> str:
    """Content-Disposition with a file's name, whatever letters it has (RFC 6266 §4.3)."""
    plain = re.sub(r"[^\w.+@=~ -]", "_", name, flags=re.ASCII)
    return f'{kind}; filename="{plain}"' + (
        "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    )
