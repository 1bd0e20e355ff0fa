"""Cut-outs over HTTP (SODA 1.0): what clients send, what they get, and in which words they are refused."""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
import numpy as np
import psycopg
import pytest
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
from pyvo.dal.adhoc import SodaQuery

from tests.cutouts.made import PIXEL, STAR, cube, image, spectrum, tangent
from voserver.settings import Settings, StoreSetting

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
ID = "ivo://voserver.example/jwst?jw09001001/{}"
CIRCLE = f"{STAR[0]} {STAR[1]} {20 * PIXEL}"

FILES = {
    "image.fits": ("image", image(tangent(300, 200))),
    "secret.fits": ("image", image(tangent(300, 200))),
    "hidden.fits": ("image", image(tangent(300, 200))),
    "cube_s3d.fits": ("cube", cube()),
    "star_x1d.fits": ("spectrum", spectrum()),
    "broken.fits": ("image", b"SIMPLE  = " + b"x" * 9000),
    "notes.json": ("image", b"{}"),
    "gone.fits": ("image", b""),
}

ROWS = """
INSERT INTO archive.observation (observationuri, obsid, collection, observationid, metarelease, intent, typecode)
VALUES ('caom:JWST/soda', md5('soda')::uuid, 'JWST', 'soda', '2022-01-01', 'science', 'S') ON CONFLICT DO NOTHING;
INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, metarelease, datarelease,
    dataproducttype, calibrationlevel,
    collection, observationid, position_bounds, position_bounds__shape, time_bounds_lower, time_bounds_upper,
    energy_bounds_lower, energy_bounds_upper)
VALUES (%(id)s, md5('soda')::uuid, md5(%(name)s)::uuid, 'caom:JWST/soda/' || %(name)s, %(name)s, %(meta)s, %(data)s,
    %(kind)s, 3, 'JWST', 'soda', %(region)s, sky.region(%(region)s), 59700, 59700.5, 1e-6, 4e-6);
INSERT INTO archive.artifact (uri, planeid, artifactid, producttype, contenttype, contentlength, metarelease,
    datarelease, filename, publisherid, dataproduct_type)
VALUES ('mast:JWST/product/' || %(name)s, md5(%(name)s)::uuid, md5('a' || %(name)s)::uuid, 'science',
    'application/fits', %(size)s, %(meta)s, %(data)s, %(name)s, %(id)s, %(kind)s);
"""


@pytest.fixture(scope="module")
def archive(
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Settings], AbstractContextManager[str]],
) -> Iterator[str]:
    data = tmp_path_factory.mktemp("soda")
    (data / "files").mkdir()
    region = "Circle ICRS {} {} 0.01".format(*STAR)
    with psycopg.connect(module_database_url) as connection:
        for name, (kind, content) in FILES.items():
            if name != "gone.fits":
                (data / "files" / name).write_bytes(content)
            values = {
                "name": name,
                "id": ID.format(name),
                "kind": kind,
                "size": len(content),
                "region": region,
                "meta": "2100-01-01" if name == "hidden.fits" else "2022-01-01",
                "data": "2100-01-01" if name in {"secret.fits", "hidden.fits"} else "2022-01-01",
            }
            for statement in ROWS.strip().removesuffix(";").split(";"):
                connection.execute(statement.encode(), values)
    settings = Settings(
        database_url=module_database_url,
        data_dir=data,
        log_level="error",
        workers_embedded=True,
        cutout_bytes=1_000_000,
        stores=[StoreSetting(name="local", url=(data / "files").as_uri())],
    )
    with serve(settings) as url:
        yield url


def sync(archive: str, method: str = "GET", **parameters: Any) -> httpx.Response:
    if method == "GET":
        return httpx.get(f"{archive}/soda/sync", params=parameters)
    return httpx.post(f"{archive}/soda/sync", data=parameters)


def opened(answer: httpx.Response) -> fits.HDUList:
    assert answer.status_code == 200, answer.text
    return fits.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("identifier", [ID.format("image.fits").upper(), "mast:JWST/product/image.fits"])
