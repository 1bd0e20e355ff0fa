"""Files in object stores (S3 and what is like it) and behind other archives' URLs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store, from_url
from typing_extensions import override

from voserver.catalogue.files.copies import Copy, Missing, StoreAway

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ClientConfig, RetryConfig, S3Config

_BLOCK = 4 << 20
"""Bytes that are asked for at once: less, and the store's answering time counts; more, and its memory does."""

_CLIENT: "ClientConfig" = {"connect_timeout": "3s", "timeout": "60s", "allow_http": True}
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}

_HEAD_SECONDS = 10
"""How long a store may take to say whether it has a file."""

log = structlog.get_logger()


def connect(url: str, options: Mapping[str, str | bool]) -> ObjectStore:
    """A store by its URL. Credentials that the options do not have come from the environment.

    Raises:
        BaseError: the options make no sense to this kind of store.
    """
    if url.startswith(("http://", "https://")):
        return from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
    config = cast("S3Config", dict(options))  # or another store's, by its URL
    return from_url(url, config=config, client_options=_CLIENT, retry_config=_RETRIES)


class Objects:
    """A store of objects by key."""

    def __init__(self, name: str, url: str, options: Mapping[str, str | bool]) -> None:
        self._name = name
        self._store = connect(url, options)
        self._public_url = _public_url(url, options)
        # Without credentials, S3 says "forbidden" of what is not there.
        self._is_open = url.startswith("http") or str(options.get("skip_signature", "")).lower() == "true"

    async def find(self, key: str) -> Copy:
        """The copy under a key.

        Raises:
            Missing: there is none.
            StoreAway: the store does not answer, or does not let us in.
        """
        return await _found(self._name, self._store, key, is_open=self._is_open)

    def address(self, key: str) -> str | None:
        """Where anybody fetches a public object; None where that is not known of this kind of store."""
        return self._public_url and f"{self._public_url}/{quote(key)}"

    async def signed(self, key: str, seconds: int) -> str:
        """A URL that gives the object to whoever has it, for so long."""
        assert isinstance(self._store, S3Store | GCSStore | AzureStore)
        return await obstore.sign_async(self._store, "GET", key, timedelta(seconds=seconds))


def _public_url(url: str, options: Mapping[str, str | bool]) -> str | None:
    """The URL of a bucket (and prefix) for those without credentials."""
    parts = urlsplit(url)
    path = f"/{parts.path.strip('/')}".rstrip("/")
    endpoint = options.get("endpoint") or options.get("aws_endpoint")
    if parts.scheme == "s3" and endpoint:
        return f"{str(endpoint).rstrip('/')}/{parts.netloc}{path}"
    if parts.scheme == "s3":
        region = options.get("region") or "us-east-1"
        return f"https://{parts.netloc}.s3.{region}.amazonaws.com{path}"
    return f"https://storage.googleapis.com/{parts.netloc}{path}" if parts.scheme == "gs" else None


class Remote:
    """Another archive, by a URL for each file."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def find(self, url: str) -> Copy:
        """The copy at a URL; raises as `Objects.find`."""
        base, _, query = url.partition("?")
        base, _, last = base.rpartition("/")
        store = _remote(f"{base}?{query}" if query else base)
        return await _found(self._name, store, last, is_open=True)


@lru_cache(maxsize=64)
def _remote(url: str) -> ObjectStore:
    return connect(url, {})


async def _found(name: str, store: ObjectStore, key: str, *, is_open: bool) -> Copy:
    try:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await obstore.head_async(store, key)
    except FileNotFoundError as error:
        raise Missing from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        if is_open:
            raise Missing from error
        raise _away(name, error) from error
    except (BaseError, OSError) as error:
        raise _away(name, error) from error
    tag = (head["e_tag"] or "").removeprefix("W/").strip('"')
    modified = head["last_modified"].astimezone(UTC)
    return _Object(
        store=name,
        size=head["size"],
        e_tag=tag or f"{modified.timestamp():.0f}-{head['size']:x}",
        modified=modified,
        objects=store,
        key=key,
        version=head["e_tag"],
    )


@dataclass(kw_only=True)
class _Object(Copy):
    objects: ObjectStore
    key: str
    version: str | None

    @override
    def read(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        try:
            got = obstore.get(self.objects, self.key, options=self._options(start, end))
            return self._checked(bytes(got.bytes()), end - start)
        except (BaseError, OSError) as error:
            raise _away(self.store, error) from error

    @override
    async def blocks(self, start: int, end: int) -> AsyncIterator[bytes]:
        # The next block is under way while this one is sent.
        coming: asyncio.Task[bytes] | None = None
        try:
            for position in range(start, end, _BLOCK):
                block = await (coming or self._begin(position, end))
                after = position + _BLOCK
                coming = self._begin(after, end) if after < end else None
                yield block
        finally:
            if coming is not None:
                coming.cancel()

    def _begin(self, position: int, end: int) -> "asyncio.Task[bytes]":
        return asyncio.create_task(self._block(position, min(position + _BLOCK, end)))

    async def _block(self, start: int, end: int) -> bytes:
        try:
            got = await obstore.get_async(self.objects, self.key, options=self._options(start, end))
            return self._checked(bytes(await got.bytes_async()), end - start)
        except (BaseError, OSError) as error:
            raise _away(self.store, error) from error

    def _options(self, start: int, end: int) -> "GetOptions":
        # Pieces of two versions would make a file that never was.
        if self.version is None:  # a plain HTTP server may have no tags
            return {"range": (start, end), "if_unmodified_since": self.modified or datetime.now(UTC)}
        return {"range": (start, end), "if_match": self.version}

    def _checked(self, block: bytes, size: int) -> bytes:
        if len(block) != size:
            raise _away(self.store, OSError(f"{len(block)} bytes came of {size}"))
        return block


def _away(name: str, error: Exception) -> StoreAway:
    log.warning("store_away", store=name, error=str(error).partition("\n")[0])
    return StoreAway(f"The store {name} cannot be read at the moment.")
