"""`/package`: a selection of files as an archive, a script or a list, and what is left out of it."""

import csv
import hashlib
import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from time import sleep

import httpx
import psycopg
import pytest

from tests.waiting import eventually
from voserver.catalogue import holdings
from voserver.settings import Settings, StoreSetting

PLANE = "ivo://voserver.example/jwst?jw02737001"
EXCLUSIVE = "ivo://voserver.example/jwst?jw02737010"
HOSTILE = """$(touch pwned)'`touch pwned`";touch pwned;\n-rf ☄.fits"""


def content(name: str) -> bytes:
    return f"content of {name}\n".encode(errors="replace") * 1000


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def filled(module_database_url: str, directory: Path) -> str:
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        filling.execute(
            "UPDATE archive.artifact SET publisherid = %s WHERE publisherid LIKE '%%2010'"
            " OR publisherid LIKE '%%7010' OR publisherid LIKE '%%8010' OR publisherid LIKE '%%6010'",
            [EXCLUSIVE],
        )
        filling.execute(
            "UPDATE archive.artifact SET minimum_recommended = (suffix = 'x1d')::int, product_subgroup = upper(suffix)"
        )
        filling.execute(
            "UPDATE archive.artifact SET filename = %s WHERE uri = 'mast:JWST/jw02738002_rate'", [HOSTILE]
        )
        filling.execute(
            "UPDATE archive.artifact SET filename = 'same.fits' WHERE suffix = 'thumb' AND obs_id IN"
            " ('jw02736003', 'jw02737004')"
        )
        rows = filling.execute("SELECT uri FROM archive.artifact").fetchall()
        for number, (uri,) in enumerate(rows):
            key = f"{number}.bin"
            (directory / key).write_bytes(content(uri))
            filling.execute(
                "INSERT INTO archive.location SELECT artifactid, 'local', %s FROM archive.artifact WHERE uri = %s",
                [key, uri],
            )
            filling.execute(
                "UPDATE archive.artifact SET contentlength = %s, contentchecksum = %s WHERE uri = %s",
                [
                    len(content(uri)),
                    f"md5:{hashlib.md5(content(uri), usedforsecurity=False).hexdigest()}",
                    uri,
                ],
            )
    return module_database_url


@pytest.fixture(scope="module")
def settings(filled: str, directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=filled,
        data_dir=tmp_path_factory.mktemp("data"),
        stores=[StoreSetting(name="local", url=directory.as_uri())],
        package_bytes=1_000_000,
        workers_embedded=True,
        log_level="error",
    )


@pytest.fixture(scope="module")
def client(
    settings: Settings, serve: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[httpx.Client]:
    with serve(settings) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def unzipped(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-length"] == str(len(answer.content))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(files: dict[str, bytes]) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(files["MANIFEST.csv"].decode(), newline=""))
    return {row["uri"]: row for row in rows}


def test_a_dataset_comes_as_a_zip_of_its_files(client: httpx.Client) -> None:
    answer = client.get("/package", params={"ID": PLANE})
    files = unzipped(answer)
    names = {f"jw02737001_{kind}.fits": f"mast:JWST/jw02737001_{kind}" for kind in ("rate", "thumb", "x1d")}
    assert files.keys() == {"MANIFEST.csv", *names}
    assert {name: files[name] for name in names} == {name: content(uri) for name, uri in names.items()}
    assert answer.headers["content-disposition"] == 'attachment; filename="package.zip"'
    assert answer.headers["x-package-left-out"] == "0"
    uri = "mast:JWST/jw02737001_rate"
    row = manifest(files)[uri]
    assert (row["name"], row["status"], row["size"]) == (
        "jw02737001_rate.fits", "included", str(len(content(uri)))
    )  # fmt: skip
    assert row["url"] == f"{str(client.base_url).rstrip('/')}/files/{uri}"


def test_a_dataset_comes_as_a_tar(client: httpx.Client) -> None:
    answer = client.post("/package", data={"id": PLANE, "responseformat": "application/x-tar"})
    assert answer.headers["content-length"] == str(len(answer.content))
    with tarfile.open(fileobj=io.BytesIO(answer.content), mode="r:") as archive:
        assert archive.getnames()[0] == "MANIFEST.csv"
        member = archive.extractfile("jw02737001_x1d.fits")
        assert member is not None
        assert member.read() == content("mast:JWST/jw02737001_x1d")


def test_head_tells_the_length_of_a_package(client: httpx.Client) -> None:
    for form in ("zip", "tar"):
        asked = {"ID": PLANE, "RESPONSEFORMAT": form}
        head, whole = client.head("/package", params=asked), client.get("/package", params=asked)
        assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"MRP": "true"}, {"x1d"}),
        ({"MRP": "false"}, {"rate", "x1d", "thumb"}),
        ({"PRODUCTTYPE": "preview"}, {"thumb"}),
        ({"PRODUCTTYPE": "Science,preview", "SUBGROUP": ["rate", "THUMB"]}, {"rate", "thumb"}),
        ({"EXTENSION": ".FITS", "CALIB": "2"}, {"rate", "x1d", "thumb"}),
    ],
)
def test_filters_keep_what_they_name(client: httpx.Client, asked: dict[str, str], kinds: set[str]) -> None:
    answer = client.get("/package", params={"ID": PLANE, "RESPONSEFORMAT": "json", **asked})
    assert {row["uri"].rpartition("_")[2] for row in answer.json()} == kinds


