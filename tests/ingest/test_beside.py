"""Large files are understood in a second process: the outcome, its faults and its end are the same."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from voserver.catalogue.ingest.beside import beside, received
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.understanding import Task, prepare
from voserver.model.errors import Unavailable, UsageError
from voserver.settings import Settings

Make = Callable[..., dict[str, object]]
Write = Callable[..., Path]


def exposures(fact: Make, count: int) -> list[dict[str, object]]:
    names = [f"jw02045003001_02101_{n:05d}_nrcblong_cal.fits" for n in range(1, count + 1)]
    return [fact(name, exposure=n + 1) for n, name in enumerate(names)]


def large(fact: Make, write: Write) -> Path:
    """A column that is not read makes more than a megabyte of thirty rows; one row is not right."""
    rows = [{**row, "unread": "x" * 50_000} for row in exposures(fact, 30)]
    rows[4]["fileSize"] = -1
    return write(rows, "large.csv")


def everything(settings: Settings) -> list[tuple[object, ...]]:
    with psycopg.connect(str(settings.database_url)) as connection:
        return connection.execute("SELECT filename, s_region FROM archive.artifact ORDER BY 1").fetchall()


def test_a_large_file_loads_as_a_small_one_does(fact: Make, write: Write, loading: Settings) -> None:
    path = large(fact, write)
    report = ingest_keywords(str(loading.database_url), path, loading, batch_size=7)
    assert (report.rows, report.added, report.refused) == (30, 29, 1)
    loaded = everything(loading)
    small = ingest_keywords(str(loading.database_url), write(exposures(fact, 30)), loading)
    assert (small.added, small.same, small.changed) == (1, 29, 0)
    assert [row for row in everything(loading) if row in loaded] == loaded


def test_a_large_file_that_is_damaged_is_refused_in_the_same_words(
    fact: Make, write: Write, loading: Settings
) -> None:
    path = large(fact, write)
    with path.open("ab") as file:
        file.write(b"\xff\xfe\n")
    with pytest.raises(
        UsageError, match=r"large\.csv cannot be read: .* The 28 rows before that are loaded\."
    ):
        ingest_keywords(str(loading.database_url), path, loading, batch_size=7)
    assert len(everything(loading)) == 27


def test_the_other_process_makes_the_same_batches(fact: Make, write: Write) -> None:
    task = Task(write(exposures(fact, 5)), "archive.test", {}, 5, 2)
    with beside() as preparing:
        assert list(preparing(task)) == list(prepare(task))


@pytest.mark.parametrize("said", ["", "half", "import sys; sys.stdin.buffer.read(); half"])
def test_a_process_that_ends_early_is_told_of(said: str) -> None:
    half = "import sys; sys.stdout.buffer.write(b'\\x80\\x05\\x95'); sys.stdout.flush()"
    command = [sys.executable, "-c", f"{said.replace('half', half)}\nimport os; os._exit(3)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        answers = received(process, Task(Path("cut.csv"), "archive.test", {}, 0, 1))
        with pytest.raises(Unavailable, match=r"cut\.csv ended early, with status 3"):
            next(answers)


def test_the_other_process_ends_with_the_load(fact: Make, write: Write) -> None:
    path = large(fact, write)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from voserver.catalogue.ingest.beside import beside\n"
        "from voserver.catalogue.ingest.understanding import Task\n"
        "with beside() as preparing:\n"
        "    next(preparing(Task(Path(sys.argv[1]), 'archive.test', {}, 30, 1)))\n"
        "    os._exit(9)\n"
    )
    # Its output ends only when the other process, which has the same one, has ended too.
    killed = subprocess.run(
        [sys.executable, "-c", script, path], check=False, stderr=subprocess.PIPE, timeout=60
    )
    assert (killed.returncode, killed.stderr) == (9, b"")
