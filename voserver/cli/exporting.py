"""`voserver ingest caom` and `voserver export caom`: CAOM documents in and out."""

from functools import partial
from pathlib import Path
from urllib.parse import quote

import typer
from psycopg.rows import dict_row

from voserver.catalogue import engine
from voserver.catalogue.caom_documents.deleting import delete
from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.harvesting import deletions_from, documents_from
from voserver.catalogue.caom_documents.loading import Loaded, documents_at, load
from voserver.catalogue.caom_documents.writing import Form, Written, write
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import ask, console, number_of, progress_bar, tick
from voserver.model.errors import NotFound

_SHOWN = 20


def ingest(source: str, *, dry_run: bool, confirmed: bool) -> None:
    """Load documents, and say what came of them; exit code 1 where some were set aside."""
    is_url = "://" in source
    listed: set[str] = set()
    deleted: list[str] = []

    with catalogue(read_settings()) as settings, progress_bar() as bar:
        task = bar.add_task("Documents", total=None)
        confirm = partial(ask, bar=bar, confirmed=confirmed)
        sources = documents_from(source, listed) if is_url else documents_at(Path(source))
        loaded = Loaded()
        steps = load(url(settings), settings.authority, sources, is_trial=dry_run, confirm=confirm)
        for count, loaded in enumerate(steps, 1):
            bar.update(task, completed=count)
            for line in loaded.differences:
                bar.console.print(line, soft_wrap=True)
        if is_url and listed:
            gone = deletions_from(source, listed)
            deleted += delete(url(settings), gone, confirm, is_trial=dry_run)
    for line in deleted:
        console.print(f"deleted: {line}", soft_wrap=True)
    _show(loaded, len(deleted), is_trial=dry_run)
    if loaded.refused:
        raise typer.Exit(1)


def _show(loaded: Loaded, deleted: int, *, is_trial: bool) -> None:
    done = f"{loaded.added:,} added, {loaded.changed:,} changed, {loaded.same:,} unchanged"
    if deleted:
        done += f", {deleted:,} deleted"
    if is_trial:
        console.print("Nothing was changed; this would come of it:")
    tick(f"{done}, {len(loaded.refused):,} set aside")
    for name, reason in (*loaded.refused[:_SHOWN], *loaded.noted[:_SHOWN]):
        console.print(f"{name}: {reason}", soft_wrap=True)


def export(
    directory: Path, collection: str | None, observation: str | None, version: Written, form: Form
) -> None:
    """Write a document for each observation: `directory/collection/observationID.xml`, or `.json`."""
    with catalogue(read_settings()) as settings, engine.connect(url(settings)) as connection:
        wanted = names(connection, collection, observation)
        if not wanted and (collection is not None or observation is not None):
            asked = " ".join(word for word in (collection, observation) if word is not None)
            raise NotFound(
                f"There is no observation of {asked[:200]} in the catalogue.",
                hint="--collection and --observation are as in caom2.Observation: collection, observationID.",
            )
        with progress_bar() as bar, connection.cursor(row_factory=dict_row) as cursor:
            for one, name in bar.track(wanted, description="Observations"):
                rows = cursor.execute(
                    OBSERVATION.encode(), {"collection": one, "name": name, "mine": [], "everything": True}
                ).fetchone()
                if rows is None:  # withdrawn meanwhile
                    continue
                path = directory / quote(one, safe="") / f"{quote(name, safe='')}.{form}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(write(rows, version, form))
    tick(f"{number_of(len(wanted), 'document')} in {directory}")
