"""Rows into the base tables: COPY into staging tables, then a merge that touches only what differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from voserver.catalogue.ingest.caom import Record, identifier


@dataclass(frozen=True, slots=True)
class _Target:
    """A base table, and how rows are merged into it."""

    table: str
    key: str
    parent: str
    decided: bool = False
    """Whether `principal_file` decides between rows that disagree."""
    kept: frozenset[str] = frozenset()
    """Columns that a null does not overwrite: they are found out later."""

    @property
    def name(self) -> sql.Identifier:
        return sql.Identifier("archive", self.table)

    @property
    def staged(self) -> sql.Identifier:
        return sql.Identifier("pg_temp", f"staged_{self.table}")


_OBSERVATION = _Target("observation", "obsid", "obsid", decided=True)
_PLANE = _Target("plane", "planeid", "obsid", decided=True, kept=frozenset({"provenance_inputs"}))
_ARTIFACT = _Target("artifact", "artifactid", "planeid")

_NOW = sql.SQL("date_trunc('milliseconds', transaction_timestamp() AT TIME ZONE 'utc')")


@dataclass(slots=True)
class Counts:
    """What became of the artifacts of a batch."""

    added: int = 0
    changed: int = 0
    same: int = 0


@dataclass(slots=True)
class Batch:
    """Rows to merge, each entity once: of rows that share an observation or a plane, its principal file's."""

    observations: dict[object, Record] = field(default_factory=dict)
    planes: dict[object, Record] = field(default_factory=dict)
    artifacts: list[Record] = field(default_factory=list)
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a derived observation's URI and a member's."""
    inputs: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a plane's URI and an input's."""

    def add(self, observation: Record, plane: Record, artifact: Record) -> None:
        """Take the three rows of one file."""
        _keep_principal(self.observations, observation, "obsid")
        _keep_principal(self.planes, plane, "planeid")
        self.artifacts.append(artifact)


def _keep_principal(rows: dict[object, Record], row: Record, key: str) -> None:
    known = rows.get(row[key])
    if known is None or str(row["principal_file"]) < str(known["principal_file"]):
        rows[row[key]] = row


def prepare(connection: psycopg.Connection) -> None:
    """Make the staging tables, which live as long as the connection and store as the base tables do."""
    for target in (_OBSERVATION, _PLANE, _ARTIFACT):
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING STORAGE) ON COMMIT DELETE ROWS").format(
                sql.Identifier(f"staged_{target.table}"), target.name
            )
        )
    connection.execute(
        "CREATE TEMP TABLE staged_link (kind text, parent uuid, child text, metarelease timestamp,"
        " metareadgroups text[]) ON COMMIT DELETE ROWS"
    )
    connection.commit()


def merge(connection: psycopg.Connection, batch: Batch) -> Counts:
    """Bring a batch into the tables, in the connection's open transaction."""
    if not batch.artifacts:
        return Counts()
    observations = _merge_rows(connection, _OBSERVATION, list(batch.observations.values()))
    planes = _merge_rows(connection, _PLANE, list(batch.planes.values()))
    artifacts = _merge_rows(connection, _ARTIFACT, batch.artifacts)
    _merge_links(connection, batch)
    _stamp_parents(connection, observations, planes, artifacts)
    added = sum(one.added for one in artifacts)
    return Counts(added, len(artifacts) - added, len(batch.artifacts) - len(artifacts))


class _Merged(NamedTuple):
    """A row that was added or changed."""

    key: UUID
    parent: UUID
    added: bool


def _merge_rows(connection: psycopg.Connection, target: _Target, rows: Sequence[Record]) -> list[_Merged]:
    """Which rows were added or changed."""
    if not rows:
        return []
    columns = tuple(rows[0])
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(target.staged, _list(columns))
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for row in rows:
            stream.write_row(tuple(row.values()))
    return [_Merged(*row) for row in connection.execute(_merge_statement(target, columns))]


def _list(columns: Sequence[str], prefix: str | None = None) -> sql.Composed:
    names = [sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in columns]
    return sql.SQL(", ").join(names)


def _merge_statement(target: _Target, columns: Sequence[str]) -> sql.Composed:
    others = [name for name in columns if name != target.key]
    new = [_new_value(target, name) for name in others]
    changes = [
        sql.SQL("{} = {}").format(sql.Identifier(name), value)
        for name, value in zip(others, new, strict=True)
    ]
    decides = sql.SQL("excluded.principal_file <= old.principal_file AND" if target.decided else "")
    return sql.SQL(
        "INSERT INTO {table} AS old ({columns}, lastmodified, maxlastmodified)"
        " SELECT {columns}, {now}, {now} FROM {staged}"
        " ON CONFLICT ({key}) DO UPDATE SET {changes}, lastmodified = {now}, maxlastmodified = {now}"
        " WHERE {decides} ({before}) IS DISTINCT FROM ({after}) "
        " RETURNING old.{key}, old.{parent}, old.xmax = 0"
    ).format(
        table=target.name,
        columns=_list(columns),
        now=_NOW,
        staged=target.staged,
        key=sql.Identifier(target.key),
        parent=sql.Identifier(target.parent),
        changes=sql.SQL(", ").join(changes),
        decides=decides,
        before=_list(others, "old"),
        after=sql.SQL(", ").join(new),
    )


def _new_value(target: _Target, name: str) -> sql.Composable:
    if name in target.kept:
        return sql.SQL("coalesce({}, {})").format(
            sql.Identifier("excluded", name), sql.Identifier("old", name)
        )
    return sql.Identifier("excluded", name)


