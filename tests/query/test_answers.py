import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from voserver.model.errors import QueryError, UsageError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql

Ask = Callable[..., Any]

CONE = "1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 110.8, -73.5, 0.03))"


def one(ask: Ask, expression: str) -> object:
    answer = ask(f"SELECT TOP 1 {expression} AS x FROM ivoa.ObsCore")
    return answer.rows[0][0]


def test_every_published_column_arrives_with_its_type(ask: Ask, published: Tables) -> None:
    for table in published:
        ask(f"SELECT TOP 3 * FROM {table.full_name}")


def test_top_five_observations(ask: Ask) -> None:
    answer = ask("SELECT TOP 5 * FROM ivoa.ObsCore")
    assert len(answer.rows) == 5
    assert not answer.overflow


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("1 + 2 * 3", 7),
        ("7 / 2", 3),
        ("7 / 2.", 3.5),
        ("-7 / 2", -3),
        ("5 - -3", 8),
        ("3 - (2 - 1) - 1", 1),
        ("ABS(-2)", 2.0),
        ("CEILING(1.2)", 2.0),
        ("FLOOR(-1.2)", -2.0),
        ("DEGREES(PI())", 180.0),
        ("RADIANS(180)", math.pi),
        ("EXP(1)", math.e),
        ("LOG(EXP(2))", 2.0),
        ("LOG10(1000)", 3.0),
        ("MOD(-7, 3)", -1.0),
        ("MOD(7.5, 2)", 1.5),
        ("POWER(2, 10)", 1024.0),
        ("SQRT(9)", 3.0),
        ("ROUND(2.5)", 3.0),
        ("ROUND(-2.5)", -3.0),
        ("ROUND(1234.567, 2)", 1234.57),
        ("ROUND(1234.567, -2)", 1200.0),
        ("TRUNCATE(-1.9)", -1.0),
        ("TRUNCATE(1234.567, 1)", 1234.5),
        ("ATAN2(1, 1)", math.pi / 4),
        ("COT(PI() / 4)", 1 / math.tan(math.pi / 4)),
        ("SIN(0) + COS(0) + TAN(0) + ASIN(0) + ACOS(1) + ATAN(0)", 1.0),
        ("LOWER('AbC') || UPPER('d')", "abcD"),
        ("'it''s'", "it's"),
        ("'a' || NULL", None),
        ("COALESCE(NULL, 2, 3.5)", 2.0),
        ("CAST('12' AS INTEGER) + 1", 13),
        ("CAST(2.6 AS SMALLINT)", 3),
        ("CAST('NaN' AS DOUBLE PRECISION)", None),
        ("CONTAINS(POINT(1, 2), CIRCLE(1, CAST('NaN' AS REAL), 1))", None),
        ("CAST(12.5 AS VARCHAR)", "12.5"),
        ("CAST('abcdef' AS CHAR(3))", "abc"),
        ("CAST('2024-07-01T12:00:00' AS TIMESTAMP)", dt.datetime(2024, 7, 1, 12)),  # noqa: DTZ001 -- UTC
        ("AREA(CIRCLE(10, 20, 1))", 2 * math.pi * (1 - math.cos(math.radians(1))) * math.degrees(1) ** 2),
        ("DISTANCE(0, 0, 0, 90)", 90.0),
        ("DISTANCE(POINT(359.5, 0), POINT(0.5, 0))", 1.0),
        ("COORD1(POINT(10, 20)) + COORD2(POINT('ICRS', 10, 20))", 30.0),
        ("COORDSYS(POINT(1, 2))", "ICRS"),
        ("CONTAINS(POINT(1, 2), CIRCLE(1, 2, 1))", 1),
        ("CONTAINS(POINT(5, 2), BOX(1, 2, 1, 1))", 0),
        ("INTERSECTS(CIRCLE(0, 0, 1), POLYGON(0, 0, 2, 0, 1, 1))", 1),
        ("INTERSECTS(REGION('Circle ICRS 10 10 1'), POINT(10, 10.5))", 1),
        ("POINT(10, 20)", [10.0, 20.0]),
        ("CIRCLE(POINT(10, 20), 3)", [10.0, 20.0, 3.0]),
        ("POLYGON(POINT(1, 2), POINT(3, 2), POINT(3, 4))", [1.0, 2.0, 3.0, 2.0, 3.0, 4.0]),
        ("REGION('Circle ICRS 10 20 1')", "Circle ICRS 10 20 1"),
        ("9223372036854775807", 9223372036854775807),
        ("1e300", 1e300),
    ],
)
def test_expressions_have_the_values_of_the_standard(ask: Ask, expression: str, wanted: object) -> None:
    found = one(ask, expression)
    assert found == (pytest.approx(wanted, rel=1e-9) if isinstance(wanted, float | list) else wanted)


