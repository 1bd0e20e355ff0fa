"""Where results lie: a directory or an object store, both through obstore.

A file is there whole or not at all. What a process that was killed left behind is removed with the file's key.
"""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from voserver.model.errors import NotFound, Unavailable
from voserver.settings import Settings

_PART = 8 << 20
"""Bytes that are sent to the store at once: an object store's multipart upload has 10,000 parts at most, so 80 GB."""

_READ = 1 << 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was written."""

    size: int
    e_tag: str


class NotStored(Unavailable):
    """The result store takes no more, or is away."""


class ResultStore:
    """The files of jobs, by key. `write`, `delete` block; reading is for the event loop."""

    def __init__(self, store: ObjectStore, directory: Path | None = None) -> None:
        self._store = store
        self._directory = directory

    @classmethod
    def from_settings(cls, settings: Settings) -> "ResultStore":
        """The store that an operator has configured."""
        if settings.results_url:
            return cls(from_url(settings.results_url))
        directory = settings.data_dir / "results"
        directory.mkdir(parents=True, exist_ok=True)
        return cls.in_directory(directory)

    @classmethod
    def in_directory(cls, directory: Path) -> "ResultStore":
        """A store in a directory, which is there."""
        return cls(LocalStore(directory, mkdir=True, automatic_cleanup=True), directory)

    def write(self, key: str, pieces: Iterator[bytes]) -> Stored:
        """Write a file as its pieces come, and close them; nothing is left of it where they end in an error.

        Raises:
            NotStored: the store takes no more, or is away.
        """
        counted = _Counted(pieces)
        try:
            beginning = _up_to(_PART, counted)
            if len(beginning) < _PART:
                put = obstore.put(self._store, key, beginning)
            else:
                rest = chain([beginning], counted)
                put = obstore.put(self._store, key, rest, chunk_size=_PART, max_concurrency=2)
        except (BaseError, OSError) as error:
            if counted.failure is not None:
                raise counted.failure from error
            log.error("result_not_stored", key=key, error=str(error))  # noqa: TRY400 -- the message is enough
            raise NotStored(
                "The result could not be stored: the service's result store is full or away.",
                hint="Try again later, or ask for fewer rows or columns.",
            ) from error
        finally:
            if isinstance(pieces, Generator):
                pieces.close()  # the query behind them runs on otherwise, for as long as the error is known
        return Stored(counted.size, (put["e_tag"] or f"{counted.size:x}").strip('"'))

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in blocks.

        Raises:
            NotFound: the file is gone.
        """
        for position in range(start, end, _READ):
            try:
                block = await obstore.get_range_async(
                    self._store, key, start=position, end=min(position + _READ, end)
                )
            except FileNotFoundError:
                raise NotFound("The result is no longer there.") from None
            except (BaseError, OSError) as error:
                log.error("result_not_read", key=key, error=str(error))  # noqa: TRY400
                raise Unavailable("The service's result store cannot be reached at the moment.") from error
            yield bytes(block)

    def copy(self, key: str, target: IO[bytes]) -> None:
        """Write what a file holds into another, and go back to its beginning.

        Raises:
            Unavailable: the file is gone, or the store is away.
        """
        try:
            for block in obstore.get(self._store, key).stream(_READ):
                target.write(block)
        except (BaseError, OSError) as error:
            log.error("input_not_read", key=key, error=str(error))  # noqa: TRY400
            raise Unavailable("The service's result store cannot be reached at the moment.") from error
        target.seek(0)

    def delete(self, key: str) -> None:
        """Remove a file, and what is left of an attempt to write it. One that is not there is no error."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            log.debug("result_already_gone", key=key)
        if self._directory is not None:
            path = self._directory / key
            for remnant in path.parent.glob(f"{path.name}#*"):
                remnant.unlink(missing_ok=True)
            with suppress(OSError):  # not empty, or gone already
                path.parent.rmdir()
                path.parent.parent.rmdir()


class _Counted(Iterator[bytes]):
    """Pieces as they pass, with their size, and the error they ended in: the store wraps it in one of its own."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.failure: BaseException | None = None

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            raise
        except BaseException as error:
            self.failure = error
            raise
        self.size += len(piece)
        return piece


def _up_to(size: int, pieces: Iterator[bytes]) -> bytes:
    """The first pieces: at least so many bytes, or all."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= size:
            break
    return bytes(gathered)
