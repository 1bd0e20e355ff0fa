"""Middleware that lets pages of any origin read every answer, errors too.

That is safe for exclusive data, too: without Access-Control-Allow-Credentials a browser lets a page read what anybody
gets, or what the page's own token opens, never what the user's stored password does (Fetch §3.2.5).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EXPOSED = (
    b"Content-Disposition, Content-Range, ETag, Last-Modified, Retry-After, WWW-Authenticate, X-Request-ID, "
    b"X-VO-Authenticated, X-VO-Bearer"
)
_ALLOW = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, DELETE, OPTIONS"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, POST, DELETE, OPTIONS"),
    (b"content-length", b"0"),
]


class AllowEveryOrigin:
    """Adds the CORS headers, and answers OPTIONS by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the preflight, or pass on and add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def allow(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_ALLOW]
            await send(message)

        if scope["method"] == "OPTIONS":
            asked = [value for key, value in scope["headers"] if key == b"access-control-request-headers"]
            headers = [*_PREFLIGHT, (b"access-control-allow-headers", b",".join(asked) or b"*")]
            await allow({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, allow)