def test_a_circle_is_cut_out_of_the_file_that_an_identifier_means(
    archive: str, method: str, identifier: str
) -> None:
    answer = sync(archive, method, ID=identifier, CIRCLE=CIRCLE)
    found = opened(answer)
    assert answer.headers["content-type"] == "image/fits"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert 'filename="image_cutout.fits"' in answer.headers["content-disposition"]
    assert found["SCI"].data.shape[0] in {40, 41, 42}
    assert f"CIRCLE={CIRCLE}" in "".join(found[0].header["HISTORY"])


def test_what_aladin_sends_is_taken_for_every_kind_of_data(archive: str) -> None:
    everything = {"TIME": "-Inf +Inf", "BAND": "1e-7 1e-4", "POS": f"CIRCLE {STAR[0]} {STAR[1]} 0.0001"}
    for name in ("image.fits", "cube_s3d.fits", "star_x1d.fits"):
        assert sync(archive, ID=ID.format(name), **everything).status_code == 200


def test_a_cube_is_cut_in_position_and_wavelength(archive: str) -> None:
    answer = sync(
        archive,
        ID=ID.format("cube_s3d.fits"),
        POS=f"CIRCLE {STAR[0]} {STAR[1]} {4 * PIXEL}",
        BAND="5.2e-6 5.25e-6",
    )
    shape = opened(answer)["SCI"].data.shape
    assert shape[0] == 6
    assert shape[1] < 12


def test_a_spectrum_is_cut_by_band(archive: str) -> None:
    answer = sync(archive, ID=ID.format("star_x1d.fits"), BAND="1.5e-6 1.6e-6")
    assert answer.headers["content-type"] == "application/fits"
    wavelengths = opened(answer)[1].data["WAVELENGTH"]
    assert (wavelengths.min(), wavelengths.max()) == pytest.approx((1.5, 1.6))


@pytest.mark.parametrize(
    "filters",
    [
        {"CIRCLE": "10 10 1"},
        {"POS": "RANGE 10 20 -5 5"},
        {"POLYGON": "10 10 11 10 11 11"},
        {"TIME": "59800 59900"},
        {"BAND": "5e-6 1e-5"},
    ],
)
def test_no_overlap_is_an_answer_without_content(archive: str, filters: dict[str, str]) -> None:
    answer = sync(archive, ID=ID.format("image.fits"), **filters)
    assert (answer.status_code, answer.content) == (204, b"")


def test_without_a_filter_the_whole_file_is_given(archive: str) -> None:
    answer = sync(archive, "POST", ID=ID.format("image.fits"))
    assert answer.status_code == 303
    assert httpx.get(answer.headers["location"]).content == FILES["image.fits"][1]


def test_head_tells_of_the_cut_out_without_making_it(archive: str) -> None:
    parameters = {"ID": ID.format("image.fits"), "CIRCLE": CIRCLE}
    asked = httpx.head(f"{archive}/soda/sync", params=parameters)
    assert asked.headers["content-length"] == sync(archive, **parameters).headers["content-length"]


