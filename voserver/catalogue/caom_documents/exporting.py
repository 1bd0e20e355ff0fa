"""Observations out of the catalogue, as somebody may see them."""

import psycopg

_SHAPES = "'{position_bounds__shape,position_bounds_samples__shape,s_region__shape}'::text[]"
_MAY = "(%(everything)s OR archive.readable({0}.metarelease, {0}.metareadgroups, %(mine)s))"

OBSERVATION = f"""
SELECT to_jsonb(o) AS observation, coalesce(p.rows, '[]') AS planes, coalesce(a.rows, '[]') AS artifacts,
    coalesce(f.rows, '[]') AS parts, coalesce(c.rows, '[]') AS chunks,
    (SELECT greatest(n.changed, CASE WHEN n.released <= now() AT TIME ZONE 'utc' THEN n.released END)
        FROM archive.observation_change AS n WHERE n.obsid = o.obsid) AS changed
FROM archive.observation AS o
LEFT JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(p) - {_SHAPES} ORDER BY p.productid) AS rows, array_agg(p.planeid) AS ids
    FROM archive.plane AS p WHERE p.obsid = o.obsid AND {_MAY.format("p")}) AS p ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(a) - {_SHAPES} ORDER BY a.uri) AS rows, array_agg(a.artifactid) AS ids
    FROM archive.artifact AS a WHERE a.planeid = ANY (p.ids) AND {_MAY.format("a")}) AS a ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(f) ORDER BY f.name, f.partid) AS rows, array_agg(f.partid) AS ids
    FROM archive.part AS f WHERE f.artifactid = ANY (a.ids) AND {_MAY.format("f")}) AS f ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(c) ORDER BY c.chunkid) AS rows
    FROM archive.chunk AS c WHERE c.partid = ANY (f.ids) AND {_MAY.format("c")}) AS c ON true
WHERE o.collection = %(collection)s AND o.observationid = %(name)s AND {_MAY.format("o")}
"""  # noqa: S608 -- put together of constants
"""The rows of an observation, as `writing.write` takes them: for somebody whose groups are `mine`, or `everything`.

And when it `changed` here.
"""

_CHANGED = """
SELECT c.collection, c.observationid, c.{moment} AS changed
FROM archive.observation_change AS c JOIN archive.observation AS o USING (obsid)
WHERE NOT c.is_deleted AND c.collection = %(collection)s AND {condition}
    AND c.{moment} >= %(start)s AND c.{moment} <= %(end)s AND c.{moment} < %(before)s
    AND archive.readable(o.metarelease, o.metareadgroups, %(mine)s)
ORDER BY c.{moment}, c.observationid {limit}
"""


def _listing(limit: str) -> str:
    changed = _CHANGED.format(
        moment="changed", condition="(c.released < %(before)s) IS NOT TRUE", limit=limit
    )
    released = _CHANGED.format(moment="released", condition="c.released IS NOT NULL", limit=limit)
    return (
        f"SELECT * FROM (({changed}) UNION ALL ({released})) AS found ORDER BY changed, observationid {limit}"  # noqa: S608 -- constants
    )


LISTING = _listing("LIMIT %(limit)s")
"""Observations in the order in which they changed here, or were released after that."""

LISTING_OF_A_MOMENT = _listing("")
"""The same without a limit, for a moment at which more changed than a list has."""

DELETIONS = """
SELECT c.obsid::text AS obsid, c.collection, c.observationid, c.changed FROM archive.observation_change AS c
WHERE c.is_deleted AND c.collection = %(collection)s
    AND c.changed >= %(start)s AND c.changed <= %(end)s AND c.changed < %(before)s
    AND archive.readable(c.metarelease, c.metareadgroups, %(mine)s)
ORDER BY c.changed, c.observationid
"""
"""Observations that are here no more, in the order in which they went."""

COLLECTIONS = """
SELECT DISTINCT collection FROM archive.observation AS o
WHERE archive.readable(o.metarelease, o.metareadgroups, %(mine)s) ORDER BY collection
"""
"""Collections of which one may see something."""


def names(
    connection: psycopg.Connection, collection: str | None, observation: str | None
) -> list[tuple[str, str]]:
    """Collections and names of all observations, of those of a collection, or of one."""
    return connection.execute(
        "SELECT collection, observationid FROM archive.observation"
        " WHERE (%(collection)s::text IS NULL OR collection = %(collection)s)"
        " AND (%(name)s::text IS NULL OR observationid = %(name)s) ORDER BY 1, 2",
        {"collection": collection, "name": observation},
    ).fetchall()
