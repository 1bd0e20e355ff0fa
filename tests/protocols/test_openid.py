"""Tokens of an OpenID Connect provider count when its own keys have signed them for this service, and only then."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from voserver.model.errors import Unauthenticated, Unavailable
from voserver.protocols.authentication import openid
from voserver.protocols.authentication.openid import Claims, OpenID
from voserver.settings import Settings

ISSUER = "https://login.example.org/realm"
AUDIENCE = "voserver"
RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
NEXT = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})


class Provider:
    """Answers as a provider does; `keys` are those that it publishes, `asked` how often."""

    def __init__(self, **configuration: Any) -> None:
        self.keys: list[Any] = [RSA]
        self.asked = 0
        self.status = 200
        self.configuration = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **configuration}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(self.status, json=self.configuration)
        self.asked += 1
        return httpx.Response(self.status, json={"keys": [key.as_dict(private=False) for key in self.keys]})


def checker(provider: Provider, **settings: Any) -> OpenID:
    chosen = Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, authority="archive.test", **settings)
    return OpenID(chosen, httpx.MockTransport(provider))


def token(
    key: Any = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada-1", "iat": now, "exp": now + 300, **claims}
    said = {name: value for name, value in said.items() if value is not None}
    kid = {} if header is not None else {"kid": key.kid}
    return jwt.encode({"alg": algorithm, **kid, **(header or {})}, said, key, algorithms=[algorithm])


def run(check: Callable[[], Awaitable[Any]]) -> Any:
    async def call() -> Any:
        return await check()

    return asyncio.run(call())


def test_a_token_of_the_provider_names_its_user_and_groups() -> None:
    found = run(
        lambda: checker(Provider()).check(
            token(groups=["jwst-02736", "ivo://else.test/gms?x", "a,b", "", "with blank", 7, "jwst-02736"])
        )
    )
    assert found == Claims("oidc:ada-1", ("ivo://archive.test/gms?jwst-02736", "ivo://else.test/gms?x"))


def test_the_operator_chooses_the_claims() -> None:
    settings = {"oidc_name_claim": "preferred_username", "oidc_groups_claim": "roles"}
    found = run(
        lambda: checker(Provider(), **settings).check(token(preferred_username="ada", roles=["staff"]))
    )
    assert found == Claims("oidc:ada", ("ivo://archive.test/gms?staff",))


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unsigned(algorithm: str = "none") -> str:
    header = {"alg": algorithm, "kid": "one"}
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada-1", "exp": int(time.time()) + 300}
    return ".".join(encoded(json.dumps(one).encode()) for one in (header, claims)) + "."


def with_the_public_key_as_secret() -> str:
    said = unsigned("HS256").rstrip(".")
    return f"{said}.{encoded(hmac.digest(RSA.as_pem(private=False), said.encode(), 'sha256'))}"


FORGED: dict[str, Callable[[], str]] = {
    "unsigned": unsigned,
    "the public key as secret": with_the_public_key_as_secret,
    "another's key": lambda: token(RSAKey.generate_key(2048, {"kid": "one"})),
    "another's key that it brings along": lambda: token(NEXT, "ES256", {"jwk": NEXT.as_dict(private=False)}),
    "another's key that it points to": lambda: token(
        NEXT, "ES256", {"jku": "https://evil.example/keys", "kid": "two"}
    ),
    "another issuer": lambda: token(iss="https://evil.example"),
    "another audience": lambda: token(aud="other-service"),
    "other audiences": lambda: token(aud=["other-service", "third"]),
    "no audience": lambda: token(aud=None),
    "expired": lambda: token(exp=int(time.time()) - 120),
    "without an end": lambda: token(exp=None),
    "not yet": lambda: token(nbf=int(time.time()) + 600),
    "without a user": lambda: token(sub=None),
    "a user that is no name": lambda: token(sub="ada\r\nX: y"),
    "a user that is no text": lambda: token(sub=["ada"]),
    "groups that are no list": lambda: token(groups="jwst-02736"),
    "changed": lambda: token()[:-12] + "AAAAAAAAAAAA",
    "no token": lambda: "a.b.c",
    "nothing": lambda: "",
    "not ASCII": lambda: "é.é.é",
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_the_provider_has_not_signed_for_this_service_is_refused(kind: str) -> None:
    with pytest.raises(Unauthenticated, match="The token is not taken"):
        run(lambda: checker(Provider()).check(FORGED[kind]()))


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    assert run(lambda: checker(Provider()).check(token(exp=now - 20, nbf=now + 20))).name == "oidc:ada-1"


def test_a_provider_may_change_its_keys_and_is_not_asked_for_every_wrong_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openid, "_PAUSE", 0.0)
    provider = Provider()

    async def change() -> None:
        oidc = checker(provider)
        for _ in range(3):
            await oidc.check(token())
        assert provider.asked == 1
        provider.keys = [NEXT]
        assert (await oidc.check(token(NEXT, "ES256"))).name == "oidc:ada-1"
        assert provider.asked == 2
        monkeypatch.setattr(openid, "_PAUSE", 30.0)
        for _ in range(5):
            with pytest.raises(Unauthenticated):
                await oidc.check(token())  # the old key counts no more
        assert provider.asked == 2

    asyncio.run(change())


def test_while_the_provider_is_away_its_known_keys_count() -> None:
    provider = Provider()

    async def lose() -> None:
        oidc = checker(provider)
        await oidc.check(token())
        provider.status = 503
        oidc._fetched -= 2 * 3600  # two hours pass
        oidc._asked -= 2 * 3600
        assert (await oidc.check(token())).name == "oidc:ada-1"

    asyncio.run(lose())


def test_a_provider_that_is_away_is_not_asked_for_every_token() -> None:
    asked = 0

    async def hang(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return httpx.Response(503)

    async def flood() -> list[object]:
        oidc = OpenID(Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE), httpx.MockTransport(hang))
        return await asyncio.gather(*(oidc.check(token()) for _ in range(20)), return_exceptions=True)

    answers = asyncio.run(flood())
    assert [type(answer) for answer in answers] == [Unavailable] * 20
    assert asked == 1


def test_who_has_a_known_key_does_not_wait_while_the_provider_is_asked_for_another() -> None:
    provider = Provider()

    async def hurry() -> None:
        oidc = checker(provider)
        await oidc.check(token())
        await oidc._asking.acquire()  # somebody's token made a question that is not answered
        assert (await asyncio.wait_for(oidc.check(token()), 30)).name == "oidc:ada-1"

    asyncio.run(hurry())


@pytest.mark.parametrize(
    "configuration",
    [{"issuer": "https://evil.example"}, {"jwks_uri": "http://login.example.org/keys"}, {"jwks_uri": None}],
)
def test_a_provider_that_is_not_what_it_should_be_is_not_asked(configuration: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        run(lambda: checker(Provider(**configuration)).check(token()))


def test_an_answer_without_end_is_not_read() -> None:
    def endless(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b" " * 600_000)

    settings = Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE)
    with pytest.raises(Unavailable):
        run(lambda: OpenID(settings, httpx.MockTransport(endless)).check(token()))


def test_an_issuer_without_an_audience_is_no_setting() -> None:
    with pytest.raises(ValueError, match="needs oidc_audience"):
        Settings(oidc_issuer=ISSUER)
