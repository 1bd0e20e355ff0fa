"""The outermost middleware: gives each request an identifier, counts it and writes its line in the log."""

import re
import secrets
from collections.abc import Mapping

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import voserver
from voserver.protocols import metrics
from voserver.protocols.trace import Trace, path_of, start_trace

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SERVER = f"voserver/{voserver.__version__}".encode()
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})

log = structlog.get_logger()


def _request_id(headers: Mapping[bytes, bytes]) -> str:
    """The identifier that a proxy in front gave, where it is a plain word, or a new one."""
    given = headers.get(b"x-request-id", b"")
    return given.decode("ascii") if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


class Access:
    """Notes when a request began and what became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then count it and write its line."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = start_trace(scope, _request_id(dict(scope["headers"])))

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = int(message["status"])  # a plain number, also in the log
                mine = [(b"server", _SERVER), (b"x-request-id", trace.request_id.encode())]
                message["headers"] = [*message["headers"], *mine]
            elif message["type"] == "http.response.body":
                trace.sent_bytes += len(message.get("body", b""))
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=trace.request_id):
            try:
                await self.app(scope, receive, note)
            finally:
                _conclude(scope, trace)


def _conclude(scope: Scope, trace: Trace) -> None:
    route = scope.get("route")
    endpoint = getattr(route, "name", None) or "other"
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    metrics.REQUESTS.labels(endpoint, method, str(trace.status or "none")).inc()
    metrics.SECONDS.labels(endpoint).observe(trace.seconds)
    metrics.BYTES.labels(endpoint).inc(trace.sent_bytes)
    optional = {"rows": trace.rows, "query": trace.query, "runid": trace.run_id, "outcome": trace.outcome}
    log.info(
        "request",
        method=scope["method"],
        path=path_of(scope),
        status=trace.status,
        ms=round(trace.seconds * 1000, 1),
        bytes=trace.sent_bytes,
        **{name: value for name, value in optional.items() if value is not None},
    )
