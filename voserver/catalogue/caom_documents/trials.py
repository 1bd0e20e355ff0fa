"""What a trial of a document would change: the rows of its observation before and after."""

import psycopg

from voserver.catalogue.ingest.differences import Rows, Seen, lines

_ROWS = """
SELECT o.obsid, o.observationid, jsonb_build_object('observation', to_jsonb(o)), 0
FROM archive.observation AS o WHERE o.observationuri = %(uri)s
UNION ALL SELECT p.planeid, p.observationid || '/' || p.productid, jsonb_build_object('plane', to_jsonb(p)), 0
FROM archive.plane AS p JOIN archive.observation AS o USING (obsid) WHERE o.observationuri = %(uri)s
UNION ALL SELECT a.artifactid, a.filename, jsonb_build_object('file', to_jsonb(a)),
    (SELECT count(*) FROM archive.part WHERE part.artifactid = a.artifactid)
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid) JOIN archive.observation AS o USING (obsid)
WHERE o.observationuri = %(uri)s
"""


def rows(connection: psycopg.Connection, uri: str) -> Rows:
    """An observation with its planes and files."""
    return {row[0]: Seen(*row[1:]) for row in connection.execute(_ROWS, {"uri": uri})}


def differences(before: Rows, after: Rows) -> list[str]:
    """A line for everything new, for every column that changed, and for everything that is gone."""
    return [
        *lines(before, after),
        *(f"gone: {seen.name}" for key, seen in before.items() if key not in after),
    ]
