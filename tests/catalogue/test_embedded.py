"""The embedded PostgreSQL: made, shared, stopped, found after a crash. As whoever runs the tests, root included."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.streams import QueryPool
from voserver.model.errors import Unavailable

QUICK = {"fsync": "off", "shared_buffers": "16MB"}


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory whose name is short enough for a socket, with a space and a quote in it."""
    directory = Path(tempfile.mkdtemp(prefix="vo '"))
    yield directory
    if (directory / "postgresql").exists():
        EmbeddedPostgres(directory, QUICK).stop(even_if_shared=True)
    shutil.rmtree(directory)


def answer(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def postmaster(directory: Path) -> int:
    return int((directory / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])


def test_a_first_start_makes_a_database_that_only_its_owner_reaches(directory: Path) -> None:
    with EmbeddedPostgres(directory, QUICK) as server:
        assert answer(server.url, "SELECT current_database()") == "voserver"
        assert answer(server.url, "SHOW server_encoding") == "UTF8"
        assert answer(server.url, "SHOW listen_addresses") == ""
        assert (directory / "postgresql").stat().st_mode & 0o777 == 0o700
        assert (directory / "postgresql.password").stat().st_mode & 0o777 == 0o600
    assert not (directory / "postgresql" / "postmaster.pid").exists()


def test_what_was_written_is_there_after_a_restart(directory: Path) -> None:
    server = EmbeddedPostgres(directory, QUICK)
    with psycopg.connect(server.start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    server.stop()
    with pytest.raises(Unavailable, match="does not run"):
        _ = server.url
    assert answer(server.start(), "SELECT number FROM kept") == 42


def test_a_server_that_runs_is_used_and_left_running(directory: Path) -> None:
    with EmbeddedPostgres(directory, QUICK) as first:
        pid = postmaster(directory)
        with EmbeddedPostgres(directory, QUICK) as second:
            assert second.url == first.url
        assert postmaster(directory) == pid
        assert answer(first.url, "SELECT 1") == 1


def test_who_uses_it_last_stops_it(directory: Path) -> None:
    first, second = EmbeddedPostgres(directory, QUICK), EmbeddedPostgres(directory, QUICK)
    first.start()
    second.start()
    first.stop()
    assert second.runs
    assert answer(second.url, "SELECT 1") == 1
    second.stop()
    assert not second.runs


def test_what_a_killed_process_left_running_is_taken_over_and_stopped(directory: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from voserver.catalogue.embedded import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1]), {'fsync': 'off', 'shared_buffers': '16MB'}).start();"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(directory)], check=False)
    assert killed.returncode == -signal.SIGKILL
    pid = postmaster(directory)
    with EmbeddedPostgres(directory, QUICK) as server:
        assert postmaster(directory) == pid
        assert server.runs
    assert not server.runs


def test_two_processes_may_start_at_once(directory: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from voserver.catalogue.embedded import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1]), {'fsync': 'off', 'shared_buffers': '16MB'}).start())"
    )
    command = [sys.executable, "-c", script, str(directory)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    urls = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    assert len(urls) == 1
    assert answer(urls.pop(), "SELECT 1") == 1


def test_a_server_that_was_killed_is_started_again(directory: Path) -> None:
    server = EmbeddedPostgres(directory, QUICK)
    server.start()
    pid = postmaster(directory)
    os.kill(pid, signal.SIGKILL)
    pause = threading.Event()
    for _ in range(200):
        if not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            break
        pause.wait(0.025)
    pause.wait(0.2)  # its other processes notice and go
    assert answer(server.start(), "SELECT 1") == 1
    assert postmaster(directory) != pid


def test_a_killed_server_whose_number_another_program_has_is_started_again(directory: Path) -> None:
    server = EmbeddedPostgres(directory, QUICK)
    server.start()
    note = (directory / "postgresql" / "postmaster.pid").read_text()
    server.stop()
    _, rest = note.split("\n", 1)
    # As after a restart of a container: the number is that of a program that lives, this one.
    (directory / "postgresql" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")
    assert answer(server.start(), "SELECT 1") == 1


def test_an_interrupted_making_is_begun_again(directory: Path) -> None:
    (directory / "postgresql.new" / "base").mkdir(parents=True)
    (directory / "postgresql.new" / "PG_VERSION").write_text("half")
    with EmbeddedPostgres(directory, QUICK) as server:
        assert answer(server.url, "SELECT 1") == 1
    assert not (directory / "postgresql.new").exists()


def test_below_a_long_path_it_listens_on_the_loopback_address_and_wants_a_password(tmp_path: Path) -> None:
    deep = tmp_path / ("long " * 25)
    with EmbeddedPostgres(deep, QUICK) as server:
        assert "@127.0.0.1:" in server.url
        assert answer(server.url, "SELECT 1") == 1
        wrong = server.url.replace(":", ":x", 2).replace(":x//", "://", 1)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_cluster_of_another_version_is_refused_with_the_way_out(directory: Path) -> None:
    with EmbeddedPostgres(directory, QUICK):
        pass
    (directory / "postgresql" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Unavailable, match="was made by PostgreSQL 12") as caught:
        EmbeddedPostgres(directory, QUICK).start()
    assert "move the directory away" in str(caught.value.hint)


def test_a_server_that_cannot_start_shows_its_log(directory: Path) -> None:
    with pytest.raises(Unavailable, match="no_such_setting"):
        EmbeddedPostgres(directory, {**QUICK, "no_such_setting": "1"}).start()


def test_queries_go_on_after_a_restart(directory: Path) -> None:
    server = EmbeddedPostgres(directory, QUICK)
    with psycopg.connect(server.start()) as connection:
        connection.execute("CREATE ROLE voserver_query NOLOGIN")
    pool = QueryPool(server.url, 1, queue_timeout=0)
    for _ in range(2):
        with pool.open("SELECT 1 AS a", timeout=5) as stream:
            assert next(stream).num_rows == 1
        server.stop()
        server.start()
    pool.close()
