"""What the archive of whole programs has no more is withdrawn here, too: with care, and as events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from voserver.catalogue.ingest import bulk
from voserver.model import jwst
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
SELECT a.artifactid, a.planeid, p.obsid, a.filename,
    EXISTS (SELECT FROM archive.location AS l WHERE l.artifactid = a.artifactid) AS is_stored
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)
WHERE a.program = ANY (%(programs)s) AND a.uri LIKE 'mast:JWST/product/%%' AND p.collection = %(collection)s
    -- What another load has brought since the harvest began may be new there, too.
    AND (nullif(a.created, 'infinity') >= %(started)s) IS NOT TRUE
    AND NOT EXISTS (SELECT FROM archive.harvest_file AS f WHERE f.harvestid = %(harvest)s AND f.uri = a.uri)
"""

_NO_MORE_PLANNED = """
CREATE TEMP TABLE gone_plan ON COMMIT DROP AS
SELECT p.planeid, p.obsid, p.observationid,
    -- Of a visit that was carried out the exposures have other names than the plans.
    EXISTS (SELECT FROM archive.harvest_observation AS o WHERE o.harvestid = %(harvest)s AND o.calib_level <> -1
        AND split_part(o.obs_id, '_', 1) = split_part(p.observationid, '_', 1)) AS is_done
FROM archive.plane AS p JOIN archive.observation_change AS c USING (obsid)
WHERE p.proposal_id = ANY (%(proposals)s) AND p.collection = %(collection)s AND p.calibrationlevel = -1
    AND c.changed < %(started)s
    AND NOT EXISTS (SELECT FROM archive.artifact AS a WHERE a.planeid = p.planeid)
    AND NOT EXISTS (SELECT FROM archive.harvest_observation AS o
        WHERE o.harvestid = %(harvest)s AND o.calib_level = -1 AND o.obs_id = p.observationid)
"""

_COUNTED = """
SELECT count(*) FILTER (WHERE NOT is_stored), count(*) FILTER (WHERE is_stored),
    (SELECT count(*) FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)
        WHERE a.program = ANY (%(programs)s) AND p.collection = %(collection)s),
    (SELECT count(*) FROM gone_plan), (SELECT count(*) FROM gone_plan WHERE NOT is_done),
    (SELECT count(*) FROM archive.plane AS p WHERE p.proposal_id = ANY (%(proposals)s)
        AND p.collection = %(collection)s AND p.calibrationlevel = -1),
    ARRAY(SELECT filename FROM gone_file WHERE NOT is_stored ORDER BY filename LIMIT %(shown)s),
    (SELECT min(observationid) FROM gone_plan WHERE NOT is_done)
FROM gone_file
"""

_EMPTY_PLANES = """
DELETE FROM archive.plane AS p
WHERE p.planeid IN (SELECT planeid FROM gone_file WHERE NOT is_stored UNION SELECT planeid FROM gone_plan)
    AND NOT EXISTS (SELECT FROM archive.artifact AS a WHERE a.planeid = p.planeid)
"""

_EMPTY_OBSERVATIONS = """
DELETE FROM archive.observation AS o
WHERE o.obsid IN (SELECT obsid FROM gone_file WHERE NOT is_stored UNION SELECT obsid FROM gone_plan)
    AND NOT EXISTS (SELECT FROM archive.plane AS p WHERE p.obsid = o.obsid)
"""


class _TooManyError(Exception):
    """More would be withdrawn than goes without a question; says how much."""


def withdraw(
    connection: psycopg.Connection,
    programs: Sequence[int],
    harvestid: int,
    started: datetime,
    confirm: Callable[[str], bool],
    *,
    is_trial: bool,
) -> Withdrawal:
    """Withdraw the files and plans of these programs that the harvest, which `started` then (UTC), did not find.

    Raises:
        UsageError: it would be more than one in a hundred, and nobody agrees.
    """
    about = {
        "programs": list(programs),
        "proposals": [str(program) for program in programs],
        "collection": jwst.COLLECTION,
        "harvest": harvestid,
        "started": started,
        "shown": _SHOWN,
    }
    try:
        return _withdraw(connection, about, agreed=is_trial, is_trial=is_trial)
    except _TooManyError as question:
        # Nothing waits for the answer.
        if not confirm(f"{question} would be withdrawn. Go on?"):
            raise UsageError(
                f"{question} would be withdrawn, more than one in a hundred: nothing was.",
                hint="If that is right, say --yes.",
            ) from None
    return _withdraw(connection, about, agreed=True, is_trial=is_trial)


def _withdraw(
    connection: psycopg.Connection, about: dict[str, object], *, agreed: bool, is_trial: bool
) -> Withdrawal:
    with connection.transaction(force_rollback=is_trial):
        bulk.wait_for_turn(connection)
        connection.execute(_GONE, about)
        connection.execute(_NO_MORE_PLANNED, about)
        counted = connection.execute(_COUNTED, about).fetchone()
        assert counted is not None
        files, kept, there, planned, undone, plans, names, plan = counted
        many = []
        if files > there * _MOST:
            many.append(f"{files:,} of {there:,} files (like {names[0]})")
        if undone > plans * _MOST:
            many.append(f"{undone:,} of {plans:,} plans that were not carried out (like {plan})")
        if many and not agreed:
            raise _TooManyError(" and ".join(many))
        connection.execute(
            "DELETE FROM archive.artifact WHERE artifactid IN (SELECT artifactid FROM gone_file WHERE NOT is_stored)"
        )
        connection.execute(_EMPTY_PLANES)
        connection.execute(_EMPTY_OBSERVATIONS)
    return Withdrawal(files, planned, kept, names)
