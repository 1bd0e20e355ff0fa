"""What is noted about a request while it is served, for its line in the access log and for the metrics."""

import re
from dataclasses import dataclass, field
from time import perf_counter

from starlette.types import Scope

_KEY = "voserver.trace"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass
class Trace:
    """The facts about one request. Written by whoever learns them, read once at the end."""

    request_id: str
    started: float = field(default_factory=perf_counter)
    status: int = 0
    sent_bytes: int = 0
    rows: int | None = None
    query: str | None = None
    """A fingerprint of the query, never its text."""
    run_id: str | None = None
    outcome: str | None = None
    """What went wrong, as a class's name; "left", "disconnected" or "broken" where no status can tell."""

    @property
    def seconds(self) -> float:
        """How long the request has taken so far."""
        return perf_counter() - self.started


def start_trace(scope: Scope, request_id: str) -> Trace:
    """Begin the notes on a request."""
    trace = Trace(request_id)
    scope[_KEY] = trace
    return trace


def printable(text: str) -> str:
    """A text that may hold a client's words, without what controls terminals, the ends of lines, or their direction."""
    return _UNPRINTABLE.sub("\ufffd", text)


def path_of(scope: Scope) -> str:
    """The path of a request as it may be shown: in one line, and of a decent length."""
    return printable(str(scope["path"])[:1000].replace("\n", "\r"))


def trace_of(scope: Scope) -> Trace:
    """The notes on this request; fresh ones where no middleware began them."""
    trace = scope.get(_KEY)
    return trace if isinstance(trace, Trace) else start_trace(scope, "-")
