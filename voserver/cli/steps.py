"""How commands show what they do: a step with a spinner that becomes a line with a tick and its time."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.text import Text
from typing_extensions import override

_NOT_PRINTED = {
    code: "\N{REPLACEMENT CHARACTER}"
    for codes in (
        (0x00, 0x20),
        (0x7F, 0xA0),
        (0x200E, 0x2010),
        (0x2028, 0x202F),
        (0x2066, 0x206A),
        (0xD800, 0xE000),
    )
    for code in range(*codes)
    if chr(code) not in "\t\n"
}
"""Control characters, those that turn the direction of text, and halves of characters (of odd file names)."""


def printable(text: str) -> str:
    """The text without what a terminal takes for commands, or shows in another order than it is."""
    return text.translate(_NOT_PRINTED)


class Terminal(Console):
    """A terminal that shows texts as they are, whoever wrote them: neither markup nor control characters work.

    When nobody reads it any more, work goes on and is no longer shown.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    @override
    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)

    @override
    def on_broken_pipe(self) -> None:
        with suppress(SystemExit):
            super().on_broken_pipe()


console = Terminal()


def number_of(count: int, thing: str) -> str:
    """So many of a thing: “1 file”, “2,000 files”."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def tick(said: str, seconds: float | None = None) -> None:
    """Say that something is done, and how long it took."""
    took = "" if seconds is None else f" ({seconds:.1f} s)"
    console.print(Text.assemble(("✓", "green"), f" {said}", (took, "dim")), soft_wrap=True)


@contextmanager
def step(doing: str, done: str | Callable[[], str]) -> Iterator[None]:
    """Show `doing` while the block runs, and `done`, or what it then says, with the time when it has run."""
    start = time.monotonic()
    with console.status(Text(f"{doing} …")):
        yield
    said = done if isinstance(done, str) else done()
    tick(said, time.monotonic() - start)


def progress_bar() -> Progress:
    """A bar that counts rows and says how long the rest will take. It disappears when done."""
    label = TextColumn("{task.description}", markup=False)
    return Progress(
        label, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    )


def ask(question: str, bar: Progress, *, confirmed: bool) -> bool:
    """Whether somebody at the terminal agrees, while the bar is out of the way; where there is nobody, `confirmed`."""
    if confirmed or not sys.stdin.isatty():
        return confirmed
    bar.stop()
    try:
        return typer.confirm(printable(question))
    finally:
        bar.start()
