"""Many files as one stream of bytes, zip or tar, of a length that is known before it begins.

Files are read as the stream is, a block at a time: a package of any size takes the same memory. Where one cannot be read
to its end the stream ends in that error, without the end that every archive has.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from zipstream import ZipStream

from voserver.catalogue.files.copies import Copy

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name there, its bytes, and when it was last changed."""

    name: str
    size: int
    modified: datetime | None
    blocks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive to be made: its length, and its bytes, which block while a file is read."""

    size: int
    pieces: Callable[[], Iterator[bytes]]


def member_of(name: str, copy: Copy) -> Member:
    """A copy of a file as a member."""
    return Member(name, copy.size, copy.modified, lambda: _blocks(copy))


def member_of_bytes(name: str, content: bytes) -> Member:
    """A file that is in memory as a member."""
    return Member(name, len(content), None, lambda: iter([content]))


def zipped(members: Iterable[Member]) -> Archive:
    """A zip, nothing packed: the files are, as far as they can be, and its length must be known."""
    made = ZipStream(sized=True)
    for member in members:
        made.add(_Later(member), member.name, size=member.size)
    return Archive(len(made), lambda: iter(made))


def tarred(members: Iterable[Member]) -> Archive:
    """A tar, in the POSIX.1-2001 form (pax), which has no limits of sizes or names."""
    kept = list(members)
    heads = [_head(member) for member in kept]
    end = 2 * tarfile.BLOCKSIZE
    size = sum(
        len(head) + member.size + _padding(member.size) for head, member in zip(heads, kept, strict=True)
    )
    rest = -(size + end) % tarfile.RECORDSIZE

    def pieces() -> Iterator[bytes]:
        for head, member in zip(heads, kept, strict=True):
            yield head
            yield from member.blocks()
            yield b"\0" * _padding(member.size)
        yield b"\0" * (end + rest)

    return Archive(size + end + rest, pieces)


class _Later:
    """A member that is opened when its turn comes."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def __iter__(self) -> Iterator[bytes]:
        return self._member.blocks()


def _head(member: Member) -> bytes:
    info = tarfile.TarInfo(member.name)
    info.size = member.size
    info.mtime = 0 if member.modified is None else int(member.modified.timestamp())
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> int:
    return -size % tarfile.BLOCKSIZE


def _blocks(copy: Copy) -> Iterator[bytes]:
    for start in range(0, copy.size, _BLOCK):
        yield copy.read(start, min(start + _BLOCK, copy.size))
