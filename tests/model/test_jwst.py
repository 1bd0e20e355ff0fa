"""What JWST's names mean, on names as the archive gives them."""

import gzip
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from voserver.model import jwst
from voserver.model.errors import UsageError
from voserver.sample import KEYWORDS

SHARED = Path(__file__).parents[3] / "shared" / "data" / "jwst"


def test_an_exposures_name_says_where_it_belongs() -> None:
    name = jwst.parse("jw09287001001_0210b_00003_nis_cal.fits")
    assert (name.kind, name.observation_id) == ("exposure", "jw09287001001_0210b_00003_nis")
    assert (name.program, name.observation, name.visit, name.group) == (9287, 1, 1, 2)
    assert (name.sequence, name.activity, name.exposure) == (1, "0b", 3)
    assert (name.detector, name.instrument, name.suffix, name.extension) == ("NIS", "NIRISS", "cal", "fits")


def test_a_segment_is_an_observation_of_its_own() -> None:
    name = jwst.parse("jw01366003001_04101_00001-seg002_nrs1_x1dints.fits")
    assert name.segment == 2
    assert name.observation_id == "jw01366003001_04101_00001-seg002_nrs1"


@pytest.mark.parametrize(
    ("file_name", "observation_id", "candidate", "elements"),
    [
        (
            "jw01266-c1005_t002_miri_ch1-long_s3d.fits",
            "jw01266-c1005_t002_miri_ch1-long",
            "c1005",
            "ch1-long",
        ),
        (
            "jw02733-o001_t001_nircam_f405n-f444w_i2d.jpg",
            "jw02733-o001_t001_nircam_f405n-f444w",
            "o001",
            "f405n-f444w",
        ),
        (
            "jw05224-o004_s000277193_nirspec_clear-prism_x1d.fits",
            "jw05224-o004_s000277193_nirspec_clear-prism",
            "o004",
            "clear-prism",
        ),
        ("jw96090_t001_nircam_f150w2_mosaic.fits", "jw96090_t001_nircam_f150w2", None, "f150w2"),
    ],
)
def test_a_level_3_name_says_its_association(
    file_name: str, observation_id: str, candidate: str | None, elements: str
) -> None:
    name = jwst.parse(file_name)
    assert (name.kind, name.level) == ("level3", "3")
    assert (name.observation_id, name.candidate, name.elements) == (observation_id, candidate, elements)


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        (
            "jw02731001001_02103_00001_nrca1_uncal.fits",
            ("exposure", "1b", "science", "UNCAL", "application/fits", False),
        ),
        (
            "jw02731001001_02103_00001_nrca1_rate.fits",
            ("exposure", "2a", "science", "RATE", "image/fits", False),
        ),
        (
            "jw02731001001_02103_00001_nrca1_cal.fits",
            ("exposure", "2b", "science", "CAL", "image/fits", False),
        ),
        (
            "jw02731001001_02103_00001_nrca1_o001_crf.fits",
            ("exposure", "2c", "science", "CRF", "image/fits", False),
        ),
        ("jw02731001001_02103_00001_nrca1_cal.jpg", ("exposure", "2b", "preview", None, "image/jpeg", False)),
        (
            "jw02731001001_02103_00001_nrca1_cal_thumb.jpg",
            ("exposure", "2b", "thumbnail", None, "image/jpeg", False),
        ),
        (
            "jw04426-o001_t001_nirspec_g140m-f100lp_s3d.fits",
            ("level3", "3", "science", "S3D", "application/fits", True),
        ),
        (
            "jw05224-o004_s000277193_nirspec_clear-prism_crf.fits",
            ("level3", "3", "science", "CRF", "image/fits", True),
        ),
        (
            "jw04426-o001_t001_nirspec_g140m-f100lp_s3d.jpg",
            ("level3", "3", "preview", None, "image/jpeg", False),
        ),
        (
            "jw04426001001_gs-acq1_2023143042245_stream.fits",
            ("guide-star", "1b", "auxiliary", "GS-ACQ1", "application/fits", False),
        ),
        (
            "jw04426001001_gs-track_2023143175540_uncal.fits",
            ("guide-star", "1b", "auxiliary", "GS-TRACK", "application/fits", False),
        ),
        ("jw07076016001_01_msa.fits", ("msa", "1b", "auxiliary", "MSA", "application/fits", False)),
        (
            "jw01266-o008_20250616t130440_spec3_00001_asn.json",
            ("association", "3", "info", "ASN", "application/json", True),
        ),
        (
            "jw04093-o001_20250619t003749_image2_00012_asn.json",
            ("association", "2b", "info", "ASN", "application/json", False),
        ),
        ("jw04093_20250619t003749_pool.csv", ("pool", "3", "info", "POOL", "text/csv", True)),
    ],
)
def test_a_suffix_says_what_a_file_is(file_name: str, expected: tuple[str | bool | None, ...]) -> None:
    name = jwst.parse(file_name)
    found = (name.kind, name.level, name.product_type, name.subgroup, name.content_type)
    assert (*found, name.is_minimum_recommended) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "jw",
        "readme.txt",
        "jw02731001",
        "hst_12345_cal.fits",
        "jw02731001001_02103_00001_nrcx1_cal.fits",
        "JW02731001001_02103_00001_NRCA1_CAL.FITS",
        "jw02731001001_02103_00001_nrca1_cal.fits\n",
        "../jw02731001001_02103_00001_nrca1_cal.fits",
        "jw\u0660\u0662\u0667\u0663\u0661001001_02103_00001_nrca1_cal.fits",
        "jw" + "0" * 10_000,
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a JWST product"):
        jwst.parse(name)


