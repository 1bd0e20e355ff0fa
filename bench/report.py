"""How figures are shown: with their target and whether it is met."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

console = Console(highlight=False, width=118)


@dataclass(frozen=True)
class Target:
    """The most that a figure may be, and its unit."""

    most: float
    unit: str = ""

    def __str__(self) -> str:
        """`≤ 2 x`."""
        return f"≤ {self.most:g} {self.unit}".strip()


class Verdicts:
    """Counts what was met and what was missed, over the whole run."""

    def __init__(self) -> None:
        self.missed: list[str] = []
        self.met = 0

    def judge(self, what: str, figure: float, target: Target | None) -> str:
        """The cell that says whether the target is met."""
        if target is None:
            return ""
        if figure <= target.most:
            self.met += 1
            return "[green]met[/]"
        self.missed.append(f"{what}: {figure:.3g} {target.unit}, wanted {target}")
        return "[bold red]missed[/]"


def table(title: str, *columns: str) -> Table:
    """A table with numbers to the right."""
    made = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left")
    return made
