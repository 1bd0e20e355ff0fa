"""`/tap/explain` tells what a query would cost, and what would never end is not begun."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import psycopg
import pytest

from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
Serve = Callable[[Settings], AbstractContextManager[str]]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FIVE = "SELECT TOP 5 obs_id, s_ra FROM ivoa.ObsCore ORDER BY obs_id"
MILLION = """
CREATE SCHEMA big;
CREATE TABLE big.stars AS
SELECT n AS id, 360 * random() AS ra, degrees(asin(2 * random() - 1)) AS dec, n % 1000 AS field
FROM generate_series(1, 1000000) AS n;
CREATE INDEX ON big.stars (id);
CREATE INDEX ON big.stars USING gist (sky.point(ra, dec));
ANALYZE big.stars;
GRANT USAGE ON SCHEMA big TO voserver_query;
GRANT SELECT ON big.stars TO voserver_query;
INSERT INTO tap_schema.schemas (schema_name) VALUES ('big');
INSERT INTO tap_schema.tables (schema_name, table_name, table_type) VALUES ('big', 'big.stars', 'table');
INSERT INTO tap_schema.columns (table_name, column_name, datatype, indexed, principal, std)
VALUES ('big.stars', 'id', 'int', 1, 0, 0), ('big.stars', 'ra', 'double', 1, 0, 0),
    ('big.stars', 'dec', 'double', 1, 0, 0), ('big.stars', 'field', 'int', 0, 0, 0);
"""
PAIRS = "SELECT COUNT(*) FROM big.stars AS a, big.stars AS b"
ENDLESS = [
    PAIRS,
    f"{PAIRS} WHERE a.ra + b.ra = 3",
    f"{PAIRS} WHERE a.ra < b.ra",
    "SELECT COUNT(*) FROM big.stars AS a CROSS JOIN big.stars AS b",
    "SELECT TOP 10 a.id FROM big.stars AS a, big.stars AS b ORDER BY a.ra + b.ra",
    "SELECT a.field, MAX(b.ra) FROM big.stars AS a, big.stars AS b GROUP BY a.field",
    "SELECT COUNT(*) FROM big.stars AS a WHERE EXISTS (SELECT * FROM big.stars AS b WHERE b.ra > a.ra + a.dec)",
    "SELECT COUNT(*) FROM (SELECT a.id FROM big.stars AS a, big.stars AS b) AS q",
    "WITH p AS (SELECT a.id AS i FROM big.stars AS a, big.stars AS b) SELECT COUNT(*) FROM p",
]
SANE = [
    "SELECT COUNT(*) FROM big.stars",
    "SELECT field, AVG(ra) FROM big.stars GROUP BY field",
    "SELECT * FROM big.stars ORDER BY dec",
    "SELECT COUNT(*) FROM big.stars AS a JOIN big.stars AS b USING (id)",
    "SELECT a.id FROM big.stars AS a JOIN big.stars AS b ON a.id = b.field WHERE b.ra < 10",
    "SELECT a.id FROM big.stars AS a JOIN big.stars AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.001",
    "SELECT COUNT(*) FROM big.stars AS a, big.stars AS b WHERE b.id < 1000 AND a.ra < b.ra",
    "SELECT id FROM big.stars AS a WHERE EXISTS (SELECT * FROM big.stars AS b WHERE b.id = a.field)",
    "SELECT id FROM big.stars WHERE field NOT IN (SELECT id FROM big.stars WHERE dec < 0)",
    "SELECT TOP 10 a.id, b.id AS other FROM big.stars AS a, big.stars AS b",
    "SELECT a.id, b.id AS other FROM big.stars AS a, big.stars AS b",
    "SELECT id FROM big.stars UNION SELECT field FROM big.stars",
]


@pytest.fixture(scope="module")
def big_settings(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A server with a table of a million rows, and everything else as it comes."""
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute(MILLION)
    data = tmp_path_factory.mktemp("data")
    return Settings(database_url=module_database_url, data_dir=data, log_level="error", explain=True)


@pytest.fixture(scope="module")
def big(big_settings: Settings, serve: Serve) -> Iterator[str]:
    with serve(big_settings) as url:
        yield url


def send(url: str, resource: str, adql: str, **parameters: str) -> httpx.Response:
    data = {"LANG": "ADQL", "QUERY": adql, **parameters}
    return httpx.post(f"{url}/tap/{resource}", data=data, timeout=120)


