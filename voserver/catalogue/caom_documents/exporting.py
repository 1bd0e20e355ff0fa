"""Observations out of the catalogue, as somebody may see them."""

import psycopg

_SHAPES = "'{position_bounds__shape,position_bounds_samples__shape,s_region__shape}'::text[]"
_MAY = "(%(everything)s OR archive.readable({0}.metarelease, {0}.metareadgroups, %(mine)s))"

OBSERVATION = f"""
SELECT to_jsonb(o) AS observation, coalesce(p.rows, '[]') AS planes, coalesce(a.rows, '[]') AS artifacts,
    coalesce(f.rows, '[]') AS parts, coalesce(c.rows, '[]') AS chunks
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
"""The rows of an observation, as `writing.write` takes them: for somebody whose groups are `mine`, or `everything`."""

LISTING = """
SELECT o.collection, o.observationid, o.maxlastmodified, o.accmetachecksum FROM archive.observation AS o
WHERE o.collection = %(collection)s AND o.maxlastmodified >= %(start)s AND o.maxlastmodified <= %(end)s
    AND archive.readable(o.metarelease, o.metareadgroups, %(mine)s)
ORDER BY o.maxlastmodified, o.observationid LIMIT %(limit)s
"""
"""Observations in the order in which they changed."""

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
