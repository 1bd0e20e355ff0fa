"""Loads of CAOM documents that are killed, and several at once."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.loading import Loaded, documents_at, load
from voserver.catalogue.caom_documents.writing import write as written
from voserver.catalogue.ingest import bulk
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.settings import Settings

AUTHORITY = "archive.test"
COUNT = 6
NewDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def documents(
    fact: Callable[..., Mapping[str, object]], write: Callable[..., Path], loading: Settings, tmp_path: Path
) -> Path:
    """A directory of documents, of one observation each, which has a file."""
    rows = [fact(f"jw02045003001_02101_{number:05d}_nrcblong_cal.fits") for number in range(1, COUNT + 1)]
    url, directory = str(loading.database_url), tmp_path / "documents"
    ingest_keywords(url, write(rows), loading)
    directory.mkdir()
    wanted = {"collection": "JWST", "mine": [], "everything": True}
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        for _, name in names(connection, "JWST", None):
            row = cursor.execute(OBSERVATION.encode(), {**wanted, "name": name}).fetchone()
            assert row is not None
            (directory / f"{name}.xml").write_bytes(written(row))
    return directory


@pytest.fixture
def url(new_database: NewDatabase) -> Iterator[str]:
    with new_database() as made:
        yield made


def there(url: str) -> list[int]:
    """How many observations, planes and files there are."""
    with psycopg.connect(url) as connection:
        counted = [
            connection.execute(f"SELECT count(*) FROM archive.{name}".encode()).fetchone()
            for name in ("observation", "plane", "artifact")
        ]
    return [row[0] for row in counted if row]


def test_a_load_that_is_killed_within_a_document_leaves_whole_ones_and_can_be_made_again(
    documents: Path, url: str
) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from voserver.catalogue.caom_documents import loading\n"
        "link, calls = loading._link, iter(range(100))\n"
        "def killing(*arguments, **more):\n"
        "    if next(calls) == 7: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return link(*arguments, **more)\n"
        "loading._link = killing\n"
        "list(loading.load(sys.argv[1], 'archive.test', loading.documents_at(Path(sys.argv[2]))))\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, url, str(documents)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert there(url) == [3, 3, 3]  # two calls a document: the fourth was being stored

    *_, again = load(url, AUTHORITY, documents_at(documents))
    assert (again.added, again.same, again.refused) == (COUNT - 3, 3, [])
    assert there(url) == [COUNT, COUNT, COUNT]


def test_a_load_waits_for_the_batch_of_another(documents: Path, url: str) -> None:
    done: list[Loaded] = []
    waiting = threading.Thread(target=lambda: done.extend(load(url, AUTHORITY, documents_at(documents))))
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as watch:
        bulk.wait_for_turn(other)
        waiting.start()
        asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
        asked += " (SELECT oid FROM pg_database WHERE datname = current_database())"
        while waiting.is_alive() and watch.execute(asked.encode()).fetchone() == (0,):
            pass
        assert there(url) == [0, 0, 0]
        other.commit()
    waiting.join()
    assert done[-1].added == COUNT


def test_the_same_documents_twice_at_once_are_loaded_once(documents: Path, url: str) -> None:
    done: list[Loaded] = []

    def run() -> None:
        *_, last = load(url, AUTHORITY, documents_at(documents))
        done.append(last)

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sum(one.added for one in done) == COUNT
    assert [one.refused for one in done] == [[], []]
    assert there(url) == [COUNT, COUNT, COUNT]
