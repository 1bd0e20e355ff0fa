"""Load a file of MAST's JWST keyword service into the catalogue.

One transaction a batch; rows that cannot be true are set aside with the reason; a load that was killed
goes on where it stopped; the same file twice changes nothing.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk, files, report
from voserver.catalogue.ingest.caom import records
from voserver.catalogue.ingest.facts import COLUMNS, REQUIRED, Facts, check
from voserver.catalogue.ingest.footprints import footprint
from voserver.catalogue.ingest.report import Finding, Report
from voserver.model.errors import UsageError
from voserver.settings import Settings

Progress = Callable[[int, int | None], None]
"""Called with the number of rows done, and of all rows where that is known."""

_BATCH = 5_000
_KIND = "jwst-keywords"


def ingest_keywords(
    url: str, path: Path, settings: Settings, *, progress: Progress | None = None, batch_size: int = _BATCH
) -> Report:
    """Load the file into the database at `url`.

    Raises:
        NotFound: there is no such file.
        UsageError: the file is not what it should be.
        ServiceError: the database is away, or is not at this version's schema.
    """
    files.check(path)
    fingerprint = _fingerprint(path, settings)
    total = files.count(path)
    with engine.connect(url) as connection:
        try:
            run = report.begin(connection, _KIND, path.name, fingerprint)
            types = bulk.prepare(connection)
            work = _Work(connection, types, run, settings.authority, total, progress or _no_progress)
            work.load(files.read(path, COLUMNS, REQUIRED), batch_size)
            bulk.link_associations(connection, sorted(work.programs))
            return report.finish(connection, run, work.so_far, settings.data_dir / "ingest")
        except psycopg.Error as error:
            raise engine.translate(error) from error


def finished(url: str, path: Path, settings: Settings) -> Report | None:
    """The report of a load of this very file that is done, or None; all its rows count as the same."""
    with engine.connect(url) as connection:
        rows = report.rows_of_finished(connection, _KIND, _fingerprint(path, settings))
    return None if rows is None else Report(path.name, rows, same=rows)


def _fingerprint(path: Path, settings: Settings) -> str:
    """Identifiers carry the authority: a load for another one is another load."""
    return f"{files.fingerprint(path)} {settings.authority}"


def _no_progress(_done: int, _total: int | None) -> None:
    pass


@dataclass(slots=True)
class _Prepared:
    """A batch with what was found in its rows."""

    batch: bulk.Encoded
    findings: list[Finding]


@dataclass(slots=True)
class _Work:
    """A load under way. Rows are understood here while the database merges the batch before."""

    connection: psycopg.Connection
    types: bulk.Types
    run: report.Run
    authority: str
    total: int | None
    progress: Progress
    so_far: Report = field(init=False)
    programs: set[int] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.so_far = self.run.report

    def load(self, rows: Iterator[files.Row], batch_size: int) -> None:
        """Merge all rows that were not merged before."""
        for row in islice(rows, self.run.report.resumed_at):
            self._skip(row)
        with _without_collections(), ThreadPoolExecutor(max_workers=1) as database:
            merging: Future[None] | None = None
            while chunk := list(islice(rows, batch_size)):
                prepared = self._understand(chunk)
                if merging:
                    merging.result()
                merging = database.submit(self._merge, prepared)
            if merging:
                merging.result()

    def _skip(self, row: files.Row) -> None:
        """A row that is in the database already counts as seen, and its program as touched."""
        name = str(row.values.get("true_filename"))
        self._seen.setdefault(name, row.number)
        program = str(row.values.get("program"))
        if program.isdigit():
            self.programs.add(int(program))

    def _understand(self, rows: list[files.Row]) -> _Prepared:
        batch, findings = bulk.Batch(), list[Finding]()
        for row in rows:
            name = row.values.get("true_filename")
            label = None if name is None else str(name)[:200]
            try:
                facts = self._facts(row)
            except UsageError as refusal:
                findings.append(Finding(row.number, "refused", label, _storable(refusal.message)))
                continue
            found = footprint(facts.footprint)
            if found.remark:
                findings.append(Finding(row.number, "noted", label, found.remark))
            made = records(facts, found, self.authority)
            batch.add(made.observation, made.plane, made.artifact)
            observation_uri, plane_uri = str(made.observation["observationuri"]), str(made.plane["planeuri"])
            batch.members |= {(observation_uri, member): None for member in made.members}
            batch.inputs |= {(plane_uri, one): None for one in made.inputs}
            self.programs.add(facts.name.program)
        return _Prepared(bulk.encode(batch, self.types), findings)

    def _facts(self, row: files.Row) -> Facts:
        if row.fault:
            raise UsageError(row.fault)
        facts = check(row.values)
        first = self._seen.setdefault(facts.name.name, row.number)
        if first != row.number:
            raise UsageError(f"the file is in row {first} already")
        return facts

    def _merge(self, prepared: _Prepared) -> None:
        with self.connection.transaction():
            counts = bulk.merge(self.connection, prepared.batch)
            self.so_far = self.so_far.plus(counts, prepared.findings)
            report.record(self.connection, self.run, self.so_far, prepared.findings)
        self.progress(self.so_far.rows, self.total)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Rows make no cycles, and looking for some among a million values takes a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _storable(reason: str) -> str:
    """PostgreSQL's texts hold no NUL."""
    return reason.replace("\0", "\\0")
