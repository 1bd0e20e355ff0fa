"""The formats on offer: one registry, for requests and for the capabilities document. Writes no bytes.

A new format is its module and one entry in FORMATS.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from voserver.model.errors import UsageError
from voserver.model.rows import RowStream
from voserver.serializers import (
    arrow_stream,
    delimited,
    fits,
    html_page,
    json_rows,
    parquet,
    plain_text,
    votable,
)
from voserver.serializers.document import Document

Writer = Callable[[RowStream, Document], Iterator[bytes]]

_OUTPUT = "ivo://ivoa.net/std/TAPRegExt#output-votable-"
_VOTABLE = ("application/x-votable+xml", "text/xml")
_DATA = (*_VOTABLE, "application/json")  # what programs list that can do with a page, too
_XHTML = "application/xhtml+xml"
_JAVAS = {"text/html", "image/gif", "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write rows.

    `media_type` is what the response says when the client did not ask by media type; `asked_as` are the media
    types (without parameters) that ask for it, `aliases` the short words, the first being the one to show.
    """

    name: str
    media_type: str
    asked_as: tuple[str, ...]
    aliases: tuple[str, ...]
    extension: str
    description: str
    write: Writer = field(repr=False)
    serialization: str | None = None
    ivo_id: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The format of one answer and the Content-Type to send with it.

    Without `has_services` nothing is told of services that can be called next: some readers of VOTables fail where a
    RESOURCE has no table.
    """

    format: Format
    content_type: str
    has_services: bool = True


def _votable(serialization: str, alias: str, identifier: str, what: str, write: Writer, *also: str) -> Format:
    return Format(
        name=f"VOTable {serialization}",
        media_type=f"{_VOTABLE[0]};serialization={serialization}",
        asked_as=_VOTABLE,
        aliases=(alias, *also),
        extension="vot",
        description=what,
        write=write,
        serialization=serialization,
        ivo_id=_OUTPUT + identifier,
    )


FORMATS: tuple[Format, ...] = (
    _votable("TABLEDATA", "votable", "td", "Every client reads it.", votable.tabledata, "votable/td"),
    _votable("BINARY2", "votable/b2", "binary2", "The fastest VOTable, exact nulls.", votable.binary2),
    _votable("BINARY", "votable/b", "binary", "For clients older than BINARY2.", votable.binary),
    Format(
        name="CSV",
        media_type="text/csv;header=present",
        asked_as=("text/csv",),
        aliases=("csv",),
        extension="csv",
        description="Comma-separated, with a header line.",
        write=delimited.csv,
    ),
    Format(
        name="TSV",
        media_type="text/tab-separated-values",
        asked_as=("text/tab-separated-values",),
        aliases=("tsv",),
        extension="tsv",
        description="Tab-separated, with a header line.",
        write=delimited.tsv,
    ),
    Format(
        name="FITS",
        media_type="application/fits",
        asked_as=("application/fits",),
        aliases=("fits",),
        extension="fits",
        description="A FITS binary table.",
        write=fits.fits,
    ),
    Format(
        name="Parquet",
        media_type="application/vnd.apache.parquet",
        asked_as=("application/vnd.apache.parquet",),
        aliases=("parquet",),
        extension="parquet",
        description="Parquet with the VOTable header in its metadata (VOParquet).",
        write=parquet.parquet,
    ),
    Format(
        name="Arrow",
        media_type="application/vnd.apache.arrow.stream",
        asked_as=("application/vnd.apache.arrow.stream",),
        aliases=("arrow",),
        extension="arrows",
        description="An Arrow IPC stream: the fastest to write and to read.",
        write=arrow_stream.arrow,
    ),
    Format(
        name="JSON",
        media_type="application/json",
        asked_as=("application/json",),
        aliases=("json",),
        extension="json",
        description="Columns, and rows as arrays.",
        write=json_rows.json,
    ),
    Format(
        name="HTML",
        media_type="text/html;charset=utf-8",
        asked_as=("text/html",),
        aliases=("html",),
        extension="html",
        description="A page to look at.",
        write=html_page.html,
    ),
    Format(
        name="text",
        media_type="text/plain;charset=utf-8",
        asked_as=("text/plain",),
        aliases=("text",),
        extension="txt",
        description="Aligned columns for a terminal.",
        write=plain_text.text,
    ),
)

_DEFAULT = FORMATS[0]
_BY_ALIAS: Mapping[str, Format] = {alias: known for known in FORMATS for alias in known.aliases}
_BY_MEDIA_TYPE: Mapping[str, Format] = {
    media_type: known for known in reversed(FORMATS) for media_type in known.asked_as
}
_HTML = _BY_ALIAS["html"]


def choose_format(requested: str | None, accept: str | None) -> Choice:
    """The format that RESPONSEFORMAT (or FORMAT) asks for, or the default (DALI 1.1 §3.4.3).

    The Accept header matters only to tell a browser, which gets a page: scripts send odd ones.
    """
    if requested is None or not requested.strip():
        chosen = _HTML if is_browser(accept or "") else _DEFAULT
        return Choice(chosen, _VOTABLE[0] if chosen is _DEFAULT else chosen.media_type)
    asked, *parameters = (part.strip() for part in requested.strip().lower().split(";"))
    if asked in _BY_ALIAS and not any(parameters):
        chosen = _BY_ALIAS[asked]
        return Choice(chosen, _VOTABLE[0] if asked == "votable" else chosen.media_type)
    media_type = asked.replace(
        " ", "+"
    )  # a plus sign that was not percent-encoded in a URL arrives as a blank
    if media_type not in _BY_MEDIA_TYPE:
        raise _unknown(requested)
    return _by_media_type(media_type, parameters, requested)


def _by_media_type(media_type: str, parameters: list[str], requested: str) -> Choice:
    """By media type, whose parameters may name VOTable's serialization; the answer carries the same type."""
    chosen = _BY_MEDIA_TYPE[media_type]
    content_type = media_type if chosen is _DEFAULT else chosen.media_type
    has_services = True
    for parameter in parameters:
        key, _, value = (word.strip().strip('"') for word in parameter.partition("="))
        if key == "serialization" and chosen.serialization:
            chosen = _by_serialization(value, requested)
            content_type = f"{media_type};serialization={chosen.serialization}"
        elif key == "services" and chosen.serialization:
            has_services = value != "none"
        elif key == "header" and value != "present":
            raise UsageError(
                f"RESPONSEFORMAT {requested!r} is not offered.", hint="CSV has a header line always."
            )
    return Choice(chosen, content_type, has_services)


