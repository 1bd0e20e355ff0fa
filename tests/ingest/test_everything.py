"""All real metadata that is at hand becomes one catalogue, whatever the order; what is set aside has its reason.

Of the two large files samples are loaded. Facts as the archive publishes them, gathered from public repositories.
"""

import csv
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from voserver.catalogue.ingest.archive_files import ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.mast.loading import ingest_products
from voserver.catalogue.ingest.releases import Choice
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.schedule import ingest_schedule
from voserver.catalogue.verify import Extent, Tally, verify
from voserver.settings import Settings

DATA = Path(__file__).parents[3] / "shared" / "data" / "jwst"
EXAMPLES = DATA / "mast_examples"
TOLD_TWICE = 5224
"""The program of which both the keyword service and product lists tell."""

KNOWN = (
    r"the footprint is a placeholder: a circle about the pointing",
    r"\S+, row \d+: the preview that is named, .*, is of another observation: left out",
    r"nobody has said when it is released: held back; say --released, or --release DATE",
    r"no position is known",
    r"no program is known",
    r"expstart is no date of JWST's \(MJD [0-9.]+\): left out",
    r"[67] of its [67] (products|exposures) have no names of JWST's: not linked",
    r"the product that it is for is not in the catalogue",
    r"what it is is not known: kept as a file",
)
"""Why rows and files are set aside, or loaded without something: all that is known of these files."""


@dataclass(frozen=True)
class Archive:
    """A catalogue of everything."""

    url: str
    settings: Settings
    keywords: Path
    loads: dict[str, Callable[[], Report]]
    first: dict[str, Report]

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement.encode()).fetchall()


def sample_of_keywords(path: Path) -> Path:
    """Every twelfth row, and all of the program that lists tell of, too."""
    table = pq.read_table(DATA / "exposures.parquet")
    row = range(table.num_rows)
    chosen = pc.equal(table["program"], TOLD_TWICE).to_pylist()
    pq.write_table(table.take([number for number in row if number % 12 == 0 or chosen[number]]), path)
    return path


