"""When files become public, as far as the operator says so: headers do not.

Where he says nothing, the database settles it by the program's category; contributed files are held back.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator says of the files of a load."""

    is_public: bool = False
    """They are public, all of them."""
    moment: datetime | None = None
    """They become public then (UTC)."""

    def release(self, known_since: datetime) -> datetime | None:
        """When a file becomes public whose metadata are so since then; None where he does not say."""
        return known_since if self.is_public else self.moment
