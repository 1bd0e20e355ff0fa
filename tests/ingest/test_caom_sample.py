"""The whole sample goes out as CAOM documents and comes in again: here nothing changes, elsewhere all of it is there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.loading import Loaded, load
from voserver.catalogue.caom_documents.writing import Written, write
from voserver.catalogue.ingest.sample import load_sample
from voserver.settings import Settings

KEYS = {
    "observation": "obsid",
    "plane": "planeid",
    "artifact": "artifactid",
    "part": "partid",
    "chunk": "chunkid",
}
LINKS = ("observation_member", "provenance_input")
OWN = {"created", "release_watched", "metachecksum", "accmetachecksum"}
"""Times of the catalogue itself, and checksums, which documents have and the catalogue had not."""
LOST = {
    "observation": {"principal_file"},
    "plane": {"principal_file", "access_url", "access_format", "access_estsize", "dataproduct_subtype",
              "position_bounds_given", "position_bounds_status"},
    "artifact": {
        "program", "observation", "visit", "visit_group", "sequence", "activity", "exposure", "segment", "suffix",
        "product_subgroup", "product_type", "category", "association", "band", "channel", "cloud_uri", "crds_context",
        "dataproduct_type", "detector", "em_res_power", "exp_type", "filter", "grating", "minimum_recommended",
        "nircam_module", "pipeline_version", "preview_url", "provenance_producer", "pupil", "readout_pattern",
        "sdp_version", "subarray", "target_type",
    },
}  # fmt: skip
"""What docs/caom.md says that CAOM cannot hold, besides times of which only one end is known."""

Contents = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def settings(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    load_sample(module_database_url, made)
    return made


def contents(url: str) -> Contents:
    """The rows of all tables of CAOM, by their keys; of links, the links."""
    found: Contents = {}
    with psycopg.connect(url) as connection:
        for table, key in KEYS.items():
            rows = connection.execute(f"SELECT {key}::text, to_jsonb(t) FROM archive.{table} AS t".encode())
            found[table] = dict(rows.fetchall())
        for table in LINKS:
            rows = connection.execute(f"SELECT to_jsonb(t)::text, true FROM archive.{table} AS t".encode())
            found[table] = dict(rows.fetchall())
    return found


def documents(url: str, version: Written) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        for collection, name in names(connection, None, None):
            asked = {"collection": collection, "name": name, "mine": [], "everything": True}
            rows = cursor.execute(OBSERVATION.encode(), asked).fetchone()
            assert rows is not None
            yield name, lambda rows=rows: write(rows, version)  # type: ignore[misc]


@pytest.mark.parametrize("version", ["2.4", "2.5"])
def test_the_sample_comes_in_again_without_a_change(settings: Settings, version: Written) -> None:
    url = str(settings.database_url)
    before = contents(url)
    *_, last = load(url, settings.authority, documents(url, version))
    assert last == Loaded(same=len(before["observation"]))
    assert contents(url) == before


def halves(row: dict[str, Any]) -> set[str]:
    """Columns of times of which only one end is known, which has no place in CAOM."""
    pairs = [("time_bounds_lower", "time_bounds_upper"), ("t_min", "t_max")]
    return {name for pair in pairs for name in pair if [row.get(end) for end in pair].count(None) == 1}


def without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@pytest.mark.parametrize("version", ["2.4", "2.5"])
def test_the_sample_comes_in_elsewhere_as_far_as_caom_can_hold_it(
    settings: Settings, new_database: Callable[[], AbstractContextManager[str]], version: Written
) -> None:
    url = str(settings.database_url)
    with new_database() as copy:
        *_, last = load(copy, settings.authority, documents(url, version))
        before, after = contents(url), contents(copy)
    assert last == Loaded(added=len(before["observation"]))
    lost = {**LOST, "plane": LOST["plane"] | ({"position_timedependent"} if version == "2.5" else set())}
    for table, rows in before.items():
        assert rows.keys() == after[table].keys(), table
        for key in rows if table in KEYS else ():
            row, gone = rows[key], lost.get(table, set()) | OWN | halves(rows[key])
            assert without(after[table][key], gone) == without(row, gone), row


def test_the_sample_has_times_of_which_only_one_end_is_known(settings: Settings) -> None:
    planes = contents(str(settings.database_url))["plane"].values()
    assert sum(bool(halves(row)) for row in planes) > 40, "the tests above would not see that they are kept"
