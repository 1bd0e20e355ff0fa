"""Rows into the base tables: COPY into staging tables, then a merge that touches only what differs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import psycopg
from psycopg import sql

from voserver.catalogue.ingest.batches import (
    ARTIFACT,
    OBSERVATION,
    PART,
    PLANE,
    TARGETS,
    Encoded,
    Staged,
    Target,
    Types,
)

NOW = sql.SQL("(SELECT archive.change_millisecond())")
"""When what the transaction changes has changed: none that is seen later has an earlier time, however long it takes."""


def _table(target: Target) -> sql.Identifier:
    return sql.Identifier("archive", target.table)


def _staged(target: Target) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"staged_{target.table}")


@dataclass(slots=True)
class Counts:
    """What became of the artifacts of a batch."""

    added: int = 0
    changed: int = 0
    same: int = 0


def prepare(connection: psycopg.Connection) -> Types:
    """Make the staging tables, which live as long as the connection and store as the base tables do."""
    connection.execute("SET client_encoding = 'UTF8'")
    connection.execute("SET temp_buffers = '64MB'")  # a staged batch does not go through files
    for target in TARGETS:
        connection.execute(
            sql.SQL(
                "CREATE TEMP TABLE {} (LIKE {} INCLUDING STORAGE INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
            ).format(sql.Identifier(f"staged_{target.table}"), _table(target))
        )
    connection.execute(
        "CREATE TEMP TABLE staged_link (kind text, parent uuid, child text) ON COMMIT DELETE ROWS"
    )
    connection.execute(
        "CREATE TEMP TABLE staged_location (artifactid uuid, store text, key text) ON COMMIT DELETE ROWS"
    )
    types: Types = {
        target: dict(connection.execute(_TYPES, [f"archive.{target.table}"])) for target in TARGETS
    }
    connection.commit()
    return types


_TYPES = """
SELECT a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""


_ONE_AT_A_TIME = 7_205_759_403
"""The lock (any number that nobody else takes) under which batches are merged: two could wait for each other's rows."""


def wait_for_turn(connection: psycopg.Connection) -> None:
    """Wait until nobody else merges, for whoever looks at what is there before: until the transaction's end."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def merge(connection: psycopg.Connection, batch: Encoded) -> Counts:
    """Bring a batch into the tables, in the connection's open transaction."""
    wait_for_turn(connection)
    try:
        with connection.transaction():
            return _merge(connection, batch)
    except psycopg.errors.UniqueViolation:
        # What came as CAOM of another archive has that one's identifiers, which are not made of the URIs as ours are.
        with connection.transaction():
            return _merge(connection, batch, adopts=True)


def _merge(connection: psycopg.Connection, batch: Encoded, *, adopts: bool = False) -> Counts:
    """`adopts`: the batch takes over the identifiers that its observations, planes and files have already."""
    _clear(connection)
    for target, rows in batch.tables.items():
        copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(_staged(target), _list(rows.columns))
        _copy(connection, copy, rows.content)
    _copy(connection, sql.SQL("COPY pg_temp.staged_link FROM STDIN (FORMAT binary)"), batch.links)
    _copy(connection, sql.SQL("COPY pg_temp.staged_location FROM STDIN (FORMAT binary)"), batch.locations)
    for statement in _ADOPTIONS if adopts else ():
        connection.execute(statement)
    added = 0
    for target in TARGETS:
        if target in batch.tables:
            new = _merge_rows(connection, target, batch.tables[target])
            added = new if target is ARTIFACT else added
    if PART in batch.tables:
        _drop_old_parts(connection)
    _merge_links(connection)
    _merge_locations(connection)
    changed = _touched(connection) - added if batch.artifacts else 0
    return Counts(added, changed, len(batch.artifacts) - added - changed)


def _clear(connection: psycopg.Connection) -> None:
    """Forget the batch before, where the transaction is the same."""
    tables = [
        *map(_staged, TARGETS),
        *(sql.Identifier("pg_temp", f"staged_{one}") for one in ("link", "location")),
    ]
    connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables))


def _adoption(target: Target, uri: str, below: Sequence[tuple[str, str]]) -> Iterator[sql.Composed]:
    """Rows of a staged table, and what is staged below them, get the identifiers of rows with the same URI."""
    for table, column in (*below, (f"staged_{target.table}", target.key)):
        yield sql.SQL(
            "UPDATE pg_temp.{below} AS below SET {column} = old.{key} FROM {staged} AS new JOIN {table} AS old"
            " ON old.{uri} = new.{uri} AND old.{key} <> new.{key} WHERE below.{column} = new.{key}"
        ).format(
            below=sql.Identifier(table),
            column=sql.Identifier(column),
            key=sql.Identifier(target.key),
            staged=_staged(target),
            table=_table(target),
            uri=sql.Identifier(uri),
        )


_ADOPTIONS = (
    *_adoption(OBSERVATION, "observationuri", [("staged_plane", "obsid"), ("staged_link", "parent")]),
    *_adoption(PLANE, "planeuri", [("staged_artifact", "planeid"), ("staged_link", "parent")]),
    *_adoption(ARTIFACT, "uri", [("staged_part", "artifactid"), ("staged_location", "artifactid")]),
)


def _touched(connection: psycopg.Connection) -> int:
    """How many of the batch's files are new or changed, they themselves or their parts."""
    counted = connection.execute(
        sql.SQL(
            "SELECT count(*) FROM archive.artifact JOIN {} USING (artifactid) WHERE artifact.maxlastmodified = {}"
        ).format(_staged(ARTIFACT), NOW)
    ).fetchone()
    assert counted is not None
    return int(counted[0])


