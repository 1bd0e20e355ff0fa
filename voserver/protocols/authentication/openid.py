"""Tokens of an OpenID Connect provider: JWTs, checked with the keys that the provider publishes.

What a token says of its own keys and algorithm is not believed: keys come from the issuer that the operator chose, and
only signatures with key pairs count, so neither `none` nor a public key that is taken for a shared secret passes.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from voserver.model.errors import Unauthenticated, Unavailable
from voserver.settings import Settings

_ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
]
_KEY_TYPES = {"RSA", "EC", "OKP"}
_LEEWAY = 60  # seconds that clocks may differ by
_FRESH = 3600.0  # seconds after which keys are asked for again
_STALE = 86_400.0  # seconds for which old keys still count while the provider is away
_PAUSE = 30.0  # seconds between questions: a token with an unknown key makes one
_PATIENCE = 10.0  # seconds for an answer of the provider's
_MOST_BYTES = 512 * 1024
_MOST_GROUPS = 1000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of its user, in our words."""

    name: str
    groups: tuple[str, ...]


class OpenID:
    """The provider that the operator trusts."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert settings.oidc_issuer is not None
        assert settings.oidc_audience is not None
        self._issuer = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._settings = settings
        self._transport = transport
        self._keys: KeySet | None = None
        self._fetched = self._asked = -_STALE
        self._asking = asyncio.Lock()
        self._registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def check(self, token: str) -> Claims:
        """What a token says, if it is the provider's, made for this service, and holds now.

        Raises:
            Unauthenticated: it is not.
            Unavailable: the provider's keys cannot be had.
        """
        try:
            return self._claims(await self._decoded(token))
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated(
                f"The token is not taken: {_reason(error)}.",
                hint=f"It must be one of {self._issuer}, for this service.",
            ) from error

    async def _decoded(self, token: str) -> dict[str, Any]:
        keys = await self._current()
        try:
            found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError) as error:
            # A provider that changes its keys signs with one that is not known here yet.
            newer = await self._current(than=self._fetched)
            if newer is keys:
                raise error from None
            found = jwt.decode(token, newer, algorithms=_ALGORITHMS)
        self._registry.validate(found.claims)
        return found.claims

    def _claims(self, claims: dict[str, Any]) -> Claims:
        name = claims.get(self._settings.oidc_name_claim)
        if (
            not isinstance(name, str)
            or not 1 <= len(name) <= 255
            or not all("!" <= one <= "~" for one in name)
        ):
            raise ValueError(f"its claim {self._settings.oidc_name_claim} is no name")
        listed = claims.get(self._settings.oidc_groups_claim, [])
        if not isinstance(listed, list):
            raise TypeError(f"its claim {self._settings.oidc_groups_claim} is no list")
        groups = [group for one in listed[:_MOST_GROUPS] if (group := self._group(one)) is not None]
        return Claims(f"oidc:{name}", tuple(dict.fromkeys(groups)))

    def _group(self, named: object) -> str | None:
        """A group as the release rule has it; None for what cannot be one."""
        if not isinstance(named, str) or not 1 <= len(named) <= 250:
            return None
        if any(one in ', "\\' or not "!" <= one <= "~" for one in named):
            return None
        return named if named.startswith("ivo://") else f"ivo://{self._settings.authority}/gms?{named}"

    async def _current(self, *, than: float | None = None) -> KeySet:
        """The keys; newer ones `than` those of a moment, where it is not too soon to ask."""
        if not self._is_due(than):  # nobody whose key is known waits for others' answers
            return self._usable()
        async with self._asking:
            now = time.monotonic()
            if self._is_due(than) and now - self._asked >= _PAUSE:
                self._asked = now
                try:
                    async with asyncio.timeout(_PATIENCE):
                        self._keys = await self._fetch()
                    self._fetched = time.monotonic()
                except (httpx.HTTPError, TimeoutError, JoseError, ValueError, TypeError) as error:
                    log.warning(
                        "oidc_keys_not_read", issuer=self._issuer, error=str(error) or type(error).__name__
                    )
            return self._usable()

    def _is_due(self, than: float | None) -> bool:
        return time.monotonic() - self._fetched > _FRESH or (than is not None and self._fetched <= than)

    def _usable(self) -> KeySet:
        if self._keys is None or time.monotonic() - self._fetched > _STALE:
            raise Unavailable(
                "The provider that vouches for this token cannot be asked.", retry_after=int(_PAUSE)
            )
        return self._keys

    async def _fetch(self) -> KeySet:
        async with httpx.AsyncClient(transport=self._transport, timeout=_PATIENCE, trust_env=False) as client:
            found = await _read(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise ValueError("the provider calls itself something else")
            listed = await _read(client, str(found.get("jwks_uri")))
        keys = listed.get("keys")
        if not isinstance(keys, list):
            raise TypeError("the provider's keys are no list")
        pairs = [key for key in keys if isinstance(key, dict) and key.get("kty") in _KEY_TYPES]
        signing = [key for key in pairs if key.get("use", "sig") == "sig"]
        return KeySet.import_key_set({"keys": signing})


async def _read(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """A JSON object, of a decent size, over TLS or from this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}
    ):
        raise ValueError(f"{url[:200]} is no https URL")
    body = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        answer.raise_for_status()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > _MOST_BYTES:
                raise ValueError(f"{url[:200]} is larger than {_MOST_BYTES} bytes")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError(f"{url[:200]} is no JSON object")
    return found


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")[:200]
