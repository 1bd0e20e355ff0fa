"""`voserver ingest …` and `voserver export …`: what can be typed to bring metadata in and to write them out."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

ingest = typer.Typer(no_args_is_help=True, help="Load metadata into the catalogue.")
export = typer.Typer(no_args_is_help=True, help="Write what the catalogue has, for other archives.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change, a line each.")]


@ingest.command("jwst-keywords")
def ingest_jwst_keywords(
    file: Annotated[Path, typer.Argument(help="Rows of MAST's JWST keyword service, as Parquet or CSV.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Load exposures and products as the JWST keyword service returns them.

    Rows that cannot be understood are set aside with the reason. Loading a file twice changes nothing; a load
    that was broken off goes on where it stopped.

    Example: `voserver ingest jwst-keywords exposures.parquet`
    """
    from voserver.cli import loading

    loading.jwst_keywords(file, dry_run=dry_run)


@ingest.command("fits")
def ingest_fits(
    places: Annotated[
        list[str], typer.Argument(metavar="PATH|URL…", help="Files, directories, or s3://bucket/prefix.")
    ],
    *,
    released: Annotated[
        bool, typer.Option("--released", help="The files are public, whatever they are.")
    ] = False,
    release: Annotated[
        datetime | None,
        typer.Option(
            help="They become public then (UTC).",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            show_default="by the program's category",
        ),
    ] = None,
    creator: Annotated[
        str | None, typer.Option(help="Who made contributed files that do not say.", show_default=False)
    ] = None,
    checksum: Annotated[
        bool, typer.Option("--checksum", help="Read the files whole, for their MD5 sums.")
    ] = False,
    dry_run: DryRun = False,
    processes: Annotated[
        int | None,
        typer.Option(
            help="How many processes read headers.", min=1, max=256, show_default="as many as processors"
        ),
    ] = None,
) -> None:
    """Load files by their headers: FITS of any level, contributed spectra, and what lies beside them.

    Only headers are read. A file is known by its name: loading it again changes what has changed, loading a file
    that the keyword service told of adds what it did not. Files that cannot be understood are set aside with the
    reason. For downloads the files must lie in a store (`VOSERVER_STORES`).

    Example: `voserver ingest fits /data/jwst --dry-run`
    """
    from voserver.cli import loading

    loading.fits(
        places,
        released=released,
        release=release,
        creator=creator,
        checksum=checksum,
        dry_run=dry_run,
        processes=processes,
    )


@ingest.command("products")
def ingest_products(
    files: Annotated[
        list[Path],
        typer.Argument(help="Lists of MAST's: of products, observations or level-3 images; CSV or JSON."),
    ],
    *,
    observations: Annotated[
        list[Path] | None,
        typer.Option(help="A list of the observations that the products are of; may be repeated."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Load MAST's lists as astroquery or the portal give them: which files there are, how large, for whom.

    A file that is listed under several observations is one file. What the keyword service or the files' headers say
    is completed, never replaced. Rows that cannot be understood are set aside with the reason; loading a list twice
    changes nothing.

    Example: `voserver ingest products products.csv --observations observations.csv`
    """
    from voserver.cli import harvesting

    harvesting.products(files, observations=observations or [], dry_run=dry_run)


@ingest.command("mast")
def ingest_mast(
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
    dry_run: DryRun = False,
    pause: Annotated[float, typer.Option(help="Seconds between two requests.", min=0, max=3600)] = 1,
    page_size: Annotated[int, typer.Option(help="Rows of an answer.", min=1, max=50_000)] = 5_000,
    server: Annotated[str, typer.Option(help="MAST, or who speaks as it does.")] = "https://mast.stsci.edu",
) -> None:
    """Harvest JWST's observations and their products from MAST. Needs astroquery, which `make setup` installs.

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


@ingest.command("schedule")
def ingest_schedule(
    file: Annotated[
        Path,
        typer.Argument(
            help="Visits of the weekly schedules, or a list of programs: CSV, also packed, or Parquet."
        ),
    ],
    *,
    dry_run: DryRun = False,
) -> None:
    """Load visits that were, are or will be made, for ivoa.obsplan.

    Rows that cannot be understood are set aside with the reason. Loading a file twice changes nothing; of a visit
    that is in several reports the latest counts.

    Example: `voserver ingest schedule schedule_visits.csv.gz`
    """
    from voserver.cli import loading

    loading.schedule(file, dry_run=dry_run)


@ingest.command("caom")
def ingest_caom(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|DIRECTORY|URL",
            help="A document, a directory of them, or a collection of a CAOM repository.",
        ),
    ],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Delete more than one in a hundred of a collection's files unasked.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Load CAOM documents: XML or JSON of CAOM 2.3, 2.4 or 2.5, each one observation.

    A document says all of its observation: what it has not got any more is deleted, and of a collection at a URL, what
    its repository tells to be deleted. Documents that cannot be understood are set aside with the reason; exit code 1
    where there are some.

    Example: `voserver ingest caom https://archive.example/caom/JWST`
    """
    from voserver.cli import exporting

    exporting.ingest(source, dry_run=dry_run, confirmed=yes)


@ingest.command("sample")
def ingest_sample() -> None:
    """Load the demonstration's sample: a few thousand real products, and files with simulated pixels.

    Example: `voserver ingest sample`
    """
    from voserver.cli import loading

    loading.demonstration()


@export.command("caom")
def export_caom(
    directory: Annotated[Path, typer.Argument(help="Where the documents go: COLLECTION/OBSERVATION.xml.")],
    *,
    collection: Annotated[str | None, typer.Option(help="Only this collection.")] = None,
    observation: Annotated[
        str | None, typer.Option(help="Only this observation, by its observationID.")
    ] = None,
    version: Annotated[Literal["2.4", "2.5"], typer.Option(help="The version of CAOM.")] = "2.4",
    form: Annotated[Literal["xml", "json"], typer.Option("--format", help="How they are written.")] = "xml",
) -> None:
    """Write CAOM documents, one for each observation, with all that the catalogue has, hidden or not.

    Others harvest what is public from the service at /caom.

    Example: `voserver export caom documents --collection JWST`
    """
    from voserver.cli import exporting

    exporting.export(directory, collection, observation, version, form)
