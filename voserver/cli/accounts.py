"""`voserver user|group|token …`: who may sign in, who belongs to which program, and tokens for programs."""
# ruff: noqa: PLC0415 -- a command's own imports wait until it runs, so that --help is there at once

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voserver.catalogue.accounts.administration import Administration

user = typer.Typer(no_args_is_help=True, help="Accounts: who may sign in.")
group = typer.Typer(no_args_is_help=True, help="Groups: who may read which exclusive data.")
token = typer.Typer(no_args_is_help=True, help="Tokens: what scripts and clients sign in with.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="The users' names.")]
Group = Annotated[
    str,
    typer.Argument(metavar="GROUP", help="A program's number, a short name, or ivo://authority/gms?name."),
]


@contextmanager
def _administration() -> Iterator["Administration"]:
    from voserver.catalogue.accounts.administration import administer
    from voserver.cli.configuration import read_settings
    from voserver.cli.postgres import catalogue, url

    with (
        catalogue(read_settings()) as settings,
        administer(url(settings), settings.authority) as administration,
    ):
        yield administration


def _said(text: str) -> None:
    typer.echo(f"✓ {text}")


def _password() -> str:
    """A password, asked for twice on a terminal, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    from voserver.catalogue.accounts.hashes import SHORTEST_PASSWORD
    from voserver.model.errors import UsageError

    password = getpass(f"Password (at least {SHORTEST_PASSWORD} characters): ")
    if getpass("Once more: ") != password:
        raise UsageError("The two are not the same.")
    return password


@user.command("add")
def user_add(
    name: Name,
    *,
    no_password: Annotated[
        bool,
        typer.Option("--no-password", help="For who signs in by tokens only, or as oidc:… at the provider."),
    ] = False,
) -> None:
    """Make an account. Its password is asked for, or read from standard input.

    Example: `voserver user add ada`
    """
    password = None if no_password else _password()
    with _administration() as accounts:
        accounts.add_user(name, password)
    _said(f"{name} may sign in. `voserver group join PROGRAM {name}` opens exclusive data.")


@user.command("list")
def user_list() -> None:
    """List the accounts with their groups, one a line, columns between tabs.

    Example: `voserver user list`
    """
    with _administration() as accounts:
        for one in accounts.users():
            state = "disabled" if one.is_disabled else "password" if one.has_password else "no password"
            typer.echo(f"{one.name}\t{state}\t{' '.join(one.groups)}")


@user.command("password")
def user_password(name: Name) -> None:
    """Give an account another password, which is asked for, or read from standard input. Logins with the old one end.

    Example: `voserver user password ada`
    """
    password = _password()
    with _administration() as accounts:
        accounts.set_password(name, password)
    _said(f"{name} has another password.")


@user.command("disable")
def user_disable(name: Name) -> None:
    """Keep somebody out, from the next request on. Groups, tokens and jobs stay for when he is let in again.

    Example: `voserver user disable ada`
    """
    with _administration() as accounts:
        accounts.set_disabled(name, disabled=True)
    _said(f"{name} is disabled.")


@user.command("enable")
def user_enable(name: Name) -> None:
    """Let somebody in again who was disabled.

    Example: `voserver user enable ada`
    """
    with _administration() as accounts:
        accounts.set_disabled(name, disabled=False)
    _said(f"{name} may sign in.")


@user.command("remove")
def user_remove(name: Name) -> None:
    """Remove an account with its tokens, memberships and jobs.

    Example: `voserver user remove ada`
    """
    with _administration() as accounts:
        accounts.remove_user(name)
    _said(f"{name} is removed.")


@group.command("add")
def group_add(
    name: Group,
    *,
    description: Annotated[str | None, typer.Option(help="Who it is, in a sentence.")] = None,
) -> None:
    """Make a group. Groups of programs need not be made: who joins one makes it.

    Example: `voserver group add staff --description "Who runs the archive"`
    """
    with _administration() as accounts:
        _said(f"{accounts.add_group(name, description)} is made.")


@group.command("list")
def group_list() -> None:
    """List the groups with their members, one a line, columns between tabs.

    Example: `voserver group list`
    """
    with _administration() as accounts:
        for one in accounts.groups():
            typer.echo(f"{one.name}\t{' '.join(one.members)}\t{one.description or ''}".rstrip("\t"))


@group.command("join")
def group_join(name: Group, users: Names) -> None:
    """Put users into a group, by a program's number or the group's name.

    Example: `voserver group join 2736 ada`
    """
    with _administration() as accounts:
        uri = accounts.join(name, users)
    _said(f"In {uri}: {', '.join(users)}")


@group.command("leave")
def group_leave(name: Group, users: Names) -> None:
    """Take users out of a group.

    Example: `voserver group leave 2736 ada`
    """
    with _administration() as accounts:
        uri = accounts.leave(name, users)
    _said(f"No longer in {uri}: {', '.join(users)}")


@group.command("remove")
def group_remove(name: Group) -> None:
    """Remove a group and its memberships. Exclusive data that name it stay so.

    Example: `voserver group remove staff`
    """
    with _administration() as accounts:
        _said(f"{accounts.remove_group(name)} is removed.")


@token.command("create")
def token_create(
    name: Name,
    *,
    label: Annotated[str, typer.Option("--name", help="What it is for.")] = "token",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="read: see and fetch what the user may. jobs: that, and make and see jobs.",
            show_default="jobs",
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it holds.", min=1, max=3650)] = 90,
) -> None:
    """Make a token for a user and print it, this once: only a hash of it is kept.

    It goes with requests as `Authorization: Bearer vos_…`, or as the password beside the user's name.

    Example: `voserver token create ada --name laptop --days 30`
    """
    with _administration() as accounts:
        made, token_id = accounts.create_token(name, label, scope or ["jobs"], days)
    typer.echo(made)
    typer.echo(f"It holds for {days} days. `voserver token revoke {token_id}` ends it.", err=True)


@token.command("list")
def token_list(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this user's.")] = None,
) -> None:
    """List tokens: identifier, user, name, scopes, until when, last use; one a line, columns between tabs.

    Example: `voserver token list ada`
    """
    with _administration() as accounts:
        for one in accounts.tokens(name):
            state = (
                "revoked" if one.revoked else "expired" if one.is_expired else f"until {one.expires:%Y-%m-%d}"
            )
            used = f"used {one.last_used:%Y-%m-%d %H:%M}" if one.last_used else "never used"
            typer.echo("\t".join([one.token_id, one.account, one.label, ",".join(one.scopes), state, used]))


@token.command("revoke")
def token_revoke(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="What `voserver token list` calls it.")],
) -> None:
    """End a token, from the next request on.

    Example: `voserver token revoke 1f0c8a52d0b7`
    """
    with _administration() as accounts:
        ended = accounts.revoke_token(identifier)
    _said(f"{ended.account}'s token {ended.label} ({ended.token_id}) is revoked.")
