"""What a trial of a load would change: the files' rows before and after, compared before they are taken back."""

import json
from collections.abc import Sequence
from typing import Any

import psycopg

_ROWS = """
SELECT a.artifactid, a.filename, to_jsonb(o) AS observation, to_jsonb(p) AS plane, to_jsonb(a) AS file,
    (SELECT count(*) FROM archive.part WHERE part.artifactid = a.artifactid) AS parts
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid) JOIN archive.observation AS o USING (obsid)
WHERE a.artifactid = ANY (%s) ORDER BY a.filename
"""
_TABLES = ("observation", "plane", "file")
_UNINTERESTING = frozenset({"lastmodified", "maxlastmodified", "metaproducer", "principal_file"})
_LONGEST = 60

Rows = dict[Any, dict[str, Any]]


def rows(connection: psycopg.Connection, identifiers: Sequence[bytes]) -> Rows:
    """The rows of some files, by their ids."""
    found = connection.execute(_ROWS, [[identifier.hex() for identifier in identifiers]])
    names = ("filename", *_TABLES, "parts")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def differences(before: Rows, after: Rows) -> list[str]:
    """A line for every new file, and for every column that changed."""
    lines = []
    for identifier, row in after.items():
        old = before.get(identifier)
        if old is None:
            lines.append(f"new: {row['filename']}")
            continue
        lines += [
            f"changed: {row['filename']}: {table}.{name}: {_shown(old[table][name])} → {_shown(row[table][name])}"
            for table in _TABLES
            for name in row[table]
            if name not in _UNINTERESTING and "__" not in name and old[table][name] != row[table][name]
        ]
        if old["parts"] != row["parts"]:
            lines.append(f"changed: {row['filename']}: {old['parts']} → {row['parts']} parts")
    return lines


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
