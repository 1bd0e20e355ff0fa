"""What becomes of failures on their way out."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from voserver.protocols.faults import Faults, Style, style_for_accept
from voserver.protocols.trace import start_trace


def test_a_client_that_leaves_while_it_sends_is_not_answered_and_no_fault() -> None:
    async def leaves(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def note(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/tap/sync", "headers": []}
    trace = start_trace(scope, "request")
    asyncio.run(Faults(leaves)(scope, nothing, note))
    assert (sent, trace.outcome) == ([], "left")


@pytest.mark.parametrize(
    ("accept", "style"),
    [
        ("text/html", Style.HTML),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", Style.HTML),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Style.TEXT),
        ("application/x-votable+xml, application/xhtml+xml", Style.VOTABLE),
        ("application/json, text/html;q=0.5", Style.JSON),
        ("", Style.TEXT),
    ],
)
def test_errors_are_pages_for_those_who_like_pages_best(accept: str, style: Style) -> None:
    assert style_for_accept(accept) is style