def test_centroid_is_a_point(ask: Ask) -> None:
    answer = ask("SELECT TOP 1 CENTROID(CIRCLE(10, 20, 1)) AS middle FROM ivoa.ObsCore")
    assert answer.rows[0][0] == pytest.approx([10, 20])
    assert (answer.columns[0].xtype, answer.columns[0].arraysize) == ("point", "2")


def test_a_seed_gives_the_same_numbers_again(ask: Ask) -> None:
    text = "SELECT TOP 3 RAND(5) AS r FROM ivoa.ObsCore"
    first = [row[0] for row in ask(text).rows]
    assert first == [row[0] for row in ask(text).rows]
    assert len(set(first)) == 3
    assert all(0 <= number < 1 for number in first)


def test_a_backslash_is_no_escape_in_like(ask: Ask) -> None:
    assert one(ask, "COUNT(*)") == 60
    assert ask(r"SELECT COUNT(*) FROM ivoa.ObsCore WHERE 'a\b' LIKE 'a\%'").rows == [(60,)]
    assert ask(r"SELECT COUNT(*) FROM ivoa.ObsCore WHERE 'a%b' LIKE 'a\%b'").rows == [(0,)]


def test_an_instrument_is_found_with_and_without_its_mode(ask: Ask) -> None:
    def count(table: str, condition: str) -> object:
        return ask(f"SELECT COUNT(*) FROM {table} WHERE {condition}").rows[0][0]

    assert count("ivoa.ObsCore", "instrument_name = 'NIRCAM'") == 40
    assert count("ivoa.ObsCore", "'NIRCAM/IMAGE' = instrument_name") == 40
    assert count("ivoa.ObsCore", "instrument_name <> 'NIRCAM'") == 20
    assert count("ivoa.ObsCore", "instrument_name IN ('NIRCAM', 'NIRSPEC/MSA')") == 60
    assert count("ivoa.ObsCore", "instrument_name NOT IN ('NIRSPEC')") == 40
    assert count("ivoa.ObsCore", "instrument_name = 'NIR'") == 0
    assert count("ivoa.ObsCore", "instrument_name = 'nircam'") == 0
    assert count("jwst.product", "instrument = 'NIRCAM'") == 120
    assert count("jwst.product", "instrument = 'NIRCAM/IMAGE'") == 120
    assert count("jwst.product", "instrument_name = 'NIRCAM'") == 120
    assert count("caom2.Observation", "instrument_name = 'NIRSPEC'") == 20


def test_a_cone_gives_the_same_rows_in_every_form(ask: Ask) -> None:
    forms = [
        CONE,
        "CONTAINS(POINT(s_ra, s_dec), CIRCLE(110.8, -73.5, 0.03)) = 1",
        "0 <> CONTAINS(POINT(s_ra, s_dec), CIRCLE(POINT(110.8, -73.5), 0.03))",
        "NOT (0 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(110.8, -73.5, 0.03)))",
        "CONTAINS(POINT(s_ra, s_dec), CIRCLE(110.8, -73.5, 0.03)) > 0",
        "CONTAINS(POINT(110.8, -73.5), CIRCLE(s_ra, s_dec, 0.03)) = 1",
        "DISTANCE(POINT(s_ra, s_dec), POINT(110.8, -73.5)) <= 0.03",
        "0.03 >= DISTANCE(110.8, -73.5, s_ra, s_dec)",
        "DISTANCE(s_ra, s_dec, 110.8, -73.5) BETWEEN 0 AND 0.03",
        "1 = INTERSECTS(CIRCLE(110.8, -73.5, 0.03), POINT(s_ra, s_dec))",
    ]
    found = [ask(f"SELECT obs_id FROM ivoa.ObsCore WHERE {form} ORDER BY obs_id").rows for form in forms]
    assert len(found[0]) > 5
    assert all(rows == found[0] for rows in found)


