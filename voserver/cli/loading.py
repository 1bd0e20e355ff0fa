"""`voserver ingest …`: metadata into the catalogue, with a bar that shows how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voserver.catalogue.ingest.keywords import Progress, ingest_keywords
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.sample import load_sample
from voserver.catalogue.ingest.schedule import ingest_schedule
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database, url
from voserver.cli.steps import console, progress_bar
from voserver.sample.subjects import SUBJECTS
from voserver.settings import Settings


def jwst_keywords(file: Path) -> None:
    """Load a file of the keyword service, and say what came of it."""
    with database(read_settings()) as settings:
        tell(load(settings, file, file.name))


def schedule(file: Path) -> None:
    """Load a schedule or a list of programs, and say what came of it."""
    with database(read_settings()) as settings:
        tell(ingest_schedule(url(settings), file, settings))


def load(settings: Settings, file: Path, label: str) -> Report:
    """Load a file, showing a bar."""
    with _bar(label) as advance:
        return ingest_keywords(url(settings), file, settings, progress=advance)


def demonstration() -> None:
    """Load the sample into the configured database."""
    with database(read_settings()) as settings:
        sample(settings)


def sample(settings: Settings) -> None:
    """Load the sample that comes with the installation, if it is not there yet."""
    with _bar("The sample") as advance:
        report = load_sample(url(settings), settings, progress=advance)
    simulated = f"{len(SUBJECTS)} files with simulated pixels"
    console.print(f"[green]✓[/] The sample is loaded: {report.rows:,} products of JWST and {simulated}")


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A bar for rows, as the function that moves it."""
    with progress_bar() as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def tell(report: Report) -> None:
    """Say in a few lines what a load did."""
    if report.resumed_at:
        console.print(f"Went on after row {report.resumed_at:,}, where an earlier load had stopped.")
    done = f"{report.added:,} added, {report.changed:,} changed, {report.same:,} unchanged"
    console.print(f"[green]✓[/] {report.source}: {report.rows:,} rows: {done}, {report.refused:,} set aside")
    if report.findings_file:
        noted = f" and {report.noted:,} remarks" if report.noted else ""
        console.print(f"Why rows were set aside{noted}: {report.findings_file}", soft_wrap=True)
