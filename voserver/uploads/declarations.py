"""What UPLOAD says (TAP 1.1 §2.7.6, DALI 1.1 §3.4.5): a table's name, and where the table is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from voserver.model.errors import UsageError
from voserver.model.reserved import RESERVED
from voserver.uploads.limits import shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_MOST = 20
_FORM = "UPLOAD is like: mytable,param:part or mytable,https://example.org/table.vot"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A table that a query may name `TAP_UPLOAD.<name>`. It is a part of the request, or lies at a URI."""

    name: str
    uri: str

    @property
    def part(self) -> str | None:
        """The part of the multipart form that holds the table, or None where it lies elsewhere."""
        scheme, _, name = self.uri.partition(":")
        return name if scheme.lower() == "param" else None


def declarations(values: Iterable[str]) -> tuple[Declaration, ...]:
    """The tables of all UPLOAD parameters; TAP 1.0 also had several in one, with `;` between."""
    found = [_declaration(pair) for value in values for pair in _pairs(value)]
    if len(found) > _MOST:
        raise UsageError(f"UPLOAD names {len(found)} tables; {_MOST} may be.")
    taken: set[str] = set()
    for declaration in found:
        if declaration.name.lower() in taken:
            raise UsageError(f"UPLOAD names two tables {declaration.name}.", hint="Give each its own name.")
        taken.add(declaration.name.lower())
    return tuple(found)


def _pairs(value: str) -> list[str]:
    """The pairs of one parameter: a semicolon may also belong to a URI."""
    return [pair for pair in re.split(r";(?=\s*[A-Za-z]\w*\s*,)", value, flags=re.ASCII) if pair.strip(" ;")]


def _declaration(pair: str) -> Declaration:
    name, comma, uri = (word.strip() for word in pair.strip(" ;").partition(","))
    if not (name and comma and uri):
        raise UsageError(f"UPLOAD={shown(pair)} is not a name and where the table is.", hint=_FORM)
    name = re.sub(r"(?i)^tap_upload\.", "", name)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"UPLOAD names a table {shown(name)}, which is no name for a table.",
            hint="A name has letters, digits and _, a letter first, and no schema.",
        )
    if name.upper() in RESERVED:
        raise UsageError(
            f"UPLOAD names a table {name}, which is a word of ADQL's own.",
            hint=f"Choose another name, such as my_{name.lower()}.",
        )
    declaration = Declaration(name, uri)
    if declaration.part is None and _scheme(uri) not in {"http", "https"}:
        raise UsageError(
            f"UPLOAD takes {name} from {shown(uri)}, which is not read here.",
            hint="It is param: and the name of a part of the form, or a URL of http or https.",
        )
    return declaration


def _scheme(uri: str) -> str:
    try:
        return urlsplit(uri).scheme.lower()
    except ValueError:
        return ""
