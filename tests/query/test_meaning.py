import pytest

from voserver.model.columns import Column
from voserver.model.errors import QueryError, UsageError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql
from voserver.query.adql.features import language_features
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry_functions import GEOMETRY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT s_raa FROM ivoa.ObsCore", ["no column s_raa", "s_ra in ivoa.ObsCore"]),
        ("SELECT x.s_ra FROM ivoa.ObsCore AS o", ["called x", "o"]),
        ("SELECT s_ra FROM ivoa.ObsCor", ["no table ivoa.ObsCor", "ivoa.ObsCore"]),
        ("SELECT s_ra FROM archive.plane", ["no table archive.plane"]),
        ("SELECT s_ra FROM a.b.c", ["no table a.b.c"]),
        ("SELECT z.* FROM ivoa.ObsCore", ["called z"]),
        (
            "SELECT obsID FROM caom2.Plane, caom2.Observation",
            ["more than one table", "Plane.obsID or Observation"],
        ),
        ("SELECT a.obs_id FROM ivoa.ObsCore AS a, ivoa.ObsCore AS A", ["Two tables"]),
        ("SELECT s_ra, COUNT(*) FROM ivoa.ObsCore", ["neither grouped by", "GROUP BY"]),
        ("SELECT * FROM ivoa.ObsCore GROUP BY s_ra", ["obs_id", "neither grouped by"]),
        ("SELECT s_ra FROM ivoa.ObsCore GROUP BY s_ra HAVING s_dec > 1", ["s_dec", "neither grouped by"]),
        ("SELECT s_ra FROM ivoa.ObsCore GROUP BY s_ra ORDER BY s_dec", ["s_dec", "neither grouped by"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE COUNT(*) > 1", ["WHERE cannot hold", "HAVING"]),
        ("SELECT MAX(MIN(s_ra)) FROM ivoa.ObsCore", ["another aggregate"]),
        ("SELECT SUM(obs_id) FROM ivoa.ObsCore", ["numbers", "a text"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE s_ra = '12'", ["s_ra", "without quotes"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE obs_id = 12", ["obs_id", "single quotes"]),
        ("SELECT s_ra + obs_id FROM ivoa.ObsCore", ["obs_id is a text"]),
        ("SELECT obs_id || s_ra FROM ivoa.ObsCore", ["joins texts", "CAST"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE s_ra LIKE '1%'", ["LIKE compares texts"]),
        (
            "SELECT s_ra FROM ivoa.ObsCore WHERE obs_release_date > 'yesterday'",
            ["is not a time", "2024-07-01"],
        ),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE obs_release_date > '2023-02-29'", ["is not a time"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE obs_release_date > obs_id", ["cannot be compared", "CAST"]),
        ("SELECT planeID FROM caom2.Plane WHERE planeID = 'x'", ["is not a UUID"]),
        ("SELECT planeID FROM caom2.Plane WHERE planeID IN ('x')", ["is not a UUID"]),
        ("SELECT planeID FROM caom2.Plane WHERE energy_bounds > 1", ["an array"]),
        ("SELECT XYZZY(1) FROM ivoa.ObsCore", ["no function XYZZY", "The functions are"]),
        ("SELECT SQROOT(1) FROM ivoa.ObsCore", ["no function SQROOT", "SQRT"]),
        ("SELECT LN(s_ra) FROM ivoa.ObsCore", ["no function LN", "LOG(x)"]),
        ("SELECT SQRT() FROM ivoa.ObsCore", ["0 arguments", "SQRT(x)"]),
        ("SELECT SQRT('x') FROM ivoa.ObsCore", ["takes a number"]),
        ("SELECT IN_UNIT(s_ra, 'm') FROM ivoa.ObsCore", ["deg (angle) cannot be converted to m"]),
        ("SELECT IN_UNIT(s_ra, 'arcsecs') FROM ivoa.ObsCore", ["'arcsecs' is not a unit"]),
        ("SELECT IN_UNIT(calib_level, 'm') FROM ivoa.ObsCore", ["unit of this value is not known"]),
        ("SELECT IN_UNIT(3, 'm') FROM ivoa.ObsCore", ["unit of this value is not known"]),
        ("SELECT IN_UNIT(s_ra, '') FROM ivoa.ObsCore", ["cannot be converted"]),
        ("SELECT IN_UNIT(s_ra) FROM ivoa.ObsCore", ["a number and a unit"]),
        ("SELECT IN_UNIT(s_ra, obs_id) FROM ivoa.ObsCore", ["single quotes"]),
        ("SELECT CASE WHEN s_ra > 1 THEN 1 ELSE 'x' END FROM ivoa.ObsCore", ["of one type"]),
        ("SELECT NULLIF(s_ra, 'x') FROM ivoa.ObsCore", ["cannot be compared"]),
        ("SELECT ivo_to_jd(s_ra) FROM ivoa.ObsCore", ["ivo_to_jd takes a time here"]),
        ("SELECT gavo_specconv(s_ra, 'm') FROM ivoa.ObsCore", ["deg (angle) is no unit of wavelength"]),
        ("SELECT ivo_geom_transform('icrs', 'FK5', POINT(1, 2)) FROM ivoa.ObsCore", ["icrs", "ICRS"]),
        ("SELECT ivo_simbadpoint('M 31') FROM ivoa.ObsCore", ["looks up no names"]),
        ("WITH w (a, b) AS (SELECT s_ra FROM ivoa.ObsCore) SELECT a FROM w", ["names 2 columns", "has 1"]),
        ("SELECT COALESCE(s_ra, obs_id) FROM ivoa.ObsCore", ["of one type"]),
        ("SELECT CAST(POINT(1, 2) AS INTEGER) FROM ivoa.ObsCore", ["cannot be cast"]),
        ("SELECT POINT(1) FROM ivoa.ObsCore", ["POINT(lon, lat)"]),
        ("SELECT POINT(1, 91) FROM ivoa.ObsCore", ["latitude", "-90 to 90"]),
        ("SELECT CIRCLE(1, 2, -1) FROM ivoa.ObsCore", ["radius", "0 to 180"]),
        ("SELECT POLYGON(1, 2, 3, 4) FROM ivoa.ObsCore", ["three or more"]),
        ("SELECT POINT('SUPERGALACTIC', 1, 2) FROM ivoa.ObsCore", ["SUPERGALACTIC", "Known are", "ICRS"]),
        ("SELECT POINT(obs_id, 1, 2) FROM ivoa.ObsCore", ["coordinate system"]),
        (
            "SELECT POINT(obs_id, s_dec) FROM ivoa.ObsCore",
            ["the column obs_id, which is text", "POINT(lon, lat)"],
        ),
        (
            "SELECT CIRCLE(s_ra, obs_id, 1) FROM ivoa.ObsCore",
            ["a number", "the column obs_id, which is text"],
        ),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE 1 = CONTAINS(s_ra, s_dec)", ["takes a geometry"]),
        ("SELECT s_ra FROM ivoa.ObsCore WHERE POINT(1, 2) = POINT(1, 2)", ["a point"]),
        ("SELECT COORD1(s_region) FROM ivoa.ObsCore", ["takes a point"]),
        ("SELECT s_ra FROM ivoa.ObsCore ORDER BY 2", ["1 columns"]),
        ("SELECT DISTINCT s_ra FROM ivoa.ObsCore ORDER BY s_dec", ["DISTINCT"]),
        ("SELECT s_ra FROM ivoa.ObsCore GROUP BY 1", ["not numbers"]),
        ("SELECT s_ra FROM ivoa.ObsCore UNION SELECT s_ra, s_dec FROM ivoa.ObsCore", ["1 and 2 columns"]),
        ("SELECT s_ra FROM ivoa.ObsCore UNION SELECT obs_id FROM ivoa.ObsCore", ["of one type"]),
        (
            "SELECT s_ra FROM ivoa.ObsCore WHERE s_ra IN (SELECT s_ra, s_dec FROM ivoa.ObsCore)",
            ["one column"],
        ),
        ("SELECT a.obsID FROM caom2.Plane AS a JOIN caom2.Observation AS b", ["no condition", "USING"]),
        ("SELECT a.obsID FROM caom2.Plane AS a JOIN caom2.Observation AS b USING (planeID)", ["not in both"]),
        (
            "WITH a AS (SELECT s_ra FROM ivoa.ObsCore), a AS (SELECT s_ra FROM a) SELECT s_ra FROM a",
            ["Two queries"],
        ),
        ("SELECT 1e999 FROM ivoa.ObsCore", ["too large"]),
        (f"SELECT {'9' * 5000} FROM ivoa.ObsCore", ["too large"]),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused_with_a_way_out(
    small_tables: Tables, text: str, words: list[str]
) -> None:
    with pytest.raises(QueryError) as caught:
        compile_adql(text, small_tables)
    assert caught.value.position is not None
    for word in words:
        assert word in str(caught.value)


def columns(text: str, tables: Tables) -> tuple[Column, ...]:
    return compile_adql(text, tables).columns


def test_a_column_keeps_what_is_published_of_it(small_tables: Tables) -> None:
    published = small_tables.find("ivoa.ObsCore")
    assert published is not None
    assert columns("SELECT * FROM ivoa.obscore", small_tables) == tuple(c.column for c in published.columns)
    (renamed,) = columns("SELECT S_RA AS x FROM (SELECT o.s_ra FROM ivoa.ObsCore AS o) AS q", small_tables)
    assert renamed == Column("x", "double", unit="deg", ucd="pos.eq.ra", description="Right ascension")


@pytest.mark.parametrize(
    ("expression", "datatype", "unit"),
    [
        ("COUNT(*)", "long", None),
        ("COUNT(s_ra)", "long", None),
        ("AVG(calib_level)", "double", None),
        ("SUM(calib_level)", "long", None),
        ("SUM(access_estsize)", "long", "kbyte"),
        ("SUM(t_exptime)", "double", "s"),
        ("MAX(s_ra)", "double", "deg"),
        ("MIN(calib_level)", "int", None),
    ],
)
def test_an_aggregate_has_a_type_and_a_unit(
    small_tables: Tables, expression: str, datatype: str, unit: str | None
) -> None:
    (column,) = columns(f"SELECT {expression} FROM ivoa.ObsCore", small_tables)
    assert (column.datatype, column.unit) == (datatype, unit)
    assert column.description


@pytest.mark.parametrize(
    ("expression", "datatype", "unit"),
    [
        ("s_ra + s_dec", "double", "deg"),
        ("s_ra * 2", "double", "deg"),
        ("s_ra / t_exptime", "double", "deg/s"),
        ("s_ra * t_exptime", "double", "deg.s"),
        ("1 / t_exptime", "double", "s**-1"),
        ("s_ra / s_dec", "double", None),
        ("s_ra / t_exptime * t_exptime", "double", "(deg/s).s"),
        ("IN_UNIT(s_ra, 'arcsec')", "double", "arcsec"),
        ("IN_UNIT(s_ra / t_exptime, 'arcsec/h')", "double", "arcsec/h"),
        ("CASE WHEN s_ra > 1 THEN s_ra ELSE s_dec END", "double", "deg"),
        ("CASE calib_level WHEN 1 THEN 1 WHEN 2 THEN 2.5 END", "double", None),
        ("NULLIF(s_ra, 0)", "double", "deg"),
        ("gavo_specconv(2, 'um', 'THz')", "double", "THz"),
        ("ivo_to_mjd(obs_release_date)", "double", "d"),
        ("ivo_healpix_index(10, s_ra, s_dec)", "long", None),
        ("ivo_healpix_index(10, POINT(s_ra, s_dec))", "long", None),
        ("s_ra + t_exptime", "double", None),
        ("calib_level + 1", "int", None),
        ("calib_level + access_estsize", "long", None),
        ("t_exptime + t_exptime", "float", "s"),
        ("t_exptime + 1", "double", "s"),
        ("-s_ra", "double", "deg"),
        ("ABS(calib_level)", "double", None),
        ("DEGREES(s_ra)", "double", "deg"),
        ("DISTANCE(1, 2, s_ra, s_dec)", "double", "deg"),
        ("AREA(s_region)", "double", "deg**2"),
        ("CONTAINS(POINT(1, 2), s_region)", "int", None),
        ("obs_id || 'x'", "char", None),
        ("COALESCE(t_exptime, calib_level)", "double", "s"),
        ("CAST(s_ra AS REAL)", "float", "deg"),
    ],
)
def test_an_expression_has_a_type_and_a_unit(
    small_tables: Tables, expression: str, datatype: str, unit: str | None
) -> None:
    (column,) = columns(f"SELECT {expression} FROM ivoa.ObsCore", small_tables)
    assert (column.datatype, column.unit) == (datatype, unit)


def test_names_of_a_result_differ_and_are_regular(small_tables: Tables) -> None:
    items = "s_ra, o.S_RA, s_ra + 1, MAX(s_dec), COUNT(*), s_ra AS s_ra"
    text = f"SELECT {items} FROM ivoa.ObsCore AS o GROUP BY s_ra"
    names = [column.name for column in columns(text, small_tables)]
    assert names == ["s_ra", "s_ra_2", "column_3", "max_s_dec", "count_5", "s_ra_3"]


def test_a_schema_may_be_left_out_where_one_has_the_table(small_tables: Tables) -> None:
    assert '"jwst"."product"' in compile_adql("SELECT * FROM product", small_tables).sql


@pytest.mark.parametrize("language", ["ADQL", "adql-2.0", "ADQL-2.1"])
def test_the_languages_are_read(small_tables: Tables, language: str) -> None:
    assert compile_adql("SELECT s_ra FROM ivoa.ObsCore", small_tables, language=language).columns


def test_another_language_is_refused(small_tables: Tables) -> None:
    with pytest.raises(UsageError, match="PQL"):
        compile_adql("SELECT s_ra FROM ivoa.ObsCore", small_tables, language="PQL")


def test_what_is_declared_is_there() -> None:
    forms = {
        feature.form
        for features in language_features(extended=True, resolving=True).values()
        for feature in features
    }
    assert set(GEOMETRY) <= forms
    assert {"LOWER", "UPPER"} <= set(FUNCTIONS)
    standard = language_features(extended=False, resolving=True)
    assert all(uri.lower().startswith("ivo://ivoa.net/std/tapregext#features-") for uri in standard)
