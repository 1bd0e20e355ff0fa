"""What the archive of whole programs has no more is withdrawn here, too: with care, and as events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from voserver.model.errors import UsageError

_MOST = 0.01
"""More than this part of what is there is not withdrawn without a question."""
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was (or of a trial: would be) withdrawn."""

    files: int
    planned: int
    """Planned observations that are planned no more, or were made."""
    kept: int
    """Files that stay, because a copy lies in a store of this archive."""
    names: Sequence[str]
    """Of the first files."""


_GONE = """
CREATE TEMP TABLE gone_file ON COMMIT DROP AS
SELECT a.artifactid, a.planeid, a.filename,
    EXISTS (SELECT FROM archive.location AS l WHERE l.artifactid = a.artifactid) AS is_stored
FROM archive.artifact AS a
WHERE a.program = ANY (%(programs)s) AND a.uri LIKE 'mast:JWST/product/%%'
    AND NOT EXISTS (SELECT FROM archive.harvest_file AS f WHERE f.harvestid = %(harvest)s AND f.uri = a.uri)
"""

_NO_MORE_PLANNED = """
CREATE TEMP TABLE gone_plan ON COMMIT DROP AS
SELECT p.planeid, p.obsid FROM archive.plane AS p
WHERE p.proposal_id = ANY (%(proposals)s) AND p.calibrationlevel = -1 AND NOT EXISTS (
    SELECT FROM archive.harvest_observation AS o
    WHERE o.harvestid = %(harvest)s AND o.calib_level = -1 AND o.obs_id = p.observationid)
"""

_EMPTY_PLANES = """
DELETE FROM archive.plane AS p
WHERE (p.planeid IN (SELECT planeid FROM gone_file WHERE NOT is_stored)
        AND NOT EXISTS (SELECT FROM archive.artifact AS a WHERE a.planeid = p.planeid))
    OR p.planeid IN (SELECT planeid FROM gone_plan)
"""

_EMPTY_OBSERVATIONS = """
DELETE FROM archive.observation AS o
WHERE o.proposal_id = ANY (%(proposals)s) AND NOT EXISTS (SELECT FROM archive.plane AS p WHERE p.obsid = o.obsid)
"""


def withdraw(
    connection: psycopg.Connection,
    programs: Sequence[int],
    harvestid: int,
    confirm: Callable[[str], bool],
    *,
    is_trial: bool,
) -> Withdrawal:
    """Withdraw the files and plans of these programs that the harvest did not find.

    Raises:
        UsageError: it would be more than one in a hundred, and nobody agrees.
    """
    about = {
        "programs": list(programs),
        "proposals": [str(program) for program in programs],
        "harvest": harvestid,
    }
    with connection.transaction(force_rollback=is_trial):
        connection.execute(_GONE, about)
        connection.execute(_NO_MORE_PLANNED, about)
        counted = connection.execute(
            "SELECT count(*) FILTER (WHERE NOT is_stored), count(*) FILTER (WHERE is_stored),"
            " (SELECT count(*) FROM archive.artifact WHERE program = ANY (%(programs)s)),"
            " (SELECT count(*) FROM gone_plan) FROM gone_file",
            about,
        ).fetchone()
        assert counted is not None
        files, kept, there, planned = counted
        rows = connection.execute(
            "SELECT filename FROM gone_file WHERE NOT is_stored ORDER BY filename LIMIT %s", [_SHOWN]
        )
        names = [str(name) for (name,) in rows]
        if files > there * _MOST and not is_trial:
            question = f"{files:,} of {there:,} files would be withdrawn, for example {names[0]}. Go on?"
            if not confirm(question):
                raise UsageError(
                    f"{files:,} of {there:,} files would be withdrawn, more than one in a hundred: nothing was.",
                    hint="If that is right, say --yes.",
                )
        connection.execute(
            "DELETE FROM archive.artifact WHERE artifactid IN (SELECT artifactid FROM gone_file WHERE NOT is_stored)"
        )
        connection.execute(_EMPTY_PLANES)
        connection.execute(_EMPTY_OBSERVATIONS, about)
    return Withdrawal(files, planned, kept, names)