def _merge_links(connection: psycopg.Connection, batch: Batch) -> None:
    """Members and inputs; each carries its parent's release, so that the views need no join."""
    releases = {
        row[key]: (row["metarelease"], row["metareadgroups"])
        for rows, key in ((batch.observations, "obsid"), (batch.planes, "planeid"))
        for row in rows.values()
    }
    with connection.cursor() as cursor, cursor.copy("COPY pg_temp.staged_link FROM STDIN") as stream:
        for kind, links in (("member", batch.members), ("input", batch.inputs)):
            for parent, child in links:
                stream.write_row((kind, identifier(parent), child, *releases[identifier(parent)]))
    connection.execute(
        "INSERT INTO archive.observation_member (parentid, memberid, metarelease, metareadgroups)"
        " SELECT parent, child, metarelease, metareadgroups FROM pg_temp.staged_link WHERE kind = 'member'"
        " ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO archive.provenance_input (outputid, inputid, metarelease, metareadgroups)"
        " SELECT parent, child, metarelease, metareadgroups FROM pg_temp.staged_link WHERE kind = 'input'"
        " ON CONFLICT DO NOTHING"
    )


def _stamp_parents(
    connection: psycopg.Connection,
    observations: Sequence[_Merged],
    planes: Sequence[_Merged],
    artifacts: Sequence[_Merged],
) -> None:
    """A change below counts for `maxlastmodified` above (CAOM 2.4, Entity); rows merged here have theirs."""
    stale_planes = {one.parent for one in artifacts} - {one.key for one in planes}
    stale_observations = {one.parent for one in planes} - {one.key for one in observations}
    if stale_planes:
        stamped = connection.execute(
            sql.SQL(
                "UPDATE archive.plane SET maxlastmodified = {} WHERE planeid = ANY (%s) RETURNING obsid"
            ).format(_NOW),
            [list(stale_planes)],
        )
        stale_observations |= {row[0] for row in stamped}
    if stale_observations:
        connection.execute(
            sql.SQL("UPDATE archive.observation SET maxlastmodified = {} WHERE obsid = ANY (%s)").format(
                _NOW
            ),
            [list(stale_observations)],
        )


def link_associations(connection: psycopg.Connection, programs: Sequence[int]) -> None:
    """Give the level-3 products of these programs their members, as far as the catalogue knows them.

    The association of one observation (`o008`) takes its exposures with the same instrument, mode and optical
    elements. Beyond that only what a product's own keywords say is a member.
    """
    connection.execute(_FIND_MEMBERS, {"programs": [str(program) for program in programs]})
    connection.execute(_FIND_INPUTS, {"programs": [str(program) for program in programs]})
    for statement in (_WRITE_MEMBERS, _WRITE_INPUTS):
        connection.execute(statement, {"programs": [str(program) for program in programs]})


_FIND_MEMBERS = """
INSERT INTO archive.observation_member (parentid, memberid, metarelease, metareadgroups)
SELECT DISTINCT d.obsid, m.observationuri, d.metarelease, d.metareadgroups
FROM archive.observation d
JOIN archive.artifact product ON product.obs_id = d.observationid
JOIN archive.artifact e ON e.program = product.program AND e.observation = product.observation
    AND e.exposure IS NOT NULL AND e.instrument_name = product.instrument_name
    AND e.target_name IS NOT DISTINCT FROM product.target_name
    AND (e.filter, e.pupil, e.grating, e.band) IS NOT DISTINCT FROM
        (product.filter, product.pupil, product.grating, product.band)
    AND (product.channel IS NULL OR e.channel IS NULL OR position(product.channel IN e.channel) > 0)
JOIN archive.observation m ON m.observationid = e.obs_id AND m.typecode = 'S'
WHERE d.typecode = 'D' AND d.proposal_id = ANY (%(programs)s) AND split_part(d.observationid, '_', 2) ~ '^t'
ON CONFLICT DO NOTHING
"""

_FIND_INPUTS = """
INSERT INTO archive.provenance_input (outputid, inputid, metarelease, metareadgroups)
SELECT p.planeid, m.memberid || '/2b', p.metarelease, p.metareadgroups
FROM archive.observation d
JOIN archive.observation_member m ON m.parentid = d.obsid
JOIN archive.plane p ON p.obsid = d.obsid
WHERE d.typecode = 'D' AND d.proposal_id = ANY (%(programs)s)
ON CONFLICT DO NOTHING
"""

_WRITE_MEMBERS = """
UPDATE archive.observation o SET members = found.members
FROM (SELECT m.parentid, string_agg(m.memberid, ' ' ORDER BY m.memberid) AS members
      FROM archive.observation_member m JOIN archive.observation d ON d.obsid = m.parentid
      WHERE d.proposal_id = ANY (%(programs)s) GROUP BY m.parentid) found
WHERE o.obsid = found.parentid AND o.members IS DISTINCT FROM found.members
"""

_WRITE_INPUTS = """
UPDATE archive.plane p SET provenance_inputs = found.inputs
FROM (SELECT i.outputid, string_agg(i.inputid, ' ' ORDER BY i.inputid) AS inputs
      FROM archive.provenance_input i JOIN archive.plane q ON q.planeid = i.outputid
      WHERE q.proposal_id = ANY (%(programs)s) GROUP BY i.outputid) found
WHERE p.planeid = found.outputid AND p.provenance_inputs IS DISTINCT FROM found.inputs
"""
