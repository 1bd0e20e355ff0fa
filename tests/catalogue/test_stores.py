"""Where copies of files are found, and what is passed over."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from voserver.catalogue.files import Copy, Elsewhere, Stores
from voserver.catalogue.holdings import Holding, Location
from voserver.model.errors import Forbidden, NotFound, Unavailable, UsageError
from voserver.model.identity import ANYBODY
from voserver.settings import Settings, StoreSetting

LATER = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)

HOLDING = Holding(
    uri="mast:JWST/product/a_cal.fits",
    artifact_id=UUID(int=1),
    plane_id=UUID(int=2),
    publisher_id="ivo://voserver.example/jwst?a/2b",
    filename="a_cal.fits",
    program=2736,
    product_type="science",
    subgroup="CAL",
    dataproduct_type="image",
    calibration_level=2,
    is_minimum_recommended=False,
    content_type="image/fits",
    content_length=10,
    content_checksum="md5:781e5e245d69b566979b86e28d23f2c7",
    release=None,
    is_readable=True,
    is_public=True,
    cloud_uri="s3://stpubdata/jwst/public/jw02736/a_cal.fits",
    cloud_release=None,
    shares_name=False,
    locations=(),
)


def store(name: str, directory: Path, **more: object) -> StoreSetting:
    return StoreSetting.model_validate({"name": name, "url": directory.as_uri(), **more})


@pytest.fixture
def directories(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first", tmp_path / "second place"
    first.mkdir()
    second.mkdir()
    return first, second


def opened(stores: list[StoreSetting], holding: Holding = HOLDING) -> Copy:
    return asyncio.run(Stores(stores).open(holding, ANYBODY))


def found(stores: list[StoreSetting], holding: Holding = HOLDING) -> Copy | Elsewhere:
    return asyncio.run(Stores(stores).find(holding, ANYBODY))


async def _all(copy: Copy, start: int, end: int) -> bytes:
    return b"".join([block async for block in copy.blocks(start, end)])


def test_the_first_store_that_has_a_file_gives_it(directories: tuple[Path, Path]) -> None:
    first, second = directories
    stores = [store("first", first), store("second", second)]
    (second / "a_cal.fits").write_bytes(b"0123456789")
    copy = opened(stores)
    assert (copy.store, copy.size, copy.read(2, 5)) == ("second", 10, b"234")
    assert asyncio.run(_all(copy, 0, 10)) == b"0123456789"
    assert copy.modified is not None
    (first / "a_cal.fits").write_bytes(b"first")
    assert opened(stores).store == "first"


def test_a_copy_that_is_the_catalogues_file_has_its_checksum_for_a_tag(
    directories: tuple[Path, Path],
) -> None:
    first, _ = directories
    (first / "a_cal.fits").write_bytes(b"0123456789")
    assert opened([store("first", first)]).e_tag == "781e5e245d69b566979b86e28d23f2c7"
    (first / "a_cal.fits").write_bytes(b"another version")
    other = opened([store("first", first)]).e_tag
    assert other != "781e5e245d69b566979b86e28d23f2c7"
    os.utime(first / "a_cal.fits", (1, 1))
    assert opened([store("first", first)]).e_tag not in {other, "781e5e245d69b566979b86e28d23f2c7"}


@pytest.mark.parametrize(
    ("layout", "key"),
    [
        ("{filename}", "a_cal.fits"),
        ("{path}", "JWST/product/a_cal.fits"),
        ("jw{program}/{filename}", "jw02736/a_cal.fits"),
    ],
)
def test_a_layout_says_where_a_file_lies(directories: tuple[Path, Path], layout: str, key: str) -> None:
    first, _ = directories
    (first / key).parent.mkdir(parents=True, exist_ok=True)
    (first / key).write_bytes(b"here")
    assert opened([store("first", first, layout=layout)]).read(0, 4) == b"here"


def test_a_row_of_the_catalogue_goes_before_the_layout(directories: tuple[Path, Path]) -> None:
    first, _ = directories
    (first / "a_cal.fits").write_bytes(b"by layout")
    (first / "else").mkdir()
    (first / "else" / "where").write_bytes(b"by row")
    holding = replace(HOLDING, locations=(Location("first", "else/where", None),))
    assert opened([store("first", first)], holding).read(0, 6) == b"by row"


def test_a_copy_is_not_used_before_its_own_release(directories: tuple[Path, Path]) -> None:
    first, second = directories
    (first / "a_cal.fits").write_bytes(b"first")
    (second / "a_cal.fits").write_bytes(b"second")
    stores = [store("first", first), store("second", second)]
    assert (
        opened(stores, replace(HOLDING, locations=(Location("first", "a_cal.fits", LATER),))).store
        == "second"
    )


def test_a_public_store_gives_nothing_exclusive(directories: tuple[Path, Path]) -> None:
    first, second = directories
    (first / "a_cal.fits").write_bytes(b"first")
    (second / "a_cal.fits").write_bytes(b"second")
    stores = [store("first", first, public=True), store("second", second)]
    assert opened(stores, replace(HOLDING, is_public=False)).store == "second"
    with pytest.raises(Forbidden):
        opened(stores, replace(HOLDING, is_public=False, is_readable=False))


def test_what_no_store_has_and_what_is_away_are_told_apart(directories: tuple[Path, Path]) -> None:
    first, _ = directories
    with pytest.raises(NotFound, match=r"No store of this archive has a_cal\.fits"):
        opened([store("first", first)])
    gone = store("gone", first / "unmounted")
    with pytest.raises(Unavailable) as away:
        opened([gone, store("first", first)])
    assert away.value.retry_after > 0
    (first / "a_cal.fits").write_bytes(b"first")
    assert opened([gone, store("first", first)]).store == "first"


@pytest.mark.parametrize(
    "key",
    [
        "../secret",
        "link",
        "a/../../secret",
        "/etc/passwd",
        "sub/link",
        "sub/link/passwd",
        "sub",
        ".",
        "..",
        "",
        "a\0b",
    ],
)
def test_nothing_outside_of_a_directory_is_in_its_store(directories: tuple[Path, Path], key: str) -> None:
    first, _ = directories
    (first.parent / "secret").write_text("secret")
    (first / "link").symlink_to(first.parent / "secret")
    (first / "sub").mkdir()
    (first / "sub" / "link").symlink_to("/etc")
    holding = replace(HOLDING, locations=(Location("first", key, None),))
    with pytest.raises(NotFound):
        opened([store("first", first)], holding)
    with pytest.raises(NotFound):
        opened([store("first", first)], replace(HOLDING, filename="x" * 5000))


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed(directories: tuple[Path, Path]) -> None:
    first, _ = directories
    (first / "a_cal.fits").write_bytes(b"0123456789")
    copy = opened([store("first", first)])
    (first / "new").write_bytes(b"another one")
    (first / "new").rename(first / "a_cal.fits")
    with pytest.raises(Unavailable, match="replaced"):
        copy.read(0, 3)
    with pytest.raises(Unavailable, match="replaced"):
        asyncio.run(_all(copy, 0, 10))


def test_another_archive_is_pointed_to_for_what_is_public_only() -> None:
    mast = StoreSetting(name="mast", url="https://mast.example/file?uri={uri}", public=True, redirect=True)
    assert found([mast]) == Elsewhere(
        "mast", "https://mast.example/file?uri=mast%3AJWST/product/a_cal.fits", is_passing=False
    )
    with pytest.raises(NotFound):
        found([mast], replace(HOLDING, is_public=False))


def test_who_sets_no_stores_sends_clients_to_mast_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: object) -> None:
        raise AssertionError("A store was asked for a file.")

    monkeypatch.setattr("obstore.head_async", asked)
    stores = Stores.from_settings(Settings(data_dir=tmp_path))
    there = asyncio.run(stores.find(HOLDING, ANYBODY))
    assert isinstance(there, Elsewhere)
    assert there.url == "https://mast.stsci.edu/api/v0.1/Download/file?uri=mast%3AJWST/product/a_cal.fits"
    elsewhere = replace(HOLDING, uri="voserver:contributed/a_cal.fits", cloud_uri=None)
    for nowhere in (replace(HOLDING, is_public=False), elsewhere):
        with pytest.raises(NotFound):
            asyncio.run(stores.find(nowhere, ANYBODY))
    (tmp_path / "files" / "a_cal.fits").write_bytes(b"0123456789")
    assert isinstance(asyncio.run(stores.find(HOLDING, ANYBODY)), Copy)


def test_files_are_located_in_the_stores_that_have_them(directories: tuple[Path, Path]) -> None:
    first, second = directories
    stores = Stores(
        [
            store("first", first),
            store("second", second),
            StoreSetting(name="cloud", url="s3://stpubdata/jwst/public/", layout="cloud"),
            StoreSetting(name="mast", url="https://mast.example/file?uri={uri}", public=True, redirect=True),
        ]
    )
    assert stores.locate(str(second / "sub" / "a.fits")) == ("second", "sub/a.fits")
    assert stores.locate((second / "a b.fits").as_uri()) == ("second", "a b.fits")
    assert stores.locate("s3://stpubdata/jwst/public/jw1/a.fits") == ("cloud", "jw1/a.fits")
    assert stores.locate("s3://stpubdata/jwst/public-not/a.fits") is None
    assert stores.locate(str(first.parent / "a.fits")) is None


def test_stores_are_set_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOSERVER_STORES", '[{"name": "a", "url": "file:///data/", "layout": "{path}"}]')
    assert Settings().stores == [StoreSetting(name="a", url="file:///data", layout="{path}")]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"name": "a", "url": "ftp://x/"}, "no place of files"),
        ({"name": "a", "url": "file:///x", "layout": "{name}"}, "{name} stands for nothing"),
        ({"name": "A b", "url": "file:///x"}, "pattern"),
        ({"name": "a", "url": "file:///x", "pubic": True}, "pubic"),
        ({"name": "a", "url": "https://x.example", "options": {"region": "x"}}, "only a bucket"),
        ({"name": "a", "url": "file:///x", "redirect": True}, "nobody can be redirected"),
        ({"name": "a", "url": "s3://x", "redirect": True}, "public, or have URLs signed"),
    ],
)
def test_a_store_that_makes_no_sense_is_refused_in_words(setting: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        StoreSetting.model_validate(setting)


def test_an_option_that_a_store_does_not_have_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="nonsense"):
        Stores([StoreSetting(name="a", url="s3://bucket", options={"nonsense": "x"})])


def test_the_stores_of_the_documentation_are_understood() -> None:
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
    shown = page.split("```json\n")[1].split("```")[0]
    stores = TypeAdapter(list[StoreSetting]).validate_json(shown)
    assert [one.name for one in stores] == ["local", "archive", "cloud", "mast"]
    assert Stores(stores).locate("/data/jwst/jw02736/a_cal.fits") == ("local", "jw02736/a_cal.fits")


def test_between_two_parts_it_is_noticed_that_a_file_was_replaced_or_is_gone(
    directories: tuple[Path, Path],
) -> None:
    first, second = directories
    (first / "a_cal.fits").write_bytes(b"first")
    (second / "a_cal.fits").write_bytes(b"the second")
    stores = Stores([store("first", first), store("second", second)])

    def read() -> bytes:
        copy = asyncio.run(stores.open(HOLDING, ANYBODY))
        return copy.read(0, copy.size)

    assert read() == b"first"
    (first / "new").write_bytes(b"replaced")
    (first / "new").replace(first / "a_cal.fits")
    assert read() == b"replaced"
    (first / "a_cal.fits").unlink()
    (first / "a_cal.fits").symlink_to(second / "a_cal.fits")
    assert read() == b"the second"
    (first / "a_cal.fits").unlink()
    assert asyncio.run(stores.open(HOLDING, ANYBODY)).store == "second"
