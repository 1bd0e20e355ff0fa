"""Visits of schedules and of lists of programs, as they are loaded into a real PostgreSQL and seen in ivoa.obsplan."""

import csv
import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.schedule import ingest_schedule
from voserver.cli.application import app
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings

SHARED = Path(__file__).parents[3] / "shared" / "data" / "jwst"
Row = dict[str, str]
Write = Callable[..., Path]

VISIT: Row = {
    "cycle": "1",
    "file": "20220801_report_20220801.txt",
    "pcs_mode": "FINEGUIDE",
    "visit_type": "PRIME TARGETED FIXED",
    "start_time": "2022-08-06T06:00:00Z",
    "duration": "00/02:24:00",
    "instrument": "MIRI Medium Resolution Spectroscopy",
    "target": "XFLS, or its neighbour",
    "category": "Galaxy",
    "keywords": "Ultraluminous infrared galaxies",
    "program": "1762",
    "observation_num": "4",
    "visit_num": "1",
    "parent_visit": "",
}
ATTACHED = VISIT | {
    "visit_type": "PARALLEL DARK CALIBRATION",
    "pcs_mode": "NONE",
    "start_time": "^ATTACHED TO PRIME^",
    "duration": "",
    "instrument": "NIRCam Dark",
    "target": "",
    "program": "1483",
    "observation_num": "169",
    "parent_visit": "1762:4:1",
}
BESIDE = ATTACHED | {
    "visit_type": "COORDINATED PARALLEL",
    "start_time": "",
    "instrument": "NIRCam Imaging",
    "program": "",
    "observation_num": "",
    "visit_num": "",
}
LISTED: Row = {
    "category": "GO",
    "pid": "1762",
    "cycle": "1",
    "observation": "4",
    "visit": "1",
    "status": "Executed",
    "target": "XFLS",
    "target_in_program": "XFLS-1",
    "ra": "17:20:30.000",
    "dec": "-00:30:36.00",
    "instrument": "MIRI",
    "mode": "LRS",
    "disperser": "None",
    "filter": "None",
    "subarray": "SLITLESSPRISM",
    "duration": "3.5",
    "date_start": "2022-08-06 06:07:12",
    "date_end": "2022-08-06 08:31:12",
    "plan_window": "",
    "proprietary_period": "12",
    "special_reqs": "['PeriodZeroPhase', 'TimeSeriesObservation']",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as CSV, packed where the name says so."""

    def written(rows: Sequence[Mapping[str, str]], name: str = "visits.csv.gz") -> Path:
        path = tmp_path / name
        opened = gzip.open if name.endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return written


@pytest.fixture
def loading(fresh_database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=fresh_database_url, data_dir=tmp_path)


def load(path: Path, settings: Settings) -> Report:
    return ingest_schedule(str(settings.database_url), path, settings)


def plan(settings: Settings, columns: str = "*") -> list[tuple[Any, ...]]:
    with psycopg.connect(str(settings.database_url)) as connection:
        return connection.execute(
            f"SELECT {columns} FROM ivoa.obsplan ORDER BY obs_id, priority DESC, instrument_name".encode()
        ).fetchall()


def reasons(report: Report) -> list[str]:
    assert report.findings_file is not None
    return [json.loads(line)["reason"] for line in report.findings_file.read_text().splitlines()]


def test_a_scheduled_visit_is_in_the_plan(write: Write, loading: Settings) -> None:
    report = load(write([VISIT]), loading)
    assert (report.rows, report.added, report.refused) == (1, 1, 0)
    ((*row,),) = plan(
        loading,
        "obs_id, obs_collection, target_name, instrument_name, facility_name, t_min, t_max, round(t_exptime),"
        " t_plan_exptime, category, priority, execution_status, tracking_type, proposal_id, s_ra",
    )
    assert row == ["jw01762004001", "JWST", "XFLS, or its neighbour", "MIRI/IFU", "JWST", 59797.25, 59797.35, 8640,
                   8640, "Fixed", 1, "Performed", "Sidereal", "1762", None]  # fmt: skip


def test_what_observes_beside_a_visit_has_its_times(write: Write, loading: Settings) -> None:
    load(write([VISIT, ATTACHED, BESIDE, BESIDE | {"instrument": "FGS External Calibration"}]), loading)
    found = plan(loading, "obs_id, instrument_name, t_min, category, priority")
    assert found == [
        ("jw01483169001", "NIRCAM", 59797.25, "Coordinated", 0),
        ("jw01762004001", "MIRI/IFU", 59797.25, "Fixed", 1),
        ("jw01762004001", "FGS", 59797.25, "Coordinated", 0),
        ("jw01762004001", "NIRCAM/IMAGE", 59797.25, "Coordinated", 0),
    ]


def test_a_list_of_programs_tells_more_of_a_visit(write: Write, loading: Settings) -> None:
    report = load(write([LISTED], "programs.csv"), loading)
    assert (report.rows, report.added) == (1, 1)
    ((*row,),) = plan(
        loading,
        "obs_id, target_name, instrument_name, round(t_min::numeric, 6)::float8, t_plan_exptime, priority,"
        " execution_status, s_ra, round(s_dec::numeric, 6)::float8, s_fov, s_region, em_min, em_max, em_res_power",
    )
    assert row == ["jw01762004001", "XFLS-1", "MIRI/SLITLESS", 59797.255, 12600, 2, "Performed", 260.125, -0.51,
                   0.035, "Circle ICRS 260.125 -0.51 0.0175", 5e-6, 1.2e-5, 100]  # fmt: skip


def test_a_trial_shows_what_would_change_and_changes_nothing(write: Write, loading: Settings) -> None:
    load(write([VISIT]), loading)
    before = plan(loading)
    later = VISIT | {"target": "Another", "file": "20220808_report_20220808.txt"}
    path = write([later, VISIT | {"observation_num": "5"}, VISIT | {"program": "none"}], "later.csv")
    shown = CliRunner().invoke(
        app,
        ["ingest", "schedule", str(path), "--dry-run"],
        env={"VOSERVER_DATABASE_URL": loading.database_url},
    )
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert 'changed: jw01762004001: visit.target_name: "XFLS, or its neighbour" → "Another"' in lines
    assert "new: jw01762005001" in lines
    assert any(line.startswith("refused: 20220801_report_20220801.txt: ") for line in lines)
    assert lines[-1].endswith("3 rows: 1 added, 1 changed, 0 unchanged, 1 set aside")
    assert plan(loading) == before


def test_a_killed_load_leaves_nothing_half_and_is_done_again(write: Write, loading: Settings) -> None:
    path = write([VISIT | {"observation_num": str(number)} for number in range(1, 101)])
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from voserver.catalogue.ingest import load, schedule\n"
        "from voserver.settings import Settings\n"
        "load.report.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # the rows are merged by then\n"
        "url, directory, path = sys.argv[1:]\n"
        "schedule.ingest_schedule(url, Path(path), Settings(database_url=url, data_dir=Path(directory)))\n"
    )
    arguments = [sys.executable, "-c", program, str(loading.database_url), str(loading.data_dir), str(path)]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    assert plan(loading) == []
    report = load(path, loading)
    assert (report.rows, report.added, report.resumed_at) == (100, 100, 0)


NO_DATES = {"date_start": "", "date_end": ""}


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"status": "Failed"}, ("Aborted", "Fixed", True)),
        ({"status": "Skipped", **NO_DATES}, ("Aborted", "Other", False)),
        ({"status": "Withdrawn", **NO_DATES}, ("Unscheduled", "Other", False)),
        (
            {"status": "Scheduled", "date_start": "2098-01-01", "date_end": "2098-01-02"},
            ("Scheduled", "Fixed", True),
        ),
        ({"status": "Scheduled"}, ("Performed", "Fixed", True)),
        (
            {"status": "Flight Ready", **NO_DATES, "plan_window": "2026-11-29 - 2026-11-30"},
            ("Planned", "Window", True),
        ),
        (
            {"status": "Implementation", **NO_DATES, "plan_window": "not yet assigned"},
            ("Planned", "Other", False),
        ),
    ],
)
def test_states_become_those_of_the_standard(
    write: Write, loading: Settings, changes: Row, seen: tuple[str, str, bool]
) -> None:
    load(write([LISTED | changes], "programs.csv"), loading)
    assert plan(loading, "execution_status, category, t_min IS NOT NULL") == [seen]


def test_no_order_of_loading_matters(write: Write, new_database: Callable[[], Any], tmp_path: Path) -> None:
    later = {"file": "20220808_report_20220806.txt", "start_time": "2022-08-07T06:00:00Z", "target": "Again"}
    files = [
        write([VISIT, ATTACHED], "first.csv"),
        write([VISIT | later, VISIT | {"observation_num": "5", "instrument": ""}], "second.csv"),
        write(
            [LISTED | {"target_in_program": "", "target": ""}, LISTED | {"observation": "9"}], "programs.csv"
        ),
    ]
    found = []
    for order in permutations(files):
        with new_database() as url:
            settings = Settings(database_url=url, data_dir=tmp_path)
            for file in (*order, *order):
                again = load(file, settings)
            assert (again.added, again.changed) == (0, 0)
            found.append(
                plan(
                    settings, "obs_id, target_name, instrument_name, t_min, t_plan_exptime, execution_status"
                )
            )
    assert len(found[0]) == 4
    assert all(one == found[0] for one in found)
    assert ("jw01762004001", "Again", "MIRI/SLITLESS") in [row[:3] for row in found[0]]


def test_the_same_file_twice_changes_nothing(write: Write, loading: Settings) -> None:
    file = write([VISIT, ATTACHED, BESIDE])
    load(file, loading)
    before = plan(loading)
    again = load(file, loading)
    assert (again.added, again.changed, again.same) == (0, 0, 3)
    assert plan(loading) == before
    changed = load(write([VISIT | {"duration": "00/05:00:00"}]), loading)
    assert (changed.added, changed.changed) == (0, 1)
    assert plan(loading, "t_planning") != [row[:1] for row in before]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (VISIT | {"program": "x"}, "program is no number from 1 to 99,999: “x”"),
        (VISIT | {"visit_num": "1000"}, "visit_num is no number from 1 to 999"),
        (VISIT | {"start_time": "soon"}, "start_time has no date: “soon”"),
        (VISIT | {"start_time": "1999-01-01T00:00:00Z"}, "start_time is no date of JWST's"),
        (VISIT | {"duration": "2 hours"}, "duration is not of the form"),
        (VISIT | {"file": "some.txt"}, "file has no date: “some.txt”"),
        (VISIT | {"target": "x\0y"}, "target has a NUL"),
        (VISIT | {"target": "x" * 501}, "target has 501 characters"),
        (ATTACHED | {"parent_visit": "1762"}, "parent_visit is not of the form"),
        (ATTACHED | {"parent_visit": "1:2:x"}, "parent_visit “1:2:x”: visit is no number"),
        (ATTACHED | {"parent_visit": "1762:99:1"}, "its parent visit 1762:99:1 is not before it"),
        (LISTED | {"status": "Lost"}, "status is none of Executed"),
        (LISTED | {"date_end": ""}, "must come together"),
        (LISTED | {"date_start": "", "date_end": ""}, "date_start is missing"),
        (LISTED | {"date_end": "2022-08-05"}, "date_end is before date_start"),
        (LISTED | {"plan_window": "next week"}, "plan_window is not of the form"),
        (LISTED | {"plan_window": "2026-11-30 - 2026-11-28"}, "plan_window ends before it begins"),
        (LISTED | {"ra": "260.1"}, "ra is not sexagesimal: “260.1”"),
        (LISTED | {"ra": "25:00:00"}, "ra is beyond 360 degrees"),
        (LISTED | {"dec": ""}, "ra and dec must come together"),
        (LISTED | {"dec": "-91:00:00"}, "dec is beyond 90 degrees"),
        (LISTED | {"duration": "-1"}, "duration is no number from 0 on"),
        (LISTED | {"duration": "nan"}, "duration is no number from 0 on"),
        (LISTED | {"instrument": "WFPC2"}, "instrument is none of"),
        (LISTED | {"proprietary_period": "a year"}, "proprietary_period is no number"),
    ],
)
def test_a_row_that_cannot_be_true_is_set_aside_with_the_reason(
    write: Write, loading: Settings, row: Row, said: str
) -> None:
    good = VISIT | {"observation_num": "7"} if "file" in row else LISTED | {"observation": "7"}
    report = load(write([good, row]), loading)
    assert (report.rows, report.added, report.refused) == (2, 1, 1)
    (reason,) = reasons(report)
    assert said in reason
    assert len(plan(loading)) == 1


def test_a_file_that_is_neither_is_refused(write: Write, loading: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"other\.csv is neither a schedule \(it lacks file"):
        load(write([{"a": "1"}], "other.csv"), loading)
    whole = write([VISIT])
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(UsageError, match=r"torn\.csv\.gz cannot be read"):
        load(torn, loading)
    torn.write_bytes(b"not packed")
    with pytest.raises(UsageError, match=r"torn\.csv\.gz cannot be read"):
        load(torn, loading)
    with pytest.raises(NotFound, match="There is no file"):
        load(tmp_path / "nothing.csv", loading)
    assert plan(loading) == []


def test_a_visit_is_hidden_until_its_release(write: Write, loading: Settings) -> None:
    load(write([VISIT]), loading)
    with psycopg.connect(str(loading.database_url)) as connection:
        connection.execute("UPDATE archive.visit SET metarelease = '2100-01-01'")
    assert plan(loading) == []


def test_the_real_schedules_are_understood_whole(loading: Settings) -> None:
    if not SHARED.is_dir():
        pytest.skip("the archive's schedules (../shared/data/jwst) are not here")
    schedule = load(SHARED / "schedule_visits.csv.gz", loading)
    programs = load(SHARED / "tso_programs.csv", loading)
    assert (schedule.rows, schedule.refused, programs.rows, programs.refused) == (25739, 0, 626, 0)
    mandatory = "t_planning, obs_id, facility_name, category, priority, execution_status, tracking_type"
    with psycopg.connect(str(loading.database_url)) as connection:
        wrong = connection.execute(
            "SELECT count(*) FROM ivoa.obsplan WHERE num_nulls(" + mandatory + ") > 0"
            " OR execution_status IN ('Scheduled', 'Performed') AND num_nulls(t_min, t_max, t_exptime) > 0"
        ).fetchone()
        pointed = connection.execute(
            "SELECT count(*) FROM ivoa.obsplan WHERE sky.contains_point(346.6264, -5.0435, s_region__shape)"
        ).fetchone()
    assert wrong == (0,)
    assert pointed is not None
    assert pointed[0] > 40  # TRAPPIST-1
