"""Load MAST's lists: a transaction for each batch of files, a report of what became of every row.

A load that is broken off has lost nothing and left nothing half; started again it goes on where it stopped. The same
lists twice change nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import psycopg
from psycopg import sql

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk, files, joining, report
from voserver.catalogue.ingest.batches import Batch, Types, chunks, encode
from voserver.catalogue.ingest.caom import Records
from voserver.catalogue.ingest.header_records import Described, Kin
from voserver.catalogue.ingest.load import Load, Progress
from voserver.catalogue.ingest.mast.completing import Completion
from voserver.catalogue.ingest.mast.describing import Circumstances, Told, of_file, of_plan
from voserver.catalogue.ingest.mast.gathering import Gathered, Listed, gather
from voserver.catalogue.ingest.mast.lists import Lists, read
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.understanding import Finding
from voserver.catalogue.programs import UNDATED
from voserver.model import jwst
from voserver.model.errors import UsageError
from voserver.settings import Settings

_BATCH = 256
_KIND = "mast-products"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some lists."""

    report: Report
    """Of files, and of rows that were set aside."""
    rows: int
    """How many rows told of the files."""
    planned: int
    """Planned observations, which have no files yet; so many of them are new or changed: `planned_changed`."""
    planned_changed: int
    held_back: Mapping[int, int]
    """By program: how many of the files are held back, as nobody has said when they are released."""


def ingest_products(
    url: str,
    paths: Sequence[Path],
    settings: Settings,
    *,
    is_trial: bool = False,
    progress: Progress | None = None,
    batch_size: int = _BATCH,
) -> Outcome:
    """Load lists into the database at `url`; of a trial nothing stays.

    Raises:
        NotFound: there is no such file.
        UsageError: a file is no list of MAST's, or damaged.
        ServiceError: the database is away, or is not at this version's schema.
    """
    lists = read(paths)
    source = ", ".join(path.name for path in paths)
    since = lists.since or datetime.now(UTC).replace(tzinfo=None)
    circumstances = Circumstances(settings.authority, since)
    with engine.connect(url) as connection:
        try:
            fingerprint = _fingerprint(paths, settings)
            run = report.begin(connection, _KIND, source, fingerprint, is_trial=is_trial)
            load = ListLoad.begin(connection, run, circumstances)
            load.take(lists, progress, batch_size, resumed_at=run.report.resumed_at)
            load.link_associations()
            return load.outcome(settings, lists.rows)
        except psycopg.Error as error:
            raise engine.translate(error) from error


def _fingerprint(paths: Sequence[Path], settings: Settings) -> str:
    """Identifiers carry the authority: a load for another one is another load."""
    each = "\n".join(sorted(files.fingerprint(path) for path in paths))
    return hashlib.sha256(f"{each}\n{settings.authority}".encode()).hexdigest()


_HELD_BACK = f"""
SELECT a.program, count(*) FROM archive.artifact AS a WHERE a.uri = ANY (%s) AND {UNDATED} GROUP BY 1
""".encode()  # noqa: S608 -- of a constant

_Item = Listed | Finding
"""A file, or a row that was set aside."""


