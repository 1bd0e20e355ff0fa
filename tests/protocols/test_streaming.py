import asyncio
import threading
from collections.abc import Iterator

import pytest
from starlette.types import Message
from typing_extensions import override

from voserver.model.errors import UsageError
from voserver.protocols import streaming
from voserver.protocols.faults import Faults
from voserver.protocols.places import Places
from voserver.protocols.streaming import BLOCK, AnswerResponse

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}


class Made:
    """An answer that is made on the spot, and remembers what became of it."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces
        self.made = 0
        self.cancelled = threading.Event()

    def pieces(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            if self.cancelled.is_set():
                return
            self.made += 1
            yield piece

    def cancel(self) -> None:
        self.cancelled.set()


class Waiting(Made):
    """An answer whose first piece comes only when it is cancelled."""

    @override
    def pieces(self) -> Iterator[bytes]:
        self.cancelled.wait()
        raise UsageError("stopped")
        yield b""


class Client:
    """Takes what is sent; may leave, or stop reading."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        await self.reads.wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def complete(self) -> bool:
        return self.messages[-1]["type"] == "http.response.body" and not self.messages[-1].get("more_body")


async def answer(made: Made, client: Client, places: Places | None = None) -> None:
    own = places or Places(1, 5)
    try:
        await Faults(AnswerResponse(made, own, {"Content-Type": "text/csv"}))(
            SCOPE, client.receive, client.send
        )
    finally:
        own.close()


def test_a_small_answer_goes_out_at_once_with_its_length() -> None:
    async def run() -> Client:
        client = Client()
        await answer(Made(b"a", b"b"), client)
        return client

    client = asyncio.run(run())
    assert len(client.messages) == 2
    assert (b"content-length", b"2") in client.messages[0]["headers"]
    assert client.body == b"ab"
    assert client.complete


def test_a_failure_before_the_first_block_has_its_own_status() -> None:
    async def run() -> Client:
        client = Client()
        await answer(Made(b"head", UsageError("no")), client)
        return client

    client = asyncio.run(run())
    assert client.messages[0]["status"] == 400
    assert client.body == b"no\n"


@pytest.mark.parametrize("error", [UsageError("late"), ValueError("a fault of ours")])
def test_a_failure_after_the_first_block_leaves_the_answer_incomplete(error: Exception) -> None:
    async def run() -> Client:
        client = Client()
        await answer(Made(b"x" * BLOCK, error), client)
        return client

    client = asyncio.run(run())
    assert client.messages[0]["status"] == 200
    assert not client.complete


def test_no_more_than_one_block_is_made_ahead_of_a_client_that_waits() -> None:
    async def run() -> int:
        client = Client()
        client.reads.clear()
        made = Made(*[b"x" * BLOCK] * 50)
        serving = asyncio.create_task(answer(made, client))
        for _ in range(200):
            await asyncio.sleep(0.001)
        assert client.messages
        ahead = made.made
        client.reads.set()
        await serving
        assert len(client.body) == 50 * BLOCK
        return ahead

    assert asyncio.run(run()) <= 2


def test_a_client_that_leaves_cancels_what_it_waited_for_and_frees_the_place() -> None:
    async def run() -> Made:
        client, places, made = Client(), Places(1, 5), Waiting()
        serving = asyncio.create_task(answer(made, client, places))
        await asyncio.sleep(0)
        client.left.set()
        await serving
        assert client.messages == []
        async with asyncio.timeout(5), places.take():
            return made

    assert asyncio.run(run()).cancelled.is_set()


def test_a_client_that_stops_reading_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STALL", 0.01)

    class Stuck(Client):
        @override
        async def send(self, message: Message) -> None:
            self.messages.append(message)
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

    async def run() -> tuple[Made, Client]:
        client, made = Stuck(), Made(*[b"x" * BLOCK] * 50)
        await answer(made, client)
        return made, client

    made, client = asyncio.run(run())
    assert made.cancelled.is_set()
    assert not client.complete


class Slow(Client):
    """Takes a block whenever it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = asyncio.Semaphore(0)

    @override
    async def send(self, message: Message) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body":
            await self.tokens.acquire()


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_LOOK", 0.01)
    monkeypatch.setattr(streaming, "PATIENCE", 0.05)


@pytest.mark.usefixtures("quick_looks")
def test_a_client_that_does_not_read_loses_its_place_once_another_waits_and_not_before() -> None:
    async def run() -> tuple[Made, bool]:
        client, places, made = Slow(), Places(1, 30), Made(*[b"x" * BLOCK] * 50)
        stuck = asyncio.create_task(answer(made, client, places))
        await asyncio.sleep(0.2)
        kept = not stuck.done()
        async with places.take("another"):
            await stuck
        return made, kept

    made, kept = asyncio.run(run())
    assert kept
    assert made.cancelled.is_set()


@pytest.mark.usefixtures("quick_looks")
def test_a_client_that_keeps_the_pace_keeps_its_place_though_another_waits() -> None:
    async def run() -> Slow:
        client, places = Slow(), Places(1, 30)
        reading = asyncio.create_task(answer(Made(*[b"x" * BLOCK] * 20), client, places))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(places.take("another").__aenter__())
        for _ in range(21):
            await asyncio.sleep(0.02)
            client.tokens.release()
        await reading
        await waiting
        return client

    client = asyncio.run(run())
    assert client.complete
    assert len(client.body) == 20 * BLOCK


def test_a_server_that_shuts_down_cancels_what_still_runs() -> None:
    async def run() -> Made:
        made = Waiting()
        serving = asyncio.create_task(answer(made, Client()))
        await asyncio.sleep(0.01)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        return made

    assert asyncio.run(run()).cancelled.is_set()