def sample_of_images(path: Path) -> Path:
    """Every tenth row, and all that have a preview only."""
    with gzip.open(DATA / "level3_images.csv.gz", "rt") as file, path.open("w", newline="") as sample:
        reader = csv.DictReader(file)
        writer = csv.DictWriter(sample, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(row for number, row in enumerate(reader) if number % 10 == 0 or not row["dataURL"])
    return path


@pytest.fixture(scope="module")
def archive(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Everything loaded, once."""
    if not DATA.is_dir():
        pytest.skip("the archive's metadata (../shared/data/jwst) is not here")
    made, url = tmp_path_factory.mktemp("everything"), module_database_url
    stores = [{"name": "main", "url": DATA.as_uri()}]
    settings = Settings.model_validate(
        {"database_url": url, "data_dir": made / "data", "authority": "archive.test", "stores": stores}
    )
    keywords, images = sample_of_keywords(made / "exposures.parquet"), sample_of_images(made / "images.csv")
    manner = Manner("archive.test", Choice(is_public=False, moment=None), None, with_checksums=False)

    def products(*names: str) -> Report:
        return ingest_products(url, [EXAMPLES / name for name in names], settings).report

    def files(name: str) -> Report:
        return ingest_files(url, [str(DATA / name)], settings, manner).report

    loads: dict[str, Callable[[], Report]] = {
        "keywords": lambda: ingest_keywords(url, keywords, settings),
        "images": lambda: ingest_products(url, [images], settings).report,
        "a program": lambda: products("gear66_mast_all_products.csv", "gear66_mast_obs.csv"),
        "notebooks": lambda: products("harvest_notebook_prods.csv", "harvest_notebook_obs.csv"),
        "an answer": lambda: products("snoww3d_post_mast_search_target.json"),
        "addresses": lambda: products("ero_jw02731_urls_sample.txt"),
        "visits": lambda: ingest_schedule(url, DATA / "schedule_visits.csv.gz", settings),
        "programs": lambda: ingest_schedule(url, DATA / "tso_programs.csv", settings),
        **{
            name: lambda name=name: files(name)  # type: ignore[misc]
            for name in ("spectra", "headers", "associations", "engineering")
        },
    }
    return Archive(url, settings, keywords, loads, {name: load() for name, load in loads.items()})


def test_every_row_is_loaded_or_set_aside_with_a_reason_that_is_known(archive: Archive) -> None:
    files = {name: one.findings_file for name, one in archive.first.items() if one.findings_file}
    findings = [json.loads(line) for path in files.values() for line in path.read_text().splitlines()]
    unknown = [one for one in findings if not any(re.fullmatch(reason, one["reason"]) for reason in KNOWN)]

    assert unknown == []
    assert {name: one.refused for name, one in archive.first.items() if one.refused} == {}
    assert archive.first["keywords"].rows == pq.read_metadata(archive.keywords).num_rows
    with gzip.open(DATA / "schedule_visits.csv.gz", "rt") as visits:
        assert archive.first["visits"].rows == sum(1 for _ in csv.DictReader(visits))
    assert {
        name: archive.first[name].added for name in ("spectra", "headers", "associations", "engineering")
    } == {
        "spectra": 13,
        "headers": 4,
        "associations": 4,
        "engineering": 6,
    }


def test_files_of_which_only_the_address_is_known_are_held_back(archive: Archive) -> None:
    assert (archive.first["addresses"].rows, archive.first["addresses"].refused) == (600, 0)
    files = "SELECT filename, datarelease, program FROM archive.artifact WHERE filename"
    assert archive.ask(f"{files} = 'jw02731-o001_t017_nircam_clear-f200w_i2d.fits'") == [
        ("jw02731-o001_t017_nircam_clear-f200w_i2d.fits", None, 2731)
    ]


def test_a_file_is_there_once_and_every_product_has_files_but_planned_ones(archive: Archive) -> None:
    assert archive.ask("SELECT filename FROM archive.artifact GROUP BY 1 HAVING count(*) > 1") == []
    empty = "SELECT DISTINCT calibrationlevel FROM archive.plane AS p WHERE NOT EXISTS"
    assert archive.ask(f"{empty} (SELECT FROM archive.artifact AS a WHERE a.planeid = p.planeid)") == [(-1,)]
    missing = "SELECT obsid FROM archive.observation AS o WHERE NOT EXISTS"
    assert archive.ask(f"{missing} (SELECT FROM archive.plane AS p WHERE p.obsid = o.obsid)") == []


def test_files_of_several_sources_are_in_one_product_and_agree_with_it(archive: Archive) -> None:
    both = """SELECT count(DISTINCT p.planeid) FROM archive.plane AS p
        JOIN archive.artifact AS a USING (planeid) JOIN archive.artifact AS b USING (planeid)
        WHERE a.metaproducer = 'voserver:jwst-keywords-1' AND b.metaproducer LIKE 'voserver:mast%'"""
    differing = """SELECT a.uri FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)
        WHERE (a.publisherid, a.obs_id, a.calib_level)
            IS DISTINCT FROM (p.publisherid, p.observationid, p.calibrationlevel)"""
    assert archive.ask(both)[0][0] >= 9
    assert archive.ask(differing) == []


def test_what_belongs_to_a_product_has_its_release_rule(archive: Archive) -> None:
    for below, above, key, link in (
        ("observation_member", "observation", "obsid", "parentid"),
        ("provenance_input", "plane", "planeid", "outputid"),
        ("part", "artifact", "artifactid", "artifactid"),
        ("chunk", "part", "partid", "partid"),
    ):
        differing = f"""SELECT 1 FROM archive.{below} AS b JOIN archive.{above} AS a ON a.{key} = b.{link}
            WHERE (a.metarelease, a.metareadgroups) IS DISTINCT FROM (b.metarelease, b.metareadgroups)"""
        assert archive.ask(differing) == [], below


def test_only_files_of_which_nobody_knows_the_release_are_held_back_without_a_date(archive: Archive) -> None:
    undated = "SELECT DISTINCT metaproducer FROM archive.artifact WHERE datarelease IS NULL"
    inverted = "SELECT uri FROM archive.artifact WHERE t_min > t_max OR em_min > em_max"
    assert sorted(archive.ask(undated)) == [("voserver:headers-1",), ("voserver:mast-products-1",)]
    assert archive.ask(inverted) == []


def test_stores_have_the_files_that_were_loaded_from_them(archive: Archive) -> None:
    tally = Tally()
    problems = list(verify(archive.url, archive.settings, Extent(stores=("main",)), tally))
    assert tally.copies == 27
    assert {one.kind for one in problems} <= {"orphan", "nowhere"}
    here = {one.key for one in problems if one.kind == "orphan"}
    lists = {*(path.name for path in DATA.iterdir() if path.is_file())}
    assert here == lists | {f"mast_examples/{path.name}" for path in EXAMPLES.iterdir()}


def test_everything_again_in_another_order_changes_nothing(archive: Archive) -> None:
    before = archive.ask(
        "SELECT count(*), max(maxlastmodified), max(eventid) FROM archive.artifact, archive.event"
    )
    again = {name: load() for name, load in reversed(archive.loads.items())}
    assert {name: (one.added, one.changed) for name, one in again.items() if one.added or one.changed} == {}
    after = archive.ask(
        "SELECT count(*), max(maxlastmodified), max(eventid) FROM archive.artifact, archive.event"
    )
    assert after == before
