"""User defined functions, as a client asks for them: the values of the IVOA's catalogue (EN 1.2), and the edges."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from voserver.query.adql.user_functions import USER_FUNCTIONS

Ask = Callable[..., httpx.Response]


def value(query: Ask, expression: str) -> Any:
    answer = query(f"SELECT TOP 1 {expression} AS x FROM TAP_SCHEMA.schemas", FORMAT="json")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0][0]


def refusal(query: Ask, expression: str) -> str:
    answer = query(f"SELECT TOP 1 {expression} AS x FROM TAP_SCHEMA.schemas")
    assert answer.status_code == 400, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("ivo_healpix_index(0, 1, 1)", 4),
        ("ivo_healpix_index(17, 1, 1)", 81609757711),
        ("ivo_healpix_index(17, 359, -1)", 73009064944),
        ("ivo_healpix_index(17, CENTROID(CIRCLE(359, -1, 3)))", 73009064944),
        ("ivo_healpix_index(29, 0, 90)", 288230376151711743),
        ("ivo_healpix_index(29, 0, -90)", 2305843009213693952),
        ("ivo_healpix_index(0, NULL, 1)", None),
        ("ivo_healpix_center(0, 12)", None),
        ("ivo_to_jd('2000-01-02T12:00:00')", 2451546.0),
        ("ivo_to_jd('1910-12-31T06:00:00')", 2419036.75),
        ("ivo_to_mjd('2000-01-02T12:00:00')", 51545.5),
        ("ivo_to_mjd('1910-12-31T06:00:00')", 19036.25),
        ("ivo_to_mjd(CAST('2000-01-02T12:00:00' AS TIMESTAMP))", 51545.5),
        ("ivo_to_mjd(NULL)", None),
        ("ivo_nocasematch('ABcabc', 'ab__bc')", 1),
        ("ivo_nocasematch('abcabc', 'abcab')", 0),
        ("ivo_nocasematch('a\\b', 'A\\%')", 1),
        ("ivo_hasword('Miller and Urey have', 'miller')", 1),
        ("ivo_hasword('shown that a primordial', 'shown soup')", 0),
        ("ivo_hasword('shown that a primordial soup', 'soup shown')", 1),
        ("ivo_hasword('anything', '')", 0),
        ("ivo_hashlist_has('Red#green#blue', 'red')", 1),
        ("ivo_hashlist_has('red#green#blue', 're')", 0),
        ("ivo_hashlist_has('red#green#blue', 'red#green')", 0),
        ("ivo_interval_overlaps(-3, -2, 2, 3)", 0),
        ("ivo_interval_overlaps(-2, 55.3, 3, 2)", 0),
        ("ivo_interval_overlaps(-2, 2, 2, 3)", 1),
        ("ivo_hms_to_degrees('3:34:45.4')", pytest.approx(53.6891667)),
        ("ivo_hms_to_degrees('033445.4')", pytest.approx(53.6891667)),
        ("ivo_hms_to_degrees('3h34m45.4s')", pytest.approx(53.6891667)),
        ("ivo_hms_to_degrees('3H34M45.4S')", pytest.approx(53.6891667)),
        ("ivo_hms_to_degrees('25:00:00')", None),
        ("ivo_hms_to_degrees('noon')", None),
        ("ivo_dms_to_degrees('42:9:6.768')", pytest.approx(42.15188)),
        ("ivo_dms_to_degrees('-420906.768')", pytest.approx(-42.15188)),
        ("ivo_dms_to_degrees('-0d15m0s')", -0.25),
        ("ivo_dms_to_degrees('1:60:0')", None),
        ("gavo_specconv(1, 'um', 'Angstrom')", pytest.approx(10000)),
        ("gavo_specconv(500, 'nm', 'THz')", pytest.approx(599.584916)),
        ("gavo_specconv(12.4, 'keV', 'm')", pytest.approx(9.9987e-11, rel=1e-4)),
        ("MOC('6/7 5/8 5/9 5/10 5/11')", "4/2 6/7"),
        ("MOC(3, POINT(1, 2))", "3/304"),
        ("MOC(MOC('1/2'))", "1/2"),
        ("AREA(MOC('0/0-11'))", pytest.approx(129600 / math.pi)),
        ("CAST(gavo_mocunion(MOC('1/0-2'), MOC('1/3')) AS VARCHAR)", "0/0"),
        ("gavo_mocintersect(MOC('1/0-2'), MOC('2/0 2/64'))", "2/0"),
        ("CONTAINS(POINT(1, 2), MOC('3/304'))", 1),
        ("CONTAINS(POINT(1, 20), MOC('3/304'))", 0),
        ("INTERSECTS(MOC('3/304'), POINT(1, 2))", 1),
        ("INTERSECTS(CIRCLE(1, 2, 90), MOC('3/304'))", 1),
        ("INTERSECTS(MOC('3/304'), CIRCLE(1, 80, 1))", 0),
        ("CONTAINS(MOC('3/304'), CIRCLE(1, 2, 90))", 1),
        ("CONTAINS(CIRCLE(1, 2, 90), MOC('3/304'))", 0),
        ("CONTAINS(MOC('1/1'), MOC('0/0'))", 1),
        ("CONTAINS(MOC('0/0'), MOC('1/1'))", 0),
        ("INTERSECTS(MOC('0/0'), MOC('1/1'))", 1),
        ("IN_UNIT(gavo_specconv(1, 'um', 'nm'), 'm')", 1e-6),
    ],
)
def test_a_function_has_the_value_of_the_catalogue(query: Ask, expression: str, wanted: object) -> None:
    assert value(query, expression) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted", "apart"),
    [
        ("ivo_healpix_center(0, 6)", [180.0, 0.0], 1e-12),
        (
            "ivo_healpix_center(17, ivo_healpix_index(17, 23.4, 56.7))",
            [23.399843462947466, 56.70016214363192],
            1e-12,
        ),
        (
            "ivo_epoch_prop_pos(7.606083572, 11.79044105, 125, 300, -428.8, 52.51, 2016, 1992.25)",
            [7.604061404627978, 11.7932703828279],
            1e-11,
        ),
        (
            "ivo_epoch_prop_pos(7.606083572, 11.79044105, 125, 300, -428.8, 52.51, 2016, 1875)",
            [7.594068213694308, 11.807251375203935],
            1e-11,
        ),
        (
            "ivo_epoch_prop_pos(7.606083572, 11.79044105, 125, 300, -428.8, NULL, 2016, 1875)",
            [7.594079587029898, 11.807235464326332],
            1e-11,
        ),
        (
            "ivo_epoch_prop_pos(7.606083572, 11.79044105, 125, 300, NULL, NULL, 2016, 1875)",
            [7.594080321498365, 11.790440798509207],
            1e-11,
        ),
        (
            "ivo_epoch_prop_pos(7.606083572, 11.79044105, NULL, 0, 0, 52.51, 2016, 1875)",
            [7.606083572, 11.79044105],
            1e-12,
        ),
        ("ivo_geom_transform('ICRS', 'GALACTIC', POINT(120, -23))", [241.121831182, 3.62785788087], 1e-9),
        ("gavo_transform('ICRS', 'GALACTIC', POINT(120, -23))", [241.121831182, 3.62785788087], 1e-9),
        (
            "ivo_geom_transform('FK4', 'GALACTIC', CIRCLE(189.70303055, 22.96240006, 3))",
            [275.00025405, 84.99996154, 3],
            1e-7,
        ),
        (
            "ivo_geom_transform('GALACTIC', 'FK5', POLYGON(5, 3, 4, 4, 4.5, 2))",
            [266.44721, -23.107310, 264.95088, -23.434037, 267.09936, -24.051919],
            1e-5,
        ),
        ("ivo_geom_transform('ECLIPTIC', 'ICRS', POINT(90, 0))", [90.0, 23.439279], 1e-5),
        ("ivo_geom_transform('FK5', 'FK5', POINT(0, -90))", [0.0, -90.0], 1e-9),
    ],
)
def test_a_function_has_the_position_of_the_catalogue(
    query: Ask, expression: str, wanted: list[float], apart: float
) -> None:
    found = value(query, expression)
    assert found[1::2] == pytest.approx(wanted[1::2], abs=apart)
    # A longitude means nothing at a pole.
    assert abs(wanted[1]) == 90 or found[0::2] == pytest.approx(wanted[0::2], abs=apart)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("ivo_healpix_index(30, 1, 1)", "A HEALPix order must lie between 0 and 29, not at 30."),
        ("ivo_healpix_center(-1, 1)", "A HEALPix order must lie between 0 and 29, not at -1."),
        (
            "ivo_epoch_prop_pos(NULL, 1, 1, 1, 1, 1, 2000, 2010)",
            "ivo_epoch_prop_pos needs ra, dec, ref_epoch and out_epoch; one of them is NULL.",
        ),
        (
            "ivo_geom_transform('galactic', 'ICRS', POINT(1, 2))",
            "Known are ICRS, GALACTIC, FK5, FK4, ECLIPTIC",
        ),
        ("ivo_histogram(1, 5, 1, 10)", "A histogram goes from a number to a larger one, not from 5 to 1."),
        ("ivo_histogram(1, 0, 5, 0)", "A histogram has 1 to 100000 bins, not 0."),
        ("MOC('7')", "A coverage map cannot have '7'."),
        ("MOC(29, CIRCLE(1, 2, 3))", "Take a lower order, such as"),
        ("ivo_to_mjd('yesterday')", "'yesterday' is not a time."),
        ("gavo_specconv(1, 'um', 'kg')", "kg"),
    ],
)
def test_a_function_tells_what_it_cannot_do(query: Ask, expression: str, said: str) -> None:
    assert said in refusal(query, expression).replace("&apos;", "'")


def test_texts_of_a_group_are_joined_without_nulls(query: Ask) -> None:
    adql = (
        "SELECT ivo_string_agg(t.x, '|') FROM (SELECT TOP 3 CASE WHEN table_name = 'ivoa.ObsCore' THEN NULL"
        " ELSE table_name END AS x FROM TAP_SCHEMA.tables WHERE schema_name = 'caom2' OR schema_name = 'ivoa'"
        " ORDER BY table_name DESC) AS t"
    )
    answer = query(adql, FORMAT="json")
    assert answer.json()["data"] == [["ivoa.obsplan|caom2.SIAv1"]]


def test_a_histogram_counts_below_in_and_above_its_bins(query: Ask) -> None:
    """Nulls count as below (EN 1.2 of the catalogue)."""
    adql = (
        "SELECT ivo_histogram(t.x, 2, 6, 2) AS h FROM (SELECT CASE WHEN MOD(column_index, 3) = 0 THEN NULL"
        " ELSE column_index END AS x FROM TAP_SCHEMA.columns"
        " WHERE table_name = 'ivoa.ObsCore' AND column_index <= 8) AS t"
    )
    counts = query(adql, FORMAT="json").json()["data"][0][0]
    values = query(
        "SELECT column_index FROM TAP_SCHEMA.columns WHERE table_name = 'ivoa.ObsCore' AND column_index <= 8",
        FORMAT="json",
    ).json()["data"]
    wanted = [0, 0, 0, 0]
    for (index,) in values:
        wanted[0 if index % 3 == 0 or index < 2 else 1 + (index - 2) // 2 if index < 6 else 3] += 1
    assert counts == wanted
    assert sum(counts) == len(values) > 0


def test_normal_numbers_are_drawn_anew_for_every_row_about_their_mean(query: Ask) -> None:
    adql = "SELECT ivo_normal_random(10, 2) AS x FROM TAP_SCHEMA.columns"
    drawn = [row[0] for row in query(adql, FORMAT="json").json()["data"]]
    assert len(set(drawn)) == len(drawn) > 100
    mean = sum(drawn) / len(drawn)
    assert abs(mean - 10) < 8 * 2 / len(drawn) ** 0.5
    assert all(abs(number - 10) < 8 * 2 for number in drawn)


def test_every_function_that_is_declared_is_tried_here(ask: Ask) -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {"ivo_simbadpoint"}
    names = [function.signatures[0].partition("(")[0] for function in USER_FUNCTIONS.values()]
    assert [name for name in names if f"{name}(" not in tried and name not in elsewhere] == []
    declared = ask("GET", "/tap/capabilities").text
    assert [name for name in names if f"<form>{name}(" not in declared] == []
