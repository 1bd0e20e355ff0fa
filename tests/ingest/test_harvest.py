"""Harvests of a local stand-in that speaks as MAST's portal does; nothing here goes to MAST."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.portal_stand_in import (
    EXECUTING,
    PAGE,
    Conversation,
    Fault,
    Row,
    StandIn,
    half,
    hangs_up,
    observation,
    product,
    says,
    standing_in,
)
from voserver.catalogue.ingest.mast import journal, scopes
from voserver.catalogue.ingest.mast.describing import HELD_BACK
from voserver.catalogue.ingest.mast.harvest import Harvested, Wish, harvest
from voserver.catalogue.ingest.mast.portal import Politeness, Portal
from voserver.model.errors import Unavailable, UsageError
from voserver.settings import Settings

pytest.importorskip("astroquery", reason="a harvest needs astroquery: voserver[harvest]")


@pytest.fixture
def mast() -> Iterator[StandIn]:
    with standing_in() as made:
        yield made


@pytest.fixture
def archive(fresh_database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=fresh_database_url, data_dir=tmp_path / "data", authority="archive.test")


@pytest.fixture
def waits() -> list[float]:
    """How long a harvest would have waited, each time."""
    return []


@pytest.fixture
def portal(mast: StandIn, waits: list[float]) -> Iterator[Portal]:
    made = Portal(mast.url, Politeness(page_size=3), wait=waits.append)
    yield made
    made.close()


Get = Callable[..., Harvested]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def get(archive: Settings, portal: Portal) -> Get:
    """Harvests program 2733, two observations at a time."""

    def got(scope: scopes.Scope | None = None, **options: Any) -> Harvested:
        kinds = {key: options.pop(key) for key in ("is_trial", "is_complete") if key in options}
        wish = Wish(together=2, **kinds)
        return harvest(
            archive.database_url or "", scope or scopes.of_programs([2733]), portal, archive, wish, **options
        )

    return got


@pytest.fixture
def ask(archive: Settings) -> Ask:
    def asked(query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(archive.database_url or "") as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()

    return asked


def counts(harvested: Harvested) -> tuple[int, int, int, int]:
    told = harvested.outcome.report
    return told.added, told.changed, told.same, told.refused


def test_a_program_is_harvested_and_then_nothing_is_new(get: Get, ask: Ask) -> None:
    seen: list[tuple[str, int, int | None]] = []
    harvested = get(progress=lambda *told: seen.append(told))
    assert counts(harvested) == (10, 0, 0, 0)
    assert harvested.observations == 5
    assert ask(
        "SELECT count(*), min(instrument_name), min(t_max), min(contentlength) FROM archive.artifact"
    ) == [(10, "MIRI/IMAGE", 59742.6, 29_000_000)]
    assert seen == [
        ("observations listed", 3, None),
        ("observations listed", 5, None),
        ("observations loaded", 2, 5),
        ("observations loaded", 4, 5),
        ("observations loaded", 5, 5),
    ]
    assert counts(get()) == (0, 0, 10, 0)
    assert ask(
        "SELECT (SELECT count(*) FROM archive.harvest_observation), (SELECT count(*) FROM archive.harvest_file),"
        " (SELECT count(*) FROM archive.harvest WHERE finished IS NOT NULL)"
    ) == [(0, 0, 2)]


def test_mast_is_asked_politely(get: Get, mast: StandIn, waits: list[float]) -> None:
    get()
    services = [(request["service"], request["page"]) for request in mast.asked]
    assert services == [
        ("Mast.Caom.Filtered", 1),
        ("Mast.Caom.Filtered", 2),
        *(("Mast.Caom.Products", page) for page in (1, 2, 1, 2, 1)),
    ]
    assert waits == [1.0] * 6
    assert mast.most_at_once == 1
    (agent,) = mast.agents
    assert agent.startswith("voserver/")
    assert "astroquery/" in agent
    assert all(request["pagesize"] == 3 for request in mast.asked)


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (says(503, b"busy"), 2.0),
        (says(503, b"busy", Retry_After="17"), 17.0),
        (says(429, b"slowly", Retry_After="Thu, 01 Jan 2026 00:00:00 GMT"), 1.0),
        (says(500, b"{}", Retry_After="soon"), 2.0),
        (PAGE, 2.0),
        (half, 2.0),
        (hangs_up, 2.0),
        (says(200, b"[]"), 2.0),
        (says(200, b'{"status": "COMPLETE", "data": [1]}'), 2.0),
    ],
)
def test_what_goes_wrong_once_is_asked_again(
    fault: Fault, waited: float, get: Get, mast: StandIn, waits: list[float]
) -> None:
    mast.faults = [fault]
    assert counts(get()) == (10, 0, 0, 0)
    assert waits[0] == waited


def test_pauses_grow_until_it_is_given_up_and_later_it_goes_on(
    get: Get, mast: StandIn, waits: list[float], ask: Ask
) -> None:
    def good(_conversation: Conversation, _request: dict[str, Any]) -> bool:
        return False

    mast.faults = [good, good, good, good, *[PAGE] * 6]
    with pytest.raises(Unavailable, match="a web page instead of rows") as told:
        get()
    assert "goes on later" in (told.value.hint or "")
    assert [wait for wait in waits if wait != 1.0] == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert ask("SELECT count(*) FROM archive.artifact") == [(4,)]
    asked = len(mast.asked)
    harvested = get()
    assert counts(harvested) == (10, 0, 0, 0)  # the interrupted run's and these
    assert mast.asked[asked]["service"] == "Mast.Caom.Products"
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]


def test_a_query_that_executes_is_waited_for(get: Get, mast: StandIn, waits: list[float]) -> None:
    mast.faults = [EXECUTING, EXECUTING]
    assert counts(get()) == (10, 0, 0, 0)
    assert waits[:4] == [2.0, 1.0, 2.0, 1.0]


def test_patience_has_an_end(archive: Settings, mast: StandIn) -> None:
    ticks = iter(range(0, 1_000_000, 200))
    portal = Portal(mast.url, Politeness(), wait=lambda _: None, clock=lambda: next(ticks))
    mast.faults = [EXECUTING] * 20
    with pytest.raises(Unavailable, match="worked on the query for more than 900 seconds"):
        harvest(archive.database_url or "", scopes.of_programs([2733]), portal, archive, Wish())
    mast.faults = [says(200, b" " * 100_000)] * 10
    ticks = iter(range(0, 100_000_000, 1000))
    with pytest.raises(Unavailable, match="its answer took longer than 300 seconds"):
        harvest(archive.database_url or "", scopes.of_programs([2733]), portal, archive, Wish())
    portal.close()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (says(200, b'{"status": "ERROR", "msg": "no such column"}'), "says: no such column"),
        (says(403, b"go away"), "refuses: HTTP 403"),
        (says(503, b"", Retry_After="86400"), "asks to be left alone for 86,400 seconds"),
        (says(302, b"there", Location="http://169.254.169.254/"), "sends its visitors to 'http://169.254"),
    ],
)
def test_what_mast_does_not_want_is_not_asked_again(
    fault: Fault, reason: str, get: Get, mast: StandIn
) -> None:
    mast.faults = [fault]
    with pytest.raises(Unavailable, match=reason):
        get()
    assert len(mast.asked) == 1


def test_an_answer_without_end_is_not_read(archive: Settings, mast: StandIn) -> None:
    portal = Portal(mast.url, Politeness(most_bytes=1000), wait=lambda _: None)
    with pytest.raises(Unavailable, match="more than 1,000 bytes"):
        harvest(archive.database_url or "", scopes.of_programs([2733]), portal, archive, Wish())
    portal.close()


def test_rows_that_are_announced_and_do_not_come_are_missed(get: Get, mast: StandIn, ask: Ask) -> None:
    def short(conversation: Conversation, request: dict[str, Any]) -> bool:
        told = conversation.mast.answer(request)
        told["paging"] |= {"rowsFiltered": 99, "pagesFiltered": 1}
        conversation.say(200, json.dumps(told).encode())
        return True

    mast.faults = [short]
    with pytest.raises(Unavailable, match="3 rows of the 99"):
        get()
    assert ask("SELECT count(*) FROM archive.harvest_observation") == [(0,)]


def test_pages_without_end_are_not_read(get: Get, mast: StandIn) -> None:
    def more(conversation: Conversation, request: dict[str, Any]) -> bool:
        told = mast.answer({**request, "page": 1})
        told["paging"] |= {"pagesFiltered": request["page"] + 1}
        conversation.say(200, json.dumps(told).encode())
        return True

    mast.faults = [more] * 30
    with pytest.raises(Unavailable, match="4 pages, after 2 at first"):
        get()


def test_rows_that_cannot_be_true_are_set_aside(get: Get, mast: StandIn) -> None:
    odd = observation(6, instrument_name="NIRCAM/IMAGE")
    hlsp = {**product(mast.observations[0]), "dataURI": "mast:HLSP/x.fits", "productFilename": "x.fits"}
    nul = observation(7, target_name="a\0b")
    mast.observations += [odd, nul]
    mast.products += [product(odd), hlsp, product(nul)]
    harvested = get()
    assert counts(harvested) == (11, 0, 0, 2)
    path = harvested.outcome.report.findings_file
    assert path
    reasons = sorted(json.loads(line)["reason"] for line in path.read_text().splitlines())
    assert "“x.fits” is not the name of a JWST product" in reasons[1]
    assert "instrument_name is NIRCAM/IMAGE, but the name says MIRI" in reasons[0]


def test_what_is_exclusive_and_should_be_public_is_held_back(get: Get, mast: StandIn, ask: Ask) -> None:
    mast.observations[0]["dataRights"] = mast.products[0]["dataRights"] = "EXCLUSIVE_ACCESS"
    get()
    rows = ask("SELECT filename, datarelease FROM archive.artifact WHERE datarelease > now()")
    assert rows == [(mast.products[0]["productFilename"], HELD_BACK)]


def test_a_trial_changes_nothing(get: Get, ask: Ask) -> None:
    harvested = get(is_trial=True)
    assert len(harvested.outcome.report.differences) == 10
    assert harvested.outcome.report.differences[0].startswith(
        "new: jw02733002001_02103_00001_mirimage_cal.fits"
    )
    assert ask("SELECT (SELECT count(*) FROM archive.artifact), (SELECT count(*) FROM archive.harvest)") == [
        (0, 0)
    ]


def test_what_is_new_since_a_date_is_harvested(get: Get, mast: StandIn, ask: Ask, archive: Settings) -> None:
    mast.observations[0] |= {"t_max": 61000.5, "t_obs_release": None}
    mast.observations[1] |= {"t_obs_release": 61001.0}
    get(scopes.of_date(datetime(2025, 11, 21)))  # noqa: DTZ001 -- UTC
    names = ask("SELECT DISTINCT obs_id FROM archive.artifact ORDER BY obs_id")
    assert names == [(mast.observations[0]["obs_id"],), (mast.observations[1]["obs_id"],)]
    with psycopg.connect(archive.database_url or "") as connection:
        assert journal.last(connection, mast.url, "archive.test") is not None
        assert journal.last(connection, "https://elsewhere.test", "archive.test") is None


def test_a_region_is_harvested(get: Get, mast: StandIn, ask: Ask) -> None:
    mast.observations[2] |= {"s_ra": 10.0, "s_dec": 10.0}
    get(scopes.of_region("CIRCLE 10 10 0.5"))
    assert ask("SELECT DISTINCT obs_id FROM archive.artifact") == [(mast.observations[2]["obs_id"],)]
    assert mast.asked[0]["service"] == "Mast.Caom.Filtered.Position"


def test_what_cannot_be_asked_for_is_told(get: Get) -> None:
    with pytest.raises(UsageError, match="is no region"):
        scopes.of_region("somewhere")
    with pytest.raises(UsageError, match="at most 10 are harvested"):
        scopes.of_region("CIRCLE 10 10 20")
    with pytest.raises(UsageError, match="from 1 to 99999"):
        scopes.of_programs([0])
    with pytest.raises(UsageError, match="Only of whole programs"):
        get(scopes.of_region("CIRCLE 10 10 1"), is_complete=True)
    with pytest.raises(UsageError, match="not the URL of a server"):
        Portal("file:///etc/passwd")


def test_what_mast_has_no_more_is_withdrawn_when_that_is_wanted(get: Get, mast: StandIn, ask: Ask) -> None:
    get()
    mast.products = [
        row
        for row in mast.products
        if row["productFilename"] != "jw02733002001_02103_00001_mirimage_uncal.fits"
    ]
    gone = "jw02733002001_02103_00001_mirimage_uncal.fits"
    get()
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]
    trial = get(is_complete=True, is_trial=True)
    assert trial.withdrawn
    assert trial.withdrawn.names == [gone]
    with pytest.raises(UsageError, match=r"1 of 10 files \(like jw02733.*_uncal.fits\) would be withdrawn"):
        get(is_complete=True)
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    told = get(is_complete=True, confirm=agree)
    assert told.withdrawn
    assert (told.withdrawn.files, told.withdrawn.kept, len(asked)) == (1, 0, 1)
    assert ask("SELECT kind, filename FROM archive.event") == [("new", gone), ("withdrawn", gone)]
    assert ask("SELECT count(*) FROM archive.plane WHERE productid = '1b'") == [(4,)]


def test_files_that_lie_in_a_store_are_not_withdrawn(
    get: Get, mast: StandIn, ask: Ask, archive: Settings
) -> None:
    get()
    with psycopg.connect(archive.database_url or "") as connection:
        connection.execute(
            "INSERT INTO archive.location (artifactid, store, key)"
            " SELECT artifactid, 'disk', filename FROM archive.artifact"
        )
    mast.observations, mast.products = [], []
    told = get(is_complete=True, confirm=lambda _: True)
    assert told.withdrawn
    assert (told.withdrawn.files, told.withdrawn.kept) == (0, 10)
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]


def test_plans_that_were_carried_out_are_planned_no_more(get: Get, mast: StandIn, ask: Ask) -> None:
    mast.observations.append(planned(109))
    assert get().outcome.planned == 1
    assert not any("2109" in request["params"].get("obsid", "").split(",") for request in mast.asked)
    assert ask("SELECT count(*) FROM archive.plane WHERE calibrationlevel = -1") == [(1,)]
    mast.observations.pop()
    told = get(is_complete=True)
    assert told.withdrawn
    assert (told.withdrawn.files, told.withdrawn.planned) == (0, 1)
    assert ask("SELECT count(*) FROM archive.observation WHERE observationid LIKE '%xx%'") == [(0,)]


def planned(number: int, visit: str = "jw02733002001") -> Row:
    plan = {"t_min": None, "t_max": None, "t_obs_release": None, "dataURL": None, "calib_level": -1}
    return observation(
        number, **plan, obs_id=f"{visit}_xx{number}_{number:05d}_miri", obsid=str(2000 + number)
    )


def test_plans_that_are_dropped_are_not_withdrawn_without_a_question(
    get: Get, mast: StandIn, ask: Ask
) -> None:
    mast.observations += [planned(101), *(planned(number, "jw02733003001") for number in range(102, 132))]
    get()
    mast.observations = mast.observations[:5]
    plans = "SELECT count(*) FROM archive.plane WHERE calibrationlevel = -1"
    expected = r"^30 of 31 plans that were not carried out \(like jw02733003001_xx102_00102_miri\) would be"
    with pytest.raises(UsageError, match=expected):
        get(is_complete=True)
    assert ask(plans) == [(31,)]
    told = get(is_complete=True, confirm=lambda _: True)
    assert told.withdrawn
    assert told.withdrawn.planned == 31
    assert ask(plans) == [(0,)]


def test_what_other_collections_have_of_a_program_is_never_withdrawn(
    get: Get, mast: StandIn, ask: Ask, archive: Settings
) -> None:
    mast.observations.append(planned(101))
    get()
    with psycopg.connect(archive.database_url or "") as connection:
        connection.execute(
            "INSERT INTO archive.observation (observationuri, obsid, collection, observationid, typecode, proposal_id)"
            " SELECT 'caom:' || name, gen_random_uuid(), split_part(name, '/', 1), split_part(name, '/', 2), 'S', '2733'"
            " FROM unnest(ARRAY['HST/plan', 'HST/bare', 'JWST/bare']) AS name"
        )
        connection.execute(
            "INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,"
            " observationid, proposal_id) SELECT 'ivo://x?plan', obsid, gen_random_uuid(), 'caom:HST/plan/p', 'p', -1,"
            " 'HST', 'plan', '2733' FROM archive.observation WHERE observationid = 'plan'"
        )
    mast.observations, mast.products = [], []
    told = get(is_complete=True, confirm=lambda _: True)
    assert told.withdrawn
    assert (told.withdrawn.files, told.withdrawn.planned) == (10, 1)
    left = "SELECT collection, observationid FROM archive.observation ORDER BY 1, 2"
    assert ask(left) == [("HST", "bare"), ("HST", "plan"), ("JWST", "bare")]
    assert ask("SELECT collection FROM archive.plane") == [("HST",)]


def test_what_came_since_a_harvest_began_is_not_withdrawn_by_it(get: Get, mast: StandIn, ask: Ask) -> None:
    get()
    gone = mast.products.pop(-2)["productFilename"]
    with pytest.raises(UsageError, match="nothing was"):
        get(is_complete=True)
    later, plan = observation(6), planned(102)
    mast.observations += [later, plan]
    mast.products.append(product(later))
    get(scopes.of_programs([2733, 2734]))
    told = get(is_complete=True, confirm=lambda _: True)
    assert told.withdrawn
    assert (list(told.withdrawn.names), told.withdrawn.planned) == ([gone], 0)
    assert ask("SELECT count(*) FROM archive.artifact") == [(10,)]
    assert ask("SELECT count(*) FROM archive.plane WHERE calibrationlevel = -1") == [(1,)]


RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "jwst" / "mast_examples"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not here")
def test_recorded_rows_are_harvested_whole(get: Get, mast: StandIn, ask: Ask) -> None:
    def rows(name: str) -> list[Row]:
        with (RECORDED / name).open(newline="") as file:
            return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]

    mast.observations = [
        {**row, "calib_level": int(row["calib_level"])} for row in rows("gear66_mast_obs.csv")
    ]
    mast.products = rows("gear66_mast_all_products.csv")
    told = get(scopes.of_programs([5224]))
    assert (counts(told), told.outcome.rows) == ((323, 0, 0, 0), 720)
    assert ask(
        "SELECT count(*) FROM archive.artifact WHERE minimum_recommended = 1 AND producttype = 'info'"
    ) != [(0,)]
    assert counts(get(scopes.of_programs([5224]))) == (0, 0, 323, 0)
