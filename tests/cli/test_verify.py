"""`voserver verify` finds what is missing, cut off, damaged or unknown in the stores, and says what to do."""

import hashlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from voserver.catalogue.verify import Extent, Problem, Tally, verify
from voserver.model.errors import NotFound, UsageError
from voserver.settings import Settings, StoreSetting

LONG_AGO = 1_700_000_000
Problems = list[tuple[str, str | None, str | None]]


class Archive:
    """A catalogue and a directory; every file has its name for content."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url = url
        self.directory = directory
        self.directory.mkdir()
        self.stores = [StoreSetting(name="disk", url=directory.as_uri(), layout="{program}/{filename}")]
        self.run("TRUNCATE archive.observation CASCADE")
        key = uuid.uuid5(uuid.NAMESPACE_URL, "plane")
        self.run(
            "INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode)"
            " VALUES ('caom:JWST/o', %(key)s, 'JWST', 'o', 'S')",
            key=key,
        )
        self.run(
            "INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,"
            " observationid) VALUES ('ivo://x?o', %(key)s, %(key)s, 'caom:JWST/o/2b', '2b', 2, 'JWST', 'o')",
            key=key,
        )

    def run(self, statement: str, **values: object) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode(), values)

    def know(self, name: str, **values: object) -> None:
        """Put a file into the catalogue."""
        row = {
            "uri": f"mast:JWST/{name}",
            "artifactid": uuid.uuid5(uuid.NAMESPACE_URL, name),
            "length": len(name),
            "checksum": f"md5:{hashlib.md5(name.encode()).hexdigest()}",
            "name": name,
            "planeid": uuid.uuid5(uuid.NAMESPACE_URL, "plane"),
            **values,
        }
        self.run(
            "INSERT INTO archive.artifact (uri, planeid, artifactid, filename, program, contentlength, contentchecksum)"
            " VALUES (%(uri)s, %(planeid)s, %(artifactid)s, %(name)s, 1234, %(length)s, %(checksum)s)",
            **row,
        )

    def put(self, path: str, content: str | None = None) -> Path:
        """Put a file into the store."""
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Path(path).name if content is None else content)
        os.utime(file, (LONG_AGO, LONG_AGO))
        return file

    def verified(self, **extent: Any) -> tuple[Problems, Tally]:
        tally = Tally()
        settings = Settings(database_url=self.url, stores=self.stores)
        found = verify(self.url, settings, Extent(**extent), tally)
        return [(one.kind, one.key, one.uri) for one in found], tally


@pytest.fixture
def archive(module_database_url: str, tmp_path: Path) -> Archive:
    return Archive(module_database_url, tmp_path / "store")


def test_where_all_is_well_nothing_is_said(archive: Archive) -> None:
    for name in ("a.fits", "b.fits"):
        archive.know(name)
        archive.put(f"01234/{name}")
    problems, tally = archive.verified(checksums=True)
    assert problems == []
    assert (tally.files, tally.copies, tally.read) == (2, 2, 2)


def test_each_kind_of_problem_is_found(archive: Archive) -> None:
    for name in ("well.fits", "short.fits", "other.fits", "moved.fits", "nowhere.fits"):
        archive.know(name)
    archive.run(
        "INSERT INTO archive.location SELECT artifactid, 'disk', 'elsewhere/moved.fits' FROM archive.artifact"
        " WHERE filename = 'moved.fits'"
    )
    archive.put("01234/well.fits")
    archive.put("01234/short.fits", "short")
    archive.put("01234/other.fits", "OTHER.fits")
    archive.put("deep/er/still/unknown.fits")
    problems, _ = archive.verified()
    assert sorted(problems, key=str) == [
        ("missing", "elsewhere/moved.fits", "mast:JWST/moved.fits"),
        ("nowhere", None, "mast:JWST/moved.fits"),
        ("nowhere", None, "mast:JWST/nowhere.fits"),
        ("orphan", "deep/er/still/unknown.fits", None),
        ("size", "01234/short.fits", "mast:JWST/short.fits"),
    ]
    problems, tally = archive.verified(checksums=True)
    assert ("checksum", "01234/other.fits", "mast:JWST/other.fits") in problems
    assert tally.read == 2


def test_a_file_that_another_store_may_have_is_not_missed(archive: Archive) -> None:
    archive.know("a.fits")
    mirror = StoreSetting(name="mirror", url="https://mirror.example/files", public=True)
    archive.stores.append(mirror)
    assert archive.verified()[0] == []


def test_a_file_that_comes_while_it_is_looked_is_no_orphan(archive: Archive) -> None:
    os.utime(archive.put("new.fits"), (4e9, 4e9))
    assert archive.verified()[0] == []


def test_contents_that_were_read_well_are_trusted_until_something_changes(archive: Archive) -> None:
    archive.know("a.fits")
    file = archive.put("01234/a.fits")
    assert archive.verified(checksums=True)[1].read == 1
    assert archive.verified(checksums=True, trusted_days=1)[1].read == 0
    assert archive.verified(checksums=True)[1].read == 1
    file.write_text("A.fits")
    os.utime(file, (4e9, 4e9))
    problems, tally = archive.verified(checksums=True, trusted_days=1)
    assert (tally.read, problems) == (1, [("checksum", "01234/a.fits", "mast:JWST/a.fits")])
    # What was not well is read again.
    assert archive.verified(checksums=True, trusted_days=1)[1].read == 1


def test_what_cannot_be_compared_is_not_read(archive: Archive) -> None:
    archive.know("a.fits", checksum=None)
    archive.know("b.fits", checksum="crc32:abcd", length=None)
    archive.put("01234/a.fits")
    archive.put("01234/b.fits")
    problems, tally = archive.verified(checksums=True)
    assert (problems, tally.copies, tally.read) == ([], 2, 0)


def test_links_count_where_they_stay_in_the_store(archive: Archive, tmp_path: Path) -> None:
    archive.know("a.fits")
    (archive.put("real/a.fits")).rename(archive.directory / "01234")
    (archive.directory / "01234").rename(archive.directory / "kept")
    (archive.directory / "01234").mkdir()
    (archive.directory / "01234" / "a.fits").symlink_to(archive.directory / "kept")
    (tmp_path / "outside").write_text("secret")
    (archive.directory / "outside").symlink_to(tmp_path / "outside")
    (archive.directory / "loop").symlink_to(archive.directory)
    assert archive.verified(checksums=True)[0] == [("orphan", "kept", None)]


@pytest.mark.parametrize("name", ["a\nb.fits", "\x1b[31m", "☄ ' ; --.fits"])
def test_odd_names_are_told(archive: Archive, name: str) -> None:
    archive.put(name, "content")
    ((kind, key, _),) = archive.verified()[0]
    assert kind == "orphan"
    assert key == (name if name.isprintable() else repr(name))


def test_a_name_that_is_no_text_is_told(archive: Archive) -> None:
    Path(os.fsdecode(bytes(archive.directory) + b"/\xff.fits")).write_text("content")
    os.utime(bytes(archive.directory) + b"/\xff.fits", (LONG_AGO, LONG_AGO))
    assert archive.verified()[0] == [("orphan", "'\\udcff.fits'", None)]


def test_a_bucket_is_verified_like_a_directory(archive: Archive) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options: dict[str, str | bool] = {
            "endpoint": f"http://{host}:{port}",
            "region": "us-east-1",
            "access_key_id": "key",
            "secret_access_key": "secret",
        }
        client = boto3.client(
            "s3",
            endpoint_url=options["endpoint"],
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        client.create_bucket(Bucket="bucket")
        for key in ("jwst/well.fits", "jwst/other.fits", "elsewhere/well.fits"):
            client.put_object(Bucket="bucket", Key=key, Body=b"well.fits")
        archive.know("well.fits")
        archive.know("other.fits", length=9)
        archive.know("gone.fits")
        archive.stores[:] = [StoreSetting(name="bucket", url="s3://bucket/jwst", options=options)]
        problems, tally = archive.verified(checksums=True)
    finally:
        server.stop()
    assert sorted(problems, key=str) == [
        ("checksum", "other.fits", "mast:JWST/other.fits"),
        ("nowhere", None, "mast:JWST/gone.fits"),
    ]
    assert (tally.copies, tally.read) == (2, 2)


def test_a_store_that_is_away_is_a_problem_of_its_own(archive: Archive) -> None:
    archive.know("a.fits")
    archive.directory.rmdir()
    assert [kind for kind, _, _ in archive.verified()[0]] == ["away"]


def test_a_file_that_cannot_be_read_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.know("a.fits")
    archive.put("01234/a.fits")

    def fail(_: object) -> Any:
        def read(_key: str) -> Any:
            raise OSError(5, "Input/output error")

        return read

    monkeypatch.setattr("voserver.catalogue.verify.reader", fail)
    assert archive.verified(checksums=True)[0] == [("unreadable", "01234/a.fits", "mast:JWST/a.fits")]


def test_stores_that_cannot_be_looked_at_are_refused(archive: Archive) -> None:
    with pytest.raises(NotFound, match="no store 'tape'"):
        archive.verified(stores=("tape",))
    archive.stores[:] = [StoreSetting(name="mast", url="https://mast.example")]
    with pytest.raises(UsageError, match="cannot be listed"):
        archive.verified(stores=("mast",))
    with pytest.raises(UsageError, match="No store is the operator's own"):
        archive.verified()


def test_who_finds_files_nowhere_is_first_told_that_a_store_may_not_be_named() -> None:
    advice = Problem("nowhere", "said").advice
    assert advice.index("VOSERVER_STORES") < advice.index("MAST") < advice.index("withdraw")


def test_every_problem_has_advice() -> None:
    for kind in ("away", "missing", "nowhere", "size", "checksum", "unreadable", "orphan"):
        assert Problem(kind, "said").advice.endswith(".")


@pytest.mark.parametrize("option", ["--json", "--checksums"])
def test_the_command_tells_people_and_programs(archive: Archive, option: str, tmp_path: Path) -> None:
    archive.put("unknown.fits")
    stores = json.dumps([one.model_dump() for one in archive.stores])
    environment = {
        "VOSERVER_DATABASE_URL": archive.url,
        "VOSERVER_STORES": stores,
        "VOSERVER_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "voserver", "verify", option]
    ran = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    if option == "--json":
        problem, summary = map(json.loads, ran.stdout.splitlines())
        assert (problem["kind"], problem["key"]) == ("orphan", "unknown.fits")
        assert summary == {"kind": "summary", "files": 0, "copies": 0, "read": 0, "problems": {"orphan": 1}}
    else:
        assert "orphan disk unknown.fits: No file of the catalogue belongs there" in ran.stdout
        assert "Load its metadata, or delete it." in ran.stdout
        assert "0 files in the catalogue" in ran.stdout
