"""`voserver ingest products` and `voserver ingest mast`: MAST's lists into the catalogue, from files or from MAST."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from voserver.catalogue import engine
from voserver.catalogue.ingest.mast import journal, scopes
from voserver.catalogue.ingest.mast.harvest import Harvested, Wish, harvest
from voserver.catalogue.ingest.mast.loading import Outcome, ingest_products
from voserver.catalogue.ingest.mast.portal import Politeness, Portal
from voserver.cli.configuration import read_settings
from voserver.cli.loading import bar, tell
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import ask, console, number_of, progress_bar
from voserver.model.errors import UsageError
from voserver.settings import Settings


def products(files: list[Path], *, observations: list[Path], dry_run: bool) -> None:
    """Load lists of products and observations, and say what came of it."""
    with catalogue(read_settings()) as settings, bar(", ".join(path.name for path in files)) as advance:
        outcome = ingest_products(
            url(settings), [*files, *observations], settings, is_trial=dry_run, progress=advance
        )
    show(outcome, is_trial=dry_run)


def show(outcome: Outcome, *, is_trial: bool) -> None:
    """Say what a load did, or would have done."""
    tell(outcome.report, "files", is_trial=is_trial)
    console.print(f"{number_of(outcome.rows, 'row')} of MAST's lists told of them.")
    if held_back := sum(outcome.held_back.values()):
        program = min(outcome.held_back)
        console.print(
            f"{held_back:,} of them held back, as nobody has said when they are released: load MAST's lists of their "
            f"observations, too, or say which category a program has: voserver program set {program} --category ERO",
            soft_wrap=True,
        )
    if outcome.planned:
        console.print(
            f"{number_of(outcome.planned, 'planned observation')}, {outcome.planned_changed:,} new or changed."
        )


def mast(
    *,
    programs: Sequence[int],
    since: str | None,
    region: str | None,
    complete: bool,
    confirmed: bool,
    dry_run: bool,
    pause: float,
    page_size: int,
    server: str,
) -> None:
    """Harvest MAST, and say what came of it."""
    if sum(map(bool, (programs, since, region))) != 1:
        raise UsageError("Say what to harvest: one of --program, --since and --region.")
    portal = Portal(server.rstrip("/"), Politeness(pause=pause, page_size=page_size))
    with closing(portal), catalogue(read_settings()) as settings:
        scope = _scope(settings, portal, programs, since, region)
        with progress_bar() as shown:
            task = shown.add_task("MAST is asked", total=None)
            harvested = harvest(
                url(settings),
                scope,
                portal,
                settings,
                Wish(is_trial=dry_run, is_complete=complete),
                progress=lambda doing, done, total: shown.update(
                    task, description=doing, completed=done, total=total
                ),
                confirm=partial(ask, bar=shown, confirmed=confirmed),
            )
    _show(harvested, is_trial=dry_run)


def _scope(
    settings: Settings, portal: Portal, programs: Sequence[int], since: str | None, region: str | None
) -> scopes.Scope:
    if region:
        return scopes.of_region(region)
    return scopes.of_date(_date(settings, portal, since)) if since else scopes.of_programs(programs)


def _date(settings: Settings, portal: Portal, since: str) -> datetime:
    if since == "last":
        with engine.connect(url(settings)) as connection:
            moment = journal.last(connection, portal.server, settings.authority)
        if moment is None:
            raise UsageError("No harvest by date is done yet.", hint="Give a date for the first one.")
        return moment
    try:
        given = datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(
            f"--since is no date: “{since[:40]}”.",
            hint="Example: 2026-01-31, or last for the last harvest's.",
        ) from None
    return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given


def _show(harvested: Harvested, *, is_trial: bool) -> None:
    console.print(f"MAST has {number_of(harvested.observations, 'observation')}.")
    withdrawn = harvested.withdrawn
    show(harvested.outcome, is_trial=is_trial)
    if withdrawn:
        for name in withdrawn.names:
            console.print(f"withdrawn: {name}", soft_wrap=True)
        kept = f"; {withdrawn.kept:,} stay, as copies lie in a store" if withdrawn.kept else ""
        plans = f", and {number_of(withdrawn.planned, 'planned observation')}" if withdrawn.planned else ""
        console.print(f"{number_of(withdrawn.files, 'file')}{plans} gone from MAST{kept}.", soft_wrap=True)
    console.print(f"What MAST has is known as of {harvested.started:%Y-%m-%dT%H:%M:%S} UTC.")