def test_a_package_of_too_much_is_refused_before_it_takes_memory(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = client.post("/package", data={"ID": " ".join(f"mast:x{number}" for number in range(20_001))})
    assert (many.status_code, "20,001 identifiers" in many.text) == (400, True)
    monkeypatch.setattr(holdings, "MOST", 2)
    wide = client.get("/package", params={"ID": PLANE})
    assert (wide.status_code, "more than 2 files" in wide.text) == (400, True)


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ({}, 400, "ID is missing"),
        ({"ID": "ivo://nobody/none"}, 404, "any of these identifiers"),
        ({"ID": "/etc/passwd"}, 404, "any of these identifiers"),
        ({"ID": PLANE, "MRP": "perhaps"}, 400, "neither true nor false"),
        ({"ID": PLANE, "CALIB": "9"}, 400, "no calibration level"),
        ({"ID": PLANE, "PRODUCTTYPE": "cat"}, 400, "is not known"),
        ({"ID": PLANE, "EXTENSION": "jpg"}, 404, "passes the filters"),
        ({"ID": PLANE, "RESPONSEFORMAT": "rar"}, 400, "zip, tar, script"),
        ({"ID": EXCLUSIVE}, 401, "All 3 files are exclusive"),
    ],
)
def test_what_cannot_be_packed_is_refused_in_words(
    client: httpx.Client, asked: dict[str, str], status: int, told: str
) -> None:
    answer = client.get("/package", params=asked)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


def test_what_the_caller_may_not_have_is_left_out_and_said(client: httpx.Client) -> None:
    answer = client.get("/package", params={"ID": [PLANE, EXCLUSIVE, "mast:JWST/none"]})
    files = unzipped(answer)
    assert answer.headers["x-package-left-out"] == "4"
    assert len(files) == 4
    told = {row["uri"]: (row["status"], row["name"]) for row in manifest(files).values()}
    assert told["mast:JWST/none"] == ("unknown", "")
    assert sorted(status for status, _ in told.values()).count("exclusive") == 3
    exclusive = [row for row in manifest(files).values() if row["status"] == "exclusive"]
    assert all(row["note"] == "exclusive until 2100-01-01 00:00 UTC" for row in exclusive)


def test_files_of_one_name_lie_in_the_directories_of_their_datasets(client: httpx.Client) -> None:
    uris = "mast:JWST/jw02736003_thumb  mast:JWST/jw02737004_thumb\nmast:JWST/jw02737001_x1d"
    files = unzipped(client.post("/package", data={"ID": uris}))
    assert files.keys() - {"MANIFEST.csv"} == {
        "jw02736003/same.fits", "jw02737004/same.fits", "jw02737001_x1d.fits"
    }  # fmt: skip


def test_a_file_that_no_store_has_is_left_out_and_said(client: httpx.Client, directory: Path) -> None:
    uri = "mast:JWST/jw02737007_rate"
    gone = next(path for path in directory.iterdir() if path.read_bytes() == content(uri))
    gone.unlink()
    answer = client.get("/package", params={"ID": ["mast:JWST/jw02737007_x1d", uri]})
    assert answer.headers["x-package-left-out"] == "1"
    assert manifest(unzipped(answer))[uri]["status"] == "missing"
    assert client.get("/package", params={"ID": uri}).status_code == 404


