"""The phases of a job (UWS 1.1 §2.1.3), and which of them are the end."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a job is in its life. This service itself makes the first six."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    ABORTED = "ABORTED"
    HELD = "HELD"
    SUSPENDED = "SUSPENDED"
    ARCHIVED = "ARCHIVED"
    UNKNOWN = "UNKNOWN"


ACTIVE = frozenset({Phase.PENDING, Phase.QUEUED, Phase.EXECUTING})
"""The phases that a client waits in (UWS 1.1 §2.2.1.1)."""

STARTABLE = frozenset({Phase.PENDING, Phase.HELD})
"""The phases that PHASE=RUN may be sent in."""

ENDED = frozenset({Phase.COMPLETED, Phase.ERROR, Phase.ABORTED, Phase.ARCHIVED})
"""The phases that nothing follows."""
