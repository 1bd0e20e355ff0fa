"""Who asks, as far as it matters to what they may read."""

from dataclasses import dataclass

READ = "read"
JOBS = "jobs"
SCOPES = {
    READ: "see and fetch what its user may",
    JOBS: "and make, see and change jobs in its user's name",
}
"""What a token can be good for; each includes those before it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who asks: `name` is None for who has not signed in; `groups` are those of the release rule.

    `scopes` are what the credential is good for: all of `SCOPES`, unless it is a token made for less.
    """

    name: str | None = None
    groups: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset(SCOPES)


ANYBODY = Identity()
"""Who has not signed in."""