def explained(url: str, adql: str, **parameters: str) -> dict[str, Any]:
    answer = send(url, "explain", adql, **parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_query_is_explained_as_json(ask: Ask, method: str) -> None:
    where = "params" if method == "GET" else "data"
    answer = ask(method, "/tap/explain", **{where: {"lang": "ADQL", "Query": FIVE}})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["query"] == FIVE
    assert told["sql"].endswith("LIMIT 5")
    assert 0 < told["rows"] <= 5
    assert told["cost"] > 0
    assert told["seconds"] >= 0
    assert told["allowed"] is True
    assert any("Scan" in line for line in told["plan"])


@pytest.mark.parametrize(
    ("asked", "accept", "media_type"),
    [
        ({}, "*/*", "application/json"),
        ({}, "text/plain", "text/plain; charset=utf-8"),
        ({}, BROWSER, "text/html; charset=utf-8"),
        ({"FORMAT": "json"}, BROWSER, "application/json"),
        ({"RESPONSEFORMAT": "text/html", "FORMAT": "json"}, "*/*", "text/html; charset=utf-8"),
        ({"FORMAT": "TEXT"}, "application/json", "text/plain; charset=utf-8"),
    ],
)
def test_format_and_accept_choose_how_it_is_told(
    ask: Ask, asked: dict[str, str], accept: str, media_type: str
) -> None:
    data = {"LANG": "ADQL", "QUERY": "SELECT obs_id FROM ivoa.ObsCore WHERE obs_id < '<b>'", **asked}
    answer = ask("POST", "/tap/explain", data=data, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "Scan" in answer.text
    assert ("<b>" in answer.text) == ("html" not in media_type)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"QUERY": FIVE}, "LANG is missing"),
        ({"LANG": "PQL", "QUERY": FIVE}, "unknown query language"),
        ({"LANG": "ADQL"}, "QUERY is missing"),
        ({"LANG": "ADQL", "QUERY": "SELECT x FROM ivoa.ObsCore"}, "line 1, column 8"),
        ({"LANG": "ADQL", "QUERY": "EXPLAIN ANALYZE SELECT 1"}, "line 1, column 1"),
        ({"LANG": "ADQL", "QUERY": FIVE, "MAXREC": "-1"}, "not a number of rows"),
        ({"LANG": "ADQL", "QUERY": FIVE, "FORMAT": "votable"}, "FORMAT is json, text or html"),
        ({"LANG": "ADQL", "QUERY": FIVE, "UPLOAD": "t,http://x"}, "UPLOAD"),
        ({"LANG": "ADQL", "QUERY": "SELECT 1 / 0 AS x FROM ivoa.ObsCore"}, "divides by zero"),
    ],
)
def test_what_sync_refuses_is_refused(ask: Ask, data: dict[str, str], reason: str) -> None:
    answer = ask("POST", "/tap/explain", data=data)
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]


def test_head_is_answered_without_a_body(ask: Ask) -> None:
    answer = ask("HEAD", "/tap/explain", params={"LANG": "ADQL", "QUERY": FIVE})
    assert (answer.status_code, answer.content) == (200, b"")


def test_nothing_is_run(big: str) -> None:
    for adql in (PAIRS, "SELECT COUNT(*) FROM big.stars"):
        told = "\n".join(explained(big, adql)["plan"])
        assert "cost=" in told
        assert "actual" not in told


def test_the_estimate_of_what_would_not_end_is_told(big: str) -> None:
    told = explained(big, PAIRS)
    assert told["allowed"] is False
    assert told["seconds"] > told["estimate_limit_seconds"] == 3600
    assert (
        "It is refused: the estimate may be 1 hour at most."
        in send(big, "explain", PAIRS, FORMAT="text").text
    )


@pytest.mark.parametrize("adql", SANE)
def test_what_ends_is_allowed(big: str, adql: str) -> None:
    assert explained(big, adql)["allowed"] is True


def test_what_ends_is_run(big: str) -> None:
    answer = send(big, "sync", SANE[-3], FORMAT="csv")
    assert answer.status_code == 200, answer.text
    assert answer.text.count("\n") == 11


@pytest.mark.parametrize("adql", ENDLESS)
def test_what_would_not_end_is_not_begun(big: str, adql: str) -> None:
    answer = send(big, "sync", adql, FORMAT="json")
    assert answer.status_code == 400
    told = answer.json()
    assert "would take" in told["error"]
    assert "more than 1 hour" in told["error"]
    assert "condition that joins it" in told["hint"]


def test_top_and_maxrec_make_the_estimate_smaller(big: str) -> None:
    query = "SELECT a.id FROM big.stars AS a, big.stars AS b"
    all_rows = explained(big, query, MAXREC="20000000")
    some = explained(big, query, MAXREC="100")
    top = explained(big, query.replace("SELECT", "SELECT TOP 3"), MAXREC="20000000")
    assert all_rows["cost"] > 100 * some["cost"] > 100 * top["cost"]
    assert [all_rows["rows"], some["rows"], top["rows"]] == [20_000_000, 100, 3]


def test_a_join_by_the_sky_index_is_not_taken_for_the_many_rows_that_the_planner_expects(big: str) -> None:
    apart = "DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.001"
    cone = "DISTANCE(a.ra, a.dec, 10, 20) < 0.001"
    joined = explained(big, f"{PAIRS} WHERE {apart}")
    crossed = explained(big, f"{PAIRS} WHERE {cone}")
    assert joined["seconds"] < joined["cost"] / 300_000 / 50
    assert crossed["seconds"] == pytest.approx(crossed["cost"] / 300_000, abs=0.001)
    assert joined["seconds"] < 60
    third = explained(
        big, f"SELECT COUNT(*) FROM big.stars AS a, big.stars AS b, big.stars AS c WHERE {apart}"
    )
    assert third["allowed"] is False


def test_nothing_is_planned_for_no_rows(big: str) -> None:
    assert send(big, "sync", PAIRS, MAXREC="0", FORMAT="csv").status_code == 200


def test_operators_set_the_limit_and_may_keep_plans_to_themselves(
    big_settings: Settings, serve: Serve
) -> None:
    two = "SELECT COUNT(*) FROM big.stars AS a, big.stars AS b WHERE a.id < 20000 AND b.id < 3000 AND a.ra < b.ra"
    for seconds, status in ((0, 200), (1, 400), (3600, 200)):
        changed = {"estimate_limit": seconds, "cost_per_second": 100_000, "explain": seconds != 1}
        with serve(big_settings.model_copy(update=changed)) as url:
            assert send(url, "sync", two).status_code == status
            shown = send(url, "explain", two)
            assert shown.status_code == (403 if seconds == 1 else 200)
            if seconds == 0:
                assert shown.json()["estimate_limit_seconds"] is None
                assert explained(url, PAIRS)["allowed"] is True
