"""What is known of a function: how it is called, what it means, and the SQL that computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from voserver.query.adql import tree
from voserver.query.adql.types import Kind, Value

Resolve = Callable[[str], tuple[float, float]]
"""Looks up the position (ICRS, degrees) of an object's name; raises a UsageError that says why there is none."""

Argument = Literal["number", "integer", "long", "text", "time", "position"]
"""What a function takes. A position becomes two arguments of the SQL, longitude and latitude."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to call a function: what it takes, and its SQL with `{0}`, `{1}` for that of the arguments."""

    takes: tuple[Argument, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function of ADQL.

    Attributes:
        name: in capitals.
        signatures: how it is called, in words: one for each form, as TAPRegExt declares it.
        meaning: what it gives, to follow the name.
        forms: how it is computed.
        unit: the unit of the result; `same` is that of the first argument.
        can_fail: whether computing it of any stored values can end the query.
        compute: gives what no template can, of the arguments as they are; `forms` is empty then.
    """

    name: str
    signatures: tuple[str, ...]
    meaning: str
    forms: tuple[Form, ...]
    gives: Kind = "double"
    unit: str | None = None
    ucd: str | None = None
    can_fail: bool = True
    aggregate: bool = False
    compute: Callable[[tree.Function, Sequence[Value], Resolve | None], Value] | None = None

    @property
    def spelling(self) -> str:
        """The name, as users write it."""
        return self.signatures[0].partition("(")[0]

    @property
    def description(self) -> str:
        """What it gives, as the beginning of a sentence."""
        return self.meaning[0].upper() + self.meaning[1:]

    @property
    def usage(self) -> str:
        """How it is called."""
        return " or ".join(self.signatures)
