"""Bodies that are slow, endless, or too much together."""

import asyncio
import threading
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from starlette.requests import Request
from starlette.types import Message, Scope

from voserver.model.errors import Unavailable
from voserver.protocols import bodies
from voserver.protocols.bodies import Share, TooSlow
from voserver.protocols.faults import Style, fault_response
from voserver.protocols.parameters import read_parameters

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n'


def request(content_type: str, *pieces: bytes, ends: bool = True) -> Request:
    """A POST whose body comes in pieces; after the last one nothing comes any more if it does not end."""
    left = list(pieces)

    async def receive() -> Message:
        if not left and not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or not ends}

    headers = [(b"content-type", content_type.encode())]
    scope: Scope = {"type": "http", "method": "POST", "query_string": b"", "headers": headers}
    return Request(scope, receive)


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    """Whatever becomes of a request, what it kept is given back."""
    yield
    assert (bodies._all.memory, bodies._all.disk) == (0, 0)


@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch, content_type: str) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.01)
    with pytest.raises(TooSlow, match="4 bytes of its body came") as caught:
        asyncio.run(read_parameters(request(content_type, b"--x\r"[:4], ends=False)))
    answer = fault_response(caught.value, Style.TEXT)
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


def test_many_large_bodies_at_once_are_refused_for_the_moment_and_small_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "MOST_IN_MEMORY", 1_000_000)

    async def run() -> Unavailable:
        large = b"QUERY=" + b"x" * 600_000
        first = asyncio.create_task(read_parameters(request(FORM, large, ends=False)))
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable) as refused:
            await read_parameters(request(FORM, large))
        found = await read_parameters(request(FORM, b"QUERY=" + b"y" * 60_000))
        assert found.one("QUERY") == "y" * 60_000
        first.cancel()
        await asyncio.wait({first})
        assert (await read_parameters(request(FORM, large))).one("QUERY")
        return refused.value

    answer = fault_response(asyncio.run(run()), Style.TEXT)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_files_count_until_they_are_closed() -> None:
    async def run() -> None:
        files = [FILE, b"y" * 60_000, b"\r\n--x--\r\n"]
        kept = [await read_parameters(request(MULTIPART, *files), files_limit=60_000) for _ in range(4)]
        with pytest.raises(Unavailable):
            await read_parameters(request(MULTIPART, *files), files_limit=60_000)
        kept[0].close()
        kept.append(await read_parameters(request(MULTIPART, *files), files_limit=60_000))
        for one in kept:
            one.close()

    asyncio.run(run())


def test_large_forms_are_decoded_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def note(raw: bytes) -> bytes:
        threads.append(threading.get_ident())
        return unquote_to_bytes(raw)

    monkeypatch.setattr("voserver.protocols.parameters.unquote_to_bytes", note)

    async def run() -> int:
        large = b"&".join(b"Q%d=" % number + b"%41" * 20_000 for number in range(3))
        found = await read_parameters(request(FORM, large))
        assert found.one("Q2") == "A" * 20_000
        return threading.get_ident()

    loop = asyncio.run(run())
    assert threads
    assert loop not in threads


def test_a_share_is_given_back_once() -> None:
    share = Share(100)
    share.keep(memory=10, disk=20)
    share.give_back()
    share.give_back()
