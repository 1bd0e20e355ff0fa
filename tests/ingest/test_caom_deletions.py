"""Loads of CAOM documents that are tried first, that would delete much, and what repositories tell to be deleted."""

import http.server
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.loading import Loaded, load
from voserver.catalogue.caom_documents.writing import write as written
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.settings import Settings

AUTHORITY = "archive.test"
FIRST = "jw02045003001_02101_00001_nrcblong"


@pytest.fixture
def url(
    fact: Callable[..., Mapping[str, object]],
    write: Callable[..., Path],
    new_database: Callable[[], AbstractContextManager[str]],
    tmp_path: Path,
) -> Iterator[str]:
    """Three exposures with two planes each."""
    rows = [
        fact(f"jw02045003001_02101_{number:05d}_nrcblong_{suffix}.fits")
        for number in (1, 2, 3)
        for suffix in ("rate", "cal")
    ]
    with new_database() as made:
        ingest_keywords(
            made, write(rows), Settings(database_url=made, data_dir=tmp_path, authority=AUTHORITY)
        )
        yield made


def documents(url: str) -> dict[str, bytes]:
    """The documents of all observations, without checksums, so that they may be changed."""
    found = {}
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        for collection, name in names(connection, None, None):
            asked = {"collection": collection, "name": name, "mine": [], "everything": True}
            row = cursor.execute(OBSERVATION.encode(), asked).fetchone()
            assert row is not None
            found[name] = re.sub(rb' caom2:\w+Checksum="[^"]*"', b"", written(row))
    return found


def without_a_plane(document: bytes) -> bytes:
    start = document.index(b"    <caom2:plane ")
    end = document.index(b"</caom2:plane>") + len(b"</caom2:plane>\n")
    return document[:start] + document[end:]


def there(url: str) -> tuple[int, ...]:
    with psycopg.connect(url) as connection:
        counted = [
            connection.execute(f"SELECT count(*) FROM archive.{name}".encode()).fetchone()
            for name in ("observation", "plane", "artifact", "event")
        ]
    return tuple(row[0] for row in counted if row)


def command(url: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "VOSERVER_DATABASE_URL": url, "VOSERVER_DATA_DIR": str(data), "VOSERVER_AUTHORITY": AUTHORITY,
        "COLUMNS": "400",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "voserver", "ingest", "caom", *arguments],
        env=environment, timeout=100, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_a_trial_shows_what_would_change_and_changes_nothing(url: str) -> None:
    before = there(url)
    changed = without_a_plane(documents(url)[FIRST]).replace(b"NAME-QUINTUPLET-CLUSTER", b"Another")
    new = re.sub(rb'(caom2:id=")[0-9a-f]{8}', rb"\g<1>00000000", changed).replace(
        b"02101_00001", b"02101_00009"
    )
    steps = load(
        url, AUTHORITY, [("one", lambda: changed), ("odd", lambda: b"?"), ("new", lambda: new)], is_trial=True
    )
    told = [list(one.differences) for one in steps]
    assert f'changed: {FIRST}: observation.target_name: "NAME-QUINTUPLET-CLUSTER" → "Another"' in told[0]
    assert [line for line in told[0] if line.startswith("gone")] == [
        f"gone: {FIRST}/2a",
        f"gone: {FIRST}_rate.fits",
    ]
    assert told[1] == []
    assert "new: jw02045003001_02101_00009_nrcblong" in told[2]
    assert there(url) == before


