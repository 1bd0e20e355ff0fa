"""The command line as an operator meets it: as a process, with its exit codes and its sentences."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from voserver.settings import Settings

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}


def voserver(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voserver", *arguments]
    return subprocess.run(command, env=ENVIRONMENT | settings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "demo",
        "serve",
        "db",
        "db init",
        "db upgrade",
        "db status",
        "ingest",
        "ingest jwst-keywords",
        "ingest schedule",
        "ingest caom",
        "export",
        "export caom",
        "table",
        "table publish",
        "table describe",
        "table list",
        "table unpublish",
        "verify",
        "doctor",
        "settings",
    ],
)
def test_help_teaches(command: str) -> None:
    shown = voserver(*command.split(), "--help")
    assert shown.returncode == 0
    assert "Usage: " in shown.stdout
    if command not in {"", "db", "ingest", "export", "table"}:
        assert "Example: " in shown.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [("demo", ["host", "port"]), ("serve", ["host", "port", "workers"]), ("worker", ["job_concurrency"])],
)
def test_help_tells_the_defaults(command: str, options: list[str]) -> None:
    shown = " ".join(voserver(command, "--help", COLUMNS="200").stdout.split())
    for name in options:
        assert f"VOSERVER_{name.upper()}, or {Settings.model_fields[name].default})" in shown


@pytest.mark.parametrize("command", ["doctor", "db status", "serve", "ingest sample"])
def test_who_looks_at_a_directory_without_a_database_leaves_none_there(command: str, tmp_path: Path) -> None:
    looked = voserver(*command.split(), VOSERVER_DATA_DIR=str(tmp_path / "data"), VOSERVER_PORT="0")
    assert looked.returncode == 1
    said = looked.stdout + looked.stderr
    assert "there is no embedded database" in said
    assert "voserver db upgrade" in said
    assert not (tmp_path / "data").exists()


def test_help_imports_nothing_heavy() -> None:
    listing = "import sys, voserver.cli.application; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    heavy = {"astropy", "felis", "numpy", "psycopg", "pyarrow", "pydantic", "sqlalchemy", "starlette"}
    assert not heavy & set(loaded.stdout.split())


def test_a_server_starts_without_what_only_the_making_of_the_sample_needs() -> None:
    listing = "import sys, voserver.cli.demonstration, voserver.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert "astropy" not in loaded.stdout.split()


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "sentence"),
    [
        (["serve", "--port", "x"], {}, 2, "--port"),
        (
            ["serve"],
            {"VOSERVER_PORT": "99999"},
            2,
            "VOSERVER_PORT: Input should be less than or equal to 65535",
        ),
        (["db", "status"], {"VOSERVER_DATABASE_URL": "postgresql://h@127.0.0.1:1/x"}, 1, "cannot be reached"),
        (["dance"], {}, 2, "No such command 'dance'"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    arguments: list[str], settings: dict[str, str], code: int, sentence: str
) -> None:
    failed = voserver(*arguments, **settings)
    assert failed.returncode == code
    assert sentence in failed.stderr
    assert "Traceback" not in failed.stderr


def test_debug_shows_where(tmp_path: Path) -> None:
    failed = voserver("--debug", "serve", VOSERVER_PORT="none", VOSERVER_DATA_DIR=str(tmp_path))
    assert "Traceback" in failed.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        failed = voserver("demo", "--port", str(port), VOSERVER_DATA_DIR=str(tmp_path / "data"))
    assert failed.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use." in failed.stderr
    assert not (tmp_path / "data").exists()


def test_the_schema_is_upgraded_once_and_its_status_told(empty_database_url: str, database_url: str) -> None:
    again = voserver("db", "upgrade", VOSERVER_DATABASE_URL=database_url)
    assert (again.returncode, again.stdout) == (0, "The schema is up to date.\n")
    assert voserver("db", "status", VOSERVER_DATABASE_URL=database_url).returncode == 0
    there = voserver("db", "init", VOSERVER_DATABASE_URL=database_url)
    assert there.returncode == 2
    assert "has the schema already" in there.stderr
    empty = voserver("db", "status", VOSERVER_DATABASE_URL=empty_database_url)
    assert empty.returncode == 1
    assert "voserver db upgrade" in empty.stderr


def test_the_server_stops_cleanly_when_it_is_told_to(database_url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "voserver", "serve", "--port", str(port), "--workers", "2"]
    settings = {"VOSERVER_DATABASE_URL": database_url, "VOSERVER_LOG_LEVEL": "warning"}
    with subprocess.Popen(command, env=ENVIRONMENT | settings, stderr=subprocess.PIPE, text=True) as server:
        try:
            # The port is open from the start; the answer comes when the server is up.
            answer = _wait_for(f"http://127.0.0.1:{port}/tap/availability", server)
            assert b"<available>true</available>" in answer
        finally:
            server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in said


def _wait_for(url: str, server: subprocess.Popen[str]) -> bytes:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return bytes(answer.read())
        except ConnectionError:
            continue
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
    raise AssertionError(server.stderr.read() if server.stderr else "")


@pytest.mark.parametrize(
    "command",
    [
        ["ingest", "jwst-keywords", "exposures.csv"],
        ["ingest", "fits", "."],
        ["ingest", "products", "products.csv"],
        ["ingest", "caom", "document.xml"],
        ["ingest", "schedule", "visits.csv"],
        ["export", "caom", "documents"],
        ["table", "publish", "table.yaml", "table.csv"],
        ["table", "unpublish", "survey.sources"],
        ["program", "list"],
        ["user", "list"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_a_catalogue_of_a_newer_version_is_left_alone(
    command: list[str], newer_database_url: str, tmp_path: Path
) -> None:
    answer = voserver(*command, VOSERVER_DATABASE_URL=newer_database_url, VOSERVER_DATA_DIR=str(tmp_path))
    assert answer.returncode == 1
    assert "was upgraded by a newer voserver" in answer.stderr


@pytest.fixture(scope="module")
def newer_database_url(module_database_url: str) -> str:
    with psycopg.connect(module_database_url) as connection:
        connection.execute("INSERT INTO archive.migration (name, checksum) VALUES ('9999_future', '')")
    return module_database_url
