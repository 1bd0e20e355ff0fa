"""What an operator does with accounts, groups and tokens: one transaction each, on a connection of his own."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from voserver.catalogue import engine
from voserver.catalogue.accounts import hashes
from voserver.model import jwst
from voserver.model.errors import NotFound, UsageError
from voserver.model.identity import JOBS, READ, SCOPES

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}|oidc:[!-~]{1,255}", re.ASCII)
_GROUP = re.compile(r"ivo://[^\s,?#]+\?[^\s,#]+")
_SHORT_GROUP = re.compile(r"[A-Za-z0-9._~-]{1,100}", re.ASCII)
_PROGRAM = re.compile(r"(?!0+$)[0-9]{1,5}", re.ASCII)
_TAKEN = {"anonymous", "token"}  # who has not signed in; what stands for any name beside a token
_LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account as it is listed."""

    name: str
    has_password: bool
    is_disabled: bool
    groups: list[str]
    created: datetime


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group as it is listed."""

    name: str
    description: str | None
    members: list[str]


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token as it is listed; the token itself nobody knows but who was shown it."""

    token_id: str
    account: str
    label: str
    scopes: list[str]
    created: datetime
    expires: datetime
    revoked: datetime | None
    last_used: datetime | None
    is_expired: bool


class Administration:
    """Accounts, as they are changed. Every method raises `UsageError` or `NotFound` in words for the operator."""

    def __init__(self, connection: psycopg.Connection, authority: str) -> None:
        self._connection = connection
        self._authority = authority

    def add_user(self, name: str, password: str | None) -> None:
        """Make an account. Without a password it signs in by tokens, or by its provider (`oidc:…`)."""
        if not _NAME.fullmatch(name) or name.lower() in _TAKEN:
            raise UsageError(
                f"{name[:80]!r} cannot be the name of a user.",
                hint="It has up to 64 letters, digits and . _ @ -, or is oidc: with the name that a provider gives.",
            )
        if password is not None and ":" in name:
            raise UsageError(
                f"{name} signs in at the provider: here it has no password.", hint="Use --no-password."
            )
        kept = None if password is None else hashes.hash_password(password)
        added = self._connection.execute(
            "INSERT INTO archive.account (name, password_hash) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            [name, kept],
        ).fetchone()
        if added is None:
            raise UsageError(f"There is a user {name} already.", hint="Names count as the same in any case.")

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password. Tokens from logins with the old one end."""
        if ":" in name:
            raise UsageError(f"{name} signs in at the provider: here it has no password.")
        kept = hashes.hash_password(password)
        self._changed(
            name, "UPDATE archive.account SET password_hash = %s WHERE name = %s RETURNING 1", [kept, name]
        )
        self._connection.execute(
            "UPDATE archive.token SET revoked = clock_timestamp() WHERE account = %s AND label = 'login'"
            " AND revoked IS NULL",
            [name],
        )

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """Keep somebody out, or let him in again; nothing of his is lost."""
        self._changed(
            name, "UPDATE archive.account SET is_disabled = %s WHERE name = %s RETURNING 1", [disabled, name]
        )

    def remove_user(self, name: str) -> None:
        """Remove an account with its tokens and jobs: who has the name next inherits nothing."""
        self._changed(name, "DELETE FROM archive.account WHERE name = %s RETURNING 1", [name])
        # A space is in no name. Upkeep deletes the jobs with their results, and ends those that run.
        self._connection.execute(
            "UPDATE archive.job SET owner = 'removed ' || owner, destruction = clock_timestamp() WHERE owner = %s",
            [name],
        )

    def users(self) -> list[ListedAccount]:
        """All accounts, by name."""
        with self._connection.cursor(row_factory=class_row(ListedAccount)) as cursor:
            return cursor.execute(
                "SELECT name, password_hash IS NOT NULL AS has_password, is_disabled, created, ARRAY("
                " SELECT group_name FROM archive.membership WHERE account = name ORDER BY group_name) || CASE"
                " WHEN claimed_at > clock_timestamp() - interval '1 day' THEN claimed_groups ELSE '{}' END AS groups"
                " FROM archive.account ORDER BY lower(name)"
            ).fetchall()

    def group_uri(self, name: str) -> str:
        """The identifier of a group: a program's by its number, one of ours by its short name, any by itself."""
        if _PROGRAM.fullmatch(name):
            return jwst.exclusive_group(self._authority, int(name))
        if _SHORT_GROUP.fullmatch(name):
            return f"ivo://{self._authority}/gms?{name}"
        if _GROUP.fullmatch(name) and len(name) <= 300:
            return name
        raise UsageError(
            f"{name[:80]!r} cannot be the name of a group.",
            hint=f"It is a program's number, a short name, or an identifier: ivo://{self._authority}/gms?name",
        )

    def add_group(self, name: str, description: str | None) -> str:
        """Make a group and return its identifier. Groups of programs are made by who joins first."""
        uri = self.group_uri(name)
        if description is not None and not description.isprintable():
            raise UsageError("The description is to be one line of printable characters.")
        added = self._connection.execute(
            "INSERT INTO archive.account_group (name, description) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            [uri, description],
        ).fetchone()
        if added is None:
            raise UsageError(f"There is a group {uri} already.")
        return uri

    def join(self, group: str, users: Sequence[str]) -> str:
        """Put users into a group and return its identifier."""
        uri = self.group_uri(group)
        if _PROGRAM.fullmatch(group):
            self._connection.execute(
                "INSERT INTO archive.account_group (name, description) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [uri, f"Who may read the exclusive data of program {int(group)}"],
            )
        else:
            self._exists(uri)
        for user in users:
            self._changed(user, "SELECT 1 FROM archive.account WHERE name = %s", [user])
            self._connection.execute(
                "INSERT INTO archive.membership (account, group_name) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [user, uri],
            )
        return uri

    def leave(self, group: str, users: Sequence[str]) -> str:
        """Take users out of a group and return its identifier."""
        uri = self.group_uri(group)
        for user in users:
            gone = self._connection.execute(
                "DELETE FROM archive.membership WHERE account = %s AND group_name = %s RETURNING 1",
                [user, uri],
            ).fetchone()
            if gone is None:
                raise NotFound(f"{user} is not in {uri}.", hint="`voserver group list` shows who is.")
        return uri

    def remove_group(self, group: str) -> str:
        """Remove a group with its memberships and return its identifier."""
        uri = self.group_uri(group)
        self._exists(uri)
        self._connection.execute("DELETE FROM archive.account_group WHERE name = %s", [uri])
        return uri

    def groups(self) -> list[ListedGroup]:
        """All groups with their members, by identifier."""
        with self._connection.cursor(row_factory=class_row(ListedGroup)) as cursor:
            return cursor.execute(
                "SELECT name, description, ARRAY(SELECT account FROM archive.membership WHERE group_name = name"
                " ORDER BY lower(account)) AS members FROM archive.account_group ORDER BY name"
            ).fetchall()

    def create_token(self, user: str, label: str, scopes: Sequence[str], days: int) -> tuple[str, str]:
        """A new token and its identifier. It can be shown now, and never again."""
        if not 1 <= len(label) <= _LONGEST_LABEL or not label.isprintable() or label == "login":
            raise UsageError(f"{label[:80]!r} cannot name a token.", hint="Say what it is for: --name laptop")
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise UsageError(f"{unknown[0][:40]!r} is no scope.", hint=f"Scopes are {', '.join(SCOPES)}.")
        self._changed(user, "SELECT 1 FROM archive.account WHERE name = %s", [user])
        token, token_id = hashes.new_token(), secrets.token_hex(6)
        granted = [READ, JOBS] if JOBS in scopes else [READ]
        self._connection.execute(
            "INSERT INTO archive.token (token_id, account, label, digest, scopes, expires)"
            " VALUES (%s, %s, %s, %s, %s, clock_timestamp() + make_interval(days => %s))",
            [token_id, user, label, hashes.digest(token), granted, days],
        )
        return token, token_id

    def revoke_token(self, token: str) -> ListedToken:
        """End a token, told by its identifier or itself."""
        revoked = self._connection.execute(
            "UPDATE archive.token SET revoked = coalesce(revoked, clock_timestamp()) WHERE token_id = %s OR digest = %s"
            " RETURNING token_id",
            [token, hashes.digest(token)],
        ).fetchone()
        if revoked is None:
            raise NotFound("There is no such token.", hint="`voserver token list` shows the identifiers.")
        return next(one for one in self.tokens() if one.token_id == revoked[0])

    def tokens(self, user: str | None = None) -> list[ListedToken]:
        """All tokens, or a user's, the newest last."""
        with self._connection.cursor(row_factory=class_row(ListedToken)) as cursor:
            return cursor.execute(
                "SELECT token_id, account, label, scopes, created, expires, revoked, last_used,"
                " expires <= clock_timestamp() AS is_expired FROM archive.token"
                " WHERE %(user)s::text IS NULL OR account = %(user)s ORDER BY account, created",
                {"user": user},
            ).fetchall()

    def _changed(self, user: str, statement: str, values: Sequence[object]) -> None:
        if self._connection.execute(statement.encode(), values).fetchone() is None:
            raise NotFound(f"There is no user {user[:80]}.", hint="`voserver user list` shows who there is.")

    def _exists(self, uri: str) -> None:
        found = self._connection.execute(
            "SELECT 1 FROM archive.account_group WHERE name = %s", [uri]
        ).fetchone()
        if found is None:
            raise NotFound(f"There is no group {uri}.", hint="`voserver group add` makes one.")


@contextmanager
def administer(url: str, authority: str) -> Iterator[Administration]:
    """Change accounts: all that the block does, or nothing of it."""
    with engine.connect(url) as connection:
        try:
            with connection.transaction():
                yield Administration(connection, authority)
        except psycopg.Error as error:
            raise engine.translate(error) from error
