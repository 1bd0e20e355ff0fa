"""What belongs to a plane or to a file, and what is related to it: the facts that DataLink tells.

Files are seen and read by the archive's one rule (`archive.readable` in views.sql): what somebody may not know of is not
there. Few round trips do for however many identifiers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from voserver.catalogue.connections import Connection, Connections
from voserver.model.identity import Identity


class LinkedFile(NamedTuple):
    """A file of a plane, or one that belongs to several planes: to those of its visit, or of an association.

    `product_type` is CAOM's word for what it is to its plane; the length is in bytes. `is_principal` is true of the
    file that stands for its plane elsewhere.
    """

    subject: UUID
    uri: str
    filename: str
    product_type: str | None
    subgroup: str | None
    suffix: str | None
    dataproduct_type: str | None
    content_type: str | None
    content_length: int | None
    is_minimum_recommended: bool
    is_readable: bool
    is_public: bool
    is_principal: bool
    preview_url: str | None
    cloud_uri: str | None
    """Where its public copy lies, while there is one."""


class LinkedPlane(NamedTuple):
    """A plane that another was made from, or that was made from it (`is_derived`)."""

    subject: UUID
    publisher_id: str
    is_derived: bool


class Subject(NamedTuple):
    """What an identifier means: a plane, or one file of it (`uri`). `asked` is its place among the identifiers.

    `region` is a footprint as text; wavelengths in m, times as MJD.
    """

    asked: int
    plane: UUID
    uri: str | None
    publisher_id: str
    dataproduct_type: str | None
    calibration_level: int
    region: str | None
    em_min: float | None
    em_max: float | None
    t_min: float | None
    t_max: float | None
    pol_states: str | None


@dataclass(slots=True)
class Related:
    """All that is known about a subject."""

    subject: Subject
    files: list[LinkedFile] = field(default_factory=list)
    """Of its plane, the one that stands for it first."""
    others: list[LinkedFile] = field(default_factory=list)
    """Of its visit, and of the associations that it is a part of."""
    planes: list[LinkedPlane] = field(default_factory=list)


_Row = TypeVar("_Row", LinkedFile, LinkedPlane, Subject)
_Link = TypeVar("_Link", LinkedFile, LinkedPlane)

_SUBJECTS = """
SELECT asked.place::int AS asked, p.planeid AS plane, NULL::text AS uri, p.publisherid AS publisher_id,
    p.dataproducttype AS dataproduct_type, p.calibrationlevel AS calibration_level, p.position_bounds AS region,
    p.energy_bounds_lower AS em_min, p.energy_bounds_upper AS em_max,
    p.time_bounds_lower AS t_min, p.time_bounds_upper AS t_max, p.polarization_states AS pol_states
FROM unnest(%(lowered)s::text[]) WITH ORDINALITY AS asked (id, place)
JOIN archive.plane AS p ON lower(p.publisherid) = asked.id
WHERE archive.readable(p.metarelease, p.metareadgroups, %(mine)s)
UNION ALL
SELECT asked.place::int, a.planeid, a.uri, p.publisherid, a.dataproduct_type,
    coalesce(a.calib_level, p.calibrationlevel), a.s_region, a.em_min, a.em_max, a.t_min, a.t_max,
    p.polarization_states
