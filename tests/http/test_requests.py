"""Requests that are wrong before anything in them is looked at: for whom they are, how packed, and what they are."""

import gzip
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from voserver import logs
from voserver.cli import connection as connection_module
from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = "LANG=ADQL&FORMAT=csv&QUERY=SELECT+TOP+1+obs_id+FROM+ivoa.ObsCore"


def send(served: str, *lines: str) -> tuple[int, str]:
    """Send a request line and headers as they stand; the status and the whole answer."""
    parts = urlsplit(served)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize("path", ["/", "/tap/sync?LANG=ADQL", "/tap/capabilities", "/nowhere"])
@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        ([], "has no Host header"),
        (["a.example", "b.example"], "has 2 Host headers"),
        (["a.example", "a.example"], "has 2 Host headers"),
        ([""], "no name or address of a host"),
        (["a.example/path"], "no name or address"),
        (["user@a.example"], "no name or address"),
        (["a.example, b.example"], "no name or address"),
        (['x"><script>alert(1)</script>'], "no name or address"),
        (["\xe9toile.example"], "no name or address"),
        (["a.example:port"], "no name or address"),
        (["a" * 260], "longer than names of hosts are"),
    ],
)
def test_a_request_that_is_not_clearly_for_one_host_is_refused(
    served: str, path: str, hosts: list[str], words: str
) -> None:
    status, answer = send(served, f"GET {path} HTTP/1.1", *(f"Host: {host}" for host in hosts))
    assert status == 400
    assert words in answer
    assert "Host: archive.example.org" in answer
    assert "<script>" not in answer


@pytest.mark.parametrize(
    "host", ["a.example", "a_b.example:80", "127.0.0.1:8000", "[::1]:8000", "[::1]", "LOCALHOST."]
)
def test_every_kind_of_host_is_answered(served: str, host: str) -> None:
    status, answer = send(served, "GET /tap HTTP/1.1", f"Host: {host}")
    assert status == 200
    assert f"http://{host}/tap".lower() in answer.lower()


def test_http_1_0_needs_no_host(served: str) -> None:
    assert send(served, "GET /tap/availability HTTP/1.0")[0] == 200


@pytest.mark.parametrize("path", ["/%00", "/a%0Ab", "/%1B[2J", "/files/%00", "/files/%C2%9B2J", "/%E2%80%AE"])
def test_what_controls_terminals_is_not_repeated(
    served: str, site_settings: Settings, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    logs.configure(site_settings.model_copy(update={"log_level": "info", "log_format": "text"}))
    try:
        status, answer = send(served, f"GET {path} HTTP/1.1", "Host: a.example")
    finally:
        logs.configure(site_settings)
    assert status == 404
    (logged,) = [line for line in capsys.readouterr().err.splitlines() if "path=" in line]
    told = answer.partition("\r\n\r\n")[2].strip() + logged.strip()
    assert set(re.findall(r"[\x00-\x1f\x7f-\x9f\u202e]", told)) == set()


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "zstd, gzip", "nonsense"])
def test_a_body_that_is_packed_is_refused_by_the_name_of_its_header(ask: Ask, coding: str) -> None:
    headers = {**FORM, "Content-Encoding": coding}
    answer = ask("POST", "/tap/sync", content=gzip.compress(QUERY.encode()), headers=headers)
    assert answer.status_code == 415
    assert f"its Content-Encoding is '{coding.lower()}'" in answer.text.replace("&#x27;", "'").replace(
        "&apos;", "'"
    )
    assert "without Content-Encoding" in answer.text
    assert answer.headers["accept-encoding"] == "identity"


def test_a_body_that_says_that_it_is_not_packed_is_read(ask: Ask) -> None:
    answer = ask("POST", "/tap/sync", content=QUERY, headers={**FORM, "Content-Encoding": "identity"})
    assert answer.status_code == 200


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/octet-stream"])
def test_a_body_of_another_kind_is_refused_and_the_right_ones_are_named(ask: Ask, media_type: str) -> None:
    answer = ask("POST", "/tap/sync", content=QUERY, headers={"Content-Type": media_type})
    assert answer.status_code == 415
    assert "application/x-www-form-urlencoded or multipart/form-data" in answer.text
    assert "accept-encoding" not in answer.headers


