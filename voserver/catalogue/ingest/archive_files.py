"""Load files by their headers: which are there, what each becomes, and the same transaction for all of a batch.

A load that is broken off has lost nothing and left nothing half; started again it goes on where it stopped. The same
files twice change nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk, joining, report
from voserver.catalogue.ingest.batches import Batch, Types, chunks, encode
from voserver.catalogue.ingest.caom import identifier
from voserver.catalogue.ingest.file_reading import Reading, is_fits
from voserver.catalogue.ingest.header_records import Described, Manner
from voserver.catalogue.ingest.load import Load, Progress
from voserver.catalogue.ingest.reading_ahead import reader
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.sources import Found, find
from voserver.catalogue.ingest.understanding import Finding
from voserver.settings import Settings

_BATCH = 256
_SAME_NAMES = "SELECT filename, uri FROM archive.artifact WHERE filename = ANY (%s) AND uri <> ALL (%s)"
_KIND = "files"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. `nowhere` counts files that lie in no store, so that nobody can download them."""

    report: Report
    nowhere: int


@dataclass(frozen=True, slots=True)
class _Item:
    """All files of one name: one is read, the others are its copies."""

    file: Found
    copies: tuple[Found, ...]


def ingest_files(
    url: str,
    places: list[str],
    settings: Settings,
    manner: Manner,
    *,
    is_trial: bool = False,
    processes: int | None = None,
    batch_size: int = _BATCH,
    progress: Progress | None = None,
) -> Outcome:
    """Load the files at these paths and URLs into the database at `url`; of a trial nothing stays.

    Raises:
        NotFound: nothing is at one of the places.
        UsageError: one is no path, and no URL of a store.
        ServiceError: a store or the database is away, or the database is not at this version's schema.
    """
    items = _by_name(find(places, settings))
    source = ", ".join(places).encode("utf-8", "replace").decode()[:1000]
    with reader(len(items), manner, settings, processes) as read, engine.connect(url) as connection:
        try:
            fingerprint = _fingerprint(items, manner)
            run = report.begin(connection, _KIND, source, fingerprint, is_trial=is_trial)
            load = _FileLoad(connection=connection, run=run, types=bulk.prepare(connection))
            waiting = items[run.report.resumed_at :]
            readings = read([item.file for item in waiting])
            # What lies beside FITS files looks in the database for what they are.
            for _, kind in groupby(
                zip(waiting, readings, strict=True), key=lambda one: is_fits(one[0].file.name)
            ):
                for batch in chunks(kind, batch_size):
                    load.merge_files(batch)
                    if progress:
                        progress(load.so_far.rows, len(items))
            load.link_associations()
            nowhere = sum(not any(one.location for one in (item.file, *item.copies)) for item in items)
            return Outcome(load.finish(settings), nowhere)
        except psycopg.Error as error:
            raise engine.translate(error) from error


def _by_name(files: Sequence[Found]) -> list[_Item]:
    """Files of one name are copies of one file; the one in a store is read. Previews and lists come after FITS."""
    grouped = (list(group) for _, group in groupby(files, key=lambda file: file.name))
    chosen = (sorted(group, key=lambda file: file.location is None) for group in grouped)
    items = [_Item(first, tuple(rest)) for first, *rest in chosen]
    return sorted(items, key=lambda item: (not is_fits(item.file.name), item.file.name))


def _fingerprint(items: Sequence[_Item], manner: Manner) -> str:
    """What tells whether these are the files that were loaded before, in the same manner."""
    digest = hashlib.sha256(repr(manner).encode())
    for item in items:
        for one in (item.file, *item.copies):
            digest.update(
                f"{one.place}\n{one.size} {one.modified} {one.location}\n".encode("utf-8", "replace")
            )
    return digest.hexdigest()


@dataclass(kw_only=True)
class _FileLoad(Load):
    """A load of files under way."""

    types: Types

    def merge_files(self, read: Sequence[tuple[_Item, Reading]]) -> None:
        """Merge a batch of files, in one transaction."""
        batch, findings = Batch(), list[Finding]()
        files = [reading.described for _, reading in read if reading.described]
        with self.transaction():
            self._join(files)
            others = self._others(files)
            for number, (item, reading) in enumerate(read, self.so_far.rows + 1):
                findings += self._add(batch, number, item, reading, others)
            self.merge(encode(batch, self.types), findings, files)

    def _join(self, files: Sequence[Described]) -> None:
        """Files without headers get the facts of the planes that they are for, and leave those as they are."""
        there = joining.siblings(self.connection, files)
        for one in files:
            row = joining.joined(one, there)
            if row is not None:
                one.records = one.records._replace(
                    observation={}, plane={}, artifact=row, members=(), inputs=()
                )
            elif one.kin and one.kin.planes:
                one.remarks.append("the product that it is for is not in the catalogue")

    def _others(self, files: Sequence[Described]) -> dict[str, str]:
        """The URIs that files of these names have in the catalogue, where they are other than these files'."""
        names = [str(one.records.artifact["filename"]) for one in files]
        own = [str(one.records.artifact["uri"]) for one in files]
        return dict(self.connection.execute(_SAME_NAMES, [names, own]).fetchall())

    def _add(
        self, batch: Batch, number: int, item: _Item, reading: Reading, others: Mapping[str, str]
    ) -> list[Finding]:
        """Take a file's rows; what is to be said of it."""
        described, name = reading.described, item.file.name.encode("utf-8", "replace").decode()
        if described is None:
            return [Finding(number, "refused", name, str(reading.refusal).replace("\0", "\\0"))]
        if other := others.get(str(described.records.artifact["filename"])):
            # Stores find files by their names: under two URIs it would have two release dates.
            return [Finding(number, "refused", name, f"a file of this name is in the catalogue as {other}")]
        observation, plane, artifact, members, inputs = described.records
        if plane:
            batch.add(observation, plane, artifact)
        else:
            batch.artifacts.append(artifact)
        batch.parts += described.parts
        batch.chunks += described.chunks
        batch.members |= {(str(observation["observationuri"]), member): None for member in members}
        batch.inputs |= {(str(plane["planeuri"]), one): None for one in inputs}
        if isinstance(artifact["program"], int):
            self.programs.add(artifact["program"])
        remarks = list(described.remarks)
        for one in (item.file, *item.copies):
            if one.size != item.file.size:
                remarks.append(f"{one.place} has the same name, but another size: it was left out")
            elif one.location:
                store, key = one.location
                batch.locations.setdefault((identifier(str(artifact["uri"])), store), key)
        return [Finding(number, "noted", name, remark) for remark in remarks]
