"""Discovery by parameters, as pyvo and plain HTTP ask: SIA 2.0 and cone search."""

import io
import json
from collections.abc import Callable

import httpx
import pytest
import pyvo
from astropy.io import votable
from lxml import etree

Ask = Callable[..., httpx.Response]
CENTRE = "110.8 -73.5"


def rows(ask: Ask, path: str, *parameters: tuple[str, str]) -> list[dict[str, object]]:
    """The rows as objects."""
    answer = ask("GET", path, params=[*parameters, ("RESPONSEFORMAT", "json")])
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.text)
    names = [column["name"] for column in found["metadata"]]
    return [dict(zip(names, row, strict=True)) for row in found["data"]]


def test_an_instrument_is_found_in_any_of_its_modes(ask: Ask) -> None:
    assert rows(ask, "/sia/query", ("INSTRUMENT", "NIRCAM"))
    assert rows(ask, "/sia/query", ("INSTRUMENT", "NIRCAM/IMAGE"))
    assert not rows(ask, "/sia/query", ("INSTRUMENT", "NIRCAM/TARGACQ"))


def asked_by_adql(query: Ask, condition: str) -> set[str]:
    adql = f"SELECT obs_publisher_did FROM ivoa.ObsCore WHERE dataproduct_type IN ('image', 'cube') AND {condition}"
    answer = query(adql, FORMAT="json")
    return {row[0] for row in json.loads(answer.text)["data"]}


@pytest.mark.parametrize(
    ("parameters", "condition"),
    [
        ([("POS", f"CIRCLE {CENTRE} 0.03")], "1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.03))"),
        (
            [("POS", "POLYGON 110.7 -73.52 110.8 -73.52 110.8 -73.49")],
            "1 = INTERSECTS(s_region, POLYGON(110.7, -73.52, 110.8, -73.52, 110.8, -73.49))",
        ),
        (
            [("POS", f"CIRCLE {CENTRE} 0.01"), ("POS", "CIRCLE 110.6 -73.48 0.001")],
            (
                "(1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.01))"
                " OR 1 = INTERSECTS(s_region, CIRCLE(110.6, -73.48, 0.001)))"
            ),
        ),
        ([("TIME", "59710 59720.5")], "t_max >= 59710 AND t_min <= 59720.5"),
        ([("TIME", "-Inf 59720.5")], "t_min <= 59720.5"),
        ([("BAND", "2e-6")], "em_min <= 2e-6 AND em_max >= 2e-6"),
        ([("EXPTIME", "600 +Inf")], "t_exptime >= 600"),
        (
            [("EXPTIME", "600 700"), ("EXPTIME", "4000 +Inf")],
            "(t_exptime BETWEEN 600 AND 700 OR t_exptime >= 4000)",
        ),
        ([("TARGET", "Étoile ☄")], "target_name = 'Étoile ☄'"),
        ([("CALIB", "2")], "calib_level = 2"),
        (
            [("CALIB", "2"), ("CALIB", "3"), ("TARGET", "Étoile ☄")],
            "calib_level >= 2 AND target_name = 'Étoile ☄'",
        ),
        (
            [("ID", "IVO://voserver.example/JWST?jw02737001")],
            "obs_publisher_did = 'ivo://voserver.example/jwst?jw02737001'",
        ),
    ],
)
def test_parameters_of_sia_find_what_their_adql_finds(
    ask: Ask, query: Ask, parameters: list[tuple[str, str]], condition: str
) -> None:
    found = {str(row["obs_publisher_did"]) for row in rows(ask, "/sia/query", *parameters)}
    everything = asked_by_adql(query, "1 = 1")
    assert found == asked_by_adql(query, condition)
    assert 0 < len(found) < len(everything)


