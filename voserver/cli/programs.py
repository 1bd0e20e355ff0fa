"""`voserver program …`: from when on everybody may have the data of programs and products."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voserver.catalogue.programs import Periods, Program

program = typer.Typer(no_args_is_help=True, help="Programs: for how long their data are exclusive.")

Months = Annotated[
    int | None,
    typer.Option("--exclusive-months", help="Months from the end of each observation.", min=0, max=120),
]
AsStated = Annotated[
    bool, typer.Option("--as-stated", help="Take back what was set: what the source said holds again.")
]


@contextmanager
def _periods(*, writing: bool) -> Iterator["Periods"]:
    from voserver.catalogue.programs import periods
    from voserver.cli.configuration import read_settings
    from voserver.cli.postgres import catalogue, url

    with catalogue(read_settings()) as settings, periods(url(settings), writing=writing) as opened:
        yield opened


def _complain(message: str, hint: str) -> None:
    from voserver.model.errors import UsageError

    raise UsageError(message, hint=hint)


@program.command("list")
def program_list(
    number: Annotated[
        int | None, typer.Argument(metavar="[PROGRAM]", help="Only this one.", min=1, max=99999)
    ] = None,
) -> None:
    """List programs: number, category, period, files, how many are exclusive now, when the last will be public.

    Example: `voserver program list 2736`
    """
    from voserver.cli.steps import number_of
    from voserver.model.errors import NotFound

    with _periods(writing=False) as periods:
        found = periods.programs(number)
        if not found and number is not None:
            raise NotFound(f"Program {number} is not in the catalogue, and nothing is set for it.")
        for one in found:
            default = "held back" if one.default_months is None else f"{one.default_months} months"
            is_set = one.exclusive_months is not None
            period = f"{one.exclusive_months} months (set)" if is_set else f"as stated, else {default}"
            held = f"{one.program}\t{one.category or '?'}\t{period}\t{number_of(one.files, 'file')}"
            typer.echo(f"{held}\t{one.exclusive} exclusive\t{_public(one)}")


def _public(one: "Program") -> str:
    """When the last file is public, and how many have no date."""
    if one.last_release is None:
        return "no date"
    if one.undated:
        return f"{one.undated} without a date, the others public by {one.last_release:%Y-%m-%d}"
    return f"public by {one.last_release:%Y-%m-%d}"


def _changed(rows: int) -> str:
    from voserver.cli.steps import number_of

    return f"{number_of(rows, 'record')} changed: of files, and of the data products that they belong to."


@program.command("set")
def program_set(
    number: Annotated[int, typer.Argument(metavar="PROGRAM", help="The program's number.", min=1, max=99999)],
    *,
    exclusive_months: Months = None,
    category: Annotated[str | None, typer.Option(help="Its category: GO, GTO, ERS …")] = None,
    as_stated: AsStated = False,
) -> None:
    """Give all data of a program another exclusive period, whatever their source said; also those still to come.

    Example: `voserver program set 1234 --exclusive-months 6`
    """
    if (exclusive_months is None and category is None and not as_stated) or (
        as_stated and exclusive_months is not None
    ):
        _complain(
            "Nothing is to be set, or two things at once.",
            "Say --exclusive-months, --category or --as-stated.",
        )
    with _periods(writing=True) as periods:
        changed = periods.set_program(number, category=category, months=exclusive_months, as_stated=as_stated)
    typer.echo(f"✓ Program {number}: {_changed(changed)}")


@program.command("product")
def program_product(
    product: Annotated[
        str, typer.Argument(metavar="PRODUCT", help="An obs_publisher_did, or the uri of one file.")
    ],
    *,
    exclusive_months: Months = None,
    release: Annotated[
        datetime | None,
        typer.Option(help="When it becomes public (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    ] = None,
    as_stated: AsStated = False,
) -> None:
    """Give one product, or one file, another release than its program's.

    Example: `voserver program product mast:JWST/product/jw02736001001_02101_00001_nrca1_cal.fits --release 2030-01-01`
    """
    if sum([exclusive_months is not None, release is not None, as_stated]) != 1:
        _complain("One thing is to be set.", "Say --exclusive-months, --release or --as-stated.")
    moment = (
        None
        if release is None
        else release.astimezone(UTC).replace(tzinfo=None)
        if release.tzinfo
        else release
    )
    with _periods(writing=True) as periods:
        changed = periods.set_product(product, release=moment, months=exclusive_months)
    typer.echo(f"✓ {product}: {_changed(changed)}")
