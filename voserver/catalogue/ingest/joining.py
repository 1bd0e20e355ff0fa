"""Files without headers join the planes that they are for: their facts and rights are those of the files there."""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from voserver.catalogue.ingest.caom import Record
from voserver.catalogue.ingest.header_records import Described

_SHARED = (
    *(
        "program",
        "observation",
        "visit",
        "visit_group",
        "sequence",
        "activity",
        "exposure",
        "segment",
        "category",
    ),
    *("proposal_pi", "proposal_title", "instrument", "mode", "instrument_name", "exp_type", "detector"),
    *(
        "nircam_module",
        "channel",
        "band",
        "filter",
        "pupil",
        "grating",
        "subarray",
        "readout_pattern",
        "intent",
    ),
    *("calib_level", "target_name", "target_type", "s_ra", "s_dec", "s_fov", "s_region", "s_region__shape"),
    *("t_min", "t_max", "t_exptime", "em_min", "em_max", "metarelease", "metareadgroups", "datareadgroups"),
    *("publisherid", "obs_id"),
)
"""What all files of a plane have in common."""

_SIBLINGS = f"""
SELECT DISTINCT ON (p.planeuri) p.planeuri, p.planeid, a.dataproduct_type,
    CASE WHEN a.release_set THEN a.stated_release WHEN NOT a.release_assumed THEN a.datarelease END AS datarelease,
    {", ".join(f"a.{name}" for name in _SHARED)}
FROM archive.plane AS p JOIN archive.artifact AS a USING (planeid)
WHERE p.planeuri = ANY (%s) AND a.uri <> ALL (%s)
ORDER BY p.planeuri, a.producttype = 'science' DESC, a.contenttype LIKE 'image/fits' DESC, a.filename
"""  # noqa: S608 -- names of columns

Sibling = Mapping[str, Any]


def siblings(connection: psycopg.Connection, files: Iterable[Described]) -> dict[str, Sibling]:
    """By the planes that some files are for: the file there that tells most, but none of themselves."""
    waiting = [one for one in files if one.kin]
    planes = list(dict.fromkeys(plane for one in waiting if one.kin for plane in one.kin.planes))
    own = [str(one.records.artifact["uri"]) for one in waiting]
    if not planes:
        return {}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["planeuri"]: row for row in cursor.execute(_SIBLINGS, [planes, own])}


def joined(file: Described, there: Mapping[str, Sibling]) -> Record | None:
    """A file's own row as one of a plane that is there; None where none of those that it is for is."""
    planes = file.kin.planes if file.kin else ()
    sibling = next((there[plane] for plane in planes if plane in there), None)
    if sibling is None:
        return None
    own = file.records.artifact
    taken = {
        name: tuple(value) if isinstance(value, list) else value for name, value in _facts(sibling).items()
    }
    # A rule of the operator's for this load holds, too.
    released = own["datarelease"] or sibling["datarelease"]
    kind = own["dataproduct_type"] or (
        sibling["dataproduct_type"] if own["producttype"] in {"preview", "thumbnail"} else None
    )
    return {
        **own,
        **taken,
        "planeid": sibling["planeid"].bytes,
        "datarelease": released,
        "dataproduct_type": kind,
    }


def _facts(sibling: Sibling) -> Record:
    return {name: sibling[name] for name in _SHARED}


def link(connection: psycopg.Connection, files: Iterable[Described]) -> int:
    """Write down members and inputs that lists tell, for products that are there, and which previews show what.

    Returns:
        int: how many were new.
    """
    kin = [one.kin for one in files if one.kin]
    members = [pair for one in kin for pair in one.members]
    inputs = [pair for one in kin for pair in one.inputs]
    shown = [
        (one.kin.preview_of, str(one.records.artifact["access_url"]))
        for one in files
        if one.kin and one.kin.preview_of
    ]
    count = 0
    for statement, pairs in ((_MEMBERS, members), (_INPUTS, inputs), (_PREVIEWS, shown)):
        if pairs:
            left, right = map(list, zip(*pairs, strict=True))
            count += connection.execute(statement, [left, right]).rowcount
    return count


_MEMBERS = """
INSERT INTO archive.observation_member (parentid, memberid, metarelease, metareadgroups)
SELECT o.obsid, pair.child, o.metarelease, o.metareadgroups
FROM unnest(%s::text[], %s::text[]) AS pair (parent, child)
JOIN archive.observation AS o ON o.observationuri = pair.parent
ON CONFLICT DO NOTHING
"""

_INPUTS = """
INSERT INTO archive.provenance_input (outputid, inputid, metarelease, metareadgroups)
SELECT p.planeid, pair.child, p.metarelease, p.metareadgroups
FROM unnest(%s::text[], %s::text[]) AS pair (parent, child) JOIN archive.plane AS p ON p.planeuri = pair.parent
ON CONFLICT DO NOTHING
"""

_PREVIEWS = """
UPDATE archive.artifact AS a SET preview_url = pair.preview
FROM unnest(%s::text[], %s::text[]) AS pair (uri, preview)
WHERE a.uri = pair.uri AND a.preview_url IS DISTINCT FROM pair.preview
"""
