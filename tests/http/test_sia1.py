"""SIA 1.0, as DS9, Aladin, pyvo and plain HTTP ask."""

import json
from collections.abc import Callable

import httpx
import pytest
import pyvo
from lxml import etree

from tests.http.standards import assert_valid
from tests.http.votables import VOTABLE, assert_valid_votable, infos

Ask = Callable[..., httpx.Response]
REQUIRED = {
    "VOX:Image_Title": ("char", "*"),
    "POS_EQ_RA_MAIN": ("double", None),
    "POS_EQ_DEC_MAIN": ("double", None),
    "VOX:Image_Naxes": ("int", None),
    "VOX:Image_Naxis": ("int", "*"),
    "VOX:Image_Scale": ("double", "*"),
    "VOX:Image_Format": ("char", "*"),
    "VOX:Image_AccessReference": ("char", "*"),
}
# The middle of an image of 0.1 by 0.04 degrees in the catalogue, with others beside and around it.
CENTRE = "110.8,-73.5"


def found(ask: Ask, **parameters: str) -> set[str]:
    """The publisher's identifiers of what is found."""
    answer = ask("GET", "/sia1", params={**parameters, "RESPONSEFORMAT": "json"})
    assert answer.status_code == 200, answer.text
    document = json.loads(answer.text)
    place = [column["name"] for column in document["metadata"]].index("publisherDID")
    return {row[place] for row in document["data"]}


def by_adql(query: Ask, condition: str) -> set[str]:
    adql = f"SELECT obs_publisher_did FROM ivoa.ObsCore WHERE dataproduct_type = 'image' AND {condition}"
    return {row[0] for row in json.loads(query(adql, FORMAT="json").text)["data"]}


@pytest.mark.parametrize(
    ("size", "intersect", "condition"),
    [
        ("0.05", None, "1 = INTERSECTS(s_region, BOX(110.8, -73.5, 0.05, 0.05))"),
        ("0.05,0.01", "OVERLAPS", "1 = INTERSECTS(s_region, BOX(110.8, -73.5, 0.05, 0.01))"),
        ("0.008,0.02", "COVERS", "1 = CONTAINS(BOX(110.8, -73.5, 0.008, 0.02), s_region)"),
        ("0.12", "ENCLOSED", "1 = CONTAINS(s_region, BOX(110.8, -73.5, 0.12, 0.12))"),
        ("0.12", "center", "1 = CONTAINS(POINT(110.8, -73.5), s_region)"),
        ("0", None, "1 = CONTAINS(POINT(110.8, -73.5), s_region)"),
        ("0,0", "COVERS", "1 = CONTAINS(POINT(110.8, -73.5), s_region)"),
        ("0.1,0", None, "1 = INTERSECTS(s_region, BOX(110.8, -73.5, 0.1, 1e-6))"),
    ],
)
def test_regions_find_what_their_adql_finds(
    ask: Ask, query: Ask, size: str, intersect: str | None, condition: str
) -> None:
    parameters = {"POS": CENTRE, "SIZE": size} | ({"INTERSECT": intersect} if intersect else {})
    everything = by_adql(query, "1 = 1")
    assert found(ask, **parameters) == by_adql(query, condition)
    assert 0 < len(found(ask, **parameters)) < len(everything)


def test_a_point_encloses_no_image_and_the_whole_sky_all(ask: Ask, query: Ask) -> None:
    assert found(ask, POS=CENTRE, SIZE="0", INTERSECT="ENCLOSED") == set()
    assert found(ask, POS="290,73", SIZE="360,180") == by_adql(query, "1 = 1")


