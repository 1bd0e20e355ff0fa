"""Jobs: what they cost beyond their query, how fast a queue is drained, and many clients at once."""

import http.client
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from report import Target, Verdicts, console, table
from running import Server

REPETITIONS = 50
QUEUE = 200
CLIENTS = 50
OVERHEAD = Target(150, "ms")
QUERY = "SELECT TOP 1 table_name FROM TAP_SCHEMA.tables"
_JOB = urlencode({"LANG": "ADQL", "QUERY": QUERY, "PHASE": "RUN"})
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure(url: str, server: Server, verdicts: Verdicts) -> None:
    """Jobs through a worker of its own, as an operator runs it; then small queries of many clients."""
    with _worker(url):
        web = server.connect()
        _wait(web, _start(web))  # the worker's first
        plain = statistics.median(server.query(web, QUERY, "csv", 1).seconds for _ in range(REPETITIONS))
        whole = statistics.median(_seconds(web) for _ in range(REPETITIONS))
        began = time.perf_counter()
        jobs = [_start(web) for _ in range(QUEUE)]
        for job in jobs:
            _wait(web, job)
        drained = time.perf_counter() - began
    shown = table(f"A trivial query as a job, ms, median of {REPETITIONS}", "", "ms", "target", "")
    shown.add_row("at /tap/sync", f"{1000 * plain:.1f}", "", "")
    added = 1000 * (whole - plain)
    shown.add_row(
        "added by a job", f"{added:.1f}", str(OVERHEAD), verdicts.judge("overhead of a job", added, OVERHEAD)
    )
    shown.add_row(f"each of {QUEUE} in the queue", f"{1000 * drained / QUEUE:.1f}", "", "")
    console.print(shown)
    _measure_clients(server)


def _measure_clients(server: Server) -> None:
    """Small queries of many clients at once; an error ends the measurement."""
    each = 20

    def client(_: int) -> list[float]:
        web = server.connect()
        return [server.query(web, QUERY, "csv", 1).seconds for _ in range(each)]

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        times = sorted(seconds for one in threads.map(client, range(CLIENTS)) for seconds in one)
    rate = len(times) / (time.perf_counter() - began)
    shown = table(f"{CLIENTS} clients at once, {each} small queries each", "queries/s", "p50, ms", "p99, ms")
    p50, p99 = (1000 * times[int(share * len(times))] for share in (0.5, 0.99))
    shown.add_row(f"{rate:.0f}", f"{p50:.1f}", f"{p99:.1f}")
    console.print(shown)


@contextmanager
def _worker(url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "voserver", "worker"]
    settings = {"VOSERVER_DATABASE_URL": url, "VOSERVER_LOG_LEVEL": "warning"}
    with subprocess.Popen(command, env=os.environ | settings) as process:
        try:
            yield
        finally:
            process.terminate()


def _seconds(web: http.client.HTTPConnection) -> float:
    """From the POST that starts a job until the client knows that it has ended."""
    began = time.perf_counter()
    _wait(web, _start(web))
    return time.perf_counter() - began


def _start(web: http.client.HTTPConnection) -> str:
    """Make and start a job; returns its path."""
    web.request("POST", "/tap/async", _JOB, _FORM)
    answer = web.getresponse()
    answer.read()
    if answer.status != http.client.SEE_OTHER:
        raise RuntimeError(f"No job was made: {answer.status}")
    return urlsplit(answer.headers["Location"]).path


def _wait(web: http.client.HTTPConnection, job: str) -> None:
    while True:
        web.request("GET", f"{job}?WAIT=50")
        document = web.getresponse().read().decode()
        phase = re.search(r"<uws:phase>(\w+)<", document)
        if phase is None or phase[1] not in {"QUEUED", "EXECUTING", "COMPLETED"}:
            raise RuntimeError(f"A job did not end well: {document}")
        if phase[1] == "COMPLETED":
            return
