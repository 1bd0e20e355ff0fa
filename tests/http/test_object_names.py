"""`ivo_simbadpoint` over HTTP: a stand-in for Sesame answers, or does what services do that are ill."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from voserver.catalogue import object_names
from voserver.settings import Settings

Serve = Callable[[Settings], Any]
Find = Callable[[str], httpx.Response]

KNOWN = """# {}\t#Q3181
#=S=Simbad (via url):    1\n%@ 1575544\n%C.0 GiG
%J {} = 00:42:44.33 +41:16:07.5
%J.E [48.00 48.00 0] C 2006AJ....131.1163S
#====Done (2024-Feb-12,16:37:11z)====
"""
UNKNOWN = "# {}\t#Q3182\n#!S=Simbad: Nothing found\n#!V=VizieR: Nothing found\n#====Done====\n"
ANSWERS = {
    "M 31": KNOWN.format("M 31", "10.6847083 +41.2687500"),
    "remembered": KNOWN.format("NGC 6231", "253.5450000 -41.8120000"),
    "NGC 6231 é&?#'%": KNOWN.format("NGC 6231", "253.5450000 -41.8120000"),
    "no numbers": KNOWN.format("odd", "1.2.3 +4"),
    "off the sky": KNOWN.format("off", "999.0 +95.0"),
    "web page": "<!DOCTYPE html><title>Maintenance</title>%J is back tomorrow",
    "nothing": "",
    "huge": "# huge\n" + "#" * 20_000_000 + "\n%J 1 2\n",
}


class Sesame(ThreadingHTTPServer):
    """Remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/nph-sesame/"


class _Answers(BaseHTTPRequestHandler):
    server: Sesame

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        name = unquote(address.query)
        assert address.path == "/nph-sesame/SNV"
        self.server.asked.append(name)
        if name == "no HTTP":
            self.wfile.write(b"\x00\xff no status line\r\n\r\n")
            return
        if name == "failing":
            self.send_error(500)
            return
        if name == "silent":
            self.server.over.wait()
            return
        self.send_response(200)
        self.end_headers()
        try:
            if name == "dripping":
                while not self.server.over.wait(0.05):
                    self.wfile.write(b"#")
            else:
                self.wfile.write(ANSWERS.get(name, UNKNOWN.format(name)).encode())
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def sesame() -> Iterator[Sesame]:
    with Sesame() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def find_at(site_settings: Settings, serve: Serve) -> Iterator[Callable[[str], Find]]:
    """How a service that asks at a URL, set as operators set it, answers for a name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_names, "_TIMEOUT", 1.0)
        patch.setenv("no_proxy", "127.0.0.1")
        opened = []

        def at(url: str) -> Find:
            patch.setenv("VOSERVER_RESOLVER_URL", url)
            settings = Settings(**site_settings.model_dump(exclude={"resolver_url"}))
            service = serve(settings)
            base = service.__enter__()
            opened.append(service)

            def find(name: str) -> httpx.Response:
                quoted = name.replace("'", "''")
                adql = f"SELECT TOP 1 ivo_simbadpoint('{quoted}') AS p FROM TAP_SCHEMA.schemas"
                data = {"LANG": "ADQL", "QUERY": adql, "FORMAT": "json"}
                return httpx.post(f"{base}/tap/sync", data=data, timeout=60)

            return find

        yield at
        for service in opened:
            service.__exit__(None, None, None)


@pytest.fixture(scope="module")
def find(find_at: Callable[[str], Find], sesame: Sesame) -> Find:
    return find_at(sesame.url)


def refusal(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    text = answer.text
    assert "Traceback" not in text
    assert "127.0.0.1" not in text
    assert len(text) < 2000
    return str(answer.json()["error"])


def test_a_known_object_is_a_point(find: Find) -> None:
    answer = find("M 31")
    assert answer.json()["data"] == [[[10.6847083, 41.26875]]]
    assert answer.json()["metadata"][0]["xtype"] == "point"
    assert find("NGC 6231 é&?#'%").json()["data"] == [[[253.545, -41.812]]]


def test_an_unknown_object_is_named(find: Find) -> None:
    assert "No object is known by the name 'Krypton'" in refusal(find("Krypton"), 400)
    assert "is no name of an object" in refusal(find(" "), 400)
    assert "is no name of an object" in refusal(find("x" * 101), 400)
    assert "is no name of an object" in refusal(find("M\n31"), 400)
    assert "No object is known by the name 'no numbers'" in refusal(find("no numbers"), 400)


@pytest.mark.parametrize(
    "name", ["failing", "silent", "dripping", "no HTTP", "web page", "nothing", "huge", "off the sky"]
)
def test_a_resolver_that_is_ill_is_told_and_not_waited_for(find: Find, name: str) -> None:
    answer = find(name)
    assert "The service that knows objects' names does not answer" in refusal(answer, 503)
    assert "POINT(ra, dec)" in answer.text
    assert answer.headers["retry-after"]


def test_a_resolver_that_is_down_is_told(find_at: Callable[[str], Find]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    find = find_at(f"http://127.0.0.1:{port}/")
    assert "does not answer" in refusal(find("M 31"), 503)
    assert "does not answer" in refusal(find_at("nowhere")("M 31"), 503)


def test_without_a_resolver_it_is_told_what_to_do(find_at: Callable[[str], Find]) -> None:
    find = find_at("")
    assert "This service looks up no names of objects." in refusal(find("M 31"), 400)
    assert "Give the position: POINT(ra, dec)" in find("M 31").text


def test_an_answer_is_remembered_and_a_failure_is_not(find: Find, sesame: Sesame) -> None:
    sesame.asked.clear()
    answers = [find("remembered").json()["data"] for _ in range(2)]
    assert answers == [[[[253.545, -41.812]]]] * 2
    assert sesame.asked == ["remembered"]
    for _ in range(2):
        refusal(find("failing"), 503)
    assert sesame.asked == ["remembered", "failing", "failing"]
