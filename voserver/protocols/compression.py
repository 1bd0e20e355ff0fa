"""Middleware that packs an answer with gzip, for clients that ask, while it streams."""

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Packed already, or made to be read as they are.
_LEFT_ALONE = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.arrow.file",
    "application/octet-stream",
    "image/*",
)
_LEVEL = 1
UNPACKED = (b"content-encoding", b"identity")
"""The header by which an answer stays as it is, such as a part of a file; it does not leave the server."""

_WORTH_IT = 1400  # bytes: what fits one packet gains nothing


def _asked_for(accept_encoding: str) -> bool:
    """Whether a client accepts gzip, by name and not with a quality of zero (RFC 9110 §12.5.3)."""
    for item in accept_encoding.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name in {"gzip", "x-gzip"}:
            return not any(
                parameter.replace(" ", "") in {"q=0", "q=0.0", "q=0.00"} for parameter in parameters
            )
    return False


class GzipOnRequest:
    """Packs for those who ask; leaves everybody else alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(
            app, minimum_size=_WORTH_IT, compresslevel=_LEVEL, exclude_content_types=_LEFT_ALONE
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the packing or the plain application."""
        accepted = b",".join(
            value for name, value in scope.get("headers", ()) if name == b"accept-encoding"
        ).decode("latin-1")
        app = self._packed if scope["type"] == "http" and _asked_for(accepted) else self._plain

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [header for header in message["headers"] if header != UNPACKED]
            await send(message)

        await app(scope, receive, finish)
