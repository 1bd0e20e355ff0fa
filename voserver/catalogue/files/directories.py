"""Files in a directory. What lies outside of it is not there, whatever a key or a symbolic link says."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import structlog
from typing_extensions import override

from voserver.catalogue.files.copies import Copy, Missing, StoreAway

_BLOCK = 1 << 18
"""Bytes that are read at once: with more, they leave the processor's cache before they are sent."""

_REMEMBERED_SECONDS, _MOST_REMEMBERED = 1.0, 1000
"""How long, and of how many files, the place is not looked for anew: clients read a file in many parts."""

_AT_ONCE = getattr(os, "RWF_NOWAIT", None)  # Linux: read what is in memory, or nothing

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})

log = structlog.get_logger()


class Directory:
    """A store in a directory."""

    def __init__(self, name: str, root: Path) -> None:
        self._name = name
        self._root = root
        self._remembered: dict[str, tuple[float, _FileInDirectory]] = {}

    async def find(self, key: str) -> Copy:
        """The copy under a key.

        Raises:
            Missing: there is none.
            StoreAway: the directory is not there, or cannot be read.
        """
        until, known = self._remembered.get(key, (0.0, None))
        if known is not None and monotonic() < until and known.is_unchanged():
            return replace(known)
        found = await asyncio.to_thread(self._find, key)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = (monotonic() + _REMEMBERED_SECONDS, found)
        return replace(found)

    def _find(self, key: str) -> "_FileInDirectory":
        try:
            root = self._root.resolve(strict=True)
            path = (root / key).resolve()
            status = path.stat()
        except (ValueError, RuntimeError) as error:  # a name that no file has; links that lead in a circle
            raise Missing from error
        except OSError as error:
            if error.errno in _NOT_THERE and self._root.is_dir():
                raise Missing from error
            raise _away(self._name, error) from error
        if not (path.is_relative_to(root) and stat.S_ISREG(status.st_mode)):
            raise Missing
        return _FileInDirectory(
            store=self._name,
            size=status.st_size,
            e_tag=_tag(status),
            modified=datetime.fromtimestamp(status.st_mtime, UTC),
            path=path,
            version=_tag(status),
        )

    def locate(self, path: Path) -> str | None:
        """The key of a file, where it lies in the directory."""
        root, path = self._root.resolve(), path.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


@dataclass(kw_only=True)
class _FileInDirectory(Copy):
    version: str

    def is_unchanged(self) -> bool:
        """Whether the same file is still there."""
        assert self.path is not None
        try:
            return _tag(self.path.lstat()) == self.version
        except OSError:
            return False

    @override
    def read(self, start: int, end: int) -> bytes:
        with self._opened() as descriptor:
            return b"".join(_pieces(descriptor, start, end))

    @override
    async def blocks(self, start: int, end: int) -> AsyncIterator[bytes | bytearray]:
        with self._opened() as descriptor:
            while start < end:
                size = min(_BLOCK, end - start)
                # To change to a thread costs more than to copy what the system has in its memory.
                block = _cached(descriptor, start, size) or await asyncio.to_thread(
                    _read, descriptor, start, size
                )
                start += len(block)
                yield block

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file as it was found, open; another by the same name is not it."""
        assert self.path is not None
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                if _tag(os.fstat(descriptor)) != self.version:
                    raise StoreAway(f"{self.path.name} was replaced while it was read.", retry_after=1)
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _away(self.store, error) from error


def _cached(descriptor: int, start: int, size: int) -> bytes | bytearray:
    """What is in memory of some bytes of a file; nothing where the disk would have to be waited for."""
    if _AT_ONCE is None:
        return b""
    block = bytearray(size)
    try:
        count = os.preadv(descriptor, [block], start, _AT_ONCE)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EOPNOTSUPP}:
            return b""
        raise
    return block if count == size else block[:count]


def _read(descriptor: int, start: int, size: int) -> bytes:
    block = os.pread(descriptor, size, start)
    if not block:
        raise StoreAway("A file became shorter while it was read.", retry_after=1)
    return block


def _pieces(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        block = _read(descriptor, start, end - start)
        start += len(block)
        yield block


def _tag(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}"


def _away(name: str, error: OSError) -> StoreAway:
    log.warning("store_away", store=name, error=str(error))
    return StoreAway(f"The store {name} cannot be read at the moment.")
