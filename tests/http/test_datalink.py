"""`/datalink/links`: what there is of data, told to whoever asks."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from astropy.io import votable
from lxml import etree

from tests.http.standards import assert_valid
from tests.http.votables import VOTABLE, assert_valid_votable, infos
from voserver.catalogue.accounts.administration import administer
from voserver.settings import Settings

PREFIX = "ivo://voserver.example/jwst?"
CALIBRATED = f"{PREFIX}exposure/2b"
MOSAIC = f"{PREFIX}mosaic/3"
FILE = "mast:JWST/product/m_cat.ecsv"
MEDIA_TYPE = "application/x-votable+xml;content=datalink"

Row = dict[str, str]
Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def linked(
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Settings], AbstractContextManager[str]],
) -> Iterator[str]:
    """A server of what `datalink.sql` has."""
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "datalink.sql").read_bytes())
    data = tmp_path_factory.mktemp("data")
    with serve(Settings(database_url=module_database_url, data_dir=data, log_level="error")) as url:
        yield url


@pytest.fixture(scope="module")
def asked(linked: str) -> Iterator[Ask]:
    """Ask for links: `asked(ID=…)` by GET, `asked("POST", ID=[…])`."""
    with httpx.Client(base_url=linked, timeout=60) as client:

        def send(method: str = "GET", **parameters: Any) -> httpx.Response:
            how = {"data" if method == "POST" else "params": parameters}
            return client.request(method, "/datalink/links", **how)  # type: ignore[arg-type]

        yield send


@pytest.fixture(scope="module")
def rows(asked: Ask) -> Callable[..., list[Row]]:
    """The rows that an identifier, or several, have."""

    def found(*identifiers: str) -> list[Row]:
        answer = asked("POST", ID=list(identifiers), RESPONSEFORMAT="csv")
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.text)))

    return found


def by_word(rows: list[Row]) -> dict[str, Row]:
    """Rows by what this archive calls them, where that is only one's."""
    return {row["local_semantics"]: row for row in rows}


def resources(body: bytes, utype: str) -> list[etree._Element]:
    document = etree.fromstring(body)
    return [one for one in document.iter(f"{VOTABLE}RESOURCE") if one.get("utype") == utype]


def values(resource: etree._Element) -> dict[str, dict[str, str]]:
    """The limits of a service's parameters, by the parameters' names."""
    return {
        str(param.get("name")): {
            etree.QName(limit).localname: str(limit.get("value"))
            for limit in param.iter(f"{VOTABLE}MIN", f"{VOTABLE}MAX")
        }
        for param in resource.iter(f"{VOTABLE}PARAM")
    }


def test_what_belongs_to_data_is_told_with_its_meaning(rows: Callable[..., list[Row]], linked: str) -> None:
    found = [(row["semantics"], row["local_semantics"], row["access_url"]) for row in rows(CALIBRATED)]
    files = f"{linked}/files/mast:JWST/product"
    links = f"{linked}/datalink/links?ID=ivo%3A%2F%2Fvoserver.example%2Fjwst%3F"
    package = f"{linked}/package?ID=ivo%3A%2F%2Fvoserver.example%2Fjwst%3Fexposure%2F2b"
    assert found == [
        ("#this", "cal", f"{files}/a_cal.fits"),
        ("#preview", "preview", f"{linked}/previews/a.png"),
        ("#preview", "preview", "https://elsewhere.example/b.jpg?x=1"),
        ("#preview", "cal", f"{files}/a_cal.jpg"),
        ("#thumbnail", "cal", f"{files}/a_cal_thumb.jpg"),
        ("#noise", "err", f"{files}/a%20b%26c.fits"),
        ("#this", "cloud", "https://stpubdata.s3.us-east-1.amazonaws.com/jwst/public/a_cal.fits"),
        ("#cutout", "cutout", ""),
        ("#cutout", "cutout-job", ""),
        ("#package", "package", package),
        ("#auxiliary", "guide-star", f"{files}/g_gs-fg_stream.fits"),
        ("#auxiliary", "association", f"{files}/jw02731-o001_20230101t120000_image2_00001_asn.json"),
        ("#auxiliary", "pool", f"{files}/jw02731_20230101t120000_pool.csv"),
        ("#progenitor", "plane", f"{links}exposure%2F2a"),
        ("#derivation", "plane", f"{links}mosaic%2F3"),
    ]


def test_a_file_is_told_with_type_size_and_kind(rows: Callable[..., list[Row]]) -> None:
    first = rows(CALIBRATED)[0]
    assert {name: first[name] for name in first if name.startswith(("content", "link"))} == {
        "content_type": "image/fits",
        "content_length": "5760",
        "content_qualifier": "#image",
        "link_auth": "optional",
        "link_authorized": "true",
    }


