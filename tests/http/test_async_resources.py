"""The resources of jobs, as UWS 1.1 has them, without a worker: what is queued stays so."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from lxml import etree
from starlette.requests import Request

from voserver.model.identity import Identity
from voserver.protocols.site import Site
from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
ORIGIN = "http://archive.test"
JOBS = f"{ORIGIN}/tap/async"
QUERY = {"LANG": "ADQL", "QUERY": "SELECT TOP 5 obs_id FROM ivoa.ObsCore"}
UWS = {"uws": "http://www.ivoa.net/xml/UWS/v1.0", "xlink": "http://www.w3.org/1999/xlink"}
CHILDREN = [
    "phase", "executionduration", "destruction", "parameters", "quote", "owner", "results", "error", "results/result",
]  # fmt: skip


def made(ask: Ask, **parameters: str) -> str:
    """A new job's path."""
    answer = ask("POST", "/tap/async", data={**QUERY, **parameters})
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert re.fullmatch(rf"{JOBS}/[0-9a-f]{{32}}", location)
    return str(location.removeprefix(ORIGIN))


def post(ask: Ask, path: str, **parameters: str) -> httpx.Response:
    return ask("POST", path, data=parameters)


def document(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return etree.fromstring(answer.content)


def value(tree: Any, name: str) -> str | None:
    found = tree.find(f"uws:{name}", UWS)
    assert found is not None, name
    return str(found.text) if found.text else None


def test_a_new_job_waits_and_says_all_about_itself(ask: Ask) -> None:
    path = made(ask, RUNID="mine", MAXREC="3")
    job = document(ask("GET", path))
    assert job.get("version") == "1.1"
    assert [etree.QName(child).localname for child in job] == [
        "jobId", "runId", "ownerId", "phase", "quote", "creationTime", "startTime", "endTime",
        "executionDuration", "destruction", "parameters", "results",
    ]  # fmt: skip
    assert value(job, "jobId") == path.rsplit("/", 1)[1]
    assert (value(job, "runId"), value(job, "phase"), value(job, "ownerId")) == ("mine", "PENDING", None)
    assert job.find("uws:ownerId", UWS).get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    assert {one.get("id"): one.text for one in job.iterfind(".//uws:parameter", UWS)} == {
        **QUERY,
        "MAXREC": "3",
    }
    for name in ("creationTime", "destruction"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value(job, name) or "")


def test_every_child_has_its_own_answer(ask: Ask) -> None:
    path = made(ask)
    answers = {child: ask("GET", f"{path}/{child}") for child in CHILDREN}
    statuses = {child: answer.status_code for child, answer in answers.items()}
    assert statuses == dict.fromkeys(CHILDREN, 200) | {"error": 404, "results/result": 404}
    assert "PENDING" in answers["error"].text
    texts = ("phase", "executionduration", "destruction", "quote", "owner")
    assert all(answers[child].headers["content-type"].startswith("text/plain") for child in texts)
    assert (answers["phase"].text, answers["owner"].text, answers["quote"].text) == ("PENDING", "", "")
    assert document(answers["results"]).findall("uws:result", UWS) == []


@pytest.mark.parametrize("child", ["", *(f"/{child}" for child in CHILDREN)])
def test_there_is_nothing_of_a_job_that_is_not(ask: Ask, child: str) -> None:
    answer = ask("GET", f"/tap/async/0123{child}")
    assert answer.status_code == 404
    assert "There is no job 0123." in answer.text


@pytest.mark.parametrize("child", ["quote", "owner", "error", "results", "results/result"])
def test_what_only_can_be_read_takes_no_post(ask: Ask, child: str) -> None:
    answer = post(ask, f"{made(ask)}/{child}", PHASE="RUN")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_run_queues_a_job_once(ask: Ask) -> None:
    path = made(ask)
    started = post(ask, f"{path}/phase", PHASE="RUN")
    assert (started.status_code, started.headers["location"]) == (303, f"{ORIGIN}{path}")
    assert ask("GET", f"{path}/phase").text == "QUEUED"
    again = post(ask, f"{path}/phase", PHASE="RUN")
    assert again.status_code == 403
    assert "The job is QUEUED" in again.text


def test_a_job_may_be_made_running(ask: Ask) -> None:
    assert ask("GET", f"{made(ask, PHASE='RUN')}/phase").text == "QUEUED"
    refused = ask("POST", "/tap/async", data={**QUERY, "PHASE": "HELD"})
    assert refused.status_code == 400


@pytest.mark.parametrize("phase", ["", "RUN"])
def test_abort_ends_a_job_and_a_second_time_does_no_harm(ask: Ask, phase: str) -> None:
    path = made(ask, PHASE=phase)
    for _ in range(2):
        assert post(ask, f"{path}/phase", PHASE="ABORT").status_code == 303
        assert ask("GET", f"{path}/phase").text == "ABORTED"
    assert value(document(ask("GET", path)), "endTime")
    late = post(ask, f"{path}/phase", PHASE="RUN")
    assert late.status_code == 403


@pytest.mark.parametrize(
    ("child", "parameters", "words"),
    [
        ("/phase", {"PHASE": "SUSPENDED"}, "RUN or ABORT"),
        ("/phase", {}, "PHASE is missing"),
        ("/executionduration", {"EXECUTIONDURATION": "soon"}, "not a number of seconds"),
        ("/executionduration", {"EXECUTIONDURATION": "-1"}, "not a number of seconds"),
        ("/executionduration", {}, "EXECUTIONDURATION is missing"),
        ("/destruction", {"DESTRUCTION": "tomorrow"}, "is not a time"),
        ("", {"PHASE": "RUN"}, "ACTION=DELETE"),
        ("", {"ACTION": "EXPLODE"}, "not known"),
    ],
)
def test_what_makes_no_sense_is_told_so(ask: Ask, child: str, parameters: dict[str, str], words: str) -> None:
    answer = post(ask, f"{made(ask)}{child}", **parameters)
    assert answer.status_code == 400
    assert words in answer.text


@pytest.mark.parametrize("asked", ["WAIT=soon", "PHASE=DONE", "WAIT=1.5"])
def test_a_job_is_not_asked_for_nonsense(ask: Ask, asked: str) -> None:
    assert ask("GET", f"{made(ask)}?{asked}").status_code == 400


@pytest.mark.parametrize("asked", ["LAST=0", "LAST=some", "AFTER=noon", "PHASE=DONE"])
def test_a_list_is_not_asked_for_nonsense(ask: Ask, asked: str) -> None:
    assert ask("GET", f"/tap/async?{asked}").status_code == 400


@pytest.mark.parametrize(("asked", "given"), [("60", "60"), ("0", "86400"), ("9" * 30, "86400")])
def test_the_time_limit_can_be_changed_within_the_service_s(ask: Ask, asked: str, given: str) -> None:
    path = made(ask)
    assert ask("GET", f"{path}/executionduration").text == "3600"
    changed = post(ask, f"{path}/executionduration", EXECUTIONDURATION=asked)
    assert (changed.status_code, changed.headers["location"]) == (303, f"{ORIGIN}{path}")
    assert ask("GET", f"{path}/executionduration").text == given


def test_destruction_can_be_sooner_but_not_later_than_the_service_allows(ask: Ask) -> None:
    path = made(ask)
    latest = ask("GET", f"{path}/destruction").text
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for asked, given in ((soon, soon.replace("Z", ".000Z")), ("2999-01-01T00:00:00", latest)):
        assert post(ask, f"{path}/destruction", DESTRUCTION=asked).status_code == 303
        assert ask("GET", f"{path}/destruction").text == given


def test_parameters_can_be_given_until_the_job_is_started(ask: Ask) -> None:
    answer = ask("POST", "/tap/async")
    path = answer.headers["location"].removeprefix(ORIGIN)
    assert post(ask, f"{path}/parameters", **QUERY).status_code == 303
    assert post(ask, f"{path}/parameters", query="SELECT 1", UPLOAD="a,param:b").status_code == 303
    assert post(ask, f"{path}/parameters", UPLOAD="c,param:d", RUNID="again").status_code == 303
    assert value(document(ask("GET", path)), "runId") == "again"
    given = document(ask("GET", f"{path}/parameters")).findall("uws:parameter", UWS)
    assert [(one.get("id"), one.text) for one in given] == [
        ("LANG", "ADQL"), ("QUERY", "SELECT 1"), ("UPLOAD", "a,param:b"), ("UPLOAD", "c,param:d"),
    ]  # fmt: skip
    post(ask, f"{path}/phase", PHASE="RUN")
    late = post(ask, f"{path}/parameters", MAXREC="1")
    assert late.status_code == 403
    assert "can no longer be changed" in late.text
    assert post(ask, f"{path}/phase", PHASE="ABORT").status_code == 303


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_deleted_job_is_gone(ask: Ask, method: str) -> None:
    path = made(ask, PHASE="RUN")
    gone = ask(method, path, data={"ACTION": "DELETE"} if method == "POST" else None)
    assert (gone.status_code, gone.headers["location"]) == (303, JOBS)
    assert ask("GET", path).status_code == 404
    assert ask("DELETE", path).status_code == 404


def test_a_wait_ends_when_its_time_is_over_or_the_phase_is_another(ask: Ask) -> None:
    path = made(ask)
    began = time.monotonic()
    assert value(document(ask("GET", path, params={"WAIT": "1"})), "phase") == "PENDING"
    assert time.monotonic() - began >= 0.9
    assert value(document(ask("GET", path, params={"WAIT": "-1", "PHASE": "QUEUED"})), "phase") == "PENDING"
    post(ask, f"{path}/phase", PHASE="ABORT")
    assert value(document(ask("GET", path, params={"WAIT": "-1"})), "phase") == "ABORTED"


def test_characters_that_no_xml_can_hold_do_not_break_the_documents(ask: Ask) -> None:
    path = made(ask, QUERY="SELECT '\ufffe<&\U0001f52d'", RUNID="\uffff")
    parameters = document(ask("GET", path)).findall(".//uws:parameter", UWS)
    assert "SELECT '\ufffd<&\U0001f52d'" in [one.text for one in parameters]
    document(ask("GET", f"{path}/parameters"))


def test_nobody_s_jobs_are_in_no_list(ask: Ask) -> None:
    made(ask)
    jobs = document(ask("GET", "/tap/async"))
    assert jobs.get("version") == "1.1"
    assert len(jobs) == 0


@pytest.fixture
def as_user(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Stands in for accounts: who asks is who a header says."""

    def identify(_: Site, request: Request) -> Identity:
        return Identity(request.headers.get("x-test-user"))

    monkeypatch.setattr(Site, "identify", identify)
    return lambda user, method, path, **options: ask(method, path, headers={"X-Test-User": user}, **options)


def test_who_has_signed_in_sees_his_own_jobs_and_nobody_else_does(as_user: Ask, ask: Ask) -> None:
    def of(user: str, **asked: str) -> list[str]:
        jobs = document(as_user(user, "GET", "/tap/async", params=asked))
        return [one.get("id") for one in jobs.findall("uws:jobref", UWS)]

    paths = [as_user("ann", "POST", "/tap/async", data=QUERY).headers["location"] for _ in range(3)]
    first, second, third = (path.rsplit("/", 1)[1] for path in paths)
    assert of("ann") == [third, second, first]
    assert of("ben") == []
    assert of("ann", LAST="2") == [third, second]
    as_user("ann", "POST", f"/tap/async/{first}/phase", data={"PHASE": "ABORT"})
    assert of("ann", PHASE="ABORTED") == [first]
    assert of("ann", PHASE="PENDING", LAST="1") == [third]
    job = document(as_user("ann", "GET", f"/tap/async/{second}"))
    assert value(job, "ownerId") == "ann"
    assert of("ann", AFTER=value(job, "creationTime") or "") == [third]
    assert as_user("ann", "GET", f"/tap/async/{second}/owner").text == "ann"
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/phase"), ("GET", "/results/result")):
        assert as_user("ben", method, f"/tap/async/{second}{path}").status_code == 403
        assert ask(method, f"/tap/async/{second}{path}").status_code == 403


def test_who_has_signed_in_may_have_more(as_user: Ask, ask: Ask, site_settings: Settings) -> None:
    """Rows at once, and seconds of a job; four times as much, if the operator says nothing else."""
    many = "SELECT a.column_name FROM TAP_SCHEMA.columns AS a, TAP_SCHEMA.columns AS b"
    asked = {"LANG": "ADQL", "QUERY": many, "FORMAT": "csv"}
    rows = site_settings.default_maxrec
    assert ask("POST", "/tap/sync", data=asked).text.count("\n") == rows + 1
    assert as_user("ann", "POST", "/tap/sync", data=asked).text.count("\n") == 4 * rows + 1
    most = site_settings.async_hard_timeout
    for owner, seconds in ((None, most), ("ann", 4 * most)):
        send = ask if owner is None else partial(as_user, owner)
        path = send("POST", "/tap/async", data=QUERY).headers["location"].removeprefix("http://archive.test")
        send("POST", f"{path}/executionduration", data={"EXECUTIONDURATION": "0"})
        assert send("GET", f"{path}/executionduration").text == str(seconds)


@pytest.mark.usefixtures("as_user")
def test_too_many_jobs_at_once_are_told_when_to_come_back(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> None:
    running = {**QUERY, "PHASE": "RUN"}
    with (
        serve(site_settings.model_copy(update={"jobs_busy": 2})) as url,
        httpx.Client(base_url=url, headers={"X-Test-User": "carl"}) as client,
    ):
        first, second = (client.post("/tap/async", data=running).headers["location"] for _ in range(2))
        busy = client.post("/tap/async", data=running)
        assert busy.status_code == 429
        assert int(busy.headers["retry-after"]) > 0
        assert "2 of your jobs are waiting or running" in busy.text
        waiting = client.post("/tap/async", data=QUERY).headers["location"]
        assert client.post(f"{waiting}/phase", data={"PHASE": "RUN"}).status_code == 429
        client.delete(first)
        client.post(f"{second}/phase", data={"PHASE": "ABORT"})
        assert client.post(f"{waiting}/phase", data={"PHASE": "RUN"}).status_code == 303


def test_what_many_requests_make_of_a_job_is_bounded(ask: Ask, site_settings: Settings) -> None:
    path = made(ask)
    for part in range(2):
        some = {f"X{part}_{number}": "y" for number in range(150)}
        answer = ask("POST", f"{path}/parameters", data=some)
        assert answer.status_code == (303, 400)[part]
    assert "It may have 200 of 2,000,000 characters." in answer.text
    path = made(ask)
    for number in range(60):
        answer = ask("POST", f"{path}/parameters", files={f"file{number}": b"1,2"})
        if answer.status_code != 303:
            break
    assert "This job has brought 40 files of 120 bytes, and may bring no more." in answer.text
    assert str(f"{site_settings.upload_bytes:,} bytes") in answer.text


@pytest.mark.parametrize("name", ["%00", "a%00", "..", "x" * 32, "0" * 31, "%2e%2e%2fetc"])
def test_a_name_that_no_job_has_is_not_found(ask: Ask, name: str) -> None:
    assert ask("GET", f"/tap/async/{name}/phase").status_code == 404
