"""`voserver verify`: whether the stores have what the catalogue says, and what to do where they have not."""

import json
from dataclasses import asdict

import typer
from rich.text import Text

from voserver.catalogue.verify import ADVICE, Extent, Problem, Tally, verify
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import catalogue, url
from voserver.cli.steps import console, number_of, progress_bar, tick
from voserver.settings import Settings

_SHOWN = 20  # problems of a kind that a person wants to read


def run(extent: Extent, *, as_json: bool) -> None:
    """Tell every problem; exit code 1 where there is one."""
    tally = Tally()
    with catalogue(read_settings()) as settings:
        if as_json:
            _write(settings, extent, tally)
        else:
            _show(settings, extent, tally)
    if tally.problems:
        raise typer.Exit(1)


def _write(settings: Settings, extent: Extent, tally: Tally) -> None:
    """JSON lines: a problem each, and at last the sums."""
    for problem in verify(url(settings), settings, extent, tally):
        typer.echo(json.dumps({**asdict(problem), "advice": problem.advice}))
    typer.echo(json.dumps({"kind": "summary", **asdict(tally)}))


def _show(settings: Settings, extent: Extent, tally: Tally) -> None:
    with progress_bar() as bar:
        task = bar.add_task("Verifying", total=None)

        def progress(doing: str, count: int) -> None:
            bar.update(task, description=doing, completed=count)

        for problem in verify(url(settings), settings, extent, tally, progress):
            # The tally has counted those before this one.
            if tally.problems[problem.kind] <= _SHOWN:
                console.print(_line(problem), soft_wrap=True)
    for kind, count in tally.problems.items():
        more = f", {count - _SHOWN:,} of them not shown (see --json)" if count > _SHOWN else ""
        console.print(Text(f"{kind}: {count:,}{more}. {ADVICE[kind]}"), soft_wrap=True)
    read = f", {tally.read:,} contents read" if tally.read else ""
    copies = f"{tally.copies:,} {'copy' if tally.copies == 1 else 'copies'} of them in the stores"
    said = f"{number_of(tally.files, 'file')} in the catalogue, {copies}{read}"
    if tally.problems:
        console.print(Text.assemble(("✗", "red"), f" {said}"))
    else:
        tick(said)


def _line(problem: Problem) -> Text:
    place = " ".join(word for word in (problem.store, problem.key or problem.uri) if word)
    return Text.assemble((problem.kind, "red"), f" {place}: {problem.said}")
