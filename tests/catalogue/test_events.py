"""Whatever changes a file's row, jwst.event tells of it: to whom, when, and what the file was before."""

import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.waiting import eventually

PAST, SOON = datetime(2023, 1, 1), timedelta(days=30)  # noqa: DTZ001 -- the catalogue's times are UTC without zone
GROUP = "ivo://archive.example/gms?jwst-01234"
Events = list[tuple[Any, ...]]


class Archive:
    """A catalogue of one plane, changed by plain SQL as any loader might."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.add_plane("o")

    def add_plane(self, name: str) -> uuid.UUID:
        """An observation of one plane, both with this identifier."""
        key = uuid.uuid5(uuid.NAMESPACE_URL, name)
        self.run(
            "INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode, metarelease)"
            " VALUES ('caom:JWST/' || %(name)s, %(key)s, 'JWST', %(name)s, 'S', '2022-01-01')",
            key=key,
            name=name,
        )
        self.run(
            "INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,"
            " observationid, metarelease) VALUES ('ivo://x?' || %(name)s, %(key)s, %(key)s, 'caom:JWST/' || %(name)s"
            " || '/2b', '2b', 2, 'JWST', %(name)s, '2022-01-01')",
            key=key,
            name=name,
        )
        return key

    def run(self, statement: str, **values: object) -> Events:
        cursor = self.connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def add(self, name: str = "f", **values: object) -> None:
        row = {
            "uri": f"mast:JWST/{name}",
            "artifactid": uuid.uuid5(uuid.NAMESPACE_URL, name),
            "planeid": uuid.uuid5(uuid.NAMESPACE_URL, "o"),
            "filename": f"{name}.fits",
            "publisherid": "ivo://x?o",
            "contentchecksum": "md5:1",
            "contentlength": 2880,
            "pipeline_version": "1.0.0",
            "program": 1234,
            "instrument": "MIRI",
            "s_ra": 10.0,
            "s_dec": 20.0,
            "access_url": "https://elsewhere.example/f.fits",
            "metarelease": PAST,
            "datarelease": PAST,
            **values,
        }
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        marks = sql.SQL(", ").join(map(sql.Placeholder, row))
        self.connection.execute(
            sql.SQL("INSERT INTO archive.artifact ({}) VALUES ({})").format(names, marks), row
        )

    def change(self, **values: object) -> None:
        changes = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values]
        self.connection.execute(
            sql.SQL("UPDATE archive.artifact SET {}").format(sql.SQL(", ").join(changes)), values
        )

    def events(self, columns: str = "kind, filename", groups: str = "") -> Events:
        """What is told to somebody of these groups, in the order in which it happened."""
        self.run("SELECT set_config('voserver.groups', %(groups)s, false)", groups=groups)
        return self.run(f"SELECT {columns} FROM jwst.event ORDER BY event_time, event_id")

    def now(self) -> datetime:
        moment: datetime = self.run("SELECT clock_timestamp() AT TIME ZONE 'utc'")[0][0]
        return moment


@pytest.fixture
def archive(module_database_url: str) -> Iterator[Archive]:
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        yield Archive(connection)
        connection.execute("TRUNCATE archive.observation CASCADE")
        connection.execute("TRUNCATE archive.event")


def test_a_file_that_comes_is_new(archive: Archive) -> None:
    before = archive.now()
    archive.add()
    after = archive.now()
    (event,) = archive.events(
        "kind, uri, obs_publisher_did, program, instrument, old_checksum, new_checksum, new_version, new_length,"
        " release_date, s_ra, s_dec, event_time"
    )
    assert event[:-1] == (
        "new", "mast:JWST/f", "ivo://x?o", 1234, "MIRI", None, "md5:1", "1.0.0", 2880, PAST, 10.0, 20.0
    )  # fmt: skip
    assert before < event[-1] < after


def test_what_one_transaction_brings_happened_at_one_time(archive: Archive) -> None:
    with archive.connection.transaction():
        for name in "fgh":
            archive.add(name)
    archive.add("i")
    times = [time for (time,) in archive.events("event_time")]
    assert times[0] == times[1] == times[2] < times[3]


def test_other_content_and_another_version_are_a_reprocessing_whose_history_is_kept(archive: Archive) -> None:
    archive.add()
    archive.run("INSERT INTO archive.location SELECT artifactid, 'disk', 'here/f.fits' FROM archive.artifact")
    archive.change(contentchecksum="md5:2", contentlength=5760, pipeline_version="1.1.0")
    archive.change(pipeline_version="1.2.0")
    columns = "kind, old_checksum, new_checksum, old_version, new_version, old_length, new_length"
    assert archive.events(columns)[1:] == [
        ("reprocessed", "md5:1", "md5:2", "1.0.0", "1.1.0", 2880, 5760),
        ("reprocessed", "md5:2", "md5:2", "1.1.0", "1.2.0", 5760, 5760),
    ]
    assert archive.run("SELECT old_locations FROM archive.event ORDER BY eventid LIMIT 1") == [
        (["https://elsewhere.example/f.fits", "disk:here/f.fits"],)
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"target_name": "M 31"},
        {"contentchecksum": None},
        {"contentchecksum": "sha-256:1", "contentlength": 2880},
        {"pipeline_version": None},
        {"metareadgroups": [GROUP]},
    ],
)
def test_what_is_learnt_of_a_file_is_no_change_of_it(archive: Archive, values: dict[str, object]) -> None:
    archive.add()
    archive.change(**values)
    assert archive.events("kind") == [("new",)]


def test_a_file_that_is_public_when_it_comes_is_not_released_again(archive: Archive) -> None:
    archive.add()
    assert archive.events("kind") == [("new",)]


def test_a_release_happens_when_its_date_comes_though_nobody_does_anything(archive: Archive) -> None:
    release = archive.now() + timedelta(seconds=0.5)
    archive.add(datarelease=release)
    assert archive.events("kind") == [("new",)]
    eventually(lambda: archive.now() > release)
    assert archive.events("kind, event_time")[1:] == [("released", release)]


def test_a_release_that_came_to_pass_stays_when_the_date_is_changed_later(archive: Archive) -> None:
    archive.add(created=PAST, release_watched=PAST, datarelease=PAST + SOON)
    archive.change(datarelease=PAST + 2 * SOON)
    assert archive.events("kind, event_time") == [("new", PAST), ("released", PAST + SOON)]


def test_an_early_release_happens_when_it_is_decided(archive: Archive) -> None:
    archive.add(datarelease=archive.now() + SOON)
    before = archive.now()
    archive.change(datarelease=PAST)
    (event,) = archive.events("kind, event_time, release_date")[1:]
    assert event[0] == "released"
    assert event[1] > before
    assert event[2] == PAST
    archive.change(datarelease=PAST + SOON)
    assert len(archive.events()) == 2


def test_a_date_that_is_moved_ahead_of_its_time_makes_no_event_of_its_own(archive: Archive) -> None:
    archive.add(datarelease=archive.now() + SOON)
    archive.change(datarelease=archive.now() + 2 * SOON)
    assert archive.events("kind") == [("new",)]


def test_content_that_is_no_more_public_is_withdrawn(archive: Archive) -> None:
    archive.add()
    later = archive.now() + SOON
    archive.change(datarelease=later)
    assert archive.events("kind, release_date")[1:] == [("withdrawn", later)]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM archive.observation", "TRUNCATE archive.observation CASCADE"]
)
def test_a_file_that_is_deleted_is_withdrawn_and_its_past_stays(archive: Archive, statement: str) -> None:
    archive.add(created=PAST, release_watched=PAST, datarelease=PAST + SOON)
    archive.run(statement)
    assert archive.run("SELECT count(*) FROM archive.artifact") == [(0,)]
    assert archive.events("kind, old_checksum, new_checksum, event_time")[:2] == [
        ("new", None, "md5:1", PAST),
        ("released", "md5:1", "md5:1", PAST + SOON),
    ]
    assert archive.events("kind, old_checksum, new_checksum")[2:] == [("withdrawn", "md5:1", None)]


def test_an_event_keeps_its_name_when_the_row_that_told_it_goes(archive: Archive) -> None:
    archive.add(created=PAST, release_watched=PAST, datarelease=PAST + SOON)
    told = archive.events("event_id")
    archive.change(datarelease=PAST)
    assert archive.events("event_id") == told
    archive.run("DELETE FROM archive.artifact")
    assert archive.events("event_id")[:2] == told


def test_a_file_that_comes_back_is_new_again(archive: Archive) -> None:
    archive.add()
    archive.run("DELETE FROM archive.artifact")
    archive.add()
    assert archive.events("kind") == [("new",), ("withdrawn",), ("new",)]


def test_nothing_is_told_of_a_file_that_is_hidden_but_that_it_is_gone(archive: Archive) -> None:
    archive.add()
    archive.change(pipeline_version="1.1.0")
    archive.change(metarelease=None, metareadgroups=[GROUP])
    assert archive.events("kind, uri, program, s_ra, new_checksum, old_checksum, release_date") == [
        ("withdrawn", "mast:JWST/f", None, None, None, None, None)
    ]
    assert [kind for (kind,) in archive.events("kind", GROUP)] == ["new", "reprocessed", "withdrawn"]
    archive.change(pipeline_version="1.2.0")
    assert archive.events("kind") == [("withdrawn",)]


def test_a_file_that_is_shown_again_is_new_to_those_who_see_it(archive: Archive) -> None:
    archive.add(metarelease=None)
    assert archive.events() == []
    before = archive.now()
    archive.change(metarelease=PAST)
    ((kind, time),) = archive.events("kind, event_time")
    assert kind == "new"
    assert time > before


@pytest.mark.parametrize("shown", [PAST, PAST + SOON])
def test_that_a_file_came_stays_an_event_when_it_is_hidden_and_shown_again(
    archive: Archive, shown: datetime
) -> None:
    archive.add(metarelease=shown, created=PAST)
    first = archive.events("event_time, kind")
    assert first == [(shown, "new")]
    for _ in range(2):
        archive.change(metarelease=None, metareadgroups=[GROUP])
        archive.change(metarelease=PAST, metareadgroups=None)
    assert archive.events("event_time, kind")[:1] == first
    story = ["new", "withdrawn", "new", "withdrawn", "new"]
    assert [kind for (kind,) in archive.events("kind")] == story
    archive.run("DELETE FROM archive.artifact")
    assert [kind for (kind,) in archive.events("kind")] == [*story, "withdrawn"]


def test_that_a_file_came_stays_an_event_when_it_is_hidden_until_a_date(archive: Archive) -> None:
    archive.add(created=PAST)
    shown = archive.now() + timedelta(seconds=0.5)
    archive.change(metarelease=shown)
    assert archive.events("kind") == [("withdrawn",)]
    eventually(lambda: archive.now() > shown)
    assert archive.events("kind, event_time")[::2] == [("new", PAST), ("new", shown)]
    archive.change(metarelease=None, metareadgroups=[GROUP])
    archive.run("DELETE FROM archive.artifact")
    kinds = [kind for (kind,) in archive.events("kind", GROUP)]
    assert kinds == ["new", "withdrawn", "new", "withdrawn", "withdrawn"]


@pytest.mark.parametrize("corrected", [PAST - SOON, PAST + 2 * SOON])
def test_that_a_file_came_stays_as_it_was_when_a_date_that_has_passed_is_corrected(
    archive: Archive, corrected: datetime
) -> None:
    archive.add(metarelease=PAST + SOON, created=PAST)
    archive.change(metarelease=corrected)
    assert archive.events("kind, event_time") == [("new", PAST + SOON)]
    archive.change(metarelease=None, metareadgroups=[GROUP])
    archive.change(metarelease=PAST, metareadgroups=None)
    assert archive.events("kind, event_time")[0] == ("new", PAST + SOON)
    assert archive.events("kind")[1:] == [("withdrawn",), ("new",)]


def test_a_file_whose_metadata_are_released_by_date_is_new_to_everybody_then(archive: Archive) -> None:
    shown = archive.now() + timedelta(seconds=0.5)
    archive.add(metarelease=shown, metareadgroups=[GROUP])
    assert archive.events() == []
    ((_, early),) = archive.events("kind, event_time", GROUP)
    assert early < shown
    eventually(lambda: archive.now() > shown)
    assert archive.events("kind, event_time") == [("new", shown)]


def test_what_becomes_of_a_file_in_the_transaction_that_brings_it_is_no_change(archive: Archive) -> None:
    with archive.connection.transaction():
        archive.add()
        archive.change(pipeline_version="1.1.0", datarelease=None)
        archive.change(metarelease=None, metareadgroups=[GROUP])
        archive.add("g")
        archive.run("DELETE FROM archive.artifact WHERE filename = 'g.fits'")
    assert archive.events() == []
    assert archive.events("kind, new_version", GROUP) == [("new", "1.1.0")]


def test_a_change_that_is_undone_has_not_happened(archive: Archive) -> None:
    archive.add()
    with archive.connection.transaction(force_rollback=True):
        archive.change(pipeline_version="1.1.0")
        archive.run("DELETE FROM archive.artifact")
    assert archive.events("kind") == [("new",)]


def test_the_horizon_stays_before_whatever_is_still_under_way(
    archive: Archive, module_database_url: str
) -> None:
    def horizon() -> datetime:
        moment: datetime = archive.run("SELECT archive.change_horizon()")[0][0]
        return moment

    started, finish = threading.Event(), threading.Event()

    def slow_loader() -> None:
        with psycopg.connect(module_database_url) as connection:
            connection.execute("DELETE FROM archive.artifact WHERE filename = 'f.fits'")
            started.set()
            finish.wait(60)

    archive.add("f")
    archive.add("g", planeid=archive.add_plane("another"))
    loader = threading.Thread(target=slow_loader)
    loader.start()
    assert started.wait(60)
    archive.run("DELETE FROM archive.artifact WHERE filename = 'g.fits'")
    (quick,) = archive.run("SELECT event_time FROM jwst.event WHERE kind = 'withdrawn'")[0]
    early = horizon()
    assert early < quick
    finish.set()
    loader.join()
    times = [time for (time,) in archive.run("SELECT event_time FROM jwst.event WHERE kind = 'withdrawn'")]
    assert min(times) >= early
    assert horizon() > max(times)


def test_polls_by_time_are_answered_from_indexes(archive: Archive) -> None:
    archive.connection.execute("SET enable_seqscan = off")
    archive.connection.execute("SET enable_bitmapscan = off")
    archive.connection.execute("SET enable_sort = off")
    plan = archive.run(
        "EXPLAIN SELECT * FROM jwst.event WHERE event_time >= '2024-01-01' ORDER BY event_time, event_id LIMIT 100"
    )
    lines = "\n".join(line for (line,) in plan)
    assert "Merge Append" in lines
    for index in ("artifact_created", "artifact_shown", "artifact_released", "event_time"):
        assert f"using {index}" in lines
