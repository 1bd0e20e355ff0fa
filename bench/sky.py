"""Searches on the sky: ours, on contrib cube, against pgSphere, over the same rows in the same server."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import debian
import psycopg
from report import Target, Verdicts, console, table

from voserver.catalogue import sky

REPETITIONS = 100
Position = tuple[float, float]


@dataclass(frozen=True)
class Search:
    """One kind of search, as either side writes it, around a position; and the design's figure for ours."""

    name: str
    ours: Callable[[str, str], str]
    theirs: Callable[[str, str], str]
    design: float
    repetitions: int = REPETITIONS


def _cone(radius: float) -> Search:
    return Search(
        f"cone, {radius}°",
        lambda ra, dec: (
            f"SELECT count(*) FROM files WHERE {sky.closer(('ra', 'dec'), (ra, dec), str(radius))}"
        ),
        lambda ra, dec: f"SELECT count(*) FROM files WHERE pos <@ {_circle(ra, dec, radius)}",
        0.34,
    )


def _footprints(radius: float, design: float) -> Search:
    return Search(
        f"footprints that meet a circle of {radius}°",
        lambda ra, dec: (
            "SELECT count(*) FROM files WHERE " + sky.intersects("shape", sky.circle(ra, dec, str(radius)))
        ),
        lambda ra, dec: f"SELECT count(*) FROM files WHERE poly && {_circle(ra, dec, radius)}",
        design,
    )


def _circle(ra: str, dec: str, radius: float) -> str:
    return f"scircle(spoint(radians({ra}), radians({dec})), radians({radius}))"


_CONTAINING = Search(
    "footprints that contain a point",
    lambda ra, dec: f"SELECT count(*) FROM files WHERE {sky.contains_point((ra, dec), 'shape')}",
    lambda ra, dec: f"SELECT count(*) FROM files WHERE poly @> spoint(radians({ra}), radians({dec}))",
    0.43,
)
_MATCH = Search(
    "cross-match of 1000 positions, 2″",
    lambda _ra, _dec: (
        "SELECT count(*) FROM targets AS t JOIN files AS f ON "
        + sky.closer(("f.ra", "f.dec"), ("t.ra", "t.dec"), "2 / 3600.0")
    ),
    lambda _ra, _dec: (
        "SELECT count(*) FROM targets AS t JOIN files AS f ON f.pos <@ scircle(t.pos, radians(2 / 3600.0))"
    ),
    19,
    repetitions=10,
)
SEARCHES = (_cone(0.05), _footprints(0.5, 1.35), _footprints(3, 8.9), _CONTAINING, _MATCH)


def measure(source: str, verdicts: Verdicts) -> None:
    """Every search by either side in turns, at positions of the catalogue; medians; whether counts agree."""
    if debian.programs() is None:
        console.print(
            "Sky against pgSphere: not measured, for it is not installed (Debian: postgresql-15-pgsphere)."
        )
        return
    with debian.running(source, console) as url, psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT count(*), count(shape), version() FROM files").fetchone()
        assert rows is not None
        title = f"Sky, ms, median: {rows[0]:,} positions, {rows[1]:,} footprints, {rows[2].split(' on ')[0]}"
        shown = table(title, "search", "ours", "pgSphere", "design", "target", "", "counts")
        positions = _prepare(connection)
        for search in SEARCHES:
            ours, theirs, agree = _compare(connection, search, positions[: search.repetitions])
            target = Target(2 * search.design, "ms")
            verdict = verdicts.judge(search.name, ours, target)
            counts = "equal" if agree else "[bold red]differ[/]"
            figures = [f"{ours:.2f}", f"{theirs:.2f}", f"{search.design:g}", str(target), verdict, counts]
            shown.add_row(search.name, *figures)
        console.print(shown)


def _prepare(connection: psycopg.Connection) -> list[Position]:
    """Positions near files, for the searches and as a table to match with."""
    connection.execute("SET parallel_setup_cost = 20000")  # as users' queries have it (catalogue.roles)
    connection.execute("SELECT setseed(0.5)")
    connection.execute(
        "CREATE TEMPORARY TABLE targets AS SELECT ra, dec, pos FROM files"
        " WHERE shape IS NOT NULL AND id % 997 = 0 ORDER BY random() LIMIT 1000"
    )
    connection.execute("ANALYZE targets")
    return list(connection.execute(f"SELECT ra, dec FROM targets LIMIT {REPETITIONS}").fetchall())


def _compare(
    connection: psycopg.Connection, search: Search, positions: list[Position]
) -> tuple[float, float, bool]:
    times: tuple[list[float], list[float]] = ([], [])
    agree = True
    for ra, dec in positions:
        counts = []
        for side, write in enumerate((search.ours, search.theirs)):
            statement = write(f"{ra!r}::float8", f"{dec!r}::float8").encode()
            start = time.perf_counter()
            counts.append(connection.execute(statement).fetchone())
            times[side].append(1000 * (time.perf_counter() - start))
        agree = agree and counts[0] == counts[1]
    return statistics.median(times[0]), statistics.median(times[1]), agree