def test_several_files_may_be_the_data_the_principal_one_first(rows: Callable[..., list[Row]]) -> None:
    found = rows(MOSAIC)
    this = [row["local_semantics"] for row in found if row["semantics"] == "#this"]
    assert this == ["i2d", "cat", "cloud", "cloud"]
    assert by_word(found)["package-mrp"]["access_url"].endswith("mosaic%2F3&mrp=true")


def test_a_file_can_be_asked_for_by_its_uri(rows: Callable[..., list[Row]]) -> None:
    found = rows(FILE)
    assert {row["ID"] for row in found} == {FILE}
    meanings = [(row["semantics"], row["local_semantics"]) for row in found[:2]]
    assert meanings == [("#this", "cat"), ("#coderived", "i2d")]
    assert not [row for row in found if row["semantics"] in {"#cutout", "#package"}]


def test_raw_data_cannot_be_cut(rows: Callable[..., list[Row]]) -> None:
    assert "#cutout" not in {row["semantics"] for row in rows(f"{PREFIX}exposure/1b")}


def test_data_that_are_no_science_are_what_files_they_have(rows: Callable[..., list[Row]]) -> None:
    found = rows(f"{PREFIX}lists/3")
    assert [row["local_semantics"] for row in found if row["semantics"] == "#this"] == ["asn", "pool"]


def test_many_are_answered_in_order_each_once_and_word_for_word(rows: Callable[..., list[Row]]) -> None:
    shouted = CALIBRATED.upper().replace("IVO://", "ivo://")
    wanted = [MOSAIC, "mast:no/such?<&>\"'☄", shouted, FILE, "what is this", CALIBRATED]
    found = [row["ID"] for row in rows(*wanted, MOSAIC)]
    assert list(dict.fromkeys(found)) == wanted
    assert len([*groupby(found)]) == len(wanted)


@pytest.mark.parametrize(
    ("identifier", "fault"),
    [("mast:no/such", "NotFoundFault"), (f"{PREFIX}hidden/2b", "NotFoundFault"),
     ("mast:JWST/product/h_cal.fits", "NotFoundFault"), (f"{PREFIX}nowhere", "NotFoundFault"),
     ("nothing", "UsageFault"), ("mast:" + "x" * 3000, "UsageFault"), ("ivo://a b", "UsageFault")],
)  # fmt: skip
def test_what_is_not_there_has_a_row_that_says_why(
    rows: Callable[..., list[Row]], identifier: str, fault: str
) -> None:
    (row,) = rows(identifier)
    assert (row["ID"], row["semantics"], row["access_url"]) == (identifier, "#this", "")
    assert row["error_message"].startswith(f"{fault}: ")


def test_hidden_data_are_told_of_like_none(rows: Callable[..., list[Row]]) -> None:
    hidden, unknown = rows(f"{PREFIX}hidden/2b", f"{PREFIX}unknown/2b")
    assert hidden | {"ID": ""} == unknown | {"ID": ""}
    near = " ".join(str(row) for row in rows(MOSAIC, f"{PREFIX}exposure/2a"))
    assert "hidden" not in near
    assert "nowhere" not in near


def test_exclusive_data_are_told_of_and_who_may_not_have_them(rows: Callable[..., list[Row]]) -> None:
    found = rows(f"{PREFIX}exclusive/2b")
    assert {(row["link_auth"], row["link_authorized"]) for row in found} == {("true", "false")}
    assert {row["semantics"] for row in found} == {"#this", "#preview", "#cutout", "#package"}
    assert "cloud" not in by_word(found)


def test_who_is_of_the_team_is_told_of_hidden_data_and_may_have_exclusive_ones(
    linked: str, module_database_url: str
) -> None:
    with administer(module_database_url, "voserver.example") as accounts:
        accounts.add_user("ada", None)
        accounts.add_group("team", None)
        accounts.join("team", ["ada"])
        token, _ = accounts.create_token("ada", "links", ["read"], 1)
    query = {"ID": [f"{PREFIX}{name}/2b" for name in ("exclusive", "hidden")], "RESPONSEFORMAT": "csv"}
    answer = httpx.get(f"{linked}/datalink/links", params=query, headers={"Authorization": f"Bearer {token}"})
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["ID"] for row in found if row["semantics"] == "#this"} == set(query["ID"])
    assert {row["link_authorized"] for row in found} == {"true"}
    assert {row["link_auth"] for row in found if row["local_semantics"] != "plane"} == {"true"}
    assert [row["semantics"] for row in found if row["local_semantics"] == "plane"] == [
        "#progenitor",
        "#derivation",
    ]