@pytest.mark.parametrize(
    ("region", "found"),
    [
        ("RANGE 110.79 110.81 -73.51 -73.49", True),
        ("RANGE 110.79 110.81 -Inf -73.49", True),
        ("RANGE 0 360 -74 -73", True),
        ("RANGE -Inf +Inf -Inf +Inf", True),
        ("RANGE 0 360 -Inf -73.4", True),
        ("RANGE 20 200 -80 -70", True),
        ("RANGE 200 300 -80 -70", False),
        ("RANGE 0 360 89 +Inf", False),
        ("RANGE 110 111 -70 90", False),
        ("RANGE 110.8 110.8 -73.5 -73.5", True),
    ],
)
def test_ranges_of_coordinates_find_footprints(ask: Ask, region: str, found: bool) -> None:
    assert bool(rows(ask, "/sia/query", ("POS", region))) is found


def test_a_footprint_that_a_range_only_holds_by_its_parallels_is_found_or_not(ask: Ask) -> None:
    """A parallel is no great circle: at its middle the great circle from end to end would be degrees nearer the pole."""
    assert rows(ask, "/sia/query", ("POS", "RANGE 80 140 -74 -73.2"))
    assert not rows(ask, "/sia/query", ("POS", "RANGE 80 140 -79 -74"))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"POS": "BOX 1 2 3 4"}, "is no region"),
        ({"POS": "CIRCLE 1 2"}, "is no region"),
        ({"POS": "CIRCLE 1 91 2"}, "the latitude 91 is not between -90 and 90"),
        ({"POS": "CIRCLE 1 2 inf"}, "radius"),
        ({"POS": "POLYGON 1 2 3 4 5"}, "is no region"),
        ({"POS": "RANGE 5 1 2 3"}, "is empty"),
        ({"BAND": "9 1"}, "BAND='9 1' is not a number"),
        ({"TIME": "yesterday"}, "TIME: 'yesterday' is not a number"),
        ({"POL": "X"}, "no state of polarization"),
        ({"DPTYPE": "spectrum"}, "not what SIA finds"),
        ({"CALIB": "nine"}, "no calibration level"),
        ({"MAXREC": "-1"}, "MAXREC"),
        ({"BAND": "1 nan"}, "is not a number"),
    ],
)
def test_what_sia_cannot_read_is_told_as_a_usage_fault(
    ask: Ask, parameters: dict[str, str], said: str
) -> None:
    answer = ask("GET", "/sia/query", params=parameters)
    assert answer.status_code == 400
    assert said in answer.text
    assert "UsageFault: " in answer.text
    plain = ask("GET", "/sia/query", params={**parameters, "RESPONSEFORMAT": "csv"})
    assert plain.status_code == 400
    assert plain.text.startswith("UsageFault: ")


def test_sia_describes_itself_even_without_rows(ask: Ask) -> None:
    answer = ask("GET", "/sia/query", params={"MAXREC": "0"})
    assert "OVERFLOW" not in answer.text
    assert "OVERFLOW" in ask("GET", "/sia/query", params={"MAXREC": "1"}).text
    document = etree.fromstring(answer.content)
    names = {"v": "http://www.ivoa.net/xml/VOTable/v1.3"}
    service = document.find("v:RESOURCE[@type='meta'][@utype='adhoc:service']", names)
    assert service is not None
    params = {p.get("name"): p.get("value") for p in service.iterfind("v:PARAM", names)}
    assert params == {
        "accessURL": "http://archive.test/sia/query",
        "standardID": "ivo://ivoa.net/std/SIA#query-2.0",
    }
    inputs = {p.get("name") for p in service.iterfind("v:GROUP[@name='inputParams']/v:PARAM", names)}
    assert inputs >= {"POS", "BAND", "TIME", "POL", "FOV", "SPATRES", "EXPTIME", "ID", "COLLECTION", "FACILITY",
                      "INSTRUMENT", "DPTYPE", "CALIB", "TARGET", "TIMERES", "SPECRP", "FORMAT"}  # fmt: skip
    votable.validate(io.BytesIO(answer.content), output=None)


def test_pyvo_finds_images_by_sia(served: str) -> None:
    service = pyvo.dal.SIA2Service(f"{served}/sia")
    found = service.search(pos=(110.8, -73.5, 0.05), maxrec=50)
    assert len(found) > 0
    assert {record.dataproduct_type for record in found} <= {"image", "cube"}
    assert found[0].access_url.startswith("http")


