"""`voserver ingest products` and `voserver ingest mast`: MAST's lists into the catalogue, from files or from MAST."""

from pathlib import Path

from voserver.catalogue.ingest.mast.loading import Outcome, ingest_products
from voserver.cli.configuration import read_settings
from voserver.cli.loading import bar, tell
from voserver.cli.postgres import database, url
from voserver.cli.steps import console


def products(files: list[Path], *, observations: list[Path], dry_run: bool) -> None:
    """Load lists of products and observations, and say what came of it."""
    with database(read_settings()) as settings, bar(", ".join(path.name for path in files)) as advance:
        outcome = ingest_products(
            url(settings), [*files, *observations], settings, is_trial=dry_run, progress=advance
        )
    show(outcome, is_trial=dry_run)


def show(outcome: Outcome, *, is_trial: bool) -> None:
    """Say what a load did, or would have done."""
    for line in outcome.differences:
        console.print(line, markup=False, soft_wrap=True)
    if is_trial:
        console.print("Nothing was changed; this would come of it:")
    console.print(f"{outcome.rows:,} rows of MAST's lists.")
    tell(outcome.report, "files")
    if outcome.planned:
        console.print(
            f"{outcome.planned:,} planned observations, {outcome.planned_changed:,} new or changed."
        )
