"""What others wrote is shown as it is: no text of theirs commands the terminal, or the command that prints it."""

import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from tests.waiting import eventually
from voserver.cli.steps import Terminal, printable, progress_bar

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
FELIS = """
name: survey
description: s
tables:
- {name: t, description: d, columns: [{name: a, datatype: int, description: d}]}
"""
COMMANDS = "\x1b]0;pwned\x07 \x9b2J \u202egnp.exe\u202c \u2066x\u2069"


def voserver(*arguments: str | Path, where: Path, url: str) -> subprocess.CompletedProcess[str]:
    settings = {"VOSERVER_DATABASE_URL": url, "VOSERVER_DATA_DIR": str(where / "data[red]")}
    command = [sys.executable, "-m", "voserver", *map(str, arguments)]
    return subprocess.run(
        command, env=ENVIRONMENT | settings, cwd=where, capture_output=True, text=True, check=False
    )


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "t.yaml").write_text(FELIS)
    (tmp_path / "t.csv").write_text(f"b{COMMANDS},c\n1,2\n")
    failed = voserver("table", "publish", "t.yaml", "t.csv", where=tmp_path, url=database_url)
    assert failed.returncode == 2
    assert "It has: b�]0;pwned" in failed.stderr
    assert not set("\x1b\x07\x9b\u202e\u202c\u2066\u2069") & set(failed.stderr)


def test_publishing_positions_that_are_text_says_so_and_what_to_do(
    tmp_path: Path, fresh_database_url: str
) -> None:
    (tmp_path / "t.csv").write_text("ra,dec\n23:20:06.86,-60:03:56.6\n")
    described = voserver(
        "table", "describe", "t.csv", "--name", "tso.visits", where=tmp_path, url=fresh_database_url
    )
    (tmp_path / "t.yaml").write_text(described.stdout)
    done = voserver("table", "publish", "t.yaml", "t.csv", where=tmp_path, url=fresh_database_url)
    told = " ".join(done.stdout.split())
    assert "tso.visits: 1 row" in told
    assert "ra is text, dec is text. Positions are numbers in decimal degrees" in told
    assert "No position was found" not in told


def test_names_with_square_brackets_are_names(tmp_path: Path, fresh_database_url: str) -> None:
    place = tmp_path / "[/x]y"
    place.mkdir(parents=True)
    (place / "broken.fits").write_bytes(b"not FITS")
    loaded = voserver("ingest", "fits", "[/x]y", where=tmp_path, url=fresh_database_url)
    assert "Markup" not in loaded.stderr
    assert "✓ [/x]y: " in loaded.stdout
    assert "data[red]" in loaded.stdout.replace("\n", "")  # where the findings are


@pytest.mark.parametrize("odd", ["[/x]y", "[bold]y", "caom:smile:", ":warning:"])
def test_nothing_that_is_printed_is_read_as_markup(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    terminal = Terminal()
    monkeypatch.setattr(terminal, "file", written)
    table = Table(odd)
    table.add_row(odd)
    for thing in (odd, Text(odd), table):
        terminal.print(thing)
    assert written.getvalue().count(odd) == 4


def test_a_bar_says_what_it_is_given() -> None:
    with progress_bar() as bar:
        bar.add_task("[/x]y", total=None)
        bar.refresh()


def test_texts_stay_as_they_are_but_for_what_a_terminal_obeys() -> None:
    kept = "μm, Å, 日本, a\tb\nc"
    assert printable(kept) == kept
    assert printable(COMMANDS) == "�]0;pwned� �2J �gnp.exe� �x�"
    assert printable("\udcff.fits").encode() == "�.fits".encode()


ASKING = """
from voserver.cli.steps import ask, progress_bar
with progress_bar() as bar:
    bar.add_task("MAST is asked", total=None)
    print("agreed" if ask("Shall 5 files go?", bar, confirmed=False) else "not agreed")
"""


class Screen:
    """What a program has shown on a terminal so far."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self.shown = ""

    def says(self, words: str) -> bool:
        """Whether the words are there; takes in what has come since."""
        while select.select([self._terminal], [], [], 0)[0]:
            self.shown += os.read(self._terminal, 1000).decode(errors="replace")
        return words in self.shown


def test_a_question_stays_on_the_terminal_until_it_is_answered() -> None:
    ours, theirs = pty.openpty()
    screen = Screen(ours)
    command = [sys.executable, "-c", ASKING]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs):
        eventually(lambda: screen.says("Shall 5 files go? [y/N]:"))
        time.sleep(0.5)  # in which a bar that goes on, ten times a second, would wipe it
        screen.says("")
        assert screen.shown.endswith(("[y/N]:", "[y/N]: "))
        os.write(ours, b"y\n")
        eventually(lambda: screen.says("agreed"))
    assert not screen.says("not agreed")
    os.close(theirs)
    os.close(ours)


def test_where_nobody_can_be_asked_nobody_has_agreed() -> None:
    command = [sys.executable, "-c", ASKING]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert "not agreed" in answer.stdout