FROM unnest(%(wanted)s::text[]) WITH ORDINALITY AS asked (id, place)
JOIN archive.artifact AS a ON a.uri = asked.id
JOIN archive.plane AS p USING (planeid)
WHERE archive.readable(a.metarelease, a.metareadgroups, %(mine)s)
    AND archive.readable(p.metarelease, p.metareadgroups, %(mine)s)"""

_FILE = """a.uri, a.filename, a.producttype AS product_type, a.product_subgroup AS subgroup, a.suffix,
    a.dataproduct_type, a.contenttype AS content_type, a.contentlength AS content_length,
    a.minimum_recommended = 1 AS is_minimum_recommended,
    archive.readable(a.datarelease, a.datareadgroups, %(mine)s) IS TRUE AS is_readable,
    archive.readable(a.datarelease, a.datareadgroups, '{}') IS TRUE AS is_public"""

_FILES = f"""
SELECT a.planeid AS subject, {_FILE}, a.access_url IS NOT DISTINCT FROM p.access_url AS is_principal,
    a.preview_url,
    CASE WHEN greatest(a.datarelease, a.cloud_release) <= now() AT TIME ZONE 'utc'
        AND archive.readable(a.datarelease, a.datareadgroups, '{{}}') THEN a.cloud_uri END AS cloud_uri
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)
WHERE a.planeid = ANY (%(planes)s) AND archive.readable(a.metarelease, a.metareadgroups, %(mine)s)
ORDER BY is_principal DESC, a.uri COLLATE "C"
"""  # noqa: S608 -- nothing in it comes from outside

# A pool is named by its program and its time, which the names of associations made from it have, too.
_OTHERS = f"""
WITH own AS MATERIALIZED (
    SELECT DISTINCT planeid, program, observation, visit, association FROM archive.artifact
    WHERE planeid = ANY (%(planes)s) AND archive.readable(metarelease, metareadgroups, %(mine)s)
), listed AS (
    SELECT planeid, association AS filename FROM own WHERE association IS NOT NULL
    UNION
    SELECT planeid, regexp_replace(association, '^(jw[0-9]{{5}})-[^_]+_([0-9]{{8}}t[0-9]{{6}})_.*$', '\\1_\\2_pool.csv')
    FROM own WHERE association ~ '^jw[0-9]{{5}}-[^_]+_[0-9]{{8}}t[0-9]{{6}}_'
), other AS (
    SELECT own.planeid AS subject, a.artifactid
    FROM (SELECT DISTINCT planeid, program, observation, visit FROM own) AS own
    JOIN archive.artifact AS a USING (program, observation, visit)
    WHERE a.producttype = 'auxiliary' AND a.planeid <> own.planeid
    UNION
    SELECT listed.planeid, a.artifactid FROM listed JOIN archive.artifact AS a USING (filename)
    WHERE a.planeid <> listed.planeid
)
SELECT subject, {_FILE}, false AS is_principal, NULL AS preview_url, NULL AS cloud_uri
FROM other JOIN archive.artifact AS a USING (artifactid)
WHERE archive.readable(a.metarelease, a.metareadgroups, %(mine)s)
ORDER BY a.uri COLLATE "C"
"""  # noqa: S608 -- nothing in it comes from outside

_PLANES = """
SELECT i.outputid AS subject, p.publisherid COLLATE "C" AS publisher_id, false AS is_derived
FROM archive.provenance_input AS i JOIN archive.plane AS p ON p.planeuri = i.inputid
WHERE i.outputid = ANY (%(planes)s) AND archive.readable(p.metarelease, p.metareadgroups, %(mine)s)
UNION ALL
SELECT own.planeid, p.publisherid COLLATE "C", true
FROM archive.plane AS own JOIN archive.provenance_input AS i ON i.inputid = own.planeuri
JOIN archive.plane AS p ON p.planeid = i.outputid
WHERE own.planeid = ANY (%(planes)s) AND archive.readable(p.metarelease, p.metareadgroups, %(mine)s)
ORDER BY 3, 2"""


class Links:
    """Looks up what is related to planes and files, for somebody."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    async def of(self, identifiers: Sequence[str], who: Identity) -> list[Related | None]:
        """For each identifier (of a plane or of a file) what there is; None where he may know of nothing."""
        found: list[Related | None] = [None] * len(identifiers)
        # What cannot be in the database is not looked for there: it would refuse the whole question.
        wanted = [one if one.isprintable() else "" for one in identifiers]
        lowered = [one.lower() for one in wanted]
        mine = list(who.groups)
        async with self._database.connection() as connection:
            subjects = await _rows(
                connection, Subject, _SUBJECTS, {"wanted": wanted, "lowered": lowered, "mine": mine}
            )
            planes = {"planes": list({subject.plane for subject in subjects}), "mine": mine}
            files = _by_plane(await _rows(connection, LinkedFile, _FILES, planes))
            others = _by_plane(await _rows(connection, LinkedFile, _OTHERS, planes))
            related = _by_plane(await _rows(connection, LinkedPlane, _PLANES, planes))
        for subject in subjects:
            plane = subject.plane
            found[subject.asked - 1] = Related(
                subject, files.get(plane, []), others.get(plane, []), related.get(plane, [])
            )
        return found


async def _rows(
    connection: Connection, kind: type[_Row], query: str, parameters: Mapping[str, object]
) -> list[_Row]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query.encode(), parameters)
        return await cursor.fetchall()


def _by_plane(rows: Iterable[_Link]) -> dict[UUID, list[_Link]]:
    found: dict[UUID, list[_Link]] = defaultdict(list)
    for row in rows:
        found[row.subject].append(row)
    return found