def _by_serialization(wanted: str, requested: str) -> Format:
    offered = {known.serialization.lower(): known for known in FORMATS if known.serialization}
    if wanted not in offered:
        names = ", ".join(known.serialization or "" for known in offered.values())
        raise UsageError(
            f"RESPONSEFORMAT {requested!r} is not offered.", hint=f"Serializations of VOTable: {names}."
        )
    return offered[wanted]


def _unknown(requested: str) -> UsageError:
    shown = requested if len(requested) <= 80 else f"{requested[:80]}…"
    close = difflib.get_close_matches(requested.lower()[:80], [*_BY_ALIAS, *_BY_MEDIA_TYPE], n=1)
    question = f"Did you mean {close[0]}? " if close else ""
    return UsageError(
        f"RESPONSEFORMAT {shown!r} is not offered.",
        hint=f"{question}There are {', '.join(_BY_ALIAS)}, and the media types {', '.join(_BY_MEDIA_TYPE)}.",
    )


def is_browser(accept: str) -> bool:
    """Whether a page is what whoever asks likes best.

    Java's own client says `text/html` too (so TOPCAT and STILTS do). It is known by the pictures that it likes as much;
    browsers that name pictures add XHTML.
    """
    weights = {}
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        weights[media_type] = next((_weight(text) for text in parameters if text.startswith("q=")), 1.0)
    html = weights.get("text/html", 0.0)
    data = max(weights.get(media_type, 0.0) for media_type in _DATA)
    is_java = weights.keys() >= _JAVAS and _XHTML not in weights
    return html > data and html == max(weights.values()) and not is_java


def _weight(parameter: str) -> float:
    return float(parameter[2:]) if re.fullmatch(r"q=[01](\.\d{0,3})?", parameter) else 0.0