def test_who_deletes_much_is_asked(url: str, tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(without_a_plane(documents(url)[FIRST]))
    before = there(url)
    refused = command(url, tmp_path, str(path))
    assert refused.returncode == 2
    assert "2 of 12 planes and files of the collection JWST would be deleted" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert there(url) == before
    tried = command(url, tmp_path, str(path), "--dry-run")
    assert (tried.returncode, there(url)) == (0, before)
    assert f"gone: {FIRST}_rate.fits" in tried.stdout
    assert "Nothing was changed" in tried.stdout
    done = command(url, tmp_path, str(path), "--yes")
    assert done.returncode == 0, done.stderr
    assert there(url)[:3] == (3, 5, 5)


def test_the_question_ends_the_load_and_leaves_what_was_before_it(url: str) -> None:
    given = documents(url)
    first, second, third = sorted(given)
    asked: list[str] = []

    def answering(agreed: bool) -> Callable[[str], bool]:
        def confirm(question: str) -> bool:
            asked.append(question)
            return agreed

        return confirm

    sources = [
        ("first", lambda: given[first].replace(b"NAME-QUINTUPLET-CLUSTER", b"Another")),
        ("second", lambda: without_a_plane(given[second])),
        ("third", lambda: without_a_plane(given[third])),
    ]
    steps = load(url, AUTHORITY, sources, confirm=answering(False))
    with pytest.raises(Exception, match="more than one in a hundred: that was not done"):
        list(steps)
    assert asked == ["2 of 12 planes and files of the collection JWST would be deleted. Go on?"]
    assert there(url)[:3] == (3, 6, 6)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM archive.observation WHERE target_name = 'Another'")
        assert found.fetchone() == (1,)
    *_, last = load(url, AUTHORITY, sources, confirm=answering(True))
    assert last == Loaded(same=1, changed=2)
    assert len(asked) == 2, "who agreed is not asked again"


@contextmanager
def repository(answers: Mapping[str, bytes | str]) -> Iterator[str]:
    """A repository that has these at its paths; a text leads to another address."""

    class Repository(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            given = answers.get(self.path) or answers.get(path)
            self.send_response(404 if given is None else 302 if isinstance(given, str) else 200)
            if isinstance(given, str):
                self.send_header("Location", given)
            self.end_headers()
            if isinstance(given, bytes):
                self.wfile.write(given.replace(b"{port}", str(server.server_port).encode()))

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/caom"
    finally:
        server.shutdown()
        server.server_close()


CAPABILITIES = b"""<v:capabilities xmlns:v="http://www.ivoa.net/xml/VOSICapabilities/v1.0">
<capability standardID="vos://cadc.nrc.ca~vospace/CADC/std/CAOM2Repository#del-1.0"><interface>
<accessURL use="base">http://%s:{port}/gone</accessURL></interface></capability></v:capabilities>"""
MOMENT = b"2024-01-01T00:00:00.000"


def test_what_a_repository_deleted_is_deleted(url: str, tmp_path: Path) -> None:
    given = documents(url)
    first, second, third = sorted(given)
    gone = "".join(f"00000000-0000-0000-0000-00000000000{n}\tJWST\t{name}\t2024-01-02\n"
                   for n, name in enumerate((first, second, third, "never-here")))  # fmt: skip
    answers = {
        "/caom/JWST": f"JWST\t{second}\t2024-01-01\t\n".encode(),  # deleted once, and here again
        f"/caom/JWST/{second}": given[second],
        f"/caom/JWST/{third}": given[third],  # not in the list, but there
        "/caom/capabilities": CAPABILITIES % b"127.0.0.1",
        "/gone/JWST": gone.encode(),
    }
    with repository(answers) as base:
        refused = command(url, tmp_path, f"{base}/JWST")
        assert refused.returncode == 2
        assert "4 of 12 planes and files of the collection JWST would be deleted" in refused.stderr
        assert there(url)[0] == 3
        tried = command(url, tmp_path, f"{base}/JWST", "--dry-run")
        assert f"deleted: JWST/{first}" in tried.stdout
        assert there(url)[0] == 3
        done = command(url, tmp_path, f"{base}/JWST", "--yes")
    assert done.returncode == 0, done.stderr
    assert "1 unchanged, 1 deleted" in done.stdout
    with psycopg.connect(url) as connection:
        left = connection.execute("SELECT observationid FROM archive.observation ORDER BY 1").fetchall()
    assert left == [(second,), (third,)]


def test_a_repository_leads_nowhere_else(url: str, tmp_path: Path) -> None:
    given = documents(url)
    first = min(given)
    answers: dict[str, bytes | str] = {
        "/caom/JWST": f"JWST\t{first}\t2024-01-01\t\n".encode(),
        f"/caom/JWST/{first}": "http://localhost:1/secret",
        "/caom/HST": "http://169.254.169.254/latest/meta-data",
        "/caom/XMM": "file:///etc/passwd",
        "/caom/capabilities": CAPABILITIES % b"localhost",
        "/gone/JWST": f"x\tJWST\t{first}\t2024-01-02\n".encode(),
    }
    with repository(answers) as base:
        done = command(url, tmp_path, f"{base}/JWST", "--yes")
        assert done.returncode == 1
        assert "it leads to another host, 'localhost'" in done.stdout
        for collection in ("HST", "XMM"):
            answer = command(url, tmp_path, f"{base}/{collection}")
            assert answer.returncode == 1
            assert "cannot be had" in answer.stderr
            assert "Traceback" not in answer.stderr
    assert there(url)[0] == 3


def test_a_repository_that_gives_the_document_of_another_observation_is_not_believed(
    url: str, tmp_path: Path
) -> None:
    given = documents(url)
    first, second, _ = sorted(given)
    other = given[second].replace(b"NAME-QUINTUPLET-CLUSTER", b"Another")
    answers = {
        "/caom/HST": b"HST\to1\t2024-01-01\t\nHST\to2\t2024-01-01\t\n",
        "/caom/HST/o1": other,
        "/caom/HST/o2": given[first]
        .replace(b">JWST<", b">HST<")
        .replace(first.encode() + b"</caom2:obs", b"o2</caom2:obs"),
    }
    before = there(url)
    with repository(answers) as base:
        answer = command(url, tmp_path, f"{base}/HST")
    assert answer.returncode == 1
    assert f"the document of another observation: JWST/{second}" in answer.stdout
    assert "is another one here" in answer.stdout
    assert there(url) == before


class Garbage(socketserver.StreamRequestHandler):
    """Answers with what is no HTTP."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"garbage\r\n\r\n")


def test_an_answer_that_is_no_http_is_told_in_words(url: str, tmp_path: Path) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answer = command(url, tmp_path, f"http://127.0.0.1:{server.server_address[1]}/caom/HST")
        server.shutdown()
    assert answer.returncode == 1
    assert "what came is no answer of HTTP" in answer.stderr
    assert "--debug" not in answer.stderr


@pytest.mark.parametrize(
    "source", ["ftp://x/y", "http://", "http://[::1", "file:///etc/passwd", "http://a b/", "://"]
)
def test_what_is_no_url_of_the_web_is_refused(url: str, tmp_path: Path, source: str) -> None:
    answer = command(url, tmp_path, source)
    assert answer.returncode == 2
    assert "is no URL of the web" in answer.stderr
