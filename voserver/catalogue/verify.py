"""Whether the stores have what the catalogue says: copies that are missing, other, or of no file that is known.

What is expected and what is there meet in temporary tables of the database, so that millions of files take no more of
this process's memory than thousands. Contents are read in several threads, a block of each at a time.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from obstore.exceptions import BaseError
from psycopg.rows import dict_row

from voserver.catalogue import engine
from voserver.catalogue.files import default_stores
from voserver.catalogue.files.copies import StoreAway
from voserver.catalogue.files.layout import key_of
from voserver.catalogue.holdings import Holding, Location
from voserver.catalogue.store_listing import can_be_listed, is_own, listed, reader
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings, StoreSetting

Progress = Callable[[str, int], None]
"""Called with what is being done, and how many files it has been done to."""

_STEP = 10_000  # files between two calls of it
_BATCH = 64  # contents that are read before their results are kept

ADVICE = {
    "away": "Mount it, or mend its settings; then verify again.",
    "missing": "Copy it there again from another store, or load the file's metadata anew from where it is now.",
    "nowhere": "Perhaps a store is missing from VOSERVER_STORES, MAST's for example: setting it drops the defaults "
    "(docs/files.md). If not, fetch the file again from where it came, or withdraw its metadata.",
    "size": "It was cut off or replaced: copy it again, or load the metadata of the new file.",
    "checksum": "It was damaged or replaced: copy it again, or load the metadata of the new file.",
    "unreadable": "Look after the disk or the permissions; then copy it again.",
    "orphan": "Load its metadata, or delete it.",
}
"""What to do about each kind of problem."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be; `key` is the file's place in the store."""

    kind: str
    said: str
    store: str | None = None
    key: str | None = None
    uri: str | None = None

    @property
    def advice(self) -> str:
        """What to do."""
        return ADVICE[self.kind]


