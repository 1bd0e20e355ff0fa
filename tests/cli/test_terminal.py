"""What others wrote is shown as it is: no text of theirs commands the terminal, or the command that prints it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

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
