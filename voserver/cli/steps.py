"""How commands show what they do: a step with a spinner that becomes a line with a tick and its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

console = Console(highlight=False)


@contextmanager
def step(doing: str, done: str) -> Iterator[None]:
    """Show `doing` while the block runs, and `done` with the time it took when it has run."""
    start = time.monotonic()
    with console.status(f"{doing} …"):
        yield
    console.print(f"[green]✓[/] {done} [dim]({time.monotonic() - start:.1f} s)[/]", soft_wrap=True)


def progress_bar() -> Progress:
    """A bar that counts rows and says how long the rest will take. It disappears when done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)
