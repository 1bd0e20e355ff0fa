"""The feeds of events: what is new since, in two forms, to everybody what he may see, and never one missed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from lxml import etree

from tests.http import members
from tests.http.members import GROUP, Users, bearer
from voserver.settings import Settings

Serve = Callable[[Settings], AbstractContextManager[str]]
Get = Callable[..., httpx.Response]
ATOM = "{http://www.w3.org/2005/Atom}"
START = "2020-01-01"


@pytest.fixture(scope="module")
def users(module_database_url: str) -> Users:
    return members.fill(module_database_url)


@pytest.fixture(scope="module")
def get(
    module_database_url: str, users: Users, serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Get]:
    settings = Settings(
        database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"), log_level="error"
    )
    assert users.member
    with serve(settings) as url, httpx.Client(base_url=url, timeout=60) as client:

        def ask(
            path: str = "/events.json", headers: dict[str, str] | None = None, **parameters: object
        ) -> httpx.Response:
            return client.get(path, params=parameters or None, headers=headers)  # type: ignore[arg-type]

        yield ask


@pytest.fixture(scope="module")
def change(module_database_url: str) -> Callable[[str], None]:
    def run(statement: str) -> None:
        with psycopg.connect(module_database_url) as connection:
            connection.execute(statement.encode())

    return run


def items(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def facts(answer: httpx.Response, *names: str) -> list[tuple[object, ...]]:
    events = [item["_event"] for item in items(answer)]
    return [tuple(event.get(name) for name in names) for event in events if isinstance(event, dict)]


def last(get: Get, **parameters: object) -> str:
    """The latest event's identifier."""
    return str(items(get(limit=1, **parameters))[0]["id"])


def test_without_a_start_the_latest_events_come_first(get: Get, change: Callable[[str], None]) -> None:
    change("UPDATE archive.artifact SET pipeline_version = '1' WHERE filename = 'jw02738002_rate.fits'")
    change("UPDATE archive.artifact SET pipeline_version = '2' WHERE filename = 'jw02738002_rate.fits'")
    found = facts(get(limit=5), "kind", "filename", "old_version", "new_version")
    assert found[0] == ("reprocessed", "jw02738002_rate.fits", "1", "2")
    assert len(found) == 5
    assert "next_url" not in get(limit=5).json()


def test_pages_lead_from_the_start_to_the_end_without_a_gap_or_a_repetition(get: Get) -> None:
    seen: list[object] = []
    answer = get(since=START, limit=7)
    while True:
        seen += [item["id"] for item in items(answer)]
        following = answer.json().get("next_url")
        if not following:
            break
        parts = urlsplit(following)
        answer = get(f"{parts.path}?{parts.query}")
    assert seen == [item["id"] for item in items(get(since=START, limit=1000))]
    assert len(set(seen)) == len(seen) > 150


def test_after_the_last_event_that_was_seen_comes_only_what_is_new(
    get: Get, change: Callable[[str], None]
) -> None:
    seen = last(get)
    assert items(get(since=seen)) == []
    change("UPDATE archive.artifact SET contentchecksum = 'md5:4567' WHERE filename = 'jw02738005_rate.fits'")
    (item,) = items(get(since=seen))
    assert item["tags"] == ["reprocessed"]
    assert item["title"] == "Reprocessed: jw02738005_rate.fits"
    assert "checksum md5:0123 → md5:4567" in str(item["content_text"])
    assert items(get(since=item["id"])) == []
    assert items(get(since=str(item["id"]).partition("?")[2])) == []


def test_an_event_that_is_committed_late_is_not_lost(
    get: Get, change: Callable[[str], None], module_database_url: str
) -> None:
    seen = last(get)
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with psycopg.connect(module_database_url) as connection:
            connection.execute(
                "UPDATE archive.artifact SET contentlength = 1 WHERE filename = 'jw02738008_rate.fits'"
            )
            begun.set()
            finish.wait(60)

    loader = threading.Thread(target=slow)
    loader.start()
    assert begun.wait(60)
    change("UPDATE archive.artifact SET contentlength = 1 WHERE filename = 'jw02738011_rate.fits'")
    before = items(get(since=seen))
    finish.set()
    loader.join()
    after = items(get(since=before[-1]["id"] if before else seen))
    told = [item["title"] for item in (*before, *after)]
    assert told == ["Reprocessed: jw02738008_rate.fits", "Reprocessed: jw02738011_rate.fits"]


@pytest.mark.parametrize(
    ("asked", "column", "expected"),
    [
        ({"program": "2736"}, "program", {2736}),
        ({"program": ["2736", "2738"]}, "program", {2736, 2738}),
        ({"instrument": "nircam"}, "instrument", {"NIRCAM"}),
        ({"instrument": "NIRSPEC/MSA"}, "instrument_name", {"NIRSPEC/MSA"}),
        ({"kind": "new"}, "kind", {"new"}),
        ({"kind": ["NEW", "reprocessed"]}, "kind", {"new", "reprocessed"}),
        ({"POS": "CIRCLE 110.66 -73.5 0.001"}, "s_ra", {110.66}),
        ({"POS": "circle 110.66 -73.5 0.001", "program": "1"}, "program", set()),
    ],
)
def test_events_can_be_chosen(
    get: Get, change: Callable[[str], None], asked: dict[str, object], column: str, expected: set[object]
) -> None:
    for version in "12":
        change(
            f"UPDATE archive.artifact SET pipeline_version = '{version}' WHERE filename = 'jw02738002_rate.fits'"
        )
    assert {value for (value,) in facts(get(since=START, limit=1000, **asked), column)} == expected


