"""Whose turn it is: jobs in order, parties in turn, nobody above his share, and each job taken once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from voserver.jobs.database import JobDatabase
from voserver.jobs.leases import Leases, Terms
from voserver.jobs.records import Job, NewJob
from voserver.jobs.store import JobStore, Share
from voserver.model.errors import QuotaExceeded

Scene = Callable[[JobDatabase, JobStore], Awaitable[Any]]


@pytest.fixture
def play(fresh_database_url: str) -> Callable[[Scene], Any]:
    """Run a coroutine over the jobs of a fresh database."""

    def run(scene: Scene) -> Any:
        async def opened() -> Any:
            database = JobDatabase(fresh_database_url, 8)
            async with database.opened():
                return await scene(database, JobStore(database, Share(pending=50, busy=500)))

        return asyncio.run(opened())

    return run


async def queue(store: JobStore, party: str, number: int) -> list[str]:
    return [
        await store.create(NewJob("tap", party, None, None, (), "", 60, 3600, starts=True))
        for _ in range(number)
    ]


async def take(leases: Leases) -> Job:
    job = await leases.take()
    assert job is not None
    return job


def test_two_hundred_jobs_are_done_in_order_and_one_of_another_waits_for_none_of_them(
    play: Callable[[Scene], Any],
) -> None:
    async def scene(database: JobDatabase, store: JobStore) -> None:
        many = await queue(store, "many", 200)
        few = await queue(store, "few", 3)
        leases = Leases(database, "worker", Terms(60, 4))
        taken = []
        while job := await leases.take():
            taken.append(job.job_id)
            assert await leases.complete(job, None)
        assert taken[:6] == [many[0], few[0], many[1], few[1], many[2], few[2]]
        assert [one for one in taken if one in set(many)] == many

    play(scene)


def test_a_party_has_no_more_than_its_share_running(play: Callable[[Scene], Any]) -> None:
    async def scene(database: JobDatabase, store: JobStore) -> None:
        await queue(store, "greedy", 5)
        leases = Leases(database, "worker", Terms(60, 2))
        first, _ = await take(leases), await take(leases)
        assert await leases.take() is None
        await queue(store, "modest", 1)
        assert (await take(leases)).party == "modest"
        await leases.complete(first, None)
        assert (await take(leases)).party == "greedy"

    play(scene)


def test_who_has_less_running_comes_first(play: Callable[[Scene], Any]) -> None:
    async def scene(database: JobDatabase, store: JobStore) -> None:
        await queue(store, "a", 6)
        leases = Leases(database, "worker", Terms(60, 10))
        for _ in range(3):
            await take(leases)
        await queue(store, "b", 6)
        assert [(await take(leases)).party for _ in range(6)] == ["b", "b", "b", "a", "b", "a"]

    play(scene)


def test_workers_that_take_at_once_never_take_the_same(play: Callable[[Scene], Any]) -> None:
    async def scene(database: JobDatabase, store: JobStore) -> None:
        made = await queue(store, "a", 40)

        async def work(name: str) -> list[str]:
            leases = Leases(database, name, Terms(60, 1000))
            taken = []
            while job := await leases.take():
                taken.append(job.job_id)
                await asyncio.sleep(0)
            return taken

        found = await asyncio.gather(*(work(f"worker {number}") for number in range(6)))
        assert Counter(one for taken in found for one in taken) == Counter(made)

    play(scene)


def test_an_attempt_that_was_overtaken_ends_nothing(play: Callable[[Scene], Any]) -> None:
    async def scene(database: JobDatabase, store: JobStore) -> None:
        (made,) = await queue(store, "a", 1)
        leases = Leases(database, "worker", Terms(60, 4))
        old = await take(leases)
        await leases.give_back(old, is_lost=True)
        new = await take(leases)
        assert not await leases.complete(old, 1)
        assert not await leases.fail(old, "late", transient=True)
        assert await leases.complete(new, 2)
        job = await store.get(made, "tap")
        assert (job.phase, job.row_count, job.attempt, job.losses) == ("COMPLETED", 2, 2, 1)

    play(scene)


def test_requests_that_come_together_are_held_to_the_limit(play: Callable[[Scene], Any]) -> None:
    async def scene(database: JobDatabase, _: JobStore) -> None:
        store = JobStore(database, Share(pending=50, busy=5))
        tries = await asyncio.gather(*(queue(store, "a", 1) for _ in range(12)), return_exceptions=True)
        refused = [one for one in tries if isinstance(one, QuotaExceeded)]
        assert (len(tries) - len(refused), {error.retry_after for error in refused}) == (5, {30})

    play(scene)
