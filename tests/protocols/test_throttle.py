"""Guessing is slowed down, by the address that guesses."""

import pytest

from voserver.model.errors import QuotaExceeded
from voserver.protocols.authentication.throttle import PER_ADDRESS, PER_ADDRESS_AND_NAME, Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_some_failures_each_further_one_takes_its_time() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(PER_ADDRESS_AND_NAME.burst):
        throttle.attempt("here", "ada")
    with pytest.raises(QuotaExceeded) as refused:
        throttle.attempt("here", "ada")
    assert refused.value.retry_after == PER_ADDRESS_AND_NAME.seconds
    throttle.attempt("elsewhere", "ada")
    throttle.attempt("here", "ben")
    clock.now += PER_ADDRESS_AND_NAME.seconds
    throttle.attempt("here", "ada")
    with pytest.raises(QuotaExceeded):
        throttle.attempt("here", "ada")


def test_who_tries_many_names_is_slowed_down_too() -> None:
    throttle = Throttle(Clock())
    for number in range(PER_ADDRESS.burst):
        throttle.attempt("here", f"name {number}")
    with pytest.raises(QuotaExceeded):
        throttle.attempt("here", "one more")


def test_who_succeeds_has_not_failed() -> None:
    throttle = Throttle(Clock())
    for _ in range(100):
        throttle.attempt("here", "ada")
        throttle.succeeded("here", "ada")
