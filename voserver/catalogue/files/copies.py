"""A copy of a file that was found in a store: what it is, and its bytes."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voserver.model.errors import Unavailable


class Missing(Exception):  # noqa: N818 -- the next store may have it
    """A store has no such file."""


class StoreAway(Unavailable):
    """A store does not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a client may fetch a file without us."""

    store: str
    url: str
    is_passing: bool
    """Whether the URL is good for a short time only."""


@dataclass(kw_only=True)
class Copy(ABC):
    """The bytes of one copy, `size` of them; it may be read from several threads at once.

    `e_tag` (without quotes) is another for other bytes; `modified` has a time zone. `path` is where it lies, for a
    copy in a directory.
    """

    store: str
    size: int
    e_tag: str
    modified: datetime | None
    path: Path | None = None

    @abstractmethod
    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, for threads: it blocks.

        Raises:
            Unavailable: the store is away, or the file is another by now.
        """

    @abstractmethod
    def blocks(self, start: int, end: int) -> AsyncIterator[bytes | bytearray]:
        """The same in blocks, for the event loop; a block or two are in memory at any time.

        Raises:
            Unavailable: the store is away, or the file is another by now.
        """
