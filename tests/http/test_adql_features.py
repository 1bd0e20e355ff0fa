"""What `/tap/capabilities` declares of ADQL's optional features works, each by a query and its rows.

A feature that is declared and has no query here fails, so that a new one gets one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
Serve = Callable[[Settings], Any]

USER_FUNCTIONS = "features-udf"
EXTENSIONS = "extra-adql-keywords"

# Observations 20, 21, … lie at right ascension 110.6, 110.62, … and declination -73.48; footprints reach 0.05 by 0.02.
QUERIES: dict[tuple[str, str], tuple[str, list[list[Any]]]] = {
    ("features-adqlgeo", "POINT"): (
        "SELECT POINT(s_ra, s_dec) FROM ivoa.ObsCore WHERE obs_id = 'jw02738020'",
        [[[110.6, -73.48]]],
    ),
    ("features-adqlgeo", "CIRCLE"): (
        (
            "SELECT obs_id, CIRCLE(s_ra, s_dec, 0.5) FROM ivoa.ObsCore"
            " WHERE 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE('ICRS', 110.601, -73.48, 0.001))"
        ),
        [["jw02738020", [110.6, -73.48, 0.5]]],
    ),
    ("features-adqlgeo", "POLYGON"): (
        (
            "SELECT obs_id FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(s_ra, s_dec),"
            " POLYGON(110.59, -73.49, 110.63, -73.49, 110.63, -73.47, 110.59, -73.47)) ORDER BY obs_id"
        ),
        [["jw02736021"], ["jw02738020"]],
    ),
    ("features-adqlgeo", "BOX"): (
        (
            "SELECT obs_id FROM ivoa.ObsCore"
            " WHERE 1 = CONTAINS(POINT(s_ra, s_dec), BOX(110.6, -73.48, 0.02, 0.02)) ORDER BY obs_id"
        ),
        [["jw02736021"], ["jw02738020"]],
    ),
    ("features-adqlgeo", "REGION"): (
        (
            "SELECT obs_id FROM ivoa.ObsCore"
            " WHERE 1 = CONTAINS(POINT(s_ra, s_dec), REGION('Circle ICRS 110.6 -73.48 0.001'))"
        ),
        [["jw02738020"]],
    ),
    ("features-adqlgeo", "CENTROID"): (
        "SELECT CENTROID(CIRCLE(s_ra, s_dec, 1)) FROM ivoa.ObsCore WHERE obs_id = 'jw02738020'",
        [[[110.6, -73.48]]],
    ),
    # A hemisphere, and a half of it.
    ("features-adqlgeo", "AREA"): (
        "SELECT TOP 1 AREA(CIRCLE(s_ra, s_dec, 90)), AREA(CIRCLE(0, 0, 60)) FROM ivoa.ObsCore",
        [[20626.480624709636, 10313.240312354818]],
    ),
    ("features-adqlgeo", "COORD1"): (
        (
            "SELECT obs_id, COORD1(POINT(s_ra, s_dec)) FROM ivoa.ObsCore WHERE COORD1(POINT(s_ra, s_dec)) > 110.97"
            " ORDER BY obs_id"
        ),
        [["jw02736039", 110.98], ["jw02737019", 110.98], ["jw02738059", 110.98]],
    ),
    ("features-adqlgeo", "COORD2"): (
        "SELECT obs_id, COORD2(POINT(s_ra, s_dec)) FROM ivoa.ObsCore WHERE COORD2(POINT(s_ra, s_dec)) > -73.45",
        [["jw02736060", -73.44]],
    ),
    ("features-adqlgeo", "COORDSYS"): (
        "SELECT TOP 1 COORDSYS(s_region), COORDSYS(POINT('ICRS', s_ra, s_dec)) FROM ivoa.ObsCore",
        [["ICRS", "ICRS"]],
    ),
    ("features-adqlgeo", "DISTANCE"): (
        (
            "SELECT obs_id, DISTANCE(POINT(s_ra, s_dec), POINT(110.6, -73.47)), DISTANCE(0, 0, 0, s_dec)"
            " FROM ivoa.ObsCore WHERE DISTANCE(s_ra, s_dec, 110.6, -73.47) < 0.0101 ORDER BY obs_id"
        ),
        [["jw02737040", 0.01, 73.46], ["jw02738020", 0.01, 73.48]],
    ),
    ("features-adqlgeo", "CONTAINS"): (
        (
            "SELECT CONTAINS(POINT(110.601, -73.475), s_region) AS inside, COUNT(*) AS n FROM ivoa.ObsCore"
            " WHERE s_ra < 110.69 GROUP BY CONTAINS(POINT(110.601, -73.475), s_region) ORDER BY 1"
        ),
        [[0, 9], [1, 6]],
    ),
    ("features-adqlgeo", "INTERSECTS"): (
        "SELECT obs_id FROM ivoa.ObsCore WHERE 1 = INTERSECTS(s_region, CIRCLE(110.546, -73.497, 0.0015))",
        [["jw02738020"]],
    ),
    ("features-adql-string", "LOWER"): (
        "SELECT DISTINCT LOWER(target_name) FROM ivoa.ObsCore WHERE LOWER(target_name) LIKE 'smacs%'",
        [["smacs j0723.3-7327"]],
    ),
    ("features-adql-string", "UPPER"): (
        "SELECT DISTINCT UPPER(dataproduct_type) AS x FROM ivoa.ObsCore ORDER BY x",
        [["IMAGE"], ["SPECTRUM"]],
    ),
    ("features-adql-string", "ILIKE"): (
        "SELECT COUNT(*) FROM ivoa.ObsCore WHERE target_name ILIKE 'smacs j____._-%' AND target_name NOT LIKE 'smacs%'",
        [[30]],
    ),
    ("features-adql-common-table", "WITH"): (
        (
            "WITH kept (best, counted) AS (SELECT calib_level, COUNT(*) FROM ivoa.ObsCore GROUP BY calib_level)"
            " SELECT MAX(best), SUM(k.counted) FROM kept AS k"
        ),
        [[3, 60]],
    ),
    ("features-adql-sets", "UNION"): (
        "SELECT calib_level AS x FROM ivoa.ObsCore UNION SELECT calib_level + 2 FROM ivoa.ObsCore ORDER BY x",
        [[1], [2], [3], [4], [5]],
    ),
    ("features-adql-sets", "EXCEPT"): (
        "SELECT calib_level FROM ivoa.ObsCore EXCEPT SELECT 3 - calib_level FROM ivoa.ObsCore",
        [[3]],
    ),
    ("features-adql-sets", "INTERSECT"): (
        "SELECT calib_level AS x FROM ivoa.ObsCore INTERSECT SELECT 3 - calib_level FROM ivoa.ObsCore ORDER BY x",
        [[1], [2]],
    ),
    ("features-adql-type", "CAST"): (
        (
            "SELECT CAST('2.75' AS DOUBLE PRECISION), CAST(2.6 AS INTEGER), CAST(calib_level AS VARCHAR),"
            " CAST('abcdef' AS CHAR(3)), CAST('2024-07-01' AS TIMESTAMP), CAST('1.5 2' AS POINT)"
            " FROM ivoa.ObsCore WHERE obs_id = 'jw02738020'"
        ),
        [[2.75, 3, "3", "abc", "2024-07-01T00:00:00", [1.5, 2.0]]],
    ),
    ("features-adql-unit", "IN_UNIT"): (
        "SELECT IN_UNIT(s_fov, 'arcmin'), IN_UNIT(t_exptime, 'h') FROM ivoa.ObsCore WHERE obs_id = 'jw02738020'",
        [[3.0, 0.5583333333333333]],
    ),
    ("features-adql-conditional", "COALESCE"): (
        "SELECT obs_id, COALESCE(em_min, -1) FROM ivoa.ObsCore WHERE COALESCE(em_min, -1) < 0",
        [["jw02737007", -1.0]],
    ),
    ("features-adql-offset", "OFFSET"): (
        "SELECT TOP 2 t_exptime FROM ivoa.ObsCore ORDER BY t_exptime OFFSET 4",
        [[502.5], [603.0]],
    ),
    (EXTENSIONS, "CASE"): (
        (
            "SELECT CASE WHEN em_min IS NULL THEN 'none' ELSE 'some' END AS x, COUNT(*) FROM ivoa.ObsCore"
            " GROUP BY CASE WHEN em_min IS NULL THEN 'none' ELSE 'some' END ORDER BY x"
        ),
        [["none", 1], ["some", 59]],
    ),
    (EXTENSIONS, "CROSS JOIN"): (
        "SELECT COUNT(*) FROM ivoa.ObsCore CROSS JOIN (SELECT DISTINCT calib_level AS x FROM ivoa.ObsCore) AS levels",
        [[180]],
    ),
    (EXTENSIONS, "NULLIF"): (
        "SELECT COUNT(NULLIF(calib_level, 2)), COUNT(calib_level) FROM ivoa.ObsCore",
        [[40, 60]],
    ),
}


def declared(capabilities: bytes) -> list[tuple[str, str]]:
    """Each feature of the language: its type without what they all begin with, and its form."""
    return [
        (str(features.get("type")).partition("#")[2], str(form.text))
        for features in etree.fromstring(capabilities).iter("languageFeatures")
        for form in features.iter("form")
    ]


@pytest.fixture
def features(ask: Ask) -> list[tuple[str, str]]:
    return declared(ask("GET", "/tap/capabilities").content)


def test_every_feature_that_is_declared_is_asked_for_here(features: list[tuple[str, str]]) -> None:
    assert [feature for feature in features if feature[0] != USER_FUNCTIONS] == list(QUERIES)


def test_every_user_defined_function_that_is_declared_is_called_somewhere(
    features: list[tuple[str, str]],
) -> None:
    files = ("test_functions.py", "test_object_names.py")
    texts = [(Path(__file__).parent / file).read_text(encoding="utf-8") for file in files]
    names = [form.partition("(")[0] for kind, form in features if kind == USER_FUNCTIONS]
    assert len(set(names)) > 10
    assert [name for name in names if not any(f"{name}(" in text for text in texts)] == []


@pytest.mark.parametrize(("adql", "rows"), QUERIES.values(), ids=[f"{kind} {form}" for kind, form in QUERIES])
def test_a_declared_feature_gives_its_rows(query: Ask, adql: str, rows: list[list[Any]]) -> None:
    answer = query(adql, FORMAT="json")
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    assert len(found) == len(rows)
    for row, wanted in zip(found, rows, strict=True):
        assert [pytest.approx(value) if isinstance(value, float | list) else value for value in wanted] == row


def test_features_beyond_the_standard_are_neither_declared_nor_understood_once_switched_off(
    serve: Serve, site_settings: Settings
) -> None:
    with serve(site_settings.model_copy(update={"adql_extensions": False})) as url:
        features = declared(httpx.get(f"{url}/tap/capabilities").content)
        wanted = [feature for feature in QUERIES if feature[0] != EXTENSIONS]
        assert [feature for feature in features if feature[0] != USER_FUNCTIONS] == wanted
        for (kind, form), (adql, _) in QUERIES.items():
            answer = httpx.post(f"{url}/tap/sync", data={"LANG": "ADQL", "QUERY": adql})
            assert answer.status_code == (400 if kind == EXTENSIONS else 200), form
