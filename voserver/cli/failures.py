"""Runs the command line, and turns whatever goes wrong into a sentence and an exit code.

Exit codes: 0 done, 1 it did not work, 2 the command was not understood, 130 interrupted.
"""

import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from rich.text import Text

from voserver.cli.application import DEBUG_VARIABLE, app
from voserver.cli.steps import Terminal
from voserver.model.errors import InternalError, ServiceError, UsageError


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run `voserver` with the given arguments, by default the process's, and exit."""
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, _terminate)
    # What goes wrong is told below, in a sentence; servers set up their own log, --debug shows everything.
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        app(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _tell(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    sys.exit(0)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that the embedded PostgreSQL is stopped on the way."""
    raise KeyboardInterrupt


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """End when the terminal is closed as at SIGTERM, whoever handles that by now."""
    signal.raise_signal(signal.SIGTERM)


def _tell(error: BaseException) -> None:
    """Say on standard error what went wrong and what to do next."""
    said = Text.assemble(("voserver:", "bold red"), f" {_sentence(error)}")
    Terminal(stderr=True).print(said, soft_wrap=True)


def _sentence(error: BaseException) -> str:
    if isinstance(error, InternalError) and error.__cause__ is not None:
        return _sentence(error.__cause__)
    if isinstance(error, ServiceError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    first_line = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first_line}\nWith `voserver --debug …` the whole story is shown."
