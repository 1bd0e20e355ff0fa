"""`python bench/growth.py FILE [MILLIONS]`: does loading become slower as the catalogue grows?

A file of the keyword service is loaded again and again by the same command's code, as the products of other programs
elsewhere on the sky, until there are so many million artifacts, in turns with a part of it into an empty catalogue:
other work on the machine meets both. A million takes 8 GB of disk, and the log as much again.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

import postgres_time
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from report import console

from voserver.catalogue import migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.ingest.facts import COLUMNS
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.settings import Settings

_COPIES = 8
"""So many times the file is a slice."""
_SETTINGS = {"shared_buffers": "4GB", "max_wal_size": "16GB", "checkpoint_timeout": "30min"}
"""PostgreSQL as docs/operators.md wants it for loading millions of files."""
_LARGEST = """
SELECT relname || ' ' || pg_size_pretty(pg_relation_size(oid)) FROM pg_class
WHERE relnamespace = 'archive'::regnamespace ORDER BY pg_relation_size(oid) DESC LIMIT 8
"""

Row = dict[str, object]


def measure(file: Path, artifacts: int) -> None:
    """Load slices until there are so many artifacts."""
    with tempfile.TemporaryDirectory(prefix="voserver-growth-") as made:
        directory = Path(made)
        with EmbeddedPostgres(directory, _SETTINGS) as postgres:
            settings = Settings(data_dir=directory, database_url=postgres.url)
            migrations.upgrade(postgres.url, settings)
            grow(file, artifacts, settings, postgres)
            with psycopg.connect(postgres.url) as connection:
                console.print(", ".join(str(row[0]) for row in connection.execute(_LARGEST)))


def grow(file: Path, artifacts: int, settings: Settings, postgres: EmbeddedPostgres, copies: int = 0) -> None:
    """Load slices, the first of which begins with that copy, each copy in turns with a part into an empty catalogue."""
    table = pq.read_table(file)
    table = table.select([name for name in COLUMNS if name in table.column_names])
    parts = list(_parts(table, settings.data_dir))
    there = _count(postgres.url)
    for paths in _slices(table, settings.data_dir, copies):
        with _empty(settings, postgres) as of_empty:
            pairs = [
                (_load(path, settings, postgres), _load(part, of_empty, postgres))
                for path, part in zip(paths, parts, strict=True)
            ]
        full, empty = (_together(figures) for figures in zip(*pairs, strict=True))
        console.print(
            f"{there:>10,} there: {full.rows:,} rows, {full.rate:6,.0f} a second where an empty catalogue takes"
            f" {empty.rate:6,.0f} ({full.rate / empty.rate:.2f}); PostgreSQL busy {full.busy:4.0f} µs a row,"
            f" {empty.busy:4.0f} with an empty one ({full.busy / empty.busy:.2f}); load {os.getloadavg()[0]:.1f}",
            soft_wrap=True,
        )
        there = _count(postgres.url)
        if there >= artifacts:
            return


class Figures(NamedTuple):
    """What loads took, in seconds; `postgres` is the processors' time of PostgreSQL."""

    rows: int
    seconds: float
    postgres: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def busy(self) -> float:
        """Microseconds of PostgreSQL's for a row."""
        return 1e6 * self.postgres / self.rows


def _together(figures: Iterable[Figures]) -> Figures:
    return Figures(*map(sum, zip(*figures, strict=True)))


def _load(path: Path, settings: Settings, postgres: EmbeddedPostgres) -> Figures:
    before, start = postgres_time.seconds(postgres.cluster), time.perf_counter()
    report = ingest_keywords(str(settings.database_url), path, settings)
    seconds = time.perf_counter() - start
    assert report.added == report.rows, report
    return Figures(report.rows, seconds, postgres_time.seconds(postgres.cluster) - before)


@contextmanager
def _empty(settings: Settings, postgres: EmbeddedPostgres) -> Iterator[Settings]:
    """An empty catalogue beside the other."""
    url = urlsplit(postgres.url)._replace(path="/empty").geturl()
    of_empty = settings.model_copy(update={"database_url": url})
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        connection.execute("CREATE DATABASE empty")
        migrations.upgrade(url, of_empty)
        yield of_empty
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def _count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM archive.artifact").fetchone()
    assert row is not None
    return int(row[0])


def _parts(table: pa.Table, directory: Path) -> Iterator[Path]:
    """The file in as many parts as a slice has copies."""
    size = -(-table.num_rows // _COPIES)
    for number in range(_COPIES):
        path = directory / f"part_{number}.parquet"
        pq.write_table(table.slice(number * size, size), path)
        yield path


def _slices(table: pa.Table, directory: Path, copy: int) -> Iterator[list[Path]]:
    """Files of other programs' products, each turned about the pole; those of one slice are there at a time."""
    rows = table.to_pylist()
    programs = {program: number for number, program in enumerate(sorted({row["program"] for row in rows}))}
    random = Random(7 + copy)
    while (copy + _COPIES) * len(programs) < 99_999:
        paths = [directory / f"copy_{number}.parquet" for number in range(_COPIES)]
        for path in paths:
            turn = 360 * random.random()
            made = [_moved(row, programs[row["program"]] + copy * len(programs) + 1, turn) for row in rows]
            pq.write_table(pa.Table.from_pylist(made, table.schema), path)
            copy += 1
        yield paths


def _moved(row: Mapping[str, object], program: int, turn: float) -> Row:
    """The product as one of another program."""
    old, new = f"jw{row['program']:05d}", f"jw{program:05d}"
    names = ("true_filename", "mast_uri", "asntable")
    moved = dict(row)
    moved |= {name: str(row[name]).replace(old, new) for name in names if row[name] is not None}
    if row["visit_id"] is not None:
        moved["visit_id"] = program * 1_000_000 + int(str(row["visit_id"])) % 1_000_000
    if isinstance(row["targ_ra"], float):
        moved["targ_ra"] = (row["targ_ra"] + turn) % 360
    for name in ("s_region", "orig_s_region"):
        if isinstance(row[name], str):
            moved[name] = _turned(str(row[name]), turn)
    return moved | {"program": program}


def _turned(region: str, turn: float) -> str:
    """Its right ascensions moved on: the first of every two numbers of a shape, but not a circle's radius."""
    words, place, is_circle = region.split(), 0, False
    for position, word in enumerate(words):
        if word[0].isalpha():
            place, is_circle = 0, (is_circle and word == "ICRS") or word == "CIRCLE"
            continue
        if place % 2 == 0 and not (is_circle and place == 2):
            words[position] = f"{(float(word) + turn) % 360:.8f}"
        place += 1
    return " ".join(words)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), int(1_000_000 * float(sys.argv[2] if len(sys.argv) > 2 else 1)))