def test_a_feed_reader_is_given_atom(get: Get) -> None:
    answer = get("/events", since=START, limit=2, kind="new")
    assert answer.headers["content-type"] == "application/atom+xml"
    root = etree.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    links = {str(link.get("rel")): str(link.get("href")) for link in root.iterfind(f"{ATOM}link")}
    assert links["self"].endswith("/events?since=2020-01-01&limit=2&kind=new")
    entries = root.findall(f"{ATOM}entry")
    assert [one.get("term") for one in root.iterfind(f"{ATOM}entry/{ATOM}category")] == ["new", "new"]
    parts = urlsplit(links["next"])
    following = etree.fromstring(get(f"{parts.path}?{parts.query}").content)
    assert following.findtext(f"{ATOM}entry/{ATOM}id") not in {
        entry.findtext(f"{ATOM}id") for entry in entries
    }
    for name in ("title", "id", "updated", "author"):
        assert root.find(f"{ATOM}{name}") is not None
        assert name == "author" or all(entry.findtext(f"{ATOM}{name}") for entry in entries)


def test_the_form_is_the_one_that_is_asked_for(get: Get) -> None:
    assert (
        get("/events", headers={"Accept": "application/json"}).headers["content-type"]
        == "application/feed+json"
    )
    assert get("/events", headers={"Accept": "text/html"}).headers["content-type"] == "application/atom+xml"
    assert get("/events.atom", limit=1).text.count("<entry>") == 1
    document = get("/events.json", limit=1).json()
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"].endswith("/events.json?limit=1")


def test_who_has_the_page_is_not_sent_it_again(get: Get, change: Callable[[str], None]) -> None:
    first = get(since=START, kind="withdrawn")
    known = {"If-None-Match": first.headers["etag"]}
    assert get(headers=known, since=START, kind="withdrawn").status_code == 304
    change("DELETE FROM archive.artifact WHERE filename = 'jw02738014_rate.fits'")
    again = get(headers=known, since=START, kind="withdrawn")
    assert again.status_code == 200
    assert items(again)[-1]["title"] == "Withdrawn: jw02738014_rate.fits"


def test_a_page_has_a_date_once_its_last_second_is_over(get: Get, change: Callable[[str], None]) -> None:
    change(
        "UPDATE archive.artifact SET created = '2024-01-01 12:00:00.5' WHERE filename = 'jw02738017_rate.fits'"
    )
    asked: dict[str, object] = {"since": "2024-01-01T12:00:00.5", "limit": 1}
    modified = get(**asked).headers["last-modified"]
    assert modified == "Mon, 01 Jan 2024 12:00:00 GMT"
    assert get(headers={"If-Modified-Since": modified}, **asked).status_code == 304


def test_everybody_is_told_what_he_may_know(get: Get, users: Users, change: Callable[[str], None]) -> None:
    seen = last(get)
    member = bearer(users.member)
    change("UPDATE archive.artifact SET pipeline_version = '8' WHERE obs_id IN ('jw02737040', 'jw02737010')")
    change("UPDATE archive.artifact SET pipeline_version = '9' WHERE obs_id IN ('jw02737040', 'jw02737010')")
    public = {name for (name,) in facts(get(since=seen), "obs_id")}
    assert public == {"jw02737010"}
    assert {name for (name,) in facts(get(headers=member, since=seen), "obs_id")} == {
        "jw02737010",
        "jw02737040",
    }
    assert {name for (name,) in facts(get(headers=bearer(users.stranger), since=seen), "obs_id")} == public
    assert "private" in get(headers=member).headers["cache-control"]
    assert GROUP not in get(headers=member).text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "yesterday"}, "since='yesterday' is neither a time nor the identifier of an event"),
        ({"since": "20260230T000000000000/new/00000000-0000-0000-0000-000000000000"}, "is neither a time"),
        ({"since": "9999-12-31T23:59:59-12:00"}, "is neither a time"),
        ({"since": ["2024-01-01", "2025-01-01"]}, "only one value"),
        ({"program": "2736' OR 1=1"}, "is not the number of a program"),
        ({"program": "9" * 30}, "is not the number of a program"),
        ({"program": [str(n) for n in range(101)]}, "100 at most"),
        ({"kind": "deleted"}, "There are new, reprocessed, released, withdrawn"),
        ({"limit": "-1"}, "is not a number of rows"),
        ({"limit": "0"}, "asks for no events"),
        ({"POS": "POLYGON 1 2 3 4 5 6"}, "is no circle"),
        ({"POS": "CIRCLE 1 2 nan"}, "is not a number"),
        ({"POS": "CIRCLE 1 2 181"}, "is not between 0 and 180"),
        ({"POS": "CIRCLE 1 92 1"}, "is not between -90 and 90"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(get: Get, asked: dict[str, object], said: str) -> None:
    for path in ("/events.json", "/events.atom"):
        answer = get(path, **asked)
        assert answer.status_code == 400
        assert said in (answer.json()["detail"] if path.endswith("json") else answer.text)


def test_hostile_texts_find_nothing(get: Get) -> None:
    for text in ("x'; DROP TABLE archive.event; --", "☄" * 1000, "%", "NIRCAM/\\"):
        assert items(get(instrument=text)) == []
