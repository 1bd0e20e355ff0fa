"""Searches by parameters: what SIA 2 and cone search take beside the TAP queries that they stand for.

`python bench/discovery.py` measures these alone.
"""

import http.client
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import catalogue
import psycopg
import running
from report import Target, Verdicts, console, table
from running import Server

REPETITIONS = 200
MORE = Target(5, "ms")
_PLACES = (
    b"SELECT s_ra, s_dec FROM ivoa.ObsCore WHERE dataproduct_type IN ('image', 'cube') AND s_ra IS NOT NULL"
    b" ORDER BY md5(obs_publisher_did) LIMIT %(count)s"
)
_ABOUT = "POINT(s_ra, s_dec), POINT({ra}, {dec})"


@dataclass(frozen=True)
class Search:
    """The same search in two protocols, about a place (degrees)."""

    name: str
    path: str
    parameters: Callable[[float, float], dict[str, object]]
    adql: str


SEARCHES = (
    Search(
        "SIA 2, POS=CIRCLE 0.02°",
        "/sia/query",
        lambda ra, dec: {"POS": f"CIRCLE {ra} {dec} 0.02"},
        "SELECT * FROM ivoa.ObsCore WHERE dataproduct_type IN ('image', 'cube')"
        " AND 1 = INTERSECTS(s_region, CIRCLE({ra}, {dec}, 0.02))",
    ),
    Search(
        "cone search, SR=0.02°",
        "/scs/jwst.product",
        lambda ra, dec: {"RA": ra, "DEC": dec, "SR": 0.02, "VERB": 3},
        f"SELECT * FROM jwst.product WHERE DISTANCE({_ABOUT}) <= 0.02 ORDER BY DISTANCE({_ABOUT})",
    ),
)


def _ask(
    connection: http.client.HTTPConnection, path: str, parameters: dict[str, object]
) -> tuple[float, int]:
    """Seconds until the answer's last byte, and its rows."""
    wanted = urlencode({**parameters, "MAXREC": 100, "RESPONSEFORMAT": "votable/td"})
    start = time.perf_counter()
    connection.request("GET", f"{path}?{wanted}")
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - start
    if response.status != http.client.OK:
        raise RuntimeError(body[:2000].decode())
    return seconds, body.count(b"<TR>")


def _in_turns(
    server: Server, search: Search, places: Sequence[tuple[float, float]]
) -> tuple[list[float], list[float], list[int]]:
    """Seconds by TAP, seconds by parameters, rows: at each place one after the other, taking turns in who is first."""
    web = server.connect()
    by_tap, by_parameters, rows = [], [], []
    for number, (ra, dec) in enumerate(places):
        tap = ("/tap/sync", {"LANG": "ADQL", "QUERY": search.adql.format(ra=ra, dec=dec)})
        own = (search.path, search.parameters(ra, dec))
        answers = [_ask(web, *asked) for asked in ((tap, own) if number % 2 else (own, tap))]
        (seconds_by_tap, rows_by_tap), (seconds, count) = answers if number % 2 else reversed(answers)
        if rows_by_tap != count:
            raise RuntimeError(f"{search.name} at {ra} {dec}: {count} rows, by TAP {rows_by_tap}")
        by_tap.append(seconds_by_tap)
        by_parameters.append(seconds)
        rows.append(count)
    return by_tap, by_parameters, rows


def measure(url: str, server: Server, verdicts: Verdicts) -> None:
    """Each search and its query at many places, in turns, over one connection."""
    title = f"Searches by parameters, ms, median of {REPETITIONS} places"
    shown = table(title, "search", "rows", "TAP", "by parameters", "added", "target", "")
    with psycopg.connect(url) as connection:
        places = connection.execute(_PLACES, {"count": REPETITIONS}).fetchall()
    for search in SEARCHES:
        _in_turns(server, search, places[:20])
        by_tap, by_parameters, rows = _in_turns(server, search, places)
        tap, own = (1000 * statistics.median(times) for times in (by_tap, by_parameters))
        added = 1000 * statistics.median(b - a for a, b in zip(by_tap, by_parameters, strict=True))
        verdict = verdicts.judge(f"{search.name} beside TAP", added, MORE)
        figures = [f"{statistics.median(rows):g}", f"{tap:.2f}", f"{own:.2f}", f"{added:+.2f}"]
        shown.add_row(search.name, *figures, str(MORE), verdict)
    console.print(shown)


def main() -> None:
    """Measure these alone."""
    verdicts = Verdicts()
    postgres = catalogue.start(console)
    try:
        with running.running(postgres.url) as server:
            measure(postgres.url, server, verdicts)
    finally:
        postgres.stop()
    sys.exit(bool(verdicts.missed))


if __name__ == "__main__":
    main()
