"""What can be typed: every command with its options and help, here or in its group's module. Others do the work."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

import logging
import os
from typing import Annotated, Literal

import typer

from voserver import __version__
from voserver.cli import accounts, ingest, programs, tables

DEBUG_VARIABLE = "VOSERVER_DEBUG"

app = typer.Typer(
    name="voserver",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Serves a JWST archive to the Virtual Observatory: queries (TAP, SIA, SSA, cone search), files, links, "
    "cut-outs and news of it, from CAOM on PostgreSQL.\n\n"
    "Try it: `voserver demo`. Settings are environment variables (`VOSERVER_…`): see `voserver settings`.",
)
database = typer.Typer(no_args_is_help=True, help="Make and upgrade the catalogue's schema.")
adql = typer.Typer(no_args_is_help=True, help="Judge and translate queries without running them.")
app.add_typer(database, name="db")
app.add_typer(ingest.ingest, name="ingest")
app.add_typer(ingest.export, name="export")
app.add_typer(tables.table, name="table")
app.add_typer(adql, name="adql")
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.group, name="group")
app.add_typer(accounts.token, name="token")
app.add_typer(programs.program, name="program")

# Options that are not given leave the settings as they are; what these are by default is said here.
Host = Annotated[
    str | None,
    typer.Option(
        help="Address to listen on; 0.0.0.0 for every network.", show_default="VOSERVER_HOST, or 127.0.0.1"
    ),
]
Port = Annotated[
    int | None,
    typer.Option(help="Port to listen on.", min=0, max=65535, show_default="VOSERVER_PORT, or 8000"),
]
Workers = Annotated[
    int | None,
    typer.Option(
        help="How many server processes share the port.", min=1, show_default="VOSERVER_WORKERS, or 1"
    ),
]

Language = Annotated[
    Literal["ADQL", "ADQL-2.0", "ADQL-2.1"],
    typer.Option(help="The version of the language.", case_sensitive=False),
]


@app.callback(invoke_without_command=True)
def voserver(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Options that stand before the command."""
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"
        logging.basicConfig(level=logging.DEBUG, force=True)
    if version:
        typer.echo(f"voserver {__version__}")
    elif context.invoked_subcommand is None:
        raise typer.Exit(2)


@app.command()
def demo(*, port: Port = None, host: Host = None) -> None:
    """Start everything here and now: PostgreSQL, a sample of JWST, the server.

    Nothing needs to be installed or configured. Ctrl-C stops it; the next start reuses the data.

    Example: `voserver demo --port 8123`
    """
    from voserver.cli import demonstration

    demonstration.run(host=host, port=port)


@app.command()
def serve(
    *,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    workers_embedded: Annotated[
        bool | None, typer.Option("--workers-embedded", help="Run jobs in the server processes, too.")
    ] = None,
) -> None:
    """Serve the catalogue of `VOSERVER_DATABASE_URL`, or the embedded one where that is not set.

    The schema must be there: `voserver db upgrade`. Jobs (asynchronous queries) wait until a `voserver worker`
    runs, unless the server runs them itself.

    Example: `voserver serve --host 0.0.0.0 --port 8080 --workers 4`
    """
    from voserver.cli import serving

    serving.run(host=host, port=port, workers=workers, workers_embedded=workers_embedded)


@app.command()
def worker(
    *,
    concurrency: Annotated[
        int | None,
        typer.Option(help="How many jobs run at once.", min=1, show_default="VOSERVER_JOB_CONCURRENCY, or 2"),
    ] = None,
) -> None:
    """Run jobs (asynchronous queries) until Ctrl-C or SIGTERM; then give back what still runs to other workers.

    Start as many as you like, on as many machines. They and the servers need the same database and result store.

    Example: `voserver worker --concurrency 4`
    """
    from voserver.cli import working

    working.run(job_concurrency=concurrency)


@database.command("init")
def database_init() -> None:
    """Make the schema in an empty database. The same as `db upgrade`, but refuses where one is already.

    Example: `VOSERVER_DATABASE_URL=postgresql://admin@db/archive voserver db init`
    """
    from voserver.cli import schema

    schema.init()


