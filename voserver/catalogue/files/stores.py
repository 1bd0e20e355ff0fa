"""The operator's stores, in his order: which of them has a file for somebody.

A copy that is missing, not released yet, or in a store that is away is passed over for the next. What is not public
is never handed out by a redirect, but for a signed URL of a short life where the operator has chosen that.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from obstore.exceptions import BaseError

from voserver.catalogue.files.copies import Copy, Elsewhere, Missing, StoreAway
from voserver.catalogue.files.directories import Directory
from voserver.catalogue.files.layout import CLOUD, inside, key_of, url_of
from voserver.catalogue.files.objects import Objects, Remote
from voserver.catalogue.holdings import Holding, check_readable
from voserver.model.errors import NotFound, Unavailable, UsageError
from voserver.model.identity import Identity
from voserver.settings import Settings, StoreSetting

AWAY_SECONDS = 15
"""How long a store that did not answer, several times in a row, is not asked again."""

FAILURES = 3
"""So many in a row: every store gives an odd answer once in a while."""

_MAST = "https://mast.stsci.edu/api/v0.1/Download/file?uri={uri}"

log = structlog.get_logger()


def default_stores(settings: Settings) -> list[StoreSetting]:
    """The stores of who has set none: a directory, and JWST's public files where STScI has them.

    Clients are sent to MAST, which needs no question: one to the bucket for each file would keep who has no way out
    waiting. What is read here, for packages and cut-outs, may come from the bucket, too.
    """
    directory = settings.data_dir / "files"
    with suppress(OSError):  # where it cannot be made, it is away
        directory.mkdir(parents=True, exist_ok=True)
    bucket = {"region": "us-east-1", "skip_signature": True}
    return [
        StoreSetting(name="local", url=directory.resolve().as_uri()),
        StoreSetting(name="mast", url=_MAST, layout="{uri}", uris="mast:", public=True, redirect=True),
        StoreSetting(name="cloud", url="s3://stpubdata", layout=CLOUD, public=True, options=bucket),
    ]


class Stores:
    """Finds copies of files."""

    def __init__(self, stores: list[StoreSetting]) -> None:
        self._stores = [_Store(setting) for setting in stores]

    @classmethod
    def from_settings(cls, settings: Settings) -> "Stores":
        """The stores that an operator has configured.

        Raises:
            UsageError: the options of one make no sense.
        """
        return cls(default_stores(settings) if settings.stores is None else settings.stores)

    async def open(self, holding: Holding, who: Identity) -> Copy:
        """A copy to read here, wherever it lies.

        Raises:
            Forbidden: the file is exclusive to others.
            NotFound: no store has it.
            Unavailable: a store that may have it is away.
        """
        found = await self._first(holding, who, redirects=False)
        assert isinstance(found, Copy)
        return found

    async def find(self, holding: Holding, who: Identity) -> Copy | Elsewhere:
        """A copy, or where the client may fetch it himself; raises as `open`."""
        return await self._first(holding, who, redirects=True)

    async def has_here(self, holding: Holding) -> bool:
        """Whether a store that this server itself reads has a copy: a directory, or a bucket by `archive.location`."""
        for store in self._stores:
            if await store.has_here(holding):
                return True
        return False

    def locate(self, path_or_url: str) -> tuple[str, str] | None:
        """The store that has a file, and its key there, by the file's path or URL; the first such store."""
        for store in self._stores:
            key = store.locate(path_or_url)
            if key is not None:
                return store.setting.name, key
        return None

    def public_url(self, url: str) -> str | None:
        """Where anybody fetches an object, by its URL in its store (`s3://…`); None where that is not known."""
        for store in self._stores:
            key = store.locate(url)
            if key is not None:
                return store.public_url(key)
        return None

    async def _first(self, holding: Holding, who: Identity, *, redirects: bool) -> Copy | Elsewhere:
        check_readable(holding, who)
        is_away = False
        for store in self._stores:
            key = store.key_for(holding)
            if key is None:
                continue
            try:
                found = await store.find(holding, key, redirects=redirects)
            except Missing:
                continue
            except StoreAway:
                is_away = True
                continue
            return _tagged(found, holding) if isinstance(found, Copy) else found
        if is_away:
            raise Unavailable(
                f"The store that has {holding.filename} cannot be reached at the moment.",
                hint="Try again in a moment.",
                retry_after=AWAY_SECONDS,
            )
        raise NotFound(
            f"No store of this archive has {holding.filename} now.",
            hint="Its metadata are here; the file itself may be planned, still on its way, or removed.",
        )


