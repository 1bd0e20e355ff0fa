"""`python bench/loading.py FILE`: how fast a file of the keyword service loads into an empty catalogue.

Not part of `make bench`: the sample that comes with the package loads within the time that starting takes.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from report import console

from voserver.catalogue import migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.settings import Settings

_BACKEND = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def measure(file: Path) -> None:
    """Load the file and show rows a second, and the processors' time of both sides."""
    with tempfile.TemporaryDirectory(prefix="voserver-load-") as made:
        directory = Path(made)
        with EmbeddedPostgres(directory) as postgres:
            settings = Settings(data_dir=directory, database_url=postgres.url)
            migrations.upgrade(postgres.url, settings)
            with psycopg.connect(postgres.url, autocommit=True) as connection:
                _load(file, settings, postgres.url, connection)


def _load(file: Path, settings: Settings, url: str, connection: psycopg.Connection) -> None:
    backend = [0.0]

    def progress(_done: int, _total: int | None) -> None:
        found = connection.execute(_BACKEND).fetchone()
        assert found is not None
        backend[0] = _processor_seconds(found[0])

    before, start = _python_seconds(), time.perf_counter()
    report = ingest_keywords(url, file, settings, progress=progress)
    seconds = time.perf_counter() - start
    console.print(
        f"{report.rows:,} rows in {seconds:.2f} s, {report.rows / seconds:,.0f} a second; processors' time:"
        f" Python {_python_seconds() - before:.2f} s, PostgreSQL {backend[0]:.2f} s;"
        f" {report.added:,} added, {report.refused:,} refused; the machine's load was {os.getloadavg()[0]:.1f}"
    )


def _python_seconds() -> float:
    """Of this process, and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _processor_seconds(pid: int) -> float:
    """Of a process of Linux, user's and system's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
