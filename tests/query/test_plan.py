from collections.abc import Iterator

import pyarrow as pa
import pytest

from voserver.model.errors import UsageError
from voserver.query.plan import Limit, Plan, in_words, is_doubtful, plan
from voserver.query.sky_joins import overrated_share
from voserver.query.statement import Statement

SKY_JOIN = """\
Limit  (cost=6199178052.89..6199178052.90 rows=1 width=8)
  ->  Aggregate  (cost=6199178052.89..6199178052.90 rows=1 width=8)
        ->  Nested Loop  (cost=1.16..6197421920.90 rows=694452708 width=0)
              ->  Seq Scan on plane  (cost=0.00..111539.40 rows=416669 width=232)
                    Filter: (calibrationlevel >= 0)
              ->  Index Scan using plane_footprint on plane plane_1  (cost=1.16..14856.79 rows=1667 width=232)
                    Index Cond: (sky.bounds(shape) && sky.bounds(plane.shape))
                    Filter: sky.intersects(plane.shape, shape)
"""
BITMAP = """\
Nested Loop  (cost=10.00..2000010.00 rows=100 width=0)
  ->  Seq Scan on a  (cost=0.00..10.00 rows=1000 width=8)
  ->  Bitmap Heap Scan on b  (cost=1.00..2000.00 rows=10 width=8)
        ->  Bitmap Index Scan on b_point  (cost=0.00..1000.00 rows=10 width=0)
              Index Cond: (sky.point(ra, "dec") <@ cube_enlarge(sky.point("My a".ra, "My a"."dec"), '1e-05', 3))
"""
CONE = """\
Nested Loop  (cost=10.00..2000010.00 rows=100 width=0)
  ->  Seq Scan on a  (cost=0.00..10.00 rows=1000 width=8)
  ->  Materialize  (cost=1.00..2000.00 rows=10 width=8)
        ->  Index Scan using b_point on b  (cost=0.00..1000.00 rows=10 width=0)
              Index Cond: (sky.point(ra, "dec") <@ cube_enlarge('(0.1, 0.2, a.b)'::cube, '1.5', 3))
"""
BESIDE = """\
Nested Loop  (cost=10.00..2000010.00 rows=100 width=0)
  InitPlan 1
    ->  Index Scan using b_point on b  (cost=0.00..1000.00 rows=10 width=0)
          Index Cond: (sky.point(ra, "dec") <@ sky.point(a.ra, a."dec"))
  ->  Seq Scan on a  (cost=0.00..10.00 rows=1000 width=8)
  ->  Materialize  (cost=1.00..2000.00 rows=10 width=8)
"""


class Answers:
    """A planner that has always the same to say."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = ""
        self.closed = False

    def explain(self, sql: str, *, timeout: float) -> "Answers":
        self.asked = f"{sql} {timeout}"
        return self

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for line in self.text.splitlines():
            yield pa.RecordBatch.from_pydict({"QUERY PLAN": [line]})

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("body", "doubtful"),
    [
        ('SELECT a FROM "ivoa"."obscore" AS "o" ORDER BY a, b', False),
        (
            """SELECT 'x FROM y JOIN z' AS " FROM it's" FROM "ivoa"."obscore" AS "o" WHERE a IN (1, 2)""",
            False,
        ),
        ('SELECT a FROM "ivoa"."obscore" AS "o", "ivoa"."obscore" AS "p"', True),
        ('SELECT a FROM "t" AS "o", "t" AS "p"', True),
        ('SELECT a FROM ("ivoa"."obscore" AS "o" JOIN "jwst"."product" AS "p" ON true)', True),
        ('SELECT a FROM "ivoa"."obscore" AS "o"\nWHERE EXISTS (SELECT b FROM "jwst"."product" AS "p")', True),
        ('SELECT a FROM (SELECT b FROM "jwst"."product" AS "p") AS "q"', True),
        ("SELECT 1", False),
    ],
)
def test_only_queries_of_more_than_one_table_are_doubtful(body: str, *, doubtful: bool) -> None:
    assert is_doubtful(Statement(body, ())) is doubtful


def test_a_plan_is_read_and_its_rows_are_those_that_are_asked_for() -> None:
    planner = Answers("Limit  (cost=0.10..250.50 rows=2001 width=4)\n  ->  Seq Scan on a")
    found = plan(Statement("SELECT 1", (), top=5000), planner, maxrec=2000, timeout=7)
    assert found == Plan("Limit  (cost=0.10..250.50 rows=2001 width=4)\n  ->  Seq Scan on a", 2000, 250.5)
    assert planner.asked == "SELECT 1 LIMIT 2001 7"
    assert planner.closed


def test_what_is_no_plan_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="no estimate in 'Nonsense'"):
        plan(Statement("SELECT 1", ()), Answers("Nonsense"), maxrec=1, timeout=1)


@pytest.mark.parametrize(
    ("text", "share"),
    [(SKY_JOIN, 416669 * 14856.79 / 6199178052.90), (BITMAP, 2e6 / 2000010), (CONE, 0), (BESIDE, 0), ("", 0)],
)
def test_searches_on_the_sky_for_each_row_of_another_table_are_overrated(text: str, share: float) -> None:
    assert overrated_share(text.splitlines()) == pytest.approx(share)


def test_under_a_limit_the_share_is_that_of_the_steps_below() -> None:
    limited = SKY_JOIN.replace("6199178052.90 rows=1", "5000.00 rows=1")
    assert 0.9 < overrated_share(limited.splitlines()) <= 1


def test_a_limit_refuses_what_is_over_it_and_says_so_in_words() -> None:
    limit = Limit(cost_per_second=1000, seconds=3600)
    limit.check(Plan("", 1, 3_600_000))
    with pytest.raises(UsageError) as refused:
        limit.check(Plan("", 1, 36_000_000))
    assert "would take hours" in refused.value.message
    assert "more than 1 hour" in refused.value.message
    assert "condition" in (refused.value.hint or "")
    Limit(cost_per_second=1000, seconds=0).check(Plan("", 1, 1e30))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (1.5, "1.5 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (20_833, "5.8 hours"),
        (86400 * 3, "3 days"),
        (1e10, "317 years"),
        (1e95, "more than a million years"),
    ],
)
def test_a_time_is_told_as_people_say_it(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
