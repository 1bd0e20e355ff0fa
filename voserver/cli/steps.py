"""How commands show what they do: a step with a spinner that becomes a line with a tick and its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typing_extensions import override


class _Console(Console):
    """Standard output. When nobody reads it any more, work goes on and is no longer shown."""

    @override
    def on_broken_pipe(self) -> None:
        with suppress(SystemExit):
            super().on_broken_pipe()


console = _Console(highlight=False)


@contextmanager
def step(doing: str, done: str | Callable[[], str]) -> Iterator[None]:
    """Show `doing` while the block runs, and `done`, or what it then says, with the time when it has run."""
    start = time.monotonic()
    with console.status(f"{doing} …"):
        yield
    said = done if isinstance(done, str) else done()
    console.print(f"[green]✓[/] {said} [dim]({time.monotonic() - start:.1f} s)[/]", soft_wrap=True)


def progress_bar() -> Progress:
    """A bar that counts rows and says how long the rest will take. It disappears when done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)
