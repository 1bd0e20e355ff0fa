"""The report: `REPORT.md`, and `report.html` with the pictures. Both are written anew from the results of each run."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from conformance.ledger import Part, Result

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
_RESULTS = HERE / "results"
_MARK = {"passed": "✓", "waived": "✓ (waived)", "failed": "✗", "not run": "not run"}
_STYLE = """
:root{color-scheme:light dark}
body{max-width:76rem;margin:2rem auto;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}
table{border-collapse:collapse;width:100%}
td,th{padding:.4rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid #8884}
.passed{color:#197a3d}.failed{color:#c22}.waived,.not{color:#a60}
figure{display:inline-block;margin:.6rem;vertical-align:top}
figure img{max-width:36rem;border:1px solid #8886}
figcaption{max-width:36rem;opacity:.8}
"""


def keep(name: str, results: list[Result], seconds: float) -> None:
    """Keep what a run of one part (`headless`, `gui`) saw."""
    _RESULTS.mkdir(exist_ok=True)
    document = {
        "run": f"{datetime.now(UTC):%Y-%m-%d}",
        "minutes": round(seconds / 60, 1),
        "results": [asdict(result) for result in results],
    }
    (_RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def write() -> None:
    """Write both reports from what the runs kept."""
    runs = [
        (name, json.loads((_RESULTS / f"{name}.json").read_text()))
        for name in ("headless", "gui")
        if (_RESULTS / f"{name}.json").exists()
    ]
    (HERE / "REPORT.md").write_text(_markdown(runs))
    (HERE / "report.html").write_text(_page(runs))


def _rows(runs: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [row for _, run in runs for row in run["results"]]


def _summary(runs: list[tuple[str, dict[str, Any]]]) -> str:
    counts = Counter(row["verdict"] for row in _rows(runs))
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    when = "; ".join(f"`make {_target(name)}` on {run['run']}, {run['minutes']} min" for name, run in runs)
    return f"{said}. Runs: {when}."


def _target(name: str) -> str:
    return "conformance" if name == "headless" else "conformance-gui"


def _markdown(runs: list[tuple[str, dict[str, Any]]]) -> str:
    rows = _rows(runs)
    text = ["# What real clients make of the server", "", _summary(runs), ""]
    text += ["Written by the runs; [the same with pictures](report.html). How to run them: "]
    text[-1] += "[docs/conformance.md](../docs/conformance.md)."
    text += ["", "| client | version | capability | verdict | evidence |", "|---|---|---|---|---|"]
    for row in rows:
        pictures = "".join(f" [[picture]](pictures/{name})" for name in row["pictures"])
        evidence = row["evidence"].replace("|", "\\|").replace("\n", " ")
        verdict = _MARK[row["verdict"]]
        text.append(
            f"| {row['client']} | {row['version']} | {row['capability']} | {verdict} | {evidence}{pictures} |"
        )
    waived = [(row, waiver) for row in rows for waiver in row["waivers"]]
    if waived:
        text += ["", "## Waived: the client's own", "", "| client | what | why it is not ours | known as |"]
        text += ["|---|---|---|---|"]
        text += [
            f"| {row['client']} | {waiver['what']} | {waiver['reason']} | {waiver['link']} |"
            for row, waiver in waived
        ]
    return "\n".join(text) + "\n"


def _page(runs: list[tuple[str, dict[str, Any]]]) -> str:
    rows = _rows(runs)
    body = "".join(_table_row(row) for row in rows)
    waived = "".join(
        f"<li><b>{escape(row['client'])}</b>: {escape(waiver['what'])}. {escape(waiver['reason'])} "
        f'<a href="{escape(waiver["link"])}">Known</a></li>'
        for row in rows
        for waiver in row["waivers"]
    )
    figures = "".join(
        f'<figure><img src="pictures/{escape(name)}" alt="{escape(row["capability"])}" loading="lazy">'
        f"<figcaption><b>{escape(row['client'])}</b> {escape(row['capability'])}</figcaption></figure>"
        for row in rows
        for name in row["pictures"]
    )
    summary = escape(_summary(runs).replace("`", ""))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>What real clients make of the server</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>What real clients make of the server</h1>\n<p>{summary}</p>\n"
        "<table><thead><tr><th>client<th>version<th>capability<th>verdict<th>evidence</tr></thead><tbody>\n"
        f"{body}</tbody></table>\n"
        f"{f'<h2>Waived: the client&#39;s own</h2><ul>{waived}</ul>' if waived else ''}\n"
        f"<h2>Pictures</h2>\n{figures}\n</body></html>\n"
    )


def _table_row(row: dict[str, Any]) -> str:
    cells = [row["client"], row["version"], row["capability"]]
    words = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    kind = row["verdict"].split()[0]
    mark = f'<td class="{kind}">{escape(_MARK[row["verdict"]])}</td>'
    return f"<tr>{words}{mark}<td>{escape(row['evidence'])}</td></tr>\n"


def totals(results: list[Result]) -> str:
    """The closing line: what passed, what failed, what did not run."""
    counts = Counter(result.verdict for result in results)
    said = f"{counts['passed'] + counts['waived']} passed, {counts['failed']} failed"
    return f"{said}, {counts['not run']} skipped" if counts["not run"] else said


def parts(wanted: str) -> tuple[Part, ...]:
    """Which checks a run of that name has."""
    return {"fast": ("fast",), "headless": ("fast", "headless"), "gui": ("gui",)}[wanted]  # type: ignore[return-value]
