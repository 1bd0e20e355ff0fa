"""What a query would cost: PostgreSQL's plan for it, never run; and the refusal of what would not end.

The numbers come from the planner's statistics. They know frequent values, not rows.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from voserver.model.errors import OutOfTime, UsageError
from voserver.query.run import Batches
from voserver.query.sky_joins import overrated_share
from voserver.query.statement import Statement

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_SEVERAL = re.compile(r"\b(?:FROM|JOIN)\b.*\b(?:FROM|JOIN)\b|\bFROM n(?:\.n)? AS n,", re.DOTALL)
_ESTIMATE = re.compile(r"\(cost=[0-9.]+\.\.(?P<cost>[0-9.]+) rows=(?P<rows>[0-9]+) width=")

_OVERRATED = 100
"""How many times the planner overrates joins on the sky: such joins of a million positions or footprints took 1/115
to 1/2000 of what their cost says."""

_UNITS = (("year", 365.25 * 86400), ("day", 86400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0))
_FOR_EVER = 1e6 * _UNITS[0][1]


class Planner(Protocol):
    """What plans SQL (`catalogue.streams.QueryPool`)."""

    def explain(self, sql: str, *, timeout: float) -> Batches:
        """Ask for the plan of a query, whose lines are the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How PostgreSQL would run a query, and what it expects of it: rows, and cost in units of its own."""

    text: str
    rows: int
    cost: float

    @property
    def work(self) -> float:
        """The cost, less what the planner is known to overrate."""
        share = overrated_share(self.text.splitlines())
        return self.cost * (1 - share + share / _OVERRATED)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a plan's cost means in time on this machine, and how long it may be; 0 for no limit."""

    cost_per_second: float
    seconds: float

    def duration(self, plan: Plan) -> float:
        """The seconds that the query is estimated to take."""
        return plan.work / self.cost_per_second

    def allows(self, plan: Plan) -> bool:
        """Whether the estimate is within the limit."""
        return not self.seconds or self.duration(plan) <= self.seconds

    def check(self, plan: Plan) -> None:
        """Refuse what would not end.

        Raises:
            UsageError: says the estimate, the limit, and what to do.
        """
        if not self.allows(plan):
            raise UsageError(
                f"This query would take {_roughly(self.duration(plan))} by the database's estimate; "
                f"what is estimated at more than {in_words(self.seconds)} is not begun.",
                hint=_ADVICE,
            )


_ADVICE = (
    "Does every table have a condition that joins it to another, such as ON a.obsID = b.obsID? Without one, each row "
    "of the one is paired with every row of the other. Else narrow each table by position, program or time, in a "
    "sub-query of its own if need be. TOP helps where no ORDER BY, GROUP BY or COUNT needs all the rows."
)


def is_doubtful(statement: Statement) -> bool:
    """Whether a query could be one that does not end: it reads several tables, or one several times.

    To plan such a query costs little beside it. One of a single table ends after reading it once.
    """
    return _SEVERAL.search(_QUOTED.sub("n", statement.body)) is not None


def plan(statement: Statement, planner: Planner, *, maxrec: int, timeout: float) -> Plan:
    """Ask how a query would be run by `run` with the same `maxrec`.

    Raises:
        OutOfTime: the plan takes more than `timeout` seconds.
    """
    batches = planner.explain(statement.limited(maxrec + 1), timeout=timeout)
    try:
        lines = [line for batch in batches for line in batch.column(0).to_pylist()]
    except OutOfTime:
        raise OutOfTime(
            f"To plan the query alone took longer than {timeout:g} s.",
            hint="What is computed of constants is computed for the plan: is there a MOC of a large region in fine "
            "detail, say? A coarser one takes less. A job has more time.",
        ) from None
    finally:
        batches.close()
    estimate = _ESTIMATE.search(lines[0])
    if estimate is None:
        raise ValueError(f"no estimate in {lines[0]!r}")
    return Plan("\n".join(lines), min(int(estimate["rows"]), maxrec), float(estimate["cost"]))


def _roughly(seconds: float) -> str:
    """A time of which no more is told than whether it is hours or years: estimates know of rows that are hidden."""
    if seconds > _FOR_EVER:
        return in_words(seconds)
    return next((f"{unit}s" for unit, length in _UNITS if seconds >= 2 * length), "a second")


def in_words(seconds: float) -> str:
    """A time as people say it: `3 hours`."""
    if seconds > _FOR_EVER:
        return "more than a million years"
    for unit, length in _UNITS:
        if seconds >= length:
            count = seconds / length
            said = f"{count:,.0f}" if count >= 9.5 else f"{count:.2g}"
            return f"{said} {unit}" if said == "1" else f"{said} {unit}s"
    return "less than a second"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is told of a query that is not run."""

    query: str
    sql: str
    plan: Plan
    limit: Limit
    is_allowed: bool

    def facts(self) -> dict[str, object]:
        """As an object of JSON."""
        return {
            "query": self.query,
            "sql": self.sql,
            "rows": self.plan.rows,
            "cost": self.plan.cost,
            "seconds": round(self.limit.duration(self.plan), 3),
            "estimate_limit_seconds": self.limit.seconds or None,
            "allowed": self.is_allowed,
            "plan": self.plan.text.splitlines(),
        }

    def summary(self) -> str:
        """In one sentence."""
        count = f"{self.plan.rows:,} row" + "s" * (self.plan.rows != 1)
        estimate = f"About {count} in {in_words(self.limit.duration(self.plan))}"
        said = f"{estimate} (cost {self.plan.cost:,.0f})."
        if self.is_allowed:
            return said
        return f"{said} It is refused: the estimate may be {in_words(self.limit.seconds)} at most."

    def text(self) -> str:
        """For a terminal."""
        return f"{self.summary()}\n\n{self.sql}\n\n{self.plan.text}\n"


def explain(query: str, statement: Statement, found: Plan, limit: Limit, *, maxrec: int) -> Explanation:
    """What is told of a query whose plan was asked for with `maxrec`."""
    allowed = limit.allows(found) or not is_doubtful(statement)
    return Explanation(query, statement.limited(maxrec + 1), found, limit, is_allowed=allowed)
