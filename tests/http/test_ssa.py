"""SSA 1.1, as pyvo and plain HTTP ask."""

import json
from collections.abc import Callable

import httpx
import pytest
import pyvo
from lxml import etree

from tests.http.standards import assert_valid
from tests.http.votables import VOTABLE, assert_valid_votable, infos

Ask = Callable[..., httpx.Response]
MANDATORY = {
    "ssa:Access.Reference", "ssa:Access.Format", "ssa:Dataset.DataModel", "ssa:Dataset.Length", "ssa:DataID.Title",
    "ssa:Curation.Publisher",
}  # fmt: skip
RECOMMENDED = {
    "ssa:Access.Size", "ssa:DataID.Creator", "ssa:DataID.Collection", "ssa:DataID.CreatorDID", "ssa:DataID.DataSource",
    "ssa:DataID.CreationType", "ssa:Curation.PublisherDID", "ssa:CoordSys.SpaceFrame.Name",
    "ssa:Char.SpatialAxis.Coverage.Location.Value", "ssa:Char.SpatialAxis.Coverage.Bounds.Extent",
    "ssa:Char.SpectralAxis.Ucd", "ssa:Char.SpectralAxis.Coverage.Location.Value",
    "ssa:Char.SpectralAxis.Coverage.Bounds.Extent", "ssa:Char.SpectralAxis.Coverage.Bounds.Start",
    "ssa:Char.SpectralAxis.Coverage.Bounds.Stop", "ssa:Char.TimeAxis.Coverage.Location.Value",
    "ssa:Char.TimeAxis.Coverage.Bounds.Extent", "ssa:Char.FluxAxis.Ucd", "ssa:Char.FluxAxis.Calibration",
}  # fmt: skip
CENTRE = "110.8,-73.5"


def rows(ask: Ask, **parameters: str) -> list[dict[str, object]]:
    """The rows as objects."""
    asked = {"REQUEST": "queryData", **parameters, "RESPONSEFORMAT": "json"}
    answer = ask("GET", "/ssa", params=asked)
    assert answer.status_code == 200, answer.text
    document = json.loads(answer.text)
    names = [column["name"] for column in document["metadata"]]
    return [dict(zip(names, row, strict=True)) for row in document["data"]]


def found(ask: Ask, **parameters: str) -> set[object]:
    return {row["creator_did"] for row in rows(ask, **parameters)}


def by_adql(query: Ask, condition: str) -> set[object]:
    answer = query(f"SELECT creator_did FROM jwst.spectrum WHERE {condition}", FORMAT="json")
    return {row[0] for row in json.loads(answer.text)["data"]}


@pytest.mark.parametrize(
    ("parameters", "condition"),
    [
        ({"POS": CENTRE, "SIZE": "0.01"}, "1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.005))"),
        ({"POS": f"{CENTRE};ICRS"}, "1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.05))"),
        ({"BAND": "/1.2e-6"}, "em_min <= 1.2e-6"),
        ({"BAND": "1.1e-6/1.2e-6;observer"}, "em_min <= 1.2e-6 AND em_max >= 1.1e-6"),
        ({"BAND": "1.2e-6,9e-6/"}, "em_min <= 1.2e-6 AND em_max >= 1.2e-6"),
        ({"TIME": "2022-05-12/2022-05-20"}, "t_max >= 59711 AND t_min <= 59720"),
        ({"TIME": "2022-05-12T12:00:00/2022-05-20T00:00:00.5Z"}, "t_max >= 59711.5 AND t_min <= 59719.00001"),
        ({"TIME": "/2022-05"}, "t_min <= 59731"),
        ({"TIME": "2022-05-18,2022-06"}, "t_min <= 59718 AND t_max >= 59717 OR t_max >= 59731"),
        ({"SPECRP": "3000"}, "em_res_power >= 3000"),
        ({"SPATRES": "2.9e-5"}, "s_resolution <= 2.9e-5"),
        ({"TARGETNAME": "smacs j0723.3-7327"}, "target_name = 'SMACS J0723.3-7327'"),
        ({"PUBDID": "IVO://voserver.example/jwst?JW02736003"}, "obs_id = 'jw02736003'"),
        ({"CREATORDID": "mast:JWST/jw02736006_x1d"}, "obs_id = 'jw02736006'"),
        ({"POS": CENTRE, "SIZE": "0.2", "BAND": "/1.2e-6"},
         "em_min <= 1.2e-6 AND 1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 0.1))"),
    ],
)  # fmt: skip
def test_parameters_find_what_their_adql_finds(
    ask: Ask, query: Ask, parameters: dict[str, str], condition: str
) -> None:
    everything = by_adql(query, "1 = 1")
    assert found(ask, **parameters) == by_adql(query, condition)
    assert 0 < len(found(ask, **parameters)) < len(everything)


@pytest.mark.parametrize(
    ("parameters", "some"),
    [
        ({}, True),
        ({"FORMAT": "ALL"}, True),
        ({"FORMAT": "native"}, True),
        ({"FORMAT": "fits"}, True),
        ({"FORMAT": "votable,application/fits"}, True),
        ({"FORMAT": "compliant"}, False),
        ({"FORMAT": "votable"}, False),
        ({"FORMAT": "graphic"}, False),
        ({"FORMAT": "xml"}, False),
        ({"FORMAT": "text/csv"}, False),
        ({"COLLECTION": "jw"}, True),
        ({"COLLECTION": "JWST"}, True),
        ({"COLLECTION": "J%"}, False),
        ({"COLLECTION": "HST"}, False),
        ({"TIME": "9998"}, False),
        ({"SPECTROGRAPH": "of no standard", "VERSION": "1.1", "APERTURE": "0.1"}, True),
    ],
)
def test_all_is_found_or_nothing(ask: Ask, query: Ask, parameters: dict[str, str], some: bool) -> None:
    assert found(ask, **parameters) == (by_adql(query, "1 = 1") if some else set())


