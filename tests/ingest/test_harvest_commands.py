"""Harvests as commands: broken off, and what they say."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.ingest import test_harvest
from tests.ingest.test_harvest import Ask
from tests.portal_stand_in import (
    Conversation,
    StandIn,
    observation,
    product,
)
from voserver.settings import Settings

mast = test_harvest.mast
archive = test_harvest.archive
ask = test_harvest.ask


# Ctrl-C is heard as in a terminal, also where the tests run in the background, which hears none.
COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from voserver.cli.failures import run; import sys; run(sys.argv[1:])"
)


def command(archive: Settings, mast: StandIn, *options: str) -> tuple[list[str], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOSERVER_")}
    environment |= {
        "VOSERVER_DATABASE_URL": archive.database_url or "",
        "VOSERVER_DATA_DIR": str(archive.data_dir),
        "VOSERVER_AUTHORITY": "archive.test",
    }
    line = [sys.executable, "-c", COMMAND, "ingest", "mast", "--server", mast.url, "--pause", "0", *options]
    return line, environment


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_harvest_that_is_broken_off_leaves_nothing_half_and_goes_on(
    number: signal.Signals, archive: Settings, mast: StandIn, ask: Ask
) -> None:
    mast.observations = [observation(number) for number in range(1, 61)]
    mast.products = [product(row) for row in mast.observations]
    third_batch, go_on = threading.Event(), threading.Event()

    def stalls(_conversation: Conversation, _request: dict[str, Any]) -> bool:
        third_batch.set()
        go_on.wait(300)
        return False

    def good(_conversation: Conversation, _request: dict[str, Any]) -> bool:
        return False

    mast.faults = [good, good, good, stalls]
    line, environment = command(archive, mast, "--program", "2733")
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not third_batch.wait(0.5):
            assert process.poll() is None, process.communicate()
        process.send_signal(number)
        assert process.wait(300) == (-signal.SIGKILL if number == signal.SIGKILL else 130)
    go_on.set()
    assert ask("SELECT count(*) FROM archive.artifact") == [(40,)]
    asked = len(mast.asked)
    finished = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "MAST has 60 observations." in finished.stdout
    assert [request["service"] for request in mast.asked[asked:]] == ["Mast.Caom.Products"]
    assert ask("SELECT count(*), count(DISTINCT uri) FROM archive.artifact") == [(60, 60)]


@pytest.mark.parametrize("option", [["--dry-run"], []])
def test_files_that_nobody_released_are_told_of_with_the_way_to_free_them(
    archive: Settings, mast: StandIn, tmp_path: Path, option: list[str]
) -> None:
    _, environment = command(archive, mast)
    plain = tmp_path / "names.txt"
    plain.write_text("\n".join(f"jw02733001001_02101_0000{one}_mirimage_cal.fits" for one in (1, 2)))

    def said(*words: str) -> str:
        line = [sys.executable, "-m", "voserver", *words]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout

    told = said("ingest", "products", str(plain), *option)
    assert "2 of them held back, as nobody has said when they are released" in told
    assert "voserver program set 2733 --category ERO" in told
    if not option:
        assert said("program", "list", "2733").endswith("\t2 files\t2 exclusive\tno date\n")
        assert "4 records changed" in said("program", "set", "2733", "--category", "ERO")
        assert "\t2 files\t0 exclusive\tpublic by " in said("program", "list", "2733")
        assert "held back" not in said("ingest", "products", str(plain))


def test_the_command_says_what_it_did_and_what_it_needs(archive: Settings, mast: StandIn) -> None:
    def said(*options: str) -> tuple[int, str]:
        line, environment = command(archive, mast, *options)
        finished = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        return finished.returncode, finished.stdout + finished.stderr

    assert said() == (2, "voserver: Say what to harvest: one of --program, --since and --region.\n")
    assert "no date" in said("--since", "yesterday")[1]
    assert "No harvest by date is done yet" in said("--since", "last")[1]
    code, text = said("--since", "2020-01-01", "--dry-run")
    assert (code, "10 added, 0 changed" in text, "Nothing was changed" in text) == (0, True, True)
    code, text = said("--since", "2020-01-01")
    assert (code, "10 added, 0 changed" in text) == (0, True)
    code, text = said("--since", "last")
    assert (code, "MAST has 0 observations." in text) == (0, True)
    mast.products = mast.products[1:]
    code, text = said("--program", "2733", "--complete")
    assert (code, "say --yes" in text.replace("\n", " ")) == (2, True)
    code, text = said("--program", "2733", "--complete", "--yes")
    assert (code, "1 file gone from MAST" in text) == (0, True)
