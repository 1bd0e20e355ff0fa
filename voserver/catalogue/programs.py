"""What an operator says of programs and products: their exclusive periods. Their rows follow in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from voserver.catalogue import engine
from voserver.model.errors import NotFound, UsageError
from voserver.model.programs import CATEGORIES, LONGEST_MONTHS

UNDATED = "(a.datarelease IS NULL OR a.release_assumed AND a.datarelease = '2100-01-01')"
"""Of a file `a`: whether it is held back, as nobody has said when it is released (or only that it is exclusive now)."""

_LIST = f"""
WITH held AS (
    SELECT a.program, max(a.category) AS category, count(*) AS files,
        count(*) FILTER (WHERE a.datarelease > now() AT TIME ZONE 'utc' OR a.datarelease IS NULL) AS exclusive,
        count(*) FILTER (WHERE {UNDATED}) AS undated,
        max(a.datarelease) FILTER (WHERE NOT {UNDATED}) AS last_release
    FROM archive.artifact AS a WHERE a.program IS NOT NULL GROUP BY a.program)
SELECT coalesce(h.program, p.program) AS program, coalesce(p.category, h.category) AS category, p.exclusive_months,
    archive.default_months(coalesce(p.category, h.category)) AS default_months, coalesce(h.files, 0) AS files,
    coalesce(h.exclusive, 0) AS exclusive, coalesce(h.undated, 0) AS undated, h.last_release
FROM held AS h FULL JOIN archive.program AS p ON p.program = h.program
WHERE %(program)s::integer IS NULL OR coalesce(h.program, p.program) = %(program)s ORDER BY 1"""  # noqa: S608 -- of a constant

_SET = """
INSERT INTO archive.program AS p (program, category, exclusive_months)
VALUES (%(program)s, %(category)s, %(months)s) ON CONFLICT (program) DO UPDATE
SET category = coalesce(excluded.category, p.category), changed = clock_timestamp(),
    exclusive_months = CASE WHEN NOT %(as_stated)s THEN coalesce(excluded.exclusive_months, p.exclusive_months) END"""

_FIND = """
SELECT archive.number_of(proposal_id) AS program, publisherid, NULL AS uri FROM archive.plane
WHERE lower(publisherid) = lower(%(product)s)
UNION ALL SELECT program, publisherid, uri FROM archive.artifact WHERE uri = %(product)s"""

_SET_PRODUCT = """
INSERT INTO archive.product_release (product, release, exclusive_months) VALUES (%(product)s, %(release)s, %(months)s)
ON CONFLICT (product) DO UPDATE SET release = excluded.release, exclusive_months = excluded.exclusive_months,
    changed = clock_timestamp()"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program as it is listed: what holds for it, and how many of its files are exclusive now."""

    program: int
    category: str | None
    exclusive_months: int | None
    """What an operator has set, in place of what sources say."""
    default_months: int | None
    """What holds for a file whose source says nothing."""
    files: int
    exclusive: int
    undated: int
    """How many of those are held back without a date."""
    last_release: datetime | None
    """When the last of those is public that have a date."""


class Periods:
    """Exclusive periods, as they are changed. Every method tells how many rows have another release now."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def programs(self, program: int | None = None) -> list[Program]:
        """What is known of all programs, or of one."""
        with self._connection.cursor(row_factory=class_row(Program)) as cursor:
            return cursor.execute(_LIST.encode(), {"program": program}).fetchall()

    def set_program(
        self, program: int, *, category: str | None = None, months: int | None = None, as_stated: bool = False
    ) -> int:
        """Give a program's data another period; `as_stated` takes that back."""
        if category is not None and category not in CATEGORIES:
            raise UsageError(f"{category[:20]!r} is no category.", hint=f"Known are {', '.join(CATEGORIES)}.")
        _check(months)
        self._connection.execute(
            _SET, {"program": program, "category": category, "months": months, "as_stated": as_stated}
        )
        return self._settle(program, None, None)

    def set_product(self, product: str, *, release: datetime | None = None, months: int | None = None) -> int:
        """Give a product (by its publisher identifier) or file (by its URI) another release; without one, take it back.

        Raises:
            NotFound: there is no such product.
        """
        _check(months)
        found = self._connection.execute(_FIND, {"product": product}).fetchone()
        if found is None:
            raise NotFound(
                f"There is no product {product[:200]}.",
                hint="It is an obs_publisher_did of ivoa.ObsCore, or a uri of jwst.product.",
            )
        program, publisher_id, uri = found
        values = {"product": uri or publisher_id, "release": release, "months": months}
        if release is None and months is None:
            self._connection.execute(
                "DELETE FROM archive.product_release WHERE product = %(product)s", values
            )
        else:
            self._connection.execute(_SET_PRODUCT, values)
        return self._settle(program, publisher_id, uri)

    def _settle(self, program: int, publisher_id: str | None, uri: str | None) -> int:
        settled = self._connection.execute(
            "SELECT archive.settle_again(%s, %s, %s)", [program, publisher_id, uri]
        ).fetchone()
        assert settled is not None
        return int(settled[0])


def _check(months: int | None) -> None:
    if months is not None and not 0 <= months <= LONGEST_MONTHS:
        raise UsageError(f"{months} months is no exclusive period.", hint=f"It is 0 to {LONGEST_MONTHS}.")


@contextmanager
def periods(url: str, *, writing: bool = True) -> Iterator[Periods]:
    """Read or change periods: all that the block does, or nothing of it."""
    with engine.connect(url) as connection:
        try:
            with connection.transaction():
                if writing:  # what is being loaded comes before or after, never in between
                    connection.execute(
                        "LOCK TABLE archive.plane, archive.artifact IN SHARE ROW EXCLUSIVE MODE"
                    )
                yield Periods(connection)
        except psycopg.Error as error:
            raise engine.translate(error) from error
