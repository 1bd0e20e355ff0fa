"""Who signs in at an identity provider is a user here, with the groups that it names and those he was put into."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.http import members
from tests.http.members import bearer
from tests.waiting import eventually
from voserver.catalogue.accounts.administration import administer
from voserver.settings import Settings

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
ASKED = {
    "LANG": "ADQL",
    "QUERY": f"SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = '{members.HIDDEN}'",
    "FORMAT": "csv",
}


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        issuer = f"http://{self.headers['Host']}"
        keys = {"keys": [KEY.as_dict(private=False)]}
        found = keys if self.path == "/keys" else {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def settings(module_database_url: str, issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    members.fill(module_database_url)
    changed = {"oidc_issuer": issuer, "oidc_audience": "voserver", "workers_embedded": True}
    return members.settings(module_database_url, tmp_path_factory.mktemp("data"), **changed)


@pytest.fixture(scope="module")
def client(
    settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[httpx.Client]:
    with serve(settings) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def token(issuer: str) -> Callable[..., str]:
    def made(user: str, *groups: str) -> str:
        now = int(time.time())
        claims = {"iss": issuer, "aud": "voserver", "sub": user, "exp": now + 600, "groups": list(groups)}
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)

    return made


def rows(client: httpx.Client, headers: dict[str, str]) -> int:
    answer = client.get("/tap/sync", params=ASKED, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text.count("\n") - 1


def test_the_provider_s_groups_open_what_is_theirs(client: httpx.Client, token: Callable[..., str]) -> None:
    assert rows(client, bearer(token("eve", "jwst-02737"))) == 1
    assert rows(client, bearer(token("eve", "jwst-02738"))) == 0
    assert rows(client, bearer(token("EVE"))) == 0
    answer = client.get("/tap/tables", headers=members.basic("token", token("eve")))
    assert answer.headers["x-vo-authenticated"] == "oidc:eve"


def test_a_user_of_the_provider_s_is_not_the_user_of_that_name_here(
    client: httpx.Client, token: Callable[..., str]
) -> None:
    assert rows(client, members.basic("ada")) == 1
    assert rows(client, bearer(token("ada"))) == 0


def test_an_operator_puts_him_into_groups_and_keeps_him_out(
    client: httpx.Client, settings: Settings, token: Callable[..., str]
) -> None:
    url = settings.database_url or ""
    with administer(url, members.AUTHORITY) as accounts:
        accounts.add_user("oidc:fay", None)
        accounts.join("2737", ["oidc:fay"])
    assert rows(client, bearer(token("fay"))) == 1
    with administer(url, members.AUTHORITY) as accounts:
        accounts.set_disabled("oidc:fay", disabled=True)
    assert client.get("/tap/tables", headers=bearer(token("fay"))).status_code == 401


def test_what_he_is_by_his_token_holds_for_his_jobs(client: httpx.Client, token: Callable[..., str]) -> None:
    headers = bearer(token("gus", "jwst-02737"))
    made = client.post("/tap/async", data={**ASKED, "PHASE": "RUN"}, headers=headers)
    path = httpx.URL(made.headers["location"]).path
    eventually(lambda: client.get(f"{path}/phase", headers=headers).text == "COMPLETED")
    assert members.HIDDEN in client.get(f"{path}/results/result", headers=headers).text


def test_tokens_of_ours_still_count_beside_the_provider_s(client: httpx.Client) -> None:
    login = client.post("/login", data={"username": "ada", "password": members.PASSWORD})
    assert rows(client, bearer(login.text)) == 1
    refused = client.get("/tap/tables", headers=bearer("a.b.c"))
    assert refused.status_code == 401
    assert "The token is not taken" in refused.text
