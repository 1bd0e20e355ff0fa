"""What a catalogue tells of files comes from many hands: it stays in its place, and breaks no answer."""

import io
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.cutouts.made import PIXEL, STAR, image, tangent
from voserver.settings import Settings, StoreSetting

CONTENT = image(tangent(30, 20))
CIRCLE = f"{STAR[0]} {STAR[1]} {5 * PIXEL}"
HOSTILE = {
    "filename": ['a"b.fits', "a\r\nX-Evil: 1\r\n.fits", "☄.fits", "-rf $(id)`id`\n.fits", "\u202egpj.fits"],
    "contenttype": ["text/html\r\nX-Evil: 1", "☄/x", "x", "", "text/☄; a=b", "image/fits\n"],
    "contentchecksum": ['md5:a"\r\nX-Evil: 1', "md5:☄", "md5:\x7f\x01", "☄", ":", "md5:"],
}
KEYS = {"circle": 404, "outside": 404, "pipe": 404, "up/secret": 404, "x" * 5000: 404, "inside": 200}


@pytest.fixture(scope="module")
def far() -> str:
    return "mast:JWST/far"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Plain) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def client(
    module_database_url: str,
    elsewhere: str,
    far: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[str]],
) -> Iterator[httpx.Client]:
    root = tmp_path_factory.mktemp("hostile")
    (root / "secret").write_text("secret")
    store = root / "store"
    store.mkdir()
    (store / "inside").write_bytes(CONTENT)
    for name, target in (("circle", "circle"), ("outside", "../secret"), ("up", "..")):
        (store / name).symlink_to(target)
    os.mkfifo(store / "pipe")
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        for column, values in HOSTILE.items():
            for number, value in enumerate(values):
                _add(filling, f"mast:JWST/{column}{number}", "inside", {column: value})
        for number, key in enumerate(KEYS):
            _add(filling, f"mast:JWST/key{number}", key, {})
        _add(filling, far, "none", {})
        filling.execute("UPDATE archive.artifact SET program = 1 WHERE uri = %s", [far])
    settings = Settings(
        database_url=module_database_url,
        data_dir=root,
        stores=[
            StoreSetting(name="local", url=store.as_uri()),
            StoreSetting(name="far", url=f"{elsewhere}/{{uri}}", layout="{program}/{uri}"),
        ],
        log_level="error",
    )
    with serve(settings) as url, httpx.Client(base_url=url, timeout=30) as opened:
        yield opened


def _add(filling: psycopg.Connection, uri: str, key: str, values: dict[str, str]) -> None:
    name = uri.rpartition("/")[2]
    columns = {"filename": f"{name}.fits", "contenttype": "image/fits", "contentchecksum": None} | values
    filling.execute(
        "INSERT INTO archive.artifact (uri, artifactid, planeid, publisherid, producttype, contentlength, metarelease,"
        " datarelease, filename, contenttype, contentchecksum)"
        " SELECT %(uri)s, md5(%(uri)s)::uuid, planeid, publisherid, 'science', %(size)s, metarelease, datarelease,"
        " %(filename)s, %(contenttype)s, %(contentchecksum)s"
        " FROM archive.artifact WHERE uri = 'mast:JWST/jw02737001_rate'",
        {"uri": uri, "size": len(CONTENT), **columns},
    )
    filling.execute("INSERT INTO archive.location VALUES (md5(%s)::uuid, 'local', %s)", [uri, key])


GOES_ON = threading.Event()
GOES_ON.set()
REACHED = threading.Semaphore(0)


class _Plain(BaseHTTPRequestHandler):
    """A server of files as plain as they come: without tags, with ranges."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        start, end = 0, len(CONTENT)
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        self.send_response(206 if found else 200)
        if found:
            start, end = int(found[1]), int(found[2]) + 1
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(end - start))
        self.send_header("Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            REACHED.release()
            GOES_ON.wait(60)
            self.wfile.write(CONTENT[start:end])

    do_HEAD = do_GET  # noqa: N815 -- the class's name for it


def test_a_store_without_tags_gives_files_and_packages(client: httpx.Client, far: str) -> None:
    whole = client.get(f"/files/{far}")
    assert (whole.status_code, whole.content) == (200, CONTENT)
    package = client.get("/package", params={"ID": far})
    with zipfile.ZipFile(io.BytesIO(package.content)) as opened:
        assert opened.read("far.fits") == CONTENT


def test_packages_from_a_store_that_hangs_keep_nobody_from_other_files(
    client: httpx.Client, far: str
) -> None:
    many = min(32, (os.cpu_count() or 1) + 4)  # as many as an event loop has threads
    while REACHED.acquire(blocking=False):
        pass
    GOES_ON.clear()
    with ThreadPoolExecutor(many) as threads:
        try:
            waiting = [threads.submit(client.get, "/package", params={"ID": far}) for _ in range(many)]
            assert all(REACHED.acquire(timeout=30) for _ in range(many))
            assert client.get(f"/files/mast:JWST/key{list(KEYS).index('inside')}").content == CONTENT
        finally:
            GOES_ON.set()
        assert {package.result().status_code for package in waiting} == {200}


@pytest.mark.parametrize("column", HOSTILE)
def test_words_of_the_catalogue_stay_in_their_headers(client: httpx.Client, column: str) -> None:
    for number in range(len(HOSTILE[column])):
        uri = f"mast:JWST/{column}{number}"
        whole = client.get(f"/files/{uri}")
        part = client.get("/soda/sync", params={"ID": uri, "CIRCLE": CIRCLE})
        assert (whole.status_code, whole.content) == (200, CONTENT)
        assert part.status_code == 200
        for answer in (whole, part):
            assert "x-evil" not in answer.headers
            assert answer.headers["content-disposition"].isascii()
        again = client.get(f"/files/{uri}", headers={"If-None-Match": whole.headers["etag"]})
        assert again.status_code == 304


def test_keys_lead_to_files_inside_the_store_only(client: httpx.Client) -> None:
    for number, status in enumerate(KEYS.values()):
        answer = client.get(f"/files/mast:JWST/key{number}")
        assert answer.status_code == status, list(KEYS)[number]
        assert "secret" not in answer.text
