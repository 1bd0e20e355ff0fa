"""`voserver ingest products` and `voserver ingest mast`, as they are typed; `harvesting` does the work."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

from pathlib import Path
from typing import Annotated

import typer


def products(
    files: Annotated[
        list[Path],
        typer.Argument(help="Lists of MAST's: of products, observations or level-3 images; CSV or JSON."),
    ],
    *,
    observations: Annotated[
        list[Path] | None,
        typer.Option(help="A list of the observations that the products are of; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change, a line each.")
    ] = False,
) -> None:
    """Load MAST's lists as astroquery or the portal give them: which files there are, how large, for whom.

    A file that is listed under several observations is one file. What the keyword service or the files' headers say
    is completed, never replaced. Rows that cannot be understood are set aside with the reason; loading a list twice
    changes nothing.

    Example: `voserver ingest products products.csv --observations observations.csv`
    """
    from voserver.cli import harvesting

    harvesting.products(files, observations=observations or [], dry_run=dry_run)


def harvest(
    *,
    program: Annotated[
        list[int] | None, typer.Option(help="A whole program; may be repeated.", min=1, max=99999)
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|last",
            help="What was observed or released since then (UTC), or since the last harvest by date.",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="What lies about a region: 'CIRCLE ra dec radius', in degrees.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Withdraw what the programs have here, but not in MAST.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask, also where much would be withdrawn.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change, a line each.")
    ] = False,
    pause: Annotated[float, typer.Option(help="Seconds between two requests.", min=0, max=3600)] = 1,
    page_size: Annotated[int, typer.Option(help="Rows of an answer.", min=1, max=50_000)] = 5_000,
    server: Annotated[str, typer.Option(help="MAST, or who speaks as it does.")] = "https://mast.stsci.edu",
) -> None:
    """Harvest JWST's observations and their products from MAST. Needs astroquery: `voserver[harvest]`.

    MAST is asked politely: one request at a time, with pauses. A harvest that is broken off goes on where it stopped.
    What the keyword service or the files' headers say is completed, never replaced.

    Example: `voserver ingest mast --program 2733 --dry-run`
    """
    from voserver.cli import harvesting

    harvesting.mast(
        programs=program or [],
        since=since,
        region=region,
        complete=complete,
        confirmed=yes,
        dry_run=dry_run,
        pause=pause,
        page_size=page_size,
        server=server,
    )
