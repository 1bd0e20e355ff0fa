import csv
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from lxml import etree

from voserver.serializers import FORMATS

Ask = Callable[..., httpx.Response]
FIVE = "SELECT TOP 5 obs_id, s_ra FROM ivoa.ObsCore ORDER BY obs_id"
ALL = "SELECT obs_id FROM ivoa.ObsCore"
VOTABLE = "application/x-votable+xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def statuses(body: bytes) -> list[str]:
    """The values of every QUERY_STATUS in a VOTable, in order."""
    infos = etree.fromstring(body).iter("{http://www.ivoa.net/xml/VOTable/v1.3}INFO")
    return [str(info.get("value")) for info in infos if info.get("name") == "QUERY_STATUS"]


def rows(response: httpx.Response) -> int:
    return len(list(csv.reader(io.StringIO(response.text)))) - 1


@pytest.mark.parametrize("language", ["ADQL", "ADQL-2.0", "ADQL-2.1", "adql"])
def test_a_query_by_get_is_answered_as_tabledata(ask: Ask, language: str) -> None:
    answer = ask("GET", "/tap/sync", params={"LANG": language, "QUERY": FIVE})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == VOTABLE
    assert answer.headers["content-disposition"] == 'inline; filename="result.vot"'
    assert answer.text.count("<TR>") == 5
    assert statuses(answer.content) == ["OK"]


def test_names_in_any_case_unknown_parameters_and_the_request_of_tap_1_0_do_no_harm(ask: Ask) -> None:
    asked = {
        "request": "doQuery",
        "version": "1.0",
        "lang": "ADQL",
        "Query": FIVE,
        "format": "csv",
        "PHASE": "RUN",
    }
    answer = ask("POST", "/tap/sync", data=asked)
    assert answer.status_code == 200
    assert rows(answer) == 5


