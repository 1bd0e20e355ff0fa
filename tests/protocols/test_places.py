"""Whose turn it is where places for queries are few."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from voserver.model.errors import Unavailable
from voserver.protocols.hosts import sender_of
from voserver.protocols.places import Places


@pytest.mark.parametrize(("count", "most"), [(1, 1), (2, 2), (4, 3), (8, 6)])
def test_one_address_cannot_take_all_places_of_many(count: int, most: int) -> None:
    async def run() -> str:
        places = Places(count, 0.05)
        async with AsyncExitStack() as held:
            for _ in range(most):
                await held.enter_async_context(places.take("greedy"))
            with pytest.raises(Unavailable) as refused:
                await held.enter_async_context(places.take("greedy"))
            for other in range(count - most):
                await held.enter_async_context(places.take(f"other {other}"))
            with pytest.raises(Unavailable, match=f"all {count} places"):
                await held.enter_async_context(places.take("late"))
        async with places.take("greedy"):
            pass
        places.close()
        return str(refused.value)

    assert ("one address" in asyncio.run(run())) == (count > most)


def test_it_is_the_turn_of_who_has_fewest_places_then_of_who_came_first() -> None:
    async def run() -> list[str]:
        places, served = Places(2, 30), []

        async def wait(name: str) -> None:
            async with places.take(name[0]):
                served.append(name)

        async with places.take("a"):
            async with places.take("x"):
                arrived = []
                for name in ("a 1", "b 1", "a 2", "c 1"):
                    arrived.append(asyncio.create_task(wait(name)))
                    await asyncio.sleep(0)
            await asyncio.gather(*arrived)
        places.close()
        return served

    assert asyncio.run(run()) == ["b 1", "c 1", "a 1", "a 2"]


def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    async def run() -> None:
        places = Places(1, 30)
        async with places.take("a"):
            waiting = [asyncio.create_task(places.take(name).__aenter__()) for name in "bc"]
            await asyncio.sleep(0)
        # The place is b's now, who has not heard of it yet.
        waiting[0].cancel()
        await waiting[1]
        assert waiting[0].cancelled()
        assert not places.are_wanted
        places.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "", True),
    ],
)
def test_a_network_of_one_subscriber_counts_as_one(one: str, other: str, *, same: bool) -> None:
    assert (sender_of({"client": (one, 1)}) == sender_of({"client": (other, 2)})) == same
