"""TAP uploads through real clients: tables that come with a query, by part of the form and by URL."""

from collections.abc import Callable

import httpx
import pytest
import pyvo
from astropy import units
from astropy.table import Table
from pyvo.dal import TAPService


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
