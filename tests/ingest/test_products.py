"""MAST's lists of observations, products and images, loaded into a real PostgreSQL."""

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from voserver.catalogue.ingest.mast.describing import HELD_BACK
from voserver.catalogue.ingest.mast.loading import Outcome, ingest_products
from voserver.model import mast
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings

EXPOSURE = "jw02733002001_02103_00001_mirimage"
MOSAIC = "jw02733-o002_t001_miri_f770w"
POLYGON = "POLYGON 151.753831641 -40.408591251 151.792469876 -40.4290467 151.752367379 -40.472930566 151.7137 -40.4524"
OBSERVATION: dict[str, Any] = {
    "intentType": "science", "obs_collection": "JWST", "provenance_name": "CALJWST", "instrument_name": "MIRI/IMAGE",
    "filters": "F770W", "target_name": "NGC-3132", "target_classification": "ISM; Planetary nebulae",
    "obs_id": MOSAIC, "s_ra": "151.75", "s_dec": "-40.44", "dataproduct_type": "image", "proposal_pi": "Some Body",
    "calib_level": "3", "t_min": "59742.5003", "t_max": "59742.6261", "t_exptime": "2708.4", "em_min": "6600.0",
    "em_max": "8800.0", "obs_title": "A title", "t_obs_release": "59773.625", "proposal_id": "2733",
    "proposal_type": "GO", "s_region": POLYGON, "jpegURL": f"mast:JWST/product/{MOSAIC}_i2d.jpg",
    "dataURL": f"mast:JWST/product/{MOSAIC}_i2d.fits", "dataRights": "PUBLIC", "mtFlag": "False", "obsid": "1000",
}  # fmt: skip
PRODUCT: dict[str, Any] = {
    "obsID": "1001", "obs_collection": "JWST", "dataproduct_type": "image", "obs_id": EXPOSURE, "type": "S",
    "description": "exposure (L2b): 2D calibrated exposure average over integrations",
    "dataURI": f"mast:JWST/product/{EXPOSURE}_cal.fits", "productType": "SCIENCE", "productGroupDescription": "",
    "productSubGroupDescription": "CAL", "project": "CALJWST", "prvversion": "1.18.0", "proposal_id": "2733",
    "productFilename": f"{EXPOSURE}_cal.fits", "size": "29000000", "parent_obsid": "1000", "dataRights": "PUBLIC",
    "calib_level": "2", "filters": "F770W",
}  # fmt: skip

Ask = Callable[..., list[tuple[Any, ...]]]
Load = Callable[..., Outcome]
Save = Callable[..., Path]


def exposure(**values: object) -> dict[str, Any]:
    """The observation that the product is of."""
    own = {"obs_id": EXPOSURE, "obsid": "1001", "calib_level": "2", "jpegURL": "--"}
    url = {"dataURL": f"mast:JWST/product/{EXPOSURE}_cal.fits"}
    return {**OBSERVATION, **own, **url, **values}


def product(name: str = str(PRODUCT["productFilename"]), **values: object) -> dict[str, Any]:
    return {**PRODUCT, "productFilename": name, "dataURI": f"mast:JWST/product/{name}", **values}


