"""Names and passwords, checked: slowly for who guesses, once for who sends the right one with every request."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict

from anyio import CapacityLimiter, to_thread

from voserver.catalogue.accounts import Account, Accounts
from voserver.catalogue.accounts.hashes import LONGEST_PASSWORD, is_password
from voserver.model.errors import Unauthenticated, Unavailable
from voserver.protocols.authentication.throttle import Throttle

_REMEMBERED = 300.0  # seconds for which a password that was right needs no hashing
_MOST_REMEMBERED = 10_000
_AT_ONCE = 2  # hashings: each takes about 50 ms of a core and 64 MiB
_MOST_WAITING = 32

_WRONG = "The name or the password is wrong."


class Passwords:
    """Checks passwords against what the accounts keep of them now."""

    def __init__(self, accounts: Accounts, throttle: Throttle | None = None) -> None:
        self._accounts = accounts
        self._throttle = throttle or Throttle()
        self._secret = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._running: dict[bytes, asyncio.Future[bool]] = {}
        self._limiter: CapacityLimiter | None = None

    async def check(self, name: str, password: str, address: str) -> Account:
        """The account of that name and password.

        Raises:
            Unauthenticated: there is no such account, or that is not its password, or it is disabled.
            QuotaExceeded: too many attempts from that address have failed.
        """
        account = await self._accounts.of_name(name)
        kept = account.password_hash if account else None
        key = self._key(name, password, kept)
        if self._right.get(key, 0.0) < time.monotonic():
            await self._hash(key, name, password, kept, address)
        assert account is not None
        if account.is_disabled:
            raise Unauthenticated(f"The account {name} is disabled.", hint="Ask the operator.")
        return account

    def _key(self, name: str, password: str, kept: str | None) -> bytes:
        """What a check is remembered by: it tells nothing, and changes when the password does."""
        parts = [part.encode(errors="surrogatepass") for part in (name, password, kept or "")]
        text = b"".join(len(part).to_bytes(4) + part for part in parts)
        return hmac.digest(self._secret, text, hashlib.sha256)

    async def _hash(self, key: bytes, name: str, password: str, kept: str | None, address: str) -> None:
        """Hash the password, once for all requests that bring the same one at the same time."""
        running = self._running.get(key)
        if running is None:
            self._throttle.attempt(address, name)
            running = asyncio.ensure_future(self._compare(password, kept))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))
        is_right = await asyncio.shield(running)
        if not is_right:
            raise Unauthenticated(_WRONG, hint="A token can stand for the password, too.")
        if key not in self._right:
            self._throttle.succeeded(address, name)
        self._right[key] = time.monotonic() + _REMEMBERED
        self._right.move_to_end(key)
        if len(self._right) > _MOST_REMEMBERED:
            self._right.popitem(last=False)

    async def _compare(self, password: str, kept: str | None) -> bool:
        try:
            if len(password.encode()) > LONGEST_PASSWORD:
                return False
        except UnicodeEncodeError:
            return False
        if len(self._running) > _MOST_WAITING:
            raise Unavailable("Too many passwords are being checked at once.", retry_after=2)
        if self._limiter is None:
            self._limiter = CapacityLimiter(_AT_ONCE)
        return await to_thread.run_sync(is_password, password, kept, limiter=self._limiter)
