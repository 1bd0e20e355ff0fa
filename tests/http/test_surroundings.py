"""What holds for every path: CORS, HEAD, no redirects, pages, files, metrics, the log."""

import json
import re
from collections.abc import Callable

import httpx
import pytest

from voserver import logs
from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
PATHS = [
    "/",
    "/tap",
    "/tap/",
    "/tap/capabilities",
    "/tap/tables",
    "/tap/availability",
    "/tap/examples",
    "/metrics",
]


@pytest.mark.parametrize("path", PATHS)
def test_get_and_head_are_answered_alike_and_for_every_origin(ask: Ask, path: str) -> None:
    got = ask("GET", path)
    assert got.status_code == 200
    assert got.headers["access-control-allow-origin"] == "*"
    assert ask("HEAD", path).status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/tap/sync", "/files/x", "/nowhere"])
def test_options_allow_what_is_done_from_anywhere(ask: Ask, path: str) -> None:
    answer = ask("OPTIONS", path, headers={"Access-Control-Request-Headers": "x-test"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "x-test"


@pytest.mark.parametrize(
    "path", ["/tap/sync/", "/tap/capabilities/", "/nowhere", "/tap/async/", "/tap/tables/a/b"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_is_not_here_is_404_and_never_a_redirect(ask: Ask, method: str, path: str) -> None:
    answer = ask(method, path)
    assert answer.status_code == 404
    assert answer.text == f"There is nothing at {path}.\n"


def test_a_browser_is_told_of_errors_by_a_page(ask: Ask) -> None:
    answer = ask("GET", "/<b>nowhere", headers={"Accept": "text/html,application/xhtml+xml"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<b>" not in answer.text


def test_the_pages_show_the_way(ask: Ask) -> None:
    landing, tap = ask("GET", "/"), ask("GET", "/tap")
    assert "http://archive.test/tap" in landing.text
    assert "ivoa.ObsCore" in tap.text
    assert "<script" not in landing.text + tap.text


def test_a_hostile_host_header_ends_in_no_markup(ask: Ask) -> None:
    answer = ask("GET", "/", headers={"Host": 'x"><script>alert(1)</script>'})
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 10000 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Sat, 01 Jan 0001 00:00:00 +2359",
        "Mon, 99 Foo 2026 25:61:61 GMT",
        "Mon, 01 Jan 2026 00:00:00 +9999999999",
        "\x01",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/tap/tables", "/tap/capabilities"])
def test_a_date_that_no_calendar_has_is_no_fault_of_the_service(ask: Ask, path: str, date: str) -> None:
    answer = ask("GET", path, headers={"If-Modified-Since": date})
    assert answer.status_code == (304 if "9999 " in date and "-" in date else 200)


def test_metrics_count_requests_and_rows_by_few_labels(ask: Ask, query: Ask) -> None:
    assert query("SELECT TOP 3 obs_id FROM ivoa.ObsCore", FORMAT="tsv").status_code == 200
    ask("GET", "/nowhere/at/all")
    text = ask("GET", "/metrics").text
    assert 'voserver_requests_total{endpoint="tap_sync",method="POST",status="200"}' in text
    assert 'voserver_requests_total{endpoint="other",method="GET",status="404"}' in text
    assert 'voserver_rows_total{format="TSV"}' in text
    assert "voserver_running_queries 0.0" in text
    assert "/nowhere" not in text
    assert re.search(r'^voserver_jobs\{phase="COMPLETED"\} \d', text, re.MULTILINE)


def test_a_request_id_is_kept_where_it_is_one_and_made_where_not(ask: Ask) -> None:
    assert ask("GET", "/", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = ask("GET", "/", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"]
    assert made != "a b\tc"
    assert len(made) == 16


def test_the_access_log_has_one_line_that_tells_no_secret(
    ask: Ask, site_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(site_settings.model_copy(update={"log_level": "info", "log_format": "json"}))
    try:
        asked = {
            "LANG": "ADQL",
            "QUERY": "SELECT TOP 2 obs_id FROM ivoa.ObsCore",
            "FORMAT": "csv",
            "RUNID": "r1",
        }
        ask("GET", "/tap/sync", params=asked, headers={"Cookie": "session=secret"})
    finally:
        logs.configure(site_settings)
    (line,) = [
        json.loads(text) for text in capsys.readouterr().err.splitlines() if '"path": "/tap/sync"' in text
    ]
    assert line["method"] == "GET"
    assert (line["status"], line["rows"], line["runid"], len(line["query"])) == (200, 2, "r1", 12)
    assert line["bytes"] > 0
    assert line["ms"] > 0
    assert len(line["request_id"]) == 16
    assert "secret" not in json.dumps(line)
    assert "SELECT" not in json.dumps(line)


def test_the_access_log_tells_the_status_of_what_failed_as_a_number(
    ask: Ask, site_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(site_settings.model_copy(update={"log_level": "info", "log_format": "text"}))
    try:
        ask("GET", "/tap/sync", params={"LANG": "none"})
    finally:
        logs.configure(site_settings)
    (line,) = [text for text in capsys.readouterr().err.splitlines() if "path=/tap/sync" in text]
    assert "status=400 " in f"{line} "
