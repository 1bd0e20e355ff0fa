"""For requests that merely wait: how they hear that the server is about to end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import Scope

_KEY = "voserver.when_ending"


@contextmanager
def when_ending(scope: Scope, call: Callable[[], None]) -> Iterator[None]:
    """Have something called, in the event loop, when the server begins to end while this is open."""
    scope[_KEY] = call
    try:
        yield
    finally:
        del scope[_KEY]


def tell_of_end(scope: Scope) -> None:
    """Call what waits for the end in a request; called in the event loop."""
    if call := scope.get(_KEY):
        call()
