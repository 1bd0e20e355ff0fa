"""Loading files of the keyword service into a real PostgreSQL."""

import gzip
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from voserver.catalogue.ingest.keywords import finished, ingest_keywords
from voserver.catalogue.ingest.report import Report
from voserver.cli.application import app
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings

Make = Callable[..., dict[str, object]]
Write = Callable[..., Path]
SHARED = Path(__file__).parents[3] / "shared" / "data" / "jwst" / "exposures.parquet"


def load(path: Path, settings: Settings, batch_size: int = 5_000) -> Report:
    return ingest_keywords(str(settings.database_url), path, settings, batch_size=batch_size)


def rows(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(str(settings.database_url)) as connection:
        return connection.execute(statement.encode()).fetchall()


def findings(report: Report) -> list[dict[str, object]]:
    assert report.findings_file is not None
    return [json.loads(line) for line in report.findings_file.read_text().splitlines()]


def exposures(fact: Make, count: int, suffixes: Sequence[str] = ("cal",)) -> list[dict[str, object]]:
    names = [
        f"jw02045003001_02101_{n:05d}_nrcblong_{suffix}.fits"
        for suffix in suffixes
        for n in range(1, count + 1)
    ]
    return [fact(name, exposure=n + 1) for n, name in enumerate(names)]


_EVERYTHING = """
SELECT 'o', o.obsid::text, o::text FROM archive.observation o
UNION ALL SELECT 'p', p.planeid::text, p::text FROM archive.plane p
UNION ALL SELECT 'a', a.artifactid::text, a::text FROM archive.artifact a
UNION ALL SELECT 'm', m.parentid::text || m.memberid, m::text FROM archive.observation_member m
UNION ALL SELECT 'i', i.outputid::text || i.inputid, i::text FROM archive.provenance_input i
ORDER BY 1, 2
"""


def test_a_file_becomes_an_observation_a_plane_and_an_artifact(
    fact: Make, write: Write, loading: Settings
) -> None:
    report = load(write([fact()]), loading)
    assert (report.rows, report.added, report.refused, report.noted) == (1, 1, 0, 0)
    assert report.findings_file is None
    observation = rows(
        loading,
        "SELECT observationid, typecode, instrument_name, proposal_id, target_name, intent"
        " FROM archive.observation",
    )
    assert observation == [
        ("jw02045003001_02101_00001_nrcblong", "S", "NIRCAM/IMAGE", "2045", "NAME-QUINTUPLET-CLUSTER",
         "science")
    ]  # fmt: skip
    plane = rows(
        loading,
        "SELECT publisherid, productid, calibrationlevel, dataproducttype, energy_bandpassname,"
        " energy_bounds, provenance_version, provenance_inputs, position_bounds_status,"
        " datareadgroups, access_estsize, time_bounds FROM archive.plane",
    )
    assert plane == [
        ("ivo://archive.test/jwst?jw02045003001_02101_00001_nrcblong/2b", "2b", 2, "image", "F322W2;F323N",
         [3.217e-06, 3.255e-06], "1.18.0", "caom:JWST/jw02045003001_02101_00001_nrcblong/2a", "good",
         ["ivo://archive.test/gms?jwst-02045"], 117574, [60535.25, 60535.5])
    ]  # fmt: skip
    artifact = rows(
        loading,
        "SELECT uri, contentlength, contentchecksum, contenttype, producttype, product_type, suffix,"
        " visit_group, activity, proposal_title, access_url, cloud_uri FROM archive.artifact",
    )
    name = "jw02045003001_02101_00001_nrcblong_cal.fits"
    assert artifact == [
        (f"mast:JWST/product/{name}", 117573120, "md5:d427260dcf19304f955a866125a01841", "image/fits",
         "science", "SCIENCE", "cal", 2, "01", "A title with a\ttab, a \\ and a 'quote'",
         f"/files/mast:JWST/product/{name}",
         f"s3://stpubdata/jwst/public/jw02045/jw02045003001/{name}")
    ]  # fmt: skip


def test_geometry_is_what_the_database_makes_of_the_text(fact: Make, write: Write, loading: Settings) -> None:
    two = "POLYGON ICRS 10 10 11 10 11 11 10 11 POLYGON ICRS 12 10 13 10 13 11"
    load(write([fact(), fact("jw02045003001_02101_00002_nrcblong_cal.fits", orig_s_region=two)]), loading)
    assert rows(
        loading,
        "SELECT count(*) FILTER (WHERE position_bounds__shape = sky.region(position_bounds)),"
        " count(*) FILTER (WHERE position_bounds_given = orig.text) FROM archive.plane,"
        f" (VALUES ('{two}')) AS orig (text)",
    ) == [(2, 1)]


def test_the_same_file_twice_changes_nothing(fact: Make, write: Write, loading: Settings) -> None:
    # Rows of one plane that disagree, in several batches: the one that stands for its plane stays.
    facts = exposures(fact, 5, ("rateints", "rate", "cal"))
    for number, one in enumerate(facts):
        one["cal_ver"] = f"1.{number}.0"
    facts.append(
        fact(
            "jw02045-o003_t001_nircam_f322w2-f323n_i2d.fits", asntable="jw02045-o003_2_image3_00001_asn.json"
        )
    )
    path = write(facts)
    assert load(path, loading, batch_size=3).added == 16
    before = rows(loading, _EVERYTHING)
    again = load(path, loading, batch_size=4)
    assert (again.rows, again.added, again.changed, again.same) == (16, 0, 0, 16)
    assert rows(loading, _EVERYTHING) == before


def test_the_order_of_rows_does_not_matter(fact: Make, write: Write, loading: Settings) -> None:
    facts = exposures(fact, 3, ("rateints", "rate", "cal"))
    for number, one in enumerate(facts):
        one["cal_ver"] = f"1.{number}.0"
    load(write(facts), loading, batch_size=2)
    before = rows(loading, _EVERYTHING)
    again = load(write(facts[::-1], "reversed.parquet"), loading, batch_size=2)
    assert again.same == 9
    assert rows(loading, _EVERYTHING) == before


def test_a_changed_checksum_changes_the_file_and_stamps_its_parents(
    fact: Make, write: Write, loading: Settings
) -> None:
    load(write(exposures(fact, 3)), loading)
    stamps = (
        "SELECT a.lastmodified, p.lastmodified, p.maxlastmodified, o.lastmodified, o.maxlastmodified"
        " FROM archive.artifact a JOIN archive.plane p USING (planeid)"
        " JOIN archive.observation o USING (obsid) ORDER BY a.uri"
    )
    before = rows(loading, stamps)
    facts = exposures(fact, 3)
    facts[1]["checksum"] = "f" * 32
    report = load(write(facts, "later.parquet"), loading)
    assert (report.added, report.changed, report.same) == (0, 1, 2)
    after = rows(loading, stamps)
    assert (after[0], after[2]) == (before[0], before[2])
    artifact, plane, plane_below, observation, observation_below = after[1]
    assert (plane, observation) == (before[1][1], before[1][3])
    assert artifact == plane_below == observation_below > before[1][0]


def test_bad_rows_are_set_aside_with_the_reason(fact: Make, write: Write, loading: Settings) -> None:
    facts = [
        fact(),
        fact(),
        fact("", mast_uri=None),
        fact("jw02045003001_02101_00002_nrcblong_cal.fits", fileSize=-5),
        fact("jw02045003001_02101_00003_nrcblong_cal.fits", targ_ra=float("nan")),
        fact("jw02045003001_02101_00004_nrcblong_cal.fits", expend=-60535.5),
        fact("jw02045003001_02101_00005_nrcblong_cal.fits", orig_s_region="POLYGON ICRS nan nan 1 2 3 4"),
        fact("jw02045003001_02101_00006_nrcblong_cal.fits", orig_s_region="CIRCLE 266.5 -28.8 0.017"),
        fact("jw02045003001_02101_00007_nrcblong_cal.fits", title="with a \0"),
    ]
    report = load(write(facts), loading)
    assert (report.rows, report.added, report.refused, report.noted) == (9, 3, 6, 2)
    told = [(one["row"], one["severity"], str(one["reason"])) for one in findings(report)]
    assert [row for row, severity, _ in told if severity == "refused"] == [2, 3, 4, 5, 6, 9]
    assert [row for row, severity, _ in told if severity == "noted"] == [7, 8]
    wanted = ["in row 1 already", "true_filename is missing", "fileSize", "targ_ra", "expend"]
    wanted += ["not usable", "placeholder", "NUL"]
    for (_, _, reason), word in zip(told, wanted, strict=True):
        assert word in reason
    status = (
        "SELECT position_bounds_status, position_bounds IS NULL, position_bounds__shape IS NULL"
        " FROM archive.plane ORDER BY planeuri"
    )
    assert rows(loading, status) == [
        ("good", False, False),
        ("unusable", True, True),
        ("placeholder", False, False),
    ]
    assert rows(loading, "SELECT count(*) FROM archive.ingest_finding") == [(8,)]


def test_csv_and_parquet_agree(fact: Make, write: Write, loading: Settings) -> None:
    facts = exposures(fact, 4, ("rate", "cal"))
    facts[2]["orig_s_region"] = None
    facts[3]["targ_ra"] = facts[3]["targ_dec"] = None
    load(write(facts), loading)
    before = rows(loading, _EVERYTHING)
    report = load(write(facts, "keywords.csv"), loading)
    assert (report.rows, report.same) == (8, 8)
    assert rows(loading, _EVERYTHING) == before


def test_a_csv_row_of_the_wrong_length_is_set_aside(fact: Make, write: Write, loading: Settings) -> None:
    path = write(exposures(fact, 2), "keywords.csv")
    with path.open("a") as file:
        file.write("jw02045003001_02101_00009_nrcblong_cal.fits,too,short\n")
    report = load(path, loading)
    assert (report.rows, report.added, report.refused) == (3, 2, 1)
    assert "has 3 values where the header has" in str(findings(report)[0]["reason"])


def test_a_trial_shows_what_would_change_and_changes_nothing(
    fact: Make, write: Write, loading: Settings
) -> None:
    facts = exposures(fact, 3)
    load(write(facts[:2]), loading)
    before = rows(loading, _EVERYTHING), rows(loading, "SELECT * FROM archive.ingest_run")
    facts[1]["targprop"] = "ANOTHER"
    shown = CliRunner().invoke(
        app,
        ["ingest", "jwst-keywords", str(write([*facts, fact("x.fits")], "later.parquet")), "--dry-run"],
        env={"VOSERVER_DATABASE_URL": loading.database_url, "VOSERVER_AUTHORITY": loading.authority},
    )
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    second, third = (str(one["true_filename"]) for one in facts[1:])
    assert f'changed: {second}: file.target_name: "NAME-QUINTUPLET-CLUSTER" → "ANOTHER"' in lines
    assert f"new: {third}" in lines
    assert any(line.startswith("refused: x.fits: ") for line in lines)
    assert "Nothing was changed; this would come of it:" in lines
    assert lines[-1].endswith("4 rows: 1 added, 1 changed, 1 unchanged, 1 set aside")
    assert (rows(loading, _EVERYTHING), rows(loading, "SELECT * FROM archive.ingest_run")) == before


def test_few_bytes_that_stand_for_many_are_refused(fact: Make, loading: Settings, tmp_path: Path) -> None:
    line, large, many, nested = (
        tmp_path / name for name in ("line.csv.gz", "large.parquet", "many.parquet", "nested.parquet")
    )
    with gzip.open(line, "wt") as file:
        file.write("true_filename," + "x" * 5_000_000)
    table = pa.Table.from_pylist([fact()])
    at = table.column_names.index("title")
    for path, text, rows in ((large, "x" * 2_000_000, 1), (many, "x" * 100_000, 5_000)):
        several = pa.concat_tables([table] * rows)
        pq.write_table(several.set_column(at, "title", pa.array([text] * rows)), path)
    pq.write_table(table.set_column(at, "title", pa.array([["a", "list"]])), nested)
    assert max(path.stat().st_size for path in (line, large, many, nested)) < 200_000
    for path, reason in (
        (line, "a row has more than 1,048,576 characters"),
        (large, "title has a value of more than 1,048,576 bytes"),
        (many, "5,000 of its rows have texts of 5"),
        (nested, "the column title is of type list"),
    ):
        with pytest.raises(UsageError, match=reason):
            load(path, loading)


def test_a_load_that_was_killed_goes_on_where_it_stopped(fact: Make, write: Write, loading: Settings) -> None:
    facts = exposures(fact, 30)
    facts[4]["fileSize"] = -1
    facts[25]["fileSize"] = -1
    facts[28] = facts[2]
    path = write(facts)
    script = (
        "import os, sys; from pathlib import Path; from voserver.settings import Settings\n"
        "from voserver.catalogue.ingest.keywords import ingest_keywords\n"
        "url, path, data = sys.argv[1:]\n"
        "settings = Settings(database_url=url, data_dir=Path(data), authority='archive.test')\n"
        "die = lambda done, total: os.kill(os.getpid(), 9) if done >= 20 else None\n"
        "ingest_keywords(url, Path(path), settings, progress=die, batch_size=10)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(loading.database_url), path, loading.data_dir], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert rows(loading, "SELECT count(*) FROM archive.artifact") == [(19,)]
    assert finished(str(loading.database_url), path, loading) is None

    report = load(path, loading, batch_size=10)
    assert report.resumed_at == 20
    assert (report.rows, report.added, report.refused) == (30, 27, 3)
    assert [one["row"] for one in findings(report)] == [5, 26, 29]
    assert rows(loading, "SELECT count(*) FROM archive.artifact") == [(27,)]
    assert rows(loading, "SELECT count(*), count(finished) FROM archive.ingest_run") == [(1, 1)]

    again = load(path, loading)
    assert (again.resumed_at, again.rows, again.same, again.refused) == (0, 30, 27, 3)


def test_a_level_3_product_has_the_exposures_of_its_observation_as_members(
    fact: Make, write: Write, loading: Settings
) -> None:
    facts = exposures(fact, 2)
    facts.append(fact("jw02045003001_02103_00001_nrcblong_cal.fits", filter="NC.F444W", pupil="CLEAR"))
    facts.append(fact("jw02045004001_02101_00001_nrcblong_cal.fits"))
    facts.append(
        fact(
            "jw02045-o003_t001_nircam_f322w2-f323n_i2d.fits", asntable="jw02045-o003_2_image3_00001_asn.json"
        )
    )
    facts.append(fact("jw02045-c1001_t001_nircam_f322w2-f323n_i2d.fits", exposure=2))
    load(write(facts), loading)
    members = rows(
        loading,
        "SELECT observationid, algorithm_name, members FROM archive.observation WHERE typecode = 'D'"
        " ORDER BY 1",
    )
    first, second = (f"caom:JWST/jw02045003001_02101_0000{n}_nrcblong" for n in (1, 2))
    assert members == [
        ("jw02045-c1001_t001_nircam_f322w2-f323n", "image2", second),
        ("jw02045-o003_t001_nircam_f322w2-f323n", "image3", f"{first} {second}"),
    ]
    inputs = rows(
        loading, "SELECT provenance_inputs FROM archive.plane WHERE productid = '3' ORDER BY planeuri"
    )
    assert inputs == [(f"{second}/2b",), (f"{first}/2b {second}/2b",)]


def test_data_that_were_never_exclusive_have_no_group(fact: Make, write: Write, loading: Settings) -> None:
    name = "jw02045003001_02101_00002_nrcblong_cal.fits"
    load(
        write([fact(name, publicReleaseDate_mjd=60537.0), fact(publicReleaseDate_mjd=None, release=None)]),
        loading,
    )
    found = rows(
        loading,
        # Without a date the period of the program's category holds, and its group may read before.
        "SELECT release_assumed, datareadgroups, metareadgroups FROM archive.plane ORDER BY planeuri",
    )
    assert found == [(True, ["ivo://archive.test/gms?jwst-02045"], None), (False, None, None)]


def test_files_that_are_not_what_they_should_be_are_refused(
    tmp_path: Path, loading: Settings, write: Write
) -> None:
    with pytest.raises(NotFound, match="no file"):
        load(tmp_path / "absent.parquet", loading)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 this is no Parquet file")
    with pytest.raises(UsageError, match="cannot be read"):
        load(broken, loading)
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    with pytest.raises(UsageError, match="neither a Parquet nor a CSV"):
        load(other, loading)
    with pytest.raises(UsageError, match="lacks the columns true_filename, exp_type"):
        load(write([{"program": 1}], "short.csv"), loading)
    twice = tmp_path / "twice.csv"
    twice.write_text("true_filename,exp_type,program,true_filename\na,b,1,c\n")
    with pytest.raises(UsageError, match=r"twice\.csv has more than one column true_filename"):
        load(twice, loading)


def test_a_parquet_file_that_is_damaged_inside_is_refused(
    fact: Make, tmp_path: Path, loading: Settings
) -> None:
    path = tmp_path / "damaged.parquet"
    table = pa.Table.from_pylist(exposures(fact, 20))
    with pq.ParquetWriter(path, table.schema, compression="snappy") as file:
        file.write_table(table.slice(0, 10))
        size = path.stat().st_size
        file.write_table(table.slice(10))
    content = bytearray(path.read_bytes())
    for place in range(size + 40, size + 2_000):
        content[place] ^= 0x5A
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"damaged\.parquet cannot be read: .*") as refusal:
        load(path, loading, batch_size=5)
    assert refusal.value.hint == "Is the file whole? Copy it again."
    assert rows(loading, "SELECT rows_done FROM archive.ingest_run") == rows(
        loading, "SELECT count(*) FROM archive.artifact"
    )


def test_dates_that_python_does_not_have_are_a_fault_of_the_file(tmp_path: Path, loading: Settings) -> None:
    path = tmp_path / "dates.parquet"
    nanoseconds = pa.array([1], pa.timestamp("ns"))
    table = {"true_filename": ["a"], "exp_type": ["b"], "program": [1], "release": nanoseconds}
    pq.write_table(pa.table(table), path)
    with pytest.raises(UsageError, match="cannot be read: Nanosecond"):
        load(path, loading)


def test_what_was_set_aside_can_be_told_whatever_its_name(
    fact: Make, write: Write, loading: Settings
) -> None:
    path = write([fact("jw02045003001_02101_00001_nrcblong\0_cal.fits")], "nul.csv")
    report = load(path, loading)
    assert (report.rows, report.refused) == (1, 1)
    assert findings(report)[0]["file"] == "jw02045003001_02101_00001_nrcblong\\0_cal.fits"


def test_the_longest_texts_that_are_taken_fit_into_the_indexes(
    fact: Make, write: Write, loading: Settings
) -> None:
    long = "".join(chr(0x10000 + 7919 * n % 60_000) for n in range(500))  # does not compress
    keys = (
        "targprop",
        "targname",
        "asntable",
        "filter",
        "pupil",
        "grating",
        "detector",
        "subarray",
        "pi_name",
    )
    name = f"jw02045-o003_t001_nircam_{random_letters(220)}_i2d.fits"
    assert len(name) == 254
    report = load(write([fact(name, **dict.fromkeys(keys, long))]), loading)
    assert (report.added, report.refused) == (1, 0)


def random_letters(count: int) -> str:
    return "".join(chr(97 + 7919 * n * n % 26) for n in range(count))


def test_digits_that_are_no_numbers_name_no_member(fact: Make, write: Write, loading: Settings) -> None:
    product = fact("jw02045-o003_t001_nircam_f322w2-f323n_i2d.fits", visitgrp="²")
    report = load(write([product]), loading)
    assert (report.added, report.refused) == (1, 0)
    assert rows(loading, "SELECT members FROM archive.observation") == [(None,)]


def test_the_whole_shared_file_loads_and_every_finding_is_explained(loading: Settings) -> None:
    if not SHARED.is_file():
        pytest.skip("the shared file of 26,580 exposures is absent")
    report = load(SHARED, loading)
    assert (report.rows, report.added, report.refused) == (26_580, 26_580, 0)
    assert rows(loading, "SELECT count(*), count(s_region__shape) FROM archive.artifact") == [
        (26_580, 26_580)
    ]
    reasons = Counter(one["reason"] for one in findings(report))
    assert reasons == {"the footprint is a placeholder: a circle about the pointing": report.noted}
    without_energy = rows(
        loading, "SELECT DISTINCT exp_type, filter FROM archive.artifact WHERE em_min IS NULL"
    )
    assert without_energy == [("MIR_IMAGE", None)]
