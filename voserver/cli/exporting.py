"""`voserver ingest caom` and `voserver export caom`: CAOM documents in and out."""

from pathlib import Path
from urllib.parse import quote

import typer
from psycopg.rows import dict_row

from voserver.catalogue import engine
from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.harvesting import documents_from
from voserver.catalogue.caom_documents.loading import Loaded, documents_at, load
from voserver.catalogue.caom_documents.writing import Form, Written, write
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import console, progress_bar

_SHOWN = 20


def ingest(source: str) -> None:
    """Load documents, and say what came of them; exit code 1 where some were set aside."""
    with catalogue(read_settings()) as settings, progress_bar() as bar:
        task = bar.add_task("Documents", total=None)
        sources = documents_from(source) if "://" in source else documents_at(Path(source))
        loaded = Loaded()
        for count, loaded in enumerate(load(url(settings), settings.authority, sources), 1):  # noqa: B007 -- the last
            bar.update(task, completed=count)
    done = f"{loaded.added:,} added, {loaded.changed:,} changed, {loaded.same:,} unchanged"
    console.print(f"[green]✓[/] {done}, {len(loaded.refused):,} set aside")
    for name, reason in (*loaded.refused[:_SHOWN], *loaded.noted[:_SHOWN]):
        console.print(f"{name}: {reason}", markup=False, soft_wrap=True)
    if loaded.refused:
        raise typer.Exit(1)


def export(
    directory: Path, collection: str | None, observation: str | None, version: Written, form: Form
) -> None:
    """Write a document for each observation: `directory/collection/observationID.xml`, or `.json`."""
    with catalogue(read_settings()) as settings, engine.connect(url(settings)) as connection:
        wanted = names(connection, collection, observation)
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
    console.print(f"[green]✓[/] {len(wanted):,} documents in {directory}", soft_wrap=True)
