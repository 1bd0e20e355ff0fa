"""`/files`: whole files and parts of them, for those who may have them, wherever they lie."""

import base64
import collections
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest

from voserver.settings import Settings, StoreSetting

BYTES = bytes(range(256)) * 16
"""What is in the public image, 4096 bytes."""

IMAGE = "/files/mast:JWST/jw02737001_rate"
OTHER = "/files/mast:JWST/jw02737001_x1d"
EXCLUSIVE = "/files/mast:JWST/jw02737010_rate"
SAMPLE = "/files/voserver:sample/simulated.fits"
ODD = "/files/mast:JWST/odd"
FORGED = "/files/other:public/jw02737010_rate"
"""A public file, as somebody's metadata say, of the same name as the exclusive one."""


@pytest.fixture(scope="module")
def filled(module_database_url: str) -> str:
    md5 = hashlib.md5(BYTES, usedforsecurity=False).hexdigest()
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        filling.execute(
            "UPDATE archive.artifact SET contentlength = 4096, contentchecksum = %s,"
            " uri = replace(uri, '02738010', '02737010'), filename = replace(filename, '02738010', '02737010')"
            " WHERE suffix = 'rate'",
            [f"md5:{md5}"],
        )
        filling.execute(
            "UPDATE archive.artifact SET uri = 'voserver:sample/simulated.fits', filename = 'simulated.fits'"
            " WHERE uri = 'mast:JWST/jw02738002_thumb'"
        )
        filling.execute(
            "UPDATE archive.artifact SET uri = 'mast:JWST/odd', filename = %s, contenttype = NULL"
            " WHERE uri = 'mast:JWST/jw02736003_thumb'",
            ['a "b"\r\n☄.ecsv'],
        )
        filling.execute(
            "UPDATE archive.artifact AS forged SET uri = 'other:public/jw02737010_rate', filename = exclusive.filename"
            " FROM archive.artifact AS exclusive"
            " WHERE forged.uri = 'mast:JWST/jw02736006_thumb' AND exclusive.uri = 'mast:JWST/jw02737010_rate'"
        )
    return module_database_url


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    (made / "secret").write_text("secret")
    store = made / "store"
    store.mkdir()
    for name in ("jw02737001_rate.fits", "jw02737010_rate.fits", "simulated.fits", 'a "b"\r\n☄.ecsv'):
        (store / name).write_bytes(BYTES)
    return store