def _drop_old_parts(connection: psycopg.Connection) -> None:
    """Parts that a file has no more, and chunks that its parts have no more."""
    connection.execute(
        "DELETE FROM archive.part AS old USING pg_temp.staged_part AS new WHERE old.artifactid = new.artifactid"
        " AND NOT EXISTS (SELECT 1 FROM pg_temp.staged_part AS one WHERE one.partid = old.partid)"
    )
    connection.execute(
        "DELETE FROM archive.chunk AS old USING pg_temp.staged_part AS new WHERE old.partid = new.partid"
        " AND NOT EXISTS (SELECT 1 FROM pg_temp.staged_chunk AS one WHERE one.chunkid = old.chunkid)"
    )


def _merge_locations(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO archive.location AS old (artifactid, store, key)"
        " SELECT artifactid, store, key FROM pg_temp.staged_location"
        " ON CONFLICT (artifactid, store) DO UPDATE SET key = excluded.key WHERE old.key <> excluded.key"
    )


def _copy(
    connection: psycopg.Connection, statement: sql.SQL | sql.Composed, content: Iterable[bytes]
) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for piece in content:
            stream.write(piece)


def _merge_rows(connection: psycopg.Connection, target: Target, rows: Staged) -> int:
    """How many rows were added."""
    counted = connection.execute(_merge_statement(target, rows.columns)).fetchone()
    assert counted is not None
    return int(counted[0])


def _list(columns: Sequence[str], prefix: str | None = None) -> sql.Composed:
    names = [sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in columns]
    return sql.SQL(", ").join(names)


@cache
def _merge_statement(target: Target, columns: tuple[str, ...]) -> sql.Composed:
    others = [*(name for name in columns if name != target.key), *target.settled]
    new = [_new_value(target, name) for name in others]
    changes = [
        sql.SQL("{} = {}").format(sql.Identifier(name), value)
        for name, value in zip(others, new, strict=True)
    ]
    # Who told it first or last makes no difference by itself.
    compared = [name for name in others if name != "metaproducer"]
    decides = sql.SQL("excluded.principal_file <= old.principal_file AND" if target.decided else "")
    return sql.SQL(
        "WITH merged AS (INSERT INTO {table} AS old ({columns}, lastmodified, maxlastmodified)"
        " SELECT {columns}, {now}, {now} FROM {staged}"
        " ON CONFLICT ({key}) DO UPDATE SET {changes}, lastmodified = {now}, maxlastmodified = {now}"
        " WHERE {decides} ({before}) IS DISTINCT FROM ({after})"
        " RETURNING {parent} AS parent, old.xmax = 0 AS added){stamps}"
        " SELECT count(*) FILTER (WHERE added) FROM merged"
    ).format(
        table=_table(target),
        columns=_list(columns),
        now=NOW,
        staged=_staged(target),
        key=sql.Identifier(target.key),
        parent=sql.Identifier("old", target.parents[0][1] if target.parents else target.key),
        changes=sql.SQL(", ").join(changes),
        decides=decides,
        before=_list(compared, "old"),
        after=sql.SQL(", ").join(_new_value(target, name) for name in compared),
        stamps=_stamps(target),
    )


def _new_value(target: Target, name: str) -> sql.Composable:
    if name in target.rules:
        return sql.SQL(target.rules[name])
    new = sql.Identifier("excluded", name)
    return sql.SQL("coalesce({}, {})").format(new, sql.Identifier("old", name)) if target.completed else new


def _stamps(target: Target) -> sql.Composed:
    """A change below counts for `maxlastmodified` above (CAOM 2.4, Entity); rows of this batch have theirs."""
    steps = []
    below = "merged"
    for (table, key), above in zip(target.parents, (*target.parents[1:], None), strict=False):
        step = f"stamped_{table}"
        steps.append(
            sql.SQL(
                ", {step} AS (UPDATE archive.{table} SET maxlastmodified = {now}"
                " WHERE {key} IN (SELECT parent FROM {below}) AND maxlastmodified IS DISTINCT FROM {now}"
                " RETURNING {above} AS parent)"
            ).format(
                step=sql.Identifier(step),
                table=sql.Identifier(table),
                now=NOW,
                key=sql.Identifier(key),
                below=sql.Identifier(below),
                above=sql.Identifier(above[1] if above else key),
            )
        )
        below = step
    return sql.Composed(steps)


def _merge_links(connection: psycopg.Connection) -> None:
    # A link has the rule that its parent has by now, which another file of it may have given.
    connection.execute(
        "INSERT INTO archive.observation_member (parentid, memberid, metarelease, metareadgroups)"
        " SELECT o.obsid, l.child, o.metarelease, o.metareadgroups FROM pg_temp.staged_link AS l"
        " JOIN archive.observation AS o ON o.obsid = l.parent WHERE l.kind = 'member' ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO archive.provenance_input (outputid, inputid, metarelease, metareadgroups)"
        " SELECT p.planeid, l.child, p.metarelease, p.metareadgroups FROM pg_temp.staged_link AS l"
        " JOIN archive.plane AS p ON p.planeid = l.parent WHERE l.kind = 'input' ON CONFLICT DO NOTHING"
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
      WHERE q.productid = '3' AND q.proposal_id = ANY (%(programs)s) GROUP BY i.outputid) found
WHERE p.planeid = found.outputid AND p.provenance_inputs IS DISTINCT FROM found.inputs
"""