def test_footprints_are_found_by_point_circle_and_polygon(ask: Ask) -> None:
    def count(condition: str) -> int:
        return int(ask(f"SELECT COUNT(*) FROM ivoa.ObsCore WHERE {condition}").rows[0][0])

    inside = count("1 = CONTAINS(POINT(110.801, -73.501), s_region)")
    assert inside == count("1 = INTERSECTS(POINT(110.801, -73.501), s_region)")
    assert inside == count("1 = INTERSECTS(s_region, POINT(110.801, -73.501))")
    assert 0 < inside < 60
    assert count("0 = CONTAINS(POINT(110.801, -73.501), s_region)") == 60 - inside
    assert count("1 = INTERSECTS(s_region, CIRCLE(110.8, -73.5, 20))") == 60
    assert count("1 = CONTAINS(s_region, BOX(110.8, -73.5, 20, 10))") == 60
    assert count("1 = INTERSECTS(POLYGON(0, 0, 1, 0, 1, 1), s_region)") == 0


def test_a_footprint_keeps_its_geometry_through_sub_queries(ask: Ask) -> None:
    text = "SELECT COUNT(*) FROM ({}) AS q WHERE 1 = CONTAINS(POINT(110.801, -73.501), q.s_region)"
    direct = ask(
        "SELECT COUNT(*) FROM ivoa.ObsCore WHERE 1 = CONTAINS(POINT(110.801, -73.501), s_region)"
    ).rows
    for inner in (
        "SELECT s_region FROM ivoa.ObsCore",
        "SELECT DISTINCT s_region, obs_id FROM ivoa.ObsCore",
        "SELECT s_region, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY s_region, obs_id",
        "SELECT s_region FROM (SELECT * FROM ivoa.ObsCore) AS o",
        "SELECT s_region FROM ivoa.ObsCore UNION ALL SELECT s_region FROM ivoa.ObsCore WHERE 1 = 0",
    ):
        assert ask(text.format(inner)).rows == direct


def test_catalogues_are_matched_by_position(ask: Ask) -> None:
    for condition in (
        "DISTANCE(POINT(o.s_ra, o.s_dec), POINT(p.s_ra, p.s_dec)) < 0.1 / 3600",
        "1 = CONTAINS(POINT(p.s_ra, p.s_dec), CIRCLE(o.s_ra, o.s_dec, 0.1 / 3600))",
    ):
        text = f"SELECT COUNT(*) FROM ivoa.ObsCore AS o JOIN jwst.product AS p ON {condition}"
        assert ask(text).rows == [(180,)]


def plan(url: str, tables: Tables, text: str) -> str:
    with psycopg.connect(url) as connection:
        connection.execute("SET enable_seqscan = off")
        rows = connection.execute(f"EXPLAIN {compile_adql(text, tables).sql}").fetchall()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (CONE, "plane_center"),
        ("DISTANCE(POINT(110.8, -73.5), POINT(s_ra, s_dec)) < 0.1", "plane_center"),
        ("1 = CONTAINS(POINT(s_ra, s_dec), POLYGON(1, 2, 3, 2, 3, 4))", "plane_center"),
        ("CONTAINS(POINT(110.8, -73.5), s_region) = 1", "plane_footprint"),
        ("1 = INTERSECTS(CIRCLE(110.8, -73.5, 0.1), s_region)", "plane_footprint"),
        ("1 = INTERSECTS(s_region, POLYGON(1, 2, 3, 2, 3, 4))", "plane_footprint"),
    ],
)
def test_the_sky_is_searched_by_its_index(
    filled_url: str, published: Tables, condition: str, index: str
) -> None:
    text = plan(filled_url, published, f"SELECT obs_id FROM ivoa.ObsCore WHERE {condition}")
    assert f"on {index}" in text or f"using {index}" in text


