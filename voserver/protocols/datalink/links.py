"""`/datalink/links`: everything that there is of data, for many identifiers in one call (DataLink 1.1 §3)."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

import voserver
from voserver.catalogue.links import Links, Related
from voserver.model.columns import Column
from voserver.model.errors import Unavailable
from voserver.model.identity import Identity
from voserver.protocols import metrics
from voserver.protocols.datalink.descriptors import MEDIA_TYPE, STANDARD
from voserver.protocols.datalink.page import page
from voserver.protocols.datalink.rows import COLUMNS, Describer, Link, batch_of
from voserver.protocols.faults import Custom, Style, remember_custom, remember_style, style_for_format
from voserver.protocols.parameters import read_parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import Answer, AnswerResponse
from voserver.protocols.tap.queries import CountedRows, Running, fingerprint, headers_of
from voserver.protocols.trace import Trace, trace_of
from voserver.serializers import Choice, Document, choose_format, is_browser, serialize

MOST_IDENTIFIERS = 10_000
"""How many identifiers are looked at in one call; those beyond are told of by an overflow (DataLink 1.1 §3.1.1)."""

_MOST_FIELDS = 50_000
_CHUNK = 500  # identifiers that are looked up together


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a client wants: the identifiers that are looked at, whether there were more, and at most how many rows."""

    identifiers: Sequence[str]
    has_more: bool
    maxrec: int


class _LookUp:
    """A look-up in the event loop for which a thread waits; it can be ended from any other."""

    def __init__(
        self, work: Coroutine[Any, Any, list[Related | None]], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._future: Future[list[Related | None]] = asyncio.run_coroutine_threadsafe(work, loop)

    def result(self) -> list[Related | None]:
        """What was found; `Unavailable` where it was ended."""
        try:
            return self._future.result()
        except CancelledError:
            raise Unavailable("The look-up was ended.", hint="Try again in a moment.") from None

    def close(self) -> None:
        """End it."""
        self._future.cancel()


class _Rows:
    """The rows of all identifiers, in their order. Those of one identifier are all there, or none."""

    def __init__(
        self,
        asked: _Asked,
        look_up: Callable[[Sequence[str]], list[Related | None]],
        describer: Describer,
    ) -> None:
        self.columns: tuple[Column, ...] = COLUMNS
        self.overflow = asked.has_more
        self._asked = asked
        self._look_up = look_up
        self._describer = describer

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """A batch for each few hundred identifiers."""
        left = self._asked.maxrec
        if not left:
            self.overflow = True
            return
        wanted = self._asked.identifiers
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            links, is_whole = self._links(chunk, left)
            left -= len(links)
            if links:
                yield batch_of(links)
            if not is_whole:
                self.overflow = True
                return

    def _links(self, chunk: Sequence[str], most: int) -> tuple[list[Link], bool]:
        """The rows of the first of some identifiers, as many as there is room for, and whether those are all."""
        links: list[Link] = []
        services = self._describer.services
        for identifier, related in zip(chunk, self._look_up(chunk), strict=True):
            told = len(services)
            found = self._describer.rows(identifier, related)
            if len(links) + len(found) > most:
                del services[told:]
                return links, False
            links += found
        return links, True

    def close(self) -> None:
        """Nothing is held between batches."""


class LinksAnswer(Answer):
    """The answer to one request, in one format."""

    def __init__(
        self, asked: _Asked, site: Site, who: Identity, *, base_url: str, choice: Choice, trace: Trace
    ) -> None:
        self._asked = asked
        self._links = Links(site.database)
        self._public_url = site.stores.public_url
        self._who = who
        self._base_url = base_url
        self._choice = choice
        self._trace = trace
        self._loop = asyncio.get_running_loop()
        self._running = Running()

    @override
    def pieces(self) -> Iterator[bytes]:
        """Look up and write, some identifiers after the others."""
        self._trace.rows = 0
        describer = Describer(self._base_url, self._public_url)
        rows = CountedRows(_Rows(self._asked, self._look_up, describer), self._trace)
        try:
            document = self._document(describer)
            is_page = self._choice.format.name == "HTML"
            yield from page(rows, document) if is_page else serialize(self._choice, rows, document)
        finally:
            metrics.ROWS.labels(self._choice.format.name).inc(self._trace.rows)

    def _look_up(self, identifiers: Sequence[str]) -> list[Related | None]:
        found = _LookUp(self._links.of(identifiers, self._who), self._loop)
        self._running.begun(found)
        return found.result()

    def _document(self, describer: Describer) -> Document:
        return Document(
            title="Links",
            standard=STANDARD,
            release=f"voserver {voserver.__version__}",
            created=datetime.now(UTC).replace(tzinfo=None),
            services=describer.services,
        )

    @override
    def cancel(self) -> None:
        """End the look-up that runs, and begin no other."""
        self._running.cancel()


def _chosen(asked_for: str | None, accept: str) -> Choice:
    """The format; a VOTable is called what clients know links by, whichever words asked for it."""
    chosen = choose_format(asked_for, accept)
    if chosen.content_type == "application/x-votable+xml":
        return replace(chosen, content_type=MEDIA_TYPE)
    return chosen


async def links(site: Site, request: Request) -> Response:
    """Tell what there is of the data that a request names. Without an identifier, what this service is."""
    accept = request.headers.get("accept", "")
    remember_custom(request.scope, Custom.SIA)  # the same words for kinds of faults
    remember_style(request.scope, Style.HTML if is_browser(accept) else Style.VOTABLE)
    parameters = await read_parameters(request, most_fields=_MOST_FIELDS)
    chosen = _chosen(parameters.one("RESPONSEFORMAT"), accept)
    remember_style(request.scope, style_for_format(chosen.content_type))
    who = site.identify(request)
    limit = site.limits(who.name).hard_maxrec
    maxrec = parameters.natural("MAXREC")
    identifiers = tuple(dict.fromkeys(parameters.all("ID")))
    trace = trace_of(request.scope)
    trace.run_id = parameters.run_id
    trace.query = fingerprint("\n".join(identifiers))
    asked = _Asked(
        identifiers[:MOST_IDENTIFIERS],
        len(identifiers) > MOST_IDENTIFIERS,
        limit if maxrec is None else min(maxrec, limit),
    )
    headers = headers_of(chosen)
    if request.method == "HEAD":
        return Response(headers=headers)
    found = LinksAnswer(asked, site, who, base_url=site.base_url(request), choice=chosen, trace=trace)
    return AnswerResponse(found, site.places, headers)
