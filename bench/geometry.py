"""Whether the sky's functions are right: random pairs of regions of every size, against brute force on the sphere."""

import numpy as np
import psycopg
from report import Target, Verdicts, console, table
from rich.table import Table

from tests.sky import comparison, pairs

PAIRS = 100_000
_BATCH = 180
_SEED = 2026
_KINDS = list(pairs.KINDS)
FUNCTIONS = ("intersects", "contains", "contains_point", "cone", "bounds", "distance", "area")


def measure(url: str, verdicts: Verdicts) -> None:
    """Disagreements per function and pair of kinds, in slices that fit into memory."""
    generator = np.random.default_rng(_SEED)
    agreement = comparison.Agreement()
    done = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while done < PAIRS:
            batches = list(pairs.random_pairs(generator, _BATCH, rounds=1))
            agreement.add(comparison.compare(connection, batches))
            done += _BATCH * len(batches)
    console.print(_matrix(agreement, done))
    for function in FUNCTIONS:
        keys = [key for key in agreement.compared if key[0] == function]
        compared, near, wrong = (
            sum(counts)
            for counts in zip(
                *((agreement.compared[key], agreement.near[key], len(agreement.wrong[key])) for key in keys),
                strict=True,
            )
        )
        verdict = verdicts.judge(f"disagreements of {function}", wrong, Target(0))
        console.print(f"  {function}: {compared:,} answers, {wrong} wrong, {near} near an edge {verdict}")
    for fault in agreement.faults[:20]:
        console.print(f"  [bold red]wrong[/] {fault}")


def _matrix(agreement: comparison.Agreement, done: int) -> Table:
    title = (
        f"Geometry, {done:,} random pairs from 1 mas to the whole sky: wrong/compared,"
        " + what differs nearer than 1e-9° to an edge"
    )
    shown = table(title, "function", "kind", *_KINDS)
    for function in FUNCTIONS:
        joint = " in " if function == "contains" else ", "
        if function == "area":
            shown.add_row(function, "", *(_cell(agreement, (function, kind)) for kind in _KINDS))
            continue
        for kind in _KINDS:
            cells = [_cell(agreement, (function, f"{kind}{joint}{other}")) for other in _KINDS]
            if any(cells):
                shown.add_row(function, kind, *cells)
    return shown


def _cell(agreement: comparison.Agreement, key: tuple[str, str]) -> str:
    compared = agreement.compared[key]
    if not compared:
        return ""
    near = f" +{agreement.near[key]}" if agreement.near[key] else ""
    return f"{len(agreement.wrong[key])}/{compared}{near}"
