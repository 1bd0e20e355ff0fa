"""Spectra that teams have made of JWST's data, loaded from their files and found over HTTP."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.conftest import opened
from voserver.catalogue.ingest.archive_files import Outcome, ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.releases import Choice
from voserver.settings import Settings, StoreSetting

SPECTRA = Path(__file__).parents[3] / "shared" / "data" / "jwst" / "spectra"

pytestmark = pytest.mark.skipif(not SPECTRA.is_dir(), reason="the real spectra are not here")

Row = dict[str, Any]
GLASS = "hlsp_glass-jwst_jwst_nirspec_abell2744-1324-10003_f100lp-g140h_v1_spec.fits"
MSAEXP = "calib_prism-clear_iras-05248-7007_s200a1.v1.spec.fits.gz"


@pytest.fixture(scope="module")
def archive(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an archive whose only store is the directory of spectra."""
    store = StoreSetting(name="spectra", url=SPECTRA.resolve().as_uri())
    data = tmp_path_factory.mktemp("data")
    return Settings(database_url=module_database_url, data_dir=data, stores=[store], log_level="error")


@pytest.fixture(scope="module")
def held_back(archive: Settings) -> Outcome:
    """The spectra are loaded, and nobody has said that they are public."""
    return ingest_files(str(archive.database_url), [str(SPECTRA)], archive, Manner(archive.authority))


@pytest.fixture(scope="module")
def restricted(archive: Settings, held_back: Outcome) -> list[tuple[Row, int]]:
    """What SSA says of each then, and the status of its download."""
    assert held_back.report.rows == 13

    async def told(client: httpx.AsyncClient) -> list[tuple[Row, int]]:
        rows = await spectra(client)
        return [(row, (await client.get(row["access_url"])).status_code) for row in rows]

    found: list[tuple[Row, int]] = run(archive, told)
    return found


@pytest.fixture(scope="module")
def released(archive: Settings, restricted: list[tuple[Row, int]]) -> Outcome:
    """The spectra are loaded once more, as public."""
    assert restricted
    manner = Manner(archive.authority, Choice(is_public=True))
    return ingest_files(str(archive.database_url), [str(SPECTRA)], archive, manner)


@pytest.fixture(scope="module")
def find(archive: Settings, released: Outcome) -> Callable[..., dict[str, Row]]:
    """The spectra that SSA finds, by the names of their files."""
    assert released.report.refused == 0

    def found(**parameters: str) -> dict[str, Row]:
        rows = run(archive, lambda client: spectra(client, **parameters))
        return {str(row["creator_did"]).rpartition("/")[2]: row for row in rows}

    return found


def run(settings: Settings, asking: Callable[[httpx.AsyncClient], Any]) -> Any:
    async def asked() -> Any:
        async with opened(settings) as client:
            return await asking(client)

    return asyncio.run(asked())


async def spectra(client: httpx.AsyncClient, **parameters: str) -> list[Row]:
    asked = {"REQUEST": "queryData", **parameters, "RESPONSEFORMAT": "json"}
    answer = await client.get("/ssa", params=asked)
    assert answer.status_code == 200, answer.text
    document = json.loads(answer.text)
    names = [column["name"] for column in document["metadata"]]
    return [dict(zip(names, row, strict=True)) for row in document["data"]]


def test_every_spectrum_comes_in_with_what_is_unknown_of_it(held_back: Outcome) -> None:
    assert (held_back.report.added, held_back.report.refused, held_back.nowhere) == (13, 0, 0)
    assert held_back.report.findings_file is not None
    findings = [json.loads(line) for line in held_back.report.findings_file.read_text().splitlines()]
    unknown = {(one["file"], one["reason"]) for one in findings if "released" not in one["reason"]}
    csv = sorted(path.name for path in SPECTRA.glob("*.csv"))
    without_position = [*csv, *(path.name for path in SPECTRA.glob("*_1D.fits")), *_named("VV114*")]
    without_program = [*_named("*_1D.fits"), *_named("VV114*")]
    assert unknown == {
        *((name, "no position is known") for name in without_position),
        *((name, "no program is known") for name in without_program),
    }


