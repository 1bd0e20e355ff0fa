"""What the lists say completes what the catalogue knows from better sources, and never replaces it.

Better are files' own headers and the keyword service, whichever comes first: so the order of loading makes no
difference. Only what may change with time (sizes, versions, release dates) is taken from whoever said it last, unless
that tells of an older version of the file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from voserver.catalogue.ingest.caom import Record
from voserver.catalogue.ingest.mast.describing import BARE, PRODUCER, Told

_RANKS = {BARE: 0, PRODUCER: 1}
_BEST = 2

_KEPT = {
    "observation": frozenset({"obsid", "principal_file", "requirements_flag"}),
    "plane": frozenset(
        {"planeid", "obsid", "principal_file", "datarelease", "datareadgroups", "position_bounds_status"}
    ),
    "artifact": frozenset(
        {"artifactid", "planeid", "datarelease", "datareadgroups", "contentlength", "pipeline_version"}
    ),
}
"""Columns of which another rule holds than that what is known stays."""

_POSITIONS = {
    "plane": ("position_bounds", ("position_center_ra", "position_center_dec")),
    "artifact": ("s_region", ("s_ra", "s_dec")),
}
"""Footprints, and their centres: where there is no footprint, these are the target's position."""

_SAME = timedelta(seconds=2)
"""Lists have dates with fewer digits than the keyword service."""
_SAME_DAY = timedelta(days=1)
"""Lists have one date for all files of an observation, where the keyword service has each file's own, minutes before."""

_NULLABLE = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND NOT attnotnull
"""

_KNOWN = {
    "observation": """
        SELECT row.observationuri, row.metaproducer, row.principal_file, row.metarelease, row.requirements_flag,
            ARRAY(SELECT key FROM jsonb_each(to_jsonb(row)) WHERE value <> 'null') AS said
        FROM archive.observation AS row WHERE row.observationuri = ANY (%s)""",
    "plane": """
        SELECT row.planeuri, row.metaproducer, row.principal_file, row.metarelease, row.position_bounds_status,
            CASE WHEN row.release_set THEN row.stated_release
                WHEN NOT row.release_assumed THEN row.datarelease END AS stated,
            ARRAY(SELECT key FROM jsonb_each(to_jsonb(row)) WHERE value <> 'null') AS said
        FROM archive.plane AS row WHERE row.planeuri = ANY (%s)""",
    "artifact": """
        SELECT row.uri, row.metaproducer, row.metarelease, row.planeid, p.planeuri,
            CASE WHEN row.release_set THEN row.stated_release
                WHEN NOT row.release_assumed THEN row.datarelease END AS stated,
            ARRAY(SELECT key FROM jsonb_each(to_jsonb(row)) WHERE value <> 'null') AS said
        FROM archive.artifact AS row JOIN archive.plane AS p USING (planeid) WHERE row.uri = ANY (%s)""",
}

_URIS = {"observation": "observationuri", "plane": "planeuri", "artifact": "uri"}
"""What tells which row is which: those that came from other archives have identifiers of their own."""

Known = Mapping[str, Mapping[str, Mapping[str, object]]]
"""What the catalogue knows, by table and URI."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Completes rows of one database."""

    connection: psycopg.Connection
    nullable: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, connection: psycopg.Connection) -> "Completion":
        """For the database of a connection."""
        columns = {
            table: frozenset(str(name) for (name,) in connection.execute(_NULLABLE, [f"archive.{table}"]))
            for table in _URIS
        }
        connection.commit()
        return cls(connection, columns)

    def known(self, told: Sequence[Told]) -> Known:
        """The rows that these files and their observations have already."""
        found: dict[str, dict[str, Mapping[str, object]]] = {}
        for table, uri in _URIS.items():
            rows = [_row(one, table) for one in told]
            wanted = list({str(row[uri]) for row in rows if row})
            cursor = self.connection.execute(_KNOWN[table], [wanted])
            names = [column.name for column in cursor.description or ()]
            found[table] = {row[0]: dict(zip(names, row, strict=True)) for row in cursor}
        return found

    def complete(self, told: Told, known: Known) -> None:
        """Leave out of a file's rows what the catalogue knows better."""
        rows = told.described.records
        made: dict[str, Record] = {}
        for table, uri in _URIS.items():
            row = _row(told, table)
            old = known[table].get(str(row[uri])) if row else None
            made[table] = self._completed(table, row, old, told) if old else row
        told.described.records = rows._replace(
            observation=made["observation"], plane=made["plane"], artifact=made["artifact"]
        )

    def _completed(self, table: str, row: Record, old: Mapping[str, object], told: Told) -> Record:
        new = dict(row)
        said = set(old["said"]) - _KEPT[table]  # type: ignore[call-overload]
        rank = _RANKS.get(str(row["metaproducer"]), _BEST)
        is_better = _RANKS.get(str(old["metaproducer"]), _BEST) > rank
        if is_better:
            footprint, centre = _POSITIONS.get(table, ("", ()))
            is_located = footprint in said
            said -= set() if is_located else set(centre)
            new |= dict.fromkeys(said & self.nullable[table] & row.keys())
            new |= {name: old[name] for name in ("principal_file", "requirements_flag") if name in old}
            if table == "plane" and is_located:
                new["position_bounds_status"] = "absent"
        elif told.is_meta_release_guessed and old["metarelease"] is not None:
            new["metarelease"] = None
        if table == "artifact":
            new["planeid"] = old["planeid"].bytes  # type: ignore[attr-defined]
        same = _SAME_DAY if is_better else _SAME
        stated = old.get("stated")
        if stated and (told.is_release_guessed or _is_near(row["datarelease"], stated, same)):
            new["datarelease"] = None
        return new


def _row(told: Told, table: str) -> Record:
    records = told.described.records
    return {"observation": records.observation, "plane": records.plane, "artifact": records.artifact}[table]


def _is_near(new: object, old: object, span: timedelta) -> bool:
    return isinstance(new, datetime) and isinstance(old, datetime) and abs(new - old) < span