class _Store:
    """One store, with what the operator has said of it."""

    def __init__(self, setting: StoreSetting) -> None:
        self.setting = setting
        self._failures = 0
        self._is_away_until = 0.0
        self._backend: Directory | Objects | Remote
        url = setting.url
        if url.startswith("file:"):
            self._backend = Directory(setting.name, Path(unquote(urlsplit(url).path) or "/"))
        elif url.startswith("http"):
            self._backend = Remote(setting.name)
        else:
            try:
                self._backend = Objects(setting.name, url, setting.options)
            except BaseError as error:
                reason = str(error).partition("\n")[0]
                raise UsageError(f"The store {setting.name} cannot be used: {reason}") from error

    def key_for(self, holding: Holding) -> str | None:
        """The key of a file, where the store may have it and hand it out now."""
        if self.setting.public and not holding.is_public:
            return None
        told = [one for one in holding.locations if one.store == self.setting.name]
        # Metadata come from others, too: a name alone opens nothing that is exclusive.
        if holding.shares_name and not told:
            return None
        now = datetime.now(UTC).replace(tzinfo=None)
        if any(one.release and one.release > now for one in told):
            return None
        if self.setting.layout == CLOUD and holding.cloud_release and holding.cloud_release > now:
            return None
        return key_of(self.setting, holding)

    async def find(self, holding: Holding, key: str, *, redirects: bool) -> Copy | Elsewhere:
        """The copy, or where it is; raises `Missing` and `StoreAway`."""
        if time.monotonic() < self._is_away_until:
            raise StoreAway(f"The store {self.setting.name} was away a moment ago.")
        try:
            found = await self._find(holding, key, redirects=redirects)
        except Missing:
            self._failures = 0
            raise
        except StoreAway:
            self._failures += 1
            if self._failures >= FAILURES:
                self._is_away_until = time.monotonic() + AWAY_SECONDS
            raise
        self._failures = 0
        return found

    async def has_here(self, holding: Holding) -> bool:
        """Whether it has a copy, as far as that is known without asking over the network."""
        key = self.key_for(holding)
        if key is None or isinstance(self._backend, Remote):
            return False
        if isinstance(self._backend, Objects):
            return any(one.store == self.setting.name for one in holding.locations)
        with suppress(Missing, StoreAway):
            await self.find(holding, key, redirects=False)
            return True
        return False

    async def _find(self, holding: Holding, key: str, *, redirects: bool) -> Copy | Elsewhere:
        redirects = redirects and self.setting.redirect
        if isinstance(self._backend, Remote):
            url = url_of(self.setting, holding, key)
            if url is None:
                raise Missing
            # The other archive says itself whether it has the file.
            if redirects and holding.is_public:
                return Elsewhere(self.setting.name, url, is_passing=False)
            return await self._backend.find(url)
        copy = await self._backend.find(key)
        if redirects and isinstance(self._backend, Objects):
            return await self._elsewhere(self._backend, holding, key) or copy
        return copy

    async def _elsewhere(self, backend: Objects, holding: Holding, key: str) -> Elsewhere | None:
        """Where the client may fetch an object himself; None where only we may."""
        if self.setting.sign:
            url = await backend.signed(key, self.setting.sign)
            return Elsewhere(self.setting.name, url, is_passing=True)
        address = self.public_url(key) if holding.is_public else None
        return None if address is None else Elsewhere(self.setting.name, address, is_passing=False)

    def public_url(self, key: str) -> str | None:
        """Where anybody fetches an object of a public store."""
        if self.setting.public and isinstance(self._backend, Objects):
            return self._backend.address(key)
        return None

    def locate(self, path_or_url: str) -> str | None:
        """The key of a file by its path or URL, where it is in this store."""
        if not isinstance(self._backend, Directory):
            return None if "{" in self.setting.url else inside(self.setting.url, path_or_url)
        if path_or_url.startswith("file:"):
            path_or_url = unquote(urlsplit(path_or_url).path)
        elif "://" in path_or_url:
            return None
        return self._backend.locate(Path(path_or_url))


def _tagged(copy: Copy, holding: Holding) -> Copy:
    """With the checksum for a tag, where this is the file that the catalogue has: the same from every store."""
    if holding.content_checksum and copy.size == holding.content_length:
        copy.e_tag = holding.content_checksum.partition(":")[2] or holding.content_checksum
    return copy
