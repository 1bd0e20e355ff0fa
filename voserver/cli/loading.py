"""`voserver ingest …`: metadata into the catalogue, with a bar that shows how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from voserver.catalogue.ingest.archive_files import ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.load import Progress
from voserver.catalogue.ingest.releases import Choice
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.sample import load_sample
from voserver.catalogue.ingest.schedule import ingest_schedule
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import console, number_of, progress_bar, tick
from voserver.model.errors import UsageError
from voserver.sample.subjects import SUBJECTS
from voserver.settings import Settings


def jwst_keywords(file: Path, *, dry_run: bool) -> None:
    """Load a file of the keyword service, and say what came of it."""
    with catalogue(read_settings()) as settings:
        with bar(file.name) as advance:
            report = ingest_keywords(url(settings), file, settings, is_trial=dry_run, progress=advance)
        tell(report, is_trial=dry_run)


def schedule(file: Path, *, dry_run: bool) -> None:
    """Load a schedule or a list of programs, and say what came of it."""
    with catalogue(read_settings()) as settings:
        tell(ingest_schedule(url(settings), file, settings, is_trial=dry_run), is_trial=dry_run)


def fits(
    places: list[str],
    *,
    released: bool,
    release: datetime | None,
    creator: str | None,
    checksum: bool,
    dry_run: bool,
    processes: int | None,
) -> None:
    """Load files by their headers, and say what came of it."""
    if released and release:
        raise UsageError("--released and --release contradict each other: give one of them.")
    with catalogue(read_settings()) as settings:
        choice = Choice(is_public=released, moment=release)
        manner = Manner(settings.authority, choice, creator, with_checksums=checksum)
        with bar(", ".join(places)) as advance:
            outcome = ingest_files(
                url(settings),
                places,
                settings,
                manner,
                is_trial=dry_run,
                processes=processes,
                progress=advance,
            )
        tell(outcome.report, "files", is_trial=dry_run)
        if outcome.nowhere:
            console.print(
                f"{outcome.nowhere:,} of them lie in no store, so they cannot be downloaded from here, unless another "
                "store has them: name their directory or bucket in VOSERVER_STORES, and load them again.",
                soft_wrap=True,
            )


def demonstration() -> None:
    """Load the sample into the configured database."""
    with catalogue(read_settings()) as settings:
        sample(settings)


def sample(settings: Settings) -> None:
    """Load the sample that comes with the installation, if it is not there yet."""
    with bar("The sample") as advance:
        report = load_sample(url(settings), settings, progress=advance)
    simulated = f"{len(SUBJECTS)} files with simulated pixels"
    tick(f"The sample is loaded: {report.rows:,} products of JWST and {simulated}")


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """A bar for rows, as the function that moves it."""
    with progress_bar() as shown:
        task = shown.add_task(label, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def tell(report: Report, things: str = "rows", *, is_trial: bool = False) -> None:
    """Say in a few lines what a load did, or would have done."""
    for line in report.differences:
        console.print(line, soft_wrap=True)
    if is_trial:
        console.print("Nothing was changed; this would come of it:")
    if report.resumed_at:
        console.print(f"Went on after {report.resumed_at:,} {things}, where an earlier load had stopped.")
    done = f"{report.added:,} added, {report.changed:,} changed, {report.same:,} unchanged"
    counted = number_of(report.rows, things.removesuffix("s"))
    tick(f"{report.source}: {counted}: {done}, {report.refused:,} set aside")
    if report.unwritten:
        where = "in the database alone, in archive.ingest_finding"
        console.print(f"{_findings(report, things)} {where}: {report.unwritten}", soft_wrap=True)
    if report.findings_file:
        console.print(f"{_findings(report, things)}: {report.findings_file}", soft_wrap=True)


def _findings(report: Report, things: str) -> str:
    """What the findings are: reasons why something was set aside, remarks, or both."""
    reasons = [f"Why {things} were set aside"] if report.refused else []
    remarks = [number_of(report.noted, "remark")] if report.noted else []
    return " and ".join(reasons + remarks)
