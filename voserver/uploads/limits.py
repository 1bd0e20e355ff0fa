"""How much may be uploaded, and how its names may look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.settings import Settings

LONGEST_NAME = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on all the tables of one request together, and on the columns of each."""

    bytes: int = 256 * 1024**2
    rows: int = 1_000_000
    columns: int = 1000

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Those that an operator has chosen."""
        return cls(settings.upload_bytes, settings.upload_rows)

    def check_bytes(self, count: int) -> None:
        """Refuse more bytes than may be."""
        if count > self.bytes:
            raise UsageError(
                f"The upload is larger than {said_bytes(self.bytes)}, the most that is taken.",
                hint="Send fewer rows or columns, or a form that takes less room: BINARY2, Parquet, FITS.",
            )

    def check_rows(self, count: int) -> None:
        """Refuse more rows than may be."""
        if count > self.rows:
            raise UsageError(
                f"The upload has more than {self.rows:,} rows, the most that are taken.",
                hint="Upload it in parts, one query for each.",
            )

    def check_columns(self, columns: Sequence[object]) -> None:
        """Refuse more columns than may be, or none."""
        if not columns:
            raise UsageError("The uploaded table has no columns.")
        if len(columns) > self.columns:
            raise UsageError(f"The uploaded table has {len(columns):,} columns; {self.columns:,} may be.")


def said_bytes(count: int) -> str:
    """A size in the largest unit that fits."""
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if count >= size:
            return f"{count / size:.4g} {unit}"
    return f"{count} bytes"


def shown(text: str, length: int = 60) -> str:
    """What a user wrote, as a message may repeat it."""
    return repr(text if len(text) <= length else text[:length] + "…")


def named(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns, each with a name that a query can use: one that is given, printable and nobody else's.

    A name may be anything else, a reserved word too: then it takes double quotes in a query.
    """
    taken: dict[str, str] = {}
    result = []
    for number, column in enumerate(columns, 1):
        name = column.name.strip() or f"column_{number}"
        if _CONTROL.search(name):
            raise UsageError(
                f"The name of column {number} of the uploaded table, {shown(name)}, has control characters."
            )
        if len(name) > LONGEST_NAME:
            raise UsageError(
                f"The name of column {number} of the uploaded table is longer than {LONGEST_NAME} characters: "
                f"{shown(name)}."
            )
        if name.lower() in taken:
            raise UsageError(
                f"The uploaded table has two columns called {shown(taken[name.lower()])} and {shown(name)}.",
                hint="Names must differ in more than upper and lower case.",
            )
        taken[name.lower()] = name
        result.append(replace(column, name=name))
    return tuple(result)