def test_the_best_are_the_nearest(ask: Ask) -> None:
    near = [row["creator_did"] for row in rows(ask, POS=CENTRE, SIZE="1")]
    assert len(near) > 3
    assert [row["creator_did"] for row in rows(ask, POS=CENTRE, SIZE="1", TOP="3")] == near[:3]


def test_an_answer_is_what_the_standard_wants(ask: Ask) -> None:
    answer = ask("POST", "/ssa", data={"request": "queryData", "pos": CENTRE, "Maxrec": "2"})
    assert answer.headers["content-type"].startswith("text/xml")
    assert_valid_votable(answer.content)
    assert infos(answer.content, "SERVICE_PROTOCOL") == [("1.1", "SSAP")]
    assert [status for status, _ in infos(answer.content, "QUERY_STATUS")] == ["OK", "OVERFLOW"]
    utypes = [field.get("utype") for field in etree.fromstring(answer.content).iter(f"{VOTABLE}FIELD")]
    assert set(utypes) >= MANDATORY | RECOMMENDED
    assert len(set(utypes)) == len(utypes)
    # Aladin knows an answer of SSA by this text.
    assert 'utype="ssa:Access.Reference"' in answer.text


def test_the_service_describes_itself(ask: Ask) -> None:
    answer = ask("GET", "/ssa", params={"REQUEST": "queryData", "FORMAT": "Metadata", "POS": "nowhere"})
    assert_valid_votable(answer.content)
    assert infos(answer.content, "QUERY_STATUS") == [("OK", None)]
    resource = etree.fromstring(answer.content).find(f"{VOTABLE}RESOURCE")
    assert resource is not None
    params = {str(one.get("name")): one for one in resource.iterfind(f"{VOTABLE}PARAM")}
    inputs = {name.removeprefix("INPUT:") for name in params if name.startswith("INPUT:")}
    assert inputs >= {"REQUEST", "POS", "SIZE", "BAND", "TIME", "FORMAT", "TARGETNAME", "SPECRP", "SPATRES",
                      "PUBDID", "COLLECTION", "TOP", "MAXREC"}  # fmt: skip
    assert params["INPUT:SIZE"].get("value") == "0.1"
    outputs = {one.get("utype") for name, one in params.items() if name.startswith("OUTPUT:")}
    assert outputs >= MANDATORY | RECOMMENDED
    assert "<TR>" not in answer.text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"REQUEST": "getTarget"}, "REQUEST='getTarget' is not what SSA does here"),
        ({"POS": "1"}, "POS='1' is no position."),
        ({"POS": "1,2;GALACTIC"}, "the frame 'GALACTIC' is not known"),
        ({"POS": "1,2", "SIZE": "-1"}, "SIZE='-1' is no diameter"),
        ({"BAND": "V"}, "BAND: 'V' is not a number."),
        ({"BAND": "2e-6/1e-6"}, "ends before it begins"),
        ({"BAND": "1e-6/2e-6;source"}, "frame of the source"),
        ({"BAND": "1e-6,,2e-6"}, "has an empty range"),
        ({"BAND": "/"}, "has an empty range"),
        ({"TIME": "yesterday"}, "TIME: 'yesterday' is no date"),
        ({"TIME": "2022-02-30"}, "TIME: '2022-02-30' is no date"),
        ({"TIME": "0000"}, "TIME: '0000' is no date"),
        ({"TIME": "9999"}, "TIME: '9999' is no date"),
        ({"TIME": "2024/2022"}, "ends before it begins"),
        ({"SPECRP": "-1"}, "SPECRP='-1' is not a number from 0 on."),
        ({"SPECRP": "inf"}, "SPECRP='inf' is not a number from 0 on."),
        ({"SPATRES": "fine"}, "SPATRES: 'fine' is not a number."),
        ({"FORMAT": "nice"}, "FORMAT='nice' is no format"),
        ({"TOP": "few"}, "TOP='few' is not a number of rows."),
        ({"PUBDID": ["a", "b"]}, "PUBDID was given 2 times"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_votable(
    ask: Ask, parameters: dict[str, str | list[str]], said: str
) -> None:
    answer = ask("GET", "/ssa", params={"REQUEST": "queryData", **parameters})
    assert answer.status_code == 400
    ((status, text),) = infos(answer.content, "QUERY_STATUS")
    assert status == "ERROR"
    assert said in str(text)
    assert infos(answer.content, "SERVICE_PROTOCOL") == [("1.1", "SSAP")]


def test_pyvo_finds_spectra(served: str) -> None:
    service = pyvo.dal.SSAService(f"{served}/ssa")
    spectra = service.search(pos=(110.8, -73.5), diameter=0.1, band=(1e-6, 2e-6), format="all")
    assert len(spectra) > 0
    spectrum = spectra[0]
    assert spectrum.getdataurl().startswith("http")
    assert "SMACS" in spectrum.title or "Étoile" in spectrum.title
    assert 110 < spectrum.ra < 112
    assert spectrum.format == "application/fits"


def test_what_the_service_is_is_declared(ask: Ask) -> None:
    answer = ask("GET", "/ssa/capabilities")
    assert_valid(answer.content)
    assert 'standardID="ivo://ivoa.net/std/SSA"' in answer.text
    assert ':SimpleSpectralAccess"' in answer.text
    assert "available>true<" in ask("GET", "/ssa/availability").text
