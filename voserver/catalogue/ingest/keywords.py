"""Load a file of MAST's JWST keyword service into the catalogue.

One transaction a batch; rows that cannot be true are set aside with the reason; a load that was killed
goes on where it stopped; the same file twice changes nothing.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk, files, report
from voserver.catalogue.ingest.beside import beside
from voserver.catalogue.ingest.load import Load, Progress
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.understanding import Prepared, Task, prepare
from voserver.model.errors import UsageError
from voserver.settings import Settings

_BATCH = 1_000
_LARGE = 2**20
"""Files of fewer bytes are read before a second process has even started."""

_KIND = "jwst-keywords"


def ingest_keywords(
    url: str,
    path: Path,
    settings: Settings,
    *,
    is_trial: bool = False,
    progress: Progress | None = None,
    batch_size: int = _BATCH,
) -> Report:
    """Load the file into the database at `url`; of a trial nothing stays.

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
            run = report.begin(connection, _KIND, path.name, fingerprint, is_trial=is_trial)
            load = Load(connection=connection, run=run)
            types = bulk.prepare(connection)
            task = Task(path, settings.authority, types, run.report.resumed_at, batch_size)
            try:
                _merge(load, preparing(task), total, progress)
            except UsageError as fault:
                raise _told_how_far(fault, 0 if is_trial else load.so_far.rows) from fault
            load.link_associations()
            return load.finish(settings)
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


def _merge(load: Load, batches: Iterable[Prepared], total: int | None, progress: Progress | None) -> None:
    """Merge all rows that were not merged before."""
    for prepared in batches:
        load.programs |= prepared.programs
        with load.transaction():
            load.merge(prepared.batch, prepared.findings)
        if progress:
            progress(load.so_far.rows, total)
