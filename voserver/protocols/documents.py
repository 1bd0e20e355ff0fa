"""Answers that are whole documents: with a tag and a date, so that nobody fetches the same one twice."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from lxml import etree
from pydantic_xml import BaseXmlModel
from starlette.requests import Request
from starlette.responses import Response

_MINUTE = "public, max-age=60"


def xml_document(model: BaseXmlModel) -> bytes:
    """A document of one of the field's models, as it is sent."""
    written = model.to_xml(skip_empty=True, encoding="UTF-8", xml_declaration=True)
    return written if isinstance(written, bytes) else written.encode()


def xml_element(model: BaseXmlModel) -> etree._Element:
    """The same as an element, to stand in another document."""
    return etree.fromstring(xml_document(model))


def document_response(
    request: Request, body: bytes, media_type: str, *, modified: datetime, cache: str = _MINUTE
) -> Response:
    """A document, or 304 where the client has it (RFC 9110 §13). For HEAD the server drops the body."""
    # Weak, because the same document may also go out packed.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
        "Cache-Control": cache,
    }
    if is_known(request, tag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def is_known(request: Request, tag: str, modified: datetime) -> bool:
    """Whether the client has this already, by its tag or else by its date (RFC 9110 §13.2.2)."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        opaque = tag.removeprefix("W/")
        return any(item.strip().removeprefix("W/") in {opaque, "*"} for item in wanted.split(","))
    return not_after(modified, request.headers.get("if-modified-since")) is True


def not_after(modified: datetime, date: str | None) -> bool | None:
    """Whether something was last changed until a date in a header; None where that is no date, or none is there."""
    try:
        until = parsedate_to_datetime(date or "")
        return modified.replace(microsecond=0) <= (until if until.tzinfo else until.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # no date, or none that a calendar has
        return None
