"""What the documentation shows works: its queries, snippets and commands run against the demonstration."""

import csv
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from voserver.protocols.tap.examples import EXAMPLES, Example
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.user_functions import USER_FUNCTIONS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HOME = "http://127.0.0.1:8000"


def blocks(language: str) -> dict[str, str]:
    """The fenced blocks of a language, from every page, by where they are."""
    return {
        f"{page.name}-{number}": block
        for page in PAGES
        for number, block in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        )
    }


QUERIES, SNIPPETS, COMMANDS = blocks("sql"), blocks("python"), blocks("shell")


@dataclass(frozen=True)
class Demonstration:
    """A running `voserver demo`: its URL, what it said at first, and the environment of a shell beside it."""

    url: str
    greeting: str
    environment: dict[str, str]
    directory: Path

    def run(self, *command: str) -> str:
        """What a command says when it succeeds."""
        finished = subprocess.run(
            command, env=self.environment, cwd=self.directory, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def ask(self, query: str) -> list[dict[str, str]]:
        """The rows that a query finds."""
        parameters = urllib.parse.urlencode({"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "csv"})
        with urllib.request.urlopen(f"{self.url}/tap/sync?{parameters}", timeout=60) as answer:
            return list(csv.DictReader(answer.read().decode().splitlines()))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    directory = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
    environment["VOSERVER_DATA_DIR"] = str(directory / "data")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = [sys.executable, "-m", "voserver", "demo", "--port", port]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        try:
            for line in process.stdout:
                said += line
                if "In a browser" in line:
                    break
            assert f"http://127.0.0.1:{port}/tap" in said
            yield Demonstration(f"http://127.0.0.1:{port}", said, environment, directory)
        finally:
            process.terminate()
            rest = process.stdout.read()
    assert process.returncode == 0
    assert "PostgreSQL has stopped" in rest
    assert not (directory / "data" / "postgresql" / "postmaster.pid").exists()


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_query_is_answered(query: str, demonstration: Demonstration) -> None:
    assert demonstration.ask(query), "the query finds nothing in the sample"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_example_finds_something(example: Example, demonstration: Demonstration) -> None:
    assert demonstration.ask(example.query), "the example finds nothing in the sample"


def test_the_first_query_is_the_same_everywhere_and_its_rows_have_no_gaps(
    demonstration: Demonstration,
) -> None:
    shown = [(ROOT / page).read_text() for page in ("README.md", "docs/astronomers.md")]
    first = re.compile(r'query = """(.*?)"""', re.DOTALL)
    queries = [first.findall(text)[0].split() for text in (*shown, demonstration.greeting)]
    assert queries == queries[:1] * 3
    rows = demonstration.ask(" ".join(queries[0]))
    assert len(rows) == 5
    assert all(value for row in rows for value in row.values())


def test_the_search_for_aladin_is_the_same_everywhere_and_finds_images(demonstration: Demonstration) -> None:
    page = (ROOT / "docs" / "astronomers.md").read_text().replace(HOME, demonstration.url)
    searches = [
        re.findall(r"http://[^`\s]+/sia/query[?][^`\s]+", text) for text in (page, demonstration.greeting)
    ]
    assert searches == [searches[0][:1]] * 2
    with urllib.request.urlopen(f"{searches[0][0]}&RESPONSEFORMAT=csv", timeout=60) as answer:
        kinds = {row["dataproduct_type"] for row in csv.DictReader(answer.read().decode().splitlines())}
    assert "image" in kinds


def test_what_a_new_demonstration_tells_first_is_that_its_files_are_new(demonstration: Demonstration) -> None:
    told = demonstration.ask("SELECT DISTINCT kind FROM jwst.event WHERE uri LIKE 'voserver:sample/%'")
    assert told == [{"kind": "new"}]


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_every_snippet_runs(snippet: str, demonstration: Demonstration) -> None:
    assert demonstration.run(sys.executable, "-c", snippet.replace(HOME, demonstration.url))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_runs(command: str, demonstration: Demonstration) -> None:
    operators = (ROOT / "docs" / "operators.md").read_text()
    for language, name in (("yaml", "standards.yaml"), ("csv", "standards.csv")):
        shown = re.search(rf"^```{language}\n(.*?)^```", operators, re.MULTILINE | re.DOTALL)
        assert shown
        (demonstration.directory / name).write_text(shown[1])
    assert demonstration.run("bash", "-c", command.replace(HOME, demonstration.url))


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_every_function_is_told_of() -> None:
    page = (ROOT / "docs" / "adql.md").read_text()
    functions = [function for known in (FUNCTIONS, USER_FUNCTIONS) for function in known.values()]
    names = [function.signatures[0].partition("(")[0] for function in functions] + list(GEOMETRY)
    assert [name for name in names if f"`{name}" not in page] == []
