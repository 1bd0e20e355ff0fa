"""Waiting for what other threads and processes do."""

import threading
from collections.abc import Callable

import pytest


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so; where that takes most of a minute, the test fails."""
    patience = threading.Event()
    for _ in range(900):
        if condition():
            return
        patience.wait(0.05)
    pytest.fail("it did not happen")
