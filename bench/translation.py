"""ADQL to SQL: what it takes to read, resolve and write the corpus's queries, and some that are meant to hurt."""

import resource
import statistics
import sys
import time
from pathlib import Path

import psycopg
from report import Target, Verdicts, console, table

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.adql.corpus import FILES, cases
from voserver.catalogue.tap_schema import load_tables
from voserver.model.errors import ServiceError
from voserver.model.tables import Tables
from voserver.query.adql import Compiler
from voserver.query.adql import compile as compile_adql

MEDIAN = Target(2, "ms")
HURTING = Target(2000, "ms")
_LONG = "SELECT obs_id FROM ivoa.ObsCore WHERE obs_id IN ({})".format(
    ", ".join(f"'jw{number:020d}'" for number in range(4000))
)
HOSTILE = {
    f"{len(_LONG) // 1000} kB of an IN list": _LONG,
    "1000 parentheses": f"SELECT {'(' * 1000}1{')' * 1000} FROM ivoa.ObsCore",
    "1000 conditions within one another": f"SELECT 1 FROM ivoa.ObsCore WHERE {'NOT (' * 1000}1 = 1{')' * 1000}",
    "1000 queries within one another": "SELECT 1 FROM (" * 1000 + "ivoa.ObsCore" + ") AS a" * 1000,
    "20,000 terms of a sum": f"SELECT {' + '.join(['1'] * 20_000)} FROM ivoa.ObsCore",
}


def measure(url: str, verdicts: Verdicts) -> None:
    """The corpus's valid queries, compiled anew and as remembered; then the hostile ones."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = load_tables(connection)
    queries = [case.adql for path in FILES for case in cases(path) if not case.is_error]
    compiler = Compiler(tables)
    compile_adql(queries[0], tables)
    anew, remembered = [], []
    for adql in queries:
        start = time.perf_counter()
        try:
            compile_adql(adql, tables)
        except ServiceError:
            continue  # of a table that only the tests have
        anew.append(1000 * (time.perf_counter() - start))
        compiler.compile(adql)
        start = time.perf_counter()
        compiler.compile(adql)
        remembered.append(1000 * (time.perf_counter() - start))
    shown = table(
        f"ADQL to SQL, ms, {len(anew)} queries of the corpus", "", "median", "99 %", "most", "target", ""
    )
    for name, times, target in (("anew", anew, MEDIAN), ("remembered", remembered, None)):
        verdict = verdicts.judge(f"translation, {name}", statistics.median(times), target)
        figures = (statistics.median(times), statistics.quantiles(times, n=100)[98], max(times))
        shown.add_row(name, *(f"{figure:.3f}" for figure in figures), str(target or ""), verdict)
    console.print(shown)
    _hurt(tables, verdicts)


def _hurt(tables: Tables, verdicts: Verdicts) -> None:
    shown = table("Queries that are meant to hurt", "query", "ms", "more memory, MB", "answer", "target", "")
    for name, adql in HOSTILE.items():
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        try:
            compile_adql(adql, tables)
            answer = "translated"
        except ServiceError as error:
            answer = "refused: " + str(error).split(": ", 1)[-1].split("\n")[0][:40]
        taken = 1000 * (time.perf_counter() - start)
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        verdict = verdicts.judge(f"translation of {name}", taken, HURTING)
        shown.add_row(name, f"{taken:.0f}", f"{more:.0f}", answer, str(HURTING), verdict)
    console.print(shown)
