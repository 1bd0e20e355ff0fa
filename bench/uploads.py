"""Tables that come with a query: a hundred thousand positions matched with a million, in every form they may have."""

import http.client
import io
import secrets
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.table import Table
from report import Target, Verdicts, console, table
from running import Server

from voserver.catalogue import publish

STARS = 1_000_000
POSITIONS = 100_000
RADIUS = 1 / 3600
REPETITIONS = 3
LONGEST = Target(15, "s")
_ADQL = (
    "SELECT s.id, t.name FROM bench.stars AS s JOIN TAP_UPLOAD.t AS t"
    f" ON 1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(t.ra, t.dec, {RADIUS!r}))"
)
_FELIS = """
name: bench
"@id": "#bench"
description: What is measured
tables:
- name: stars
  "@id": "#stars"
  description: Positions all over the sky
  columns:
  - {name: id, "@id": "#id", datatype: long, description: Number}
  - {name: ra, "@id": "#ra", datatype: double, description: Right ascension, "ivoa:ucd": pos.eq.ra;meta.main}
  - {name: dec, "@id": "#dec", datatype: double, description: Declination, "ivoa:ucd": pos.eq.dec;meta.main}
"""


def _stars() -> tuple[np.ndarray, np.ndarray]:
    """Positions all over the sky, the same ones every time."""
    random = np.random.default_rng(1)
    return random.uniform(0, 360, STARS), np.degrees(np.arcsin(random.uniform(-1, 1, STARS)))


def prepare(url: str, directory: Path) -> None:
    """Publish the million, once."""
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regclass('bench.stars')").fetchone() != (None,):
            return
    description, data = directory / "stars.yaml", directory / "stars.parquet"
    description.write_text(_FELIS)
    ra, dec = _stars()
    pq.write_table(pa.table({"id": np.arange(STARS), "ra": ra, "dec": dec}), data)
    publish.publish(url, description, data, replace=True)


def _positions() -> Table:
    """Some of the stars, a tenth of an arcsecond beside where they are."""
    ra, dec = _stars()
    random = np.random.default_rng(2)
    chosen = random.choice(STARS, POSITIONS, replace=False)
    shift = random.normal(0, 0.1 / 3600, (2, POSITIONS))
    return Table(
        {
            "name": [f"star {number}" for number in chosen],
            "ra": ra[chosen] + shift[0],
            "dec": np.clip(dec[chosen] + shift[1], -90, 90),
            "mag": random.normal(20, 1, POSITIONS).astype(np.float32),
        }
    )


def _votable(made: Table, form: str) -> bytes:
    document = from_table(made)
    document.get_first_table().format = form
    buffer = io.BytesIO()
    document.to_xml(buffer)
    return buffer.getvalue()


def _fits(made: Table) -> bytes:
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(made)]).writeto(buffer)
    return buffer.getvalue()


def _arrow(made: Table, write: Callable[[pa.Table, io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(pa.table({name: pa.array(np.asarray(made[name])) for name in made.colnames}), buffer)
    return buffer.getvalue()


def _post(server: Server, content: bytes) -> tuple[float, int]:
    """Match through the server: seconds, and rows that came back."""
    boundary = secrets.token_hex(16)
    fields = {"LANG": "ADQL", "QUERY": _ADQL, "FORMAT": "csv", "MAXREC": "1000000", "UPLOAD": "t,param:t"}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        for k, v in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n'
    body = ("".join(parts) + head).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    with closing(server.connect()) as connection:
        start = time.perf_counter()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        connection.request("POST", "/tap/sync", body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(answer[:2000].decode())
        return time.perf_counter() - start, answer.count(b"\n") - 1


def _by_hand(url: str, made: Table) -> float:
    """What somebody with an account does instead: COPY as text, and the same condition in SQL."""
    start = time.perf_counter()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (name text, ra float8, dec float8, mag float4)")
        with connection.cursor().copy("COPY t FROM STDIN") as copying:
            for row in zip(*(made[name].tolist() for name in made.colnames), strict=True):
                copying.write_row(row)
        connection.execute("ANALYZE t")
        connection.execute(
            "SELECT s.id, t.name FROM bench.stars AS s JOIN t ON sky.point(s.ra, s.dec) <@ cube_enlarge("
            "sky.point(t.ra, t.dec), sky.chord(%(r)s), 3) AND cube_distance(sky.point(s.ra, s.dec),"
            " sky.point(t.ra, t.dec)) <= sky.chord(%(r)s)",
            {"r": RADIUS},
        ).fetchall()
    return time.perf_counter() - start


def measure(url: str, server: Server, verdicts: Verdicts) -> None:
    """The same match in each form, and by hand."""
    made = _positions()
    forms = {
        "VOTable, TABLEDATA": _votable(made, "tabledata"),
        "VOTable, BINARY2": _votable(made, "binary2"),
        "FITS": _fits(made),
        "Parquet": _arrow(made, pq.write_table),
        "CSV": _arrow(made, pyarrow.csv.write_csv),
    }
    title = f"{POSITIONS:,} uploaded positions matched with {STARS:,}, s, median of {REPETITIONS}"
    shown = table(title, "form", "MB sent", "s", "rows", "server's peak, MB", "target", "")
    for name, content in forms.items():
        server.forget_peak()
        found = [_post(server, content) for _ in range(REPETITIONS)]
        seconds, rows = statistics.median(time for time, _ in found), found[0][1]
        if rows < POSITIONS:
            raise RuntimeError(f"{rows} of {POSITIONS} positions were found again")
        verdict = verdicts.judge(f"match of an upload ({name})", seconds, LONGEST)
        peak = f"{server.peak_megabytes():.0f}"
        shown.add_row(
            name, f"{len(content) / 1e6:.1f}", f"{seconds:.2f}", f"{rows:,}", peak, str(LONGEST), verdict
        )
    by_hand = statistics.median(_by_hand(url, made) for _ in range(REPETITIONS))
    shown.add_row("SQL by psycopg", "", f"{by_hand:.2f}", "", "", "", "")
    console.print(shown)
