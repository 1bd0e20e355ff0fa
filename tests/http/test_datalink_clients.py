"""pyvo follows links of the demonstration's data, from each kind of answer, and has parts of them cut out."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import pyvo
from astropy import units
from astropy.config.paths import set_temp_cache
from astropy.io import fits
from astropy.utils.data import import_file_to_cache
from pyvo.dal.adhoc import DatalinkResults, DatalinkService
from pyvo.dal.exceptions import DALServiceError
from pyvo.utils import vocabularies

from voserver.catalogue.ingest.sample import load_sample
from voserver.settings import Settings

IMAGES = "SELECT * FROM ivoa.ObsCore WHERE dataproduct_subtype = 'simulated' AND dataproduct_type = 'image'"
VOCABULARY = "http://www.ivoa.net/rdf/datalink/core"


@pytest.fixture(scope="module")
def sampled(
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Settings], AbstractContextManager[str]],
) -> Iterator[str]:
    """A server of the demonstration's data."""
    settings = Settings(
        database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"), log_level="error"
    )
    load_sample(module_database_url, settings)
    with serve(settings) as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The terms of the vocabulary that pyvo looks for, as if it had fetched them."""
    cache = tmp_path_factory.mktemp("cache")
    narrower = {"this": [], "preview": ["thumbnail"], "proc": ["cutout"], "cutout": [], "package": []}
    terms = {name: {"label": name, "narrower": more, "wider": []} for name, more in narrower.items()}
    file = cache / "core.json"
    file.write_text(json.dumps({"uri": VOCABULARY, "terms": terms}))
    with set_temp_cache(cache):
        import_file_to_cache(VOCABULARY, file)
        vocabularies.get_vocabulary.cache_clear()
        yield
    vocabularies.get_vocabulary.cache_clear()


@pytest.fixture(scope="module")
def image(sampled: str) -> Any:
    """A simulated image, as TAP tells of it."""
    return pyvo.dal.TAPService(f"{sampled}/tap").search(f"{IMAGES} ORDER BY obs_publisher_did")[0]


def circle(image: Any) -> tuple[units.Quantity, ...]:
    return (image["s_ra"] * units.deg, image["s_dec"] * units.deg, 0.003 * units.deg)


def size(content: bytes) -> int:
    """How many pixels the science image has."""
    with fits.open(io.BytesIO(content)) as file:
        return int(file["SCI"].data.size)


def this(links: DatalinkResults) -> list[str]:
    return [row.access_url for row in links.bysemantics("#this")]


def test_links_of_many_rows_come_together(sampled: str) -> None:
    query = "SELECT TOP 120 obs_publisher_did AS dataset, access_url FROM ivoa.ObsCore"
    found = pyvo.dal.TAPService(f"{sampled}/tap").search(query)
    links = list(found.iter_datalinks())
    assert {row.id for one in links for row in one} == set(found["dataset"])
    assert all(this(one)[0].startswith(f"{sampled}/files/") for one in links)
    assert {one.original_row["dataset"] for one in links} == set(found["dataset"])


@pytest.mark.parametrize("protocol", ["tap", "sia2", "sia1", "ssa"])
def test_every_kind_of_answer_leads_to_links(sampled: str, image: Any, protocol: str) -> None:
    longitude, latitude, _ = circle(image)
    found = {
        "tap": lambda: pyvo.dal.TAPService(f"{sampled}/tap").search(IMAGES),
        "sia2": lambda: pyvo.dal.SIA2Service(f"{sampled}/sia").search(pos=circle(image)),
        "sia1": lambda: pyvo.dal.SIAService(f"{sampled}/sia1").search(
            pos=(longitude.value, latitude.value), size=0.01
        ),
        "ssa": lambda: pyvo.dal.SSAService(f"{sampled}/ssa").search(),
    }[protocol]()
    assert len(found)
    links = list(found.iter_datalinks())
    assert links
    assert all(this(one) for one in links)


def test_a_dataset_is_fetched_through_its_links(image: Any, sampled: str) -> None:
    content = image.getdataset().read()
    assert len(content) == image.getdatalink()[0].content_length
    assert size(content) > 10_000
    links = DatalinkService(f"{sampled}/datalink/links").search(image["obs_publisher_did"])
    assert links.getdataset().read() == content


def test_a_processing_service_cuts_out(image: Any, sampled: str) -> None:
    whole = size(image.getdataset().read())
    (links,) = [
        one
        for one in pyvo.dal.TAPService(f"{sampled}/tap").search(IMAGES).iter_datalinks()
        if one[0].id == image["obs_publisher_did"]
    ]
    for known in (links, image.getdatalink()):
        service = known.get_first_proc()
        assert service.semantics == "#cutout"
        limits = {one.name: one.values.max for one in service.input_params}
        assert limits["CIRCLE"][:2] == pytest.approx([image["s_ra"], image["s_dec"]], abs=1e-3)
        assert 0 < size(service.process(circle=circle(image)).read()) < whole


@pytest.mark.parametrize("protocol", ["tap", "sia2"])
def test_a_found_image_is_cut_at_once(image: Any, sampled: str, protocol: str) -> None:
    record = image
    if protocol == "sia2":
        found = pyvo.dal.SIA2Service(f"{sampled}/sia").search(pos=circle(image))
        (record,) = [one for one in found if one["obs_publisher_did"] == image["obs_publisher_did"]]
    part = record.processed(circle=circle(image)).read()
    assert 0 < size(part) < size(image.getdataset().read())


def test_what_is_not_there_is_told_so(sampled: str) -> None:
    links = DatalinkService(f"{sampled}/datalink/links").search("mast:JWST/product/none.fits")
    with pytest.raises(DALServiceError, match="NotFoundFault"):
        links[0].getdataurl()
