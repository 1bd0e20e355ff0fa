"""All that lies in a store, by key, and its bytes: for `verify`, which asks no questions one file at a time."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError

from voserver.catalogue.files.copies import StoreAway
from voserver.catalogue.files.layout import CLOUD
from voserver.catalogue.files.objects import connect
from voserver.settings import StoreSetting

_BLOCK = 1 << 20


class Listed(NamedTuple):
    """A file in a store; `size` in bytes."""

    key: str
    size: int
    modified: datetime


def is_own(store: StoreSetting) -> bool:
    """Whether what lies in a store is the operator's: not another archive's files, or a public bucket's."""
    return not (store.url.startswith("http") or store.layout == CLOUD or store.public)


def can_be_listed(store: StoreSetting) -> bool:
    """Whether there is a way to ask for all that a store has."""
    return not store.url.startswith("http")


def listed(store: StoreSetting, threads: int) -> Iterator[Listed]:
    """Every file of the store, in no order; in memory are a few directories, or pages of a listing, at a time.

    Raises:
        StoreAway: it cannot be read.
    """
    try:
        yield from _in_directory(_root(store), threads) if store.url.startswith("file:") else _objects(store)
    except (OSError, BaseError) as error:
        reason = str(error).partition("\n")[0]
        raise StoreAway(f"The store {store.name} cannot be read: {reason}") from error


def reader(store: StoreSetting) -> Callable[[str], Iterator[bytes]]:
    """What reads a file of the store, by its key, in blocks. Raises `OSError` or obstore's `BaseError`."""
    if store.url.startswith("file:"):
        root = _root(store)
        return lambda key: _blocks(root / key)
    objects = connect(store.url, store.options)
    return lambda key: (bytes(block) for block in obstore.get(objects, key).stream(min_chunk_size=_BLOCK))


def _root(store: StoreSetting) -> Path:
    return Path(unquote(urlsplit(store.url).path) or "/").resolve(strict=True)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _objects(store: StoreSetting) -> Iterator[Listed]:
    for page in obstore.list(connect(store.url, store.options)):
        for one in page:
            yield Listed(one["path"], one["size"], one["last_modified"])


def _in_directory(root: Path, threads: int) -> Iterator[Listed]:
    """Several directories are read at once: on a file server, each waits for its answers."""
    with ThreadPoolExecutor(threads, thread_name_prefix="list") as pool:
        pending: set[Future[tuple[list[Listed], list[str]]]] = {pool.submit(_directory, root, "")}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for one in done:
                files, directories = one.result()
                pending |= {pool.submit(_directory, root, inner) for inner in directories}
                yield from files


def _directory(root: Path, inner: str) -> tuple[list[Listed], list[str]]:
    """The files and directories in one directory. What a link leads to counts where it lies in the store."""
    files, directories = [], []
    with os.scandir(root / inner) as entries:
        for entry in entries:
            key = f"{inner}/{entry.name}" if inner else entry.name
            if entry.is_dir(follow_symlinks=False):
                directories.append(key)
            elif (listed := _file(root, entry, key)) is not None:
                files.append(listed)
    return files, directories


def _file(root: Path, entry: "os.DirEntry[str]", key: str) -> Listed | None:
    try:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root):
            return None
        if not entry.is_file():
            return None
        status = entry.stat()
    except FileNotFoundError:  # gone since the directory was read
        return None
    return Listed(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