@dataclass(slots=True)
class Tally:
    """What was looked at: files of the catalogue, copies that are there, contents that were read."""

    files: int = 0
    copies: int = 0
    read: int = 0
    problems: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is verified: which stores (none named: the operator's own), contents, too, and how many at once.

    Contents that were read well in the last `trusted_days` are not read again.
    """

    stores: Sequence[str] = ()
    checksums: bool = False
    trusted_days: float = 0
    threads: int = 4


def verify(
    url: str, settings: Settings, extent: Extent, tally: Tally, progress: Progress | None = None
) -> Iterator[Problem]:
    """Every problem, as it is found; `tally` counts meanwhile.

    Raises:
        NotFound: there is no store of that name.
        UsageError: a store cannot be listed, or none is left to look at.
        ServiceError: the database is away.
    """
    known = default_stores(settings) if settings.stores is None else settings.stores
    chosen = _chosen(known, extent.stores)
    with engine.connect(url) as reading, engine.connect(url, autocommit=True) as connection:
        try:
            work = _Work(connection, extent, tally, progress or _silent)
            for problem in work.problems(reading, known, chosen):
                tally.problems[problem.kind] = tally.problems.get(problem.kind, 0) + 1
                yield problem
        except psycopg.Error as error:
            raise engine.translate(error) from error


def _silent(_doing: str, _count: int) -> None:
    pass


def _chosen(known: Sequence[StoreSetting], names: Sequence[str]) -> list[StoreSetting]:
    by_name = {store.name: store for store in known}
    for name in names:
        if name not in by_name:
            raise NotFound(f"There is no store {name!r}.", hint=f"There are {', '.join(by_name)}.")
        if not can_be_listed(by_name[name]):
            raise UsageError(f"The store {name} is another archive's: it cannot be listed.")
    chosen = [by_name[name] for name in names] or [store for store in known if is_own(store)]
    if not chosen:
        raise UsageError("No store is the operator's own.", hint="Name one: --store NAME")
    return chosen


@dataclass(frozen=True, slots=True)
class _Work:
    connection: psycopg.Connection
    extent: Extent
    tally: Tally
    progress: Progress

    def problems(
        self, reading: psycopg.Connection, known: Sequence[StoreSetting], chosen: Sequence[StoreSetting]
    ) -> Iterator[Problem]:
        started = datetime.now(UTC)
        self.connection.execute(_TABLES)
        self._expect(reading, known, chosen)
        for store in chosen:
            try:
                self._list(store)
            except StoreAway as away:
                yield Problem("away", away.message, store.name)
                continue
            yield from self._compared(store, started)
            if self.extent.checksums:
                yield from self._contents(store)
        if "away" not in self.tally.problems:
            for uri in self._uris(_NOWHERE):
                yield Problem("nowhere", "No store that was looked at has a copy.", uri=uri)

    def _expect(
        self, reading: psycopg.Connection, known: Sequence[StoreSetting], chosen: Sequence[StoreSetting]
    ) -> None:
        """Write down under which key each store should have each file."""
        others = [store for store in known if store not in chosen]
        with (
            reading.cursor("files", row_factory=dict_row) as rows,
            self.connection.cursor() as cursor,
            cursor.copy(_COPY_EXPECTED) as copying,
        ):
            rows.itersize = 2_000
            rows.execute(_FILES)
            for row in rows:
                holding = _holding(row)
                is_elsewhere = any(key_of(store, holding) is not None for store in others)
                places = {store.name: key_of(store, holding) for store in chosen}
                located = {one.store for one in holding.locations}
                for name, key in places.items():
                    copying.write_row(
                        (holding.artifact_id, name, key, name in located, is_elsewhere, holding.uri,
                         holding.content_length, holding.content_checksum)
                    )  # fmt: skip
                self.tally.files += 1
                self._tell("Reading the catalogue", self.tally.files)

    def _tell(self, doing: str, count: int) -> None:
        if count % _STEP == 0:
            self.progress(doing, count)

    def _list(self, store: StoreSetting) -> None:
        self.connection.execute("TRUNCATE pg_temp.there")
        with self.connection.cursor() as cursor, cursor.copy("COPY pg_temp.there FROM STDIN") as copying:
            for count, one in enumerate(listed(store, self.extent.threads), 1):
                # A name that is no text is of no file that the catalogue has: it is shown escaped, as an orphan.
                copying.write_row(one if one.key.isprintable() else one._replace(key=repr(one.key)))
                self._tell(f"Listing {store.name}", count)
        self.connection.execute("ANALYZE pg_temp.there")

    def _compared(self, store: StoreSetting, started: datetime) -> Iterator[Problem]:
        name = store.name
        self.connection.execute(_PRESENT, [name])
        counted = self.connection.execute(
            "SELECT count(*) FROM pg_temp.copies WHERE store = %s", [name]
        ).fetchone()
        assert counted is not None
        self.tally.copies += counted[0]
        for uri, key in self._rows(_MISSING, [name]):
            yield Problem("missing", "The catalogue says that it lies there.", name, key, uri)
        for uri, key, length, size in self._rows(_SIZES, [name]):
            yield Problem("size", f"It has {size:,} bytes instead of {length:,}.", name, key, uri)
        # A file that came while we looked may be known a moment later.
        for key, size in self._rows(_ORPHANS, [name, started]):
            yield Problem("orphan", f"No file of the catalogue belongs there ({size:,} bytes).", name, key)

    def _contents(self, store: StoreSetting) -> Iterator[Problem]:
        read = partial(_digest, reader(store))
        trusted = datetime.now(UTC) - timedelta(days=self.extent.trusted_days)
        rows = self._rows(_CONTENTS, [store.name, trusted])
        with ThreadPoolExecutor(self.extent.threads, thread_name_prefix="verify") as pool, closing(rows):
            while batch := list(islice(rows, _BATCH)):
                outcomes = pool.map(read, [(key, checksum) for _, _, key, checksum in batch])
                good = []
                for (artifact_id, uri, key, checksum), outcome in zip(batch, outcomes, strict=True):
                    self.tally.read += 1
                    if outcome is None:
                        good.append((artifact_id, store.name, checksum))
                    else:
                        yield Problem(outcome[0], outcome[1], store.name, key, uri)
                self._keep(good)
                self.progress(f"Reading {store.name}", self.tally.read)

    def _keep(self, good: Iterable[tuple[UUID, str, str]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(_KEEP, good)

    def _rows(self, statement: str, parameters: Sequence[object]) -> Generator[tuple[Any, ...], None, None]:
        """Rows of the temporary tables, a few at a time; other statements may run meanwhile."""
        declared = f"DECLARE found CURSOR WITH HOLD FOR {statement}".encode()
        psycopg.ClientCursor(self.connection).execute(
            declared, parameters
        )  # DECLARE takes no parameters itself
        try:
            while rows := self.connection.execute("FETCH 1000 FROM found").fetchall():
                yield from rows
        finally:
            self.connection.execute("CLOSE found")

    def _uris(self, statement: str) -> Iterator[str]:
        for (uri,) in self._rows(statement, []):
            yield uri


_NOTHING: dict[str, Any] = dict.fromkeys(one.name for one in fields(Holding))


def _holding(row: dict[str, Any]) -> Holding:
    """As much of a file as says where it lies."""
    stores, keys = row.pop("stores") or [], row.pop("keys") or []
    places = tuple(Location(store, key, None) for store, key in zip(stores, keys, strict=True))
    return Holding(**{**_NOTHING, **row, "locations": places})


def _digest(read: Callable[[str], Iterator[bytes]], wanted: tuple[str, str]) -> tuple[str, str] | None:
    """Read a content; what is wrong with it, as kind and words, or None."""
    key, checksum = wanted
    algorithm, _, expected = checksum.partition(":")
    digest = hashlib.new(algorithm.replace("-", ""), usedforsecurity=False)
    try:
        for block in read(key):
            digest.update(block)
    except (OSError, BaseError) as error:
        return "unreadable", str(error).partition("\n")[0]
    found = digest.hexdigest()
    return (
        None
        if found == expected.lower()
        else ("checksum", f"Its {algorithm} is {found} instead of {expected}.")
    )


_TABLES = """
CREATE TEMP TABLE expected (artifactid uuid, store text, key text, is_located boolean, is_elsewhere boolean, uri text,
    length bigint, checksum text);
CREATE TEMP TABLE there (key text, size bigint, modified timestamptz);
CREATE TEMP TABLE copies (artifactid uuid, store text, key text, uri text, length bigint, checksum text, size bigint,
    modified timestamptz);
"""

_COPY_EXPECTED = "COPY pg_temp.expected FROM STDIN"

_FILES = """
SELECT a.uri, a.artifactid AS artifact_id, a.filename, a.program, a.contentlength AS content_length,
    a.contentchecksum AS content_checksum, a.cloud_uri, l.stores, l.keys
FROM archive.artifact AS a LEFT JOIN (
    SELECT artifactid, array_agg(store) AS stores, array_agg(key) AS keys FROM archive.location GROUP BY artifactid
) AS l USING (artifactid)
"""

_PRESENT = """
INSERT INTO pg_temp.copies
SELECT artifactid, store, key, uri, length, checksum, size, modified
FROM pg_temp.expected JOIN pg_temp.there USING (key) WHERE store = %s
"""

_MISSING = """
SELECT uri, key FROM pg_temp.expected AS e WHERE store = %s AND is_located
    AND NOT EXISTS (SELECT FROM pg_temp.there AS t WHERE t.key = e.key) ORDER BY key
"""

_SIZES = "SELECT uri, key, length, size FROM pg_temp.copies WHERE store = %s AND length <> size ORDER BY key"

_ORPHANS = """
SELECT key, size FROM pg_temp.there AS t WHERE NOT EXISTS (
    SELECT FROM pg_temp.expected AS e WHERE e.store = %s AND e.key = t.key) AND modified < %s ORDER BY key
"""

_CONTENTS = """
SELECT c.artifactid, c.uri, c.key, c.checksum FROM pg_temp.copies AS c
WHERE c.store = %s AND c.checksum ~* '^(md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512):[0-9a-f]+$'
    AND (c.length = c.size) IS NOT FALSE
    AND NOT EXISTS (SELECT FROM archive.content_check AS k WHERE k.artifactid = c.artifactid AND k.store = c.store
        AND k.checksum = c.checksum AND k.checked >= %s AT TIME ZONE 'utc'
        AND k.checked >= c.modified AT TIME ZONE 'utc')
ORDER BY c.key
"""

_NOWHERE = """
SELECT DISTINCT uri FROM pg_temp.expected AS e WHERE NOT is_elsewhere
    AND NOT EXISTS (SELECT FROM pg_temp.copies AS c WHERE c.artifactid = e.artifactid) ORDER BY uri
"""

_KEEP = """
INSERT INTO archive.content_check (artifactid, store, checked, checksum)
VALUES (%s, %s, clock_timestamp() AT TIME ZONE 'utc', %s)
ON CONFLICT (artifactid, store) DO UPDATE SET checked = excluded.checked, checksum = excluded.checksum
"""