REFUSED = {
    "no ID": ({"CIRCLE": "1 2 3"}, 400, "UsageError: ID is missing"),
    "two IDs": ({"ID": ["a", "b"]}, 400, "MultiValuedParamNotSupported: ID was given 2 times"),
    "two bands": ({"ID": "a", "BAND": ["1", "2"]}, 400, "MultiValuedParamNotSupported: BAND"),
    "two regions": (
        {"ID": "a", "CIRCLE": "1 2 3", "POS": "CIRCLE 1 2 3"},
        400,
        "MultiValuedParamNotSupported: 2 regions",
    ),
    "a short circle": ({"ID": "a", "CIRCLE": "1 2"}, 400, "UsageError: CIRCLE='1 2' is no region"),
    "not a number": ({"ID": "a", "CIRCLE": "1 2 NaN"}, 400, "UsageError: CIRCLE: 'NaN' is not a number"),
    "an endless circle": ({"ID": "a", "CIRCLE": "1 2 Inf"}, 400, "UsageError: CIRCLE"),
    "off the sky": ({"ID": "a", "CIRCLE": "1 92 1"}, 400, "UsageError: CIRCLE: the latitude 92 is not"),
    "a strange shape": ({"ID": "a", "POS": "SQUARE 1 2 3"}, 400, "UsageError: POS='SQUARE 1 2 3'"),
    "a huge polygon": ({"ID": "a", "POLYGON": "0 0 120 0 240 0"}, 400, "UsageError: "),
    "a crossed polygon": ({"ID": "a", "POLYGON": "0 0 0 0 0 0"}, 400, "UsageError: POLYGON"),
    "too many corners": (
        {"ID": "a", "POLYGON": " ".join(f"{number % 360} {number % 7}" for number in range(501))},
        400,
        "UsageError: POLYGON: the polygon has more than 500 corners",
    ),
    "an interval backwards": ({"ID": "a", "BAND": "2 1"}, 400, "UsageError: BAND='2 1'"),
    "no state": ({"ID": "a", "POL": "Z"}, 400, "UsageError: POL='Z' is no state"),
    "a MOC": ({"ID": "a", "MOC": "1/2"}, 400, "UsageError: MOC"),
    "an unknown ID": ({"ID": "ivo://nowhere/x", "CIRCLE": "1 2 3"}, 404, "UsageError: There is no dataset"),
    "hidden": (
        {"ID": "mast:JWST/product/hidden.fits", "CIRCLE": "1 2 3"},
        404,
        "UsageError: There is no dataset",
    ),
    "no FITS": (
        {"ID": "mast:JWST/product/notes.json", "CIRCLE": "1 2 3"},
        400,
        "UsageError: notes.json is no FITS",
    ),
    "broken": (
        {"ID": "mast:JWST/product/broken.fits", "CIRCLE": "1 2 3"},
        400,
        "UsageError: The file is a broken",
    ),
    "too large": (
        {"ID": "mast:JWST/product/image.fits", "CIRCLE": "110.8 -73.45 9"},
        400,
        "UsageError: The cut-out would have 1 MB",
    ),
}


