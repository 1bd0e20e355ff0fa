"""A client's connection: what comes before a web application is asked, and how it hears that the server ends."""

from asyncio import BaseTransport, TimerHandle
from typing import cast

from starlette.types import Scope
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from voserver.protocols.ending import tell_of_end
from voserver.protocols.streaming import end_answer

MOST = 800
"""Connections of each server process; those beyond are told at once that the service is busy. Many systems let a process
have 1024 open files."""
LAST_WORDS = 5
"""Seconds of the server's last ones: for telling the client that its answer ends before its last row."""
_LONGEST_URL = 65_535  # bytes: what the parser takes
_LONGEST_HEAD = 128 * 1024  # bytes of the request line and all headers
_HEAD_SECONDS = 20
_LINGER = (
    2  # seconds in which a client that was refused may go on sending: closed at once, it would not hear why
)

_MEANINGS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
}


class _Refused(Exception):  # noqa: N818 -- the parser is to stop, and passes it on
    """The head of a request was refused, and its sender told."""


class Connection(HttpToolsProtocol):
    """A connection that limits heads, and whose answer, when the server ends, ends in time for the client to be told."""

    _deadline: TimerHandle | None = None
    _head_size = 0
    _is_in_head = True
    _is_refused = False

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._begin_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._is_in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._is_refused:
            return
        if self._is_in_head and self._head_size > _LONGEST_HEAD:
            self._refuse(431, f"The head of the request is too long: {_LONGEST_HEAD // 1024} KiB at most.")
        elif self._deadline is None and self._is_idle and self.timeout_keep_alive_task is None:
            self._begin_head()  # what came, an empty line say, has not begun a request

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > _LONGEST_URL:
            self._refuse(
                414,
                f"The URL is too long: {_LONGEST_URL:,} bytes at most. Send the parameters in a POST's body.",
            )
            raise _Refused

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_in_head:  # and not behind the body, where nobody looks
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        self._end_head()
        super().on_headers_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            # The application has waited for the rest of the body long enough.
            self.transport.close()

    @override
    def shutdown(self) -> None:
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            patience = max(0, (self.config.timeout_graceful_shutdown or 0) - LAST_WORDS)
            scope = cast("Scope", self.cycle.scope)
            self.loop.call_soon(tell_of_end, scope)
            self.loop.call_later(patience, end_answer, scope)

    @override
    def send_400_response(self, msg: str) -> None:
        del msg  # says no more
        self._refuse(400, "This is no HTTP request that can be read.")

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _begin_head(self) -> None:
        if self._deadline is None:
            self._is_in_head = True
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def _end_head(self) -> None:
        self._is_in_head = False
        self._head_size = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self._is_idle and not self._head_size:
            self.transport.close()  # opened in advance, as browsers do, and not needed
        elif self._is_idle:
            self._refuse(408, f"The head of the request did not come within {_HEAD_SECONDS} s.")
        else:  # a request that was sent ahead; nothing more of it is read before the one in hand is answered
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def _refuse(self, status: int, message: str) -> None:
        """Answer a request that the application never sees, and close soon; nothing where that was done."""
        if self._is_refused:
            return
        self._is_refused = True
        self._end_head()
        self.logger.warning("A request was refused: %s", message)
        if not self._is_idle and self.cycle.response_started:
            self.transport.close()  # amid another answer nothing can be said
            return
        body = f"{message}\n".encode()
        head = (
            b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n" % (status, _MEANINGS[status], len(body))
        )
        self.transport.write(head + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)
