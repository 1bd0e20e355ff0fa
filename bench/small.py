"""Small queries: what HTTP, ADQL and serialization add to the SQL itself."""

import statistics
import time

import psycopg
from report import Target, Verdicts, console, table
from running import Server

from voserver.catalogue.tap_schema import load_tables
from voserver.query.adql import compile as compile_adql

REPETITIONS = 200
OVERHEAD = Target(5, "ms")
_COLUMNS = "obs_id, filename, s_ra, s_dec, instrument_name, filter, t_min"
QUERIES = {
    "10 rows": f"SELECT TOP 10 {_COLUMNS} FROM jwst.product WHERE calib_level = 3",
    "cone, 0.05°": f"SELECT TOP 10 {_COLUMNS} FROM jwst.product"
    " WHERE 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(110.8, -73.45, 0.05))",
}


def measure(url: str, server: Server, verdicts: Verdicts) -> None:
    """The same query through the server and, as the SQL that it becomes, through psycopg, in turns."""
    title = f"A small query, ms, median of {REPETITIONS}"
    shown = table(title, "query", "SQL by psycopg", "HTTP, TABLEDATA", "added", "target", "", "ADQL to SQL")
    with psycopg.connect(url, autocommit=True) as connection:
        tables = load_tables(connection)
        web = server.connect()
        for name, adql in QUERIES.items():
            sql = compile_adql(adql, tables).sql
            direct, http, compiling = [], [], []
            for _ in range(REPETITIONS):
                start = time.perf_counter()
                connection.execute(sql.encode()).fetchall()
                direct.append(time.perf_counter() - start)
                http.append(server.query(web, adql, "votable/td", 10).seconds)
                start = time.perf_counter()
                compile_adql(adql, tables)
                compiling.append(time.perf_counter() - start)
            through_sql, through_http, to_sql = (
                1000 * statistics.median(t) for t in (direct, http, compiling)
            )
            added = through_http - through_sql
            verdict = verdicts.judge(f"overhead of a small query ({name})", added, OVERHEAD)
            times = [f"{through_sql:.2f}", f"{through_http:.2f}", f"{added:.2f}"]
            shown.add_row(name, *times, str(OVERHEAD), verdict, f"{to_sql:.2f}")
    console.print(shown)
