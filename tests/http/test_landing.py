"""The front page: pictures of what everybody may see, and every service."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest

from voserver.settings import Settings

THUMBNAILS = """
INSERT INTO archive.artifact (uri, planeid, artifactid, producttype, contenttype, metarelease, datarelease, lastmodified,
    filename, publisherid, target_name, instrument_name, product_subgroup)
SELECT 'x:' || name, planeid, md5(name)::uuid, 'thumbnail', 'image/jpeg', t.metarelease, t.datarelease, now(), name,
    publisherid, target_name, instrument_name, subgroup
FROM (SELECT planeid, publisherid, target_name, instrument_name FROM archive.plane
    ORDER BY planeuri LIMIT 1) AS p, (VALUES
    ('open.jpg', timestamp '2023-01-01', timestamp '2023-01-01', NULL),
    ('in no store.jpg', '2023-01-01', '2023-01-01', NULL),
    ('made up.jpg', '2023-01-01', '2023-01-01', 'SIMULATED'),
    ('exclusive.jpg', '2023-01-01', '2100-01-01', NULL),
    ('hidden.jpg', '2100-01-01', '2023-01-01', NULL)) AS t (name, metarelease, datarelease, subgroup)
"""


@pytest.fixture(scope="module")
def front(
    module_database_url: str,
    site_settings: Settings,
    serve: Callable[[Settings], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    data = tmp_path_factory.mktemp("front")
    (data / "files").mkdir()
    for name in ("open.jpg", "made up.jpg", "exclusive.jpg", "hidden.jpg"):
        (data / "files" / name).write_bytes(b"picture")
    with psycopg.connect(module_database_url) as filling:
        filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        filling.execute(THUMBNAILS)
    with serve(
        site_settings.model_copy(update={"database_url": module_database_url, "data_dir": data})
    ) as url:
        yield url


def test_the_front_page_shows_pictures_that_everybody_may_see(front: str) -> None:
    page = httpx.get(front).text
    shown = re.findall(r'<img src="([^"]+)"', page)
    assert sorted(shown) == [f"{front}/files/x%3Amade%20up.jpg", f"{front}/files/x%3Aopen.jpg"]
    assert page.count("simulated pixels") == 1
    assert {httpx.get(one).content for one in shown} == {b"picture"}
    assert "hidden" not in page
    assert "exclusive" not in page


def test_every_link_of_the_front_page_leads_to_something(front: str) -> None:
    links = _links(front)
    assert len(links) > 10
    answers = {link: httpx.get(link, timeout=60).status_code for link in links}
    assert {link: status for link, status in answers.items() if status != 200} == {}


def test_the_front_page_asks_each_search_for_what_its_pictures_show(front: str) -> None:
    (shown,) = re.findall(r"jwst%3F(jw\w+?)&amp;RESPONSEFORMAT=html", httpx.get(front).text)[:1]
    searches = [link for link in _links(front) if re.search("/(sia/query|scs/jwst.product|package)[?]", link)]
    assert len(searches) == 3
    for search in searches:
        assert shown in httpx.get(search, headers={"Accept": "text/csv"}).text


def test_the_links_of_an_empty_archive_lead_to_something(
    fresh_database_url: str,
    site_settings: Settings,
    serve: Callable[[Settings], AbstractContextManager[str]],
) -> None:
    with serve(site_settings.model_copy(update={"database_url": fresh_database_url})) as empty:
        answers = {link: httpx.get(link, timeout=60).status_code for link in _links(empty)}
    assert set(answers.values()) == {200}


def _links(front: str) -> set[str]:
    """The URLs of the front page."""
    return {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', httpx.get(front).text)}
