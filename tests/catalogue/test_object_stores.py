"""Copies in S3, over a socket: an exclusive bucket with credentials, a public one without."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from tests.catalogue.test_stores import HOLDING, LATER
from voserver.catalogue.files import Copy, Elsewhere, Stores
from voserver.catalogue.files.stores import FAILURES
from voserver.catalogue.holdings import Holding
from voserver.jobs.results import ResultStore
from voserver.model.errors import Forbidden, NotFound, Unavailable
from voserver.model.identity import ANYBODY
from voserver.settings import Settings, StoreSetting

BYTES = bytes(range(256)) * 40_960
"""10 MiB: more than is asked for at once."""


@dataclass(frozen=True)
class Cloud:
    endpoint: str
    key_id: str
    secret: str

    def exclusive(self, **more: object) -> StoreSetting:
        options = {
            "endpoint": self.endpoint,
            "region": "us-east-1",
            "access_key_id": self.key_id,
            "secret_access_key": self.secret,
        }
        return StoreSetting.model_validate(
            {"name": "exclusive", "url": "s3://exclusive/jwst", "options": options, **more}
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
        )

    def public(self, **more: object) -> StoreSetting:
        options = {"endpoint": self.endpoint, "region": "us-east-1", "skip_signature": True}
        return StoreSetting.model_validate(
            {
                "name": "public",
                "url": "s3://public",
                "layout": "cloud",
                "public": True,
                "options": options,
                **more,
            }
        )


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    first = Cloud(endpoint, "a", "b")
    users = first.client("iam")
    users.create_user(UserName="archive")
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    users.put_user_policy(UserName="archive", PolicyName="all", PolicyDocument=json.dumps(everything))
    made = users.create_access_key(UserName="archive")["AccessKey"]
    objects = first.client("s3")
    for bucket in ("exclusive", "public", "results"):
        objects.create_bucket(Bucket=bucket)
    objects.put_object(Bucket="exclusive", Key="jwst/a_cal.fits", Body=BYTES)
    objects.put_object(Bucket="public", Key="jwst/public/a b_cal.fits", Body=BYTES, ACL="public-read")
    yield Cloud(endpoint, made["AccessKeyId"], made["SecretAccessKey"])
    server.stop()


@pytest.fixture
def guarded(cloud: Cloud) -> Iterator[Cloud]:
    """The same, where every request must be signed with credentials that are known."""
    _let_in(cloud, "0")
    yield cloud
    _let_in(cloud, "inf")


def _let_in(cloud: Cloud, requests: str) -> None:
    """How many requests are let in unasked: moto's own switch."""
    asked = Request(
        f"{cloud.endpoint}/moto-api/reset-auth",
        requests.encode(),
        {"Content-Type": "text/plain"},
        method="POST",
    )
    urlopen(asked).close()


def opened(stores: list[StoreSetting], holding: Holding = HOLDING) -> Copy:
    return asyncio.run(Stores(stores).open(holding, ANYBODY))


def found(stores: list[StoreSetting], holding: Holding = HOLDING) -> Copy | Elsewhere:
    return asyncio.run(Stores(stores).find(holding, ANYBODY))


async def _read(stores: list[StoreSetting], start: int, end: int) -> bytes:
    copy = await Stores(stores).open(HOLDING, ANYBODY)
    return b"".join([block async for block in copy.blocks(start, end)])


def test_an_exclusive_bucket_is_read_with_credentials_whole_and_in_parts(guarded: Cloud) -> None:
    copy = opened([guarded.exclusive()])
    assert (copy.store, copy.size) == ("exclusive", len(BYTES))
    assert copy.modified is not None
    assert copy.read(1_000_000, 1_000_010) == BYTES[1_000_000:1_000_010]
    assert copy.read(5, 5) == b""
    assert asyncio.run(_read([guarded.exclusive()], 0, len(BYTES))) == BYTES
    assert asyncio.run(_read([guarded.exclusive()], 4_000_000, 9_000_000)) == BYTES[4_000_000:9_000_000]


def test_credentials_that_are_not_known_make_a_store_away(guarded: Cloud) -> None:
    wrong = replace(guarded, secret="wrong", key_id="AKIAWRONG")
    with pytest.raises(Unavailable):
        opened([wrong.exclusive()])


def test_a_public_bucket_is_read_without_credentials_where_the_cloud_uri_says(cloud: Cloud) -> None:
    public = replace(HOLDING, cloud_uri="s3://public/jwst/public/a b_cal.fits")
    copy = opened([cloud.public()], public)
    assert copy.read(100, 356) == BYTES[100:356]
    assert found([cloud.public(redirect=True)], public) == Elsewhere(
        "public", f"{cloud.endpoint}/public/jwst/public/a%20b_cal.fits", is_passing=False
    )
    with urlopen(f"{cloud.endpoint}/public/jwst/public/a%20b_cal.fits") as answer:
        assert answer.read() == BYTES


def test_what_is_not_public_is_neither_read_from_nor_redirected_to_a_public_bucket(cloud: Cloud) -> None:
    exclusive = replace(HOLDING, cloud_uri="s3://public/jwst/public/a b_cal.fits", is_public=False)
    stores = [cloud.public(redirect=True), cloud.exclusive()]
    held = found(stores, exclusive)
    assert isinstance(held, Copy)
    assert held.store == "exclusive"
    with pytest.raises(NotFound):
        found(stores[:1], exclusive)
    with pytest.raises(Forbidden):
        found(stores, replace(exclusive, is_readable=False))