@pytest.mark.parametrize(
    ("exp_type", "detector", "name", "level2", "level3"),
    [
        ("MIR_IMAGE", "MIRIMAGE", "MIRI/IMAGE", "image", "image"),
        ("MIR_4QPM", "MIRIMAGE", "MIRI/CORON", "image", "image"),
        ("MIR_MRS", "MIRIFULONG", "MIRI/IFU", "image", "cube"),
        ("MIR_LRS-FIXEDSLIT", "MIRIMAGE", "MIRI/SLIT", "spectrum", "spectrum"),
        ("MIR_LRS-SLITLESS", "MIRIMAGE", "MIRI/SLITLESS", "spectrum", "timeseries"),
        ("NRC_WFSS", "NRCALONG", "NIRCAM/GRISM", "spectrum", "spectrum"),
        ("NRC_TACQ", "NRCB5", "NIRCAM/TARGACQ", "image", "image"),
        ("NIS_SOSS", "NIS", "NIRISS/SOSS", "spectrum", "timeseries"),
        ("NIS_AMI", "NIS", "NIRISS/AMI", "image", "image"),
        ("NIS_WFSS", "NIS", "NIRISS/WFSS", "spectrum", "spectrum"),
        ("NRS_IFU", "NRS1", "NIRSPEC/IFU", "image", "cube"),
        ("NRS_MSASPEC", "NRS1", "NIRSPEC/MSA", "spectrum", "spectrum"),
        ("NRS_BRIGHTOBJ", "NRS1", "NIRSPEC/SLIT", "spectrum", "timeseries"),
        ("FGS_ACQ1", "GUIDER1", "FGS/FGS1", "image", "image"),
        ("FGS_TRACK", None, "FGS", "image", "image"),
    ],
)
def test_an_exposure_type_is_an_instrument_and_a_mode(
    exp_type: str, detector: str | None, name: str, level2: str, level3: str
) -> None:
    mode = jwst.mode_of(exp_type, detector)
    assert mode.name == name
    assert (mode.dataproduct_type("2b"), mode.dataproduct_type("3")) == (level2, level3)


def test_what_is_no_exposure_type_is_refused() -> None:
    for wrong in ("", "IMAGE", "MIRIMAGE", "WFC3_IMAGE"):
        with pytest.raises(UsageError, match="not an exposure type"):
            jwst.mode_of(wrong)


def test_darks_and_flats_are_calibrations() -> None:
    assert jwst.mode_of("NRC_DARK").is_calibration
    assert jwst.mode_of("MIR_FLATMRS").is_calibration
    assert not jwst.mode_of("NRC_IMAGE").is_calibration


@pytest.mark.parametrize(
    ("file_name", "uri"),
    [
        (
            "jw02731001001_02103_00001_nrca1_cal.fits",
            "s3://stpubdata/jwst/public/jw02731/jw02731001001/jw02731001001_02103_00001_nrca1_cal.fits",
        ),
        (
            "jw02733-o001_t001_nircam_clear-f187n_i2d.fits",
            "s3://stpubdata/jwst/public/jw02733/L3/t/o001/jw02733-o001_t001_nircam_clear-f187n_i2d.fits",
        ),
        ("jw01266-c1005_t002_miri_ch1-long_s3d.fits", None),
        ("jw04426001001_gs-acq1_2023143042245_stream.fits", None),
    ],
)
def test_a_file_has_a_place_in_the_cloud_where_the_rule_is_known(file_name: str, uri: str | None) -> None:
    assert jwst.cloud_uri(jwst.parse(file_name)) == uri


def test_a_mast_uri_has_a_download_address() -> None:
    url = jwst.download_url("mast:JWST/product/jw02733-o002_t001_miri_f1130w_i2d.jpg")
    assert url == (
        "https://mast.stsci.edu/api/v0.1/Download/file?uri=mast%3AJWST/product/jw02733-o002_t001_miri_f1130w_i2d.jpg"
    )
    with pytest.raises(UsageError, match="not a MAST URI"):
        jwst.download_url("https://example.org/file.fits")


def test_every_name_in_the_sample_is_understood() -> None:
    for name in pq.read_table(KEYWORDS, columns=["true_filename"])["true_filename"].to_pylist():
        parsed = jwst.parse(name)
        assert name == parsed.name
        assert name.startswith(parsed.observation_id)


def test_every_name_in_the_shared_lists_is_understood() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared lists of real names are absent")
    names: set[str] = set()
    for path in (one for ending in ("csv", "json", "txt", "csv.gz") for one in SHARED.rglob(f"*.{ending}")):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        names |= set(re.findall(r"jw\d{5}[\w.\-]*", content.decode(errors="replace")))
    table = pq.read_table(
        SHARED / "exposures.parquet", columns=["true_filename", "asntable", "asnpool", "msametfl"]
    )
    for column in table.columns:
        names |= {name for name in column.to_pylist() if name}
    # Directories of programs and visits stand in the lists too.
    files = {name for name in names if not re.fullmatch(r"jw\d{5}(\d{6})?", name)}
    assert len(files) > 70_000
    unknown = []
    for name in files:
        try:
            jwst.parse(name)
        except UsageError:
            unknown.append(name)
    assert unknown == []