@pytest.fixture
def archive(fresh_database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=fresh_database_url, data_dir=tmp_path / "data", authority="archive.test")


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes rows as a list, CSV or JSON by its name; made on the first of January 2026."""

    def saved(rows: Sequence[Mapping[str, Any]], name: str = "products.csv") -> Path:
        path = tmp_path / name
        if path.suffix == ".json":
            path.write_text(json.dumps(rows))
        else:
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        os.utime(path, (1_767_225_600, 1_767_225_600))
        return path

    return saved


@pytest.fixture
def load(archive: Settings) -> Load:
    return lambda *paths, **options: ingest_products(archive.database_url or "", paths, archive, **options)


@pytest.fixture
def ask(archive: Settings) -> Ask:
    def asked(query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(archive.database_url or "") as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()

    return asked


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    told = outcome.report
    return told.added, told.changed, told.same, told.refused


def reasons(outcome: Outcome) -> list[str]:
    path = outcome.report.findings_file
    return [json.loads(line)["reason"] for line in path.read_text().splitlines()] if path else []


def test_a_product_has_the_facts_of_its_observation(load: Load, save: Save, ask: Ask) -> None:
    outcome = load(save([product()]), save([exposure()], "observations.csv"))
    assert counts(outcome) == (1, 0, 0, 0)
    assert ask(
        "SELECT uri, contentlength, pipeline_version, program, obs_id, product_type, product_subgroup, calib_level,"
        " minimum_recommended, instrument_name, filter, detector, em_min, em_max, t_min, t_exptime, target_name,"
        " target_type, category, datarelease, dataproduct_type, round(s_ra::numeric, 2) FROM archive.artifact"
    ) == [
        (
            f"mast:JWST/product/{EXPOSURE}_cal.fits", 29_000_000, "1.18.0", 2733, EXPOSURE, "SCIENCE", "CAL", 2,
            0, "MIRI/IMAGE", "F770W", "MIRIMAGE", 6.6e-6, 8.8e-6, 59742.5003, 2708.4, "NGC-3132",
            "FIXED", "GO", datetime(2022, 7, 13, 15), "image", pytest.approx(151.75, abs=0.01),  # noqa: DTZ001
        )
    ]  # fmt: skip
    assert ask("SELECT planeuri, position_bounds_status, target_name, proposal_pi FROM archive.plane") == [
        (f"caom:JWST/{EXPOSURE}/2b", "good", "NGC-3132", "Some Body")
    ]


def test_the_same_lists_twice_change_nothing(load: Load, save: Save, ask: Ask) -> None:
    paths = save([product(), product(f"{EXPOSURE}_cal.jpg")]), save([exposure(), OBSERVATION], "obs.csv")
    assert counts(load(*paths)) == (4, 0, 0, 0)
    before = ask("SELECT uri, lastmodified, maxlastmodified FROM archive.artifact ORDER BY uri")
    assert counts(load(*paths)) == (0, 0, 4, 0)
    assert ask("SELECT uri, lastmodified, maxlastmodified FROM archive.artifact ORDER BY uri") == before


def test_what_is_new_of_a_file_changes_it(load: Load, save: Save, ask: Ask) -> None:
    load(save([product()]), save([exposure()], "obs.csv"))
    outcome = load(save([product(size="31000000", prvversion="1.19.0")], "again.csv"))
    assert counts(outcome) == (0, 1, 0, 0)
    assert ask(
        "SELECT contentlength, pipeline_version, instrument_name, metaproducer FROM archive.artifact"
    ) == [(31_000_000, "1.19.0", "MIRI/IMAGE", "voserver:mast-1")]
    assert ask("SELECT kind FROM archive.event") == [("reprocessed",)]


def test_a_file_under_several_observations_is_one(load: Load, save: Save, ask: Ask) -> None:
    other = MOSAIC.replace("o002", "c1001")
    rows = [product(parent_obsid=parent) for parent in ("1000", "1001", "1002")]
    listed = [OBSERVATION, {**OBSERVATION, "obs_id": other, "obsid": "1002", "dataURL": "--", "jpegURL":
              f"mast:JWST/product/{other}_i2d.jpg"}, exposure()]  # fmt: skip
    outcome = load(save(rows), save(listed, "obs.csv"))
    assert (outcome.rows, outcome.report.added) == (6, 4)
    made_of = ask(
        "SELECT o.observationid, m.memberid FROM archive.observation_member AS m"
        " JOIN archive.observation AS o ON o.obsid = m.parentid ORDER BY 1"
    )
    assert made_of == [(other, f"caom:JWST/{EXPOSURE}"), (MOSAIC, f"caom:JWST/{EXPOSURE}")]


def test_lists_of_products_join_the_product_that_they_are_listed_under(
    load: Load, save: Save, ask: Ask
) -> None:
    association = "jw02733-o002_20251221t142913_image3_00005_asn.json"
    own = {"obs_id": MOSAIC, "obsID": "1000", "calib_level": "3", "productType": "INFO"}
    rows = [
        product(f"{MOSAIC}_i2d.fits", **own),
        product(association, **own, productGroupDescription="Minimum Recommended Products"),
        product(association, productType="INFO"),
    ]
    load(save(rows), save([OBSERVATION, exposure()], "obs.csv"))
    assert ask(
        "SELECT p.planeuri, a.product_subgroup, a.minimum_recommended, a.target_name FROM archive.artifact AS a"
        " JOIN archive.plane AS p USING (planeid) WHERE a.producttype = 'info'"
    ) == [(f"caom:JWST/{MOSAIC}/3", "ASN", 1, "NGC-3132")]
    assert ask(
        "SELECT preview_url FROM archive.artifact WHERE filename LIKE '%.fits' AND calib_level = 3"
    ) == [(f"/files/mast:JWST/product/{MOSAIC}_i2d.jpg",)]


def test_a_product_without_an_observation_says_what_its_name_and_row_say(
    load: Load, save: Save, ask: Ask
) -> None:
    load(save([product(), product(f"{EXPOSURE}_rate.fits", dataRights="EXCLUSIVE_ACCESS")]))
    assert ask(
        "SELECT suffix, instrument_name, filter, em_min, dataproduct_type, t_min, datarelease, datareadgroups"
        " FROM archive.artifact ORDER BY suffix"
    ) == [
        ("cal", "MIRI", "F770W", 6.6e-6, "image", None, datetime(2026, 1, 1), None),  # noqa: DTZ001
        ("rate", "MIRI", "F770W", 6.6e-6, "image", None, HELD_BACK, ["ivo://archive.test/gms?jwst-02733"]),
    ]


def test_guide_stars_have_the_time_of_their_names_and_the_target_of_their_product(
    load: Load, save: Save, ask: Ask
) -> None:
    guide = "jw02733002001_gs-acq1_2022159123000_cal.fits"
    row = product(
        guide, productType="AUXILIARY", description="FGS2 guide star acquisition", parent_obsid="1000"
    )
    load(save([row]), save([OBSERVATION], "obs.csv"))
    assert ask(
        "SELECT exp_type, instrument_name, t_max, target_name, producttype FROM archive.artifact WHERE filename = %s",
        guide,
    ) == [("FGS_ACQ1", "FGS/FGS2", pytest.approx(59738.5208333), "NGC-3132", "auxiliary")]


def test_planned_observations_have_planes_without_files(load: Load, save: Save, ask: Ask) -> None:
    name = "jw02733002001_xx101_00001_miri"
    missing = dict.fromkeys(("t_min", "t_max", "t_obs_release", "dataURL", "jpegURL"), "")
    path = save([exposure(obs_id=name, calib_level="-1", provenance_name="APT", **missing)], "planned.csv")
    first, again = load(path), load(path)
    assert (first.planned, first.planned_changed, again.planned, again.planned_changed) == (1, 1, 1, 0)
    assert ask(
        "SELECT planeuri, calibrationlevel, target_name, position_bounds_status, access_url FROM archive.plane"
    ) == [(f"caom:JWST/{name}/planned", -1, "NGC-3132", "good", None)]
    assert ask("SELECT count(*) FROM archive.artifact") == [(0,)]
    assert ask("SELECT count(*) FROM ivoa.obscore") == [(0,)]


def test_of_a_level_3_image_there_may_be_a_preview_only(load: Load, save: Save, ask: Ask) -> None:
    preview = f"{MOSAIC}_i2d.jpg"
    row = {
        "proposal_id": "2733", "instrument_name": "MIRI/IMAGE", "jpegURL": f"mast:JWST/product/{preview}",
        "t_obs_release": "2025-08-21 23:47:14.989", "dataURL": "",
    }  # fmt: skip
    outcome = load(save([row], "level3_images.csv"))
    assert counts(outcome) == (1, 0, 0, 0)
    assert ask("SELECT filename, product_type, calib_level FROM archive.artifact") == [
        (preview, "PREVIEW", 3)
    ]


def test_level_3_images_are_known_by_their_columns(load: Load, save: Save, ask: Ask) -> None:
    name = "jw06122-o104_t002_nircam_f405n-f444w-sub256"
    row = {
        "obsid": "309377694", "proposal_id": "6122", "proposal_pi": "Some Body", "target_name": "Ross-154",
        "instrument_name": "NIRCAM/IMAGE", "obs_title": "A title", "jpegURL": f"mast:JWST/product/{name}_i2d.jpg",
        "t_max": "2025-08-20 23:06:32.060", "t_obs_release": "2030-08-21 23:47:14.989",
        "dataURL": f"mast:JWST/product/{name}_i2d.fits",
    }  # fmt: skip
    outcome = load(save([row, {**row, "dataURL": "", "jpegURL": ""}], "level3_images.csv"))
    assert counts(outcome) == (2, 0, 0, 1)
    assert reasons(outcome) == [
        "level3_images.csv, row 2: dataURL and jpegURL are missing: which file it is about is not known"
    ]
    assert ask(
        "SELECT filter, pupil, calib_level, datarelease, t_max, datareadgroups FROM archive.artifact"
        " WHERE producttype = 'science'"
    ) == [
        ("F444W", "F405N", 3, datetime(2030, 8, 21, 23, 47, 14, 989000), pytest.approx(60907.96287),  # noqa: DTZ001
         ["ivo://archive.test/gms?jwst-06122"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (product("hlsp_phangs_jwst_miri_x.fits"), "is not the name of a JWST product"),
        (product(EXPOSURE), "is the name of an observation, not of a file"),
        (product(proposal_id="9999"), "proposal_id is 9999, but the name says 2733"),
        (product(dataURI=f"mast:HST/product/{EXPOSURE}_cal.fits"), "but the file's would be mast:JWST/product/"),
        (product(obs_collection="HLSP"), "of the collection HLSP, not of JWST"),
        (product(size="-1"), "fileSize is not a number of bytes"),
        (product(size="many"), "fileSize is not a number"),
        (product(size="\0"), "size has signs that no text has"),
        (exposure(t_min="soon"), "t_min is neither a date nor an MJD"),
        (exposure(t_min="99999"), "expstart is no date of JWST's"),
        (exposure(instrument_name="NIRCAM/IMAGE"), "instrument_name is NIRCAM/IMAGE, but the name says MIRI"),
        (exposure(instrument_name="ACS/WFC"), "JWST has no such instrument"),
        (exposure(instrument_name="MIRI/image of"), "JWST has no such instrument or mode"),
        (exposure(target_name="half \ud83d"), "target_name has signs that no text has"),
        (product(productFilename="a\0b"), "productFilename has signs that no text has"),
        (exposure(obs_id=["a list"]), "is not the name of a JWST product"),
        (product(dataURI={"a": 1}), "is not the name of a JWST product"),
        (exposure(calib_level="-1", obs_id="jw02733002001_xx101_00001_miri", t_min="x"), "t_min is"),
        (exposure(dataURL="--"), "no file is named"),
        (exposure(obs_id="--"), "obs_id is missing"),
        (exposure(obs_id="an observation"), "is not the name of a JWST product"),
        (exposure(em_min="wide"), "is not a number"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_true_are_set_aside_with_the_reason(
    row: dict[str, Any], reason: str, load: Load, save: Save, ask: Ask
) -> None:
    outcome = load(save([row], "rows.json"))
    assert counts(outcome) == (0, 0, 0, 1)
    assert reason in reasons(outcome)[0]
    assert ask("SELECT count(*) FROM archive.artifact") == [(0,)]


def test_the_report_tells_list_and_row_of_what_was_set_aside(load: Load, save: Save) -> None:
    names = [f"jw02733002001_02103_{number:05d}_mirimage_cal.fits" for number in range(1, 7)]
    files = [product(name) for name in names]
    files[2]["size"] = "many"
    files[5]["proposal_id"] = "9999"
    odd = exposure(obs_id=names[1].removesuffix("_cal.fits"), dataURL=files[1]["dataURI"], t_min="soon")
    observations = [exposure(), odd]
    outcome = load(save(files, "products.csv"), save(observations, "observations.csv"))
    path = outcome.report.findings_file
    assert path
    found = [json.loads(line) for line in path.read_text().splitlines()]
    where = {one["file"]: (one["row"], one["reason"].partition(":")[0]) for one in found}
    assert where == {
        names[1]: (2, "products.csv, row 2 and observations.csv, row 2"),
        names[2]: (3, "products.csv, row 3"),
        names[5]: (6, "products.csv, row 6"),
    }


def test_a_plain_list_of_names_tells_what_the_names_say(
    load: Load, save: Save, ask: Ask, tmp_path: Path
) -> None:
    plain = tmp_path / "names.txt"
    plain.write_text(
        f"# what is wanted\nhttps://host.test/a/{EXPOSURE}_cal.fits\n\nmast:JWST/product/{EXPOSURE}_rate.fits\n"
        f"{EXPOSURE}_uncal.fits\r\nhttps://host.test/readme.html\n"
    )
    outcome = load(plain)
    assert (counts(outcome), outcome.rows) == ((3, 0, 0, 1), 4)
    assert "“readme.html” is not the name of a JWST product" in reasons(outcome)[0]
    assert ask(
        "SELECT product_subgroup, program, detector, calib_level, contentlength, datarelease FROM archive.artifact"
        " ORDER BY 1"
    ) == [
        ("CAL", 2733, "MIRIMAGE", 2, None, None),
        ("RATE", 2733, "MIRIMAGE", 2, None, None),
        ("UNCAL", 2733, "MIRIMAGE", 1, None, None),
    ]
    assert ask("SELECT count(*) FROM archive.observation_member") == [(0,)]
    assert outcome.held_back == {2733: 3}
    assert load(plain, is_trial=True).held_back == {2733: 3}
    assert not load(save([product()]), save([exposure()], "observations.csv")).held_back
    known = "SELECT contentlength, datarelease IS NOT NULL FROM archive.artifact WHERE filename = %s"
    assert ask(known, f"{EXPOSURE}_cal.fits") == [(29_000_000, True)]
    assert counts(load(plain)) == (0, 0, 3, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"x" * 5000, "line 1: it is longer than any name"), (b"\xff\xfe", "is no text in UTF-8")],
)
def test_what_is_no_plain_list_is_told(content: bytes, reason: str, load: Load, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        load(path)
    with pytest.raises(UsageError, match="is no list by its name") as told:
        load(path.rename(tmp_path / "names.fits"))
    assert ".parquet" in (told.value.hint or "")


def test_what_is_no_list_is_told(load: Load, tmp_path: Path, save: Save) -> None:
    with pytest.raises(NotFound, match=r"no file .*nowhere\.csv"):
        load(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="no list of MAST's by its columns"):
        load(save([{"a": 1}]))
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"data": [{"obs_id": ')
    with pytest.raises(UsageError, match="no whole JSON"):
        load(damaged)
    damaged.write_text('{"status": "ERROR"}')
    with pytest.raises(UsageError, match="has no rows"):
        load(damaged)


def test_a_trial_shows_what_would_change_and_changes_nothing(load: Load, save: Save, ask: Ask) -> None:
    paths = save([product()]), save([exposure()], "obs.csv")
    trial = load(*paths, is_trial=True)
    assert list(trial.report.differences) == [f"new: {EXPOSURE}_cal.fits"]
    assert ask("SELECT count(*) FROM archive.artifact") == [(0,)]
    load(*paths)
    trial = load(save([product(size="31000000")], "again.csv"), is_trial=True)
    assert list(trial.report.differences) == [
        f"changed: {EXPOSURE}_cal.fits: file.contentlength: 29000000 → 31000000"
    ]
    assert ask("SELECT contentlength FROM archive.artifact") == [(29_000_000,)]


RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "jwst"


@pytest.fixture
def recorded() -> Path:
    if not RECORDED.exists():
        pytest.skip("the recorded lists are not here")
    return RECORDED


def test_recorded_lists_are_understood_whole(load: Load, recorded: Path, ask: Ask) -> None:
    examples = recorded / "mast_examples"
    first = load(examples / "gear66_mast_all_products.csv", examples / "gear66_mast_obs.csv")
    assert (first.rows, *counts(first)) == (720, 323, 0, 0, 0)
    second = load(examples / "harvest_notebook_prods.csv", examples / "harvest_notebook_obs.csv")
    assert (second.rows, second.report.refused, second.planned) == (52, 0, 11)
    third = load(examples / "snoww3d_post_mast_search_target.json")
    assert (third.rows, *counts(third)) == (10, 20, 0, 0, 0)
    with (examples / "gear66_mast_all_products.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    types = {row["productFilename"]: row["productType"] for row in rows}
    assert dict(ask("SELECT filename, product_type FROM archive.artifact WHERE program = 5224")) == types
    exclusive = "jw01180-o135_s09657_nirspec_f170lp-g235m_s2d.fits"
    assert ask(
        "SELECT datarelease > metarelease + interval '11 months' FROM archive.artifact WHERE filename = %s",
        exclusive,
    ) == [(True,)]
    members = (
        "SELECT count(*) FROM archive.observation_member JOIN archive.observation AS o ON o.obsid = parentid"
    )
    assert ask(f"{members} WHERE o.proposal_id = '5224'") == [(52,)]


@pytest.mark.parametrize(
    ("filters", "instrument", "name", "told"),
    [
        ("CLEAR;PRISM", "NIRSPEC/MSA", None, mast.Elements("CLEAR", None, "PRISM")),
        ("F170LP;G235M", "NIRSPEC/IFU", None, mast.Elements("F170LP", None, "G235M")),
        ("CLEAR;MIRROR", "NIRSPEC", None, mast.Elements("CLEAR", None, "MIRROR")),
        ("F405N;F444W", "NIRCAM/IMAGE", None, mast.Elements("F444W", "F405N")),
        ("F322W2;F323N", "NIRCAM/IMAGE", None, mast.Elements("F322W2", "F323N")),
        ("GRISMR;F444W", "NIRCAM/GRISM", None, mast.Elements("F444W", "GRISMR")),
        ("F200W;GR150R", "NIRISS/WFSS", None, mast.Elements("GR150R", "F200W")),
        ("F200W", "NIRISS/IMAGE", None, mast.Elements("CLEAR", "F200W")),
        ("F356W", "NIRISS/IMAGE", None, mast.Elements("F356W", None)),
        ("CH1;CH2", "MIRI/IFU", "ch1-long", mast.Elements(channel="12", band="LONG")),
        (None, "MIRI/IFU", "ch3-shortmediumlong", mast.Elements(channel="3")),
        (None, "NIRCAM/IMAGE", "clear-f150w2-sub160", mast.Elements("F150W2")),
        (None, "MIRI/CORON", "f1065c-mask1065", mast.Elements("F1065C")),
    ],
)  # fmt: skip
def test_optical_elements_are_told_apart(
    filters: str | None, instrument: str, name: str | None, told: mast.Elements
) -> None:
    assert mast.elements(filters, instrument, name) == told