def cone(ask: Ask, **parameters: str) -> httpx.Response:
    return ask("GET", "/scs/jwst.product", params=parameters)


def test_pyvo_finds_files_by_cone_search(served: str) -> None:
    found = pyvo.dal.SCSService(f"{served}/scs/jwst.product").search(pos=(110.8, -73.5), radius=0.03)
    assert len(found) > 0
    assert found[0].pos.separation is not None
    assert found[0].id.startswith("mast:JWST/")


def test_a_cone_has_what_lies_in_it_nearest_first(ask: Ask, query: Ask) -> None:
    answer = cone(ask, RA="110.8", DEC="-73.5", SR="0.03", VERB="3", RESPONSEFORMAT="json")
    found = json.loads(answer.text)
    place = [column["name"] for column in found["metadata"]].index("uri")
    adql = (
        "SELECT uri FROM jwst.product WHERE DISTANCE(s_ra, s_dec, 110.8, -73.5) <= 0.03"
        " ORDER BY DISTANCE(s_ra, s_dec, 110.8, -73.5)"
    )
    wanted = [row[0] for row in json.loads(query(adql, FORMAT="json").text)["data"]]
    assert sorted(row[place] for row in found["data"]) == sorted(wanted)
    assert len(wanted) > 1


def test_verbosity_says_how_many_columns(ask: Ask) -> None:
    counts = []
    for verbosity in ("1", "2", "3"):
        answer = cone(ask, RA="110.8", DEC="-73.5", SR="0.03", VERB=verbosity, RESPONSEFORMAT="json")
        counts.append(len(json.loads(answer.text)["metadata"]))
    assert counts[0] == 3 < counts[1] < counts[2]


def test_a_cone_of_no_size_has_columns_and_no_rows(ask: Ask) -> None:
    answer = cone(ask, RA="110.8", DEC="-73.5", SR="0")
    assert answer.status_code == 200
    assert "<TR>" not in answer.text
    assert "OVERFLOW" not in answer.text
    for ucd in ("ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"):
        assert answer.text.count(f'ucd="{ucd}"') == 1


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"DEC": "1", "SR": "1"}, "RA is missing."),
        ({"RA": "x", "DEC": "1", "SR": "1"}, "RA: 'x' is not a number."),
        ({"RA": "1", "DEC": "-91", "SR": "1"}, "DEC='-91' is not between -90 and 90 degrees."),
        ({"RA": "1", "DEC": "1", "SR": "-1"}, "SR='-1' is not between 0 and 180 degrees."),
        ({"RA": "1", "DEC": "1", "SR": "inf"}, "SR='inf' is not between 0 and 180 degrees."),
        ({"RA": "1", "DEC": "1", "SR": "1", "VERB": "4"}, "VERB='4' is none of 1, 2 and 3."),
    ],
)
def test_what_a_cone_search_cannot_read_is_told_in_an_info_called_error(
    ask: Ask, parameters: dict[str, str], said: str
) -> None:
    answer = cone(ask, **parameters)
    assert answer.status_code == 400
    infos = etree.fromstring(answer.content).iter("{http://www.ivoa.net/xml/VOTable/v1.3}INFO")
    told = [str(info.get("value")) for info in infos if info.get("name") == "Error"]
    assert len(told) == 1
    assert said in told[0]


def test_a_table_without_positions_has_no_cone_search(ask: Ask) -> None:
    for name in ("tap_schema.tables", "nothing.here"):
        answer = ask("GET", f"/scs/{name}", params={"RA": "1", "DEC": "1", "SR": "1"})
        assert answer.status_code == 404
        assert "jwst.product" in answer.text


@pytest.mark.parametrize("service", ["sia", "scs/jwst.product"])
def test_each_service_has_its_capabilities_and_availability(ask: Ask, service: str) -> None:
    assert "<vosi:capabilities" in ask("GET", f"/{service}/capabilities").text
    assert "available>true<" in ask("GET", f"/{service}/availability").text
