"""What a harvester asks for: OAI-PMH's verbs and arguments, checked (OAI-PMH 2.0 §3, §4).

Resumption tokens tell the whole list that they go on with, so that the server keeps nothing; one that was tampered
with is read like any other request, or refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from voserver.protocols.parameters import Parameters

MANAGED = "ivo_managed"
"""The set that every publishing registry has: what it publishes itself (Registry Interfaces 1.1 §3.1.4)."""

FORMATS = ("ivo_vor", "oai_dc")


class OaiError(Exception):
    """What OAI-PMH tells with a code of its own and HTTP 200 (OAI-PMH 2.0 §3.6)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Verb:
    """A verb: arguments that it must have, and those that it may. A token, where it takes one, stands alone."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    is_list: bool = False


VERBS: Mapping[str, Verb] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=("identifier",)),
    "ListSets": Verb(is_list=True),
    "ListIdentifiers": Verb(("metadataPrefix",), ("from", "until", "set"), is_list=True),
    "ListRecords": Verb(("metadataPrefix",), ("from", "until", "set"), is_list=True),
    "GetRecord": Verb(("identifier", "metadataPrefix")),
}

_TOKEN = "resumptionToken"  # noqa: S105 -- an argument's name
_NAMES = {name.upper(): name for verb in VERBS.values() for name in (*verb.required, *verb.optional)}
_NAMES |= {"VERB": "verb", _TOKEN.upper(): _TOKEN}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_LONGEST = 1000
_OF_STRANGE_LETTERS = {"identifier": "idDoesNotExist", _TOKEN: "badResumptionToken"}


@dataclass(frozen=True)
class Selection:
    """Which records are wanted: those of a format and set that changed between two times, both included.

    `after` is the record that the last answer ended with, by its time and identifier; `cursor` is how many went
    before.
    """

    prefix: str
    since: datetime | None = None
    until: datetime | None = None
    of_set: str | None = None
    after: tuple[datetime, str] | None = None
    cursor: int = 0


def read_arguments(parameters: Parameters) -> dict[str, str]:
    """The verb and its arguments. `OaiError` where they are not the verb's."""
    arguments: dict[str, str] = {}
    repeated = []
    for name, value in parameters.pairs:
        known = _NAMES.get(name, name)
        if known in arguments:
            repeated.append(known)
        arguments[known] = value
    name = arguments.get("verb", "")
    if name not in VERBS or "verb" in repeated:
        raise OaiError("badVerb", f"verb is one of {', '.join(VERBS)}, once.")
    if repeated:
        raise OaiError("badArgument", f"{repeated[0][:40]} was given more than once.")
    _check(VERBS[name], name, arguments)
    return arguments


def _check(verb: Verb, name: str, arguments: Mapping[str, str]) -> None:
    allowed = {"verb", *verb.required, *verb.optional}
    if verb.is_list:
        allowed.add(_TOKEN)
    for unknown in arguments.keys() - allowed:
        takes = ", ".join(sorted(allowed - {"verb"})) or "no arguments"
        raise OaiError("badArgument", f"{name} does not take {unknown[:40]}; it takes {takes}.")
    if _TOKEN in arguments and len(arguments) > 2:
        raise OaiError("badArgument", f"{_TOKEN} stands alone beside the verb.")
    missing = [needed for needed in verb.required if needed not in arguments]
    if missing and _TOKEN not in arguments:
        raise OaiError("badArgument", f"{name} needs {missing[0]}.")
    for argument, value in arguments.items():
        if not (value.isascii() and value.isprintable()):
            code = _OF_STRANGE_LETTERS.get(argument, "badArgument")
            raise OaiError(code, f"{argument} has characters that it cannot have.")
    for argument, form in (("metadataPrefix", _PREFIX), ("set", _SET)):
        if argument in arguments and not form.fullmatch(arguments[argument]):
            raise OaiError("badArgument", f"{argument} has characters that it cannot have.")
    if len(arguments.get("identifier", "")) > _LONGEST:
        raise OaiError("badArgument", f"identifier is longer than {_LONGEST} letters.")


def check_prefix(prefix: str) -> str:
    """A format that records are written in."""
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"Records are written as {' and '.join(FORMATS)}.")
    return prefix


def select(arguments: Mapping[str, str]) -> Selection:
    """What the arguments of a list, or its token, select."""
    if _TOKEN in arguments:
        return _resume(arguments[_TOKEN])
    prefix = check_prefix(arguments["metadataPrefix"])
    since, until = arguments.get("from"), arguments.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise OaiError("badArgument", "from and until are both days, or both times.")
    selection = Selection(
        prefix,
        None if since is None else _moment("from", since, "T00:00:00Z"),
        None if until is None else _moment("until", until, "T23:59:59Z"),
        arguments.get("set"),
    )
    if selection.since and selection.until and selection.since > selection.until:
        raise OaiError("badArgument", "from is later than until.")
    return selection


def _moment(name: str, text: str, rest: str) -> datetime:
    whole = text + rest if _DAY.fullmatch(text) else text
    refused = OaiError(
        "badArgument", f"{name} is neither a day like 2026-01-31 nor a time like 2026-01-31T12:00:00Z."
    )
    if not _SECOND.fullmatch(whole):
        raise refused
    try:
        return datetime.strptime(whole, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise refused from None


def _written(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def token_for(selection: Selection) -> str:
    """The token that `select` reads as this selection."""
    moment, identifier = selection.after or (None, "")
    facts = {
        "metadataPrefix": selection.prefix,
        "from": _written(selection.since),
        "until": _written(selection.until),
        "set": selection.of_set or "",
        "after": _written(moment),
        "identifier": identifier,
        "cursor": str(selection.cursor),
    }
    return urlencode({name: value for name, value in facts.items() if value})


def _resume(token: str) -> Selection:
    refused = OaiError("badResumptionToken", f"{_TOKEN} is none that was given here.")
    try:
        facts = dict(parse_qsl(token[: 4 * _LONGEST], strict_parsing=True, max_num_fields=10))
        since, until, after = (
            _moment(name, facts[name], "") if name in facts else None for name in ("from", "until", "after")
        )
        if (
            after is None
            or facts["metadataPrefix"] not in FORMATS
            or not re.fullmatch(r"[0-9]{1,9}", facts["cursor"])
        ):
            raise refused
        return Selection(
            facts["metadataPrefix"],
            since,
            until,
            facts.get("set"),
            (after, facts["identifier"]),
            int(facts["cursor"]),
        )
    except (KeyError, ValueError, OaiError):
        raise refused from None
