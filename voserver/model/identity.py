"""Who asks, as far as it matters to what they may read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who asks: `name` is None for who has not signed in; `groups` are those of the release rule."""

    name: str | None = None
    groups: tuple[str, ...] = ()


ANYBODY = Identity()
"""Who has not signed in."""