def test_a_script_fetches_and_checks_files_with_whatever_names(client: httpx.Client, tmp_path: Path) -> None:
    uris = ["mast:JWST/jw02738002_rate", "mast:JWST/jw02736003_thumb", "mast:JWST/jw02737004_thumb"]
    answer = client.get(
        "/package", params={"ID": [*uris, "ivo://x/`touch pwned`"], "RESPONSEFORMAT": "script"}
    )
    assert answer.headers["content-type"].startswith("text/x-shellscript")
    (tmp_path / "package.sh").write_bytes(answer.content)
    where = tmp_path / "here"
    where.mkdir()

    def run() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "VOSERVER_TOKEN": ""}
        return subprocess.run(
            ["/bin/sh", tmp_path / "package.sh"],
            cwd=where,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    (where / "jw02736003").mkdir()
    (where / "jw02736003" / "same.fits.part").write_bytes(content(uris[1])[:1000])
    (where / "jw02737004").mkdir()
    (where / "jw02737004" / "same.fits.part").write_bytes(b"x" * 1000)
    first = run()
    assert first.returncode == 1
    assert "same.fits: its checksum is another" in first.stderr
    second = run()
    assert (second.returncode, second.stdout.count("have "), second.stdout.count("fetched ")) == (0, 2, 1)
    fetched = {
        path.relative_to(where).as_posix(): path.read_bytes() for path in where.rglob("*") if path.is_file()
    }
    assert sorted(fetched.values()) == sorted(map(content, uris))
    assert "pwned" not in fetched
    assert "left out ivo://x/`touch" in first.stderr


def test_a_list_of_urls_gives_the_files(client: httpx.Client) -> None:
    answer = client.get("/package", params={"ID": [PLANE, EXCLUSIVE], "RESPONSEFORMAT": "text/uri-list"})
    lines = answer.text.splitlines()
    assert lines[0].startswith("# 3 files are left out")
    assert [client.get(line).status_code for line in lines[1:]] == [200, 200, 200]
    table = client.get("/package", params={"ID": PLANE, "RESPONSEFORMAT": "csv"})
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == 3


def test_a_package_that_is_too_large_is_made_by_a_job(client: httpx.Client) -> None:
    everything = {"ID": " ".join(f"mast:JWST/jw0{2736 + n % 3}{n:03d}_x1d" for n in range(1, 60) if n % 10)}
    refused = client.post("/package", data=everything)
    assert refused.status_code == 400
    assert "/package/async" in refused.text
    made = client.post("/package/async", data={**everything, "PHASE": "RUN"})
    job = made.headers["location"]
    for _ in range(100):
        phase = client.get(f"{job}/phase").text
        if phase not in {"QUEUED", "EXECUTING"}:
            break
        sleep(0.1)
    assert phase == "COMPLETED", client.get(f"{job}/error").text
    files = unzipped(client.get(f"{job}/results/package"))
    assert len(files) == 55
    part = client.get(f"{job}/results/package", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PK\x03\x04")


def test_a_job_that_can_have_nothing_says_why(client: httpx.Client) -> None:
    made = client.post("/package/async", data={"ID": EXCLUSIVE, "PHASE": "RUN"})
    job = made.headers["location"]
    client.get(job, params={"WAIT": "20", "PHASE": "QUEUED"})
    client.get(job, params={"WAIT": "20", "PHASE": "EXECUTING"})
    assert client.get(f"{job}/phase").text == "ERROR"
    assert "exclusive to others" in client.get(f"{job}/error").text


def test_an_archive_that_cannot_be_ended_does_not_look_whole(client: httpx.Client, directory: Path) -> None:
    uri = "mast:JWST/jw02736009_x1d"
    path = next(path for path in directory.iterdir() if path.read_bytes() == content(uri))
    with path.open("wb") as file:
        file.truncate(50 << 20)
    received = bytearray()
    with client.stream("GET", "/package", params={"ID": uri}) as answer:
        pieces = answer.iter_raw(1 << 16)
        received += next(pieces)
        path.write_bytes(b"shorter")
        with pytest.raises(httpx.RemoteProtocolError):
            received += b"".join(pieces)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(received))


def test_the_manifest_of_a_package_is_json_too(client: httpx.Client) -> None:
    rows = json.loads(
        client.get("/package", params={"ID": EXCLUSIVE + " " + PLANE, "RESPONSEFORMAT": "json"}).text
    )
    assert {row["status"] for row in rows} == {"included", "exclusive"}


def test_more_packages_than_are_sent_at_once_are_told_to_come_back(
    settings: Settings, tmp_path: Path, serve: Callable[[Settings], AbstractContextManager[str]]
) -> None:
    wanted = {"ID": "mast:JWST/jw02737001_rate", "RESPONSEFORMAT": "tar"}
    with psycopg.connect(str(settings.database_url)) as asking:
        found = asking.execute(
            "SELECT key FROM archive.location JOIN archive.artifact USING (artifactid) WHERE uri = %s",
            [wanted["ID"]],
        ).fetchone()
    assert found is not None
    with (tmp_path / found[0]).open("wb") as large:
        large.truncate(200_000_000)  # more than lies between server and client
    changed = {
        "stores": [StoreSetting(name="local", url=tmp_path.as_uri())],
        "packages": 1,
        "query_queue_timeout": 0,
    }
    with serve(settings.model_copy(update=changed)) as url, httpx.Client(base_url=url, timeout=60) as client:
        with client.stream("GET", "/package", params=wanted) as sending:
            assert sending.status_code == 200
            refused = client.get("/package", params=wanted)
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert "all 1 places for packages" in refused.text
            assert client.get("/package", params=wanted | {"RESPONSEFORMAT": "urls"}).status_code == 200
        eventually(lambda: client.head("/package", params=wanted).status_code == 200)
