"""Sources that tell of the same files may be loaded in any order: what is newer and better known stays."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.mast.loading import ingest_products
from voserver.settings import Settings

Make = Callable[..., Mapping[str, object]]
Write = Callable[..., Path]
Ask = Callable[[str], list[tuple[Any, ...]]]

NAME = "jw02045003001_02101_00001_nrcblong_cal.fits"


@pytest.fixture
def ask(loading: Settings) -> Ask:
    """Asks the database."""

    def asked(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(str(loading.database_url)) as connection:
            return connection.execute(statement.encode()).fetchall()

    return asked


def product_list(directory: Path, version: str, size: int) -> Path:
    """A list that tells of the file, as it was at that version of the pipeline."""
    row = {
        "obs_id": NAME.removesuffix("_cal.fits"),
        "dataURI": f"mast:JWST/product/{NAME}",
        "productType": "SCIENCE",
        "productFilename": NAME,
        "prvversion": version,
        "size": size,
    }
    path = directory / f"products-{version}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    return path


FILE = "SELECT pipeline_version, contentlength, contentchecksum FROM archive.artifact"
REPLACED = "SELECT old_version, new_version FROM archive.event WHERE kind = 'reprocessed'"


def test_a_list_of_an_older_version_of_a_file_leaves_what_is_known_of_the_newer(
    fact: Make, write: Write, loading: Settings, ask: Ask, tmp_path: Path
) -> None:
    url = str(loading.database_url)
    ingest_keywords(url, write([fact(cal_ver="1.9.2")]), loading)
    known = ask(FILE)

    outcome = ingest_products(url, [product_list(tmp_path, "1.8.0", 5)], loading)

    assert ask(FILE) == known == [("1.9.2", 117573120, "md5:d427260dcf19304f955a866125a01841")]
    assert outcome.report.same == 1
    assert ask(REPLACED) == []


def test_lists_complete_what_came_from_another_archive_and_replace_nothing(  # noqa: PLR0917 -- fixtures
    fact: Make,
    write: Write,
    loading: Settings,
    ask: Ask,
    tmp_path: Path,
    as_of_another_archive: Callable[[str], None],
) -> None:
    url = str(loading.database_url)
    ingest_keywords(url, write([fact(cal_ver="1.9.2")]), loading)
    as_of_another_archive(url)
    known = ask("SELECT artifact, plane FROM archive.artifact JOIN archive.plane USING (planeid)")

    outcome = ingest_products(url, [product_list(tmp_path, "1.9.2", 117573120)], loading)

    assert outcome.report.same == 1
    assert ask("SELECT artifact, plane FROM archive.artifact JOIN archive.plane USING (planeid)") == known


def test_a_newer_version_of_a_file_replaces_it_and_is_on_record(
    fact: Make, write: Write, loading: Settings, ask: Ask, tmp_path: Path
) -> None:
    url = str(loading.database_url)
    keywords = write([fact(cal_ver="1.9.2")])
    ingest_keywords(url, keywords, loading)

    ingest_products(url, [product_list(tmp_path, "1.17.0", 5)], loading)
    ingest_keywords(url, keywords, loading)

    assert ask(FILE) == [("1.17.0", 5, None)]
    assert ask(REPLACED) == [("1.9.2", "1.17.0")]


def test_the_release_rule_of_a_product_holds_for_what_it_was_made_from(
    fact: Make, write: Write, loading: Settings, ask: Ask
) -> None:
    url = str(loading.database_url)
    rules = """SELECT i.metarelease, p.metarelease, p.metarelease > now() AT TIME ZONE 'utc'
        FROM archive.provenance_input AS i JOIN archive.plane AS p ON p.planeid = i.outputid"""
    ingest_keywords(url, write([fact()]), loading)
    ((before, of_plane, is_hidden),) = ask(rules)
    assert (before, is_hidden) == (of_plane, False)

    ingest_keywords(url, write([fact(expstart=80000.25, expend=80000.5)], "later.parquet"), loading)

    ((after, of_plane, is_hidden),) = ask(rules)
    assert (after, is_hidden) == (of_plane, True)
    assert after != before


@pytest.mark.parametrize("hidden", ["'2090-01-01'", "NULL"])
def test_parts_and_chunks_of_a_file_that_is_hidden_are_hidden(
    fact: Make, write: Write, loading: Settings, ask: Ask, hidden: str
) -> None:
    url = str(loading.database_url)
    ingest_keywords(url, write([fact()]), loading)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO archive.part (partid, artifactid, name, metarelease)"
            " SELECT gen_random_uuid(), artifactid, 'SCI', metarelease FROM archive.artifact"
        )
        connection.execute(
            "INSERT INTO archive.chunk (chunkid, partid, metarelease)"
            " SELECT gen_random_uuid(), partid, metarelease FROM archive.part"
        )
        connection.execute(
            f"UPDATE archive.artifact SET metarelease = {hidden}, metareadgroups = '{{ivo://a/gms?b}}'".encode()
        )

    seen = ask("SELECT count(*) FROM caom2.part UNION ALL SELECT count(*) FROM caom2.chunk")
    rules = ask(
        "SELECT c.metarelease, c.metareadgroups FROM archive.chunk AS c UNION"
        " SELECT metarelease, metareadgroups FROM archive.part UNION"
        " SELECT metarelease, metareadgroups FROM archive.artifact"
    )
    assert seen == [(0,), (0,)]
    assert len(rules) == 1