def test_ds9_asks_by_post(ask: Ask) -> None:
    asked = {"POS": CENTRE, "SIZE": "0.1,0.1", "FORMAT": "image/fits"}
    answer = ask("POST", "/sia1", data=asked, headers={"User-Agent": "ds9"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<TABLEDATA>\n<TR>" in answer.text
    # Aladin knows an answer of SIA by this text.
    assert 'ucd="VOX:Image_Title"' in answer.text


def test_an_answer_has_each_required_column_once(ask: Ask) -> None:
    answer = ask("GET", "/sia1", params={"POS": CENTRE, "SIZE": "0.1", "VERB": "0"})
    fields = list(etree.fromstring(answer.content).iter(f"{VOTABLE}FIELD"))
    assert {str(one.get("ucd")): (one.get("datatype"), one.get("arraysize")) for one in fields} == REQUIRED
    assert len(fields) == len(REQUIRED)
    assert [one.get("name") for one in fields if one.get("ref") == "frame_icrs"] == [
        "position_center_ra",
        "position_center_dec",
    ]
    assert_valid_votable(answer.content)


def test_verbosity_says_how_many_columns(ask: Ask) -> None:
    counts = []
    for verbosity in ("0", "1", "3"):
        answer = ask("GET", "/sia1", params={"POS": CENTRE, "SIZE": "0", "VERB": verbosity})
        counts.append(answer.text.count("<FIELD"))
    assert counts[0] == 8 < counts[1] < counts[2] == 23


@pytest.mark.parametrize("form", ["METADATA", "metadata"])
def test_the_service_describes_itself(ask: Ask, form: str) -> None:
    answer = ask("GET", "/sia1", params={"FORMAT": form})
    document = etree.fromstring(answer.content)
    resource = document.find(f"{VOTABLE}RESOURCE")
    assert resource is not None
    params = {str(one.get("name")): one for one in resource.iterfind(f"{VOTABLE}PARAM")}
    assert set(params) >= {"INPUT:POS", "INPUT:SIZE", "INPUT:FORMAT", "INPUT:INTERSECT", "INPUT:VERB"}
    options = {one.get("value") for one in params["INPUT:INTERSECT"].iter(f"{VOTABLE}OPTION")}
    assert options == {"COVERS", "ENCLOSED", "CENTER", "OVERLAPS"}
    assert {field.get("ucd") for field in document.iter(f"{VOTABLE}FIELD")} >= set(REQUIRED)
    assert infos(answer.content, "QUERY_STATUS") == [("OK", None)]
    assert "<TR>" not in answer.text
    assert_valid_votable(answer.content)


@pytest.mark.parametrize(
    ("form", "some"),
    [
        ("ALL", True),
        ("image/fits", True),
        ("application/fits", True),
        ("fits,png", True),
        ("IMAGE/FITS,image/jpeg", True),
        ("GRAPHIC", False),
        ("graphic-all", False),
        ("GRAPHIC-jpeg,png", False),
        ("image/png,ALL", True),
        ("image/x-unheard-of", False),
    ],
)
def test_formats_choose_images(ask: Ask, form: str, some: bool) -> None:
    assert bool(found(ask, POS=CENTRE, SIZE="0.1", FORMAT=form)) is some


def test_wishes_for_images_to_be_made_change_nothing(ask: Ask) -> None:
    wishes = {"NAXIS": "512,512", "CFRAME": "FK5", "EQUINOX": "2000", "CRPIX": "256,256", "CRVAL": "1,2",
              "CDELT": "0.1", "ROTANG": "10", "PROJ": "TAN", "SURVEY": "x"}  # fmt: skip
    assert found(ask, POS=CENTRE, SIZE="0.1", **wishes) == found(ask, POS=CENTRE, SIZE="0.1")


def test_more_rows_than_are_wanted_are_told_of(ask: Ask) -> None:
    answer = ask("GET", "/sia1", params={"POS": CENTRE, "SIZE": "0.1", "MAXREC": "1"})
    assert answer.text.count("<TR>") == 1
    assert 'value="OVERFLOW"' in answer.text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"SIZE": "1"}, "POS is missing."),
        ({"POS": "1,2"}, "SIZE is missing."),
        ({"POS": "1", "SIZE": "1"}, "POS='1' is no position."),
        ({"POS": "1 2", "SIZE": "1"}, "POS: '1 2' is not a number."),
        ({"POS": "M31", "SIZE": "1"}, "POS: 'M31' is not a number."),
        ({"POS": "1,91", "SIZE": "1"}, "the latitude 91 is not between"),
        ({"POS": "inf,1", "SIZE": "1"}, "the longitude inf is not between"),
        ({"POS": "1,2;GALACTIC", "SIZE": "1"}, "the frame 'GALACTIC' is not known"),
        ({"POS": "1,2", "SIZE": "-1"}, "SIZE='-1' is neither"),
        ({"POS": "1,2", "SIZE": "1,2,3"}, "SIZE='1,2,3' is neither"),
        ({"POS": "1,2", "SIZE": "+inf"}, "SIZE='+inf' is neither"),
        ({"POS": "1,2", "SIZE": "1", "INTERSECT": "NEAR"}, "INTERSECT='NEAR' is none"),
        ({"POS": "1,2", "SIZE": "1", "FORMAT": "nice"}, "FORMAT='nice' is no format"),
        ({"POS": "1,2", "SIZE": "1", "VERB": "9"}, "VERB='9' is none"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_status(ask: Ask, parameters: dict[str, str], said: str) -> None:
    answer = ask("GET", "/sia1", params=parameters)
    assert answer.status_code == 400
    ((status, text),) = infos(answer.content, "QUERY_STATUS")
    assert status == "ERROR"
    assert said in str(text)


def test_pyvo_finds_images(served: str) -> None:
    service = pyvo.dal.SIAService(f"{served}/sia1")
    images = service.search(pos=(110.8, -73.5), size=0.05, format="image/fits", intersect="overlaps")
    assert len(images) > 0
    image = images[0]
    assert image.title
    assert image.getdataurl().startswith("http")
    assert image.format == "image/fits"
    assert image.naxes == 2
    assert 110 < image.pos.ra.deg < 112


def test_what_the_service_is_is_declared(ask: Ask) -> None:
    answer = ask("GET", "/sia1/capabilities")
    assert_valid(answer.content)
    assert 'standardID="ivo://ivoa.net/std/SIA"' in answer.text
    assert 'xsi:type="sia:SimpleImageAccess"' in answer.text
    assert "available>true<" in ask("GET", "/sia1/availability").text
