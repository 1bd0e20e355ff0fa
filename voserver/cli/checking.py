"""`voserver doctor`: what is well, what is not, and how to mend it."""

import typer
from rich.text import Text

from voserver.catalogue import doctor
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database
from voserver.cli.steps import console

_MARKS = {"well": ("✓", "green"), "doubtful": ("!", "yellow"), "ill": ("✗", "red")}


def run() -> None:
    """Show every finding; exit code 1 where something is ill."""
    verdicts = set()
    with database(read_settings()) as settings:
        for finding in doctor.examine(settings):
            verdicts.add(finding.verdict)
            mark, colour = _MARKS[finding.verdict]
            line = Text.assemble((mark, colour), f" {finding.subject}: {finding.message}")
            console.print(line, soft_wrap=True)
            if finding.remedy:
                console.print(Text(f"    {finding.remedy}"), soft_wrap=True)
    if "ill" in verdicts:
        raise typer.Exit(1)
