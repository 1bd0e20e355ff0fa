"""Errors as HTTP: the one table from a class of error to a status, and the documents that carry its words.

An error document is a VOTable where a VOTable was asked for, else text (DALI 1.1 §4.2); programs that speak
JSON get JSON and browsers a page. Until it is known what was asked for, TAP's is a VOTable, its default. Every other
module raises; only this one knows statuses.

429 with Retry-After says: too much at once, the same request may do later (RFC 6585 §4). One query that is too large
for a limit never will do: that is 400, and its words say which limit, and how to stay within.
"""

import json
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import voserver
from voserver.model.errors import (
    Forbidden,
    InternalError,
    NotFound,
    QuotaExceeded,
    ServiceError,
    SeveralValues,
    SignInNeeded,
    Unauthenticated,
    Unavailable,
    UsageError,
)
from voserver.protocols.authentication.challenges import challenges_of
from voserver.protocols.bodies import BodyNotSupported, BodyPacked, TooLarge, TooSlow, drain
from voserver.protocols.hosts import check_host
from voserver.protocols.pages import render
from voserver.protocols.trace import path_of, printable, trace_of
from voserver.serializers import Document, Info, error_votable, is_browser

_STATUS: Mapping[type[ServiceError], HTTPStatus] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    BodyNotSupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UsageError: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_STYLE_KEY = "voserver.error_style"
_CUSTOM_KEY = "voserver.error_custom"

log = structlog.get_logger()


class Style(Enum):
    """In what kind of document an error is told."""

    VOTABLE = "application/x-votable+xml"
    TEXT = "text/plain; charset=utf-8"
    JSON = "application/json"
    HTML = "text/html; charset=utf-8"


def style_for_accept(accept: str) -> Style:
    """The kind of document for a client that said only what it accepts."""
    if is_browser(accept):
        return Style.HTML
    accept = accept.lower()
    if "json" in accept:
        return Style.JSON
    return Style.VOTABLE if "votable" in accept else Style.TEXT


def style_for_format(media_type: str) -> Style:
    """The kind of document for a client that asked for a format: the same where it can hold an error."""
    media_type = media_type.lower()
    if "votable" in media_type or media_type.startswith("text/xml"):
        return Style.VOTABLE
    if "json" in media_type:
        return Style.JSON
    return Style.HTML if media_type.startswith("text/html") else Style.TEXT


class Custom(Enum):
    """What a standard wants of the words of an error, besides what DALI does."""

    DALI = "nothing more"
    SIA = "a word for the kind of fault first (SIA 2.0 §2.3)"
    CONE = "an INFO called Error (SCS 1.03 §2.3)"
    SSA = "an INFO with the version (SSA 1.1 §4.2)"
    SODA = "a label for the kind of error first (SODA 1.0 §4.2)"


SSA_VERSION = Info("SERVICE_PROTOCOL", "1.1", "SSAP")
"""What every answer of SSA says, errors too."""


def remember_custom(scope: Scope, custom: Custom) -> None:
    """Fix what the standard of this request wants of an error's words."""
    scope[_CUSTOM_KEY] = custom


def remember_style(scope: Scope, style: Style) -> None:
    """Fix the kind of document for whatever goes wrong later in this request."""
    scope[_STYLE_KEY] = style


def status_of(error: ServiceError) -> HTTPStatus:
    """The status of an error: that of its nearest class in the table."""
    if isinstance(error, QuotaExceeded) and error.retry_after is None:
        return HTTPStatus.BAD_REQUEST
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


_SODA_LABELS: Mapping[HTTPStatus, str] = {
    HTTPStatus.UNAUTHORIZED: "AuthenticationError",
    HTTPStatus.FORBIDDEN: "AuthorizationError",
    HTTPStatus.TOO_MANY_REQUESTS: "ServiceUnavailable",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailable",
}


def soda_label(error: ServiceError) -> str:
    """The word that SODA has for an error: what is temporary, what is refused, what is wrong with the request."""
    if isinstance(error, SeveralValues):
        return "MultiValuedParamNotSupported"
    status = status_of(error)
    is_asked_wrong = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _SODA_LABELS.get(status, "UsageError" if is_asked_wrong else "Error")


def _in_custom(error: ServiceError, custom: Custom) -> ServiceError:
    """The error as the standard of the request has it told."""
    status = status_of(error)
    if custom is Custom.SODA:
        return ServiceError(f"{soda_label(error)}: {error.message}", hint=error.hint)
    if custom is not Custom.SIA:
        return error
    kind = (
        "Usage"
        if status < HTTPStatus.INTERNAL_SERVER_ERROR
        else "Transient"
        if status == HTTPStatus.SERVICE_UNAVAILABLE
        else "Fatal"
    )
    return ServiceError(f"{kind}Fault: {error.message}", hint=error.hint)


