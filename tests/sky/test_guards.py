"""What is no position and no shape is null: it ends no query, and is found nowhere."""

import psycopg
import pytest

from voserver.catalogue import sky

BAD_POSITIONS = [
    "'NaN', 0", "0, 'NaN'", "'Infinity', 0", "'-Infinity', 0", "0, 'Infinity'", "0, '-Infinity'", "0, 90.0001",
    "0, -99", "1e308, 0", "-9999, -9999", "1e20, 1e20", "NULL, 0", "0, NULL",
]  # fmt: skip
BAD_SHAPES = [
    "sky.circle(10, 20, -1)", "sky.circle(10, 20, 'NaN')", "sky.circle(10, 20, 'Infinity')",
    "sky.circle(10, 20, 180.1)", "sky.circle(10, 20, NULL)", "sky.circle(10, 91, 1)",
    "sky.point_region('NaN', 0)", "sky.point_region(0, 90.1)", "sky.point_region('Infinity', 0)",
    "sky.box(10, 20, 0, 1)", "sky.box(10, 20, 1, -1)", "sky.box(10, 20, 'NaN', 1)", "sky.box(10, 20, 1, 180)",
    "sky.box('Infinity', 20, 1, 1)",
    "sky.polygon('{}')", "sky.polygon('{1,2,3,4}')", "sky.polygon('{1,2,3,4,5}')", "sky.polygon('{1,2,1,2,1,2}')",
    "sky.polygon('{1,2,3,4,3,4,1,2}')", "sky.polygon('{1,2,3,4,NULL,6}')",
    "sky.polygon('{1,2,3,4,5,NaN}')", "sky.polygon('{1,2,3,4,Infinity,6}')", "sky.polygon('{1,2,3,4,5,96}')",
    "sky.polygon('{0,0,180,0,90,45}')", "sky.polygon('{0,90,10,0,0,-90,10,-90}')",
]  # fmt: skip
BAD_TEXTS = [
    "", " ", "Circle", "Circle ICRS 1 2", "Circle ICRS 1 2 3 4", "Circle ICRS 1 2 -3", "Circle ICRS 1 95 3",
    "Circle GALACTIC 1 2 3", "Circel ICRS 1 2 3", "1 2 x", "NaN NaN", "1 NaN 3", "Polygon ICRS 1 2 3 4 5",
    "Polygon ICRS 1 2 1 2 1 2", "1e999 2", "1e-999 2", "9" * 400 + " 1", "1 2 ;", "Circle ICRS 1 2 3 Circle ICRS 1 2",
    "Union", "Union (", "Position ICRS 1 2 Circel 1 2 3", "\u00bd 1", "Box ICRS 1 2 3", "Circle ICRS 1 2 inf", "- -",
]  # fmt: skip


@pytest.mark.parametrize("position", BAD_POSITIONS)
def test_what_is_no_position_is_nowhere(session: psycopg.Connection, position: str) -> None:
    lon, lat = (f"{part}::float8" for part in position.split(", "))
    everywhere = "sky.circle(0, 0, 180)"
    found = session.execute(
        f"SELECT {sky.point(lon, lat)}, {sky.point_region(lon, lat)}, {sky.circle(lon, lat, '1')},"
        f" {sky.distance((lon, lat), ('10', '20'))}, {sky.distance(('10', '20'), (lon, lat))},"
        f" {sky.closer((lon, lat), ('10', '20'), '180', both_ways=True)}, {sky.closer(('10', '20'), (lon, lat), '180')},"
        f" {sky.contains_point((lon, lat), everywhere)},"
        f" {sky.box(lon, lat, '1', '1')}, {sky.polygon(['1', '2', '3', '4', lon, lat])}".encode()
    ).fetchone()
    assert found == (None,) * 10


@pytest.mark.parametrize("shape", BAD_SHAPES)
def test_what_is_no_shape_is_null(session: psycopg.Connection, shape: str) -> None:
    everywhere = "sky.circle(0, 0, 180)"
    found = session.execute(
        f"SELECT {shape}, {sky.intersects(shape, everywhere)}, {sky.contains(shape, everywhere)}, {sky.area(shape)},"
        f" {sky.contains_point(('1', '2'), shape)}, {sky.centroid(shape)}, {sky.text(shape)}".encode()
    ).fetchone()
    assert found == (None,) * 7


