"""The result store, in a directory and as an object store: files are there whole or not at all."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from voserver.jobs.results import NotStored, ResultStore
from voserver.model.errors import NotFound, QuotaExceeded

MANY = 30  # pieces of a megabyte: several parts


@pytest.fixture(params=["directory", "object store"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    if request.param == "directory":
        return ResultStore.in_directory(tmp_path)
    return ResultStore(MemoryStore())


def pieces(number: int) -> Iterator[bytes]:
    return (bytes([index]) * (1 << 20) for index in range(number))


def read(store: ResultStore, key: str, start: int, end: int) -> bytes:
    async def all_of_it() -> bytes:
        return b"".join([block async for block in store.read(key, start, end)])

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("number", [0, 1, MANY])
def test_what_was_written_is_read_whole_and_in_parts(store: ResultStore, number: int) -> None:
    stored = store.write("job/1/0", pieces(number))
    whole = b"".join(pieces(number))
    assert stored.size == len(whole)
    assert stored.e_tag
    assert '"' not in stored.e_tag
    assert read(store, "job/1/0", 0, stored.size) == whole
    assert read(store, "job/1/0", 5, min(1_500_000, stored.size)) == whole[5:1_500_000]


@pytest.mark.parametrize("number", [1, MANY])
def test_of_what_ends_in_an_error_nothing_is_left(store: ResultStore, tmp_path: Path, number: int) -> None:
    def failing() -> Iterator[bytes]:
        yield from pieces(number)
        raise QuotaExceeded("too long")

    with pytest.raises(QuotaExceeded, match="too long"):
        store.write("job/1/0", failing())
    with pytest.raises(NotFound):
        read(store, "job/1/0", 0, 1)
    store.delete("job/1/0")
    assert list(tmp_path.rglob("*")) == []


def test_what_is_deleted_is_gone_and_twice_does_no_harm(store: ResultStore, tmp_path: Path) -> None:
    store.write("job/1/0", pieces(1))
    store.write("job/1/1", pieces(1))
    store.delete("job/1/1")
    assert read(store, "job/1/0", 0, 3) == bytes(3)
    for _ in range(2):
        store.delete("job/1/0")
    with pytest.raises(NotFound):
        read(store, "job/1/0", 0, 1)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("number", [1, MANY])
def test_what_cannot_be_stored_is_not_made_any_further(tmp_path: Path, number: int) -> None:
    (tmp_path / "job").write_text("a file where there should be a directory")
    ended = []

    def made() -> Iterator[bytes]:
        try:
            yield from pieces(number)
            yield from pieces(number)
        finally:
            ended.append(True)

    with pytest.raises(NotStored) as caught:
        ResultStore.in_directory(tmp_path).write("job/1/0", made())
    assert ended == [True]
    assert "result store" in str(caught.value)
