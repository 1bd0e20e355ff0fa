"""Times as UWS writes them: ISO 8601 in UTC, with T and a Z at the end (UWS 1.1 §2.2.1)."""

from datetime import UTC, datetime

from voserver.model.errors import UsageError


def written(moment: datetime | None) -> str:
    """A moment as text, to the millisecond; nothing where there is none."""
    if moment is None:
        return ""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def read_time(name: str, text: str) -> datetime:
    """The moment that a parameter gives; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{name}={text[:40]!r} is not a time.", hint=f"It reads like: {name}=2027-01-31T12:00:00Z"
        ) from None
