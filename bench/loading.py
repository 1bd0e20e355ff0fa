"""`python bench/loading.py DIRECTORY`: how fast each loader fills an empty catalogue, all indexes on.

The directory has `exposures.parquet` (of the keyword service), `level3_images.csv.gz`, `schedule_visits.csv.gz`, and
a FITS file `headers/*_uncal.fits`, of which copies are made. CAOM documents are those of what was loaded from them.

Not part of `make bench`: the sample that comes with the package loads within the time that starting takes.
"""

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import postgres_time
import psycopg
from psycopg.rows import dict_row
from report import console, table

from voserver.catalogue import migrations
from voserver.catalogue.caom_documents import exporting, loading
from voserver.catalogue.caom_documents.writing import write
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.catalogue.ingest.archive_files import ingest_files
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.catalogue.ingest.mast.loading import ingest_products
from voserver.catalogue.ingest.releases import Choice
from voserver.catalogue.ingest.schedule import ingest_schedule
from voserver.settings import Settings

_FILES = 2_000
_DOCUMENTS = 1_000
_NAMES = "SELECT observationid FROM archive.observation ORDER BY 1 LIMIT %s"
_MANNER = Manner("load.test", Choice(is_public=True, moment=None), None, with_checksums=False)

Load = Callable[[str, Settings], int]
"""Loads into the database at a URL; how many products (files, visits, documents) were taken."""


@dataclass(frozen=True)
class Figures:
    """What a load took, in seconds."""

    things: int
    seconds: float
    python: float
    postgres: float


def measure(given: Path) -> None:
    """Load into catalogues of their own, and show the rates, and the processors' time of both sides."""
    shown = table(
        "Loaded into an empty catalogue", "loader", "things", "s", "a second", "Python, µs", "PostgreSQL, µs"
    )
    with (
        tempfile.TemporaryDirectory(prefix="voserver-load-") as made,
        EmbeddedPostgres(Path(made)) as postgres,
    ):
        for name, load in _loads(given, Path(made)).items():
            if name == "caom":
                _make_documents(_url(postgres, "fits"), Path(made) / "documents")
            one = _measured(name, load, postgres)
            shown.add_row(
                name,
                f"{one.things:,}",
                f"{one.seconds:.1f}",
                f"{one.things / one.seconds:,.0f}",
                f"{1e6 * one.python / one.things:,.0f}",
                f"{1e6 * one.postgres / one.things:,.0f}",
            )
    console.print(shown)
    console.print(f"The machine's load was {os.getloadavg()[1]:.1f} of {os.cpu_count()} processors.")


def _measured(name: str, load: Load, postgres: EmbeddedPostgres) -> Figures:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE load_{name}".encode())
    url = _url(postgres, name)
    settings = Settings(data_dir=postgres.cluster.parent, database_url=url)
    migrations.upgrade(url, settings)
    python, busy, start = _python_seconds(), postgres_time.seconds(postgres.cluster), time.perf_counter()
    things = load(url, settings)
    seconds = time.perf_counter() - start
    python, busy = _python_seconds() - python, postgres_time.seconds(postgres.cluster) - busy
    return Figures(things, seconds, python, busy)


def _url(postgres: EmbeddedPostgres, name: str) -> str:
    parts = urlsplit(postgres.url)
    return parts._replace(path=f"/load_{name}").geturl()


def _loads(given: Path, directory: Path) -> dict[str, Load]:
    """The loads in the order in which they can be made: documents are of what was loaded from headers."""
    files, documents = directory / "files", directory / "documents"

    def headers(url: str, settings: Settings) -> int:
        return ingest_files(url, [str(files)], settings, _MANNER).report.added

    def caom(url: str, settings: Settings) -> int:
        *_, last = loading.load(url, settings.authority, loading.documents_at(documents))
        return last.added

    def products(url: str, settings: Settings) -> int:
        return ingest_products(url, [given / "level3_images.csv.gz"], settings).report.added

    _make_files(next((given / "headers").glob("*_uncal.fits")), files)
    return {
        "keywords": lambda url, settings: ingest_keywords(url, given / "exposures.parquet", settings).added,
        "products": products,
        "schedule": lambda url, settings: (
            ingest_schedule(url, given / "schedule_visits.csv.gz", settings).rows
        ),
        "fits": headers,
        "caom": caom,
    }


def _make_files(original: Path, directory: Path) -> None:
    """Copies of a file, each with the name of another exposure."""
    directory.mkdir()
    head, number, *rest = original.name.rsplit("_", 3)
    for count in range(_FILES):
        shutil.copyfile(original, directory / "_".join((head, f"{int(number) + count:05d}", *rest)))


def _make_documents(url: str, directory: Path) -> None:
    """Documents of observations of a catalogue."""
    directory.mkdir()
    with psycopg.connect(url, row_factory=dict_row) as connection:
        wanted = {"collection": "JWST", "mine": [], "everything": True}
        names = [row["observationid"] for row in connection.execute(_NAMES, [_DOCUMENTS])]
        for name in names:
            rows = connection.execute(exporting.OBSERVATION.encode(), {**wanted, "name": name}).fetchone()
            assert rows is not None
            (directory / f"{name}.xml").write_bytes(write(rows))


def _python_seconds() -> float:
    """Of this process, and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
