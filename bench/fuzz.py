"""`make fuzz`: queries at random, and what becomes of them when letters and words of theirs are changed.

Each is either refused in words, or SQL that PostgreSQL can plan as the query role, which may read what is published and
nothing else. Queries are numbered: `--first N` begins with the one that was wrong.
"""

import argparse
import contextlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from report import console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.query.meaningful import Generator, columns_of
from tests.query.writing import written
from voserver.catalogue import migrations, roles
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import ServiceError
from voserver.model.tables import Tables
from voserver.query.adql import compile as compile_adql
from voserver.settings import Settings

_PIECES = ("'", '"', "(", ")", ",", ".", "--", ";", "\\", "\0", "ü", "1", "NULL", "SELECT", "pg_catalog.pg_class",
           "archive.plane", "DELETE FROM caom2.Plane", "::text", "$$", "e'", "/*", "*/", "%s", "{0}", "\n")  # fmt: skip


def mutated(text: str, random: Random) -> str:
    """A query with some words of it left out, doubled, exchanged, or replaced by something nasty."""
    words = re.findall(r"\w+|\s+|.", text)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(words))
        words[place] = random.choice(
            ["", words[place] * 2, random.choice(words), random.choice(_PIECES), words[place][::-1]]
        )
    return "".join(words)


@contextlib.contextmanager
def _session() -> Iterator[psycopg.Connection]:
    """A session of the query role, in a catalogue without rows."""
    with TemporaryDirectory(prefix="voserver-fuzz-") as directory:
        postgres = EmbeddedPostgres(Path(directory), {"fsync": "off"})
        try:
            settings = Settings(database_url=postgres.start(), data_dir=Path(directory))
            migrations.upgrade(postgres.url, settings)
            with psycopg.connect(postgres.url, autocommit=True) as connection:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(roles.QUERY_ROLE)))
                yield connection
        finally:
            postgres.stop()


def _tried(connection: psycopg.Connection, tables: Tables, adql: str) -> str:
    """What became of a query; anything but a refusal or a plan is raised."""
    try:
        compiled = compile_adql(adql, tables)
    except ServiceError:
        return "refused in words"
    try:
        connection.execute(b"EXPLAIN " + compiled.sql.encode())
    except psycopg.errors.DataError:
        return "planned, but for a number out of range or a division by zero"
    return "planned"


def main() -> int:
    """Try so many queries; the exit code says whether one was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    with _session() as connection:
        tables = load_tables(connection)
        names = columns_of(tables)
        for number in track(range(asked.first, asked.first + asked.queries), "Queries", console=console):
            random = Random(number)
            text = written(Generator(random, names).query(2))
            adql = text if number % 2 else mutated(text, random)
            try:
                counts[_tried(connection, tables, adql)] += 1
            except Exception as error:  # noqa: BLE001 -- any other end is what is looked for
                counts["wrong"] += 1
                console.print(f"[bold red]{number}[/]: {type(error).__name__}: {error}", markup=True)
                console.print(adql, markup=False)
    for what, count in counts.most_common():
        console.print(f"{count:8d} {what}")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
