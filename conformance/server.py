"""The server that the clients meet: the real one, on the sample, with a database and a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

_STARTING = 300
"""Seconds until it must answer: the first start makes a cluster and writes the sample."""


@dataclass(frozen=True)
class Server:
    """A running server: its URL, and the file with what it printed."""

    url: str
    log: Path | None = None

    def said(self) -> str:
        """What the server printed when it was up, and its log."""
        return self.log.read_text() if self.log else ""


@contextmanager
def running() -> Iterator[Server]:
    """Start `voserver demo` in a directory of its own, and stop it again."""
    with tempfile.TemporaryDirectory(prefix="voserver-conformance-") as made, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        data = Path(made) / "data"
        Path(made).chmod(0o711)  # PostgreSQL does not run as root, and must pass through
        log = (Path(made) / "server.log").open("w+")
        settings = {
            "VOSERVER_DATA_DIR": str(data),
            "VOSERVER_LOG_LEVEL": "warning",
            "VOSERVER_CREDENTIALS_OVER_HTTP": "true",
        }
        command = [sys.executable, "-m", "voserver", "demo", "--port", str(port)]
        with (
            log,
            subprocess.Popen(
                command, env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            ) as process,
        ):
            try:
                url = f"http://127.0.0.1:{port}"
                _wait(url, process, Path(log.name))
                yield Server(url, Path(log.name))
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _STARTING
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server did not start: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/tap/availability", timeout=30):
                return
        except URLError:
            time.sleep(0.3)
    raise RuntimeError(f"The server did not answer within {_STARTING} s: {log.read_text()[-2000:]}")
