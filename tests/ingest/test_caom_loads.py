"""Loads of CAOM documents that are killed, and several at once."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from voserver.catalogue.caom_documents.exporting import LISTING, OBSERVATION, names
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


def listed(url: str) -> list[tuple[str, datetime]]:
    """What `/caom/JWST` lists now: observations and when they changed."""
    anything = {
        "collection": "JWST",
        "start": "-infinity",
        "end": "infinity",
        "mine": [],
        "limit": 99,
    }
    with psycopg.connect(url) as connection:
        asked = "SELECT date_trunc('milliseconds', archive.change_horizon())"
        horizon = connection.execute(asked.encode()).fetchone()
        assert horizon is not None
        rows = connection.execute(LISTING.encode(), {**anything, "before": horizon[0]})
        return [(row[1], row[2]) for row in rows]


def settled(url: str) -> list[tuple[str, datetime]]:
    """The list when the millisecond of the last change is over."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_sleep(0.002)")
    return listed(url)


def touch(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        "UPDATE archive.observation SET target_name = 'Another', maxlastmodified = '2001-01-01'"
        " WHERE observationid = %s",
        [name],
    )


def test_who_harvests_misses_nothing_of_a_transaction_that_took_long(documents: Path, url: str) -> None:
    list(load(url, AUTHORITY, documents_at(documents)))
    names = sorted(path.stem for path in documents.glob("*.xml"))
    with psycopg.connect(url) as slow, psycopg.connect(url) as quick:
        touch(slow, names[0])
        touch(quick, names[1])
        quick.commit()
        seen = settled(url)  # not yet the quick one, for what the slow one writes has an earlier time
        assert [name for name, _ in seen] == [names[0], *names[2:]]
        slow.commit()
    last = max(moment for _, moment in seen)
    assert [name for name, moment in settled(url) if moment > last] == names[:2]


def test_the_times_of_a_batch_are_of_its_change_not_of_its_transactions_start(
    fact: Callable[..., Mapping[str, object]], write: Callable[..., Path], url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=url, data_dir=tmp_path, authority=AUTHORITY)
    keywords = write([fact()])
    loading = threading.Thread(target=ingest_keywords, args=(url, keywords, settings))
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as watch:
        bulk.wait_for_turn(other)
        loading.start()
        asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
        asked += " (SELECT oid FROM pg_database WHERE datname = current_database())"
        while loading.is_alive() and watch.execute(asked.encode()).fetchone() == (0,):
            pass
        watch.execute("SELECT pg_sleep(0.002)")
        moment = watch.execute("SELECT clock_timestamp() AT TIME ZONE 'utc'").fetchone()
        other.commit()
    loading.join()
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT maxlastmodified > %s FROM archive.observation", moment).fetchall()
    assert found == [(True,)]


def test_what_changes_below_an_observation_or_goes_is_listed(documents: Path, url: str) -> None:
    list(load(url, AUTHORITY, documents_at(documents)))
    before = settled(url)
    first, second, third, *_ = sorted(before)
    with psycopg.connect(url) as connection:
        for what, (name, _) in (
            ("planeuri = planeuri, quality_flag = 'junk'", first),
            ("datarelease = NULL", second),
        ):
            connection.execute(f"UPDATE archive.plane SET {what} WHERE observationid = %s".encode(), [name])
            connection.commit()
        connection.execute("DELETE FROM archive.artifact WHERE obs_id = %s", [third[0]])
    assert [name for name, _ in settled(url)[-3:]] == [first[0], second[0], third[0]]
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM archive.observation WHERE observationid = %s", [third[0]])
    assert third[0] not in dict(settled(url))


def test_an_observation_that_is_released_later_is_listed_when_it_is(documents: Path, url: str) -> None:
    list(load(url, AUTHORITY, documents_at(documents)))
    name = listed(url)[0][0] if listed(url) else settled(url)[0][0]
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE archive.observation SET metarelease = (now() AT TIME ZONE 'utc') + interval '0.4 s'"
            " WHERE observationid = %s",
            [name],
        )
    assert name not in dict(settled(url))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_sleep(0.5)")
    (*_, last) = listed(url)
    assert last[0] == name
    assert last[1] > max(moment for other, moment in listed(url) if other != name)