def test_a_cloud_copy_is_not_used_before_its_own_release(cloud: Cloud) -> None:
    staged = replace(HOLDING, cloud_uri="s3://public/jwst/public/a b_cal.fits", cloud_release=LATER)
    assert opened([cloud.public(), cloud.exclusive()], staged).store == "exclusive"


def test_a_signed_url_gives_an_exclusive_file_for_a_short_time(cloud: Cloud) -> None:
    elsewhere = found([cloud.exclusive(redirect=True, sign=60)], replace(HOLDING, is_public=False))
    assert isinstance(elsewhere, Elsewhere)
    assert elsewhere.is_passing
    assert "X-Amz-Expires=60" in elsewhere.url
    with urlopen(elsewhere.url) as answer:
        assert answer.read() == BYTES


def test_a_missing_key_goes_on_to_the_next_store(cloud: Cloud) -> None:
    missing = cloud.exclusive(name="other", url="s3://exclusive/elsewhere")
    assert opened([missing, cloud.exclusive()]).store == "exclusive"
    with pytest.raises(NotFound):
        opened([missing, cloud.public()])


def test_a_store_that_is_away_goes_on_to_the_next_and_is_not_asked_again_at_once(cloud: Cloud) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    away = replace(cloud, endpoint=f"http://127.0.0.1:{port}").exclusive(name="away")
    stores = Stores([away, cloud.exclusive()])
    for _ in range(FAILURES):
        assert asyncio.run(stores.open(HOLDING, ANYBODY)).store == "exclusive"
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        assert asyncio.run(stores.open(HOLDING, ANYBODY)).store == "exclusive"
        with pytest.raises(BlockingIOError):  # nobody has knocked
            listener.accept()
    with pytest.raises(Unavailable):
        opened([away])


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[StoreSetting, Iterator[int]]]:
    """Another archive that answers so, one request after the other, and what it has not answered yet."""
    left = iter(statuses)

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(next(left))
            self.send_header("Content-Length", "10")
            self.send_header("Last-Modified", "Mon, 02 Jan 2023 00:00:00 GMT")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/{{uri}}"
        yield StoreSetting(name="odd", url=url, layout="{uri}", public=True), left
        server.shutdown()


@pytest.mark.parametrize(("between", "outcome"), [(200, "odd"), (404, "NotFound")])
def test_a_store_that_gives_an_odd_answer_now_and_then_is_asked_again(between: int, outcome: str) -> None:
    few = [400] * (FAILURES - 1)
    with answering(*few, between, *few, between) as (store, left):
        stores = Stores([store])
        assert [_outcome(stores) for _ in few * 2 + [0, 0]] == [*["Unavailable"] * len(few), outcome] * 2
    assert list(left) == []


def test_a_store_that_gives_odd_answers_only_is_left_alone_for_a_while() -> None:
    with answering(*[400] * FAILURES, 200) as (store, left):
        stores = Stores([store])
        assert {_outcome(stores) for _ in range(FAILURES + 1)} == {"Unavailable"}
    assert list(left) == [200]


def _outcome(stores: Stores) -> str:
    """The store that has the file, or the error."""
    try:
        return asyncio.run(stores.open(HOLDING, ANYBODY)).store
    except (NotFound, Unavailable) as error:
        return type(error).__name__


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(cloud: Cloud) -> None:
    objects = cloud.client("s3")
    objects.put_object(Bucket="exclusive", Key="changing/a_cal.fits", Body=BYTES)
    copy = opened([cloud.exclusive(url="s3://exclusive/changing")])
    objects.put_object(Bucket="exclusive", Key="changing/a_cal.fits", Body=BYTES[::-1])
    with pytest.raises(Unavailable):
        copy.read(0, 10)


def test_results_of_jobs_are_kept_in_a_bucket(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT": cloud.endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": cloud.key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.secret,
    }.items():
        monkeypatch.setenv(name, value)
    store = ResultStore.from_settings(Settings(results_url="s3://results/of/jobs"))
    pieces = [BYTES, BYTES, b"end"]
    stored = store.write("job/result.bin", iter(pieces))
    assert stored.size == 2 * len(BYTES) + 3

    async def part(start: int, end: int) -> bytes:
        return b"".join([block async for block in store.read("job/result.bin", start, end)])

    assert asyncio.run(part(len(BYTES) - 2, len(BYTES) + 2)) == BYTES[-2:] + BYTES[:2]
    assert asyncio.run(part(0, stored.size)) == b"".join(pieces)

    def broken() -> Iterator[bytes]:
        yield BYTES
        raise Unavailable("the database is away")

    with pytest.raises(Unavailable, match="the database is away"):
        store.write("job/broken.bin", broken())
    store.delete("job/result.bin")
    store.delete("job/result.bin")
    with pytest.raises(NotFound):
        asyncio.run(part(0, 1))
    listed = cloud.client("s3").list_objects_v2(Bucket="results")
    assert listed["KeyCount"] == 0