def test_it_says_what_it_is(asked: Ask) -> None:
    answer = asked(ID=CALIBRATED)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert infos(answer.content, "standardID") == [("ivo://ivoa.net/std/DataLink#links-1.1", None)]
    assert_valid_votable(answer.content)
    fields = {
        str(one.get("name")): (one.get("datatype"), one.get("ucd"), one.get("unit"))
        for one in etree.fromstring(answer.content).iter(f"{VOTABLE}FIELD")
    }
    assert fields == {
        "ID": ("char", "meta.id;meta.main", None),
        "access_url": ("char", "meta.ref.url", None),
        "service_def": ("char", "meta.ref", None),
        "error_message": ("char", "meta.code.error", None),
        "description": ("char", "meta.note", None),
        "semantics": ("char", "meta.code", None),
        "content_type": ("char", "meta.code.mime", None),
        "content_length": ("long", "phys.size;meta.file", "byte"),
        "content_qualifier": ("char", None, None),
        "local_semantics": ("char", "meta.id.assoc", None),
        "link_auth": ("char", "meta.code", None),
        "link_authorized": ("boolean", "meta.code", None),
    }


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("votable", MEDIA_TYPE), ("application/x-votable+xml", MEDIA_TYPE), (MEDIA_TYPE, MEDIA_TYPE),
     ("text/xml", "text/xml"), ("json", "application/json"), ("parquet", "application/vnd.apache.parquet")],
)  # fmt: skip
def test_any_format_will_do(asked: Ask, form: str, media_type: str) -> None:
    answer = asked(ID=CALIBRATED, RESPONSEFORMAT=form)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_an_unknown_format_is_a_fault_of_the_request(asked: Ask) -> None:
    answer = asked(ID=CALIBRATED, RESPONSEFORMAT="clay")
    assert answer.status_code == 400
    ((status, text),) = infos(answer.content, "QUERY_STATUS")
    assert (status, (text or "").partition(":")[0]) == ("ERROR", "UsageFault")


@pytest.mark.parametrize("parameters", [{}, {"ID": ""}])
def test_without_an_identifier_it_describes_itself(
    asked: Ask, parameters: dict[str, str], linked: str
) -> None:
    answer = asked(**parameters)
    assert answer.status_code == 200
    assert len(votable.parse_single_table(io.BytesIO(answer.content)).array) == 0
    assert infos(answer.content, "QUERY_STATUS") == [("OK", None)]
    (itself,) = resources(answer.content, "adhoc:this")
    urls = [one.get("value") for one in itself.iter(f"{VOTABLE}PARAM") if one.get("name") == "accessURL"]
    assert urls == [f"{linked}/datalink/links"]


@pytest.mark.parametrize(("most", "left"), [(0, []), (14, []), (15, [CALIBRATED]), (16, [CALIBRATED])])
def test_rows_of_one_identifier_are_all_there_or_none(asked: Ask, most: int, left: list[str]) -> None:
    answer = asked("POST", ID=[CALIBRATED, MOSAIC], MAXREC=most)
    table = votable.parse_single_table(io.BytesIO(answer.content)).array
    assert list(dict.fromkeys(map(str, table["ID"]))) == left
    assert [status for status, _ in infos(answer.content, "QUERY_STATUS")][-1] == "OVERFLOW"
    assert len(resources(answer.content, "adhoc:service")) == 2 * len(left)


def test_more_identifiers_than_the_limit_are_an_overflow(asked: Ask) -> None:
    wanted = [f"x:{number}" for number in range(10_001)]
    answer = asked("POST", ID=wanted)
    assert answer.text.count("<TR>") == 10_000
    assert [status for status, _ in infos(answer.content, "QUERY_STATUS")][-1] == "OVERFLOW"
    answer = asked("POST", ID=wanted[:10_000])
    assert infos(answer.content, "QUERY_STATUS") == [("OK", None)]


def test_a_form_with_too_many_fields_is_refused(asked: Ask) -> None:
    answer = asked("POST", ID=["x:1"] * 50_001)
    assert answer.status_code == 413
    assert "50,000" in answer.text


def test_head_has_the_headers(linked: str) -> None:
    answer = httpx.head(f"{linked}/datalink/links", params={"ID": CALIBRATED})
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, MEDIA_TYPE, b"")


