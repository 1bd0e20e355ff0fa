"""Links as a page to read and click: each dataset with its files, and a form for cutting parts out of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from voserver.model.errors import ServiceError
from voserver.model.rows import RowStream
from voserver.protocols.datalink.rows import Link
from voserver.protocols.pages import stream
from voserver.serializers import SAMP_SCRIPT, Document, ServiceDescriptor

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_REGION, _BAND = "CIRCLE", "BAND"
_FIELDS = {_REGION: "CIRCLE (ra dec radius, degrees)", _BAND: "BAND (metres)", "TIME": "TIME (MJD)"}
_WITHOUT_PIXELS = frozenset({"#spectrum", "#measurements"})


class _Field(NamedTuple):
    """A field of a form: what it is filled with, and within which limits there is something to find."""

    name: str
    label: str
    value: str
    limits: str


@dataclass(frozen=True, slots=True)
class _Form:
    """What can be cut out, at once and as a job, by their URLs."""

    identifier: str
    url: str
    job_url: str | None
    fields: Sequence[_Field]


@dataclass(frozen=True, slots=True)
class _Subject:
    """The rows of one identifier, each with its form where it has one."""

    identifier: str
    rows: Sequence[tuple[Link, _Form | None]]


@dataclass(slots=True)
class _Ending:
    """How the rows ended, known when they have."""

    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    rows: RowStream
    services: Sequence[ServiceDescriptor]
    ending: _Ending = field(default_factory=_Ending)

    def subjects(self) -> Iterator[_Subject]:
        """Each identifier's rows, as they come: those of one identifier come together."""
        try:
            for batch in self.rows:
                self.ending.count += batch.num_rows
                links = [Link(**row) for row in batch.to_pylist()]
                known = {service.identifier: service for service in self.services if service.identifier}
                for identifier, group in groupby(links, key=lambda link: link.ID):
                    yield _subject(identifier, list(group), known)
        except ServiceError as error:
            self.ending.words = f" They end here because of an error: {error}"
        else:
            if self.rows.overflow:
                self.ending.words = (
                    " There are more: this is where MAXREC or this service's limit cut them off."
                )


def page(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The page. Whatever happens on the way, it ends as a whole page that says so."""
    shown = _Page(rows, document.services)
    try:
        yield from stream(
            "links.html",
            subjects=shown.subjects(),
            ending=shown.ending,
            release=document.release,
            script=SAMP_SCRIPT,
            size=_size,
        )
    finally:
        rows.close()


def _subject(identifier: str, links: Sequence[Link], services: Mapping[str, ServiceDescriptor]) -> _Subject:
    """The rows of an identifier; the service that makes jobs is a button of the form of the other one."""
    by_meaning = {link.local_semantics: services[link.service_def] for link in links if link.service_def}
    at_once, job = by_meaning.get("cutout"), by_meaning.get("cutout-job")
    is_spectrum = any(
        link.content_qualifier in _WITHOUT_PIXELS for link in links if link.semantics == "#this"
    )
    rows: list[tuple[Link, _Form | None]] = []
    for link in links:
        if at_once and link.local_semantics == "cutout":
            rows.append((link, _form(identifier, at_once, job, is_spectrum=is_spectrum)))
        elif not (at_once and link.local_semantics == "cutout-job"):
            rows.append((link, None))
    return _Subject(identifier, rows)


def _form(
    identifier: str, at_once: ServiceDescriptor, job: ServiceDescriptor | None, *, is_spectrum: bool
) -> _Form:
    """The form, with an example that finds something: of a spectrum a band, else a circle."""
    known = {one.name: one for one in at_once.inputs if one.name in _FIELDS and one.maximum}
    preferred = (_BAND, _REGION) if is_spectrum else (_REGION, _BAND)
    chosen = next((name for name in preferred if name in known), None)
    fields = []
    for name, label in _FIELDS.items():
        limits = [known[name].minimum, known[name].maximum] if name in known else []
        numbers = [float(number) for limit in limits if limit for number in limit.split()]
        example = _EXAMPLES[name](numbers) if name == chosen else ""
        within = " to ".join(limit for limit in limits if limit)
        fields.append(_Field(name, label, example, within))
    return _Form(identifier, at_once.url, job.url if job else None, fields)


def _middle_of_circle(numbers: Sequence[float]) -> str:
    ra, dec, radius = numbers
    return f"{ra:.6g} {dec:.6g} {radius / 4:.3g}"


def _middle_of_interval(numbers: Sequence[float]) -> str:
    low, high = numbers
    quarter = (high - low) / 4
    return f"{low + quarter:.6g} {high - quarter:.6g}"


_EXAMPLES: Mapping[str, Callable[[Sequence[float]], str]] = {
    _REGION: _middle_of_circle,
    _BAND: _middle_of_interval,
}


def _size(count: int | None) -> str:
    """Bytes as people say them: `1.9 MB`."""
    if count is None:
        return ""
    number, unit = float(count), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.3g} {_UNITS[unit]}"
