"""When everybody may have a product: as an operator says, else as its source does, else by its program's category."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from voserver.catalogue.programs import Periods, periods
from voserver.model.errors import NotFound, UsageError
from voserver.model.programs import CATEGORIES

MJD = 60_000.0  # 2023-02-25
END = datetime(2023, 2, 25)  # noqa: DTZ001 -- the catalogue's times are UTC without zone
YEAR = datetime(2024, 2, 25)  # noqa: DTZ001
STATED = datetime(2099, 5, 6)  # noqa: DTZ001
GROUP = "ivo://a.example/gms?jwst-01234"


def put(url: str, number: int, category: str | None, stated: datetime | None, *, program: int = 1234) -> None:
    """One product with one file, as a loader puts it, or puts it again."""
    values = {"n": f"x{number}", "category": category, "stated": stated, "program": program, "end": MJD}
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO archive.observation
                (observationuri, obsid, collection, observationid, typecode, proposal_project)
            VALUES (%(n)s, md5(%(n)s)::uuid, 'JWST', %(n)s, 'S', %(category)s) ON CONFLICT DO NOTHING""",
            values,
        )
        connection.execute(
            """
            INSERT INTO archive.plane (publisherid, obsid, planeid, planeuri, productid, calibrationlevel, collection,
                observationid, proposal_id, time_bounds_upper, metarelease, datarelease)
            VALUES ('ivo://a.example/jwst?' || %(n)s, md5(%(n)s)::uuid, md5(%(n)s)::uuid, %(n)s, 'p', 2, 'JWST', %(n)s,
                %(program)s, %(end)s, '2023-02-25', %(stated)s)
            ON CONFLICT (planeid) DO UPDATE SET datarelease = excluded.datarelease""",
            values,
        )
        connection.execute(
            """
            INSERT INTO archive.artifact (uri, planeid, artifactid, filename, publisherid, program, category, t_max,
                metarelease, datarelease)
            VALUES ('mast:' || %(n)s, md5(%(n)s)::uuid, md5(%(n)s)::uuid, %(n)s, 'ivo://a.example/jwst?' || %(n)s,
                %(program)s, %(category)s, %(end)s, '2023-02-25', %(stated)s)
            ON CONFLICT (artifactid) DO UPDATE SET datarelease = excluded.datarelease""",
            values,
        )


