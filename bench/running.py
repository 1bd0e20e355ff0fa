"""The server that is measured: the real one, one process, started as an operator would."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What a client saw of one answer."""

    first_byte: float
    seconds: float
    size: int


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection that can be used for several requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def query(self, connection: http.client.HTTPConnection, adql: str, wanted: str, maxrec: int) -> Answer:
        """Ask, read everything, throw it away."""
        parameters = {"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": wanted, "MAXREC": maxrec}
        start = time.perf_counter()
        connection.request("GET", "/tap/sync?" + urlencode(parameters))
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise RuntimeError(response.read(2000).decode())
        block = bytearray(1 << 20)
        size = response.readinto(block)
        first_byte = time.perf_counter() - start
        while count := response.readinto(block):
            size += count
        return Answer(first_byte, time.perf_counter() - start, size)

    def forget_peak(self) -> None:
        """Begin to watch the peak of its memory anew (proc(5), clear_refs)."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")

    def peak_megabytes(self) -> float:
        """The most memory that it has held since."""
        status = Path(f"/proc/{self.process}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 1024


@contextmanager
def running(database_url: str, **more: str) -> Iterator[Server]:
    """Start the server, with more in its environment, and stop it again."""
    port = free_port()
    command = [sys.executable, "-m", "voserver", "serve", "--port", str(port), "--workers", "1"]
    settings = {"VOSERVER_DATABASE_URL": database_url, "VOSERVER_LOG_LEVEL": "warning"}
    with subprocess.Popen(command, env=os.environ | settings | more) as process:
        try:
            wait(process, port, "/tap/availability")
            yield Server(port, process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait until a server answers, whatever to but a fault of its own."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("The server did not start.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("The server did not answer within half a minute.")
