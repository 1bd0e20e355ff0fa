"""What happens between the first byte and the last, on a real socket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlencode, urlsplit

import httpx
import psycopg
import pytest

from tests.http.long_queries import ENDLESS, MANY
from tests.waiting import eventually
from voserver.protocols.tap import explain
from voserver.settings import Settings

# Of constants, so the planner computes it: for minutes.
SLOWLY_PLANNED = " + ".join(
    f"AREA(MOC(14, CIRCLE({right_ascension}, 0, 20)))" for right_ascension in range(20)
)
EVERYTHING = "1000000000"


@pytest.fixture(scope="module")
def begins_all(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    """A server that begins what would never end."""
    with serve(site_settings.model_copy(update={"estimate_limit": 0})) as url:
        yield url


@pytest.fixture(scope="module")
def begins_all_for_a_second(
    site_settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    """A server that begins it, too, but gives it one second, and a single place to run in."""
    changed = {"sync_timeout": 1, "query_connections": 1, "query_queue_timeout": 0, "estimate_limit": 0}
    with serve(site_settings.model_copy(update=changed)) as url:
        yield url


def running(url: str, words: str) -> int:
    """How many queries of users work in the database at the moment."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
            " AND application_name = 'voserver query' AND strpos(query, %s) > 0",
            [words],
        ).fetchone()
    assert found
    return int(found[0])


def send(served: str, adql: str, resource: str = "sync", **parameters: str) -> socket.socket:
    """A query sent by hand, so that its connection can be dropped at any moment."""
    parts = urlsplit(served)
    assert parts.hostname
    assert parts.port
    target = f"/tap/{resource}?" + urlencode({"LANG": "ADQL", "QUERY": adql, **parameters})
    connection = socket.create_connection((parts.hostname, parts.port), timeout=30)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return connection


def test_a_client_that_leaves_before_the_first_byte_ends_its_query(
    begins_all: str, catalogue_url: str
) -> None:
    with send(begins_all, ENDLESS):
        eventually(lambda: running(catalogue_url, "COPY") == 1)
    eventually(lambda: running(catalogue_url, "COPY") == 0)


@pytest.mark.parametrize("resource", ["explain", "sync"])
def test_a_client_that_leaves_while_its_query_is_planned_ends_that(
    served: str, catalogue_url: str, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    monkeypatch.setattr(explain, "PLANNING", 600)
    two = f"SELECT {SLOWLY_PLANNED} FROM tap_schema.tables AS a, tap_schema.tables AS b"
    with send(served, two, resource):
        eventually(lambda: running(catalogue_url, "EXPLAIN") == 1)
    eventually(lambda: running(catalogue_url, "EXPLAIN") == 0)


@pytest.mark.parametrize("resource", ["explain", "sync"])
def test_a_query_that_takes_too_long_to_plan_is_refused_in_words(impatient: str, resource: str) -> None:
    two = f"SELECT {SLOWLY_PLANNED} FROM tap_schema.tables AS a, tap_schema.tables AS b"
    answer = httpx.get(f"{impatient}/tap/{resource}", params={"LANG": "ADQL", "QUERY": two}, timeout=30)
    assert answer.status_code == 400
    assert "To plan the query alone took longer than 1 s." in answer.text
    assert "MOC" in answer.text


@pytest.mark.parametrize("format_", ["votable", "csv", "parquet"])
def test_a_client_that_leaves_in_the_middle_ends_its_query(
    served: str, catalogue_url: str, format_: str
) -> None:
    with send(served, MANY, MAXREC="100000", FORMAT=format_) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
    eventually(lambda: running(catalogue_url, "COPY") == 0)


def test_the_places_of_clients_that_left_are_free_again(served: str) -> None:
    for _ in range(12):
        send(served, MANY, MAXREC="100000").close()
    answer = httpx.get(
        f"{served}/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT TOP 1 obs_id FROM ivoa.ObsCore"}
    )
    assert answer.status_code == 200


def tail(served: str, **parameters: str) -> tuple[int, bytes]:
    """The status and last bytes of an answer too long to keep; raises where the connection breaks."""
    asked = {"LANG": "ADQL", "QUERY": MANY, "MAXREC": EVERYTHING, **parameters}
    kept = b""
    with httpx.stream(
        "GET", f"{served}/tap/sync", params=asked, headers={"Accept-Encoding": "identity"}
    ) as answer:
        for chunk in answer.iter_raw():
            kept = (kept + chunk)[-1000:]
    return answer.status_code, kept


@pytest.mark.parametrize("format_", ["votable", "votable/b2"])
def test_a_votable_that_fails_on_its_way_says_so_at_its_end(impatient: str, format_: str) -> None:
    status, end = tail(impatient, FORMAT=format_)
    assert status == 200
    assert b'<INFO name="QUERY_STATUS" value="ERROR">' in end
    assert b"The query ran longer than 1 s" in end
    assert end.rstrip().endswith(b"</VOTABLE>")


@pytest.mark.parametrize("format_", ["csv", "arrow"])
def test_a_format_without_room_for_an_error_ends_with_a_broken_connection(
    impatient: str, format_: str
) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        tail(impatient, FORMAT=format_)


def test_a_query_that_takes_too_long_before_its_first_row_has_a_status(begins_all_for_a_second: str) -> None:
    answer = httpx.get(
        f"{begins_all_for_a_second}/tap/sync", params={"LANG": "ADQL", "QUERY": ENDLESS}, timeout=30
    )
    assert answer.status_code == 400  # it would run too long another time, too
    assert "retry-after" not in answer.headers
    assert "The query ran longer than 1 s and was stopped." in answer.text
    assert "Narrow it by position" in answer.text


def test_who_finds_no_place_is_told_when_to_come_back(
    begins_all_for_a_second: str, catalogue_url: str
) -> None:
    with send(begins_all_for_a_second, ENDLESS):
        eventually(lambda: running(catalogue_url, "COPY") == 1)
        answer = httpx.get(f"{begins_all_for_a_second}/tap/sync", params={"LANG": "ADQL", "QUERY": ENDLESS})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "all 1 places" in answer.text
