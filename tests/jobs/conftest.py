"""Servers and workers as processes of their own, to be killed, over a database that can be restarted."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx
import psycopg
import pytest
from psycopg import conninfo

from tests.waiting import eventually

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
LEASE = 4
# A row of this table can be locked by a test: the query waits for as long as the test likes, and then is quick.
QUERY = "SELECT COUNT(*) AS number FROM caom2.Observation"
LOCK = "LOCK TABLE archive.observation IN ACCESS EXCLUSIVE MODE"


@dataclass
class Archive:
    """A database, and the processes of the service that work on it."""

    database_url: str
    directory: Path
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process of the service."""
        settings = {
            "VOSERVER_DATABASE_URL": self.database_url,
            "VOSERVER_DATA_DIR": str(self.directory / "data"),
            "VOSERVER_JOB_LEASE": str(LEASE),
            "VOSERVER_ESTIMATE_LIMIT": "0",
            "VOSERVER_LOG_LEVEL": "info",
            **self.settings,
        }
        with (self.directory / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "voserver", *command],
                env=ENVIRONMENT | settings, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start a server, at the same address each time, and wait until it answers."""
        if not self.url:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        process = self.start("serve", "--port", self.url.rsplit(":", 1)[1])
        eventually(lambda: process.poll() is not None or self.answers())
        assert process.poll() is None, self.log()
        return process

    def worker(self, concurrency: int = 1) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until it works."""
        before = self.log().count("worker_started")
        process = self.start("worker", "--concurrency", str(concurrency))
        eventually(lambda: process.poll() is not None or self.log().count("worker_started") > before)
        assert process.poll() is None, self.log()
        return process

    def answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return "available>true" in httpx.get(f"{self.url}/tap/availability", timeout=10).text
        return False

    def log(self) -> str:
        return (self.directory / "log").read_text() if (self.directory / "log").exists() else ""

    def run(self, query: str = QUERY, **parameters: str) -> str:
        """Start a job; returns its URL."""
        asked = {"LANG": "ADQL", "QUERY": query, "FORMAT": "csv", "PHASE": "RUN", **parameters}
        answer = httpx.post(f"{self.url}/tap/async", data=asked, timeout=30)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def phase(self, job: str) -> str:
        return httpx.get(f"{job}/phase", timeout=30).text

    def ended(self, job: str) -> str:
        """The phase in which a job ends."""
        eventually(lambda: self.phase(job) in {"COMPLETED", "ERROR", "ABORTED"})
        return self.phase(job)

    def result(self, job: str) -> str:
        answer = httpx.get(f"{job}/results/result", timeout=30)
        assert answer.status_code == 200
        return answer.text

    def files(self) -> list[Path]:
        """What lies in the result store."""
        # Unlike `rglob`, this does not mind that a directory is removed while it looks.
        found = os.walk(self.directory / "data" / "results")
        return [Path(directory, name) for directory, _, names in found for name in names]

    def endings(self, job: str) -> int:
        """How many attempts at a job were carried to its end."""
        identifier = job.rsplit("/", 1)[1]
        return len(re.findall(rf"job_ended.*completed=True.*job={identifier}", self.log()))

    def attempt(self, job: str) -> int:
        return int(self.one("SELECT attempt FROM archive.job WHERE job_id = %s", job.rsplit("/", 1)[1]))

    def one(self, query: str, *values: str) -> str:
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return str(row[0])

    def executions(self) -> int:
        """How many jobs are running, as the database has it."""
        return int(self.one("SELECT count(*) FROM archive.job WHERE phase = 'EXECUTING'"))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While this is open, `QUERY` waits."""
        connection = psycopg.connect(self.database_url)
        try:
            connection.execute(LOCK)
            yield
        finally:
            connection.close()

    def waits(self) -> bool:
        """Whether a query of a user's waits for the lock."""
        return int(self.one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'voserver query' AND wait_event_type = 'Lock'"
        )) > 0  # fmt: skip

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture
def archive(fresh_database_url: str, tmp_path: Path) -> Iterator[Archive]:
    """An archive without rows, whose server and workers a test starts itself."""
    made = Archive(fresh_database_url, tmp_path)
    try:
        yield made
    finally:
        made.stop()
        sys.stdout.write(made.log())  # shown where the test fails


class Cable:
    """A network between a process and the database, which can be cut: TCP in front of the database's socket."""

    def __init__(self, database_url: str) -> None:
        parts = conninfo.conninfo_to_dict(database_url)
        self._target = f"{parts['host']}/.s.PGSQL.{parts.get('port', '5432')}"
        self._server = socket.create_server(("127.0.0.1", 0))
        port = self._server.getsockname()[1]
        self.url = conninfo.make_conninfo(database_url, host="127.0.0.1", port=port, sslmode="disable")
        self._is_cut = False
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """Break every connection, and each that is tried."""
        self._is_cut = True
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut = False

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                if self._is_cut:
                    near.close()
                else:
                    threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self._target)
            self._open += [near, far]
            back = threading.Thread(target=self._forward, args=(far, near), daemon=True)
            back.start()
            self._forward(near, far)
            back.join()

    @staticmethod
    def _forward(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cable_to() -> Callable[[str], Cable]:
    return Cable