BROKEN = {
    "a control character": (b"SELECT %01 FROM t", "control character U+0001"),
    "no UTF-8": (b"SELECT %FF FROM t", "QUERY is not UTF-8"),
    "no percent-encoding": (b"SELECT %zz FROM t", "percent-encoded"),
}
STYLES = [
    (b"csv", "text/plain"),
    (b"json", "application/json"),
    (b"html", "text/html"),
    (b"votable", "application/x-votable+xml"),
    (b"", "application/x-votable+xml"),
]


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize(("format_", "media_type"), STYLES)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_parameter_that_is_no_text_is_told_in_the_form_that_was_asked_for(
    ask: Ask, kind: str, format_: bytes, media_type: str, order: int
) -> None:
    value, words = BROKEN[kind]
    parts = [b"QUERY=" + value.replace(b" ", b"+"), b"FORMAT=" + format_]
    body = b"&".join([b"LANG=ADQL", *parts[:: -1 if order else 1]])
    for answer in (
        ask("POST", "/tap/sync", content=body, headers=FORM),
        ask("GET", httpx.URL(f"http://archive.test/tap/sync?{body.decode()}")),
    ):
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith(media_type)
        assert words in answer.text


def test_a_part_of_a_form_that_is_no_text_is_told_in_the_form_that_was_asked_for(ask: Ask) -> None:
    fields = {"QUERY": (None, b"SELECT \x01"), "LANG": (None, b"ADQL"), "FORMAT": (None, b"csv")}
    answer = ask("POST", "/tap/sync", files=fields)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert answer.text == "QUERY contains the control character U+0001.\n"


def test_an_explanation_that_cannot_be_asked_for_is_refused_in_its_own_form(ask: Ask) -> None:
    answer = ask("GET", httpx.URL("http://archive.test/tap/explain?LANG=ADQL&QUERY=%01&FORMAT=text"))
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_a_query_that_cannot_be_read_and_a_format_that_is_unknown_are_told_one_at_a_time(ask: Ask) -> None:
    answer = ask("GET", httpx.URL("http://archive.test/tap/sync?LANG=ADQL&QUERY=%01&FORMAT=votabel"))
    assert answer.status_code == 400
    assert "Did you mean votable?" in answer.text


def exchange(served: str, *pieces: bytes) -> tuple[int, str]:
    """Send bytes as they stand; the status and the whole answer."""
    parts = urlsplit(served)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_url_that_is_too_long_for_the_server_is_refused_in_words(served: str, size: int) -> None:
    line = b"GET /tap/sync?QUERY=" + b"x" * size + b" HTTP/1.1\r\nHost: a.example\r\n\r\n"
    status, answer = exchange(served, line)
    assert status == 414
    assert "65,535 bytes at most" in answer
    assert "POST" in answer


def test_a_long_url_that_the_server_takes_is_refused_in_words(served: str) -> None:
    status, answer = send(served, f"GET /tap/sync?QUERY={'x' * 62_000} HTTP/1.1", "Host: a.example")
    assert status == 413
    assert "60 KiB at most" in answer
    assert "by POST" in answer


@pytest.mark.parametrize("ends", [True, False])
def test_a_head_that_is_too_long_is_refused_in_words(served: str, *, ends: bool) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(600))
    status, answer = exchange(served, b"GET / HTTP/1.1\r\nHost: a.example\r\n", headers, b"\r\n" * ends)
    assert status == 431
    assert "128 KiB at most" in answer


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01 TLS", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_refused(served: str, garbage: bytes) -> None:
    status, answer = exchange(served, garbage)
    assert status == 400
    assert "no HTTP request" in answer


@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nHost: a.ex", b"\r\n", b"G"])
def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(
    served: str, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(connection_module, "_HEAD_SECONDS", 0.2)
    status, answer = exchange(served, beginning)
    assert status == 408
    assert "did not come within" in answer


def test_a_connection_without_a_request_is_closed(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_HEAD_SECONDS", 0.2)
    parts = urlsplit(served)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as connection:
        assert connection.recv(1) == b""
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as connection:
        connection.sendall(b"HEAD /tap/availability HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"\r\n")
        assert connection.recv(1) == b""


def test_who_sends_to_the_end_before_listening_hears_why_the_request_was_refused(served: str) -> None:
    # urllib says "Connection: close", so the server closes: with bytes unread, that would break the connection.
    part = b'--x\r\nContent-Disposition: form-data; name="QUERY"\r\n\r\n' + b"x" * (24 * 1024**2)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(f"{served}/tap/sync", part, headers), timeout=60)
    with refused.value as answer:
        assert answer.code == 413
        assert b"'QUERY' is too long" in answer.read()


def test_who_listens_while_sending_hears_at_once_why_the_request_was_refused(served: str) -> None:
    parts = urlsplit(served)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as connection:
        head = f"POST /nowhere HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 1000\r\n\r\nQ"
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 404"
