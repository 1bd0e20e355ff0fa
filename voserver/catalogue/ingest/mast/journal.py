"""How far a harvest is, kept in the database: one that was broken off goes on where it stopped."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from voserver.catalogue.ingest import report
from voserver.catalogue.ingest.mast.lists import OBSERVATION_COLUMNS, Row, storable
from voserver.model import mast

_STALE = timedelta(days=7)
"""A harvest that was broken off longer ago is begun anew."""


_LONGEST = 400
"""Longer names and URIs are none of JWST's."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The record of one harvest."""

    connection: psycopg.Connection
    harvestid: int
    started: datetime
    is_listed: bool

    @classmethod
    def take_up(
        cls, connection: psycopg.Connection, server: str, scope: str, authority: str, *, is_trial: bool
    ) -> "Journal":
        """Go on with the harvest of this scope that was broken off, or begin one.

        Raises:
            Unavailable: another process is at the same.
        """
        called = f"trial {scope}" if is_trial else scope
        about = [server, called, authority]
        report.lock(connection, called, f"harvest {' '.join(about)}")
        connection.execute(
            "DELETE FROM archive.harvest WHERE (server, scope, authority) = (%s, %s, %s) AND finished IS NULL"
            " AND (%s OR started < now() AT TIME ZONE 'utc' - %s)",
            [*about, is_trial, _STALE],
        )
        row = connection.execute(
            "SELECT harvestid, started, listed IS NOT NULL FROM archive.harvest"
            " WHERE (server, scope, authority) = (%s, %s, %s) AND finished IS NULL",
            about,
        ).fetchone()
        row = (
            row
            or connection.execute(
                "INSERT INTO archive.harvest (server, scope, authority) VALUES (%s, %s, %s)"
                " RETURNING harvestid, started, false",
                about,
            ).fetchone()
        )
        assert row is not None
        connection.commit()
        return cls(connection, *row)

    def write_down(self, pages: Iterable[Sequence[Row]]) -> Iterator[int]:
        """Write down the observations that there are, in one transaction; how many after each page."""
        count = 0
        with self.connection.transaction():
            for page in pages:
                count += len(page)
                with self.connection.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO archive.harvest_observation (harvestid, obs_id, obsid, calib_level, said)"
                        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                        [self._row(row) for row in page],
                    )
                yield count
            self.connection.execute(
                "UPDATE archive.harvest SET listed = now() AT TIME ZONE 'utc' WHERE harvestid = %s",
                [self.harvestid],
            )

    def _row(self, row: Row) -> tuple[Any, ...]:
        said = {name: _storable(row[name]) for name in OBSERVATION_COLUMNS if name in row}
        level = str(mast.given(row.get("calib_level"))).removesuffix(".0")
        known = int(level) if level in {"-1", "0", "1", "2", "3", "4"} else 2
        obsid = mast.given(said.get("obsid"))
        return self.harvestid, _name(said), None if obsid is None else str(obsid), known, Jsonb(said)

    def count(self) -> tuple[int, int]:
        """How many observations are done, and how many there are."""
        row = self.connection.execute(
            "SELECT count(*) FILTER (WHERE is_done), count(*) FROM archive.harvest_observation"
            " WHERE harvestid = %s",
            [self.harvestid],
        ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])

    def waiting(self, most: int) -> list[Row]:
        """The next observations; those first whose products are made of others."""
        rows = self.connection.execute(
            "SELECT said FROM archive.harvest_observation WHERE harvestid = %s AND NOT is_done"
            " ORDER BY calib_level DESC, obs_id LIMIT %s",
            [self.harvestid, most],
        )
        return [said for (said,) in rows]

    def known(self, names: Iterable[str]) -> list[Row]:
        """Those of these observations that were found."""
        rows = self.connection.execute(
            "SELECT said FROM archive.harvest_observation WHERE harvestid = %s AND obs_id = ANY (%s)",
            [self.harvestid, list(names)],
        )
        return [said for (said,) in rows]

    def whole(self, uris: Iterable[str]) -> set[str]:
        """Those of these files that were merged with all that is to be known of them."""
        rows = self.connection.execute(
            "SELECT uri FROM archive.harvest_file WHERE harvestid = %s AND is_whole AND uri = ANY (%s)",
            [self.harvestid, list(uris)],
        )
        return {uri for (uri,) in rows}

    def done(self, observations: Sequence[Row], files: Mapping[str, bool]) -> None:
        """Note that these observations are loaded with their files, by URI: whether all is known of each."""
        with self.connection.transaction():
            self.connection.execute(
                "UPDATE archive.harvest_observation SET is_done = true WHERE harvestid = %s AND obs_id = ANY (%s)",
                [self.harvestid, [_name(row) for row in observations]],
            )
            self.connection.execute(
                "INSERT INTO archive.harvest_file AS old (harvestid, uri, is_whole)"
                " SELECT %s, uri, is_whole FROM unnest(%s::text[], %s::boolean[]) AS file (uri, is_whole)"
                " ON CONFLICT (harvestid, uri) DO UPDATE SET is_whole = true"
                " WHERE excluded.is_whole AND NOT old.is_whole",
                [self.harvestid, list(files), list(files.values())],
            )

    def end(self, *, is_trial: bool) -> None:
        """The harvest is done; of what it found only the catalogue tells from now on."""
        with self.connection.transaction():
            for statement in (
                "DELETE FROM archive.harvest_observation WHERE harvestid = %s",
                "DELETE FROM archive.harvest_file WHERE harvestid = %s",
                "DELETE FROM archive.harvest WHERE harvestid = %s"
                if is_trial
                else "UPDATE archive.harvest SET finished = now() AT TIME ZONE 'utc' WHERE harvestid = %s",
            ):
                self.connection.execute(statement, [self.harvestid])


def last(connection: psycopg.Connection, server: str, authority: str) -> datetime | None:
    """When the last harvest by date began that is done: what is newer is not known."""
    row = connection.execute(
        "SELECT max(started) FROM archive.harvest WHERE server = %s AND authority = %s AND scope LIKE 'since%%'"
        " AND finished IS NOT NULL",
        [server, authority],
    ).fetchone()
    moment: datetime | None = row[0] if row else None
    return moment


def _name(row: Row) -> str:
    """What an observation is called here; one without a name has products nevertheless."""
    name = mast.given(row.get("obs_id"))
    return f"obsid {row.get('obsid')}"[:_LONGEST] if name is None else str(row["obs_id"])[:_LONGEST]


def _storable(value: object) -> object:
    """What JSON in PostgreSQL holds: numbers that are finite, and texts."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return storable(str(value))
