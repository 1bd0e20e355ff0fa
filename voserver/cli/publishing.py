"""`voserver table publish`: an operator's own table."""

from pathlib import Path

from voserver.catalogue.publish import publish as publish_table
from voserver.catalogue.rows import listed
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database, url
from voserver.cli.steps import console


def publish(description: Path, data: Path, *, replace: bool) -> None:
    """Publish the table and say how to ask for it."""
    with database(read_settings()) as settings, console.status("Reading the files …") as status:
        done = publish_table(
            url(settings),
            description,
            data,
            replace=replace,
            report=lambda rows: status.update(f"{rows:,} rows …"),
        )
    console.print(f"[green]✓[/] {done.table}: {done.rows:,} rows are published.")
    if done.left_out:
        console.print(f"Not described, so left out: {listed(done.left_out)}", markup=False)
    if not done.searchable:
        console.print(
            "No position was found: give two columns the UCDs pos.eq.ra;meta.main and pos.eq.dec;meta.main"
        )
    console.print("Try: SELECT TOP 5 * FROM", done.table, markup=False)
