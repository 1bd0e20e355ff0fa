"""What the database's errors become: by SQLSTATE, whichever driver raised them."""

import logging

import adbc_driver_manager as adbc
import psycopg
import pytest

from voserver.catalogue import engine
from voserver.model.errors import (
    InternalError,
    NotFound,
    OutOfTime,
    QuotaExceeded,
    ServiceError,
    Unavailable,
    UsageError,
)


def by_adbc(state: str, message: str) -> adbc.Error:
    details = [("PG_DIAG_MESSAGE_PRIMARY", message.encode())]
    text = f"INVALID_DATA: [libpq] could not begin COPY: ERROR:  {message}\nQuery was: COPY (SELECT secret)"
    return adbc.OperationalError(
        text, status_code=adbc.AdbcStatusCode.UNKNOWN, sqlstate=state, details=details
    )


def by_psycopg(state: str, message: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)(message)


@pytest.mark.parametrize("make", [by_adbc, by_psycopg])
@pytest.mark.parametrize(
    ("state", "message", "kind", "told"),
    [
        ("22012", "division by zero", UsageError, "divides by zero"),
        ("22003", "value overflows", UsageError, "too large"),
        ("22023", "polygon of two corners", UsageError, "failed on its data: polygon of two corners"),
        ("21000", "more than one row", UsageError, "more than one row"),
        ("54001", "stack depth", UsageError, "nested too deeply"),
        ("53400", "temp_file_limit", QuotaExceeded, "temporary disk space"),
        ("53200", "out of memory", QuotaExceeded, "memory"),
        ("57014", "canceling statement due to statement timeout", OutOfTime, r"longer than 1\.5 s"),
        ("57014", "canceling statement due to user request", Unavailable, "was cancelled"),
        ("53100", "could not extend file", Unavailable, "disk is full"),
        ("53300", "too many clients", Unavailable, "no free connection"),
        ("40001", "could not serialize", Unavailable, "changed while"),
        ("57P01", "terminating connection", Unavailable, "cannot be reached"),
        ("08006", "connection failure", Unavailable, "cannot be reached"),
        ("28P01", "password authentication failed", Unavailable, "cannot be reached"),
        ("42P01", "relation does not exist", InternalError, "Reference"),
        ("42501", "permission denied", InternalError, "Reference"),
        ("XX000", "cache lookup failed", InternalError, "Reference"),
    ],
)
def test_each_error_is_told_in_our_words(
    make: object, state: str, message: str, kind: type[ServiceError], told: str
) -> None:
    assert callable(make)
    error = engine.translate(make(state, message), timeout=1.5)
    assert type(error) is kind
    with pytest.raises(kind, match=told):
        raise error
    assert "secret" not in str(error)


def test_a_fault_of_ours_is_logged_whole_under_its_reference(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        error = engine.translate(by_psycopg("42P01", 'relation "nowhere" does not exist'))
    assert isinstance(error, InternalError)
    assert error.reference in caplog.text
    assert "nowhere" in caplog.text
    assert "nowhere" not in str(error)


def test_our_own_errors_pass_unchanged() -> None:
    error = NotFound("not here")
    assert engine.translate(error) is error


def test_a_connection_that_cannot_be_made_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        engine.connect("postgresql://nobody@127.0.0.1:1/none")
