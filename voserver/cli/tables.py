"""`voserver table …`: what can be typed to publish tables of one's own."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

from pathlib import Path
from typing import Annotated

import typer

_DATA = "CSV, Parquet, FITS, ECSV or VOTable; a file, or a public product of the archive by its URI or name."

table = typer.Typer(no_args_is_help=True, help="Publish tables of your own.")


@table.command("publish")
def table_publish(
    description: Annotated[Path, typer.Argument(metavar="FELIS.yaml", help="What the table is, in Felis.")],
    data: Annotated[str, typer.Argument(metavar="DATA", help=f"Its rows: {_DATA}")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the table where there is one.")] = False,
) -> None:
    """Publish a table: from now on TAP answers queries on it, and TAP_SCHEMA describes it.

    The Felis file names a schema of your own and one table with its columns, units, UCDs and descriptions.
    The main positions (`pos.eq.ra;meta.main`, `pos.eq.dec;meta.main`) are indexed for searches on the sky.

    Every row of a product of the archive has that product's URI as `product_uri`: it joins `uri` of jwst.product.

    Example: `voserver table publish standards.yaml standards.csv`
    """
    from voserver.cli import publishing

    publishing.publish(description, data, replace=replace)


@table.command("describe")
def table_describe(
    data: Annotated[str, typer.Argument(metavar="DATA", help=_DATA)],
    *,
    name: Annotated[
        str | None,
        typer.Option(help="What the table is to be called.", show_default="catalogue.<the file's>"),
    ] = None,
) -> None:
    """Write a first Felis file for data, from what the data say of themselves; complete it, then publish.

    Example: `voserver table describe mast:JWST/product/jw02733-o001_t001_nircam_cat.ecsv --name ring.sources`
    """
    from voserver.cli import publishing

    publishing.describe(data, name=name)


@table.command("list")
def table_list() -> None:
    """List the tables that were published.

    Example: `voserver table list`
    """
    from voserver.cli import publishing

    publishing.show()


@table.command("unpublish")
def table_unpublish(
    name: Annotated[str, typer.Argument(help="The table, for example survey.standards.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Drop a table that was published, and what TAP_SCHEMA says of it.

    Example: `voserver table unpublish survey.standards`
    """
    from voserver.cli import publishing

    publishing.unpublish(name, confirmed=yes)
