"""Connections for administration, and the one table that turns the database's errors into ours.

Bulk rows take another way (`streams`); both report their errors here.
"""

import logging
import secrets

import psycopg

from voserver.model.errors import (
    InternalError,
    OutOfTime,
    QuotaExceeded,
    ServiceError,
    Unavailable,
    UsageError,
)

_log = logging.getLogger(__name__)


def connect(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """Connect for schema work, loading and checks. `Unavailable` says why it cannot be done."""
    try:
        return psycopg.connect(url, autocommit=autocommit, application_name="voserver")
    except psycopg.Error as error:
        raise translate(error) from error


_CANCELLED = "57014"

_USAGE: dict[str, str] = {
    "22012": "The query divides by zero.",
    "22003": "A number in the query, or one that it computes, is too large for its type.",
    "2201E": "The query takes the logarithm of zero or of a negative number.",
    "2201F": "The query takes a square root of a negative number, or a power that is no real number.",
    "22011": "SUBSTRING was given a negative length.",
    "22007": "A text in the query is not a date or time.",
    "22008": "A date or time in the query is out of range.",
    "22P02": "A text in the query cannot be read as the type that is needed there.",
    "22021": "A text in the query contains a character that the database cannot hold.",
    "22025": "The pattern of a LIKE ends in its escape character.",
    "21000": "A sub-query that stands for a single value returned more than one row.",
    "54001": "The query is nested too deeply.",
    "54011": "The query has too many columns.",
    "54023": "A function in the query was given too many arguments.",
}
"""The user's data or query made the statement fail: what happened, in plain words."""

_QUOTA: dict[str, str] = {
    "53400": "The query needs more temporary disk space than one query may use.",
    "53200": "The query needs more memory than there is.",
    "54000": "The query is larger than the database can take.",
}

_HINTS: dict[str, str] = {
    "22012": "NULLIF(x, 0) as the divisor gives NULL instead.",
    "53400": "Select fewer rows or columns, or leave out ORDER BY, GROUP BY and DISTINCT.",
    "53200": "Select fewer rows or columns, or leave out ORDER BY, GROUP BY and DISTINCT.",
}

_BUSY = {
    "53300": "The database has no free connection.",
    "53100": "The database's disk is full.",
    "40001": "The data changed while the query ran.",
}


def translate(  # noqa: PLR0911 -- a return for each kind of error reads better than nesting
    error: BaseException, *, timeout: float | None = None
) -> ServiceError:
    """What the user is told of an error that psycopg or ADBC raised; `timeout` is the query's limit in seconds."""
    if isinstance(error, ServiceError):
        return error
    state = getattr(error, "sqlstate", None) or ""
    if state == _CANCELLED:
        return _cancelled(error, timeout)
    if state in _USAGE:
        return UsageError(_USAGE[state], hint=_HINTS.get(state))
    if state.startswith("22"):  # mostly said by the functions of our schema `sky`
        return UsageError(f"The query failed on its data: {_primary(error)}", hint=_field(error, "hint"))
    if state in _QUOTA:
        return QuotaExceeded(_QUOTA[state], hint=_HINTS.get(state))
    if state in _BUSY or state in {"40P01", "55P03"}:
        _log.warning("The database is busy: %s", _primary(error))
        return Unavailable(_BUSY.get(state, "The data is being changed by something else."), retry_after=5)
    if state.startswith(("08", "57P", "28", "3D")) or _is_lost_connection(error, state):
        _log.warning("The database cannot be reached: %s", _primary(error))
        return Unavailable("The database cannot be reached at the moment.")
    return _internal(error, state)


def _cancelled(error: BaseException, timeout: float | None) -> ServiceError:
    """A statement was stopped: by its time limit, or because somebody asked."""
    if "statement timeout" not in str(error):
        return Unavailable("The query was cancelled.")
    limit = f"{timeout:g} s" if timeout is not None else "it may"
    return OutOfTime(
        f"The query ran longer than {limit} and was stopped.",
        hint="Narrow it by position, program or time, select fewer columns, or ask for fewer rows with TOP.",
    )


def _is_lost_connection(error: BaseException, state: str) -> bool:
    """Whether the connection broke, for which drivers have no SQLSTATE."""
    if state:
        return False
    text = str(error).lower()
    signs = ("server closed the connection", "connection refused", "could not connect", "no connection",
             "connection to server", "connection not open", "terminating connection", "ssl syscall")  # fmt: skip
    return isinstance(error, psycopg.OperationalError) or any(sign in text for sign in signs)


def _primary(error: BaseException) -> str:
    """The database's own message in one line, without what the drivers put round it."""
    return _field(error, "primary") or str(error).strip().split("\n", 1)[0]


def _field(error: BaseException, name: str) -> str | None:
    """The `primary` message or the `hint` of the database, if the driver has it."""
    if isinstance(error, psycopg.Error):
        return getattr(error.diag, f"message_{name}", None)
    # ADBC keeps the server's fields as pairs of bytes.
    details = dict(getattr(error, "details", None) or ())
    key = f"PG_DIAG_MESSAGE_{name.upper()}"
    found = details.get(key, details.get(key.encode()))
    return found.decode(errors="replace") if isinstance(found, bytes) else found


def _internal(error: BaseException, state: str) -> InternalError:
    """A fault of ours, such as SQL that PostgreSQL refuses: logged whole, told as a reference."""
    reference = secrets.token_hex(6)
    _log.error("Database error %s (SQLSTATE %s): %s", reference, state or "none", error, exc_info=error)
    return InternalError(reference)