@pytest.fixture(scope="module")
def client(
    filled: str, directory: Path, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[httpx.Client]:
    stores = [
        StoreSetting(name="local", url=directory.as_uri()),
        StoreSetting(
            name="elsewhere", url="https://archive.example/get?uri={uri}", public=True, redirect=True
        ),
    ]
    settings = Settings(database_url=filled, data_dir=directory.parent, stores=stores, log_level="error")
    with serve(settings) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def test_a_file_comes_whole_with_its_type_name_tag_and_checksum(client: httpx.Client) -> None:
    answer = client.get(IMAGE)
    assert (answer.status_code, answer.content) == (200, BYTES)
    digest = hashlib.md5(BYTES, usedforsecurity=False)
    assert answer.headers["content-type"] == "image/fits"
    assert answer.headers["content-length"] == "4096"
    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == 'inline; filename="jw02737001_rate.fits"'
    assert answer.headers["repr-digest"] == f"md5=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["cache-control"].startswith("public")
    assert "content-encoding" not in client.get(IMAGE, headers={"Accept-Encoding": "gzip"}).headers


def test_head_says_what_get_would(client: httpx.Client) -> None:
    whole, head = client.get(IMAGE), client.head(IMAGE, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    ours = {"content-length", "content-type", "etag", "last-modified", "repr-digest", "accept-ranges"}
    assert {name: head.headers[name] for name in ours} == {name: whole.headers[name] for name in ours}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=4000-", 4000, 4096),
        ("bytes=-5", 4091, 4096),
        ("bytes=-99999", 0, 4096),
        ("bytes=4095-99999999999999999", 4095, 4096),
        ("bytes= 3 - 4", 3, 5),
    ],
)
def test_a_range_gives_that_part(client: httpx.Client, asked: str, start: int, end: int) -> None:
    answer = client.get(IMAGE, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, BYTES[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/4096"
    assert answer.headers["repr-digest"] == client.get(IMAGE).headers["repr-digest"]


@pytest.mark.parametrize("asked", ["bytes=4096-", "bytes=9999-99999", "bytes=-0"])
def test_a_range_outside_of_the_file_is_refused_with_its_size(client: httpx.Client, asked: str) -> None:
    answer = client.get(IMAGE, headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */4096")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=-", "bytes", "", "bytes=" + "9" * 100 + "-"]
)  # fmt: skip
def test_what_is_no_single_range_of_bytes_gives_the_whole(client: httpx.Client, asked: str) -> None:
    answer = client.get(IMAGE, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, BYTES)


def test_a_part_is_added_only_to_the_same_file(client: httpx.Client) -> None:
    whole = client.get(IMAGE)
    for condition in (whole.headers["etag"], whole.headers["last-modified"]):
        part = client.get(IMAGE, headers={"Range": "bytes=10-", "If-Range": condition})
        assert (part.status_code, part.content) == (206, BYTES[10:])
    for condition in ('"another"', f"W/{whole.headers['etag']}", "Thu, 01 Jan 1970 00:00:00 GMT", "x"):
        other = client.get(IMAGE, headers={"Range": "bytes=10-", "If-Range": condition})
        assert (other.status_code, other.content) == (200, BYTES)


def test_who_has_a_file_already_is_not_sent_it_again(client: httpx.Client) -> None:
    whole = client.get(IMAGE)
    tag, date = whole.headers["etag"], whole.headers["last-modified"]
    for known in ({"If-None-Match": f'"x", {tag}'}, {"If-None-Match": "*"}, {"If-Modified-Since": date}):
        answer = client.get(IMAGE, headers=known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    unknown = {"If-None-Match": '"x"', "If-Modified-Since": date}
    assert client.get(IMAGE, headers=unknown).status_code == 200
    assert client.get(IMAGE, headers={"If-Match": '"x"'}).status_code == 412
    assert client.get(IMAGE, headers={"If-Match": tag, "Range": "bytes=0-0"}).status_code == 206
    before = {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert client.get(IMAGE, headers=before).status_code == 412


def test_what_another_archive_has_is_redirected_to(client: httpx.Client) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, OTHER)
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://archive.example/get?uri=mast%3AJWST/jw02737001_x1d"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_exclusive_is_told_but_not_given(client: httpx.Client, method: str) -> None:
    answer = client.request(method, EXCLUSIVE, headers={"If-None-Match": "*", "Range": "bytes=0-1"})
    assert answer.status_code == 401
    assert BYTES[:2] not in answer.content
    assert "repr-digest" not in answer.headers
    if method == "GET":
        assert "exclusive access until 2100-01-01" in answer.text


def test_a_name_that_an_exclusive_file_has_too_opens_nothing(client: httpx.Client) -> None:
    answer = client.get(FORGED)
    assert answer.status_code == 404
    assert BYTES[:2] not in answer.content


def test_the_demonstrations_files_keep_their_old_paths(client: httpx.Client) -> None:
    assert client.get(SAMPLE).content == BYTES
    assert client.get("/files/simulated.fits").content == BYTES


def test_a_hostile_name_stays_in_its_header(client: httpx.Client) -> None:
    answer = client.get(ODD)
    assert answer.content == BYTES
    assert answer.headers["content-disposition"] == (
        "inline; filename=\"a _b____.ecsv\"; filename*=UTF-8''a%20%22b%22%0D%0A%E2%98%84.ecsv"
    )
    assert answer.headers["content-type"] == "text/x-ecsv"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/files/", "/files/none.fits", f"{IMAGE}/properties", f"{IMAGE}/", "/files/..%2Fsecret",
     "/files/%2e%2e%2fsecret", "/files/file:../secret", "/files/.", "/files/%00", f"{IMAGE}%00",
     "/files/..%5Csecret", f"/files/{'x' * 5000}", "/files/%E2%98%84", "/files/%FF", "/files//etc/passwd",
     "/files/file:///etc/passwd", "/files/s3://bucket/key", "/files/mast:JWST/..%2Fjw02737001_rate"],
)  # fmt: skip
def test_nothing_but_the_catalogues_files_is_given_out(client: httpx.Client, path: str) -> None:
    answer = client.get(httpx.URL(f"{client.base_url}".rstrip("/") + path))
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert answer.text != "secret"


def test_an_unknown_file_of_masts_is_told_where_it_may_be(client: httpx.Client) -> None:
    answer = client.get("/files/mast:JWST/product/jw09999_cal.fits")
    assert answer.status_code == 404
    assert "MAST itself may have it: https://mast.stsci.edu/api/v0.1/Download/file?uri=" in answer.text


def test_an_interrupted_download_is_resumed(client: httpx.Client) -> None:
    with client.stream("GET", IMAGE) as answer:
        beginning = next(answer.iter_raw(1000))
        tag = answer.headers["etag"]
    rest = client.get(IMAGE, headers={"Range": f"bytes={len(beginning)}-", "If-Range": tag})
    assert beginning + rest.content == BYTES


def test_a_file_that_is_cut_off_while_it_is_sent_does_not_look_whole(
    client: httpx.Client, directory: Path
) -> None:
    long = directory / "jw02736006_rate.fits"
    with long.open("wb") as file:
        file.truncate(64 << 20)
    with client.stream("GET", "/files/mast:JWST/jw02736006_rate") as answer:
        assert answer.headers["content-length"] == str(64 << 20)
        pieces = answer.iter_raw(1 << 16)
        next(pieces)
        long.write_bytes(b"")
        with pytest.raises(httpx.RemoteProtocolError):
            collections.deque(pieces, maxlen=0)
