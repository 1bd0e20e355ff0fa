"""Tables that lie elsewhere: fetched within limits, and never from within the operator's own network."""

import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typing_extensions import override

from voserver.model.errors import UsageError
from voserver.uploads import Limits
from voserver.uploads.fetching import Allowed, Fetcher, is_public

HERE = Allowed.read("127.0.0.1")
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """A server that answers every GET by a function, as its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def elsewhere() -> Callable[[Answer], AbstractContextManager[str]]:
    return answering


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def fetch(url: str, fetcher: Fetcher | None = None) -> bytes:
    into = io.BytesIO()
    size = (fetcher or Fetcher(Limits(), 5, HERE)).fetch(url, into)
    assert size == len(into.getvalue())
    return into.getvalue()


def refused(url: str, fetcher: Fetcher | None = None) -> str:
    with pytest.raises(UsageError) as error:
        fetch(url, fetcher)
    return error.value.message


def test_what_lies_at_a_url_is_fetched() -> None:
    with answering(lambda handler: send(handler, handler.path.encode())) as url:
        assert fetch(f"{url}/a/b?c=d#e") == b"/a/b?c=d"
        assert fetch(url) == b"/"


def test_redirects_are_followed_as_often_as_is_reasonable() -> None:
    def count_down(handler: BaseHTTPRequestHandler) -> None:
        left = int(handler.path[1:])
        send(handler, b"there", 302 if left else 200, Location=f"/{left - 1}")

    with answering(count_down) as url:
        assert fetch(f"{url}/5") == b"there"
        assert "more than 5 redirects" in refused(f"{url}/6")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0/",
    ],
)
def test_a_redirect_into_the_network_is_not_followed(target: str) -> None:
    with answering(lambda handler: send(handler, b"", 302, Location=target)) as url:
        assert "not public" in refused(url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_a_redirect_to_something_else_is_not_followed(target: str) -> None:
    with answering(lambda handler: send(handler, b"", 302, Location=target)) as url:
        assert "is not a URL that a table is fetched from" in refused(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.0.0.1:5432/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::]/",
        "http://192.168.0.1/",
        "https://172.16.0.1/",
    ],
)
def test_nobody_is_sent_into_the_network(url: str) -> None:
    assert "not public" in refused(url, Fetcher(Limits(), 2))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("100.64.0.1", False), ("169.254.169.254", False), ("192.168.1.1", False), ("0.0.0.0", False),
        ("224.0.0.1", False), ("255.255.255.255", False), ("240.0.0.1", False), ("::1", False), ("fe80::1", False),
        ("fc00::1", False), ("ff02::1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("2001:db8::1", False),
        ("192.88.99.1", False), ("192.0.0.8", False), ("fec0::1", False), ("3fff::1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, *, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_the_address_that_was_judged_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means a public address first, and the network's own the next time, leads nowhere else."""
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "203.0.114.5" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert "ConnectionRefusedError" in refused("http://rebinding.example/t.vot", Fetcher(Limits(), 2))
    assert asked == ["rebinding.example"]
    assert connected == [("203.0.114.5", 80)]


def test_a_host_with_one_private_address_among_public_ones_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_up(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("8.8.8.8", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert "not public" in refused("http://mixed.example/", Fetcher(Limits(), 2))


def test_an_operator_allows_hosts_and_networks() -> None:
    allowed = Allowed.read("archive.local, 10.1.0.0/16 fd00::/8")
    address = ipaddress.ip_address
    assert allowed.admits("ARCHIVE.local.", address("192.168.0.1"))
    assert allowed.admits("x", address("10.1.2.3"))
    assert allowed.admits("x", address("fd00::5"))
    assert not allowed.admits("x", address("10.2.0.1"))


def test_too_much_is_not_read() -> None:
    sent: list[int] = []

    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            try:
                handler.wfile.write(b"x" * 100_000)
            except OSError:
                return
            sent.append(1)

    small = Fetcher(Limits(bytes=1_000_000), 10, HERE)
    with answering(pour) as url:
        assert "larger than 976.6 KiB" in refused(url, small)
    assert len(sent) < 500
    with answering(lambda handler: send(handler, b"x", Content_Length="2000000")) as url:
        assert "larger than" in refused(url, small)


def test_bytes_of_other_tables_count() -> None:
    with (
        answering(lambda handler: send(handler, b"x" * 600)) as url,
        pytest.raises(UsageError, match="larger than"),
    ):
        Fetcher(Limits(bytes=1000), 5, HERE).fetch(url, io.BytesIO(), taken=500)


def test_nobody_is_waited_for_longer_than_the_limit() -> None:
    done = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not done.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    hasty = replace(Fetcher(Limits(), 5, HERE), timeout=0.5)
    with answering(trickle) as url:
        assert "took longer than 0.5 s" in refused(url, hasty)
        done.set()
    with answering(lambda _: time.sleep(1)) as url:
        assert "took longer than 0.5 s" in refused(url, hasty)


def _drip(beginning: bytes, piece: bytes) -> Answer:
    """Bytes that never make anything whole, each sooner than any single wait is over."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(beginning)
            for _ in range(200):
                handler.wfile.write(piece)
                time.sleep(0.05)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        _drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        _drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        _drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        _drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
    ids=["a header", "headers", "100 Continue", "a chunk's size"],
)
def test_who_drips_what_is_not_the_body_is_not_waited_for_either(answer: Answer) -> None:
    hasty = replace(Fetcher(Limits(), 5, HERE), timeout=0.5)
    with answering(answer) as url:
        assert "took longer than 0.5 s" in refused(url, hasty)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda handler: send(handler, b"no", 404), "status 404"),
        (lambda handler: send(handler, b"secret", 500), "status 500"),
        (lambda handler: send(handler, b"half", Content_Length="100"), "broke off after 4 bytes, 96 too early"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n"), "cannot be fetched: BadStatusLine"),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 70_000), "LineTooLong"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_without_its_words(answer: Answer, words: str) -> None:
    with answering(answer) as url:
        told = refused(url)
    assert words in told
    assert "secret" not in told
    assert "OpenSSH" not in told


@pytest.mark.parametrize(
    "url",
    [
        "http://user:secret@example.org/",
        "http:///path",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: other",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://[::1/",
        "http://example.org/" + "x" * 5000,
        "http://exämple.org/",
    ],
)
def test_odd_urls_are_not_asked(url: str) -> None:
    assert "fetched from" in refused(url)


def test_an_unknown_host_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert "is not known" in refused("http://nowhere.invalid/")


def test_a_look_up_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        done.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        words = refused("http://slow.invalid/", Fetcher(Limits(), 0.2))
    finally:
        done.set()
    assert "Looking up the host 'slow.invalid'" in words
    assert "took longer than 0.2 s" in words
