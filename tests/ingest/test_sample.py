"""The demonstration's catalogue and files."""

from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image as Picture

from voserver.catalogue.ingest.sample import load_sample
from voserver.sample import KEYWORDS, make_sample
from voserver.sample.subjects import SUBJECTS, Cube, Image
from voserver.settings import Settings


def test_the_sample_holds_facts_only_and_is_small() -> None:
    names = set(pq.read_schema(KEYWORDS).names)
    assert not names & {"title", "targdesc", "pi_name", "obslabel", "proposal_pi", "obs_title"}
    assert KEYWORDS.stat().st_size < 1_500_000


def test_the_sample_has_every_instrument(loading: Settings) -> None:
    url = str(loading.database_url)
    outcome = load_sample(url, loading)
    assert outcome.refused == 0
    assert outcome.added == pq.read_metadata(KEYWORDS).num_rows
    with psycopg.connect(url) as connection:
        instruments = connection.execute("SELECT DISTINCT instrument FROM archive.artifact").fetchall()
        count = connection.execute("SELECT count(*) FROM archive.artifact").fetchone()
        kept = connection.execute(
            "SELECT archive.artifact.access_url, contentlength, provenance_name, dataproduct_subtype"
            " FROM archive.artifact"
            " JOIN archive.plane USING (planeid) WHERE archive.plane.dataproduct_subtype = 'simulated'"
        ).fetchall()
        stamps = connection.execute("SELECT max(maxlastmodified) FROM archive.observation").fetchone()
    assert {name for (name,) in instruments} == {"FGS", "MIRI", "NIRCAM", "NIRISS", "NIRSPEC"}
    assert count == (outcome.added + 3 * len(SUBJECTS),)
    files = {path.name: path.stat().st_size for path in (loading.data_dir / "files").iterdir()}
    assert {url.removeprefix("/files/voserver:sample/"): size for url, size, *_ in kept} == files
    assert {tuple(words) for *_, words in ((None, row[2:]) for row in kept)} == {("SIMULATED", "simulated")}

    again = load_sample(url, loading)
    assert (again.added, again.changed, again.same) == (0, 0, outcome.added)
    (loading.data_dir / "files" / SUBJECTS[0].file_name).unlink()
    load_sample(url, loading)
    assert {path.name: path.stat().st_size for path in (loading.data_dir / "files").iterdir()} == files
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT max(maxlastmodified) FROM archive.observation").fetchone() == stamps


def test_simulated_files_say_so_and_lie_where_their_products_do(loading: Settings) -> None:
    load_sample(str(loading.database_url), loading)
    directory = loading.data_dir / "files"
    for subject in SUBJECTS:
        with fits.open(directory / subject.file_name) as hdus:
            hdus.verify("exception")
            assert all(hdu.header["SIMULATE"] is True for hdu in hdus)
            assert "simulated" in str(hdus[0].header["HISTORY"])
            if isinstance(subject, Image):
                center = _center_of(subject.product, loading)
                image = hdus["SCI"]
                rows, columns = image.data.shape
                place = WCS(image.header).pixel_to_world((columns - 1) / 2, (rows - 1) / 2)
                assert (place.ra.deg, place.dec.deg) == pytest.approx(center, abs=1e-3)
                assert [hdu.name for hdu in hdus[1:3]] == ["SCI", "ERR"]
                assert hdus[3].name == ("WHT" if subject.product.endswith("i2d.fits") else "DQ")
            elif isinstance(subject, Cube):
                assert [hdu.name for hdu in hdus] == ["PRIMARY", "SCI", "ERR", "DQ", "WMAP"]
                place = WCS(hdus["SCI"].header).pixel_to_world(14.5, 13, 0)
                assert place[1].to_value("um") == pytest.approx(11.55, abs=0.05)
                assert place[0].dec.deg == pytest.approx(-12.697, abs=1e-3)
            else:
                wavelength = hdus["EXTRACT1D"].data["WAVELENGTH"]
                assert (wavelength[1:] > wavelength[:-1]).all()


def test_every_simulated_file_has_a_picture_and_a_thumbnail(loading: Settings) -> None:
    load_sample(str(loading.database_url), loading)
    with psycopg.connect(str(loading.database_url)) as connection:
        found = connection.execute(
            "SELECT p.productid, a.producttype, a.contenttype, a.filename, s.preview_url = a.access_url"
            " FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)"
            " JOIN archive.artifact AS s ON s.planeid = p.planeid AND s.producttype = 'science'"
            " WHERE p.dataproduct_subtype = 'simulated' AND a.producttype <> 'science'"
        ).fetchall()
    assert len(found) == 2 * len(SUBJECTS)
    for _, kind, content_type, name, is_linked in found:
        with Picture.open(loading.data_dir / "files" / name) as picture:
            assert picture.get_format_mimetype() == content_type
            assert (max(picture.size) <= 160) == (kind == "thumbnail")
        assert is_linked == (kind == "preview")
    assert {product for product, *_ in found} == {"simulated", "simulated-cube"}


def _center_of(product: str, settings: Settings) -> tuple[float, float]:
    with psycopg.connect(str(settings.database_url)) as connection:
        found = connection.execute(
            "SELECT s_ra, s_dec FROM archive.artifact WHERE filename = %s", [product]
        ).fetchone()
    assert found is not None
    return found[0], found[1]


def test_make_sample_makes_the_sample_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(__file__).parents[3] / "shared" / "data" / "jwst"
    if not source.is_dir():
        pytest.skip("the shared lists that the sample is made from are absent")
    monkeypatch.setattr(make_sample, "KEYWORDS", tmp_path / "keywords.parquet")
    make_sample.main(source)
    assert pq.read_table(tmp_path / "keywords.parquet").equals(pq.read_table(KEYWORDS))
