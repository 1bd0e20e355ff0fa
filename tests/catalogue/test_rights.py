"""What the views say of data whose metadata everybody may read: whose they are, until when, and where they are."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import psycopg
import pytest

from voserver.catalogue.streams import QueryPool
from voserver.settings import Settings

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
BASE = "https://archive.example.org/vo"
BUCKET = "s3://bucket/public/"


class Row(NamedTuple):
    """One product, as it is loaded: when its data are public, to whom before, and where they are."""

    release: datetime | None
    groups: list[str] | None = None
    url: str | None = "https://elsewhere.example/file.fits"


ROWS = {
    "public": Row(NOW - timedelta(days=1)),
    "just-public": Row(NOW - timedelta(minutes=1)),
    "not-yet": Row(NOW + timedelta(hours=1)),
    "in-a-year": Row(NOW + timedelta(days=365)),
    "undated": Row(None),
    "teams": Row(NOW + timedelta(days=365), ["alpha", "beta"]),
    "undated-teams": Row(None, ["alpha"]),
    "own": Row(NOW - timedelta(days=1), url="/files/own.fits"),
    "teams-own": Row(NOW + timedelta(days=365), ["alpha"], "/files/teams-own.fits"),
    "nowhere": Row(NOW - timedelta(days=1), url=None),
}
PUBLIC = {"public", "just-public", "own", "nowhere"}
GROUPS: list[tuple[str, ...]] = [(), ("alpha",), ("beta", "gamma")]


def insert(connection: psycopg.Connection, name: str, row: Row) -> None:
    key = uuid.uuid5(uuid.NAMESPACE_URL, name)
    public = NOW - timedelta(days=30)
    connection.execute(
        "INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode, metarelease)"
        " VALUES (%s, %s, 'JWST', %s, 'S', %s)",
        [name, key, name, public],
    )
    connection.execute(
        "INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,"
        " observationid, metarelease, datarelease, datareadgroups, access_url)"
        " VALUES (%s, %s, %s, %s, 'cal', 2, 'JWST', %s, %s, %s, %s, %s)",
        [name, key, key, name, name, public, row.release, row.groups, row.url],
    )
    connection.execute(
        "INSERT INTO archive.artifact (uri, planeid, artifactid, filename, publisherid, metarelease, datarelease,"
        " datareadgroups, access_url, preview_url, cloud_uri) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [name, key, key, name, name, public, row.release, row.groups, row.url, row.url, BUCKET + name],
    )


@pytest.fixture(scope="module")
def pool(module_database_url: str) -> Iterator[QueryPool]:
    with psycopg.connect(module_database_url) as connection:
        for name, row in ROWS.items():
            insert(connection, name, row)
    pool = QueryPool.from_settings(Settings(database_url=module_database_url))
    yield pool
    pool.close()


def found(
    pool: QueryPool, sql: str, *, groups: tuple[str, ...] = (), base_url: str = ""
) -> dict[str, object]:
    """The second column by the first."""
    with pool.open(sql, timeout=20, groups=groups, base_url=base_url) as stream:
        return {
            name: value
            for batch in stream
            for name, value in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        }


@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: "+".join(groups) or "nobody")
@pytest.mark.parametrize("view", ["ivoa.obscore", "jwst.product"])
def test_data_rights_are_the_datas_whoever_asks(pool: QueryPool, view: str, groups: tuple[str, ...]) -> None:
    rights = found(pool, f"SELECT obs_publisher_did, data_rights FROM {view}", groups=groups)
    assert rights == {name: "public" if name in PUBLIC else "proprietary" for name in ROWS}


@pytest.mark.parametrize("query", [
    "SELECT obs_publisher_did, obs_release_date FROM ivoa.obscore",
    "SELECT obs_publisher_did, release_date FROM jwst.product",
    "SELECT publisherid, datarelease FROM caom2.plane",
])  # fmt: skip
def test_the_date_of_release_is_shown_before_it_comes(pool: QueryPool, query: str) -> None:
    assert found(pool, query) == {name: row.release for name, row in ROWS.items()}


@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: "+".join(groups) or "nobody")
def test_the_public_bucket_is_named_from_the_release_on(pool: QueryPool, groups: tuple[str, ...]) -> None:
    uris = found(pool, "SELECT uri, s3_uri FROM jwst.product", groups=groups)
    assert uris == {name: BUCKET + name if name in PUBLIC else None for name in ROWS}
    access = found(pool, "SELECT uri, cloud_access FROM jwst.product", groups=groups)
    assert {name for name, text in access.items() if text} == PUBLIC
    bucket, _, prefix = BUCKET.removeprefix("s3://").partition("/")
    for name in PUBLIC:
        aws = json.loads(str(access[name]))["aws"]
        assert (aws["bucket_name"], aws["key"]) == (bucket, prefix + name)


def test_a_copy_in_the_cloud_is_named_from_its_own_release_on(fresh_database_url: str) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        insert(connection, "staged", Row(NOW - timedelta(days=1)))
        both = "SELECT s3_uri, cloud_access FROM jwst.product"
        for hours, is_there in ((1, False), (-1, True)):
            connection.execute(
                "UPDATE archive.artifact SET cloud_release = %s", [NOW + timedelta(hours=hours)]
            )
            row = connection.execute(both).fetchone()
            assert row is not None
            assert [value is not None for value in row] == [is_there, is_there]


@pytest.mark.parametrize("query", [
    "SELECT obs_publisher_did, access_url FROM ivoa.obscore",
    "SELECT uri, access_url FROM jwst.product",
    "SELECT uri, preview_url FROM jwst.product",
])  # fmt: skip
def test_own_files_are_under_the_services_url_and_others_where_they_are(pool: QueryPool, query: str) -> None:
    expected = {
        name: BASE + row.url if row.url and row.url.startswith("/") else row.url for name, row in ROWS.items()
    }
    assert found(pool, query, base_url=BASE) == expected
    # The next query on the same connection does not inherit it.
    assert (
        found(pool, query, base_url="http://localhost:8000")["own"] == "http://localhost:8000/files/own.fits"
    )


def test_a_base_url_is_only_text(pool: QueryPool) -> None:
    hostile = "http://x/'; DROP TABLE archive.plane; --%s$1\\"
    urls = found(pool, "SELECT uri, access_url FROM jwst.product", base_url=hostile)
    assert urls["own"] == f"{hostile}/files/own.fits"


def test_who_may_read_what_is_listed(pool: QueryPool) -> None:
    listed = found(pool, "SELECT publisherid, datareadgroups FROM caom2.plane")
    assert (listed["teams"], listed["undated-teams"], listed["public"]) == ("alpha beta", "alpha", None)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
def test_the_hour_of_release_is_utc_in_every_session(
    pool: QueryPool, module_database_url: str, zone: str
) -> None:
    assert pool.size  # the rows are there
    with psycopg.connect(module_database_url) as connection:
        connection.execute("SELECT set_config('timezone', %s, false)", [zone])
        connection.execute("SET ROLE voserver_query")
        rights: dict[str, str] = dict(
            connection.execute("SELECT obs_id, data_rights FROM ivoa.obscore").fetchall()
        )
    assert {name for name, word in rights.items() if word == "public"} == PUBLIC


def test_data_become_public_when_their_time_comes(fresh_database_url: str) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        insert(connection, "soon", Row(NOW + timedelta(hours=1)))
        both = "SELECT data_rights, s3_uri FROM jwst.product"
        assert connection.execute(both).fetchone() == ("proprietary", None)
        connection.execute("UPDATE archive.artifact SET datarelease = now() AT TIME ZONE 'utc'")
        assert connection.execute(both).fetchone() == ("public", f"{BUCKET}soon")