def test_a_positional_join_uses_the_index(filled_url: str, published: Tables) -> None:
    text = plan(
        filled_url,
        published,
        "SELECT a.obs_id FROM ivoa.ObsCore AS a JOIN ivoa.ObsCore AS b"
        " ON DISTANCE(POINT(a.s_ra, a.s_dec), POINT(b.s_ra, b.s_dec)) < 0.001",
    )
    assert "plane_center" in text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT COUNT(*), COUNT(DISTINCT calib_level), MIN(calib_level) FROM ivoa.ObsCore", [(60, 3, 1)]),
        (
            (
                "SELECT calib_level, COUNT(*) AS n FROM ivoa.ObsCore GROUP BY calib_level HAVING COUNT(*) > 1"
                " ORDER BY n DESC, calib_level"
            ),
            [(1, 20), (2, 20), (3, 20)],
        ),
        ("SELECT DISTINCT calib_level FROM ivoa.ObsCore ORDER BY 1 DESC OFFSET 1", [(2,), (1,)]),
        ("SELECT TOP 1 calib_level FROM ivoa.ObsCore ORDER BY calib_level OFFSET 59", [(3,)]),
        (
            "SELECT calib_level + 1 AS c FROM ivoa.ObsCore GROUP BY calib_level + 1 ORDER BY c",
            [(2,), (3,), (4,)],
        ),
        (
            "SELECT COUNT(*) FROM caom2.Plane AS p JOIN caom2.Observation AS o ON p.obsID = o.obsID",
            [(60,)],
        ),
        ("SELECT COUNT(*) FROM caom2.Plane JOIN caom2.Observation USING (obsID)", [(60,)]),
        (
            (
                "SELECT COUNT(*) FROM ivoa.ObsCore a LEFT OUTER JOIN (SELECT TOP 3 obs_id FROM ivoa.ObsCore"
                " ORDER BY obs_id) AS b ON a.obs_id = b.obs_id WHERE b.obs_id IS NULL"
            ),
            [(57,)],
        ),
        ("SELECT COUNT(*) FROM ivoa.ObsCore AS a, ivoa.ObsCore AS b WHERE a.obs_id = b.obs_id", [(60,)]),
        ("SELECT 1 AS x FROM ivoa.ObsCore UNION SELECT 2 FROM ivoa.ObsCore ORDER BY x", [(1,), (2,)]),
        ("SELECT 1 AS x FROM ivoa.ObsCore EXCEPT SELECT 1.5 FROM ivoa.ObsCore", [(1.0,)]),
        (
            "(SELECT TOP 1 1 AS x FROM ivoa.ObsCore) UNION ALL (SELECT TOP 2 2 FROM ivoa.ObsCore) ORDER BY 1",
            [(1,), (2,), (2,)],
        ),
        (
            "SELECT calib_level FROM ivoa.ObsCore INTERSECT SELECT 2 FROM ivoa.ObsCore",
            [(2,)],
        ),
        (
            (
                "WITH a AS (SELECT calib_level FROM ivoa.ObsCore WHERE calib_level > 1),"
                " b AS (SELECT DISTINCT calib_level FROM a) SELECT COUNT(*) FROM b"
            ),
            [(2,)],
        ),
        (
            (
                "SELECT COUNT(*) FROM ivoa.ObsCore AS o WHERE EXISTS (SELECT * FROM caom2.Observation AS c"
                " WHERE c.observationID = o.obs_id AND c.instrument_name = 'NIRSPEC')"
            ),
            [(20,)],
        ),
        (
            (
                "SELECT COUNT(*) FROM ivoa.ObsCore WHERE obs_id NOT IN"
                " (SELECT observationID FROM caom2.Observation WHERE instrument_name LIKE 'NIRC%')"
            ),
            [(20,)],
        ),
        ("SELECT COUNT(*) FROM ivoa.ObsCore WHERE obs_release_date > '2099-01-01'", [(6,)]),
        (
            (
                "SELECT COUNT(*) FROM ivoa.ObsCore WHERE obs_release_date BETWEEN '2022-12-31' AND"
                " '2023-01-01T00:00:00Z' -- and a comment"
            ),
            [(54,)],
        ),
        ("SELECT COUNT(*) FROM ivoa.ObsCore WHERE em_min IS NULL OR em_min = NULL", [(1,)]),
        ("SELECT COUNT(*) FROM ivoa.ObsCore WHERE obs_id ILIKE 'JW%' AND NOT obs_id LIKE 'JW%';", [(60,)]),
        ('SELECT COUNT("size") FROM TAP_SCHEMA.columns WHERE "size" > 1000000', [(0,)]),
        ("SELECT COUNT(*) FROM ivoa.ObsCore WHERE POWER(s_ra, 2) > 1e300", [(0,)]),
    ],
)
def test_queries_give_what_the_standard_says(ask: Ask, text: str, rows: list[tuple[object, ...]]) -> None:
    assert ask(text).rows == rows


