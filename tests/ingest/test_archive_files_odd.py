"""Files, places and disks that are not as they should be, and loads of files broken off or at once."""

import os
import threading
from pathlib import Path

import pytest

from tests.ingest import test_archive_files
from tests.ingest.test_archive_files import NAME, Ask, Load, Write, counts, reasons
from voserver.catalogue.ingest import csv_spectra
from voserver.catalogue.ingest.archive_files import Outcome
from voserver.catalogue.ingest.files import last_change
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings

archive = test_archive_files.archive
store = test_archive_files.store
write = test_archive_files.write
load = test_archive_files.load
ask = test_archive_files.ask


def test_damaged_files_are_set_aside_with_the_reason(write: Write, load: Load, store: Path) -> None:
    whole = write().read_bytes()
    (store / NAME).unlink()
    (store / "jw02045003001_02101_00002_nrcblong_cal.fits").write_bytes(whole[:-20_000])
    (store / "jw02045003001_02101_00003_nrcblong_cal.fits").write_bytes(b"")
    (store / "jw02045003001_02101_00004_nrcblong_cal.fits").write_bytes(b"GIF89a")
    (store / "jw02045003001_02101_00005_nrcblong").write_bytes(whole)
    (store / "packed.fits.gz").write_bytes(b"\x1f\x8b" + b"x" * 100)
    (store / "jw02045-o003_20250619t003749_image2_00012_asn.json").write_text('{"asn_rule": ')
    outcome = load()
    assert counts(outcome) == (0, 0, 0, 6)
    said = " | ".join(reason for _, reason in reasons(outcome))
    for expected in ("ends too early", "empty", "does not begin with SIMPLE", "name is that of an observation",
                     "cannot be unpacked", "no whole JSON"):  # fmt: skip
        assert expected in said


def test_a_place_that_is_not_there_is_told(load: Load) -> None:
    with pytest.raises(NotFound, match="There is no file or directory /nowhere"):
        load("/nowhere")
    with pytest.raises(UsageError, match="is no path, and no URL like s3"):
        load("ftp://host/file")


def test_what_holds_no_files_is_told(load: Load, tmp_path: Path) -> None:
    pipe, empty = tmp_path / "pipe.fits", tmp_path / "empty"
    os.mkfifo(pipe)
    empty.mkdir()
    with pytest.raises(UsageError, match="is neither a file nor a directory"):
        load(str(pipe))
    with pytest.raises(NotFound, match="There are no files in"):
        load(str(empty))


@pytest.mark.parametrize(("seconds", "year"), [(10**15, 2100), (-(10**15), 1970), (1_700_000_000, 2023)])
def test_a_file_s_time_is_one_that_calendars_have(seconds: int, year: int) -> None:
    assert last_change(os.stat_result((0, 0, 0, 0, 0, 0, 0, 0, seconds, 0))).year == year


def test_a_trial_has_one_line_for_a_file_whatever_its_name(load: Load, store: Path) -> None:
    (store / "odd\nnew: forged.fits").write_bytes(b"x")
    (line,) = load(is_trial=True).report.differences
    assert line.startswith("refused: odd new: forged.fits: its name, or its directory's, has signs")


def test_one_file_like_no_other_does_not_end_a_load(
    write: Write, load: Load, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    (store / "odd.csv").write_text("wavelength_um,flux\n1.0,2.0\n")

    def surprised(_source: object) -> None:
        raise LookupError("never seen")

    monkeypatch.setattr(csv_spectra, "read", surprised)
    outcome = load()
    assert counts(outcome) == (1, 0, 0, 1)
    assert reasons(outcome) == [("odd.csv", "it cannot be read: LookupError: never seen")]


def test_lines_of_a_spectrum_end_as_they_like(load: Load, ask: Ask, store: Path) -> None:
    (store / "old.csv").write_bytes(b"wavelength_um,flux\r1.0,2.0\r2.0,3.0\r")
    assert counts(load()) == (1, 0, 0, 0)
    assert ask("SELECT em_min::float4, em_max::float4 FROM archive.artifact") == [(1e-6, 2e-6)]


def test_findings_that_cannot_be_written_down_stay_in_the_database(
    load: Load, ask: Ask, store: Path, archive: Settings
) -> None:
    (store / NAME).write_bytes(b"GIF89a")
    archive.data_dir.mkdir(exist_ok=True)
    (archive.data_dir / "ingest").write_text("a file where the directory should be")
    told = load().report
    assert (told.refused, told.findings_file) == (1, None)
    assert told.unwritten
    assert "File exists" in told.unwritten
    assert ask("SELECT name FROM archive.ingest_finding") == [(NAME,)]


def test_loads_at_once_do_not_collide(write: Write, load: Load, ask: Ask, store: Path) -> None:
    content = write().read_bytes()
    names = [f"jw02045003001_02101_{number:05d}_nrcblong_cal.fits" for number in range(1, 41)]
    for name in names:
        (store / name).write_bytes(content)
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda some=some: outcomes.append(load(*some, batch_size=8)))
        for some in (
            [str(store)],
            [str(store / name) for name in names[:30]],
            [str(store / n) for n in names[10:]],
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 3
    assert sum(outcome.report.added for outcome in outcomes) == 40
    assert ask("SELECT count(*) FROM archive.artifact") == [(40,)]
