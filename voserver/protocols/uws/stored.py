"""A file of the result store as an answer: whole or a part of it (RFC 9110 §14), with its tag and its name."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from voserver.jobs.records import ResultFile
from voserver.jobs.results import ResultStore
from voserver.protocols.compression import UNPACKED
from voserver.protocols.documents import is_known

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


async def stored_response(
    request: Request, store: ResultStore, file: ResultFile, modified: datetime
) -> Response:
    """The answer to a request for a file. A range that is no plain one, and several, give the whole.

    Raises:
        NotFound: the file is gone.
        Unavailable: the store is away.
    """
    tag = f'"{file.e_tag}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if is_known(request, tag, modified):
        return Response(status_code=304, headers=headers)
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Type": file.media_type,
        "Content-Disposition": f'inline; filename="{file.file_name}"',
    }
    start, end, status = 0, file.size, 200
    if (asked := _asked_range(request, tag, headers["Last-Modified"])) is not None:
        bounds = _bounds(asked, file.size)
        if bounds is None:
            refused = {"Content-Range": f"bytes */{file.size}"}
            text = f"The result has {file.size} bytes: the range {asked[:60]} lies outside.\n"
            return Response(text, 416, refused, media_type="text/plain")
        start, end, status = *bounds, 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return _as_it_is(Response(status_code=status), headers)
    blocks = store.read(file.key, start, end)
    first = await anext(blocks, b"")
    return _as_it_is(StreamingResponse(_blocks(first, blocks), status), headers)


def _asked_range(request: Request, tag: str, modified: str) -> str | None:
    """The one range that is asked for, if the client's part is of this very file."""
    asked = request.headers.get("range", "").replace(" ", "")
    condition = request.headers.get("if-range")
    if _RANGE.fullmatch(asked) is None or asked == "bytes=-" or condition not in {None, tag, modified}:
        return None
    return asked


def _bounds(asked: str, size: int) -> tuple[int, int] | None:
    """Where a range begins, and what comes after it; None where it holds nothing."""
    first, last = asked.removeprefix("bytes=").split("-")
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    else:
        start, end = max(0, size - int(last)), size
    return (start, end) if start < end else None


async def _blocks(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in others:
        yield block


def _as_it_is(response: Response, headers: Mapping[str, str]) -> Response:
    """A response with these headers and no others, left unpacked."""
    written = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    response.raw_headers = [*written, UNPACKED]
    return response
