"""`voserver table …`: an operator's own tables."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.filesize import decimal
from rich.table import Table

from voserver.catalogue import archived_tables, drafts, publications, rows
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import console, printable, tick
from voserver.model.errors import UsageError
from voserver.settings import Settings


@dataclass(frozen=True, slots=True)
class _Data:
    """A file with a table, and its URI where it is one of the archive's."""

    path: Path
    product: str | None = None


@contextmanager
def _given(data: str, settings: Settings | None = None) -> Iterator[_Data]:
    """The file that somebody names: by a path, or as one of the archive's."""
    if not archived_tables.is_archived(data):
        yield _Data(Path(data))
        return
    with ExitStack() as stack:
        ready = settings or stack.enter_context(catalogue(read_settings()))
        found = stack.enter_context(archived_tables.fetched(url(ready), data, ready))
        yield _Data(found.path, found.uri)


def publish(description: Path, data: str, *, replace: bool) -> None:
    """Publish the table and say how to ask for it."""
    from voserver.catalogue.publish import publish as publish_table  # noqa: PLC0415 -- felis takes seconds

    with (
        catalogue(read_settings()) as settings,
        console.status("Reading the files …") as status,
        _given(data, settings) as given,
    ):
        done = publish_table(
            url(settings),
            description,
            given.path,
            replace=replace,
            product=given.product,
            report=lambda count: status.update(f"{count:,} rows …"),
        )
    tick(f"{done.table}: {done.rows:,} rows are published.")
    if done.left_out:
        console.print(f"Not described, so left out: {rows.listed(done.left_out)}")
    if done.no_positions:
        console.print(
            f"Not searched by position: {', '.join(done.no_positions)}. Positions are numbers in decimal degrees (ICRS),"
            " as 350.0286 and -60.0657 for 23:20:06.86 and -60:03:56.6: add such columns to the data, describe them"
            " as double, in deg, with the UCDs pos.eq.ra;meta.main and pos.eq.dec;meta.main,"
            " and publish again with --replace."
        )
    if not done.searchable and not done.no_positions:
        console.print(
            "No position was found: give two columns the UCDs pos.eq.ra;meta.main and pos.eq.dec;meta.main"
        )
    console.print("Try: SELECT TOP 5 * FROM", done.table)


def describe(data: str, *, name: str | None) -> None:
    """Print a Felis file for the data; what it cannot take is told beside it."""
    schema, _, table = (name or f"catalogue.{_plain(Path(data))}").rpartition(".")
    for part in (schema, table):
        if not rows.NAME.fullmatch(part):
            raise UsageError(f"{part!r} is no name for a query.", hint="For example --name survey.standards")
    with _given(data) as given:
        made = drafts.draft(given.path, schema, table, is_product=given.product is not None)
    typer.echo(printable(made.text), nl=False)
    for reason in made.left_out:
        typer.echo(printable(f"Left out: {reason}"), err=True)


def _plain(data: Path) -> str:
    """The file's name as a name for a query."""
    return "t" * (not data.name[0].isalpha()) + re.sub(r"[^A-Za-z0-9_]+", "_", data.name.split(".")[0])[:50]


def show() -> None:
    """List the tables that were published."""
    with catalogue(read_settings()) as settings:
        found = publications.published(url(settings))
    if not found:
        console.print("No table has been published: `voserver table publish --help`")
        return
    table = Table("table", "rows", "size", "description", box=None)
    for one in found:
        table.add_row(one.table, f"{one.rows:,}", decimal(one.size), one.description or "")
    console.print(table)


def unpublish(name: str, *, confirmed: bool) -> None:
    """Drop a table, once who asks for it has said so."""
    with catalogue(read_settings()) as settings:
        if not confirmed:
            typer.confirm(f"Drop the table {name} with all its rows?", abort=True)
        gone = publications.unpublish(url(settings), name)
    tick(f"{gone.table} is gone. Servers forget it within half a minute.")
