"""Source catalogues of the archive become tables, queried beside the images that they were made of."""

import asyncio
import csv
import io
from pathlib import Path

import psycopg
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from typer.testing import CliRunner

from tests.http.conftest import opened
from voserver.catalogue.ingest.archive_files import ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.releases import Choice
from voserver.cli.application import app
from voserver.settings import Settings

NAME = "jw02733-o001_t001_nircam_f187n_cat.ecsv"
URI = f"mast:JWST/product/{NAME}"


@pytest.fixture
def archive(fresh_database_url: str, tmp_path: Path) -> Settings:
    """An archive that has one catalogue of sources, which is public."""
    store = tmp_path / "store"
    store.mkdir()
    table = QTable()
    table["label"] = [1, 2, 3]
    table["sky_centroid"] = SkyCoord([151.75, 151.76, 152.9], [-40.44, -40.44, -40.6], unit="deg")
    table.write(store / NAME, format="ascii.ecsv")
    settings = Settings.model_validate(
        {
            "database_url": fresh_database_url,
            "data_dir": tmp_path / "data",
            "authority": "archive.test",
            "log_level": "error",
            "stores": [{"name": "main", "url": store.as_uri()}],
        }
    )
    manner = Manner(settings.authority, Choice(is_public=True, moment=None), None, with_checksums=False)
    assert ingest_files(fresh_database_url, [str(store)], settings, manner).report.added == 1
    return settings


@pytest.fixture
def environment(archive: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        "VOSERVER_DATABASE_URL": str(archive.database_url),
        "VOSERVER_DATA_DIR": str(archive.data_dir),
        "VOSERVER_AUTHORITY": archive.authority,
        "VOSERVER_STORES": f'[{{"name": "main", "url": "{(tmp_path / "store").as_uri()}"}}]',
    }


def asked(settings: Settings, query: str) -> list[list[str]]:
    async def answer() -> str:
        async with opened(settings) as client:
            told = await client.post(
                "/tap/sync", data={"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "csv"}
            )
            assert told.status_code == 200, told.text
            return told.text

    return list(csv.reader(io.StringIO(asyncio.run(answer()))))[1:]


@pytest.mark.parametrize("name", [URI, NAME])
def test_sources_are_searched_on_the_sky_and_joined_to_their_product(
    name: str, archive: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    felis = tmp_path / "sources.yaml"
    described = CliRunner().invoke(
        app, ["table", "describe", name, "--name", "ring.sources"], env=environment
    )
    assert described.exit_code == 0, described.output
    felis.write_text(described.stdout)
    published = CliRunner().invoke(app, ["table", "publish", str(felis), name], env=environment)
    assert published.exit_code == 0, published.output
    assert "3 rows are published" in published.output
    found = asked(
        archive,
        "SELECT s.label, p.filename, p.dataproduct_type FROM ring.sources AS s"
        " JOIN jwst.product AS p ON p.uri = s.product_uri WHERE DISTANCE(POINT(s.sky_centroid_ra,"
        " s.sky_centroid_dec), POINT(151.755, -40.44)) < 0.01 ORDER BY s.label",
    )
    assert found == [["1", NAME, "measurements"], ["2", NAME, "measurements"]]


def test_what_is_exclusive_is_not_published(archive: Settings, environment: dict[str, str]) -> None:
    with psycopg.connect(str(archive.database_url)) as connection:
        connection.execute("UPDATE archive.artifact SET datarelease = '2099-01-01', datareadgroups = NULL")
    refused = CliRunner().invoke(app, ["table", "describe", URI], env=environment)
    assert refused.exit_code != 0
    assert "is under exclusive access until 2099-01-01" in str(refused.exception)
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mast:JWST/product/nothing_cat.ecsv", "There is no file 'mast:JWST/product/nothing_cat.ecsv'"),
        ("jw02733-o009_t001_nircam_f187n_cat.ecsv", "There is no file 'jw02733-o009"),
        ("nothing.csv", "There is no file nothing.csv"),
    ],
)
def test_what_is_not_there_is_told(name: str, words: str, environment: dict[str, str]) -> None:
    refused = CliRunner().invoke(app, ["table", "describe", name], env=environment)
    assert refused.exit_code != 0
    assert words in str(refused.exception)


def test_a_file_that_no_store_has_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "store" / NAME).unlink()
    refused = CliRunner().invoke(app, ["table", "describe", URI], env=environment)
    assert f"No store of this archive has {NAME} now" in str(refused.exception)
