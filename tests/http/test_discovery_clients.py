"""What astronomers' programs find by SIA, SSA and cone search, over a real socket: STILTS (and so TOPCAT), and pyvo."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pyvo
from lxml import etree

from tests.http.standards import assert_valid

Ask = Callable[..., httpx.Response]
NEAR = "1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.03))"


@dataclass(frozen=True)
class Service:
    """A service as STILTS knows it, what of its answer names a row, and the ADQL that asks the same."""

    url: str
    column: str
    adql: str
    search: str
    description: str


SERVICES = {
    "cone": Service(
        "/scs/jwst.product?",
        "uri",
        "SELECT uri FROM jwst.product WHERE DISTANCE(s_ra, s_dec, 110.8, -73.5) <= 0.03",
        "RA=110.8&DEC=-73.5&SR=0.03",
        "RA=110.8&DEC=-73.5&SR=0",
    ),
    "sia1": Service(
        "/sia1?",
        "publisherDID",
        "SELECT obs_publisher_did FROM ivoa.ObsCore WHERE dataproduct_type = 'image' AND "
        "1 = INTERSECTS(s_region, POLYGON(110.6944, -73.53, 110.9056, -73.53, 110.9056, -73.47, 110.6944, -73.47))",
        "POS=110.8,-73.5&SIZE=0.06",
        "FORMAT=METADATA",
    ),
    "sia2": Service(
        "/sia/query",
        "obs_publisher_did",
        f"SELECT obs_publisher_did FROM ivoa.ObsCore WHERE dataproduct_type IN ('image', 'cube') AND {NEAR}",
        "?POS=CIRCLE+110.8+-73.5+0.03",
        "?MAXREC=0",
    ),
    "ssa": Service(
        "/ssa?",
        "creator_did",
        f"SELECT uri FROM jwst.product WHERE dataproduct_type = 'spectrum' AND {NEAR}",
        "REQUEST=queryData&POS=110.8,-73.5&SIZE=0.06",
        "REQUEST=queryData&FORMAT=METADATA",
    ),
}
EACH = pytest.mark.parametrize("name", SERVICES)


@pytest.fixture(scope="module")
def stilts() -> Callable[..., str]:
    """Run a task of STILTS; what it writes."""
    program = shutil.which("stilts")
    if program is None:
        pytest.skip("stilts is not installed")

    def run(*words: str) -> str:
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def asked_by_adql(query: Ask, adql: str) -> set[str]:
    return {row[0] for row in json.loads(query(adql, FORMAT="json").text)["data"]}


@EACH
def test_stilts_finds_by_each_protocol_what_adql_finds(
    stilts: Callable[..., str], served: str, query: Ask, name: str
) -> None:
    service = SERVICES[name]
    wanted = asked_by_adql(query, service.adql)
    words = [f"serviceurl={served}{service.url}", f"servicetype={name}", "lon=110.8", "lat=-73.5", "ofmt=csv"]
    found = [
        row[service.column] for row in csv.DictReader(io.StringIO(stilts("cone", *words, "radius=0.03")))
    ]
    assert len(found) == len(wanted) > 0
    assert set(found) == wanted


@EACH
def test_stilts_asks_for_each_row_of_a_table(
    stilts: Callable[..., str], served: str, tmp_path: Path, name: str
) -> None:
    service = SERVICES[name]
    places = tmp_path / "places.csv"
    places.write_text("place,ra,dec\nhere,110.8,-73.5\nempty,10,80\n")
    matched = stilts(
        "coneskymatch", f"serviceurl={served}{service.url}", f"servicetype={name}", f"in={places}", "ifmt=csv",
        "ra=ra", "dec=dec", "sr=0.03", "find=all", "parallel=1", "ofmt=csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(matched)))
    assert {row["place"] for row in rows} == {"here"}
    assert len({row[service.column] for row in rows}) == len(rows) > 1


@EACH
def test_votlint_finds_nothing_in_answers_descriptions_and_errors(
    stilts: Callable[..., str], served: str, tmp_path: Path, name: str
) -> None:
    service = SERVICES[name]
    answers = [f"{service.search}&MAXREC=1", service.description, f"{service.search}&MAXREC=no"]
    for number, parameters in enumerate(answers):
        body = httpx.get(f"{served}{service.url}{parameters}").content
        path = tmp_path / f"{number}.vot"
        path.write_bytes(body)
        assert stilts("votlint", f"votable={path}") == "", parameters


def test_pyvo_finds_images_by_sia2(served: str, query: Ask) -> None:
    service = pyvo.dal.SIA2Service(f"{served}/sia")
    found = service.search(pos=(110.8, -73.5, 0.03))
    assert {row.obs_publisher_did for row in found} == asked_by_adql(query, SERVICES["sia2"].adql)
    of_band = service.search(pos=(110.8, -73.5, 0.03), band=(2e-6, 3e-6))
    assert 0 < len(of_band) <= len(found)
    assert len(service.search(pos=(110.8, -73.5, 0.03), band=(2e-5, 3e-5))) == 0
    assert len(service.search(pos=(110.8, -73.5, 0.03), res_format="image/fits")) == len(found)
    assert len(service.search(pos=(110.8, -73.5, 0.03), res_format="image/jpeg")) == 0
    late = service.search(pos=(110.8, -73.5, 0.03), time=("2022-05-01", "2022-05-31"), calib_level=[2, 3])
    assert {row.calib_level for row in late} <= {2, 3}
    assert 0 < len(late) < len(found)


def test_pyvo_is_told_the_columns_of_each_protocol_without_rows(served: str) -> None:
    images = pyvo.dal.SIA2Service(f"{served}/sia").search(maxrec=0)
    spectra = pyvo.dal.SSAService(f"{served}/ssa").search(format="METADATA")
    rows = pyvo.dal.SCSService(f"{served}/scs/jwst.product").search(pos=(110.8, -73.5), radius=0)
    older = pyvo.dal.SIAService(f"{served}/sia1").search(pos=(110.8, -73.5), size=0.1, format="METADATA")
    for found, column in (
        (images, "s_region"), (spectra, "dataset_length"), (rows, "s_ra"), (older, "position_scale"),
    ):  # fmt: skip
        assert len(found) == 0
        assert column in found.fieldnames


def test_pyvo_finds_images_by_sia1(served: str) -> None:
    service = pyvo.dal.SIAService(f"{served}/sia1")
    found = service.search(pos=(110.8, -73.5), size=0.06)
    assert len(found) > 1
    assert {row.format for row in found} == {"image/fits"}
    assert all(row.getdataurl().startswith("http") for row in found)
    assert len(service.search(pos=(110.8, -73.5), size=0.06, format="image/fits")) == len(found)
    assert len(service.search(pos=(110.8, -73.5), size=0.06, format="graphic")) == 0
    assert len(service.search(pos=(110.8, -73.5), size=0.001, intersect="ENCLOSED")) == 0


def test_pyvo_finds_spectra_by_ssa(served: str, query: Ask) -> None:
    service = pyvo.dal.SSAService(f"{served}/ssa")
    found = service.search(pos=(110.8, -73.5), diameter=0.06)
    assert {row["creator_did"] for row in found} == asked_by_adql(query, SERVICES["ssa"].adql)
    assert len(service.search(pos=(110.8, -73.5), diameter=0.06, band=(2e-6, 3e-6))) == len(found)
    assert len(service.search(pos=(110.8, -73.5), diameter=0.06, band=(2e-5, 3e-5))) == 0
    assert len(service.search(pos=(110.8, -73.5), diameter=0.06, format="application/fits")) == len(found)


def test_pyvo_finds_rows_by_cone_search(served: str, query: Ask) -> None:
    found = pyvo.dal.SCSService(f"{served}/scs/jwst.product").search(
        pos=(110.8, -73.5), radius=0.03, verbosity=3
    )
    assert {row["uri"] for row in found} == asked_by_adql(query, SERVICES["cone"].adql)
    assert len(found) > 1


@pytest.mark.parametrize(
    ("service", "path"),
    [("sia", "/sia/query"), ("sia1", "/sia1?"), ("ssa", "/ssa?"), ("scs/jwst.product", "/scs/jwst.product?")],
)
def test_capabilities_are_valid_and_lead_to_the_service(served: str, service: str, path: str) -> None:
    body = httpx.get(f"{served}/{service}/capabilities").content
    assert_valid(body)
    assert_valid(httpx.get(f"{served}/{service}/availability").content)
    interfaces = [found for found in etree.fromstring(body).iter("interface") if found.get("role") == "std"]
    assert [found.findtext("accessURL") for found in interfaces] == [f"{served}{path}"]
