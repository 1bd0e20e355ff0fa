"""The bytes of files to be loaded: which files there are, and reading parts of one, in a directory or a store."""

import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from typing_extensions import Buffer, override

from voserver.catalogue.cutouts.structure import Source
from voserver.catalogue.files.objects import connect
from voserver.catalogue.files.stores import Stores
from voserver.catalogue.ingest.files import last_change
from voserver.model.errors import NotFound, Unavailable, UsageError
from voserver.settings import Settings, StoreSetting

_OBJECTS = ("s3://", "gs://", "az://")
_BLOCK = 4 << 20
_MOST_UNPACKED = 32 << 30


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there: its path or URL, its size in bytes, when it was last changed (UTC).

    `location` is the store that has it, and its key there.
    """

    place: str
    name: str
    size: int
    modified: datetime
    location: tuple[str, str] | None


def find(places: list[str], settings: Settings) -> list[Found]:
    """Every file at these paths and URLs, directories with all that is in them, in the order of names.

    Raises:
        NotFound: nothing is at one of them.
        UsageError: one is no path, and no URL of a store.
        Unavailable: a store does not answer.
    """
    stores = Stores.from_settings(settings)
    found: dict[str, Found] = {}
    for place in places:
        is_object = place.startswith(_OBJECTS)
        if "://" in place and not is_object:
            raise UsageError(f"{place[:200]} is no path, and no URL like s3://bucket/prefix.")
        there = _in_store(place, settings, stores) if is_object else _in_directory(Path(place), stores)
        some = {one.place: one for one in there}
        if not some:
            raise NotFound(
                f"There are no files in {place}.", hint="Is the disk mounted? Hidden files do not count."
            )
        found |= some
    return sorted(found.values(), key=lambda one: (one.name, one.place))


def _in_directory(path: Path, stores: Stores) -> Iterator[Found]:
    if not path.exists():
        raise NotFound(f"There is no file or directory {path}.")
    if not (path.is_file() or path.is_dir()):
        raise UsageError(f"{path} is neither a file nor a directory.")
    for one in _walk(path):
        status = one.stat()
        modified = last_change(status)
        place = str(one.absolute())
        location = stores.locate(place) if place.isprintable() else None
        yield Found(place, one.name, status.st_size, modified, location)


def _walk(path: Path) -> Iterator[Path]:
    """Files but hidden ones; links to directories are not followed, so that none leads in a circle."""
    if path.is_file():
        yield path
        return
    for directory, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        files = (Path(directory) / name for name in sorted(names) if not name.startswith("."))
        yield from (one for one in files if one.is_file())


def _in_store(url: str, settings: Settings, stores: Stores) -> Iterator[Found]:
    bucket, prefix = _parts(url)
    store = _connected(bucket, _setting(url, settings))
    count = 0
    try:
        for page in obstore.list(store, prefix or None, chunk_size=1000):
            for meta in page:
                key = str(meta["path"])
                place = f"{bucket}/{key}"
                modified = meta["last_modified"].astimezone(UTC).replace(tzinfo=None)
                count += 1
                yield Found(place, key.rpartition("/")[2], meta["size"], modified, stores.locate(place))
        if not count:
            head = obstore.head(store, prefix)
            modified = head["last_modified"].astimezone(UTC).replace(tzinfo=None)
            yield Found(url, prefix.rpartition("/")[2], head["size"], modified, stores.locate(url))
    except FileNotFoundError:
        raise NotFound(f"There is nothing at {url}.") from None
    except (BaseError, OSError) as error:
        raise _away(url, error) from error


def _parts(url: str) -> tuple[str, str]:
    """The bucket's URL, and what comes after it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.strip("/")


def _setting(url: str, settings: Settings) -> StoreSetting | None:
    """The operator's store in the bucket of a URL, for its credentials."""
    bucket = _parts(url)[0]
    return next((one for one in settings.stores or [] if _parts(one.url)[0] == bucket), None)


def _connected(bucket: str, setting: StoreSetting | None) -> ObjectStore:
    try:
        return connect(bucket, {} if setting is None else setting.options)
    except BaseError as error:
        raise _away(bucket, error) from error


def _away(place: str, error: Exception) -> Unavailable:
    reason = str(error).partition("\n")[0][:200]
    return Unavailable(f"{place} cannot be read: {reason}", hint="Are its address and the credentials right?")


@dataclass(frozen=True, slots=True)
class _LocalFile:
    descriptor: int
    size: int

    def read(self, start: int, end: int) -> bytes:
        return os.pread(self.descriptor, end - start, start)


@dataclass(frozen=True, slots=True)
class _Object:
    store: ObjectStore
    key: str
    size: int
    place: str

    def read(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        try:
            return bytes(obstore.get_range(self.store, self.key, start=start, end=end))
        except (BaseError, OSError) as error:
            raise _away(self.place, error) from error


@lru_cache(maxsize=64)
def _bucket(bucket: str, settings: str) -> ObjectStore:
    return _connected(bucket, StoreSetting.model_validate_json(settings) if settings else None)


@contextmanager
def opened(one: Found, settings: Settings) -> Iterator[Source]:
    """A file's bytes; of one that is packed by gzip those that it was packed from.

    Raises:
        UsageError: it cannot be read, or unpacked.
        Unavailable: its store does not answer.
    """
    try:
        with _as_it_lies(one, settings) as source:
            if not one.name.lower().endswith(".gz"):
                yield source
                return
            with _unpacked(source) as unpacked:
                yield unpacked
    except OSError as error:
        raise UsageError(f"the file cannot be read: {error.strerror or error}") from error


@contextmanager
def _as_it_lies(one: Found, settings: Settings) -> Iterator[Source]:
    if one.place.startswith(_OBJECTS):
        bucket, key = _parts(one.place)
        setting = _setting(one.place, settings)
        store = _bucket(bucket, setting.model_dump_json() if setting else "")
        yield _Object(store, key, one.size, one.place)
        return
    descriptor = os.open(one.place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _LocalFile(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


@contextmanager
def _unpacked(source: Source) -> Iterator[Source]:
    """In a file of its own for as long as it is read: there is no other way to the middle of a packed one."""
    with tempfile.TemporaryFile() as file:
        try:
            with gzip.GzipFile(fileobj=io.BufferedReader(_Stream(source), _BLOCK)) as packed:
                size = _copied(packed, file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UsageError(f"the file cannot be unpacked: {error}") from error
        yield _LocalFile(file.fileno(), size)


def _copied(packed: gzip.GzipFile, file: IO[bytes]) -> int:
    size = 0
    while piece := packed.read(_BLOCK):
        size += len(piece)
        if size > _MOST_UNPACKED:
            raise UsageError(f"the file has more than {_MOST_UNPACKED:,} bytes when it is unpacked")
        file.write(piece)
    file.flush()
    return size


class _Stream(io.RawIOBase):
    """A source as something to read from beginning to end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        piece = self._source.read(self._at, min(self._at + len(view), self._source.size))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def checksum(one: Found, settings: Settings) -> str:
    """The MD5 sum of a file as it lies, as MAST gives it; reads all of it. Raises as `opened`."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with _as_it_lies(one, settings) as source:
            for start in range(0, source.size, _BLOCK):
                digest.update(source.read(start, min(start + _BLOCK, source.size)))
    except OSError as error:
        raise UsageError(f"the file cannot be read: {error.strerror or error}") from error
    return f"md5:{digest.hexdigest()}"
