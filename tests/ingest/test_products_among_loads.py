"""Loads of MAST's lists beside others, in any order, and broken off."""

import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from astropy.io import fits

from tests.ingest import test_products
from tests.ingest.test_products import EXPOSURE, MOSAIC, OBSERVATION, POLYGON, Ask, Save, exposure, product
from voserver.catalogue.ingest.archive_files import ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.mast.loading import ingest_products
from voserver.settings import Settings

archive = test_products.archive
save = test_products.save
ask = test_products.ask


def test_a_killed_load_has_lost_nothing_and_goes_on(archive: Settings, save: Save, ask: Ask) -> None:
    names = [f"jw02733002001_02103_{number:05d}_mirimage_cal.fits" for number in range(1, 61)]
    path = save([product(name, obs_id=name.removesuffix("_cal.fits")) for name in names])
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from voserver.catalogue.ingest.mast.loading import ingest_products\n"
        "from voserver.settings import Settings\n"
        "url, directory, path = sys.argv[1:]\n"
        "settings = Settings(database_url=url, data_dir=Path(directory), authority='archive.test')\n"
        "def progress(done, total):\n"
        "    if done >= 20: os.kill(os.getpid(), signal.SIGKILL)\n"
        "ingest_products(url, [Path(path)], settings, progress=progress, batch_size=10)\n"
    )
    arguments = [sys.executable, "-c", program, archive.database_url or "", str(archive.data_dir), str(path)]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    assert ask("SELECT count(*) FROM archive.artifact") == [(20,)]
    outcome = ingest_products(archive.database_url or "", [path], archive)
    assert (outcome.report.resumed_at, outcome.report.added) == (20, 60)
    assert ask("SELECT count(*), count(DISTINCT uri) FROM archive.artifact") == [(60, 60)]


HEADER: dict[str, Any] = {
    "TELESCOP": "JWST", "INSTRUME": "MIRI", "DETECTOR": "MIRIMAGE", "EXP_TYPE": "MIR_IMAGE", "PROGRAM": "02733",
    "CATEGORY": "GO", "TARGPROP": "NGC-3132", "TARG_RA": 151.757, "TARG_DEC": -40.436, "TARGTYPE": "FIXED",
    "FILTER": "F770W", "EXPSTART": 59742.5003, "EXPEND": 59742.6261, "EFFEXPTM": 2708.4, "READPATT": "FASTR1",
    "CAL_VER": "1.18.0", "CRDS_CTX": "jwst_1364.pmap", "VISITGRP": "02",
}  # fmt: skip


KEYWORDS: dict[str, Any] = {
    "exp_type": "MIR_IMAGE", "detector": "MIRIMAGE", "program": "2733", "category": "GO", "targprop": "NGC-3132",
    "targ_ra": "151.757", "targ_dec": "-40.436", "filter": "MI.F770W", "expstart": "59742.5003",
    "expend": "59742.6261", "effexptm": "2708.4", "readpatt": "FASTR1", "pi_name": "Body, Some", "title": "The title",
    "orig_s_region": POLYGON.replace("POLYGON", "POLYGON ICRS").replace("151.7137", "151.713716129"),
    "cal_ver": "1.18.0", "sdp_ver": "2025_2", "checksum": "d427260dcf19304f955a866125a01841",
    "publicReleaseDate_mjd": "59773.6250001",
}  # fmt: skip


SEVERAL = [f"{EXPOSURE}_cal.fits", f"{EXPOSURE}_rate.fits", f"{EXPOSURE}_uncal.fits", f"{MOSAIC}_i2d.fits"]


def _headers(directory: Path, names: Sequence[str] = SEVERAL) -> list[str]:
    for name in names:
        primary = fits.PrimaryHDU()
        primary.header.update(HEADER | {"FILENAME": name})
        fits.HDUList([primary, fits.ImageHDU(np.zeros((10, 10), "f4"), name="SCI")]).writeto(directory / name)
    return [str(directory / name) for name in names]


