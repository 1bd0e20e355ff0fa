"""Nobody is shown what is hidden from him, nor a byte of what is exclusive to others, by any route, table or trick."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import psycopg
import pyarrow.parquet as pq
import pytest
from astropy.io.votable import parse_single_table

from tests.http import members
from tests.http.members import (
    EXCLUSIVE,
    EXCLUSIVE_DID,
    EXCLUSIVE_URI,
    HIDDEN,
    HIDDEN_DID,
    HIDDEN_URI,
    HIDDEN_WORD,
    Users,
)
from tests.waiting import eventually
from voserver.app import create_app
from voserver.settings import Settings

WHERE = f"obs_id = '{HIDDEN}'"
ASKED = {"LANG": "ADQL", "QUERY": f"SELECT * FROM ivoa.ObsCore WHERE {WHERE}", "FORMAT": "csv"}
FIELD = "110.8 -73.45"
CIRCLE = {"CIRCLE": "110.8 -73.5 1"}
NOTHING: dict[str, str] = {}
Request = tuple[str, dict[str, str]]

ROUTES: dict[str, list[Request]] = {
    "/": [("/", NOTHING)],
    "/tap": [("/tap", NOTHING)],
    "/tap/": [("/tap/", NOTHING)],
    "/tap/sync": [
        ("/tap/sync", {**ASKED, "FORMAT": form})
        for form in (
            "csv",
            "tsv",
            "votable",
            "votable/td",
            "json",
            "text",
            "html",
            "fits",
            "votable/b2",
            "parquet",
        )
    ],
    "/tap/explain": [("/tap/explain", {**ASKED, "FORMAT": "json"})],
    "/tap/tables": [("/tap/tables", NOTHING)],
    "/tap/tables/{name}": [("/tap/tables/ivoa.ObsCore", NOTHING)],
    "/tap/examples": [("/tap/examples", NOTHING)],
    "/sia/query": [
        ("/sia/query", {"ID": HIDDEN_DID, "RESPONSEFORMAT": "csv"}),
        ("/sia/query", {"POS": f"CIRCLE {FIELD} 2", "MAXREC": "1000"}),
    ],
    "/sia1": [("/sia1", {"POS": FIELD.replace(" ", ","), "SIZE": "2", "FORMAT": "ALL"})],
    "/ssa": [
        ("/ssa", {"REQUEST": "queryData", "POS": FIELD.replace(" ", ","), "SIZE": "2", "MAXREC": "1000"})
    ],
    "/scs/{name}": [
        (f"/scs/{table}", {"RA": "110.8", "DEC": "-73.45", "SR": "2", "VERB": "3"})
        for table in ("ivoa.ObsCore", "jwst.product", "caom2.Plane")
    ],
    "/files/{uri:path}": [(f"/files/{uri}", NOTHING) for uri in (EXCLUSIVE_URI, HIDDEN_URI)],
    "/package": [
        ("/package", {"ID": one, "FORMAT": form})
        for one in (EXCLUSIVE_DID, HIDDEN_DID, EXCLUSIVE_URI, HIDDEN_URI)
        for form in ("zip", "tar", "json", "csv", "urls", "script")
    ],
    "/login": [("/login", {"username": "ben", "password": "is not this one"})],
    "/datalink/links": [("/datalink/links", {"ID": one}) for one in (EXCLUSIVE_DID, HIDDEN_DID, HIDDEN_URI)],
    "/soda/sync": [
        ("/soda/sync", {"ID": one, **CIRCLE})
        for one in (EXCLUSIVE_URI, HIDDEN_URI, EXCLUSIVE_DID, HIDDEN_DID)
    ],
    "/soda/examples": [("/soda/examples", NOTHING)],
    "/oai": [
        ("/oai", {"verb": "Identify"}),
        ("/oai", {"verb": "ListRecords", "metadataPrefix": "ivo_vor"}),
        ("/oai", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": HIDDEN_DID}),
    ],
    **{
        path: [(path, {"since": "2020-01-01", "limit": "1000"}), (path, {"POS": f"CIRCLE {FIELD} 2"})]
        for path in ("/events", "/events.atom", "/events.json")
    },
    "/caom": [("/caom", NOTHING)],
    "/caom/{collection}": [("/caom/JWST", {"maxrec": "1000"})],
    "/caom/deletions": [("/caom/deletions", NOTHING)],
    "/caom/deletions/{collection}": [("/caom/deletions/JWST", NOTHING)],
    "/caom/{collection}/{observation}": [
        (f"/caom/JWST/{name}", {"version": version})
        for name in (HIDDEN, EXCLUSIVE)
        for version in ("2.4", "2.5")
    ],
    "/metrics": [("/metrics", NOTHING)],
}
"""What is asked of every route; a route that has no entry here, and is not of the two kinds below, fails the test."""

JOBS: dict[str, list[dict[str, str]]] = {
    "/tap/async": [ASKED],
    "/soda/async": [{"ID": one, **CIRCLE} for one in (EXCLUSIVE_URI, HIDDEN_URI)],
    "/package/async": [{"ID": one, "FORMAT": "tar"} for one in (EXCLUSIVE_DID, HIDDEN_DID)],
}
"""Lists of jobs, and what jobs of each are asked for."""

SAME_FOR_ALL = re.compile(r".*/(capabilities|availability)")
HIDDEN_ROWS = {
    "caom2.observation", "caom2.plane", "caom2.artifact", "caom2.part", "caom2.chunk", "caom2.observationmember",
    "caom2.provenanceinput", "caom2.siav1", "ivoa.obscore", "ivoa.obsplan", "jwst.product", "jwst.spectrum",
    "jwst.event",
}  # fmt: skip

TRICKS = {
    "alias": "SELECT x.target_name AS t FROM ivoa.ObsCore AS x WHERE x.obs_id = '{id}'",
    "join": "SELECT a.filename, a.target_name FROM caom2.Plane AS p JOIN jwst.product AS a"
    " ON a.obs_publisher_did = p.publisherID WHERE p.publisherID = '{did}'",
    "join using": "SELECT * FROM caom2.Plane JOIN caom2.Artifact USING (planeID) WHERE publisherID = '{did}'",
    "outer join": "SELECT s.schema_name, o.target_name FROM TAP_SCHEMA.schemas AS s LEFT JOIN ivoa.ObsCore AS o"
    " ON o.obs_id = '{id}'",
    "with": "WITH h AS (SELECT * FROM ivoa.ObsCore WHERE obs_id = '{id}') SELECT * FROM h",
    "sub-query": "SELECT * FROM (SELECT * FROM jwst.product) AS p WHERE obs_id = '{id}'",
    "in": "SELECT target_name FROM ivoa.ObsCore WHERE obs_id IN (SELECT obs_id FROM jwst.product WHERE obs_id = '{id}')",
    "exists": "SELECT schema_name FROM TAP_SCHEMA.schemas WHERE EXISTS"
    " (SELECT 1 AS one FROM ivoa.ObsCore WHERE obs_id = '{id}')",
    "union": "SELECT target_name FROM ivoa.ObsCore WHERE obs_id = '{id}' UNION"
    " SELECT target_name FROM jwst.product WHERE obs_id = '{id}'",
    "except": "SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = '{id}' EXCEPT SELECT obs_id FROM ivoa.ObsCore"
    " WHERE obs_id = 'none'",
    "grouped": "SELECT obs_id, COUNT(*) AS n, MAX(target_name) AS t FROM jwst.product GROUP BY obs_id"
    " HAVING obs_id = '{id}'",
    "ordered": "SELECT TOP 5 target_name FROM ivoa.ObsCore WHERE target_name = '{word}' ORDER BY target_name DESC",
    "like": "SELECT obs_id FROM ivoa.ObsCore WHERE target_name LIKE 'Unv%' OR obs_title LIKE '%veiled'",
    "region": "SELECT obs_id, target_name FROM ivoa.ObsCore WHERE obs_id = '{id}'"
    " AND 1 = INTERSECTS(s_region, CIRCLE(110.8, -73.45, 3))",
    "failing": "SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = '{id}' AND 1 / (calib_level - calib_level) > 0",
    "cast": "SELECT CAST(target_name AS INTEGER) AS x FROM ivoa.ObsCore WHERE obs_id = '{id}'",
}


@pytest.fixture(scope="module")
def filled(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Users, Settings]:
    users = members.fill(module_database_url)
    changed = {"explain": True, "workers_embedded": True, "job_concurrency": 2}
    return users, members.settings(module_database_url, tmp_path_factory.mktemp("data"), **changed)


@pytest.fixture(scope="module")
def users(filled: tuple[Users, Settings]) -> Users:
    return filled[0]


@pytest.fixture(scope="module")
def client(
    filled: tuple[Users, Settings], serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[httpx.Client]:
    with serve(filled[1]) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def others(users: Users) -> dict[str, dict[str, str]]:
    """Everybody who may not see, by what they send."""
    return {
        "anybody": {},
        "stranger": members.bearer(users.stranger),
        "stranger's password": members.basic("ben"),
        "disabled": members.bearer(users.disabled),
        "expired": members.bearer(users.expired),
        "revoked": members.bearer(users.revoked),
    }


def told(answer: httpx.Response) -> bytes:
    """All that an answer says."""
    return answer.content + repr(answer.headers.raw).encode()


def assert_nothing_is_told(answer: httpx.Response, sent: object) -> None:
    assert answer.status_code < 500, (sent, answer.text[:500])
    assert HIDDEN_WORD.encode() not in told(answer), sent
    assert members.BYTES_WORD not in told(answer), sent
    if HIDDEN not in str(sent):  # else it may be repeated
        assert HIDDEN.encode() not in told(answer), sent
    if answer.status_code != 200 or not answer.content:
        return
    if answer.headers["content-type"].startswith("application/vnd.apache.parquet"):
        assert pq.read_table(io.BytesIO(answer.content)).num_rows == 0
    elif "binary2" in answer.headers["content-type"]:
        assert len(parse_single_table(io.BytesIO(answer.content)).array) == 0


def methods_of(route: Any) -> list[str]:
    return sorted(set(route.methods) & {"GET", "HEAD", "POST"})


def send(client: httpx.Client, method: str, request: Request, headers: dict[str, str]) -> httpx.Response:
    path, parameters = request
    if method == "POST":
        return client.post(path, data=parameters, headers=headers)
    return client.request(method, path, params=parameters, headers=headers)


def routes(filled: tuple[Users, Settings]) -> list[Any]:
    return list(create_app(filled[1]).routes)


def test_every_route_is_walked(filled: tuple[Users, Settings]) -> None:
    unknown = [
        route.path
        for route in routes(filled)
        if route.path not in ROUTES
        and not SAME_FOR_ALL.fullmatch(route.path)
        and not any(route.path == jobs or route.path.startswith(f"{jobs}/{{job_id}}") for jobs in JOBS)
    ]
    assert not unknown, "what do these tell to whom? Say it in this test's ROUTES or JOBS"


def test_no_route_tells_others_anything(
    filled: tuple[Users, Settings], client: httpx.Client, others: dict[str, dict[str, str]]
) -> None:
    for route in routes(filled):
        for request in ROUTES.get(route.path, []):
            for method in methods_of(route):
                for who, headers in others.items():
                    assert_nothing_is_told(send(client, method, request, headers), (who, method, request))


def test_the_walk_would_find_what_it_looks_for(client: httpx.Client, users: Users) -> None:
    """A member is told, by the very same requests: so that nobody is told nothing because nothing is there."""
    walked = [
        "/tap/sync",
        "/sia/query",
        "/sia1",
        "/ssa",
        "/scs/{name}",
        "/files/{uri:path}",
        "/package",
        "/soda/sync",
    ]
    for path in walked:
        answers = [send(client, "GET", request, members.bearer(users.member)) for request in ROUTES[path]]
        words = (HIDDEN_WORD.encode(), members.BYTES_WORD)
        assert any(word in told(answer) for answer in answers for word in words), path
    links = send(client, "GET", ("/datalink/links", {"ID": HIDDEN_DID}), members.bearer(users.member))
    assert HIDDEN_URI.rpartition("/")[2] in links.text
    events = send(client, "GET", ROUTES["/events.json"][0], members.bearer(users.member))
    assert HIDDEN in events.text


def test_no_condition_of_http_opens_a_file(
    client: httpx.Client, users: Users, others: dict[str, dict[str, str]]
) -> None:
    mine = client.get(f"/files/{EXCLUSIVE_URI}", headers=members.bearer(users.member))
    conditions = [
        {"If-None-Match": mine.headers["etag"]},
        {"If-None-Match": "*"},
        {"If-Modified-Since": mine.headers["last-modified"]},
        {"Range": "bytes=0-9"},
        {"Range": "bytes=0-9", "If-Range": mine.headers["etag"]},
    ]
    for who, headers in others.items():
        for uri, statuses in ((EXCLUSIVE_URI, {401, 403}), (HIDDEN_URI, {401, 404})):
            for condition in conditions:
                for method in ("GET", "HEAD"):
                    answer = client.request(method, f"/files/{uri}", headers={**headers, **condition})
                    assert answer.status_code in statuses, (who, uri, condition)
                    assert mine.headers["etag"] not in str(answer.headers.raw)


@pytest.mark.parametrize("trick", TRICKS)
def test_no_query_tells_others_anything(
    client: httpx.Client, users: Users, others: dict[str, dict[str, str]], trick: str
) -> None:
    adql = TRICKS[trick].format(id=HIDDEN, did=HIDDEN_DID, word=HIDDEN_WORD)
    asked = {**ASKED, "QUERY": adql}
    for headers in (others["anybody"], others["stranger"]):
        answer = client.post("/tap/sync", data=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        assert HIDDEN_WORD not in answer.text
        assert HIDDEN not in answer.text
        assert trick == "outer join" or answer.text.count("\n") == 1, answer.text
    mine = client.post("/tap/sync", data=asked, headers=members.bearer(users.member))
    assert mine.text.count("\n") > 1 or mine.status_code == 400  # he may see the rows, and so the failure


def test_a_table_that_is_brought_joins_nothing_hidden(
    client: httpx.Client, users: Users, others: dict[str, dict[str, str]]
) -> None:
    query = "SELECT o.target_name FROM TAP_UPLOAD.mine AS m JOIN ivoa.ObsCore AS o ON o.obs_id = m.id"
    asked = {**ASKED, "QUERY": query, "UPLOAD": "mine,param:t"}

    def brought(headers: dict[str, str]) -> str:
        table = {"t": ("t.csv", f"id\n{HIDDEN}\n", "text/csv")}
        return client.post("/tap/sync", data=asked, files=table, headers=headers).text

    assert HIDDEN_WORD in brought(members.bearer(users.member))
    for headers in (others["anybody"], others["stranger"]):
        assert brought(headers).split() == ["target_name"]


def test_no_published_table_or_column_tells_others_anything(
    client: httpx.Client, users: Users, others: dict[str, dict[str, str]]
) -> None:
    def csv(query: str, headers: dict[str, str]) -> str:
        answer = client.post("/tap/sync", data={**ASKED, "QUERY": query, "MAXREC": "100000"}, headers=headers)
        assert answer.status_code == 200, (query, answer.text)
        return answer.text

    listed = csv("SELECT table_name, column_name, datatype FROM TAP_SCHEMA.columns", {})
    tables: dict[str, list[str]] = {}
    for table, column, kind in (line.split(",")[:3] for line in listed.split()[1:]):
        tables.setdefault(table, []).append(column if kind == "char" else "")
    told_more = set()
    for table, columns in tables.items():
        greatest = ", ".join(f"MAX({one}) AS m{n}" for n, one in enumerate(columns) if one)
        queries = [f"SELECT * FROM {table}", f"SELECT COUNT(*) AS n FROM {table}"]
        queries += [f"SELECT {greatest} FROM {table}"] if greatest else []
        for query in queries:
            for_all = csv(query, others["anybody"])
            assert HIDDEN_WORD not in for_all, query
            assert HIDDEN not in for_all, query
            assert csv(query, others["stranger"]) == for_all, query
            if csv(query, members.bearer(users.member)) != for_all:
                told_more.add(table.lower())
    assert told_more >= HIDDEN_ROWS


def finished(client: httpx.Client, path: str, headers: dict[str, str]) -> str:
    phase = ""

    def is_over() -> bool:
        nonlocal phase
        phase = client.get(f"{path}/phase", headers=headers).text
        return phase in {"COMPLETED", "ERROR"}

    eventually(is_over)
    return phase


def all_of(client: httpx.Client, path: str, headers: dict[str, str]) -> list[httpx.Response]:
    """Everything that a job says."""
    children = ["", "/phase", "/executionduration", "/destruction", "/parameters", "/parameters/QUERY",
                "/parameters/ID", "/quote", "/owner", "/error", "/results", "/results/result"]  # fmt: skip
    answers = [client.get(f"{path}{child}", headers=headers) for child in children]
    hrefs = re.findall(r'href="([^"]+)"', answers[10].text)
    return answers + [client.get(httpx.URL(one).path, headers=headers) for one in hrefs]


@pytest.mark.parametrize("jobs", JOBS)
def test_no_job_tells_others_anything(
    client: httpx.Client, others: dict[str, dict[str, str]], jobs: str
) -> None:
    for asked in JOBS[jobs]:
        for headers in (others["anybody"], others["stranger"]):
            made = client.post(jobs, data={**asked, "PHASE": "RUN"}, headers=headers)
            path = httpx.URL(made.headers["location"]).path
            finished(client, path, headers)
            for answer in all_of(client, path, headers):
                assert_nothing_is_told(answer, (jobs, asked))


@pytest.mark.parametrize("jobs", JOBS)
def test_a_member_s_job_is_for_nobody_else(
    client: httpx.Client, users: Users, others: dict[str, dict[str, str]], jobs: str
) -> None:
    mine = members.bearer(users.member)
    made = client.post(jobs, data={**JOBS[jobs][-1], "PHASE": "RUN"}, headers=mine)
    path = httpx.URL(made.headers["location"]).path
    assert finished(client, path, mine) == "COMPLETED", client.get(f"{path}/error", headers=mine).text
    words = (HIDDEN_WORD.encode(), members.BYTES_WORD)
    assert any(word in told(answer) for answer in all_of(client, path, mine) for word in words)
    for who, headers in others.items():
        assert path.rpartition("/")[2] not in client.get(jobs, headers=headers).text
        for answer in all_of(client, path, headers):
            assert answer.status_code in {401, 403}, (who, answer.url)
            assert_nothing_is_told(answer, (who, answer.url))
        for method, child in (
            ("DELETE", ""),
            ("POST", "/phase"),
            ("POST", "/destruction"),
            ("POST", "/parameters"),
        ):
            assert client.request(method, f"{path}{child}", headers=headers).status_code in {401, 403}


def test_a_job_reads_what_its_owner_may_when_it_runs(
    client: httpx.Client, filled: tuple[Users, Settings]
) -> None:
    users, settings = filled
    mine = members.bearer(users.member)

    def made() -> str:
        return httpx.URL(client.post("/tap/async", data=ASKED, headers=mine).headers["location"]).path

    def run(path: str) -> str:
        client.post(f"{path}/phase", data={"PHASE": "RUN"}, headers=mine)
        assert finished(client, path, mine) == "COMPLETED"
        return client.get(f"{path}/results/result", headers=mine).text

    before, after = made(), made()
    assert HIDDEN_WORD in run(before)
    with psycopg.connect(settings.database_url or "", autocommit=True) as connection:
        connection.execute("DELETE FROM archive.membership WHERE account = 'ada'")
        try:
            assert HIDDEN_WORD not in run(after)
        finally:
            connection.execute("INSERT INTO archive.membership VALUES ('ada', %s)", [members.GROUP])


def test_an_error_about_somebody_s_credential_tells_nothing_of_the_data(
    client: httpx.Client, others: dict[str, dict[str, str]]
) -> None:
    for who in ("disabled", "expired", "revoked"):
        for path in ("/", "/tap/sync", f"/files/{EXCLUSIVE_URI}", f"/files/{HIDDEN_URI}", "/nothing"):
            assert client.get(path, headers=others[who]).status_code == 401
