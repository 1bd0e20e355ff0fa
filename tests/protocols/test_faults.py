"""What becomes of failures on their way out."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from voserver.protocols.faults import Faults
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
