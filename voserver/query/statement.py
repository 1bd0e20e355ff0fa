"""A query that can be run: SQL and the columns of its result."""

from dataclasses import dataclass

from voserver.model.columns import Column


@dataclass(frozen=True, slots=True)
class Statement:
    """One SELECT, and its result's columns in order.

    `body` has no LIMIT and OFFSET of its own at the outermost level: `top` and `offset` are the user's, and
    `limited` brings in the service's limit too, where the planner sees it and ORDER BY is kept.
    """

    body: str
    columns: tuple[Column, ...]
    top: int | None = None
    offset: int | None = None

    @property
    def sql(self) -> str:
        """The SQL with the user's limits."""
        return self.limited(None)

    def limited(self, rows: int | None) -> str:
        """The SQL for at most so many rows, and no more than the user wants."""
        limits = [limit for limit in (self.top, rows) if limit is not None]
        limit = f" LIMIT {min(limits)}" if limits else ""
        return self.body + limit + (f" OFFSET {self.offset}" if self.offset else "")
