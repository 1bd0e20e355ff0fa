"""What is killed, cut off or full: no job is lost, none is done twice, no file is left, and service goes on."""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.waiting import eventually
from voserver.catalogue import migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.settings import Settings

if TYPE_CHECKING:
    from tests.jobs.conftest import Archive, Cable

MANY = "SELECT a.description, b.description FROM tap_schema.columns AS a, tap_schema.columns AS b"


def test_a_job_whose_worker_is_killed_is_done_by_another(archive: Archive) -> None:
    archive.serve()
    doomed = archive.worker()
    with archive.held():
        job = archive.run()
        eventually(archive.waits)
        assert archive.phase(job) == "EXECUTING"
        archive.kill(doomed)
        archive.worker()
        eventually(lambda: archive.attempt(job) == 2)
    assert archive.ended(job) == "COMPLETED"
    assert archive.result(job).splitlines() == ["number", "0"]
    assert archive.endings(job) == 1
    assert len(archive.files()) == 1


def test_a_job_that_loses_two_workers_fails_and_says_so(archive: Archive) -> None:
    archive.serve()
    with archive.held():
        job = archive.run()
        for attempt in (1, 2):
            doomed = archive.worker()
            eventually(lambda: archive.attempt(job) == attempt and archive.executions() == 1)  # noqa: B023
            archive.kill(doomed)
        assert archive.ended(job) == "ERROR"
    error = httpx.get(f"{job}/error").text
    assert "The worker that ran the job was lost" in error
    assert 'type="transient"' in httpx.get(job).text
    eventually(lambda: not archive.files())


def test_a_worker_that_comes_back_too_late_does_not_end_the_job_again(archive: Archive) -> None:
    archive.serve()
    paused = archive.worker()
    with archive.held():
        job = archive.run()
        eventually(archive.waits)
        os.kill(paused.pid, signal.SIGSTOP)
        archive.worker()
        eventually(lambda: archive.attempt(job) == 2)
    assert archive.ended(job) == "COMPLETED"
    os.kill(paused.pid, signal.SIGCONT)
    eventually(lambda: archive.log().count("job_ended") == 2)
    assert archive.endings(job) == 1
    assert archive.result(job).splitlines() == ["number", "0"]
    eventually(lambda: len(archive.files()) == 1)


def test_a_worker_that_is_stopped_gives_its_job_back_at_once(archive: Archive) -> None:
    archive.serve()
    leaving = archive.worker()
    with archive.held():
        job = archive.run()
        eventually(archive.waits)
        leaving.send_signal(signal.SIGTERM)
        assert leaving.wait(timeout=30) == 0
        assert archive.phase(job) == "QUEUED"
    archive.worker()
    assert archive.ended(job) == "COMPLETED"
    assert archive.one("SELECT losses FROM archive.job") == "0"


def test_jobs_outlive_the_server(archive: Archive) -> None:
    server = archive.serve()
    archive.worker()
    with archive.held():
        job = archive.run()
        queued = archive.run()
        eventually(archive.waits)
        archive.kill(server)
    eventually(lambda: archive.log().count("completed=True") == 2)
    archive.serve()
    assert [archive.phase(one) for one in (job, queued)] == ["COMPLETED", "COMPLETED"]
    assert archive.result(job).splitlines() == ["number", "0"]
    assert (archive.endings(job), archive.endings(queued)) == (1, 1)


def test_what_a_killed_worker_had_written_is_removed(archive: Archive) -> None:
    archive.serve()
    doomed = archive.worker()
    job = archive.run(f"{MANY}, tap_schema.columns AS c", MAXREC="20000000", FORMAT="tsv")
    eventually(lambda: bool(archive.files()))
    archive.kill(doomed)
    assert archive.files()
    assert httpx.delete(job).status_code == 303
    eventually(lambda: not archive.files())


def test_a_client_that_waits_is_answered_when_the_server_ends(archive: Archive) -> None:
    server = archive.serve()
    job = urlsplit(archive.run(PHASE=""))
    client = http.client.HTTPConnection(job.netloc, timeout=60)
    client.request("GET", f"{job.path}?WAIT=50")
    for _ in range(5):  # while these are answered, that one begins to wait
        assert archive.answers()
    server.terminate()
    answer = client.getresponse()
    assert (answer.status, b"PENDING" in answer.read()) == (200, True)
    client.close()
    assert server.wait(timeout=30) == 0


def test_a_full_result_store_fails_the_job_and_no_other(archive: Archive) -> None:
    archive.serve()
    worker = archive.worker()
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    job = archive.run(MANY, MAXREC="1000000")
    assert archive.ended(job) == "ERROR"
    error = httpx.get(f"{job}/error").text
    assert "result store is full" in error
    assert not archive.files()
    small = archive.run()
    assert archive.ended(small) == "COMPLETED"
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = archive.run(MANY, MAXREC="1000000")
    assert archive.ended(again) == "COMPLETED"
    assert len(archive.files()) == 2


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that may be restarted: the tests' own serves them all."""
    directory = Path(tempfile.mkdtemp(prefix="voserver-test-"))
    postgres = EmbeddedPostgres(directory, {"fsync": "off", "shared_buffers": "32MB"})
    url = postgres.start()
    migrations.upgrade(url, Settings(database_url=url, data_dir=directory))
    yield postgres
    postgres.stop()
    shutil.rmtree(directory)


def test_jobs_outlive_a_restart_of_postgresql(own_postgres: EmbeddedPostgres, archive: Archive) -> None:
    archive.database_url = own_postgres.url
    archive.serve()
    archive.worker()
    with archive.held():
        running = archive.run()
        queued = archive.run()
        waiting = archive.run(PHASE="")
        eventually(archive.waits)
        postmaster = own_postgres.cluster / "postmaster.pid"
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGQUIT)  # no session ends in order
    eventually(lambda: not postmaster.exists())
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        httpx.get(f"{running}/phase", timeout=30).raise_for_status()
    own_postgres.start()
    eventually(archive.answers)
    assert [archive.ended(job) for job in (running, queued)] == ["COMPLETED", "COMPLETED"]
    assert archive.phase(waiting) == "PENDING"
    assert (archive.endings(running), archive.endings(queued)) == (1, 1)
    assert archive.ended(archive.run()) == "COMPLETED"
    eventually(lambda: len(archive.files()) == 3)


def test_a_worker_that_is_cut_off_from_the_database_loses_its_job_and_finds_back(
    archive: Archive, cable_to: Callable[[str], Cable]
) -> None:
    archive.serve()
    with cable_to(archive.database_url) as cable:
        archive.settings["VOSERVER_DATABASE_URL"] = cable.url
        archive.worker()
        del archive.settings["VOSERVER_DATABASE_URL"]
        with archive.held():
            job = archive.run()
            eventually(archive.waits)
            cable.cut()
            eventually(lambda: archive.phase(job) == "QUEUED")
        assert archive.phase(job) == "QUEUED"
        cable.mend()
        assert archive.ended(job) == "COMPLETED"
    assert archive.endings(job) == 1
    assert archive.result(job).splitlines() == ["number", "0"]
    eventually(lambda: len(archive.files()) == 1)