@pytest.mark.parametrize(("parameters", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_refusals_begin_with_a_label_in_plain_text(
    archive: str, parameters: dict[str, Any], status: int, words: str
) -> None:
    answer = sync(archive, **parameters)
    assert (answer.status_code, answer.text[: len(words)]) == (status, words)
    assert answer.headers["content-type"].startswith("text/plain")


def test_exclusive_files_are_for_who_may_read_them(archive: str) -> None:
    for filters in ({}, {"CIRCLE": CIRCLE}):
        answer = sync(archive, ID=ID.format("secret.fits"), **filters)
        assert answer.status_code in {401, 403}
        assert answer.text.startswith(("AuthenticationError: ", "AuthorizationError: "))
        assert "secret.fits is under exclusive access" in answer.text


def job(archive: str, *parameters: tuple[str, str]) -> ET.Element:
    """The job's document when it has ended."""
    body = urlencode([("PHASE", "RUN"), *parameters])
    made = httpx.post(
        f"{archive}/soda/async",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert made.status_code == 303, made.text
    until = time.monotonic() + 60
    while True:
        document = ET.fromstring(httpx.get(f"{made.headers['location']}?WAIT=20", timeout=60).content)
        if document.findtext(f"{UWS}phase") in {"COMPLETED", "ERROR", "ABORTED"} or time.monotonic() > until:
            return document


def results(document: ET.Element) -> dict[str, httpx.Response]:
    assert document.findtext(f"{UWS}phase") == "COMPLETED", ET.tostring(document)
    found = document.iter(f"{UWS}result")
    return {one.attrib["id"]: httpx.get(one.attrib[f"{XLINK}href"]) for one in found}


def test_a_job_makes_every_combination_and_says_which_are_empty(archive: str) -> None:
    far, near = "10 10 0.1", f"{STAR[0]} {STAR[1]} {5 * PIXEL}"
    document = job(
        archive,
        ("ID", ID.format("cube_s3d.fits")),
        ("CIRCLE", near),
        ("CIRCLE", far),
        ("BAND", "5.0e-6 5.05e-6"),
        ("BAND", "5.1e-6 5.3e-6"),
    )
    found = results(document)
    assert list(found) == ["result-1", "result-2", "result-3", "result-4"]
    assert [opened(found[name])["SCI"].data.shape[0] for name in ("result-1", "result-2")] == [6, 21]
    for name in ("result-3", "result-4"):
        assert found[name].headers["content-type"].startswith("text/plain")
        assert found[name].text.startswith("Error: Nothing of cube_s3d.fits lies within")


def test_a_job_of_several_files_tells_what_cannot_be_had(archive: str) -> None:
    names = ("image.fits", "secret.fits", "hidden.fits", "broken.fits", "gone.fits")
    identifiers = [("ID", ID.format(name)) for name in names]
    found = list(results(job(archive, *identifiers, ("CIRCLE", CIRCLE))).values())
    assert opened(found[0])["DQ"].data.dtype == np.dtype(">i4")
    starts = [one.text.partition(":")[0] for one in found[1:]]
    assert starts[0] in {"AuthorizationError", "AuthenticationError"}
    assert starts[1:] == ["UsageError", "UsageError", "UsageError"]


def test_a_job_without_a_filter_gives_whole_files(archive: str) -> None:
    (found,) = results(job(archive, ("ID", ID.format("notes.json")))).values()
    assert found.content == b"{}"


def test_a_job_that_makes_no_sense_fails_in_words(archive: str) -> None:
    document = job(archive, ("CIRCLE", "1 2 3"))
    assert document.findtext(f"{UWS}phase") == "ERROR"
    assert "UsageError: ID is missing" in "".join(document.itertext())


def test_capabilities_name_both_ways_and_examples_can_be_read(archive: str) -> None:
    document = httpx.get(f"{archive}/soda/capabilities").text
    assert 'standardID="ivo://ivoa.net/std/SODA#sync-1.0"' in document
    assert 'standardID="ivo://ivoa.net/std/SODA#async-1.0"' in document
    assert f"{archive}/soda/sync<" in document
    assert httpx.get(f"{archive}/soda/availability").status_code == 200
    page = ET.fromstring(httpx.get(f"{archive}/soda/examples").content)
    assert [one.text for one in page.iter() if one.get("property") == "key"][:2] == ["ID", "CIRCLE"]


def test_pictures_are_made_of_parts_and_of_whole_files(archive: str) -> None:
    part = sync(
        archive, ID=ID.format("image.fits"), CIRCLE=CIRCLE, RESPONSEFORMAT="image/png", COLORMAP="viridis"
    )
    assert part.headers["content-type"] == "image/png"
    assert part.content.startswith(b"\x89PNG")
    whole = sync(archive, ID=ID.format("star_x1d.fits"), RESPONSEFORMAT="jpeg", SIZE="300")
    assert (whole.headers["content-type"], whole.content[:2]) == ("image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize(
    "words",
    [
        {"RESPONSEFORMAT": "image/gif"},
        *({"RESPONSEFORMAT": "png", name: "x"} for name in ("STRETCH", "COLORMAP", "SIZE")),
    ],
)
def test_pictures_that_cannot_be_made_are_refused(archive: str, words: dict[str, str]) -> None:
    answer = sync(archive, ID=ID.format("image.fits"), CIRCLE=CIRCLE, **words)
    assert (answer.status_code, answer.text.partition(":")[0]) == (400, "UsageError")


def test_pyvo_asks_for_cut_outs(archive: str) -> None:
    query = SodaQuery(
        f"{archive}/soda/sync", circle=(*STAR, 5 * PIXEL) * units.deg, band=(5.1e-6, 5.2e-6) * units.m
    )
    query["ID"] = ID.format("cube_s3d.fits")
    with fits.open(io.BytesIO(query.execute_stream().read())) as found:
        assert found["SCI"].data.shape[0] in {10, 11, 12}
        assert WCS(found["SCI"].header).naxis == 3


def test_a_server_starts_without_astropy() -> None:
    code = "import sys, voserver.app; sys.exit('astropy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
