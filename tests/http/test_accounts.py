"""Who asks is found out from what he signs in with, at once and every time; nobody is taken for somebody else."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import httpx
import psycopg
import pytest

from tests.http import members
from tests.http.members import PASSWORD, Users, basic, bearer
from voserver import logs
from voserver.catalogue.accounts import hashes
from voserver.catalogue.accounts.administration import administer
from voserver.settings import Settings

Serve = Callable[[Settings], AbstractContextManager[str]]
SECURE = {"X-Forwarded-Proto": "https"}
COUNT = {
    "LANG": "ADQL",
    "QUERY": f"SELECT COUNT(*) FROM ivoa.ObsCore WHERE obs_id = '{members.HIDDEN}'",
    "FORMAT": "csv",
}


@pytest.fixture(scope="module")
def filled(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Users, Settings]:
    users = members.fill(module_database_url)
    return users, members.settings(module_database_url, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def users(filled: tuple[Users, Settings]) -> Users:
    return filled[0]


@pytest.fixture(scope="module")
def site(filled: tuple[Users, Settings]) -> Settings:
    return filled[1]


@pytest.fixture(scope="module")
def client(site: Settings, serve: Serve) -> Iterator[httpx.Client]:
    with serve(site) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def hidden(client: httpx.Client, headers: dict[str, str] | None = None) -> int:
    """How many rows somebody sees of what is hidden from most."""
    answer = client.get("/tap/sync", params=COUNT, headers=headers)
    assert answer.status_code == 200, answer.text
    return int(answer.text.split()[1])


def test_a_member_sees_what_his_program_may_however_he_signs_in(client: httpx.Client, users: Users) -> None:
    ways = [
        basic("ada"),
        bearer(users.member),
        basic("ada", users.member),
        basic("token", users.member),
        {"Authorization": f"bEaReR  {users.member}"},
        bearer(users.reader),
    ]
    for way in ways:
        assert hidden(client, way) == 1
    assert hidden(client) == 0
    assert hidden(client, basic("ben")) == 0
    assert hidden(client, bearer(users.stranger)) == 0


def test_answers_say_whom_they_are_for_and_are_kept_for_nobody_else(
    client: httpx.Client, users: Users
) -> None:
    for path in ("/tap/sync?" + httpx.QueryParams(COUNT).__str__(), "/tap/tables", "/", "/tap/nothing"):
        mine, all_of_us = client.get(path, headers=bearer(users.member)), client.get(path)
        assert mine.headers["x-vo-authenticated"] == "ada"
        assert mine.headers["cache-control"].split(", ")[0] == "private"
        assert "public" not in mine.headers["cache-control"]
        assert "x-vo-authenticated" not in all_of_us.headers
        for answer in (mine, all_of_us):
            assert "authorization" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    ("credential", "words"),
    [
        (basic("ada", "wrong password here"), "The name or the password is wrong."),
        (basic("nobody"), "The name or the password is wrong."),
        (basic("ADA"), "The name or the password is wrong."),
        (basic("ada", ""), "The name or the password is wrong."),
        (basic("ada", "x" * 5000), "The name or the password is wrong."),
        (basic("a\0a"), "The name or the password is wrong."),
        (bearer("vos_nothing"), "The token is not known here."),
        ({"Authorization": "Bearer"}, "The token is not known here."),
        (bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."), "The token is not known here."),
        (bearer("x" * 20_000), "The credential is longer than"),
        ({"Authorization": "Digest username=ada"}, "'Digest' is not known here."),
        ({"Authorization": "Basic !!!"}, "is not followed by a name and a password"),
        ({"Authorization": "Basic YWRh"}, "is not followed by a name and a password"),
        ({"Authorization": ""}, "is not known here"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[:20],
)
def test_what_is_not_right_is_told_and_never_taken_for_nobody(
    client: httpx.Client, credential: dict[str, str], words: str
) -> None:
    answer = client.get("/tap/availability", headers={**credential, "Accept": "text/plain"})
    assert answer.status_code == 401
    assert words in answer.text
    assert len(answer.headers.get_list("www-authenticate")) == 3
    assert "x-vo-authenticated" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-store"


def test_tokens_that_ended_and_users_who_may_not_are_refused_with_the_reason(
    client: httpx.Client, users: Users
) -> None:
    refused = {
        users.expired: "The token has expired: it held until",
        users.revoked: "The token has been revoked.",
        users.disabled: "The account cid is disabled.",
    }
    for token, words in refused.items():
        answer = client.get("/tap/availability", headers=bearer(token))
        assert (answer.status_code, words in answer.text) == (401, True), answer.text
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    answer = client.get("/tap/availability", headers=basic("cid"))
    assert (answer.status_code, "The account cid is disabled." in answer.text) == (401, True)
    answer = client.get("/tap/availability", headers=basic("ben", users.member))
    assert (answer.status_code, "The token is not ben's." in answer.text) == (401, True)


def test_two_credentials_are_one_too_many(client: httpx.Client, users: Users) -> None:
    both = [("Authorization", f"Bearer {users.member}"), ("Authorization", f"Bearer {users.stranger}")]
    assert client.get("/tap/availability", headers=both).status_code == 400


def test_over_plain_http_nothing_is_taken_and_nothing_asked_for(client: httpx.Client, users: Users) -> None:
    abroad = {"Host": "archive.example.org"}
    answer = client.get("/tap/availability", headers={**bearer(users.member), **abroad})
    assert answer.status_code == 403
    assert "https only" in answer.text
    assert (
        client.post("/login", data={"username": "ada", "password": PASSWORD}, headers=abroad).status_code
        == 403
    )
    assert "www-authenticate" not in client.get("/tap/capabilities", headers=abroad).headers
    behind_a_proxy = client.get("/tap/availability", headers={**bearer(users.member), **abroad, **SECURE})
    assert behind_a_proxy.headers["x-vo-authenticated"] == "ada"


def test_an_operator_may_vouch_for_a_proxy_that_says_nothing(
    users: Users, site: Settings, serve: Serve
) -> None:
    with serve(site.model_copy(update={"credentials_over_http": True})) as url:
        headers = {**bearer(users.member), "Host": "archive.example.org"}
        assert httpx.get(f"{url}/tap/availability", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/tap/capabilities", "/sia/capabilities", "/ssa/capabilities"])
def test_capabilities_say_how_to_sign_in_until_one_has(
    client: httpx.Client, users: Users, method: str, path: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 200
    login = str(client.base_url.join("/login"))
    assert answer.headers.get_list("www-authenticate") == [
        f'ivoa_bearer standard_id="ivo://ivoa.net/sso#tls-with-password", access_url="{login}"',
        'Basic realm="voserver", charset="UTF-8"',
        'Bearer realm="voserver"',
    ]
    mine = client.request(method, path, headers=bearer(users.member))
    assert "www-authenticate" not in mine.headers
    assert mine.headers["x-vo-authenticated"] == "ada"


def test_a_login_gives_a_token_for_a_while(client: httpx.Client, site: Settings) -> None:
    answer = client.post("/login", data={"username": "ada", "password": PASSWORD})
    token = answer.headers["x-vo-bearer"]
    assert answer.text == token
    assert token.startswith("vos_")
    assert len(token) == len("vos_") + 43  # 256 bits
    assert answer.headers["cache-control"] == "no-store"
    assert hidden(client, bearer(token)) == 1
    with psycopg.connect(site.database_url or "") as connection:
        (left,) = connection.execute(
            "SELECT extract(epoch FROM expires - created) FROM archive.token WHERE label = 'login'"
        ).fetchone() or (0,)
    assert abs(float(left) - site.login_seconds) < 5


@pytest.mark.parametrize(
    ("form", "query", "status"),
    [
        ({"username": "ada", "password": "wrong password"}, "", 401),
        ({"username": "ada"}, "", 400),
        ({}, f"?username=ada&password={PASSWORD}", 400),
        ({"username": "ada", "password": PASSWORD}, "?x=1", 400),
    ],
)
def test_a_login_without_the_right_form_gives_none(
    client: httpx.Client, form: dict[str, str], query: str, status: int
) -> None:
    answer = client.post(f"/login{query}", data=form)
    assert answer.status_code == status
    assert "x-vo-bearer" not in answer.headers
    assert PASSWORD not in answer.text


def test_what_an_operator_takes_away_is_gone_with_the_next_request(
    client: httpx.Client, site: Settings
) -> None:
    url = site.database_url or ""
    with administer(url, members.AUTHORITY) as accounts:
        accounts.add_user("dee", PASSWORD)
        accounts.join("2737", ["dee"])
        token, token_id = accounts.create_token("dee", "laptop", ["jobs"], 1)
    login = client.post("/login", data={"username": "dee", "password": PASSWORD}).text
    for way in (basic("dee"), bearer(token), bearer(login)):
        assert hidden(client, way) == 1
    with administer(url, members.AUTHORITY) as accounts:
        accounts.leave("2737", ["dee"])
    assert hidden(client, basic("dee")) == hidden(client, bearer(token)) == 0
    with administer(url, members.AUTHORITY) as accounts:
        accounts.revoke_token(token_id)
        accounts.set_password("dee", "another password entirely")
    for way in (basic("dee"), bearer(token), bearer(login)):
        assert client.get("/tap/availability", headers=way).status_code == 401
    assert (
        client.get("/tap/availability", headers=basic("dee", "another password entirely")).status_code == 200
    )
    with administer(url, members.AUTHORITY) as accounts:
        accounts.set_disabled("dee", disabled=True)
    assert (
        client.get("/tap/availability", headers=basic("dee", "another password entirely")).status_code == 401
    )
    with administer(url, members.AUTHORITY) as accounts:
        accounts.remove_user("dee")
    assert (
        client.get("/tap/availability", headers=basic("dee", "another password entirely")).status_code == 401
    )


def test_who_guesses_is_slowed_down_and_locks_nobody_else_out(
    users: Users, site: Settings, serve: Serve
) -> None:
    with serve(site) as url, httpx.Client(base_url=url, timeout=60) as client:
        guesser = {"X-Forwarded-For": "198.51.100.7"}

        def guess(number: int) -> httpx.Response:
            return client.get("/tap/availability", headers={**basic("ada", f"password {number}"), **guesser})

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(guess, range(12)))
        slowed = [answer for answer in answers if answer.status_code == 429]
        assert len(slowed) >= 6
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in slowed)
        # The right one is not looked at either, from there: else the guesser would learn it. From elsewhere it is.
        assert client.get("/tap/availability", headers={**basic("ada"), **guesser}).status_code == 429
        assert client.get("/tap/availability", headers=basic("ada")).status_code == 200
        assert client.get("/tap/availability", headers={**bearer(users.member), **guesser}).status_code == 200


def test_a_hundred_requests_hash_one_password_once(
    site: Settings, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []

    def counted(password: str, kept: str | None) -> bool:
        hashed.append(kept)
        return real(password, kept)

    real = hashes.is_password
    monkeypatch.setattr("voserver.protocols.authentication.passwords.is_password", counted)
    with (
        serve(site) as url,
        httpx.Client(base_url=url, timeout=60) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        answers = list(
            threads.map(lambda _: client.get("/tap/tables", headers=basic("ada")).status_code, range(100))
        )
        assert client.get("/tap/tables", headers=basic("unknown")).status_code == 401
    assert answers == [200] * 100
    assert len(hashed) == 2
    assert hashed[1] is None  # whether or not there is such a name, a password is hashed


def test_a_token_for_reading_makes_and_sees_no_jobs(client: httpx.Client, users: Users) -> None:
    made = client.post("/tap/async", data=COUNT, headers=bearer(users.member))
    path = httpx.URL(made.headers["location"]).path
    for method, where in (("GET", "/tap/async"), ("POST", "/tap/async"), ("GET", path), ("DELETE", path)):
        answer = client.request(method, where, headers=bearer(users.reader))
        assert (answer.status_code, "The token is not for jobs." in answer.text) == (403, True)
    assert client.get(path, headers=bearer(users.member)).status_code == 200


def test_a_job_is_its_owner_s_alone(client: httpx.Client, users: Users) -> None:
    made = client.post("/tap/async", data=COUNT, headers=basic("ada"))
    path = httpx.URL(made.headers["location"]).path
    job = path.rpartition("/")[2]
    assert job in client.get("/tap/async", headers=bearer(users.member)).text
    assert job not in client.get("/tap/async", headers=bearer(users.stranger)).text
    assert client.get(f"{path}/parameters", headers=bearer(users.stranger)).status_code == 403
    answer = client.get(f"{path}/parameters")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("ivoa_bearer")


def test_a_page_of_another_site_changes_nothing_with_a_browser_s_password(client: httpx.Client) -> None:
    headers = {**basic("ada"), "Sec-Fetch-Site": "cross-site"}
    assert client.post("/tap/async", data=COUNT, headers=headers).status_code == 403
    assert client.get("/tap/tables", headers=headers).status_code == 200


def test_an_exclusive_file_asks_who_is_nobody_yet_to_sign_in(client: httpx.Client, users: Users) -> None:
    path = f"/files/{members.EXCLUSIVE_URI}"
    answer = client.get(path)
    assert answer.status_code == 401
    assert len(answer.headers.get_list("www-authenticate")) == 3
    assert client.get(path, headers=bearer(users.stranger)).status_code == 403
    mine = client.get(path, headers=bearer(users.member))
    assert (mine.status_code, members.BYTES_WORD in mine.content) == (200, True)
    assert mine.headers["cache-control"].startswith("private")


def test_a_file_that_allows_many_bytes_may_be_larger_for_who_has_signed_in(
    users: Users, site: Settings, serve: Serve
) -> None:
    table = b"a\n" + b"12345678\n" * 30
    small = site.model_copy(update={"upload_bytes": 200, "user_factor": 4})
    form = {**COUNT, "UPLOAD": "mine,param:mine"}
    with serve(small) as url:
        for headers, status in ((bearer(users.member), 303), ({}, 413)):
            answer = httpx.post(
                f"{url}/tap/async",
                data=form,
                files={"mine": ("mine.csv", table, "text/csv")},
                headers=headers,
            )
            assert answer.status_code == status, answer.text


def test_the_log_tells_no_credential(
    users: Users, site: Settings, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = site.model_copy(update={"log_level": "info", "log_format": "json"})
    try:
        with serve(loud) as url:
            httpx.get(f"{url}/tap/tables", headers=bearer(users.member))
            httpx.get(f"{url}/tap/tables", headers=basic("ada", "guessed wrongly"))
            httpx.post(f"{url}/login", data={"username": "ada", "password": PASSWORD})
            httpx.get(f"{url}/login?username=ada&password=in+the+address")
    finally:
        logs.configure(site)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]  # this process's client logs, too
    assert len(requests) == 4
    logged = json.dumps(requests)
    for secret in (users.member[4:], "guessed", PASSWORD, "in the address", "in+the+address"):
        assert secret not in logged
