"""Files in S3 by HTTP: what is exclusive comes through the service, what is public may be fetched from the bucket."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import httpx
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from tests.http import members
from voserver.settings import Settings, StoreSetting

BYTES = bytes(range(256)) * 24_000
"""6 MB: more than is asked for at once."""


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    objects = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    for bucket, name in (("public", "jw02737001_rate.fits"), ("exclusive", f"{members.EXCLUSIVE}_rate.fits")):
        objects.create_bucket(Bucket=bucket)
        objects.put_object(Bucket=bucket, Key=f"jwst/{name}", Body=BYTES, ACL="public-read")
    yield endpoint
    server.stop()


@pytest.fixture(scope="module")
def users(module_database_url: str) -> members.Users:
    filled = members.fill(module_database_url)
    with psycopg.connect(module_database_url) as connection:
        connection.execute("UPDATE archive.artifact SET cloud_uri = 's3://public/jwst/' || filename")
    return filled


@pytest.fixture(scope="module")
def client(
    users: members.Users,
    cloud: str,
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Settings], AbstractContextManager[str]],
) -> Iterator[httpx.Client]:
    assert users
    shared: dict[str, str | bool] = {"endpoint": cloud, "region": "us-east-1"}
    keys: dict[str, str | bool] = {"access_key_id": "a", "secret_access_key": "b"}
    stores = [
        StoreSetting(name="exclusive", url="s3://exclusive/jwst", options=shared | keys),
        StoreSetting(
            name="cloud", url="s3://public", layout="cloud", public=True, redirect=True,
            options=shared | {"skip_signature": True},
        ),
    ]  # fmt: skip
    directory: Path = tmp_path_factory.mktemp("data")
    settings = Settings(
        database_url=module_database_url, data_dir=directory, stores=stores, log_level="error"
    )
    with serve(settings) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def test_an_exclusive_file_comes_from_its_bucket_through_the_service(
    client: httpx.Client, users: members.Users
) -> None:
    path, mine = f"/files/{members.EXCLUSIVE_URI}", members.bearer(users.member)
    whole = client.get(path, headers=mine)
    assert (whole.status_code, whole.content) == (200, BYTES)
    assert whole.headers["cache-control"].startswith("private")
    part = client.get(
        path, headers={**mine, "Range": "bytes=4194300-4194310", "If-Range": whole.headers["etag"]}
    )
    assert (part.status_code, part.content) == (206, BYTES[4_194_300:4_194_311])
    assert client.get(path).status_code == 401
    assert client.get(path, headers=members.bearer(users.stranger)).status_code == 403


def test_a_public_file_is_fetched_from_its_bucket(client: httpx.Client, cloud: str) -> None:
    answer = client.get(f"/files/{members.PUBLIC_URI}")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        f"{cloud}/public/jwst/jw02737001_rate.fits",
    )
    assert httpx.get(answer.headers["location"]).content == BYTES


def test_a_package_has_files_of_several_buckets(client: httpx.Client, users: members.Users) -> None:
    asked = {"ID": f"{members.PUBLIC_URI} {members.EXCLUSIVE_URI}"}
    answer = client.get("/package", params=asked, headers=members.bearer(users.member))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert [archive.read(name) == BYTES for name in names] == [False, True, True]
