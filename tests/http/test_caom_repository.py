"""The CAOM repository: lists to harvest by, documents that CADC's package reads, and nothing that one may not see."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest
from caom2.obs_reader_writer import ObservationReader
from lxml import etree

from tests.http import members
from tests.http.members import HIDDEN, HIDDEN_WORD, Users, bearer
from voserver.catalogue.caom_documents.harvesting import documents_from
from voserver.catalogue.caom_documents.loading import load
from voserver.catalogue.caom_documents.reading import read
from voserver.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def users(module_database_url: str) -> Users:
    made = members.fill(module_database_url)
    with psycopg.connect(module_database_url) as connection:
        connection.execute(
            "UPDATE archive.observation_change SET changed = timestamp '2024-01-01' + interval '1 hour'"
            " * (right(observationid, 3)::int / 2), released = NULL"
        )
    return made


@pytest.fixture(scope="module")
def base(
    module_database_url: str,
    users: Users,
    serve: Callable[[Settings], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    assert users.member
    settings = Settings(
        database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"), log_level="error"
    )
    with serve(settings) as url:
        yield f"{url}/caom"


def listed(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    return [line.split("\t") for line in answer.text.splitlines()]


def test_collections_and_their_observations_are_listed_as_they_changed(base: str) -> None:
    assert httpx.get(base).text == "JWST\n"
    rows = listed(httpx.get(f"{base}/JWST"))
    assert len(rows) == 58
    assert rows[0] == ["JWST", "jw02737001", "2024-01-01T00:00:00.000", ""]
    assert rows == sorted(rows, key=lambda row: (row[2], row[1]))


def test_a_list_has_a_start_an_end_and_a_length(base: str) -> None:
    span = {"start": "2024-01-01T05:00:00.000", "end": "2024-01-01T06:00:00Z"}
    names = [name for _, name, _, _ in listed(httpx.get(f"{base}/JWST", params=span))]
    assert names == ["jw02737010", "jw02738011", "jw02736012", "jw02737013"]
    assert [
        name for _, name, _, _ in listed(httpx.get(f"{base}/JWST", params={**span, "maxrec": 2}))
    ] == names[:2]
    assert listed(httpx.get(f"{base}/JWST", params={"start": "2030-01-01"})) == []


def test_more_that_changed_at_one_moment_than_a_list_has_is_listed_together(base: str) -> None:
    def names(**asked: object) -> list[str]:
        return [name for _, name, _, _ in listed(httpx.get(f"{base}/JWST", params=asked))]  # type: ignore[arg-type]

    assert names(start="2024-01-01T05:00:00.000", maxrec=1) == ["jw02737010", "jw02738011"]
    assert names(start="2024-01-01T05:00:00.001", maxrec=3) == ["jw02736012", "jw02737013", "jw02736015"]


def test_what_is_deleted_is_listed_for_who_could_see_it(
    serve: Callable[[Settings], AbstractContextManager[str]], fresh_database_url: str, tmp_path: Path
) -> None:
    users = members.fill(fresh_database_url)
    with psycopg.connect(fresh_database_url) as connection:
        gone = connection.execute(
            "DELETE FROM archive.observation WHERE observationid IN ('jw02737001', %s) RETURNING obsid::text",
            [HIDDEN],
        ).fetchall()
    settings = Settings(database_url=fresh_database_url, data_dir=tmp_path, log_level="error")
    with serve(settings) as url:
        assert httpx.get(f"{url}/caom/deletions").text == "JWST\n"
        ((identifier, collection, name, _),) = listed(httpx.get(f"{url}/caom/deletions/JWST"))
        assert (collection, name) == ("JWST", "jw02737001")
        assert (identifier,) in gone
        mine = listed(httpx.get(f"{url}/caom/deletions/JWST", headers=bearer(users.member)))
        assert sorted(row[2] for row in mine) == sorted(["jw02737001", HIDDEN])
        assert listed(httpx.get(f"{url}/caom/deletions/JWST", params={"start": "2090-01-01"})) == []
        assert httpx.get(f"{url}/caom/deletions/HST").status_code == 404


def test_cadcs_package_reads_a_document(base: str) -> None:
    answer = httpx.get(f"{base}/JWST/jw02737001")
    assert answer.headers["content-type"].startswith("text/xml")
    observation = ObservationReader(validate=True).read(io.BytesIO(answer.content))
    assert (observation.collection, observation.observation_id) == ("JWST", "jw02737001")
    (plane,) = observation.planes.values()
    assert sorted(artifact.uri for artifact in plane.artifacts.values()) == [
        f"mast:JWST/jw02737001_{kind}" for kind in ("rate", "thumb", "x1d")
    ]
    newer = httpx.get(f"{base}/JWST/jw02737001", params={"version": "2.5"})
    assert etree.fromstring(newer.content).tag == "{http://www.opencadc.org/caom2/xml/v2.5}Observation"


def test_a_document_is_json_for_who_accepts_that(base: str) -> None:
    xml = httpx.get(f"{base}/JWST/jw02737001", headers={"Accept": "text/xml, application/json"})
    assert xml.headers["content-type"].startswith("text/xml")
    for asked in ({"headers": {"Accept": "application/json"}}, {"params": {"responseformat": "json"}}):
        answer = httpx.get(f"{base}/JWST/jw02737001", **asked)  # type: ignore[arg-type]
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["vary"].startswith("Accept")
        assert read(answer.content) == read(xml.content)
    assert httpx.get(f"{base}/JWST/jw02737001", params={"responseformat": "fits"}).status_code == 400


def test_who_has_a_document_is_not_sent_it_again(base: str) -> None:
    first = httpx.get(f"{base}/JWST/jw02737001")
    again = httpx.get(f"{base}/JWST/jw02737001", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert first.headers["last-modified"] == "Mon, 01 Jan 2024 00:00:00 GMT"


def test_what_is_hidden_is_there_only_for_its_group(base: str, users: Users) -> None:
    assert httpx.get(f"{base}/JWST/{HIDDEN}").status_code == 404
    assert httpx.get(f"{base}/JWST/{HIDDEN}", headers=bearer(users.stranger)).status_code == 404
    mine = httpx.get(f"{base}/JWST/{HIDDEN}", headers=bearer(users.member))
    assert HIDDEN_WORD in mine.text
    assert mine.headers["cache-control"] == "private, no-cache"
    assert len(listed(httpx.get(f"{base}/JWST", headers=bearer(users.member)))) == 60


def test_another_archive_can_mirror_what_is_public(base: str, fresh_database_url: str) -> None:
    *_, last = load(fresh_database_url, "mirror.example", documents_from(f"{base}/JWST"))
    assert (last.added, last.refused) == (58, [])
    with psycopg.connect(fresh_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM jwst.product").fetchone() == (174,)
        hidden = "SELECT count(*) FROM archive.observation WHERE observationid = %s"
        assert connection.execute(hidden, [HIDDEN]).fetchone() == (0,)


def test_its_capabilities_lead_to_the_lists(base: str) -> None:
    document = etree.fromstring(httpx.get(f"{base}/capabilities").content)
    found = {
        capability.get("standardID"): capability.findtext("interface/accessURL")
        for capability in document.iterfind("capability")
    }
    standard = (
        "vos://cadc.nrc.ca~vospace/CADC/std/CAOM2Repository"  # as caom2repo and torkeep of CADC call it
    )
    assert found[f"{standard}#obs-1.2"] == base
    assert found[f"{standard}#del-1.0"] == f"{base}/deletions"
    assert httpx.get(f"{base}/availability").status_code == 200


@pytest.mark.parametrize(
    ("path", "asked", "status", "said"),
    [
        ("HST", {}, 404, "no collection 'HST'"),
        ("JWST/jw1", {}, 404, "no observation 'jw1'"),
        ("JWST/%00", {}, 404, "nothing of that name"),
        ("JWST", {"start": "yesterday"}, 400, "start='yesterday' is no date"),
        ("JWST", {"end": "9999-12-31T23:59:59-12:00"}, 400, "is no date"),
        ("JWST", {"maxrec": "-1"}, 400, "is not a number of rows"),
        ("JWST/jw02737001", {"version": "3"}, 400, "There are 2.4 and 2.5"),
        ("x'; DROP TABLE archive.observation; --", {}, 404, "no collection"),
    ],
)
def test_what_is_not_there_is_told_in_words(
    base: str, path: str, asked: dict[str, str], status: int, said: str
) -> None:
    answer = httpx.get(f"{base}/{path}", params=asked)
    assert answer.status_code == status
    assert said in answer.text