@database.command("upgrade")
def database_upgrade() -> None:
    """Bring the schema up to this version. Safe to run twice, and while the server runs.

    Example: `voserver db upgrade`
    """
    from voserver.cli import schema

    schema.upgrade()


@database.command("status")
def database_status() -> None:
    """Say which migrations are applied and which wait. Exit code 1 where some wait.

    Example: `voserver db status`
    """
    from voserver.cli import schema

    schema.status()


@adql.command("check")
def adql_check(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE…]", help="A query each; - is standard input.")
    ] = None,
    *,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines with a key `query` instead.")
    ] = False,
    syntax: Annotated[
        bool, typer.Option("--syntax", help="Stop before names are resolved: needs no database.")
    ] = False,
    language: Language = "ADQL-2.1",
) -> None:
    """Say of each query whether it is valid, and if not, why and where: one JSON line each.

    A line has `valid`, `message`, `line` and `column` (null where there is nothing to say), `file`, and of JSON
    lines the `line_number`. Tables and columns are those of the configured database. Exit code 1 where a query
    is not valid.

    Example: `voserver adql check --syntax --jsonl queries.jsonl`
    """
    from voserver.cli import adql as checking

    checking.check(files or [], jsonl=jsonl, syntax=syntax, language=language)


@adql.command("sql")
def adql_sql(
    file: Annotated[str, typer.Argument(help="The query; - is standard input.")] = "-",
    *,
    language: Language = "ADQL-2.1",
) -> None:
    """Print the SQL that a query becomes. Exit code 1 where it is not valid.

    Example: `voserver adql sql query.adql`
    """
    from voserver.cli import adql as checking

    checking.sql(file, language=language)


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="The query, or a file with it; - is standard input.")],
    *,
    maxrec: Annotated[
        int | None, typer.Option(help="Rows asked for; the service's default without it.", min=0)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    language: Language = "ADQL-2.1",
) -> None:
    """Say what a query would cost, without running it: its SQL, PostgreSQL's plan, the rows and time it expects.

    The rows and times come from statistics and can be far off. Exit code 1 where the query is not valid.

    Example: `voserver explain 'SELECT COUNT(*) FROM ivoa.ObsCore'`
    """
    from voserver.cli import adql as checking

    checking.explain(query, language=language, maxrec=maxrec, as_json=json)


@app.command()
def verify(
    *,
    checksums: Annotated[
        bool, typer.Option("--checksums", help="Read every file and compare its checksum, not only its size.")
    ] = False,
    store: Annotated[
        list[str] | None,
        typer.Option(help="The stores to look at; may be repeated.", show_default="all of your own"),
    ] = None,
    trusted_days: Annotated[
        float,
        typer.Option(help="Do not read again what was read and found well in so many days.", min=0),
    ] = 0,
    threads: Annotated[int, typer.Option(help="How many files are read at once.", min=1, max=256)] = 4,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines: a problem each, then the sums.")
    ] = False,
) -> None:
    """Compare the files in the stores with the catalogue: copies missing, cut off, damaged; files of no metadata.

    Says of each what to do. Exit code 1 where there is a problem. With --trusted-days a run that was broken off goes
    on, and each night can read a part of the archive.

    Example: `voserver verify --checksums --trusted-days 30`
    """
    from voserver.catalogue.verify import Extent
    from voserver.cli import verifying

    extent = Extent(tuple(store or ()), checksums=checksums, trusted_days=trusted_days, threads=threads)
    verifying.run(extent, as_json=json)


@app.command()
def doctor() -> None:
    """Check the database, roles, extensions, indexes, disk and settings, and say how to mend each.

    Exit code 1 where something must be mended.

    Example: `voserver doctor`
    """
    from voserver.cli import checking

    checking.run()


@app.command()
def settings() -> None:
    """List every setting as Markdown: its variable, default and meaning.

    Example: `voserver settings > docs/settings.md`
    """
    from voserver.cli import configuration

    typer.echo(configuration.markdown(), nl=False)
