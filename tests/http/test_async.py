"""Queries as jobs, as clients work with them over a real socket."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest
import pyvo
from astropy.table import Table
from lxml import etree
from obstore.store import LocalStore
from pyvo.dal import DALQueryError, TAPService

from tests.http.long_queries import ENDLESS, MANY
from tests.waiting import eventually
from voserver.app import create_app
from voserver.jobs.results import ResultStore
from voserver.settings import Settings

FIVE = "SELECT TOP 5 obs_id, s_ra FROM ivoa.ObsCore ORDER BY obs_id"


@pytest.fixture(scope="module")
def working(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    """A server that runs jobs itself."""
    with serve(
        site_settings.model_copy(update={"workers_embedded": True, "job_lease": 3, "estimate_limit": 0})
    ) as url:
        yield url


@pytest.fixture(scope="module")
def tap(working: str) -> TAPService:
    return pyvo.dal.TAPService(f"{working}/tap")


def test_pyvo_runs_a_query_as_a_job(tap: TAPService) -> None:
    found = tap.run_async(FIVE)
    assert len(found) == 5
    assert found.fieldnames == ("obs_id", "s_ra")


def test_pyvo_is_told_why_a_job_failed(tap: TAPService) -> None:
    with pytest.raises(DALQueryError, match="There is no column nothing"):
        tap.run_async("SELECT nothing FROM ivoa.ObsCore")


def test_a_job_made_by_hand(working: str) -> None:
    asked = {"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "csv"}
    made = httpx.post(f"{working}/tap/async", data=asked)
    assert made.status_code == 303
    job = made.headers["location"]
    assert httpx.get(f"{job}/phase").text == "PENDING"
    assert httpx.post(f"{job}/phase", data={"PHASE": "RUN"}).headers["location"] == job
    ended = httpx.get(job, params={"WAIT": "30"}, timeout=60)
    while "QUEUED" in ended.text or "EXECUTING" in ended.text:
        ended = httpx.get(job, params={"WAIT": "30"}, timeout=60)
    assert "COMPLETED" in ended.text
    result = httpx.get(f"{job}/results/result")
    assert result.text.count("\n") == 6


def started(url: str, adql: str, **parameters: str) -> str:
    asked = {"LANG": "ADQL", "QUERY": adql, "PHASE": "RUN", **parameters}
    answer = httpx.post(f"{url}/tap/async", data=asked)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def phase_after(job: str, *phases: str) -> str:
    """The phase that follows these."""
    for _ in range(20):
        phase = httpx.get(f"{job}/phase").text
        if phase not in phases:
            return phase
        httpx.get(job, params={"WAIT": "10", "PHASE": phase}, timeout=60)
    pytest.fail(f"the job stays {phase}")


def ended(job: str) -> str:
    return phase_after(job, "QUEUED", "EXECUTING")


def queries_running(database_url: str, words: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND application_name = 'voserver query' AND query LIKE %s",
            [f"%{words}%"],
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("way", ["abort", "delete"])
def test_an_aborted_query_ends_in_the_database_too(working: str, catalogue_url: str, way: str) -> None:
    job = started(working, ENDLESS)
    eventually(lambda: queries_running(catalogue_url, "'x'") == 1)
    assert httpx.get(f"{job}/phase").text == "EXECUTING"
    assert httpx.get(f"{job}/quote").text.endswith("Z")
    if way == "abort":
        httpx.post(f"{job}/phase", data={"PHASE": "ABORT"})
        assert httpx.get(f"{job}/phase").text == "ABORTED"
        assert httpx.get(f"{job}/results/result").status_code == 404
    else:
        assert httpx.delete(job).status_code == 303
        assert httpx.get(job).status_code == 404
    eventually(lambda: queries_running(catalogue_url, "'x'") == 0)
    assert ended(started(working, FIVE)) == "COMPLETED"


@pytest.mark.parametrize("way", ["before", "while rows come"])
def test_a_query_over_its_time_is_told_the_limit_and_how_far_it_came(working: str, way: str) -> None:
    made = httpx.post(
        f"{working}/tap/async",
        data={"LANG": "ADQL", "QUERY": ENDLESS if way == "before" else MANY, "MAXREC": "20000000"},
    )
    job = made.headers["location"]
    httpx.post(f"{job}/executionduration", data={"EXECUTIONDURATION": "1"})
    httpx.post(f"{job}/phase", data={"PHASE": "RUN"})
    assert ended(job) == "ERROR"
    error = httpx.get(f"{job}/error")
    assert (error.status_code, error.headers["content-type"]) == (200, "application/x-votable+xml")
    assert "longer than 1 s" in error.text
    assert "TOP" in error.text
    assert "EXECUTIONDURATION may be up to 1 day" in error.text
    assert ("By then it had returned" in error.text) == (way != "before")
    assert httpx.get(f"{job}/results/result").status_code == 404
    assert "longer than 1 s" in httpx.get(job).text


def test_a_synchronous_query_over_its_time_is_shown_the_way_to_jobs(impatient: str) -> None:
    asked = {"LANG": "ADQL", "QUERY": MANY, "MAXREC": "900000000"}
    answer = httpx.get(f"{impatient}/tap/sync", params=asked, timeout=60).text
    assert "ran longer than 1 s" in answer
    assert "By then it had returned" in answer
    assert f"Or run it as a job, at {impatient}/tap/async: that may take up to 1 day." in answer


def test_an_error_has_the_form_that_was_asked_for(working: str) -> None:
    job = started(working, "SELECT nothing FROM ivoa.ObsCore", FORMAT="csv")
    assert ended(job) == "ERROR"
    error = httpx.get(f"{job}/error")
    assert error.headers["content-type"].startswith("text/plain")
    assert "There is no column nothing" in error.text


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"QUERY": "", "LANG": "ADQL"}, "QUERY is missing"),
        ({"QUERY": FIVE}, "LANG is missing"),
        ({"QUERY": FIVE, "LANG": "SQL"}, "unknown query language"),
        ({"QUERY": FIVE, "LANG": "ADQL", "FORMAT": "excel"}, "not offered"),
        ({"QUERY": FIVE, "LANG": "ADQL", "MAXREC": "many"}, "not a number of rows"),
    ],
)
def test_parameters_are_judged_when_the_job_runs(
    working: str, parameters: dict[str, str], words: str
) -> None:
    made = httpx.post(f"{working}/tap/async", data={**parameters, "PHASE": "RUN"})
    assert made.status_code == 303
    job = made.headers["location"]
    assert ended(job) == "ERROR"
    assert words in httpx.get(f"{job}/error").text


def test_a_result_is_served_with_its_name_size_and_tag_and_in_parts(working: str) -> None:
    job = started(working, FIVE, FORMAT="csv")
    assert ended(job) == "COMPLETED"
    url = f"{job}/results/result"
    whole = httpx.get(url)
    assert whole.headers["content-type"] == "text/csv;header=present"
    assert whole.headers["content-disposition"] == 'inline; filename="result.csv"'
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == len(whole.content)
    assert "content-encoding" not in whole.headers
    head = httpx.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    tag = whole.headers["etag"]
    assert httpx.get(url, headers={"If-None-Match": tag}).status_code == 304
    part = httpx.get(url, headers={"Range": "bytes=3-9", "If-Range": tag})
    assert (part.status_code, part.content) == (206, whole.content[3:10])
    assert part.headers["content-range"] == f"bytes 3-9/{len(whole.content)}"
    assert httpx.get(url, headers={"Range": "bytes=-4"}).content == whole.content[-4:]
    assert httpx.get(url, headers={"Range": "bytes=5-"}).content == whole.content[5:]
    assert httpx.get(url, headers={"Range": "bytes=0-1", "If-Range": '"older"'}).content == whole.content
    assert httpx.get(url, headers={"Range": "bytes=0-1,3-4"}).status_code == 200
    beyond = httpx.get(url, headers={"Range": "bytes=99999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    listed = httpx.get(f"{job}/results").text
    assert f'id="result" xlink:type="simple" xlink:href="{url}" size="{len(whole.content)}"' in listed
    assert httpx.get(f"{job}/results/other").status_code == 404


def test_the_documents_follow_the_schema_of_uws(working: str) -> None:
    folder = Path(__file__).parents[2].parent / "shared" / "standards" / "xsd"
    if not folder.exists():
        pytest.skip("the standards' schemas are not here")
    catalog = etree.parse(str(folder / "UWS-v1.1.xsd"))
    for one in catalog.iterfind("{http://www.w3.org/2001/XMLSchema}import"):
        one.set("schemaLocation", (folder / "rofr-xlink.xsd").as_uri())
    schema = etree.XMLSchema(catalog)
    good, bad = started(working, FIVE), started(working, "SELECT")
    assert (ended(good), ended(bad)) == ("COMPLETED", "ERROR")
    for url in (good, bad, f"{good}/parameters", f"{good}/results", f"{bad}/results", f"{working}/tap/async"):
        schema.assertValid(etree.fromstring(httpx.get(url).content))


def test_a_result_that_overflows_says_so(working: str) -> None:
    job = started(working, "SELECT obs_id FROM ivoa.ObsCore", MAXREC="2")
    assert ended(job) == "COMPLETED"
    assert 'value="OVERFLOW"' in httpx.get(f"{job}/results/result").text
    empty = started(working, FIVE, MAXREC="0")
    assert ended(empty) == "COMPLETED"
    assert 'value="OVERFLOW"' in httpx.get(f"{empty}/results/result").text


def test_a_large_result_comes_whole_and_leaves_nothing_when_its_job_goes(
    working: str, site_settings: Settings
) -> None:
    def files() -> list[Path]:
        return [path for path in (site_settings.data_dir / "results").rglob("*") if path.is_file()]

    before = files()
    job = started(working, MANY, MAXREC="200000", FORMAT="tsv")
    assert ended(job) == "COMPLETED"
    result = httpx.get(f"{job}/results/result", timeout=60)
    assert result.text.count("\n") == 200_001
    assert len(result.content) > 10_000_000
    assert len(files()) == len(before) + 1
    httpx.delete(job)
    assert files() == before


def test_pyvo_uploads_a_table_with_a_job(tap: TAPService) -> None:
    mine = Table({"name": ["a", "b"], "number": [1, 2]})
    found = tap.run_async("SELECT name, number FROM TAP_UPLOAD.mine ORDER BY number", uploads={"mine": mine})
    assert found.to_table()["number"].tolist() == [1, 2]


def test_a_file_that_comes_with_a_job_is_one_of_its_parameters_and_goes_with_it(
    working: str, site_settings: Settings
) -> None:
    def files() -> list[Path]:
        return [path for path in (site_settings.data_dir / "results").rglob("*") if path.is_file()]

    before = files()
    asked = {
        "LANG": "ADQL",
        "QUERY": "SELECT SUM(n) AS s FROM TAP_UPLOAD.t",
        "FORMAT": "csv",
        "UPLOAD": "t,param:My.File",
    }
    made = httpx.post(f"{working}/tap/async", data=asked, files={"My.File": ("t.csv", b"n\n1\n2\n")})
    job = made.headers["location"]
    assert httpx.get(f"{job}/phase").text == "PENDING"
    assert 'byReference="true" id="My.File"' in httpx.get(f"{job}/parameters").text
    assert f">{job}/parameters/My.File<" in httpx.get(job).text
    assert httpx.get(f"{job}/parameters/My.File").text == "n\n1\n2\n"
    assert httpx.get(f"{job}/parameters/query").text == asked["QUERY"]
    assert httpx.get(f"{job}/parameters/other").status_code == 404
    another = httpx.post(
        f"{job}/parameters", data={"FORMAT": "csv"}, files={"My.File": ("t.csv", b"n\n3\n4\n")}
    )
    assert another.status_code == 303
    httpx.post(f"{job}/phase", data={"PHASE": "RUN"})
    assert ended(job) == "COMPLETED"
    assert httpx.get(f"{job}/results/result").text.split() == ["s", "7"]
    httpx.delete(job)
    eventually(lambda: files() == before)


def test_a_file_is_found_under_its_parts_name_whatever_that_is(working: str) -> None:
    files = {"a/b ?.csv": ("t.csv", b"n\n1\n")}
    job = httpx.post(f"{working}/tap/async", files=files).headers["location"]
    shown = etree.fromstring(httpx.get(f"{job}/parameters").content)
    assert [httpx.get(str(url).strip()).text for url in shown.itertext() if url.strip()] == ["n\n1\n"]


@pytest.mark.parametrize(
    ("upload", "words"),
    [("t,param:nothing", "which is not there"), ("t", "UPLOAD"), ("t,file:///etc/passwd", "UPLOAD")],
)
def test_an_upload_that_makes_no_sense_fails_the_job(working: str, upload: str, words: str) -> None:
    job = started(working, "SELECT * FROM TAP_UPLOAD.t", UPLOAD=upload)
    assert ended(job) == "ERROR"
    assert words in httpx.get(f"{job}/error").text


def test_a_result_whose_file_is_lost_is_not_there(working: str, site_settings: Settings) -> None:
    job = started(working, FIVE)
    assert ended(job) == "COMPLETED"
    shutil.rmtree(site_settings.data_dir / "results" / job.rsplit("/", 1)[1])
    answer = httpx.get(f"{job}/results/result")
    assert answer.status_code == 404
    assert "no longer there" in answer.text
    assert httpx.delete(job).status_code == 303


def test_a_job_is_deleted_at_its_destruction_time(working: str) -> None:
    job = started(working, FIVE)
    assert ended(job) == "COMPLETED"
    httpx.post(f"{job}/destruction", data={"DESTRUCTION": "2020-01-01T00:00:00Z"})
    eventually(lambda: httpx.get(job).status_code == 404)


def test_a_job_whose_file_cannot_be_kept_is_none(site_settings: Settings, catalogue_url: str) -> None:
    async def tried() -> httpx.Response:
        app = create_app(site_settings)
        # A directory that is a file: nothing can be written below it.
        app.state.site.jobs.results = ResultStore(LocalStore("/dev/null"))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://archive.test") as client:
                data = {"LANG": "ADQL", "QUERY": "SELECT * FROM tap_upload.t", "UPLOAD": "t,param:t"}
                return await client.post("/tap/async", data=data, files={"t": ("t.csv", b"n\n1\n")})

    with psycopg.connect(catalogue_url) as connection:
        before = connection.execute("SELECT count(*) FROM archive.job").fetchone()
        answer = asyncio.run(tried())
        assert answer.status_code == 503
        assert "could not be stored" in answer.text
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM archive.job").fetchone() == before
