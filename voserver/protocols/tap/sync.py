"""`/tap/sync`: one query, one answer (TAP 1.1 §2.1, §2.7)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from threading import Lock

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

import voserver
from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.model.rows import RowStream
from voserver.protocols import metrics
from voserver.protocols.faults import Style, is_browser, remember_style, style_for_format
from voserver.protocols.parameters import Parameters, Unreadable, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import Answer, AnswerResponse
from voserver.protocols.trace import Trace, trace_of
from voserver.query.adql import LANGUAGES
from voserver.query.plan import is_doubtful, plan
from voserver.query.run import run
from voserver.query.statement import Statement
from voserver.serializers import Choice, Document, choose_format, serialize

_RUN_ID_LENGTH = 64
_SHORT = 1000  # characters that are understood in about a millisecond
_SLOW = re.compile(
    "in_unit|specconv|simbadpoint", re.IGNORECASE
)  # they read the units, or ask another service


@dataclass(frozen=True)
class SyncQuery:
    """What a client asks of `/sync`, checked except for the query's own text."""

    text: str
    language: str
    maxrec: int


def read_sync_query(parameters: Parameters, site: Site) -> SyncQuery:
    """Check the parameters of TAP (TAP 1.1 §2.7); those of other standards are ignored."""
    language = parameters.one("LANG")
    if language is None:
        raise UsageError("LANG is missing.", hint=f"Send LANG=ADQL, or one of {', '.join(LANGUAGES[1:])}.")
    if language.upper() not in LANGUAGES:
        raise UsageError(
            f"LANG={language[:40]!r} is an unknown query language.",
            hint=f"Known are {', '.join(LANGUAGES)}.",
        )
    if parameters.all("UPLOAD"):
        raise UsageError(
            "UPLOAD was given, but uploads are not offered by this service.",
            hint="Put positions into the query itself, for example with OR between conditions.",
        )
    text = parameters.one("QUERY")
    if text is None:
        raise UsageError("QUERY is missing.", hint="For example QUERY=SELECT TOP 5 * FROM ivoa.ObsCore")
    asked = parameters.natural("MAXREC")
    settings = site.settings
    maxrec = settings.default_maxrec if asked is None else min(asked, settings.hard_maxrec)
    return SyncQuery(text, language, maxrec)


def run_id_of(parameters: Parameters) -> str | None:
    """The client's own name for its run, for the log (DALI 1.1 §3.4.6)."""
    run_id = parameters.one("RUNID")
    return None if run_id is None else run_id[:_RUN_ID_LENGTH]


def _format(parameters: Parameters, request: Request) -> Choice:
    """RESPONSEFORMAT, or FORMAT as TAP 1.0 had it (TAP 1.1 §2.7.3). Errors take that form from here on."""
    accept = request.headers.get("accept")
    choice = choose_format(parameters.one("RESPONSEFORMAT") or parameters.one("FORMAT"), accept)
    remember_style(request.scope, style_for_format(choice.content_type))
    return choice


class _Rows:
    """The rows of a query, counted as they pass; its first batch is fetched before anything is written.

    So whatever the database refuses at once is still told with a status of its own, in every format.
    """

    def __init__(self, rows: RowStream, trace: Trace) -> None:
        self.columns: tuple[Column, ...] = rows.columns
        self._rows = rows
        self._trace = trace
        self._batches = iter(rows)
        self._first = next(self._batches, None)

    @property
    def overflow(self) -> bool:
        """As the rows say."""
        return self._rows.overflow

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, the first one first."""
        if self._first is None:
            return
        for batch in chain([self._first], self._batches):
            self._trace.rows = (self._trace.rows or 0) + batch.num_rows
            yield batch

    def close(self) -> None:
        """End the query."""
        self._rows.close()


class QueryAnswer(Answer):
    """The answer to one query, in one format."""

    def __init__(
        self,
        site: Site,
        query: SyncQuery,
        statement: Statement,
        choice: Choice,
        *,
        trace: Trace,
        base_url: str,
    ) -> None:
        self._site = site
        self._base_url = base_url
        self._query = query
        self._choice = choice
        self._statement = statement
        self._trace = trace
        self._rows: RowStream | None = None
        self._cancelled = False
        self._lock = Lock()

    @override
    def pieces(self) -> Iterator[bytes]:
        """Run the query and write its rows."""
        rows = self._start()
        self._trace.rows = 0
        try:
            counted = _Rows(rows, self._trace)
            yield from serialize(self._choice, counted, self._document())
        finally:
            rows.close()
            metrics.ROWS.labels(self._choice.format.name).inc(self._trace.rows)

    def _start(self) -> RowStream:
        settings = self._site.settings
        self._refuse_the_endless()
        rows = run(
            self._statement,
            self._site.pool,
            maxrec=self._query.maxrec,
            timeout=settings.sync_timeout,
            groups=(),
            base_url=self._base_url,
        )
        with self._lock:
            self._rows = rows
            cancelled = self._cancelled
        if cancelled:
            rows.close()
        return rows

    def _refuse_the_endless(self) -> None:
        limit = self._site.limit
        if limit.seconds and self._query.maxrec and is_doubtful(self._statement):
            limit.check(
                plan(
                    self._statement,
                    self._site.pool,
                    maxrec=self._query.maxrec,
                    timeout=self._site.settings.sync_timeout,
                )
            )

    def _document(self) -> Document:
        return Document(
            standard="ivo://ivoa.net/std/TAP",
            query=self._query.text,
            release=f"voserver {voserver.__version__}",
            created=datetime.now(UTC).replace(tzinfo=None),
        )

    @override
    def cancel(self) -> None:
        """End the query, whether it has begun or not."""
        with self._lock:
            self._cancelled = True
            rows = self._rows
        if rows is not None:
            rows.close()


def fingerprint(text: str) -> str:
    """Short and the same for the same query however it is spaced; tells nothing of what was asked."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


async def understand(query: SyncQuery, site: Site) -> Statement:
    """A query's meaning. Only for long ones, and those that may ask elsewhere, is a thread worth the change."""
    compile_adql = site.published.compiler.compile
    if len(query.text) > _SHORT or _SLOW.search(query.text):
        return await run_in_threadpool(compile_adql, query.text, query.language)
    return compile_adql(query.text, query.language)


async def sync(site: Site, request: Request) -> Response:
    """Run a query and stream its rows. HEAD gets the headers of a query that is right, without running it."""
    accept = request.headers.get("accept", "")
    remember_style(request.scope, Style.HTML if is_browser(accept) else Style.VOTABLE)
    try:
        parameters = await read_parameters(request)
    except Unreadable as error:
        _format(error.parameters, request)
        raise
    chosen = _format(parameters, request)
    trace = trace_of(request.scope)
    trace.run_id = run_id_of(parameters)
    query = read_sync_query(parameters, site)
    trace.query = fingerprint(query.text)
    statement = await understand(query, site)
    headers = {
        # Word for word what was asked for (DALI 1.1 §3.4.3): the framework would add a charset.
        "Content-Type": chosen.content_type,
        "Content-Disposition": f'inline; filename="result.{chosen.format.extension}"',
        "Cache-Control": "no-cache",
    }
    if request.method == "HEAD":
        return Response(headers=headers)
    answer = QueryAnswer(site, query, statement, chosen, trace=trace, base_url=site.base_url(request))
    return AnswerResponse(answer, site.places, headers)