def test_a_multipart_form_will_do(linked: str) -> None:
    parts = [("ID", (None, CALIBRATED)), ("ID", (None, MOSAIC))]
    answer = httpx.post(f"{linked}/datalink/links", files=parts)
    table = votable.parse_single_table(io.BytesIO(answer.content)).array
    assert set(map(str, table["ID"])) == {CALIBRATED, MOSAIC}


def test_cutouts_are_described_with_their_limits(asked: Ask, linked: str) -> None:
    answer = asked(ID=CALIBRATED)
    at_once, job = resources(answer.content, "adhoc:service")
    fixed = {str(one.get("name")): one.get("value") for one in at_once.iter(f"{VOTABLE}PARAM")}
    assert fixed["accessURL"] == f"{linked}/soda/sync"
    assert fixed["standardID"] == "ivo://ivoa.net/std/SODA#sync-1.0"
    assert fixed["ID"] == CALIBRATED
    limits = values(at_once)
    assert limits["BAND"] == {"MIN": "1e-06", "MAX": "2e-06"}
    assert limits["TIME"] == {"MIN": "59800.0", "MAX": "59800.5"}
    assert limits["POLYGON"] == {"MAX": "10 10 10 10.1 10.1 10.1 10.1 10"}
    longitude, latitude, radius = map(float, limits["CIRCLE"]["MAX"].split())
    assert (longitude, latitude, radius) == pytest.approx((10.05, 10.05, 0.0702), abs=1e-3)
    assert values(job) == limits
    table = votable.parse_single_table(io.BytesIO(answer.content)).array
    assert {at_once.get("ID"), job.get("ID")} == {str(name) for name in table["service_def"] if name}


def test_a_cutout_of_what_lies_in_several_places_may_be_anywhere_about_them(asked: Ask) -> None:
    at_once = resources(asked(ID=MOSAIC).content, "adhoc:service")[0]
    numbers = values(at_once)["POLYGON"]["MAX"].split()
    corners = {(float(a), float(b)) for a, b in zip(numbers[::2], numbers[1::2], strict=True)}
    # The inner corners lie on the great circles between the outer ones or beyond: those above bulge.
    assert {(10, 10), (10.3, 10), (10.3, 10.1), (10, 10.1)} <= corners


def test_capabilities_and_availability(linked: str) -> None:
    capabilities = httpx.get(f"{linked}/datalink/capabilities")
    for version in ("1.1", "1.0"):  # clients of the earlier one look for its name
        assert f'"ivo://ivoa.net/std/DataLink#links-{version}"' in capabilities.text
    assert f"<resultType>{MEDIA_TYPE}</resultType>" in capabilities.text
    assert "<available>true</available>" in httpx.get(f"{linked}/datalink/availability").text
    assert_valid(capabilities.content)


def test_stilts_finds_nothing_wrong(linked: str, tmp_path: Path) -> None:
    stilts = shutil.which("stilts")
    if stilts is None:
        pytest.skip("stilts is not installed")
    path = tmp_path / "links.vot"
    query = {"ID": [CALIBRATED, MOSAIC, FILE, f"{PREFIX}exclusive/2b", "x:1", "y"]}
    path.write_bytes(httpx.get(f"{linked}/datalink/links", params=query).content)
    for command in ("datalinklint", "votlint"):
        said = subprocess.run(
            [stilts, command, f"votable={path}"], capture_output=True, text=True, check=False
        )
        wrong = [line for line in said.stdout.splitlines() if re.match("[EWF]-|ERROR|WARNING", line)]
        # Without the network it knows the vocabulary as it was once.
        terms = [line for line in wrong if line.startswith(("E-SMCO", "W-VCDL"))]
        assert all("vocabulary" in line for line in terms)
        assert [line for line in wrong if line not in terms] == [], said.stdout


SERVICES = ["ivo://ivoa.net/std/DataLink#links-1.1", "ivo://ivoa.net/std/SODA#sync-1.0"]
QUERY = {"LANG": "ADQL", "QUERY": "SELECT * FROM ivoa.ObsCore"}


def services(body: bytes) -> list[tuple[str | None, str | None]]:
    """The services of which a VOTable tells, each with the name of the column whose values it takes."""
    document = etree.fromstring(body)
    names = {one.get("ID"): one.get("name") for one in document.iter(f"{VOTABLE}FIELD")}
    found = []
    for resource in resources(body, "adhoc:service"):
        params = {one.get("name"): one for one in resource.iter(f"{VOTABLE}PARAM")}
        if resource.get("name") != "this":
            found.append((params["standardID"].get("value"), names[params["ID"].get("ref")]))
    return found