@dataclass(kw_only=True)
class ListLoad(Load):
    """A load of lists under way."""

    circumstances: Circumstances
    types: Types
    completion: Completion
    planned: int = 0
    planned_changed: int = 0
    held_back: Counter[int] = field(default_factory=Counter)

    @classmethod
    def begin(
        cls, connection: psycopg.Connection, run: report.Run, circumstances: Circumstances
    ) -> "ListLoad":
        """A load that has merged nothing yet."""
        return cls(
            connection=connection,
            run=run,
            circumstances=circumstances,
            types=bulk.prepare(connection),
            completion=Completion.of(connection),
        )

    def outcome(self, settings: Settings, rows: int) -> Outcome:
        """The end of the load, and what came of so many rows."""
        report = self.finish(settings)
        return Outcome(report, rows, self.planned, self.planned_changed, self.held_back)

    def take(
        self,
        lists: Lists,
        progress: Progress | None = None,
        batch_size: int = _BATCH,
        *,
        resumed_at: int = 0,
        without: Container[str] = (),
    ) -> Gathered:
        """Merge what the lists say, `without` files of these names; what they are about."""
        gathered = gather(lists)
        planned, refused = self._plans(gathered)
        items: list[_Item] = [*lists.findings, *refused]
        listed = [one for name, one in gathered.files.items() if name not in without]
        items += sorted(listed, key=_joins_others)
        waiting = items[resumed_at:]
        for _, kind in groupby(waiting, key=_joins_others):
            for batch in chunks(kind, batch_size):
                self._merge_files(batch)
                if progress:
                    progress(self.so_far.rows, len(items))
        for some in chunks(planned, batch_size):
            self._merge_planned(some)
        self._link(gathered)
        return gathered

    def _merge_files(self, items: Sequence[_Item]) -> None:
        """Merge a batch of files, in one transaction."""
        findings: list[Finding] = []
        told: list[Told] = []
        for item in items:
            if isinstance(item, Finding):
                findings.append(item)
                continue
            one, found = self._tell(item)
            told += [one] if one else []
            findings += found
        with self.transaction():
            batch = self._completed(told)
            self.merge(encode(batch, self.types), findings, [one.described for one in told])
            uris = [str(one.described.records.artifact["uri"]) for one in told]
            self.held_back.update(dict(self.connection.execute(_HELD_BACK, [uris]).fetchall()))

    def _tell(self, listed: Listed) -> tuple[Told | None, list[Finding]]:
        name, other = listed.name.name, listed.observation_place
        try:
            told = of_file(listed, self.circumstances)
        except UsageError as refusal:
            return None, [listed.place.finding("refused", name, refusal.message, other)]
        return told, [listed.place.finding("noted", name, remark, other) for remark in told.described.remarks]

    def _completed(self, told: Sequence[Told]) -> Batch:
        """The rows to merge: without what the catalogue knows better."""
        known = self.completion.known(told)
        for one in told:
            here = known["artifact"].get(str(one.described.records.artifact["uri"]))
            if here and one.described.kin and one.described.kin.planes:
                one.described.kin = Kin((str(here["planeuri"]),))
        there = joining.siblings(self.connection, [one.described for one in told])
        batch = Batch()
        for one in told:
            row = joining.joined(one.described, there)
            if row is not None:
                own = one.described.records
                one.described.records = own._replace(observation={}, plane={}, artifact=row, inputs=())
            self.completion.complete(one, known)
            observation, plane, artifact, _, inputs = one.described.records
            if plane:
                batch.add(observation, plane, artifact)
                batch.inputs |= {(str(plane["planeuri"]), source): None for source in inputs}
            else:
                batch.artifacts.append(artifact)
        return batch

    def _plans(self, gathered: Gathered) -> tuple[list[Told], list[Finding]]:
        """The planned observations, and those that cannot be understood."""
        told: list[Told] = []
        refused: list[Finding] = []
        for place, row in gathered.planned:
            try:
                told.append(of_plan(row, self.circumstances))
            except UsageError as refusal:
                refused.append(place.finding("refused", row["obs_id"], refusal.message))
        return told, refused

    def _merge_planned(self, told: Sequence[Told]) -> None:
        with self.transaction():
            known = self.completion.known(told)
            batch = Batch()
            for one in told:
                self.completion.complete(one, known)
                observation, plane, _, _, _ = one.described.records
                batch.observations[observation["obsid"]] = observation
                batch.planes[plane["planeid"]] = plane
            bulk.merge(self.connection, encode(batch, self.types))
            self.planned += len(told)
            changed = self._changed(batch)
            self.planned_changed += len(changed)
            if self.is_trial:
                self.note_differences([f"new or changed: {name} (planned)" for name in changed])

    def _changed(self, batch: Batch) -> list[str]:
        """The planned observations that are new, or changed in this transaction."""
        identifiers = [bytes(one).hex() for one in batch.planes]  # type: ignore[call-overload]
        changed = sql.SQL(
            "SELECT observationid FROM archive.plane WHERE planeid = ANY (%s) AND lastmodified = {} ORDER BY 1"
        )
        rows = self.connection.execute(changed.format(bulk.NOW), [identifiers])
        return [str(name) for (name,) in rows]

    def _link(self, gathered: Gathered) -> None:
        """Write down of which exposures products are made."""
        self.programs |= {listed.name.program for listed in gathered.files.values()}
        pairs = [(jwst.observation_uri(made), jwst.observation_uri(part)) for made, part in gathered.members]
        if pairs and not self.is_trial:
            with self.transaction():
                joining.link(self.connection, [_made_of(pairs)])


def _joins_others(item: _Item) -> bool:
    """Whether it is a file that joins the planes of others, which must be there before."""
    return isinstance(item, Listed) and item.name.kind in {"association", "pool"}


def _made_of(pairs: Sequence[tuple[str, str]]) -> Described:
    return Described(Records({}, {}, {}, (), ()), [], [], [], Kin((), members=tuple(pairs)))
