"""TAP uploads through real clients: tables that come with a query, by part of the form and by URL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlencode

import httpx
import pytest
import pyvo
from astropy import units
from astropy.table import Table
from lxml import etree
from pyvo.dal import TAPService

from voserver.settings import Settings


@pytest.fixture(scope="module")
def tap(served: str) -> TAPService:
    return pyvo.dal.TAPService(f"{served}/tap")


Bring = Callable[..., httpx.Response]


@pytest.fixture
def bring(ask: Callable[..., httpx.Response]) -> Bring:
    """Run a query with a table that is called `t`: `bring("SELECT …", content)`."""

    def send(query: str, content: bytes, **parameters: str) -> httpx.Response:
        data = {"LANG": "ADQL", "QUERY": query, "UPLOAD": "t,param:t", "FORMAT": "csv", **parameters}
        return ask("POST", "/tap/sync", data=data, files={"t": ("t", content)})

    return send


@pytest.fixture
def positions() -> Table:
    table = Table({"name": ["a", "b"], "ra": [110.6, 110.7] * units.deg, "dec": [-73.5, -73.48] * units.deg})
    table["ra"].info.meta = {"ucd": "pos.eq.ra;meta.main"}
    return table


def test_an_uploaded_table_comes_back(tap: TAPService, positions: Table) -> None:
    found = tap.run_sync(
        "SELECT * FROM TAP_UPLOAD.mine ORDER BY name", uploads={"mine": positions}
    ).to_table()
    assert found.colnames == ["name", "ra", "dec"]
    assert list(found["name"]) == ["a", "b"]
    assert list(found["ra"]) == [110.6, 110.7]
    assert found["ra"].unit == units.deg


def test_an_uploaded_table_is_matched_with_the_catalogue(tap: TAPService, positions: Table) -> None:
    found = tap.run_sync(
        "SELECT t.name, COUNT(*) AS n FROM ivoa.ObsCore AS o JOIN TAP_UPLOAD.mine AS t"
        " ON 1=CONTAINS(POINT(t.ra, t.dec), o.s_region) GROUP BY t.name ORDER BY t.name",
        uploads={"mine": positions},
    )
    assert [row["name"] for row in found] == ["a", "b"]
    assert all(0 < row["n"] < 60 for row in found)


def votable(fields: str, *rows: tuple[str, ...]) -> bytes:
    """A VOTable of the fields (`name datatype arraysize xtype`, with commas between) and rows."""
    columns = ""
    for words in fields.split(","):
        pairs = zip(("name", "datatype", "arraysize", "xtype"), words.split(), strict=False)
        attributes = [f"{key}='{value}'" for key, value in pairs if value != "-"]
        columns += f"<FIELD {' '.join(attributes)}/>"
    cells = "".join(f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in row)}</TR>" for row in rows)
    return (
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>'
        f"{columns}<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode()


SHAPES = votable(
    "id int,p double 2 point,c float 3 circle,o double * polygon,r char * adql:REGION",
    (
        "1",
        "110.7 -73.49",
        "110.7 -73.49 0.1",
        "110 -74 111 -74 111 -73 110 -73",
        "Circle ICRS 110.7 -73.49 0.1",
    ),
    ("2", "NaN NaN", "10 10 1", "10 10 11 10 11 11", ""),
)


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("1=CONTAINS(t.p, o.s_region)", [1]),
        ("1=CONTAINS(POINT(o.s_ra, o.s_dec), t.c)", [1]),
        ("1=CONTAINS(POINT(o.s_ra, o.s_dec), t.o)", [1]),
        ("1=INTERSECTS(t.r, o.s_region)", [1]),
        ("DISTANCE(t.p, POINT(o.s_ra, o.s_dec)) < 0.05", [1]),
        ("1=CONTAINS(t.p, CIRCLE(o.s_ra, o.s_dec, 1))", [1]),
    ],
)
def test_uploaded_shapes_are_shapes(bring: Bring, condition: str, matches: list[int]) -> None:
    query = f"SELECT DISTINCT t.id FROM ivoa.ObsCore AS o JOIN TAP_UPLOAD.t AS t ON {condition}"
    assert bring(query, SHAPES).text.split() == ["id", *map(str, matches)]


def test_measures_of_uploaded_shapes(bring: Bring) -> None:
    query = "SELECT COORD1(p) AS a, AREA(o) AS b, COORD2(CENTROID(c)) AS c FROM TAP_UPLOAD.t WHERE id = 1"
    _, row = bring(query, SHAPES).text.split()
    assert [float(number) for number in row.split(",")] == pytest.approx([110.7, 0.28, -73.49], abs=0.01)


TYPES = votable(
    "b boolean,ub unsignedByte,bit bit,s short,i int,l long,f float,d double,c char *,c5 char 5,u unicodeChar *,"
    "fa float 2x2,ia int *,ba boolean 3,bits bit 4,fc floatComplex,dc doubleComplex *,t char * timestamp,"
    "iv double 2 interval,uu char 36 uuid",
    (
        "T", "0xFF", "1", "-5", "+7", "9223372036854775807", "1.5", "-Inf", "&lt;é☄&gt;", "abcde", "☄", "1 2 3 4", "1 2",
        "T F ?", "1010", "1 2", "1 2 3 4", "2024-01-02T03:04:05.678Z", "1 2", "12470c55-199c-4a88-9285-81bdc0333b98",
    ),
    ("",) * 20,
)  # fmt: skip
BACK = {
    "b": ("boolean", None, "true"), "ub": ("short", None, "255"), "bit": ("boolean", None, "true"),
    "s": ("short", None, "-5"), "i": ("int", None, "7"), "l": ("long", None, "9223372036854775807"),
    "f": ("float", None, "1.5"), "d": ("double", None, "-Inf"), "c": ("char", "*", "<é☄>"),
    "c5": ("char", "5", "abcde"), "u": ("char", "*", "☄"), "fa": ("float", "2x2", "1 2 3 4"),
    "ia": ("int", "*", "1 2"), "ba": ("boolean", "3", "true false ?"),
    "bits": ("boolean", "4", "true false true false"), "fc": ("float", "2", "1 2"),
    "dc": ("double", "2x*", "1 2 3 4"), "t": ("char", "*", "2024-01-02T03:04:05.678"), "iv": ("double", "2", "1 2"),
    "uu": ("char", "36", "12470c55-199c-4a88-9285-81bdc0333b98"),
}  # fmt: skip


def test_every_type_of_votable_comes_back(bring: Bring) -> None:
    root = etree.fromstring(bring("SELECT * FROM TAP_UPLOAD.t", TYPES, FORMAT="votable").content)
    fields = list(root.iter("{*}FIELD"))
    first, second = ([cell.text for cell in row] for row in root.iter("{*}TR"))
    found = {
        str(field.get("name")): (field.get("datatype"), field.get("arraysize"), cell)
        for field, cell in zip(fields, first, strict=True)
    }
    assert found == BACK
    assert {cell for cell in second if cell} <= {"NaN NaN", "NaN NaN NaN NaN"}
    assert [field.get("xtype") for field in fields if field.get("xtype")] == ["timestamp", "interval", "uuid"]


def test_uploaded_uuids_and_times_are_compared_as_such(bring: Bring) -> None:
    content = votable(
        "id char 36 uuid,t char * timestamp",
        ("12470C55-199C-4A88-9285-81BDC0333B98", "2024-01-02T03:04:05.5"),
    )
    query = (
        "SELECT t FROM TAP_UPLOAD.t WHERE id = '12470c55-199c-4a88-9285-81bdc0333b98'"
        " AND t > '2024-01-02' AND t < '2024-01-02T03:04:06'"
    )
    assert bring(query, content).text.split() == ["t", "2024-01-02T03:04:05.500"]


def test_several_tables_come_with_one_query(ask: Callable[..., httpx.Response]) -> None:
    data = {
        "LANG": "ADQL",
        "QUERY": "SELECT a.x, b.x AS y FROM TAP_UPLOAD.one AS a, tap_upload.TWO AS b",
        "UPLOAD": ["one,param:p1", "two,param:p2"],
        "FORMAT": "csv",
    }
    files = {"p1": ("p1", b"x\n1\n"), "p2": ("p2", b"x\n2\n")}
    assert ask("POST", "/tap/sync", data=data, files=files).text.split() == ["x,y", "1,2"]
    data["UPLOAD"] = "one,param:p1;two,param:p2"
    assert ask("POST", "/tap/sync", data=data, files=files).text.split() == ["x,y", "1,2"]


def test_a_part_without_a_file_name_is_a_table_too(ask: Callable[..., httpx.Response]) -> None:
    data = {"LANG": "ADQL", "QUERY": "SELECT * FROM TAP_UPLOAD.t", "UPLOAD": "t,param:Text", "FORMAT": "csv"}
    sent = {**data, "Text": "x\n1\n"}
    assert ask("POST", "/tap/sync", data=sent).text.split() == ["x", "1"]


def test_the_release_rule_holds_for_what_is_matched(bring: Bring) -> None:
    everything = "obsid\n" + "\n".join(f"{number:032x}" for number in range(3))
    answer = bring("SELECT COUNT(*) AS n FROM caom2.Plane AS p, TAP_UPLOAD.t AS t", everything.encode())
    visible = bring("SELECT COUNT(*) AS n FROM caom2.Plane", b"x\n1\n")
    assert int(answer.text.split()[1]) == 3 * int(visible.text.split()[1])


WRONG: list[tuple[str, str, bytes, str]] = [
    ("t", "SELECT * FROM TAP_UPLOAD.t", b"", "not a name and where the table is"),
    ("t,", "SELECT 1 AS x FROM TAP_UPLOAD.t", b"", "not a name and where the table is"),
    ("t,param:other", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "in the part 'other' of the form"),
    ("my table,param:t", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "no name for a table"),
    ("select,param:t", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "a word of ADQL's own"),
    ("t,param:t;T,param:t", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "two tables T"),
    ("t,file:///etc/passwd", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "which is not read here"),
    ("t,http://127.0.0.1:1/", "SELECT * FROM TAP_UPLOAD.t", b"a\n1\n", "not public"),
    ("t,param:t", "SELECT * FROM TAP_UPLOAD.t", b"<!DOCTYPE VOTABLE><VOTABLE/>", "document type"),
    ("t,param:t", "SELECT * FROM TAP_UPLOAD.t", b"", "t: The uploaded file is empty"),
    ("t,param:t", "SELECT * FROM TAP_UPLOAD.other", b"a\n1\n", "Did you mean TAP_UPLOAD.t"),
    ("t,param:t", "SELECT b FROM TAP_UPLOAD.t", b"a\n1\n", "There is no column b"),
    ("t,param:t", "SELECT 1/a AS x FROM TAP_UPLOAD.t", b"a\n0\n", "divides by zero"),
    ("t,param:t", "SELECT * FROM TAP_UPLOAD.t", b"a\n" + b"1\n" * 2_000_000, "more than 1,000,000 rows"),
]


@pytest.mark.parametrize(("upload", "query", "content", "words"), WRONG)
def test_what_is_wrong_is_told(bring: Bring, upload: str, query: str, content: bytes, words: str) -> None:
    answer = bring(query, content, UPLOAD=upload)
    assert answer.status_code == 400
    assert words in answer.text


def test_files_larger_than_the_limit_are_refused_as_they_come(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> None:
    data = {"LANG": "ADQL", "QUERY": "SELECT * FROM TAP_UPLOAD.t", "UPLOAD": "t,param:t", "FORMAT": "csv"}
    with serve(site_settings.model_copy(update={"upload_bytes": 10_000})) as url:
        small, large = (
            httpx.post(f"{url}/tap/sync", data=data, files={"t": ("t", b"a\n" + b"1\n" * rows)})
            for rows in (10, 5000)
        )
    assert (small.status_code, large.status_code) == (200, 413)
    assert "larger than 10,000 bytes" in large.text


def test_a_table_is_fetched_from_where_the_operator_allows_it(
    site_settings: Settings, served: str, serve: Callable[[Settings], AbstractContextManager[str]]
) -> None:
    there = f"{served}/tap/sync?" + urlencode(
        {"LANG": "ADQL", "QUERY": "SELECT TOP 3 obs_id FROM ivoa.ObsCore"}
    )
    asked = {
        "LANG": "ADQL",
        "QUERY": "SELECT COUNT(*) AS n FROM TAP_UPLOAD.t",
        "UPLOAD": f"t,{there}",
        "FORMAT": "csv",
    }
    with serve(site_settings.model_copy(update={"upload_hosts": "127.0.0.0/8"})) as url:
        assert httpx.get(f"{url}/tap/sync", params=asked).text.split() == ["n", "3"]
        asked["UPLOAD"] = f"t,{served}/nothing"
        assert "answered with the status 404" in httpx.get(f"{url}/tap/sync", params=asked).text
    assert "not public" in httpx.get(f"{served}/tap/sync", params=asked).text