@pytest.mark.parametrize("radius", ["'NaN'", "'Infinity'", "'-Infinity'", "-1", "-1e-300", "NULL"])
def test_a_radius_that_is_none_holds_nothing(session: psycopg.Connection, radius: str) -> None:
    test = sky.closer(("10", "20"), ("10", "20"), f"{radius}::float8")
    assert session.execute(f"SELECT {test}".encode()).fetchone() == (None,)


def test_a_radius_of_more_than_the_sky_holds_everything(session: psycopg.Connection) -> None:
    test = sky.closer(("10", "20"), ("190", "-20"), "200")
    assert session.execute(f"SELECT {test}".encode()).fetchone() == (True,)


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_text_that_is_no_region_is_null(session: psycopg.Connection, text: str) -> None:
    assert session.execute("SELECT sky.region(%s)", [text]).fetchone() == (None,)


def test_bad_rows_are_left_out_of_an_index_and_the_others_found(session: psycopg.Connection) -> None:
    with session.transaction(force_rollback=True):
        session.execute(
            "CREATE TEMPORARY TABLE stars (id integer, ra float8, dec float8, radius float8, region text)"
        )
        bad = ", ".join(
            f"({number}, {position}, 1, '')" for number, position in enumerate(BAD_POSITIONS, 1000)
        )
        session.execute(f"INSERT INTO stars VALUES {bad}".encode())
        session.execute(
            "INSERT INTO stars SELECT n, n * 0.36, 0, 0.2, format('Circle ICRS %s 0 0.2', n * 0.36)"
            " FROM generate_series(0, 999) n"
        )
        session.execute("CREATE INDEX ON stars USING gist (sky.point(ra, dec))")
        session.execute("CREATE INDEX ON stars USING gist (sky.bounds(sky.region(region)))")
        session.execute("ANALYZE stars")
        session.execute("SET LOCAL enable_seqscan = off")
        tests = {
            sky.closer(("ra", "dec"), ("36", "0"), "0.4"): 3,
            sky.contains_point(("36.1", "0"), "sky.region(region)"): 1,
            sky.contains_point(("ra", "dec"), "sky.circle(36, 0, 0.4)"): 3,
            sky.intersects("sky.region(region)", "sky.circle(36, 0, 0.3)"): 3,
            f"NOT {sky.closer(('36', '0'), ('ra', 'dec'), 'radius')}": 999,
        }
        for test, count in tests.items():
            found = session.execute(
                f"SELECT count(*), max(id) < 1000 FROM stars WHERE {test}".encode()
            ).fetchone()
            assert found == (count, True), test
        plan = session.execute(f"EXPLAIN SELECT 1 FROM stars WHERE {next(iter(tests))}".encode()).fetchall()
        assert any("Index Cond" in line for (line,) in plan), plan


def test_a_function_of_a_bad_row_ends_no_parallel_query(session: psycopg.Connection) -> None:
    """Catching errors in PL/pgSQL would: sub-transactions are not for parallel workers."""
    with session.transaction(force_rollback=True):
        session.execute(
            "CREATE TABLE public.parallel_regions AS SELECT 'Circle ICRS 1 2 ' || n AS r FROM generate_series(0, 9999) n"
        )
        session.execute("ANALYZE public.parallel_regions")
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            session.execute(f"SET LOCAL {setting} = 0".encode())
        query = "SELECT count(sky.region(r)) FROM public.parallel_regions"
        plan = session.execute(f"EXPLAIN {query}".encode()).fetchall()
        assert any("Parallel Seq Scan" in line for (line,) in plan), plan
        assert session.execute(query.encode()).fetchone() == (181,)


def test_edges_of_almost_180_degrees_are_measured(session: psycopg.Connection) -> None:
    shape = "sky.polygon('{0,0,179.9999999,0,90,45}')"
    found = session.execute(
        f"SELECT sky.intersects({shape}, sky.circle(90, -1, 1.0000001)),"
        f" sky.intersects({shape}, sky.circle(90, -1, 0.999)),"
        f" sky.contains(sky.circle(90, 10, 9.9), {shape})".encode()
    ).fetchone()
    assert found == (True, False, True)
