"""What becomes of the pipeline's kinds of FITS files, and of files that are none; no database is needed."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from voserver.catalogue.ingest.file_reading import Reading, read
from voserver.catalogue.ingest.header_records import Described, Manner
from voserver.catalogue.ingest.sources import find
from voserver.settings import Settings

Read = Callable[..., Reading]
PRIMARY: dict[str, Any] = {
    "TELESCOP": "JWST", "PROGRAM": "01266", "CATEGORY": "ERS", "TARGPROP": "HD 1", "EXPSTART": 59800.0,
    "EXPEND": 59800.1,
}  # fmt: skip


@pytest.fixture
def reading(tmp_path: Path) -> Read:
    """Reads a file with these units."""

    def of(name: str, *units: Any, **keywords: Any) -> Reading:
        primary = fits.PrimaryHDU()
        primary.header.update(PRIMARY | keywords)
        fits.HDUList([primary, *units]).writeto(tmp_path / name)
        return one(tmp_path / name)

    return of


def one(path: Path) -> Reading:
    settings = Settings(data_dir=path.parent / "data")
    return read(find([str(path)], settings)[0], Manner("archive.test"), settings)


def described(reading: Reading) -> Described:
    assert reading.described is not None, reading.refusal
    return reading.described


def table(name: str, wavelengths: list[float], unit: str = "um", flux: str = "Jy") -> Any:
    count = len(wavelengths)
    columns = [
        fits.Column("WAVELENGTH", "D", unit, array=np.array(wavelengths)),
        fits.Column("FLUX", "D", flux, array=np.ones(count)),
        fits.Column("DQ", "J", array=np.zeros(count)),
    ]
    return fits.BinTableHDU.from_columns(columns, name=name)


def test_an_extracted_spectrum_has_the_wavelengths_of_all_its_tables(reading: Read) -> None:
    found = described(
        reading(
            "jw01266-o008_t004_miri_ch1-long_x1d.fits",
            table("EXTRACT1D", [6.53, 7.0, float("nan"), 7.6]),
            table("EXTRACT1D", [6.6, 7.65, 0.0]),
            EXP_TYPE="MIR_MRS", INSTRUME="MIRI", CHANNEL="1", BAND="LONG",
        )
    )  # fmt: skip
    artifact = found.records.artifact
    assert (artifact["em_min"], artifact["em_max"]) == (6.53e-6, 7.65e-6)
    assert (artifact["em_unit"], artifact["flux_unit"], artifact["flux_ucd"]) == (
        "um",
        "Jy",
        "phot.flux.density;em.freq",
    )
    assert (artifact["dataproduct_type"], artifact["suffix"], artifact["calib_level"]) == (
        "spectrum",
        "x1d",
        3,
    )
    assert [part["name"] for part in found.parts] == ["0", "EXTRACT1D,1", "2"]
    assert [chunk["energyaxis"] for chunk in found.chunks] == [1, 1]


def test_a_spectrum_in_rows_of_vectors_is_read_as_one(reading: Read) -> None:
    column = fits.Column(
        "WAVELENGTH", "4D", "um", array=np.array([[1.0, 1.1, 1.2, 1.3], [1.0, 1.1, 1.2, 1.4]])
    )
    flux = fits.Column("FLUX", "4D", "Jy", array=np.ones((2, 4)))
    unit = fits.BinTableHDU.from_columns([column, flux], name="EXTRACT1D")
    artifact = described(
        reading("jw01266001001_02101_00001_nrs1_x1dints.fits", unit, EXP_TYPE="NRS_BRIGHTOBJ")
    ).records.artifact
    assert (artifact["em_min"], artifact["em_max"], artifact["em_xel"]) == (1e-6, 1.4e-6, 4)
    assert artifact["dataproduct_type"] == "timeseries"


def test_a_cube_has_an_axis_of_wavelengths_and_an_outline(reading: Read) -> None:
    cube = fits.ImageHDU(np.zeros((10, 4, 5), "f4"), name="SCI")
    axes = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CTYPE3": "WAVE", "CUNIT3": "um", "CRPIX1": 3.0, "CRPIX2": 2.5,
            "CRPIX3": 1.0, "CRVAL1": 0.0, "CRVAL2": -30.0, "CRVAL3": 5.0, "CDELT1": -3.6e-5, "CDELT2": 3.6e-5,
            "CDELT3": 0.1, "RADESYS": "ICRS"}  # fmt: skip
    cube.header.update(axes)
    found = described(reading("jw01266-o008_t004_miri_ch1-long_s3d.fits", cube, EXP_TYPE="MIR_MRS"))
    plane = found.records.plane
    assert (plane["dataproducttype"], plane["energy_dimension"]) == ("cube", 10)
    assert (plane["energy_bounds_lower"], plane["energy_bounds_upper"]) == pytest.approx((4.95e-6, 5.95e-6))
    assert plane["position_center_ra"] == pytest.approx(0, abs=1e-4) or plane[
        "position_center_ra"
    ] == pytest.approx(360, abs=1e-4)
    (chunk,) = found.chunks
    assert (chunk["naxis"], chunk["energyaxis"], chunk["energy_axis_function_naxis"]) == (3, 3, 10)
    assert chunk["energy_axis_function_delta"] == pytest.approx(1e-7)


def test_guide_stars_and_msa_metadata_are_auxiliary(reading: Read) -> None:
    image = fits.ImageHDU(np.zeros((4, 4), "f4"), name="SCI")
    guide = described(
        reading(
            "jw01266001001_gs-acq1_2022224001122_cal.fits", image, EXP_TYPE="FGS_ACQ1", DETECTOR="GUIDER1"
        )
    ).records.artifact
    assert (guide["producttype"], guide["product_subgroup"], guide["instrument_name"]) == (
        "auxiliary",
        "GS-ACQ1",
        "FGS/FGS1",
    )
    msa = described(reading("jw01266001001_01_msa.fits")).records.artifact
    assert (msa["producttype"], msa["program"], msa["dataproduct_type"]) == ("auxiliary", 1266, None)


def test_a_map_of_the_mirror_is_public_calibration(reading: Read) -> None:
    found = described(reading("R2022120404-NRCA3_FP1-1.fits", fits.ImageHDU(np.zeros((4, 4)), name="RESULT")))
    plane = found.records.plane
    assert (plane["intent"], plane["provenance_name"], plane["provenance_producer"]) == (
        "calibration",
        "WSS",
        "STScI",
    )
    assert plane["datarelease"] is not None


def test_packed_files_are_read(tmp_path: Path, reading: Read) -> None:
    reading("plain.fits", table("SPEC1D", [1.0, 2.0], flux="uJy"))
    (tmp_path / "packed.fits.gz").write_bytes(gzip.compress((tmp_path / "plain.fits").read_bytes()))
    artifact = described(one(tmp_path / "packed.fits.gz")).records.artifact
    assert (artifact["em_max"], artifact["contentlength"]) == (
        2e-6,
        (tmp_path / "packed.fits.gz").stat().st_size,
    )


def test_no_bytes_whatever_stop_a_load(tmp_path: Path, reading: Read) -> None:
    cube = fits.ImageHDU(np.zeros((3, 4, 5), "f4"), name="SCI")
    cube.header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 1.0, "CRPIX2": 1.0, "CRVAL1": 1.0,
                        "CRVAL2": 2.0, "CD1_1": 1e-5, "CD2_2": 1e-5})  # fmt: skip
    name = "jw01266-o008_t004_miri_ch1-long_x1d.fits"
    reading(name, table("EXTRACT1D", [6.53, 7.0]), cube, EXP_TYPE="MIR_MRS")
    whole = (tmp_path / name).read_bytes()
    generator = random.Random(7)
    outcomes = set()
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(generator.randrange(1, 12)):
            broken[generator.randrange(len(broken))] = generator.choice(b"\0 '/=-+.E0123456789ATFNX&\xff")
        (tmp_path / name).write_bytes(broken)
        outcomes.add(one(tmp_path / name).refusal is None)
    assert outcomes == {True, False}
