"""Middleware that finds out who asks, and says in each answer whom it is for.

A credential that is not taken is never passed over: who believes to be signed in shall not get everybody's answer.
"""

import base64
import binascii

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voserver.catalogue.accounts import Account
from voserver.catalogue.accounts.hashes import TOKEN_PREFIX
from voserver.model.errors import Forbidden, Unauthenticated, UsageError
from voserver.model.identity import ANYBODY, Identity
from voserver.protocols.authentication import challenges
from voserver.protocols.hosts import sender_of
from voserver.protocols.site import IDENTITY, Site

_ANY_NAME = "token"
"""What a client that wants a name with a token may send, whoever's it is."""
_LONGEST = 16 * 1024  # characters of a credential
_SAFE = {"GET", "HEAD", "OPTIONS"}


class ForWhom:
    """Says in each answer whom it is for, and to caches that it is for nobody else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                _mark(MutableHeaders(scope=message), int(message["status"]), scope)
            await send(message)

        await self.app(scope, receive, mark)


def _mark(headers: MutableHeaders, status: int, scope: Scope) -> None:
    headers.add_vary_header("Authorization")
    identity: Identity = scope.get(IDENTITY, ANYBODY)
    if identity.name is not None:
        headers["X-VO-Authenticated"] = identity.name
    if identity.name is not None or _has_credential(scope):
        directives = [one.strip() for one in headers.get("Cache-Control", "").split(",")]
        kept = [one for one in directives if one and one not in {"public", "private"}]
        headers["Cache-Control"] = ", ".join(["private", *kept])
    elif status == 200 and scope["path"].endswith("/capabilities"):
        # Authentication is possible, not needed: 200 with challenges (AuthVO, WD 2025-05-27).
        for challenge in challenges.challenges_of(scope):
            headers.append("WWW-Authenticate", challenge)


def _has_credential(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])


class Authentication:
    """Puts who asks into the request's scope, where `site.identify` finds it."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, then serve the request."""
        if scope["type"] == "http":
            await self._identify(scope)
        await self.app(scope, receive, send)

    async def _identify(self, scope: Scope) -> None:
        is_private = challenges.is_private(scope, anywhere=self._site.settings.credentials_over_http)
        if is_private:
            challenges.offer(scope, self._site.base_url(Request(scope)))
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if not given:
            return
        if len(given) > 1:
            raise UsageError(f"The request has {len(given)} Authorization headers.", hint="Send one.")
        if not is_private:
            raise Forbidden(
                "Passwords and tokens are taken over https only. This one may have been read on its way: change it.",
                hint="Use the same URL with https.",
            )
        scope[IDENTITY] = await self._who(given[0].decode("latin-1").strip(), scope)

    async def _who(self, credential: str, scope: Scope) -> Identity:
        scheme, _, rest = credential.partition(" ")
        rest = rest.strip()
        if len(rest) > _LONGEST:
            raise Unauthenticated(f"The credential is longer than {_LONGEST} characters.")
        match scheme.lower():
            case "basic":
                return await self._by_name(*_read_basic(rest), scope)
            case "bearer":
                return await self._by_token(rest)
            case _:
                raise Unauthenticated(
                    f"Authorization: {scheme[:20]!r} is not known here.",
                    hint="Known are Basic, with a name and a password, and Bearer, with a token.",
                )

    async def _by_name(self, name: str, password: str, scope: Scope) -> Identity:
        if scope["method"] not in _SAFE and _is_from_another_site(scope):
            raise Forbidden("A page of another site may not change anything in your name.")
        if name == _ANY_NAME:
            return await self._by_token(password)
        if password.startswith(TOKEN_PREFIX):
            found = await self._by_token(password)
            if found.name != name:
                raise Unauthenticated(
                    f"The token is not {name[:64]}'s.",
                    hint=f"Send it with its user's name, or {_ANY_NAME!r}.",
                )
            return found
        return _identity(await self._site.passwords.check(name, password, sender_of(scope)))

    async def _by_token(self, token: str) -> Identity:
        if not token.startswith(TOKEN_PREFIX) and self._site.openid is not None:
            claims = await self._site.openid.check(token)
            account = await self._site.accounts.claimed(claims.name, claims.groups)
            return _identity(_enabled(account))
        known = await self._site.accounts.of_token(token)
        if known is None:
            raise Unauthenticated("The token is not known here.", hint="`voserver token create` makes one.")
        if known.is_revoked:
            raise Unauthenticated("The token has been revoked.")
        if known.is_expired:
            raise Unauthenticated(f"The token has expired: it held until {known.expires:%Y-%m-%d %H:%M} UTC.")
        return _identity(_enabled(known.account), known.scopes)


def _enabled(account: Account) -> Account:
    if account.is_disabled:
        raise Unauthenticated(f"The account {account.name} is disabled.", hint="Ask the operator.")
    return account


def _identity(account: Account, scopes: frozenset[str] = ANYBODY.scopes) -> Identity:
    return Identity(account.name, account.groups, scopes)


def _read_basic(encoded: str) -> tuple[str, str]:
    """The name and the password (RFC 7617 §2); in UTF-8, as the challenge says."""
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise Unauthenticated(
            "Authorization: Basic is not followed by a name and a password.",
            hint="It is name:password in UTF-8, as base64.",
        )
    return name, password


def _is_from_another_site(scope: Scope) -> bool:
    """Whether a page elsewhere made a browser send this: it adds the password that it knows by itself."""
    return (b"sec-fetch-site", b"cross-site") in scope["headers"]
