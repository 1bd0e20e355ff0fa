"""Loading files by their headers into a real PostgreSQL."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import numpy as np
import psycopg
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from moto.server import ThreadedMotoServer

from voserver.catalogue.ingest.archive_files import Outcome, ingest_files
from voserver.catalogue.ingest.header_records import NO_CATEGORY, Manner
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.releases import Choice
from voserver.model.errors import NotFound
from voserver.settings import Settings, StoreSetting

NAME = "jw02045003001_02101_00001_nrcblong_cal.fits"
PRIMARY: dict[str, Any] = {
    "TELESCOP": "JWST", "INSTRUME": "NIRCAM", "DETECTOR": "NRCBLONG", "EXP_TYPE": "NRC_IMAGE", "PROGRAM": "02045",
    "CATEGORY": "GO", "TITLE": "A title", "PI_NAME": "Somebody, A. N.", "TARGPROP": "QUINTUPLET", "TARG_RA": 266.558,
    "TARG_DEC": -28.828, "TARGTYPE": "FIXED", "FILTER": "F322W2", "PUPIL": "F323N", "MODULE": "B", "CHANNEL": "LONG",
    "EXPSTART": 60535.25, "EXPEND": 60535.5, "EFFEXPTM": 311.366, "READPATT": "SHALLOW4", "SUBARRAY": "FULL",
    "CAL_VER": "1.18.0", "CRDS_CTX": "jwst_1364.pmap", "DATE": "2025-06-19T00:00:00",
}  # fmt: skip
SKY: dict[str, Any] = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CUNIT1": "deg", "CUNIT2": "deg", "CRPIX1": 20.5, "CRPIX2": 15.5,
    "CRVAL1": 266.558, "CRVAL2": -28.828, "CDELT1": 1.75e-5, "CDELT2": 1.75e-5, "PC1_1": -0.8, "PC1_2": 0.6,
    "PC2_1": 0.6, "PC2_2": 0.8, "RADESYS": "ICRS", "BUNIT": "MJy/sr",
}  # fmt: skip
REGION = (
    "POLYGON ICRS  266.582437 -28.845801 266.580546 -28.810383 266.539561 -28.811544 266.541186 -28.847840"
)

Write = Callable[..., Path]
Load = Callable[..., Outcome]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    directory = tmp_path / "store"
    directory.mkdir()
    return directory


@pytest.fixture
def archive(fresh_database_url: str, tmp_path: Path, store: Path) -> Settings:
    """An archive with nothing in it, whose only store is a directory."""
    setting = StoreSetting(name="disk", url=store.as_uri())
    return Settings(
        database_url=fresh_database_url,
        data_dir=tmp_path / "data",
        authority="archive.test",
        stores=[setting],
    )


@pytest.fixture
def write(store: Path) -> Write:
    """Writes an image as the pipeline does; `None` leaves a keyword out."""

    def written(
        name: str = NAME, primary: Mapping[str, Any] | None = None, sky: Mapping[str, Any] | None = None
    ) -> Path:
        path = store / name
        fits.HDUList([_unit(fits.PrimaryHDU(), PRIMARY | {"FILENAME": name} | dict(primary or {})),
                      _unit(fits.ImageHDU(np.zeros((30, 40), "f4"), name="SCI"), SKY | dict(sky or {})),
                      fits.ImageHDU(np.zeros((30, 40), "f4"), name="ERR"),
                      fits.ImageHDU(np.zeros((30, 40), "i4"), name="DQ")]).writeto(path, overwrite=True)  # fmt: skip
        return path

    return written


def _unit(unit: Any, keywords: Mapping[str, Any]) -> Any:
    unit.header.update({name: value for name, value in keywords.items() if value is not None})
    return unit


@pytest.fixture
def load(archive: Settings, store: Path) -> Load:
    def loaded(*places: str, choice: Choice | None = None, **more: Any) -> Outcome:
        manner = Manner(archive.authority, choice or Choice())
        return ingest_files(str(archive.database_url), list(places) or [str(store)], archive, manner, **more)

    return loaded


@pytest.fixture
def ask(archive: Settings) -> Ask:
    def asked(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(str(archive.database_url)) as connection:
            return connection.execute(statement.encode()).fetchall()

    return asked


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    report = outcome.report
    return report.added, report.changed, report.same, report.refused


def reasons(outcome: Outcome) -> list[tuple[str, str]]:
    assert outcome.report.findings_file is not None
    lines = [json.loads(line) for line in outcome.report.findings_file.read_text().splitlines()]
    return [(line["file"], line["reason"]) for line in lines]


def test_a_header_becomes_an_observation_with_parts_and_chunks(write: Write, load: Load, ask: Ask) -> None:
    path = write(sky={"S_REGION": REGION})
    assert counts(load()) == (1, 0, 0, 0)
    assert ask(
        "SELECT observationid, typecode, type, proposal_id, target_name, instrument_name FROM archive.observation"
    ) == [("jw02045003001_02101_00001_nrcblong", "S", "NRC_IMAGE", "2045", "QUINTUPLET", "NIRCAM/IMAGE")]
    assert ask(
        "SELECT productid, calibrationlevel, position_bounds_status, energy_bandpassname, energy_bounds,"
        " time_bounds, position_dimension_naxis1, position_dimension_naxis2, release_assumed,"
        " datarelease::date::text FROM archive.plane"
    ) == [
        ("2b", 2, "good", "F322W2;F323N", [3.217e-06, 3.255e-06], [60535.25, 60535.5], 40, 30, True,
         "2025-08-13")
    ]  # fmt: skip
    assert ask("SELECT uri, contentlength, contenttype, access_url, store, key FROM archive.artifact"
               " JOIN archive.location USING (artifactid)") == [
        (f"mast:JWST/product/{NAME}", path.stat().st_size, "image/fits", f"/files/mast:JWST/product/{NAME}",
         "disk", NAME)
    ]  # fmt: skip
    assert ask("SELECT name, producttype FROM archive.part ORDER BY name") == [
        ("0", "science"), ("DQ,1", "auxiliary"), ("ERR,1", "noise"), ("SCI,1", "science")
    ]  # fmt: skip
    assert ask(
        "SELECT naxis, positionaxis1, positionaxis2, position_coordsys, position_axis_axis1_ctype,"
        " position_axis_function_dimension_naxis1, position_axis_function_refcoord_coord2_val,"
        " position_axis_function_cd12, energy_axis_range_start_val, time_axis_range_end_val,"
        " observable_dependent_axis_cunit FROM archive.chunk"
    ) == [(2, 1, 2, "ICRS", "RA---TAN", 40, -28.828, pytest.approx(1.05e-5), 3.217e-6, 60535.5, "MJy/sr")]


def test_without_a_footprint_in_the_header_it_is_the_outline_of_the_image(
    write: Write, load: Load, ask: Ask
) -> None:
    path = write()
    load()
    with fits.open(path) as file:
        corners = WCS(file["SCI"].header).calc_footprint(center=False)
    ((text, scale),) = ask("SELECT position_bounds, position_samplesize FROM archive.plane")
    numbers = [float(word) for word in text.split()[2:]]
    found = np.array(numbers).reshape(-1, 2)
    for corner in corners:
        assert np.abs(found - corner).max(axis=1).min() < 1e-8
    assert scale == pytest.approx(0.063)


_EVERYTHING = """
SELECT to_jsonb(o) FROM archive.observation AS o UNION ALL SELECT to_jsonb(p) FROM archive.plane AS p
UNION ALL SELECT to_jsonb(a) FROM archive.artifact AS a UNION ALL SELECT to_jsonb(p) FROM archive.part AS p
UNION ALL SELECT to_jsonb(c) FROM archive.chunk AS c UNION ALL SELECT to_jsonb(l) FROM archive.location AS l
"""


def test_the_same_files_twice_change_nothing_and_what_changed_is_changed(
    write: Write, load: Load, ask: Ask
) -> None:
    write()
    load()
    before = sorted(map(str, ask(_EVERYTHING)))
    assert counts(load()) == (0, 0, 1, 0)
    assert sorted(map(str, ask(_EVERYTHING))) == before
    path = write(primary={"CAL_VER": "1.19.0"})
    with fits.open(path, mode="update") as file:
        del file["DQ"]
    assert counts(load()) == (0, 1, 0, 0)
    assert ask("SELECT pipeline_version FROM archive.artifact") == [("1.19.0",)]
    assert ask("SELECT name FROM archive.part ORDER BY name") == [("0",), ("ERR,1",), ("SCI,1",)]


def test_a_trial_shows_what_would_change_and_changes_nothing(write: Write, load: Load, ask: Ask) -> None:
    write()
    assert list(load(is_trial=True).report.differences) == [f"new: {NAME}"]
    assert ask("SELECT count(*) FROM archive.artifact") == [(0,)]
    load()
    write(primary={"TARGPROP": "ANOTHER"})
    outcome = load(is_trial=True)
    assert counts(outcome) == (0, 1, 0, 0)
    assert f'changed: {NAME}: file.target_name: "QUINTUPLET" → "ANOTHER"' in outcome.report.differences
    assert ask("SELECT target_name FROM archive.artifact") == [("QUINTUPLET",)]


def test_rows_of_the_keyword_service_and_headers_complete_each_other(  # noqa: PLR0917 -- fixtures
    fact: Callable[..., dict[str, object]],
    write: Write,
    load: Load,
    ask: Ask,
    archive: Settings,
    tmp_path: Path,
) -> None:
    row = fact(NAME, fileSize=None)
    table = tmp_path / "keywords.csv"
    table.write_text("\n".join([",".join(row), ",".join(json.dumps(str(v or "")) for v in row.values())]))
    stated = "SELECT datarelease::text, contentchecksum, release_assumed, association FROM archive.artifact"
    ingest_keywords(str(archive.database_url), table, archive)
    known = ask(stated)
    assert known[0][1] == "md5:d427260dcf19304f955a866125a01841"
    write(primary={"READPATT": None})
    assert counts(load()) == (0, 1, 0, 0)
    assert ask(stated) == known
    assert ask("SELECT count(*) FROM archive.part") == [(4,)]
    measured = ask("SELECT position_dimension_naxis1, position_samplesize FROM archive.plane")
    table.write_text(table.read_text() + "\n")
    ingest_keywords(str(archive.database_url), table, archive)
    assert ask("SELECT position_dimension_naxis1, position_samplesize FROM archive.plane") == measured
    assert ask("SELECT count(*) FROM archive.artifact") == [(1,)]


def test_an_operator_says_when_files_are_released(write: Write, load: Load, ask: Ask) -> None:
    write()
    load()
    later = Choice(moment=datetime(2031, 1, 1))  # noqa: DTZ001 -- UTC without zone, as the database has it
    assert counts(load(choice=later)) == (0, 1, 0, 0)
    assert ask("SELECT datarelease::date::text, release_assumed FROM archive.artifact") == [
        ("2031-01-01", False)
    ]
    assert counts(load()) == (0, 0, 1, 0)  # what was stated stays
    load(choice=Choice(is_public=True))
    assert ask("SELECT datarelease::date::text FROM archive.plane") == [("2024-08-13",)]


@pytest.mark.parametrize(
    ("primary", "said"),
    [
        ({"EXPSTART": 12.0}, "expstart is no date of JWST's (MJD 12.0): left out"),
        ({"TARG_RA": 400.0}, "targ_ra is outside 0 to 360 degrees: 400.0: left out"),
        ({"PROGRAM": "09999"}, "PROGRAM is '09999', but the name says 2045: the name counts"),
        ({"EXP_TYPE": None}, "EXP_TYPE is missing: what kind of data these are is not known"),
        ({"EXP_TYPE": "MIR_IMAGE"}, "EXP_TYPE is of MIRI, but the name says NIRCAM: the name counts"),
        ({"EXP_TYPE": "WFC3"}, "EXP_TYPE: “WFC3” is not an exposure type of JWST"),
        ({"CATEGORY": None}, NO_CATEGORY),
        ({"FILENAME": "other.fits"}, "FILENAME is 'other.fits': was the file renamed?"),
    ],
)
def test_what_a_header_should_not_say_is_left_out_and_told(
    write: Write, load: Load, ask: Ask, primary: dict[str, Any], said: str
) -> None:
    write(primary=primary)
    outcome = load()
    assert counts(outcome) == (1, 0, 0, 0)
    assert reasons(outcome) == [(NAME, said)]
    assert ask("SELECT program, filter FROM archive.artifact") == [(2045, "F322W2")]


def test_a_file_whose_name_the_catalogue_knows_under_another_uri_is_set_aside(
    write: Write, load: Load, ask: Ask
) -> None:
    write()
    load()
    ask(f"UPDATE archive.artifact SET uri = 'other:{NAME}' RETURNING 1")
    outcome = load(choice=Choice(is_public=True))
    assert counts(outcome) == (0, 0, 0, 1)
    assert reasons(outcome) == [(NAME, f"a file of this name is in the catalogue as other:{NAME}")]
    assert ask("SELECT count(*) FROM archive.artifact") == [(1,)]


def test_what_came_from_another_archive_keeps_its_identifiers(
    archive: Settings, write: Write, load: Load, ask: Ask, as_of_another_archive: Callable[[str], None]
) -> None:
    write()
    load()
    as_of_another_archive(str(archive.database_url))
    identifiers = "SELECT obsid, planeid, artifactid FROM archive.plane JOIN archive.artifact USING (planeid)"
    theirs = ask(identifiers)
    write(primary={"TARGPROP": "ANOTHER-NAME"})
    assert counts(load()) == (0, 1, 0, 0)
    assert ask(identifiers) == theirs
    assert ask("SELECT count(*) FROM archive.part JOIN archive.artifact USING (artifactid)") == [(4,)]
    assert ask("SELECT count(*) FROM archive.location JOIN archive.artifact USING (artifactid)") == [(1,)]
    assert counts(load()) == (0, 0, 1, 0)


ASSOCIATION = "jw02045-o003_20250619t003749_image2_00012_asn.json"
POOL = "jw02045_20250619t003749_pool.csv"


def test_what_lies_beside_joins_its_plane(write: Write, load: Load, ask: Ask, store: Path) -> None:
    write()
    stem = NAME.removesuffix(".fits")
    (store / f"{stem}.jpg").write_bytes(b"\xff\xd8")
    (store / f"{stem}_thumb.jpg").write_bytes(b"\xff\xd8")
    member = {"expname": f"{stem.replace('_cal', '_rate')}.fits", "exptype": "science"}
    (store / ASSOCIATION).write_text(
        json.dumps(
            {"asn_type": "image2", "products": [{"name": stem.removesuffix("_cal"), "members": [member]}]}
        )
    )
    (store / POOL).write_text(
        f"# pool\nFILENAME|PROGRAM|ASN_CANDIDATE\n{stem.replace('_cal', '_uncal')}.fits|2045|x\n"
    )
    assert counts(load()) == (5, 0, 0, 0)
    assert ask(
        "SELECT filename, producttype, product_subgroup, a.target_name, a.datarelease::date::text, p.productid"
        " FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid) "
        " WHERE producttype <> 'science' AND p.productid = '2b'"
        ' ORDER BY filename COLLATE "C"'
    ) == [
        (ASSOCIATION, "info", "ASN", "QUINTUPLET", "2025-08-13", "2b"),
        (f"{stem}.jpg", "preview", None, "QUINTUPLET", "2025-08-13", "2b"),
        (f"{stem}_thumb.jpg", "thumbnail", None, "QUINTUPLET", "2025-08-13", "2b"),
    ]
    assert ask(
        "SELECT filename, producttype, a.target_name, p.productid FROM archive.artifact AS a"
        " JOIN archive.plane AS p USING (planeid) WHERE product_subgroup = 'POOL'"
    ) == [(POOL, "info", None, "3")]
    assert ask(f"SELECT preview_url FROM archive.artifact WHERE filename = '{NAME}'") == [
        (f"/files/mast:JWST/product/{stem}.jpg",)
    ]
    base = "caom:JWST/jw02045003001_02101_00001_nrcblong"
    assert ask("SELECT DISTINCT inputid FROM archive.provenance_input") == [(f"{base}/2a",)]
    assert ask("SELECT memberid FROM archive.observation_member") == [(base,)]
    assert counts(load()) == (0, 0, 5, 0)


def test_catalogues_engineering_data_and_unknown_files_are_kept(load: Load, ask: Ask, store: Path) -> None:
    (store / "jw02045-o003_t001_nircam_f323n_cat.ecsv").write_text("# %ECSV 1.0\n")
    name = "SA_ZATTEST1-20220701T000000-20220702T000000.csv"
    (store / name).write_text("theTime,MJD,euvalue,sqldataType\n2022-07-01 00:00:00,59761.0,1.5,real\n"
                              "2022-07-01 12:00:00,59761.5,1.6,real\n")  # fmt: skip
    (store / "notes.pdf").write_bytes(b"%PDF")
    (store / "mnemonics.json").write_text('{"Count": 1, "TlmMnemonics": [{"TlmMnemonic": "SA_ZATTEST1"}]}')
    times = (1559578955784, 1559579021320)
    values = [{"ObsTime": f"/Date({time}+0000)/", "EUValue": 0.5} for time in times]
    answer = {"TlmMnemonic": "SA_ZATTEST2", "AllPoints": 1, "Count": 2, "Data": values}
    (store / "sa_zattest2_data.json.gz").write_bytes(gzip.compress(json.dumps(answer).encode()))
    outcome = load()
    assert counts(outcome) == (5, 0, 0, 0)
    assert ask(
        "SELECT dataproduct_type, contenttype, t_min, t_max, (datarelease <= now()) IS TRUE FROM archive.artifact"
        ' ORDER BY filename COLLATE "C"'
    ) == [
        ("timeseries", "text/csv", 59761.0, 59761.5, True),
        ("measurements", "text/x-ecsv", None, None, False),
        (None, "application/json", None, None, False),
        (None, "application/pdf", None, None, False),
        ("timeseries", "application/gzip", 58637.68235861111, 58637.68311712963, True),
    ]
    assert ask("SELECT target_name FROM archive.plane WHERE dataproducttype = 'timeseries' ORDER BY 1") == [
        ("SA_ZATTEST1",),
        ("SA_ZATTEST2",),
    ]
    assert ("notes.pdf", "what it is is not known: kept as a file") in reasons(outcome)


def test_files_outside_of_every_store_are_loaded_and_counted(
    write: Write, load: Load, ask: Ask, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write().rename(elsewhere / NAME)
    (elsewhere / "unknown").write_bytes(b"?")
    outcome = load(str(elsewhere))
    assert (counts(outcome), outcome.nowhere) == ((1, 0, 0, 1), 2)
    assert ask("SELECT count(*) FROM archive.location") == [(0,)]


def test_a_killed_load_has_lost_nothing_and_goes_on(
    write: Write, load: Load, ask: Ask, archive: Settings, store: Path
) -> None:
    content = write().read_bytes()
    for number in range(2, 13):
        (store / f"jw02045003001_02101_{number:05d}_nrcblong_cal.fits").write_bytes(content)
    script = (
        "import os, signal\n"
        "from voserver.catalogue.ingest.archive_files import ingest_files\n"
        "from voserver.catalogue.ingest.header_records import NO_CATEGORY, Manner\n"
        "from voserver.settings import Settings\n"
        "settings = Settings()\n"
        "kill = lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done >= 8 else None\n"
        f"ingest_files(settings.database_url, [{str(store)!r}], settings, Manner('archive.test'),\n"
        "             batch_size=4, progress=kill)\n"
    )
    environment = {
        **os.environ,
        "COLUMNS": "1000",  # however long the paths of the test are, no line is broken
        "VOSERVER_DATABASE_URL": str(archive.database_url),
        "VOSERVER_DATA_DIR": str(archive.data_dir),
        "VOSERVER_STORES": json.dumps([one.model_dump() for one in archive.stores or []]),
    }
    ended = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert ask("SELECT count(*), count(DISTINCT planeid) FROM archive.artifact") == [(8, 8)]
    outcome = load(batch_size=4)
    assert (outcome.report.resumed_at, outcome.report.rows, outcome.report.added) == (8, 12, 12)
    assert ask("SELECT count(*) FROM archive.part") == [(48,)]


def test_a_load_that_goes_on_links_what_was_merged_before(write: Write, load: Load, ask: Ask) -> None:
    for number in (1, 2):
        write(f"jw02045003001_02101_{number:05d}_nrcblong_cal.fits")
    write("jw02045-o003_t001_nircam_f323n_i2d.fits", {"EXP_TYPE": "NRC_IMAGE"})

    def stop(done: int, _total: int | None) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(progress=stop)
    assert ask("SELECT count(*) FROM archive.observation_member") == [(0,)]
    assert load().report.resumed_at == 3
    assert ask("SELECT count(*) FROM archive.observation_member") == [(2,)]


def test_many_files_are_read_by_other_processes(write: Write, load: Load, store: Path) -> None:
    content = write().read_bytes()
    for number in range(2, 9):
        (store / f"jw02045003001_02101_{number:05d}_nrcblong_cal.fits").write_bytes(content)
    assert counts(load(processes=2)) == (8, 0, 0, 0)


def test_files_in_s3_are_read_by_ranges(write: Write, archive: Settings, ask: Ask) -> None:
    content = write().read_bytes()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        keys = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
        client.create_bucket(Bucket="data")
        client.put_object(Bucket="data", Key=f"jwst/2045/{NAME}", Body=content)
        client.put_object(Bucket="data", Key="other/readme.txt", Body=b"not asked for")
        options = {
            "endpoint": endpoint,
            "region": "us-east-1",
            "access_key_id": "id",
            "secret_access_key": "secret",
        }
        setting = StoreSetting(name="bucket", url="s3://data/jwst", options=dict(options))
        settings = archive.model_copy(update={"stores": [setting]})
        outcome = ingest_files(
            str(archive.database_url),
            ["s3://data/jwst"],
            settings,
            Manner("archive.test", with_checksums=True),
        )
        assert (counts(outcome), outcome.nowhere) == ((1, 0, 0, 0), 0)
        with pytest.raises(NotFound, match="There is nothing at s3://data/jwst/nothing"):
            ingest_files(
                str(archive.database_url), ["s3://data/jwst/nothing"], settings, Manner("archive.test")
            )
    finally:
        server.stop()
    assert ask("SELECT store, key FROM archive.location") == [("bucket", f"2045/{NAME}")]
    assert ask("SELECT contentlength, length(contentchecksum) FROM archive.artifact") == [(len(content), 36)]


def test_the_command_tells_what_came_of_it(write: Write, archive: Settings, store: Path, ask: Ask) -> None:
    write()
    environment = {
        **os.environ,
        "COLUMNS": "1000",  # however long the paths of the test are, no line is broken
        "VOSERVER_DATABASE_URL": str(archive.database_url),
        "VOSERVER_DATA_DIR": str(archive.data_dir),
        "VOSERVER_STORES": json.dumps([one.model_dump() for one in archive.stores or []]),
    }

    def command(*arguments: str) -> tuple[int, str]:
        line = [sys.executable, "-m", "voserver", "ingest", "fits", *arguments]
        ended = subprocess.run(line, env=environment, check=False, capture_output=True, text=True)
        return ended.returncode, " ".join((ended.stdout + ended.stderr).split())

    told = f"✓ {store}: 1 file: 1 added, 0 changed, 0 unchanged, 0 set aside"
    said = f"new: {NAME} Nothing was changed; this would come of it: {told}"
    assert command(str(store), "--dry-run") == (0, said)
    assert ask("SELECT count(*) FROM archive.artifact") == [(0,)]
    assert command(str(store))[0] == 0
    assert ask("SELECT count(*) FROM archive.artifact") == [(1,)]
    assert command(str(store), "--released", "--release", "2031-01-01")[0] == 2
    assert command("/nowhere") == (1, "voserver: There is no file or directory /nowhere.")