def test_a_multipart_form_is_answered_like_any_other(ask: Ask) -> None:
    fields = {name: (None, value) for name, value in {"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "csv"}.items()}
    assert rows(ask("POST", "/tap/sync", files=fields)) == 5


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_every_format_answers_by_its_word_and_by_its_media_type(query: Ask, known: Any) -> None:
    for asked in (known.aliases[0], known.media_type):
        answer = query(FIVE, RESPONSEFORMAT=asked)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == f'inline; filename="result.{known.extension}"'
    assert answer.headers["content-type"] == known.media_type


def test_the_formats_hold_the_rows(query: Ask) -> None:
    assert pq.read_table(io.BytesIO(query(FIVE, FORMAT="parquet").content)).num_rows == 5
    assert pa.ipc.open_stream(query(FIVE, FORMAT="arrow").content).read_all().num_rows == 5
    with fits.open(io.BytesIO(query(FIVE, FORMAT="fits").content)) as hdus:
        assert len(hdus[1].data) == 5
    assert "jw02736003" in json.dumps(query(FIVE, FORMAT="json").json())
    assert statuses(query(FIVE, FORMAT="votable/b2").content) == ["OK"]


def test_responseformat_goes_before_format(query: Ask) -> None:
    assert query(FIVE, FORMAT="nonsense", RESPONSEFORMAT="csv").status_code == 200


def test_a_browser_gets_a_page_and_java_does_not(ask: Ask) -> None:
    asked = {"LANG": "ADQL", "QUERY": FIVE}
    page = ask("GET", "/tap/sync", params=asked, headers={"Accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html")
    java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
    assert ask("GET", "/tap/sync", params=asked, headers={"Accept": java}).headers["content-type"] == VOTABLE


@pytest.mark.parametrize(
    ("maxrec", "expected", "overflows"),
    [("59", 59, True), ("60", 60, False), ("61", 60, False), ("1", 1, True), ("20000000", 60, False)],
)
def test_overflow_is_told_exactly(query: Ask, maxrec: str, expected: int, *, overflows: bool) -> None:
    answer = query(ALL, MAXREC=maxrec)
    assert answer.text.count("<TR>") == expected
    assert statuses(answer.content) == (["OK", "OVERFLOW"] if overflows else ["OK"])


def test_maxrec_0_gives_the_columns_and_says_that_there_is_more(query: Ask) -> None:
    answer = query(ALL, MAXREC="0")
    assert answer.text.count("<FIELD") == 1
    assert "<TR>" not in answer.text
    assert statuses(answer.content)[-1] == "OVERFLOW"


def test_top_within_maxrec_is_no_overflow(query: Ask) -> None:
    assert statuses(query(FIVE, MAXREC="5").content) == ["OK"]


def test_a_query_without_rows_is_a_table_without_rows(query: Ask) -> None:
    answer = query("SELECT obs_id FROM ivoa.ObsCore WHERE obs_id = 'none'")
    assert statuses(answer.content) == ["OK"]
    assert "<TR>" not in answer.text


BAD: list[tuple[dict[str, str], int, str]] = [
    ({"QUERY": FIVE}, 400, "LANG is missing"),
    ({"LANG": "PQL", "QUERY": FIVE}, 400, "LANG='PQL' is an unknown query language"),
    ({"LANG": "ADQL"}, 400, "QUERY is missing"),
    ({"LANG": "ADQL", "QUERY": "  "}, 400, "QUERY is missing"),
    ({"LANG": "ADQL", "QUERY": FIVE, "MAXREC": "-1"}, 400, "MAXREC='-1' is not a number of rows"),
    ({"LANG": "ADQL", "QUERY": FIVE, "MAXREC": "many"}, 400, "MAXREC='many' is not a number of rows"),
    ({"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "votabel"}, 400, "Did you mean votable?"),
    ({"LANG": "ADQL", "QUERY": FIVE, "UPLOAD": "t,ftp://localhost/t"}, 400, "which is not read here"),
    ({"LANG": "ADQL", "QUERY": "SELECT"}, 400, "line 1"),
    ({"LANG": "ADQL", "QUERY": "SELECT nothing FROM ivoa.ObsCore"}, 400, "There is no column nothing"),
    ({"LANG": "ADQL", "QUERY": "SELECT * FROM archive.plane"}, 400, "archive.plane"),
    ({"LANG": "ADQL", "QUERY": "DROP TABLE ivoa.ObsCore"}, 400, "line 1"),
    (
        {"LANG": "ADQL", "QUERY": "SELECT 1/(calib_level - calib_level) FROM ivoa.ObsCore"},
        400,
        "divides by zero",
    ),
    ({"LANG": "ADQL", "QUERY": "<script>alert(1)</script>"}, 400, "&lt;script&gt;"),
    ({"LANG": "ADQL", "QUERY": "SELECT '\x01' FROM ivoa.ObsCore"}, 400, "control character U+0001"),
]


@pytest.mark.parametrize(("asked", "status", "words"), BAD)
def test_bad_input_is_refused_with_a_votable_that_says_why(
    ask: Ask, asked: dict[str, str], status: int, words: str
) -> None:
    answer = ask("POST", "/tap/sync", data=asked)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert statuses(answer.content) == ["ERROR"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_what_fails_at_its_first_row_has_a_status_of_its_own_in_every_format(query: Ask, known: Any) -> None:
    answer = query("SELECT 1/(calib_level - calib_level) FROM ivoa.ObsCore", FORMAT=known.aliases[0])
    assert answer.status_code == 400
    assert "divides by zero" in answer.text


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [("csv", "text/plain"), ("parquet", "text/plain"), ("json", "application/json"), ("html", "text/html"),
     ("votable/b2", VOTABLE), ("text/xml", VOTABLE)],
)  # fmt: skip
def test_an_error_takes_the_form_that_was_asked_for(query: Ask, format_: str, media_type: str) -> None:
    answer = query("SELECT <b> FROM t", FORMAT=format_)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith(media_type)
    if media_type == "application/json":
        assert answer.json()["status"] == 400
    if media_type == "text/html":
        assert "<b>" not in answer.text


def test_a_repeated_parameter_is_refused(ask: Ask) -> None:
    answer = ask("GET", "/tap/sync?LANG=ADQL&LANG=ADQL&QUERY=x")
    assert answer.status_code == 400
    assert "LANG was given 2 times" in answer.text


@pytest.mark.parametrize(
    ("url", "words"), [("/tap/sync?LANG=%zz", "percent-encoded"), ("/tap/sync?LANG=%FF", "not UTF-8")]
)
def test_nonsense_in_the_url_is_refused(ask: Ask, url: str, words: str) -> None:
    answer = ask("GET", httpx.URL(f"http://archive.test{url}"))
    assert answer.status_code == 400
    assert words in answer.text


def test_head_has_the_headers_and_runs_nothing(ask: Ask) -> None:
    answer = ask("HEAD", "/tap/sync", params={"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv;header=present"
    assert answer.content == b""


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_the_right_ones_named(ask: Ask, method: str) -> None:
    answer = ask(method, "/tap/sync")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert "takes GET, HEAD, POST" in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


def test_gzip_only_for_those_who_ask_and_not_for_what_is_packed(ask: Ask) -> None:
    asked = {"LANG": "ADQL", "QUERY": "SELECT * FROM ivoa.ObsCore", "FORMAT": "csv"}
    plain = ask("GET", "/tap/sync", params=asked, headers={"Accept-Encoding": "identity"})
    packed = ask("GET", "/tap/sync", params=asked, headers={"Accept-Encoding": "gzip"})
    refused = ask("GET", "/tap/sync", params=asked, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    parquet = ask(
        "GET", "/tap/sync", params=asked | {"FORMAT": "parquet"}, headers={"Accept-Encoding": "gzip"}
    )
    assert "content-encoding" not in parquet.headers


def test_what_is_not_public_is_not_found(query: Ask) -> None:
    assert rows(query("SELECT schema_name FROM TAP_SCHEMA.schemas", FORMAT="csv")) >= 4
    assert query("SELECT * FROM pg_catalog.pg_class").status_code == 400
