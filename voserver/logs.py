"""The log: a line per event, as text for people or JSON for machines, each with its request's identifier."""

import logging
import os
import sys
from typing import TextIO, cast

import structlog

from voserver.settings import Settings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _StandardError:
    """Standard error as it is now, for lines that may be lost: whoever writes one goes on.

    Otherwise a log that nobody reads any more (a closed pipe, a closed terminal) or a full disk would end requests and
    jobs, and there is no other place to tell of it.
    """

    def write(self, text: str) -> int:
        """Write, or forget."""
        try:
            return sys.stderr.write(text)
        except OSError as error:
            return self._forget(error)

    def flush(self) -> None:
        """Have it written, or forget."""
        try:
            sys.stderr.flush()
        except OSError as error:
            self._forget(error)

    def _forget(self, error: OSError) -> int:
        if isinstance(error, BrokenPipeError):
            # For good: what is left in the buffer would be an error once more when the process ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stderr.fileno())
            os.close(nowhere)
        return 0


_ERROR = cast("TextIO", _StandardError())


def configure(settings: Settings) -> None:
    """Set how log lines are written, for this program and for the libraries that use `logging`."""
    level = _LEVELS[settings.log_level]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        # A plain traceback: the fancy ones show variables, and among them may be a password.
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_ERROR),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(_ERROR)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Who wants to know of every step of the queue asks for everything.
    logging.getLogger("procrastinate").setLevel(logging.DEBUG if level == logging.DEBUG else logging.WARNING)
    # The access line of ours says more than uvicorn's own.
    logging.getLogger("uvicorn.access").disabled = True