def releases(url: str, number: int) -> tuple[datetime | None, datetime | None]:
    """When a product and its file become public."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT p.datarelease, a.datarelease FROM archive.plane AS p JOIN archive.artifact AS a USING (planeid)"
            " WHERE a.filename = %s",
            [f"x{number}"],
        ).fetchone()
    assert found is not None
    return found


@contextmanager
def changing(url: str) -> Iterator[Periods]:
    with periods(url) as opened:
        yield opened


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_product_without_a_date_has_its_category_s(fresh_database_url: str, category: str) -> None:
    put(fresh_database_url, 1, category, None)
    expected = YEAR if category in {"GO", "GTO"} else END
    assert releases(fresh_database_url, 1) == (expected, expected)


def test_a_product_of_an_unknown_category_is_held_back_until_an_operator_knows_it(
    fresh_database_url: str,
) -> None:
    put(fresh_database_url, 1, None, None)
    assert releases(fresh_database_url, 1) == (None, None)
    with changing(fresh_database_url) as held:
        assert held.set_program(1234, category="ERS") == 2
    assert releases(fresh_database_url, 1) == (END, END)
    put(fresh_database_url, 2, None, None)
    assert releases(fresh_database_url, 2) == (END, END)


def test_what_the_source_says_counts_more_than_the_category(fresh_database_url: str) -> None:
    put(fresh_database_url, 1, "GO", STATED)
    assert releases(fresh_database_url, 1) == (STATED, STATED)
    with changing(fresh_database_url) as held:
        assert held.set_program(1234, category="ERO") == 0
    assert releases(fresh_database_url, 1) == (STATED, STATED)


def test_an_operator_s_period_holds_for_what_is_there_and_what_comes_until_he_takes_it_back(
    fresh_database_url: str,
) -> None:
    put(fresh_database_url, 1, "GO", STATED)
    put(fresh_database_url, 2, "GO", None)
    put(fresh_database_url, 3, "GO", STATED, program=77)
    half = datetime(2023, 8, 25)  # noqa: DTZ001
    with changing(fresh_database_url) as held:
        assert held.set_program(1234, months=6) == 4
        assert held.set_program(1234, months=6) == 0
    put(fresh_database_url, 4, "CAL", END)
    put(fresh_database_url, 1, "GO", STATED + timedelta(days=9))  # loaded again: the operator's word stays
    for number in (1, 2, 4):
        assert releases(fresh_database_url, number) == (half, half)
    assert releases(fresh_database_url, 3) == (STATED, STATED)
    with changing(fresh_database_url) as held:
        assert held.set_program(1234, as_stated=True) == 6
    assert releases(fresh_database_url, 1) == (STATED, STATED)
    assert releases(fresh_database_url, 2) == (YEAR, YEAR)
    assert releases(fresh_database_url, 4) == (END, END)


def test_one_product_or_one_file_may_be_released_on_its_own(fresh_database_url: str) -> None:
    put(fresh_database_url, 1, "GO", STATED)
    put(fresh_database_url, 2, "GO", STATED)
    later = datetime(2098, 1, 1)  # noqa: DTZ001
    with changing(fresh_database_url) as held:
        assert held.set_product("IVO://A.example/jwst?x1", months=0) == 2
        assert held.set_product("mast:x2", release=later) == 1
        held.set_program(1234, months=3)
    quarter = datetime(2023, 5, 25)  # noqa: DTZ001
    assert releases(fresh_database_url, 1) == (END, END)
    assert releases(fresh_database_url, 2) == (quarter, later)
    with changing(fresh_database_url) as held:
        held.set_product("ivo://a.example/jwst?x1")
        held.set_product("mast:x2")
        held.set_program(1234, as_stated=True)
    assert releases(fresh_database_url, 1) == releases(fresh_database_url, 2) == (STATED, STATED)


def test_what_becomes_exclusive_is_open_to_its_program(fresh_database_url: str) -> None:
    put(fresh_database_url, 1, "GO", END)
    with changing(fresh_database_url) as held:
        held.set_program(1234, months=120)
    with psycopg.connect(fresh_database_url) as connection:
        for table in ("plane", "artifact"):
            groups = connection.execute(f"SELECT datareadgroups FROM archive.{table}".encode()).fetchone()
            assert groups == ([GROUP],)


def test_programs_are_listed_with_what_holds_for_them(fresh_database_url: str) -> None:
    put(fresh_database_url, 1, "GO", STATED)
    put(fresh_database_url, 2, "CAL", END, program=77)
    put(fresh_database_url, 3, None, END, program=78)
    put(fresh_database_url, 4, None, None, program=78)
    with periods(fresh_database_url, writing=False) as held:
        listed = {one.program: one for one in held.programs()}
        assert [one.program for one in held.programs(77)] == [77]
    assert (listed[1234].default_months, listed[1234].files, listed[1234].exclusive) == (12, 1, 1)
    assert (listed[77].default_months, listed[77].exclusive, listed[77].last_release) == (0, 0, END)
    undated = listed[78]
    assert (undated.files, undated.exclusive, undated.undated, undated.last_release) == (2, 1, 1, END)


def test_what_makes_no_sense_changes_nothing(fresh_database_url: str) -> None:
    put(fresh_database_url, 1, "GO", STATED)
    with pytest.raises(UsageError, match="no category"), changing(fresh_database_url) as held:
        held.set_program(1234, category="VIP")
    with pytest.raises(UsageError, match="no exclusive period"), changing(fresh_database_url) as held:
        held.set_program(1234, months=-1)
    with pytest.raises(NotFound, match="no product"), changing(fresh_database_url) as held:
        held.set_product("mast:nothing", months=1)
    assert releases(fresh_database_url, 1) == (STATED, STATED)
