"""Rows as the keyword service gives them, and files of them."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from voserver.settings import Settings

Fact = dict[str, object]

_FACT: Fact = {
    "true_filename": "jw02045003001_02101_00001_nrcblong_cal.fits",
    "mast_uri": "mast:JWST/product/jw02045003001_02101_00001_nrcblong_cal.fits",
    "exp_type": "NRC_IMAGE",
    "detector": "NRCBLONG",
    "module": "B",
    "channel": "LONG",
    "subarray": "FULL",
    "filter": "NC.F322W2.F323N",
    "pupil": "F323N",
    "targprop": "NAME-QUINTUPLET-CLUSTER",
    "targtype": "FIXED",
    "targ_ra": 266.558,
    "targ_dec": -28.828,
    "program": 2045,
    "visit_id": 2045003001,
    "visitgrp": 2,
    "seq_id": 1,
    "act_id": "01",
    "exposure": 1,
    "category": "GO",
    "pi_name": "Somebody, A. N.",
    "title": "A title with a\ttab, a \\ and a 'quote'",
    "targdesc": "Star clusters; Telescope/sky background",
    "expstart": 60535.25,
    "expend": 60535.5,
    "effexptm": 311.366,
    "readpatt": "SHALLOW4",
    "s_region": "POLYGON ICRS 1 2 3 4 5 6",
    "orig_s_region": "POLYGON ICRS  266.582437 -28.845801 266.580546 -28.810383 266.539561 -28.811544"
    " 266.541186 -28.847840",
    "asntable": "jw02045-o003_20250619t003749_image2_00012_asn.json",
    "cal_ver": "1.18.0",
    "crds_ctx": "jwst_1364.pmap",
    "sdp_ver": "2025_2",
    "fileSize": 117573120,
    "checksum": "d427260dcf19304f955a866125a01841",
    "publicReleaseDate_mjd": 60900.5,
    "release": "2025-08-13 12:00:00.000",
}


@pytest.fixture
def fact() -> Callable[..., Fact]:
    """Makes a row: the given values in place of its own; the URI follows the name."""

    def made(name: str = str(_FACT["true_filename"]), **values: object) -> Fact:
        return {**_FACT, "true_filename": name, "mast_uri": f"mast:JWST/product/{name}", **values}

    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows to a file of the given name."""

    def written(rows: Sequence[Mapping[str, object]], name: str = "keywords.parquet") -> Path:
        path = tmp_path / name
        if path.suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
        else:
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return path

    return written


@pytest.fixture
def loading(fresh_database_url: str, tmp_path: Path) -> Settings:
    """Settings whose database is empty."""
    return Settings(database_url=fresh_database_url, data_dir=tmp_path / "data", authority="archive.test")


_OTHER_IDENTIFIERS = b"""
SET session_replication_role = replica;
UPDATE archive.observation SET obsid = gen_random_uuid();
UPDATE archive.plane SET obsid = (SELECT obsid FROM archive.observation), planeid = gen_random_uuid();
UPDATE archive.location SET artifactid = '00000000-0000-0000-0000-000000000001';
UPDATE archive.part SET artifactid = '00000000-0000-0000-0000-000000000001';
UPDATE archive.artifact SET planeid = (SELECT planeid FROM archive.plane),
    artifactid = '00000000-0000-0000-0000-000000000001';
"""
"""One observation with one file, as a CAOM document of another archive might have brought it."""


@pytest.fixture
def as_of_another_archive() -> Callable[[str], None]:
    """Gives the one observation of the database at a URL the identifiers that another archive made."""

    def renamed(url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(_OTHER_IDENTIFIERS)

    return renamed
