"""Checksums of metadata: CADC's own package computes the same, and a document that does not fit them gets a remark."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import caom2
import psycopg
import pytest
from caom2.checksum import update_meta_checksum
from caom2.obs_reader_writer import ObservationReader
from lxml import etree
from psycopg.rows import dict_row

from voserver.catalogue.caom_documents.checksums import checksums
from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.loading import Loaded, load
from voserver.catalogue.caom_documents.reading import read
from voserver.catalogue.caom_documents.writing import write as written
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.settings import Settings

SAMPLES = Path(caom2.__file__).parent / "tests" / "data"
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")

Sums = dict[str, tuple[str, str]]


def entities(observation: Any) -> Iterator[Any]:
    yield observation
    for plane in observation.planes.values():
        yield plane
        for artifact in plane.artifacts.values():
            yield artifact
            for part in artifact.parts.values():
                yield part
                yield from part.chunks


def of_cadc(observation: Any) -> Sums:
    return {str(one._id): (one.meta_checksum.uri, one.acc_meta_checksum.uri) for one in entities(observation)}


def computed_by_cadc(content: bytes) -> Sums:
    observation = ObservationReader().read(io.BytesIO(content))
    update_meta_checksum(observation)
    return of_cadc(observation)


@pytest.mark.parametrize("name", [one.name for one in sorted(SAMPLES.glob("*-CAOM-2.[34].xml"))])
def test_checksums_are_those_that_cadc_computes(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    wanted = computed_by_cadc(content)
    found = {
        next(text for name, text in entity.attrib.items() if str(name).endswith("id")): sums
        for entity, sums in checksums(etree.fromstring(content))
    }
    # The package keeps one of several entities of one id.
    assert {key: sums for key, sums in found.items() if key in wanted} == wanted


@pytest.fixture
def archive(
    fact: Callable[..., Mapping[str, object]],
    write: Callable[..., Path],
    new_database: Callable[[], AbstractContextManager[str]],
    tmp_path: Path,
) -> Iterator[str]:
    two = "POLYGON ICRS 10 10 11 10 11 11 10 11 POLYGON ICRS 12 10 13 10 13 11"
    facts = [
        fact(),
        fact("jw02045003001_02101_00002_nrcblong_cal.fits", orig_s_region=two),
        fact("jw02045003001_02101_00003_nrcblong_cal.fits", s_region="CIRCLE ICRS 10 20 0.5"),
        fact("jw02045-o003_t001_nircam_f322w2-f323n_i2d.fits"),
    ]
    with new_database() as url:
        ingest_keywords(
            url, write(facts), Settings(database_url=url, data_dir=tmp_path, authority="archive.test")
        )
        yield url


def documents(url: str) -> list[bytes]:
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        asked = [{"collection": one, "name": name, "mine": [], "everything": True}
                 for one, name in names(connection, None, None)]  # fmt: skip
        rows = [cursor.execute(OBSERVATION.encode(), one).fetchone() for one in asked]
        return [written(row) for row in rows if row]


def test_what_goes_out_has_the_checksums_that_cadc_computes_of_it(archive: str) -> None:
    for content in documents(archive):
        assert of_cadc(ObservationReader().read(io.BytesIO(content))) == computed_by_cadc(content)
        assert read(content).misfits == 0


def test_a_document_that_does_not_fit_its_checksums_is_loaded_with_a_remark(
    archive: str, new_database: Callable[[], AbstractContextManager[str]]
) -> None:
    content = next(one for one in documents(archive) if b"00001" in one)
    changed = content.replace(b"<caom2:id>2045</caom2:id>", b"<caom2:id>2046</caom2:id>")
    assert changed != content
    with new_database() as url:
        *_, last = load(url, "archive.test", [("one", lambda: changed)])
    assert last == Loaded(added=1, noted=[("one", "2 of its checksums are not of what it says")])


def test_another_checksum_alone_is_no_change(archive: str) -> None:
    content = documents(archive)[0]
    other = re.sub(rb'(hecksum="md5:)[0-9a-f]{4}', rb"\g<1>0000", content)
    *_, last = load(archive, "archive.test", [("one", lambda: other)])
    assert last.same == 1
