"""The service as processes, as an operator runs it: their metrics, their death, and their end under load."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.http.long_queries import ENDLESS, MANY
from tests.waiting import eventually

# As `voserver serve`, with other seconds for running answers to end in.
SERVE = """
import sys
from voserver.cli import serving
from voserver.__main__ import main
serving.GRACE = int(sys.argv.pop(1))
main()
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}

EVERYTHING = "1000000000"


@dataclass
class Service:
    """A service in processes of its own."""

    port: int
    process: subprocess.Popen[str]
    directory: Path
    is_told: bool = False

    def tell_to_end(self) -> None:
        """Send SIGTERM, once: a second one could meet a process that has all but left."""
        if not self.is_told:
            self.process.terminate()
        self.is_told = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self, kind: str = "gauge_livesum") -> set[int]:
        """The server processes that have metrics of a kind; gauges are those of the living."""
        return {
            int(path.stem.split("_")[-1]) for path in self.directory.glob(f"voserver-metrics-*/{kind}_*.db")
        }

    def metric(self, line: str) -> float:
        """The value of a metric, asked on a connection of its own."""
        text = httpx.get(f"{self.url}/metrics", timeout=60).text  # new processes take their time to start
        found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@contextmanager
def running(database_url: str, directory: Path, *, workers: int, grace: int = 20) -> Iterator[Service]:
    """Serve as an operator does, until the end of the block at the latest; then nothing is left in the database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "VOSERVER_DATABASE_URL": database_url,
        "VOSERVER_HARD_MAXREC": EVERYTHING,
        "VOSERVER_ESTIMATE_LIMIT": "0",
        "TMPDIR": str(directory),
    }
    command = [
        sys.executable,
        "-c",
        SERVE,
        str(grace),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    log = directory / "log"
    with log.open("w") as said:
        process = subprocess.Popen(
            command, env=ENVIRONMENT | settings, stdout=said, stderr=said, text=True, start_new_session=True
        )
        service = Service(port, process, directory)
        try:
            eventually(lambda: process.poll() is not None or answers(port))
            assert process.poll() is None, log.read_text()
            yield service
        finally:
            service.tell_to_end()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert process.returncode == 0, log.read_text()
        assert "Traceback" not in log.read_text()
        eventually(lambda: sessions(database_url) == 0)


def answers(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/tap/availability").status_code == 200
    return False


def sessions(database_url: str, state: str = "%") -> int:
    """How many sessions of the service the database has."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name LIKE 'voserver%%' AND state LIKE %s",
            [state],
        ).fetchone()
    assert row is not None
    return int(row[0])


def query(service: Service, adql: str, **parameters: str) -> httpx.Response:
    asked = {"LANG": "ADQL", "QUERY": adql, **parameters}
    return httpx.get(f"{service.url}/tap/sync", params=asked, timeout=120)


@dataclass
class Reader:
    """A client that reads an answer in a thread, waiting after the first bytes until it may go on."""

    service: Service
    adql: str
    parameters: dict[str, str]
    status: int = 0
    lines: int = 0
    end: bytes = b""
    failure: Exception | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        asked = {"LANG": "ADQL", "QUERY": self.adql, **self.parameters}
        plain = {"Accept-Encoding": "identity"}
        try:
            with httpx.stream(
                "GET", f"{self.service.url}/tap/sync", params=asked, headers=plain, timeout=120
            ) as answer:
                self.status = answer.status_code
                for chunk in answer.iter_raw():
                    self.lines += chunk.count(b"\n")
                    self.end = (self.end + chunk)[-2000:]
                    self.goes_on.wait(60)
        except httpx.TransportError as error:
            self.failure = error


def test_metrics_are_those_of_all_server_processes_whichever_is_asked(
    fresh_database_url: str, tmp_path: Path
) -> None:
    asked = 'voserver_requests_total{endpoint="tap_sync",method="GET",status="200"}'
    with running(fresh_database_url, tmp_path, workers=2) as service:
        sent = 0

        def both_have_answered() -> bool:
            nonlocal sent
            assert (
                query(service, "SELECT TOP 3 table_name FROM TAP_SCHEMA.tables", FORMAT="csv").status_code
                == 200
            )
            sent += 1
            return len(service.workers("counter")) == 2

        eventually(both_have_answered)
        eventually(lambda: service.metric(asked) == sent)
        for _ in range(10):  # whichever process answers
            assert service.metric(asked) == sent
        assert service.metric('voserver_rows_total{format="CSV"}') == 3 * sent
        assert service.metric("voserver_running_queries") == 0


def test_server_processes_that_are_killed_are_replaced_and_their_query_ends(
    fresh_database_url: str, tmp_path: Path
) -> None:
    asked = 'voserver_request_seconds_count{endpoint="metrics"}'
    with running(fresh_database_url, tmp_path, workers=2) as service:
        reader = Reader(service, ENDLESS, {})
        eventually(lambda: service.metric("voserver_running_queries") == 1)
        eventually(lambda: sessions(fresh_database_url, "active") == 1)
        eventually(lambda: len(service.workers()) == 2)
        before = service.workers()
        answered = service.metric(asked)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        reader.thread.join(60)
        assert isinstance(reader.failure, httpx.TransportError)
        eventually(lambda: len(service.workers() - before) == 2)
        eventually(lambda: sessions(fresh_database_url, "active") == 0)
        assert service.workers().isdisjoint(before)
        assert service.metric("voserver_running_queries") == 0
        assert service.metric(asked) > answered > 0
        assert query(service, "SELECT TOP 1 table_name FROM TAP_SCHEMA.tables").status_code == 200


def test_an_answer_that_is_read_when_the_service_ends_is_whole(
    fresh_database_url: str, tmp_path: Path
) -> None:
    rows = 150_000
    with running(fresh_database_url, tmp_path, workers=1) as service:
        reader = Reader(
            service, MANY.replace("SELECT", f"SELECT TOP {rows}"), {"MAXREC": EVERYTHING, "FORMAT": "csv"}
        )
        eventually(lambda: reader.lines > 0)  # and it waits: the rest does not fit in between
        service.tell_to_end()
        eventually(lambda: not answers(service.port))
        reader.goes_on.set()
        reader.thread.join(60)
    assert (reader.status, reader.failure) == (200, None)
    assert reader.lines == rows + 1


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_that_do_not_end_in_time_end_in_words(
    fresh_database_url: str, tmp_path: Path, workers: int
) -> None:
    with running(fresh_database_url, tmp_path, workers=workers, grace=6) as service:
        endless = Reader(service, MANY, {"MAXREC": EVERYTHING})
        silent = Reader(service, ENDLESS, {})
        endless.goes_on.set()
        silent.goes_on.set()
        eventually(lambda: sessions(fresh_database_url, "active") == 2 and endless.lines > 0)
        service.tell_to_end()
        endless.thread.join(60)
        silent.thread.join(60)
    assert (endless.status, endless.failure) == (200, None)
    assert b'<INFO name="QUERY_STATUS" value="ERROR">' in endless.end
    assert endless.end.rstrip().endswith(b"</VOTABLE>")
    assert (silent.status, silent.failure) == (503, None)
    assert b"The service is being stopped." in silent.end
