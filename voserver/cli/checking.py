"""`voserver doctor`: what is well, what is not, and how to mend it."""

from collections.abc import Iterator

import typer
from rich.text import Text

from voserver.catalogue import doctor
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database
from voserver.cli.steps import console
from voserver.model.errors import ServiceError
from voserver.settings import Settings

_MARKS = {"well": ("✓", "green"), "doubtful": ("!", "yellow"), "ill": ("✗", "red")}


def run() -> None:
    """Show every finding; exit code 1 where something is ill."""
    verdicts = {_show(finding) for finding in _findings(read_settings())}
    if "ill" in verdicts:
        raise typer.Exit(1)


def _findings(settings: Settings) -> Iterator[doctor.Finding]:
    try:
        with database(settings) as ready:
            yield from doctor.examine(ready)
    except ServiceError as error:
        yield doctor.Finding("database", "ill", error.message, error.hint)


def _show(finding: doctor.Finding) -> doctor.Verdict:
    mark, colour = _MARKS[finding.verdict]
    console.print(Text.assemble((mark, colour), f" {finding.subject}: {finding.message}"), soft_wrap=True)
    if finding.remedy:
        console.print(Text(f"    {finding.remedy}"), soft_wrap=True)
    return finding.verdict
