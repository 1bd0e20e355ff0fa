"""Accounts as a running service reads them: who a name or a token is, at this moment.

Nothing is remembered here: what an operator takes away is gone with the next request.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from voserver.catalogue import engine
from voserver.catalogue.accounts import hashes
from voserver.catalogue.connections import Connections
from voserver.model.errors import Forbidden

# Parts of statements: all of them are ours, none comes from a user.
_FIND = """
SELECT a.name, a.password_hash, a.is_disabled, a.claimed_groups,
    ARRAY(SELECT group_name FROM archive.membership WHERE account = a.name ORDER BY group_name) AS memberships,
    coalesce(a.claimed_at > clock_timestamp() - interval '1 day', false) AS are_claims_recent,
    coalesce(a.claimed_at > clock_timestamp() - interval '1 minute', false) AS are_claims_new,
    t.token_id, t.scopes, t.expires, t.revoked, t.expires <= clock_timestamp() AS is_expired,
    coalesce(t.last_used < clock_timestamp() - interval '1 minute', true) AS is_to_be_noted
FROM archive.account AS a LEFT JOIN archive.token AS t ON t.account = a.name AND t.digest = %(digest)s
WHERE """
_BY_NAME = _FIND + "a.name = %(name)s"
_BY_TOKEN = _FIND + "t.token_id IS NOT NULL"

_USED = "UPDATE archive.token SET last_used = clock_timestamp() WHERE token_id = %(token_id)s"

_MADE = """
INSERT INTO archive.token (token_id, account, label, digest, scopes, expires)
VALUES (%(token_id)s, %(account)s, %(label)s, %(digest)s, %(scopes)s,
    clock_timestamp() + make_interval(secs => %(seconds)s)) RETURNING expires"""
_FORGOTTEN = """
DELETE FROM archive.token WHERE label = %(label)s AND account = %(account)s AND (expires < clock_timestamp()
    OR token_id NOT IN (SELECT token_id FROM archive.token WHERE label = %(label)s AND account = %(account)s
        ORDER BY created DESC LIMIT 50))"""

_CLAIMED = """
INSERT INTO archive.account (name, claimed_groups, claimed_at)
VALUES (%(name)s, %(groups)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET claimed_groups = excluded.claimed_groups, claimed_at = excluded.claimed_at"""

_LOGIN = "login"
"""What tokens are called that a name and a password were changed for."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, and the groups that he is in now."""

    name: str
    password_hash: str | None
    is_disabled: bool
    memberships: tuple[str, ...]
    claimed_groups: tuple[str, ...]
    """Those that an identity provider named not long ago."""

    @property
    def groups(self) -> tuple[str, ...]:
        """All of his groups, each once."""
        return tuple(dict.fromkeys((*self.memberships, *self.claimed_groups)))


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that was made here, whether it still counts or not."""

    account: Account
    scopes: frozenset[str]
    expires: datetime
    is_expired: bool
    is_revoked: bool


class Accounts:
    """Looks accounts up, and makes tokens for who has signed in."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    async def of_name(self, name: str) -> Account | None:
        """The account of a name, exactly as it is written."""
        if "\0" in name:
            return None
        row = await self._database.one(_BY_NAME, {"name": name, "digest": None})
        return None if row is None else _account(row)

    async def of_token(self, token: str) -> KnownToken | None:
        """What a token stands for. Its use is noted, to the minute."""
        row = await self._database.one(_BY_TOKEN, {"digest": hashes.digest(token)})
        if row is None:
            return None
        known = KnownToken(
            _account(row),
            frozenset(row["scopes"]),
            row["expires"],
            row["is_expired"],
            row["revoked"] is not None,
        )
        if row["is_to_be_noted"] and not (known.is_expired or known.is_revoked):
            async with self._database.connection() as connection:
                await connection.execute(_USED.encode(), {"token_id": row["token_id"]})
        return known

    async def login_token(self, name: str, seconds: int, scopes: Sequence[str]) -> tuple[str, datetime]:
        """A new token for who has just signed in, and when it ends. Earlier ones that have ended are forgotten."""
        token = hashes.new_token()
        values = {
            "token_id": secrets.token_hex(6),
            "account": name,
            "label": _LOGIN,
            "digest": hashes.digest(token),
            "scopes": list(scopes),
            "seconds": seconds,
        }
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_MADE.encode(), values)).fetchone()
            await connection.execute(_FORGOTTEN.encode(), {"label": _LOGIN, "account": name})
        assert row is not None
        return token, row["expires"]

    async def claimed(self, name: str, groups: Sequence[str]) -> Account:
        """The account of who an identity provider vouches for, with the groups that it names; made if need be.

        For his jobs they are kept: when they change, and to the minute.
        """
        asked = {"name": name, "digest": None}
        row = await self._database.one(_BY_NAME, asked)
        if row is None or not row["are_claims_new"] or row["claimed_groups"] != list(groups):
            async with self._database.connection() as connection:
                await connection.execute(_CLAIMED.encode(), {"name": name, "groups": list(groups)})
            row = await self._database.one(_BY_NAME, asked)
        assert row is not None
        return replace(_account(row), claimed_groups=tuple(groups))


def groups_of_owner(url: str, owner: str | None) -> tuple[str, ...]:
    """The groups that the owner of a job is in when it runs. Blocks.

    Raises:
        Forbidden: the owner may not sign in any more.
    """
    if owner is None:
        return ()
    with engine.connect(url) as connection:
        cursor = connection.execute(_BY_NAME.encode(), {"name": owner, "digest": None})
        found = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    row = dict(zip(names, found, strict=True)) if found else None
    if row is None or row["is_disabled"]:
        raise Forbidden("The job's owner may not sign in any more.")
    return _account(row).groups


def _account(row: dict[str, Any]) -> Account:
    return Account(
        name=row["name"],
        password_hash=row["password_hash"],
        is_disabled=row["is_disabled"],
        memberships=tuple(row["memberships"]),
        claimed_groups=tuple(row["claimed_groups"]) if row["are_claims_recent"] else (),
    )
