"""Deletions, which documents bring, and repositories tell of: not more than a few without a question."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import bulk
from voserver.model.errors import UsageError

_MOST = 0.01
"""More than this part of a collection is not deleted without a question."""

Confirm = Callable[[str], bool]


class TooManyError(Exception):
    """More would be deleted than goes without a question; says how much."""


class UnconfirmedError(UsageError):
    """Nobody agreed to that."""


@dataclass(slots=True)
class Guard:
    """Counts what a load deletes of each collection. Whoever agrees once has agreed for the load."""

    confirm: Confirm
    agreed: bool = False
    _gone: dict[str, int] = field(default_factory=dict)
    _there: dict[str, int] = field(default_factory=dict)

    def check(self, connection: psycopg.Connection, collection: str, count: int) -> None:
        """Count planes and files that are deleted in the open transaction.

        Raises:
            TooManyError: with them it is more than one in a hundred.
        """
        if not count or self.agreed:
            return
        if collection not in self._there:
            self._there[collection] = _count(connection, collection) + count
        gone, there = self._gone.get(collection, 0) + count, self._there[collection]
        if gone > there * _MOST:
            raise TooManyError(
                f"{gone:,} of {there:,} planes and files of the collection {collection} would be deleted"
            )
        self._gone[collection] = gone

    def ask(self, question: TooManyError) -> None:
        """Ask whether to go on, which nothing waits for meanwhile.

        Raises:
            UnconfirmedError: nobody agrees.
        """
        if not self.confirm(f"{question}. Go on?"):
            raise UnconfirmedError(
                f"{question}, more than one in a hundred: that was not done, nor what would have come after it.",
                hint="See with --dry-run what it is. If that is right, say --yes.",
            )
        self.agreed = True


def _count(connection: psycopg.Connection, collection: str) -> int:
    """Planes and files of a collection."""
    counted = connection.execute(
        "SELECT (SELECT count(*) FROM archive.plane WHERE collection = %(one)s) + (SELECT count(*)"
        " FROM archive.artifact JOIN archive.plane USING (planeid) WHERE collection = %(one)s)",
        {"one": collection},
    ).fetchone()
    assert counted is not None
    return int(counted[0])


def delete(url: str, gone: Iterator[tuple[str, str]], confirm: Confirm, *, is_trial: bool) -> Iterator[str]:
    """Delete observations, by their collections and names, that are here; tell the name of each.

    Raises:
        UsageError: it would be more than one in a hundred of a collection's files, and nobody agrees.
        ServiceError: the database is away.
    """
    guard = Guard(confirm, agreed=is_trial)
    with engine.connect(url) as connection:
        try:
            for collection, name in gone:
                try:
                    done = _delete(connection, guard, collection, name, is_trial=is_trial)
                except TooManyError as question:
                    guard.ask(question)
                    done = _delete(connection, guard, collection, name, is_trial=is_trial)
                if done:
                    yield f"{collection}/{name}"
        except psycopg.Error as error:
            raise engine.translate(error) from error


def _delete(
    connection: psycopg.Connection, guard: Guard, collection: str, name: str, *, is_trial: bool
) -> bool:
    with connection.transaction(force_rollback=is_trial):
        bulk.wait_for_turn(connection)
        counted = connection.execute(
            "SELECT count(*) + (SELECT count(*) FROM archive.artifact WHERE planeid = ANY (array_agg(p.planeid)))"
            " FROM archive.plane AS p WHERE p.collection = %s AND p.observationid = %s",
            [collection, name],
        ).fetchone()
        assert counted is not None
        done = connection.execute(
            "DELETE FROM archive.observation WHERE collection = %s AND observationid = %s", [collection, name]
        )
        guard.check(connection, collection, int(counted[0]))
        return bool(done.rowcount)
