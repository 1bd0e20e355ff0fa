"""`voserver doctor`: what is wrong with the installation, and how to mend it."""

from rich.markup import escape

from voserver.catalogue.doctor import examine
from voserver.cli.configuration import read_settings
from voserver.cli.postgres import database
from voserver.cli.steps import console
from voserver.model.errors import ServiceError


def run() -> None:
    """Show every finding, with its remedy where one is needed; an error where something must be mended."""
    with database(read_settings()) as settings:
        findings = examine(settings)
    for finding in findings:
        mark = "[green]✓[/]" if finding.is_good else "[bold red]✗[/]"
        console.print(f"{mark} {escape(finding.name)}: {escape(finding.message)}", soft_wrap=True)
        if not finding.is_good and finding.remedy:
            console.print(f"  → {finding.remedy}", markup=False, soft_wrap=True)
    bad = sum(not finding.is_good for finding in findings)
    if bad:
        raise ServiceError(
            f"{bad} of {len(findings)} checks failed.", hint="The arrows say how to mend each."
        )
