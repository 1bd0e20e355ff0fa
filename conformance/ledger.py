"""What is checked: the list that the clients' modules fill, and what a check may answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

Part = Literal["fast", "headless", "gui"]
"""`fast` runs at every change, `headless` with it by `make conformance`, `gui` by `make conformance-gui`."""

Verdict = Literal["passed", "waived", "failed", "not run"]


class FaultError(Exception):
    """A client did not show what it should have."""


class AbsentError(Exception):
    """A client is not here and could not be installed."""


@dataclass(frozen=True)
class Waiver:
    """Something wrong that is the client's: what, why it is not ours, and where its makers know of it."""

    what: str
    reason: str
    link: str


@dataclass(frozen=True)
class Seen:
    """What a client showed: in words, in pictures (file names in `pictures/`), and what was waived."""

    text: str
    pictures: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True)
class World:
    """Where the clients work: the server's URL, a directory to write to, a directory for pictures."""

    url: str
    scratch: Path
    pictures: Path
    sign_in: "Callable[[], Account]"

    @cached_property
    def account(self) -> "Account":
        """Somebody who may read an exclusive product, made when first asked for."""
        return self.sign_in()

    def file(self, name: str) -> Path:
        """A file of that name to write to."""
        return self.scratch / name


@dataclass(frozen=True)
class Account:
    """Who may read what others may not: name, password, a token, and the exclusive product's URI."""

    name: str
    password: str
    token: str
    uri: str


@dataclass(frozen=True)
class Check:
    """One thing that a client must do."""

    client: str
    capability: str
    part: Part
    run: Callable[[World], Seen | str]


@dataclass
class Result:
    """What came of a check; as it is kept between runs."""

    client: str
    version: str
    capability: str
    part: Part
    verdict: Verdict
    evidence: str
    pictures: list[str] = field(default_factory=list)
    waivers: list[dict[str, str]] = field(default_factory=list)


CHECKS: list[Check] = []
VERSIONS: dict[str, Callable[[], str]] = {}


def client(name: str, version: Callable[[], str]) -> None:
    """Enter a client, and how its version is found; that raises AbsentError where it is not here."""
    VERSIONS[name] = version


def check(
    name: str, capability: str, part: Part = "headless"
) -> Callable[[Callable[[World], Seen | str]], Callable[[World], Seen | str]]:
    """Enter a check of a client into the list."""

    def enter(run: Callable[[World], Seen | str]) -> Callable[[World], Seen | str]:
        CHECKS.append(Check(name, capability, part, run))
        return run

    return enter


def must(truth: object, said: str) -> None:
    """Fail with these words unless it is so."""
    if not truth:
        raise FaultError(said)


def equal(seen: object, wanted: object, what: str) -> None:
    """Fail unless both are the same."""
    must(seen == wanted, f"{what}: {seen!r} instead of {wanted!r}")


def lines(words: Sequence[str], most: int = 6) -> str:
    """The first few of some lines, as one text."""
    rest = f" … and {len(words) - most} more" if len(words) > most else ""
    return " · ".join(word.strip() for word in words[:most]) + rest
