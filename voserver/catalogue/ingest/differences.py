"""What a trial of a load would change: rows before and after, compared before they are taken back."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import psycopg

_FILES = """
SELECT a.artifactid, a.filename,
    jsonb_build_object('observation', to_jsonb(o), 'plane', to_jsonb(p), 'file', to_jsonb(a)),
    (SELECT count(*) FROM archive.part WHERE part.artifactid = a.artifactid)
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid) JOIN archive.observation AS o USING (obsid)
WHERE a.artifactid = ANY (%s) ORDER BY a.filename
"""
_VISITS = """
SELECT (program, observation, visit, part), obs_id, jsonb_build_object('visit', to_jsonb(v)), 0
FROM archive.visit AS v WHERE obs_id = ANY (%s) ORDER BY obs_id, part
"""
_UNINTERESTING = frozenset({"lastmodified", "maxlastmodified", "metaproducer", "principal_file"})
_LONGEST = 60


class Seen(NamedTuple):
    """Something that a load may change: its name, its rows by what they are called, and how many parts it has."""

    name: str
    rows: Mapping[str, Mapping[str, object]]
    parts: int


Rows = Mapping[object, Seen]


def of_files(connection: psycopg.Connection, identifiers: Sequence[bytes]) -> Rows:
    """Files, by their ids."""
    return _seen(connection, _FILES, [identifier.hex() for identifier in identifiers])


def of_visits(connection: psycopg.Connection, names: Sequence[str]) -> Rows:
    """Visits, by their keys."""
    return _seen(connection, _VISITS, names)


def _seen(connection: psycopg.Connection, query: str, wanted: Sequence[str]) -> Rows:
    return {row[0]: Seen(*row[1:]) for row in connection.execute(query.encode(), [list(wanted)])}


def lines(before: Rows, after: Rows) -> list[str]:
    """A line for everything new, and for every column that changed."""
    told = []
    for identifier, seen in after.items():
        old = before.get(identifier)
        if old is None:
            told.append(f"new: {seen.name}")
            continue
        told += [
            f"changed: {seen.name}: {table}.{name}: {_shown(old.rows[table][name])} → {_shown(value)}"
            for table, row in seen.rows.items()
            for name, value in row.items()
            if name not in _UNINTERESTING and "__" not in name and old.rows[table][name] != value
        ]
        if old.parts != seen.parts:
            told.append(f"changed: {seen.name}: {old.parts} → {seen.parts} parts")
    return told


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
