"""Load a file of MAST's JWST keyword service into the catalogue.

One transaction a batch; rows that cannot be true are set aside with the reason; a load that was killed
goes on where it stopped; the same file twice changes nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk, files, report
from voserver.catalogue.ingest.beside import beside
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.understanding import Prepared, Task, prepare
from voserver.model.errors import UsageError
from voserver.settings import Settings

Progress = Callable[[int, int | None], None]
"""Called with the number of rows done, and of all rows where that is known."""

_BATCH = 1_000
_LARGE = 2**20
"""Files of fewer bytes are read before a second process has even started."""

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
    large = path.stat().st_size >= _LARGE
    with beside() if large else nullcontext(prepare) as preparing, engine.connect(url) as connection:
        fingerprint, total = _fingerprint(path, settings), files.count(path)
        try:
            run = report.begin(connection, _KIND, path.name, fingerprint)
            types = bulk.prepare(connection)
            work = _Work(connection, run, total, progress or _no_progress)
            task = Task(path, settings.authority, types, run.report.resumed_at, batch_size)
            try:
                work.load(preparing(task))
            except UsageError as fault:
                raise _told_how_far(fault, work.so_far.rows) from fault
            bulk.link_associations(connection, sorted(work.programs))
            return report.finish(connection, run, work.so_far, settings.data_dir / "ingest")
        except psycopg.Error as error:
            raise engine.translate(error) from error


def finished(url: str, path: Path, settings: Settings) -> Report | None:
    """The report of a load of this very file that is done, or None; all its rows count as the same."""
    with engine.connect(url) as connection:
        rows = report.rows_of_finished(connection, _KIND, _fingerprint(path, settings))
    return None if rows is None else Report(path.name, rows, same=rows)


def _told_how_far(fault: UsageError, rows: int) -> UsageError:
    """Batches stay that were merged before the fault was met; a load of the mended file finds them unchanged."""
    loaded = f" The {rows:,} rows before that are loaded." if rows else ""
    return UsageError(fault.message + loaded, hint=fault.hint)


def _fingerprint(path: Path, settings: Settings) -> str:
    """Identifiers carry the authority: a load for another one is another load."""
    return f"{files.fingerprint(path)} {settings.authority}"


def _no_progress(_done: int, _total: int | None) -> None:
    pass


@dataclass(slots=True)
class _Work:
    """A load under way."""

    connection: psycopg.Connection
    run: report.Run
    total: int | None
    progress: Progress
    so_far: Report = field(init=False)
    programs: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.so_far = self.run.report

    def load(self, batches: Iterable[Prepared]) -> None:
        """Merge all rows that were not merged before."""
        for prepared in batches:
            self.programs |= prepared.programs
            with self.connection.transaction():
                counts = bulk.merge(self.connection, prepared.batch)
                self.so_far = self.so_far.plus(counts, prepared.findings)
                report.record(self.connection, self.run, self.so_far, prepared.findings)
            self.progress(self.so_far.rows, self.total)