def _facts(settings: Settings) -> dict[str, Any]:
    """All that the rows say, but for when and by whom it was said."""
    unimportant = (
        "'{lastmodified,maxlastmodified,metaproducer,principal_file,created,release_watched}'::text[]"
    )
    found = {}
    with psycopg.connect(settings.database_url or "") as connection:
        for table, key in (("observation", "observationuri"), ("plane", "planeuri"), ("artifact", "uri")):
            query = f"SELECT {key}, to_jsonb(t) - {unimportant} FROM archive.{table} AS t"
            for name, row in connection.execute(query.encode()):
                for column in [column for column in row if row[column] is None]:
                    del row[column]
                found[f"{table} {name}"] = row
    return found


def test_in_whatever_order_sources_are_loaded_the_facts_are_the_same(
    archive: Settings, new_database: Any, save: Save, tmp_path: Path
) -> None:
    """The same file known from the keyword service, from its header and from MAST is one, with the best of all."""
    directory = tmp_path / "files"
    directory.mkdir()
    places = _headers(directory)
    size = str((directory / SEVERAL[0]).stat().st_size)
    rows = [{**KEYWORDS, "true_filename": name, "fileSize": size} for name in SEVERAL]
    keywords = save(rows, "keywords.csv")
    products = save([product(name, size=size) for name in SEVERAL if EXPOSURE in name])
    observations = save([exposure(), OBSERVATION], "obs.csv")
    steps: dict[str, Callable[[Settings], object]] = {
        "headers": lambda one: ingest_files(
            one.database_url or "", places, one, Manner(one.authority), processes=1
        ),
        "keywords": lambda one: ingest_keywords(one.database_url or "", keywords, one),
        "mast": lambda one: ingest_products(one.database_url or "", [products, observations], one),
    }
    told: dict[tuple[str, ...], dict[str, Any]] = {}
    for order in itertools.permutations(steps):
        with new_database() as url:
            settings = archive.model_copy(update={"database_url": url})
            for step in order:
                steps[step](settings)
            told[order] = _facts(settings)
    first, *others = told.values()
    cal = first[f"artifact mast:JWST/product/{EXPOSURE}_cal.fits"]
    assert len([name for name in first if name.startswith("artifact")]) == len(SEVERAL) + 1  # and a preview
    assert (cal["contentchecksum"], cal["proposal_title"]) == (f"md5:{KEYWORDS['checksum']}", "The title")
    assert (cal["crds_context"], cal["readout_pattern"]) == ("jwst_1364.pmap", "FASTR1")
    for order, other in zip(list(told)[1:], others, strict=True):
        different = {
            (row, column): (first.get(row, {}).get(column), facts.get(column))
            for row, facts in other.items()
            for column in {*facts, *first.get(row, {})}
            if first.get(row, {}).get(column) != facts.get(column)
        }
        assert different == {}, order
        assert other.keys() == first.keys()


def test_loads_at_once_give_what_they_give_one_after_the_other(
    archive: Settings, new_database: Any, save: Save, tmp_path: Path
) -> None:
    directory = tmp_path / "files"
    directory.mkdir()
    names = [f"jw02733002001_02103_{number:05d}_mirimage_cal.fits" for number in range(1, 41)]
    places = _headers(directory, names[5:35])
    size = str(Path(places[0]).stat().st_size)
    rows = [product(name, obs_id=name.removesuffix("_cal.fits"), size=size) for name in names]
    observations = save([OBSERVATION], "observations.csv")
    one, other = save(rows[:30], "one.csv"), save(rows[:9:-1], "other.csv")

    def all_of(settings: Settings) -> list[Callable[[], object]]:
        url, manner = settings.database_url or "", Manner(settings.authority)
        return [
            lambda: ingest_products(url, [one, observations], settings, batch_size=4),
            lambda: ingest_products(url, [other, observations], settings, batch_size=3),
            lambda: ingest_files(url, places, settings, manner, processes=1, batch_size=5),
        ]

    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(load) for load in all_of(archive)]:
            done.result()
    with new_database() as url:
        alone = archive.model_copy(update={"database_url": url})
        for load in all_of(alone):
            load()
        expected = _facts(alone)
    at_once = _facts(archive)
    assert len(at_once) == 40 + 40 + 40 + 4  # and the mosaic, with a preview
    assert at_once == expected