def _body(style: Style, status: HTTPStatus, error: ServiceError, custom: Custom = Custom.DALI) -> bytes:
    error = _in_custom(error, custom)
    text = printable(str(error))
    match style:
        case Style.VOTABLE:
            infos = {Custom.CONE: (Info("Error", text),), Custom.SSA: (SSA_VERSION,)}.get(custom, ())
            return error_votable(error, Document(release=f"voserver {voserver.__version__}", infos=infos))
        case Style.JSON:
            facts = {"status": status, "error": error.message, "hint": error.hint, "detail": text}
            return json.dumps(facts).encode()
        case Style.HTML:
            return render("error.html", status=status, text=text)
        case Style.TEXT:
            return f"{text}\n".encode(errors="replace")


def fault_response(error: ServiceError, style: Style, custom: Custom = Custom.DALI) -> Response:
    """The answer to a request that failed before any of its answer was sent."""
    status = status_of(error)
    headers = {"Cache-Control": "no-store"}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, TooSlow):
        headers["Connection"] = "close"  # where the next request would begin is unknown (RFC 9110 §15.5.9)
    if isinstance(error, BodyPacked):
        headers["Accept-Encoding"] = "identity"  # what a request may be packed with (RFC 9110 §12.5.3)
    return Response(_body(style, status, error, custom), status, headers, media_type=style.value)


def http_fault_response(error: HTTPException, scope: Scope, style: Style) -> Response:
    """The answer where the routes themselves say no: no such path, or not with this method."""
    status = HTTPStatus(error.status_code)
    told = ServiceError(error.detail)
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    if status == HTTPStatus.NOT_FOUND:
        told = NotFound(f"There is nothing at {path_of(scope)}.")
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
        told = ServiceError(f"{path_of(scope)} takes {headers['Allow']}, not {scope['method']}.")
    return Response(_body(style, status, told), status, headers, media_type=style.value)


class Faults:
    """Middleware that answers with a fault where the application raised.

    Once the answer has begun, nothing can be added to it here: then the answer is left incomplete, so that
    the server breaks the connection and no client takes what came for the whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and turn what it raises into an answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, read = False, not _has_body(scope)

        async def note() -> Message:
            nonlocal read
            message = await receive()
            read = not message.get("more_body")
            return message

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            check_host(scope)
            await self.app(scope, note, watch)
        except ClientDisconnect:
            # It left before it had sent its request: nobody waits for an answer.
            trace_of(scope).outcome = "left"
        except Exception as error:
            if started:
                trace_of(scope).outcome = "broken"
                expected = isinstance(error, ServiceError)
                log.warning("response_broken", error=str(error), exc_info=None if expected else error)
                return
            told = self._answer(error, scope)
            if read or isinstance(error, TooSlow):
                await told(scope, receive, send)
            else:
                await _answer_and_drain(told, scope, receive, send)

    def _answer(self, error: Exception, scope: Scope) -> Response:
        style = scope.get(_STYLE_KEY) or style_for_accept(_header(scope, b"accept"))
        trace = trace_of(scope)
        if isinstance(error, HTTPException):
            return http_fault_response(error, scope, style)
        if not isinstance(error, ServiceError):
            log.error("unexpected_error", exc_info=error, reference=trace.request_id)
            error = InternalError(trace.request_id)
        trace.outcome = type(error).__name__
        if isinstance(error, SignInNeeded) and not challenges_of(scope):
            error = Forbidden(error.message, hint=f"{error.hint or 'Sign in.'} That takes https.")
        answer = fault_response(error, style, scope.get(_CUSTOM_KEY, Custom.DALI))
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            failure = error.message if isinstance(error, Unauthenticated) else None
            for challenge in challenges_of(scope, failure=failure):
                answer.headers.append("WWW-Authenticate", challenge)
        return answer


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


async def _answer_and_drain(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, and end the answer only when the request has ended: then the connection is closed."""

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "more_body": True}
        await send(message)

    await answer(scope, receive, hold)
    await drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _header(scope: Scope, name: bytes) -> str:
    return b",".join(value for key, value in scope["headers"] if key == name).decode("latin-1")


def raise_to_faults(_: Request, error: Exception) -> Response:
    """In place of the framework's own plain answers: leave what its routes raise to `Faults`."""
    raise error
