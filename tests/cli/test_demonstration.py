"""`voserver demo` where things go wrong around it: whatever happens, its PostgreSQL does not stay behind."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from voserver.catalogue.embedded import EmbeddedPostgres

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
# Also where the tests run below nohup.
IN_A_TERMINAL = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from voserver.__main__ import main; main()"
)


def test_a_demonstration_that_nobody_reads_goes_on_until_its_terminal_is_closed(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", IN_A_TERMINAL, "demo", "--port", str(port)]
    settings = {"VOSERVER_DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(
        command, env=ENVIRONMENT | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        try:
            assert b"PostgreSQL runs" in process.stdout.readline()
            process.stdout.close()  # as `| head -1` does
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/tap/availability", timeout=120) as answer:
                assert b">true</" in answer.read()
        finally:
            process.send_signal(signal.SIGHUP)
    assert process.returncode == 0
    assert not EmbeddedPostgres(tmp_path / "data").runs
