"""Debian's PostgreSQL with pgSphere and with our sky functions: two indexes over the same rows."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from bulk import psql
from catalogue import DIRECTORY
from rich.console import Console

from voserver.settings import schema_directory

_NOBODY = 65534
_TO_SPOLY = """
CREATE FUNCTION to_spoly(region text) RETURNS spoly LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE w text[] := regexp_split_to_array(region, ' ');
BEGIN
    RETURN spoly(format('{(%sd,%sd),(%sd,%sd),(%sd,%sd),(%sd,%sd)}',
        w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10]));
EXCEPTION WHEN OTHERS THEN RETURN NULL;  -- pgSphere refuses outlines that cross themselves
END $$
"""
_FILL = [
    """
    CREATE TABLE files AS
    SELECT row_number() OVER () AS id, ra, dec, spoint(radians(ra), radians(dec)) AS pos, poly,
        CASE WHEN poly IS NOT NULL THEN shape::sky.region END AS shape
    FROM (SELECT ra, dec, shape, to_spoly(region) AS poly FROM given) AS g
    """,
    "DROP TABLE given",
    "CREATE INDEX ours_position ON files USING gist (sky.point(ra, dec))",
    "CREATE INDEX ours_footprint ON files USING gist (sky.bounds(shape))",
    "CREATE INDEX theirs_position ON files USING gist (pos)",
    "CREATE INDEX theirs_footprint ON files USING gist (poly)",
    "VACUUM (ANALYZE) files",
]


def programs() -> Path | None:
    """Where the newest of Debian's PostgreSQL servers that has pgSphere keeps its programs."""
    found = sorted(Path("/usr/share/postgresql").glob("*/extension/pg_sphere.control"))
    return Path("/usr/lib/postgresql") / found[-1].parts[4] / "bin" if found else None


@contextmanager
def running(source: str, console: Console) -> Iterator[str]:
    """Start it, filled from the catalogue at `source`; its URL."""
    binaries = programs()
    assert binaries is not None
    cluster = DIRECTORY / f"debian-{binaries.parent.name}"
    with tempfile.TemporaryDirectory() as sockets:
        if os.geteuid() == 0:
            os.chown(sockets, _NOBODY, _NOBODY)
        complete = cluster / "complete"
        if not complete.exists():
            shutil.rmtree(cluster, ignore_errors=True)
            cluster.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(cluster, _NOBODY, _NOBODY)
            _run(binaries / "initdb", "-D", str(cluster), "-U", "postgres", "--auth=trust", "--no-sync")
        options = f"-k {sockets} -c listen_addresses= -c shared_buffers=256MB -c work_mem=32MB -c jit=off"
        options += " -c fsync=off -c max_wal_size=4GB -c maintenance_work_mem=256MB -c random_page_cost=1.1"
        control: list[str | Path] = [
            binaries / "pg_ctl",
            "-D",
            str(cluster),
            "-w",
            "-l",
            str(cluster / "log"),
        ]
        _run(*control, "-o", options, "start")
        url = f"postgresql://postgres@/postgres?host={sockets}"
        try:
            if not complete.exists():
                _fill(source, url, console)
                complete.touch()
            yield url
        finally:
            _run(*control, "-m", "fast", "stop")


def _fill(source: str, url: str, console: Console) -> None:
    console.print(
        "Copying positions and footprints to Debian's PostgreSQL, once; pgSphere's index takes minutes."
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_sphere")
        for file in sorted((schema_directory() / "sql").glob("*_sky*.sql")):
            connection.execute(file.read_bytes())
        connection.execute(_TO_SPOLY)
        connection.execute("CREATE TABLE given (ra float8, dec float8, region text, shape float8[])")
        # Footprints that both can hold: one polygon of four corners.
        select = (
            "SELECT s_ra, s_dec, region, CASE WHEN region IS NOT NULL THEN s_region__shape::float8[] END FROM"
            " (SELECT *, CASE WHEN s_region ~* '^polygon icrs( [-+0-9.e]+){8}$' THEN s_region END AS region"
            " FROM archive.artifact WHERE s_ra IS NOT NULL) AS a"
        )
        with (
            subprocess.Popen(
                [psql(), "-X", "-q", source, "-c", f"COPY ({select}) TO STDOUT"], stdout=-1
            ) as reading,
            connection.cursor().copy("COPY given FROM STDIN") as writing,
        ):
            assert reading.stdout is not None
            while block := reading.stdout.read(1 << 20):
                writing.write(block)
        for statement in _FILL:
            connection.execute(statement.encode())


def _run(*command: str | Path) -> None:
    """Run one of PostgreSQL's programs; as root, as nobody who may pass through root's directories."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        become = ["setpriv", "--securebits=+no_setuid_fixup", f"--reuid={_NOBODY}", f"--regid={_NOBODY}"]
        become += ["--clear-groups", "--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override", "--"]
        words = [*become, *words]
    with tempfile.TemporaryFile("w+") as output:
        finished = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
        )
        output.seek(0)
        if finished.returncode:
            raise RuntimeError(f"{words[-1]} failed: {output.read()}")
