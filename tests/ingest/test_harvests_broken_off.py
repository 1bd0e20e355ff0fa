"""What harvests that were broken off, and rows that cannot be used, leave: nothing is counted twice, nothing is lost."""

from typing import Any

import psycopg
import pytest

from tests.ingest import test_harvest
from tests.ingest.test_harvest import Ask, Get, counts
from tests.portal_stand_in import PAGE, Conversation, StandIn
from voserver.catalogue.ingest.mast import journal
from voserver.model.errors import Unavailable
from voserver.settings import Settings

mast = test_harvest.mast
waits = test_harvest.waits
portal = test_harvest.portal
archive = test_harvest.archive
ask = test_harvest.ask
get = test_harvest.get


def good(_conversation: Conversation, _request: dict[str, Any]) -> bool:
    return False


def break_off(get: Get, mast: StandIn) -> None:
    """A harvest of which the second batch never comes."""
    mast.faults = [good, good, good, good, *[PAGE] * 6]
    with pytest.raises(Unavailable):
        get()


def test_files_of_rows_that_are_set_aside_are_in_mast_nevertheless(get: Get, mast: StandIn, ask: Ask) -> None:
    get()
    mast.products[0]["proposal_id"] = "99999"
    mast.products[2]["dataURI"] = "mast:JWST/elsewhere/" + mast.products[2]["productFilename"]
    told = get(is_complete=True)
    assert counts(told) == (0, 0, 8, 2)
    assert told.withdrawn
    assert told.withdrawn.files == 0
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]


def test_an_observation_without_a_name_is_set_aside_and_its_files_are_harvested(
    get: Get, mast: StandIn, ask: Ask
) -> None:
    mast.observations[4]["obs_id"] = None
    told = get()
    assert counts(told) == (10, 0, 0, 1)
    assert ask("SELECT reason FROM archive.ingest_finding WHERE reason LIKE '%%obs_id is missing'") != []
    assert told.observations == 5


def test_a_harvest_that_is_begun_anew_has_a_report_of_its_own(
    get: Get, mast: StandIn, archive: Settings
) -> None:
    break_off(get, mast)
    with psycopg.connect(archive.database_url or "") as connection:
        connection.execute("UPDATE archive.harvest SET started = started - interval '8 days'")
    told = get().outcome.report
    assert (told.rows, told.added, told.same, told.resumed_at) == (10, 6, 4, 0)


def test_a_harvest_that_breaks_off_while_it_merges_counts_nothing_twice(
    get: Get, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = journal.Journal.done
    batches: list[int] = []

    def breaks(self: journal.Journal, *told: Any) -> None:
        batches.append(len(batches))
        if len(batches) == 2:
            raise psycopg.OperationalError("the connection is lost")
        note(self, *told)

    monkeypatch.setattr(journal.Journal, "done", breaks)
    with pytest.raises(Unavailable):
        get()
    assert ask("SELECT count(*) FROM archive.artifact") == [(4,)]
    told = get().outcome.report
    assert (told.rows, told.added, told.resumed_at) == (10, 10, 4)


def test_a_file_that_was_merged_before_a_harvest_broke_off_is_not_merged_again(
    get: Get, mast: StandIn
) -> None:
    # It is listed under the first exposure, which is asked for first, and under the last.
    mast.products.append({**mast.products[1], "parent_obsid": mast.observations[4]["obsid"]})
    break_off(get, mast)
    told = get().outcome.report
    assert (told.rows, told.added, told.same) == (10, 10, 0)