def test_a_uuid_is_found_by_its_text(ask: Ask) -> None:
    known = ask("SELECT TOP 1 planeID FROM caom2.Plane").rows[0][0]
    for condition in (
        f"planeID = '{known}'",
        f"planeID = '{known.upper()}'",
        f"planeID IN ('{known}')",
        f"planeID LIKE '{known[:20]}%'",
        f"planeID IN (SELECT '{known}' FROM ivoa.ObsCore)",
    ):
        assert ask(f"SELECT planeID FROM caom2.Plane WHERE {condition}").rows == [(known,)]


def test_overflow_is_exact(ask: Ask) -> None:
    assert ask("SELECT obs_id FROM ivoa.ObsCore", maxrec=60).overflow is False
    below = ask("SELECT obs_id FROM ivoa.ObsCore", maxrec=59)
    assert (len(below.rows), below.overflow) == (59, True)
    topped = ask("SELECT TOP 10 obs_id FROM ivoa.ObsCore", maxrec=10)
    assert (len(topped.rows), topped.overflow) == (10, False)
    cut = ask("SELECT TOP 11 obs_id FROM ivoa.ObsCore ORDER BY obs_id", maxrec=10)
    assert (len(cut.rows), cut.overflow) == (10, True)
    nothing = ask("SELECT obs_id FROM ivoa.ObsCore", maxrec=0)
    assert (nothing.rows, nothing.overflow, nothing.columns[0].name) == ([], True, "obs_id")


def test_what_the_database_refuses_is_told(ask: Ask) -> None:
    for text in (
        "SELECT 1 / (calib_level - calib_level) FROM ivoa.ObsCore",
        "SELECT CAST(obs_id AS INTEGER) FROM ivoa.ObsCore",
        "SELECT AREA(REGION('nonsense')) FROM ivoa.ObsCore",
        "SELECT EXP(1000) FROM ivoa.ObsCore",
    ):
        with pytest.raises(UsageError):
            ask(text)


HOSTILE = "x'; DROP TABLE archive.plane; --"


@pytest.mark.parametrize(
    "text", [HOSTILE, "\\", "\\'", "%s", "{0}", "$1", "$$", "a'||'b", "é☄\U0001f6f0", "/* */", 'q"q', "\n--"]
)
def test_a_text_stays_a_text(ask: Ask, text: str) -> None:
    quoted = text.replace("'", "''")
    assert ask(f"SELECT TOP 1 '{quoted}' AS x, LOWER('{quoted}') FROM ivoa.ObsCore").rows[0][0] == text


@pytest.mark.parametrize("name", ['x" FROM archive.plane; --', "a'b", "{0}", "SELECT", "é" * 50, "a.b", "%s"])
def test_a_name_stays_a_name(ask: Ask, name: str) -> None:
    quoted = name.replace('"', '""')
    text = f'SELECT q."{quoted}" FROM (SELECT TOP 1 calib_level AS "{quoted}" FROM ivoa.ObsCore) AS q'
    with_alias = f'SELECT TOP 1 "{quoted}".calib_level FROM ivoa.ObsCore AS "{quoted}"'
    if len(name) < 50:
        assert ask(text).columns[0].name == name
    assert len(ask(with_alias).rows) == 1


@pytest.mark.parametrize("table", ["archive.plane", "pg_catalog.pg_class", "pg_class", '"archive"."plane"'])
def test_only_published_tables_can_be_named(ask: Ask, table: str) -> None:
    with pytest.raises(QueryError, match="There is no table"):
        ask(f"SELECT * FROM {table}")
