"""What can go wrong, in words for the user. No HTTP here: `protocols.faults` turns a class into a status.

A message says what was wrong and where; a hint says what would be right.
"""

from dataclasses import dataclass


class ServiceError(Exception):
    """Something that the user of a service is told."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message and, on its own line, the hint."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(ServiceError):
    """A parameter or a query that cannot mean anything here."""


class SeveralValues(UsageError):  # noqa: N818 -- likewise
    """A parameter was given more often than this service takes it."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column count from 1; `excerpt` is that line of the text."""

    line: int
    column: int
    excerpt: str

    def __str__(self) -> str:
        """The line with a caret under the place."""
        return f"{self.excerpt}\n{' ' * (self.column - 1)}^"


class QueryError(UsageError):
    """A query that is refused, with the place that is to blame."""

    def __init__(self, message: str, position: Position | None = None, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.position = position

    def __str__(self) -> str:
        """Where, what, the line with a caret, and the hint."""
        if self.position is None:
            return super().__str__()
        where = f"line {self.position.line}, column {self.position.column}: "
        lines = [where + self.message, str(self.position)]
        return "\n".join([*lines, self.hint] if self.hint else lines)


class QuerySyntaxError(QueryError):
    """A query that does not follow the grammar."""


class NotFound(ServiceError):  # noqa: N818 -- reads as the answer it becomes
    """The thing asked for does not exist, or not for this user."""


class Forbidden(ServiceError):  # noqa: N818
    """The user may not have this."""


class SignInNeeded(Forbidden):
    """The user may not have this without having signed in; having done so, he may."""


class Unauthenticated(ServiceError):  # noqa: N818
    """Somebody says who he is, and it cannot be taken as true."""


class QuotaExceeded(ServiceError):  # noqa: N818
    """Too much at once, or a limit reached; `retry_after` in seconds where waiting helps."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class OutOfTime(QuotaExceeded):
    """The database needed more seconds than it was given."""


class Unavailable(ServiceError):  # noqa: N818
    """Something the service needs is away for the moment; the same request may work later."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: int = 10) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class InternalError(ServiceError):
    """A fault of ours. The user gets a reference that the log explains, never a traceback."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"The service failed in a way it should not have. Reference: {reference}")
        self.reference = reference
