"""Files: one of a gigabyte, whole and in parts, beside nginx and Python's own server with the same file."""

import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
import running
from report import Target, Verdicts, console, table

SIZE = 1 << 30
REPETITIONS = 7
RANGES = 100
PACKED = 10
MEMORY = Target(300, "MB")
WANTED = Target(1 / 0.7, "x")
_PART = 8 << 20
_SMALL_PART = 64 << 10
_NGINX = """
daemon off; error_log stderr; pid {directory}/nginx.pid; worker_processes 1; events {{}}
http {{ access_log off; sendfile on; default_type application/fits; client_body_temp_path {directory};
proxy_temp_path {directory}; fastcgi_temp_path {directory}; uwsgi_temp_path {directory}; scgi_temp_path {directory};
server {{ listen 127.0.0.1:{port}; root {directory}; }} }}
"""


@dataclass
class _Place:
    """Where the file is had, and how long that took."""

    name: str
    port: int
    path: str
    connection: http.client.HTTPConnection = field(init=False)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def read(self, start: int, end: int) -> float:
        """Fetch a part, or all of it, and throw it away; returns the seconds."""
        is_whole = (start, end) == (0, SIZE)
        headers = {} if is_whole else {"Range": f"bytes={start}-{end - 1}"}
        block = bytearray(1 << 20)
        began = time.perf_counter()
        self.connection.request("GET", self.path, headers=headers)
        answer = self.connection.getresponse()
        size = 0
        while count := answer.readinto(block):
            size += count
        seconds = time.perf_counter() - began
        if answer.status != (200 if is_whole else 206) or size != end - start:
            raise RuntimeError(f"{self.name} answered {answer.status} with {size} bytes.")
        return seconds


def measure(url: str, verdicts: Verdicts) -> None:
    """Whole and in parts, in turns, so that a busy moment of the machine meets all."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        directory = Path(made)
        chosen = _public_files(url)
        uri, name = chosen[0]
        with (directory / name).open("wb") as file:
            block = os.urandom(1 << 20)
            for _ in range(SIZE >> 20):
                file.write(block)
        stores = json.dumps([{"name": "bench", "url": directory.as_uri()}])
        server = stack.enter_context(running.running(url, VOSERVER_STORES=stores))
        ours = _Place("voserver", server.port, f"/files/{quote(uri, safe=':/')}")
        python = _Place("python -m http.server", stack.enter_context(_python(directory)), f"/{name}")
        places = [ours, python]
        if shutil.which("nginx"):
            places.append(_Place("nginx", stack.enter_context(_nginx(directory)), f"/{name}"))
        server.forget_peak()
        _compare("a file of 1 GiB", places, verdicts, REPETITIONS, lambda: (0, SIZE))
        parted = [place for place in places if place is not python]  # it knows no ranges
        for size in (_PART, _SMALL_PART):
            title = f"parts of {size >> 10} KiB"
            target = verdicts if size == _PART else None
            _compare(title, parted, target, RANGES, partial(_somewhere, size))
        console.print(f"The server's peak meanwhile: {server.peak_megabytes():.0f} MB")
        _measure_packages(server, directory, chosen, verdicts)


def _measure_packages(
    server: running.Server, directory: Path, chosen: list[tuple[str, str]], verdicts: Verdicts
) -> None:
    """Ten times the bytes are to take the same memory. The files are holes: it is not the disk that is measured."""
    for _, name in chosen:
        with (directory / name).open("wb") as file:
            file.truncate(SIZE)
    shown = table("packages", "", "GB", "MB/s", "server's peak, MB", "target", "")
    for form in ("zip", "tar"):
        for count in (1, PACKED):
            server.forget_peak()
            began = time.perf_counter()
            size = _package(server, form, [uri for uri, _ in chosen[:count]])
            speed = size / (time.perf_counter() - began) / 1e6
            peak = server.peak_megabytes()
            judged = verdicts.judge(f"memory of a {form} of {count} GiB", peak, MEMORY)
            shown.add_row(form, f"{size / 1e9:.1f}", f"{speed:.0f}", f"{peak:.0f}", str(MEMORY), judged)
    console.print(shown)


def _package(server: running.Server, form: str, uris: list[str]) -> int:
    connection = server.connect()
    connection.request("GET", f"/package?RESPONSEFORMAT={form}&ID={quote(' '.join(uris))}")
    answer = connection.getresponse()
    block = bytearray(1 << 20)
    size = 0
    while count := answer.readinto(block):
        size += count
    connection.close()
    if answer.status != http.client.OK or answer.headers["Content-Length"] != str(size):
        raise RuntimeError(f"A package of {size} bytes came with {answer.status}.")
    return size


def _somewhere(size: int) -> tuple[int, int]:
    start = random.randrange(SIZE - size)
    return start, start + size


def _compare(
    title: str,
    places: list[_Place],
    verdicts: Verdicts | None,
    times: int,
    part: Callable[[], tuple[int, int]],
) -> None:
    for place in places:
        place.seconds.clear()
    for _ in range(times):
        start, end = part()
        for place in places:
            place.seconds.append(place.read(start, end))
    medians = {place.name: statistics.median(place.seconds) for place in places}
    fastest = min(seconds for name, seconds in medians.items() if name != "voserver")
    shown = table(title, "", "ms", "MB/s", "times the fastest", "target", "")
    for name, seconds in medians.items():
        ratio, judged = seconds / fastest, ""
        if name == "voserver" and verdicts is not None:
            judged = verdicts.judge(title, ratio, WANTED)
        row = (f"{1000 * seconds:.2f}", f"{(end - start) / seconds / 1e6:.0f}", f"{ratio:.2f}")
        shown.add_row(name, *row, str(WANTED) if judged else "", judged)
    console.print(shown)


def _public_files(url: str) -> list[tuple[str, str]]:
    """URIs and names of some files that anybody may have."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT min(uri), filename FROM archive.artifact WHERE filename LIKE '%%.fits'"
            " AND metarelease < now() AT TIME ZONE 'utc' AND datarelease < now() AT TIME ZONE 'utc'"
            " GROUP BY filename ORDER BY filename LIMIT %s",
            [PACKED],
        ).fetchall()
    if len(found) < PACKED:
        raise RuntimeError("The catalogue has too few public files.")
    return found


@contextmanager
def _python(directory: Path) -> Iterator[int]:
    port = running.free_port()
    command = [
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        str(directory),
    ]
    with _listening(command, port):
        yield port


@contextmanager
def _nginx(directory: Path) -> Iterator[int]:
    port = running.free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(_NGINX.format(directory=directory, port=port))
    directory.chmod(0o755)  # its worker is another user
    with _listening(["nginx", "-p", str(directory), "-c", str(configuration)], port):
        yield port


@contextmanager
def _listening(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            running.wait(process, port, "/")
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    measure(os.environ["VOSERVER_DATABASE_URL"], Verdicts())
