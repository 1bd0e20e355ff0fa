"""Files are found by URI and by plane, and tell who may read them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from voserver.catalogue.connections import Connections
from voserver.catalogue.holdings import Holdings, Location
from voserver.model.errors import Forbidden, NotFound
from voserver.model.identity import ANYBODY, Identity

Answer = TypeVar("Answer")

MEMBER = Identity("ada", ("ivo://voserver.example/gms?jwst-02736",))
LATER = datetime(2100, 1, 1)  # noqa: DTZ001 -- the catalogue's times are UTC without zone


@pytest.fixture(scope="module")
def url(module_database_url: str) -> str:
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parents[1] / "http" / "catalogue.sql").read_bytes())
        filling.execute(
            "UPDATE archive.artifact SET datareadgroups = %s WHERE datarelease > now()", [list(MEMBER.groups)]
        )
        filling.execute(
            "INSERT INTO archive.location SELECT artifactid, 'cloud', filename, '2100-01-01' FROM archive.artifact"
            " WHERE suffix = 'rate'"
        )
    return module_database_url


def asked(url: str, question: Callable[[Holdings], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        database = Connections(url, 1, purpose="test")
        async with database.opened():
            return await question(Holdings(database))

    return asyncio.run(run())


def exclusive(url: str) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT uri FROM archive.artifact WHERE datarelease > now() ORDER BY uri"
        ).fetchone()
    assert found is not None
    return str(found[0])


def test_a_plane_has_its_files_whatever_the_case_of_its_identifier(url: str) -> None:
    found = asked(
        url, lambda files: files.of_publisher_ids(["IVO://VoServer.Example/JWST?jw02737001"], ANYBODY)
    )
    assert [one.filename.rpartition("_")[2] for one in found] == ["rate.fits", "thumb.fits", "x1d.fits"]
    assert all(one.is_readable and one.is_public for one in found)
    assert found[0].locations == (Location("cloud", "jw02737001_rate.fits", LATER),)
    assert found[1].locations == ()


def test_an_exclusive_file_is_known_to_all_and_readable_by_its_program(url: str) -> None:
    uri = exclusive(url)
    (for_all,) = asked(url, lambda files: files.of_uris([uri], ANYBODY))
    (for_member,) = asked(url, lambda files: files.of_uris([uri], MEMBER))
    assert (for_all.is_readable, for_member.is_readable, for_member.is_public) == (False, True, False)
    assert asked(url, lambda files: files.to_read(uri, MEMBER)).uri == uri
    with pytest.raises(Forbidden, match="exclusive access until 2100-01-01 00:00 UTC"):
        asked(url, lambda files: files.to_read(uri, ANYBODY))


@pytest.mark.parametrize("uri", ["", "mast:JWST/none", "\0", "a\ud800", "'; DROP TABLE x", "x" * 10_000])
def test_what_is_not_there_is_not_found(url: str, uri: str) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        asked(url, lambda files: files.to_read(uri, ANYBODY))


def test_what_one_may_not_know_of_is_not_there(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE archive.artifact SET metarelease = '2100-01-01', metareadgroups = %s WHERE uri = %s",
            [list(MEMBER.groups), "mast:JWST/jw02736003_rate"],
        )
    uri = "mast:JWST/jw02736003_rate"
    assert asked(url, lambda files: files.of_uris([uri], ANYBODY)) == []
    assert len(asked(url, lambda files: files.of_uris([uri], MEMBER))) == 1


def test_what_is_remembered_for_a_moment_is_public_to_everybody(url: str) -> None:
    hidden = exclusive(url)

    async def question(holdings: Holdings) -> None:
        assert (await holdings.to_read(hidden, MEMBER)).uri == hidden
        with pytest.raises(Forbidden):
            await holdings.to_read(hidden, ANYBODY)
        public = (await holdings.of_publisher_ids(["ivo://voserver.example/jwst?jw02737001"], ANYBODY))[0]
        assert await holdings.to_read(public.uri, MEMBER) is not await holdings.to_read(public.uri, MEMBER)
        assert await holdings.to_read(public.uri, ANYBODY) is await holdings.to_read(public.uri, ANYBODY)

    asked(url, question)