def _named(pattern: str) -> list[str]:
    return [path.name for path in SPECTRA.glob(pattern)]


def test_nobody_gets_a_contributed_file_before_its_release_is_stated(
    restricted: list[tuple[Row, int]],
) -> None:
    assert len(restricted) == 13
    assert {row["data_rights"] for row, _ in restricted} == {"proprietary"}
    assert {status for _, status in restricted} <= {401, 403}


def test_a_stated_release_opens_them_and_changes_nothing_else(released: Outcome, archive: Settings) -> None:
    assert (released.report.added, released.report.changed, released.report.same) == (0, 13, 0)
    manner = Manner(archive.authority, Choice(is_public=True))
    again = ingest_files(str(archive.database_url), [str(SPECTRA)], archive, manner).report
    assert (again.added, again.changed, again.same) == (0, 0, 13)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"POS": "3.61716,-30.42555", "SIZE": "0.01"}, "hlsp_glass*"),
        ({"POS": "81.0865,-70.0837", "SIZE": "0.01"}, "calib_*"),
        ({"POS": "214.8337,52.8682", "SIZE": "0.01"}, "*933*"),
        ({"TARGETNAME": "abell2744"}, "hlsp_glass*"),
        ({"TARGETNAME": "vv114", "BAND": "5.2e-6"}, "VV114_MIRI_ch1*"),
        ({"BAND": "1.1e-5/1.2e-5"}, "VV114_MIRI_ch2*"),
        ({"TARGETNAME": "000110"}, "000110*"),
        ({"TARGETNAME": "277193"}, "*.csv"),
        ({"TIME": "2022-06-16", "SPECRP": "2000"}, "calib_g395h*"),
    ],
)
def test_they_are_found_by_position_target_wavelength_and_time(
    find: Callable[..., dict[str, Row]], parameters: dict[str, str], names: str
) -> None:
    expected = set(_named(names))
    assert expected
    assert find(**parameters).keys() == expected


def test_a_spectrum_is_described_by_its_own_axes(find: Callable[..., dict[str, Row]]) -> None:
    row = find(TARGETNAME="ABELL2744")[GLASS]
    assert row["em_min"] == pytest.approx(0.68e-6, rel=1e-6)
    assert row["em_max"] == pytest.approx(1.899988e-6, rel=1e-6)
    assert (row["em_unit"], row["em_ucd"], row["dataset_length"]) == ("um", "em.wl", 5127)
    assert (row["flux_unit"], row["flux_ucd"]) == ("uJy", "phot.flux.density;em.freq")
    assert row["em_res_power"] == pytest.approx(2762.5)
    assert (row["s_ra"], row["s_dec"]) == (3.61716, -30.42555)
    assert (row["creator"], row["calib_level"]) == ("Tommaso Treu", 4)
    assert (row["t_min"], row["t_max"]) == pytest.approx((59875.78016884, 59894.22789711))
    assert row["t_exptime"] == pytest.approx(17506.67)
    jades = find(TARGETNAME="001882")["001882_prism_clear_v5.0_1D.fits"]
    assert (jades["em_unit"], jades["flux_unit"]) == ("m", "m-3 W")
    assert jades["flux_ucd"] == "phot.flux.density;em.wl"


def test_their_files_are_downloaded_as_they_are(
    find: Callable[..., dict[str, Row]], archive: Settings
) -> None:
    rows = find()
    assert len(rows) == 13

    async def download(client: httpx.AsyncClient) -> Iterator[tuple[str, bytes]]:
        return iter([(name, (await client.get(row["access_url"])).content) for name, row in rows.items()])

    for name, content in run(archive, download):
        assert content == (SPECTRA / name).read_bytes(), name
    assert {rows[name]["access_format"] for name in (GLASS, MSAEXP)} == {"application/fits"}