@pytest.mark.parametrize(
    ("path", "parameters", "column"),
    [("/tap/sync", QUERY, "obs_publisher_did"),
     ("/tap/sync", {**QUERY, "RESPONSEFORMAT": "votable/b2"}, "obs_publisher_did"),
     ("/tap/sync", {**QUERY, "QUERY": 'SELECT 1, obs_publisher_did AS "a b" FROM ivoa.ObsCore'}, "a b"),
     ("/tap/sync", {**QUERY, "QUERY": "SELECT publisherID, planeID FROM caom2.Plane"}, "publisherID"),
     ("/tap/sync", {**QUERY, "MAXREC": "0"}, "obs_publisher_did"),
     ("/sia/query", {}, "obs_publisher_did"),
     ("/sia1", {"POS": "10,10", "SIZE": "1"}, "publisherDID"),
     ("/ssa", {"REQUEST": "queryData"}, "obs_publisher_did"),
     ("/scs/jwst.product", {"RA": "10", "DEC": "10", "SR": "1", "VERB": "3"}, "obs_publisher_did")],
)  # fmt: skip
def test_answers_with_publisher_ids_tell_of_links_and_cutouts(
    linked: str, path: str, parameters: dict[str, str], column: str
) -> None:
    answer = httpx.get(f"{linked}{path}", params=parameters, timeout=60)
    assert services(answer.content) == [(standard, column) for standard in SERVICES]
    assert_valid_votable(answer.content)


@pytest.mark.parametrize(
    "columns",
    ["obs_id", "lower(obs_publisher_did) AS obs_publisher_did", "max(obs_publisher_did)",
     "count(obs_publisher_did)", "obs_publisher_did || ''"],
)  # fmt: skip
def test_answers_without_publisher_ids_do_not(linked: str, columns: str) -> None:
    query = {
        **QUERY,
        "QUERY": f"SELECT {columns} FROM ivoa.ObsCore" + (" GROUP BY obs_id" if columns == "obs_id" else ""),
    }
    answer = httpx.get(f"{linked}/tap/sync", params=query, timeout=60)
    assert answer.status_code == 200
    assert services(answer.content) == []


@pytest.mark.parametrize("path", ["/tap/sync", "/sia/query"])
@pytest.mark.parametrize("serialization", ["", ";serialization=binary2"])
def test_a_votable_without_services_can_be_asked_for(linked: str, path: str, serialization: str) -> None:
    form = f"application/x-votable+xml{serialization};services=none"
    answer = httpx.get(f"{linked}{path}", params={**QUERY, "RESPONSEFORMAT": form}, timeout=60)
    assert answer.status_code == 200
    assert answer.text.count("<RESOURCE") == 1
    assert "services" not in answer.headers["content-type"]


def test_services_are_told_by_their_urls_here(linked: str) -> None:
    answer = httpx.get(f"{linked}/tap/sync", params=QUERY, timeout=60)
    urls = [one.get("value") for one in etree.fromstring(answer.content).iter(f"{VOTABLE}PARAM")]
    assert f"{linked}/datalink/links" in urls
    assert f"{linked}/soda/sync" in urls


def test_a_browser_is_shown_what_each_link_is_and_may_fill_in_what_to_cut_out(
    asked: Ask, rows: Callable[..., list[Row]]
) -> None:
    page = etree.HTML(asked(ID=CALIBRATED, RESPONSEFORMAT="html").text)
    links = {link.get("href"): link.text for link in page.findall(".//td/a")}
    assert links == {row["access_url"]: row["description"] for row in rows(CALIBRATED) if row["access_url"]}
    (form,) = page.findall(".//form")
    fields = {one.get("name"): one.get("value", "") for one in form.findall(".//input")}
    assert form.get("action", "").endswith("/soda/sync")
    assert fields["ID"] == CALIBRATED
    assert len(fields["CIRCLE"].split()) == 3
    assert fields["BAND"] == ""
    as_job = form.findall("button")[1]
    assert as_job.get("formaction", "").endswith("/soda/async")


def test_a_page_of_links_is_whole_whatever_the_identifiers_are(asked: Ask) -> None:
    hostile = "<script>alert(1)</script>"
    answer = asked(ID=[hostile, MOSAIC, "mast:JWST/nothing"], RESPONSEFORMAT="html", MAXREC="2")
    page = etree.HTML(answer.text)
    assert answer.status_code == 200
    assert hostile not in answer.text
    assert page.findtext(".//h2") == hostile
    assert "There are more" in answer.text
    assert answer.text.rstrip().endswith("</html>")
