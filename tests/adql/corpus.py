"""The corpus: `*.sql` beside this file hold queries and what becomes of them, grouped by ADQL 2.1's sections.

Each block is a query after `-- ADQL`, and after it either `-- SQL` with what PostgreSQL is given, or `-- ERROR` with
what the user is told. Lines are wrapped at will; other comments explain. `python -m tests.adql.corpus URL` writes
what the code now gives for the queries, over the tables of a voserver database: read the difference before it is kept.
"""

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg

from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import QueryError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql

FILES = sorted(Path(__file__).parent.glob("*.sql"))

_BLOCK = re.compile(r"^-- ADQL\n(.*?)(?=^-- ADQL\n|^-- [^SAE]|\Z)", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    """A query, and what becomes of it: SQL in one line, or the words of an error."""

    adql: str
    is_error: bool
    wanted: str


def cases(path: Path) -> Iterator[Case]:
    """The blocks of a file."""
    for block in _BLOCK.findall(path.read_text(encoding="utf-8")):
        adql, verdict, wanted = re.split(r"^-- (SQL|ERROR)\n", block, maxsplit=1, flags=re.MULTILINE)
        is_error = verdict == "ERROR"
        yield Case(adql.strip("\n"), is_error, wanted.strip("\n") if is_error else " ".join(wanted.split()))


def outcome(adql: str, tables: Tables) -> tuple[bool, str]:
    """Whether a query is refused, and the words or the SQL."""
    try:
        return False, compile_adql(adql, tables).sql
    except QueryError as error:
        return True, str(error)


def _written(adql: str, tables: Tables) -> str:
    is_error, text = outcome(adql, tables)
    if not is_error:
        text = "\n".join(textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False))
    return f"-- ADQL\n{adql}\n-- {'ERROR' if is_error else 'SQL'}\n{text}\n\n"


def main(url: str) -> None:
    """Write every file anew."""
    with psycopg.connect(url) as connection:
        tables = load_tables(connection)
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        path.write_text(
            _BLOCK.sub(
                lambda match: _written(
                    re.split(r"^-- (?:SQL|ERROR)\n", match[1], maxsplit=1, flags=re.MULTILINE)[0].strip("\n"),
                    tables,
                ),
                text,
            ),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main(sys.argv[1])
