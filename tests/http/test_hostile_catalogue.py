"""What a catalogue tells of files comes from many hands: it stays in its place, and breaks no answer."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.cutouts.made import PIXEL, STAR, image, tangent
from voserver.settings import Settings, StoreSetting

CONTENT = image(tangent(30, 20))
CIRCLE = f"{STAR[0]} {STAR[1]} {5 * PIXEL}"
HOSTILE = {
    "filename": ['a"b.fits', "a\r\nX-Evil: 1\r\n.fits", "☄.fits", "-rf $(id)`id`\n.fits", "\u202egpj.fits"],
    "contenttype": ["text/html\r\nX-Evil: 1", "☄/x", "x", "", "text/☄; a=b", "image/fits\n"],
    "contentchecksum": ['md5:a"\r\nX-Evil: 1', "md5:☄", "md5:\x7f\x01", "☄", ":", "md5:"],
}
KEYS = {"circle": 404, "outside": 404, "pipe": 404, "up/secret": 404, "x" * 5000: 404, "inside": 200}


@pytest.fixture(scope="module")
def client(
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[str]],
) -> Iterator[httpx.Client]:
    root = tmp_path_factory.mktemp("hostile")
    (root / "secret").write_text("secret")
    store = root / "store"
    store.mkdir()
    (store / "inside").write_bytes(CONTENT)
    for name, target in (("circle", "circle"), ("outside", "../secret"), ("up", "..")):
        (store / name).symlink_to(target)
    os.mkfifo(store / "pipe")
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        for column, values in HOSTILE.items():
            for number, value in enumerate(values):
                _add(filling, f"mast:JWST/{column}{number}", "inside", {column: value})
        for number, key in enumerate(KEYS):
            _add(filling, f"mast:JWST/key{number}", key, {})
    settings = Settings(
        database_url=module_database_url,
        data_dir=root,
        stores=[StoreSetting(name="local", url=store.as_uri())],
        log_level="error",
    )
    with serve(settings) as url, httpx.Client(base_url=url, timeout=30) as opened:
        yield opened


def _add(filling: psycopg.Connection, uri: str, key: str, values: dict[str, str]) -> None:
    name = uri.rpartition("/")[2]
    columns = {"filename": f"{name}.fits", "contenttype": "image/fits", "contentchecksum": None} | values
    filling.execute(
        "INSERT INTO archive.artifact (uri, artifactid, planeid, publisherid, producttype, contentlength, metarelease,"
        " datarelease, filename, contenttype, contentchecksum)"
        " SELECT %(uri)s, md5(%(uri)s)::uuid, planeid, publisherid, 'science', %(size)s, metarelease, datarelease,"
        " %(filename)s, %(contenttype)s, %(contentchecksum)s"
        " FROM archive.artifact WHERE uri = 'mast:JWST/jw02737001_rate'",
        {"uri": uri, "size": len(CONTENT), **columns},
    )
    filling.execute("INSERT INTO archive.location VALUES (md5(%s)::uuid, 'local', %s)", [uri, key])


@pytest.mark.parametrize("column", HOSTILE)
def test_words_of_the_catalogue_stay_in_their_headers(client: httpx.Client, column: str) -> None:
    for number in range(len(HOSTILE[column])):
        uri = f"mast:JWST/{column}{number}"
        whole = client.get(f"/files/{uri}")
        part = client.get("/soda/sync", params={"ID": uri, "CIRCLE": CIRCLE})
        assert (whole.status_code, whole.content) == (200, CONTENT)
        assert part.status_code == 200
        for answer in (whole, part):
            assert "x-evil" not in answer.headers
            assert answer.headers["content-disposition"].isascii()
        again = client.get(f"/files/{uri}", headers={"If-None-Match": whole.headers["etag"]})
        assert again.status_code == 304


def test_keys_lead_to_files_inside_the_store_only(client: httpx.Client) -> None:
    for number, status in enumerate(KEYS.values()):
        answer = client.get(f"/files/mast:JWST/key{number}")
        assert answer.status_code == status, list(KEYS)[number]
        assert "secret" not in answer.text
