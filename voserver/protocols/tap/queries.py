"""A query of TAP, whether it is answered at once or as a job: its parameters, its meaning, its rows as bytes."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from threading import Lock
from typing import Protocol

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

import voserver
from voserver.catalogue.streams import QueryPool, Session
from voserver.model.columns import Column
from voserver.model.errors import OutOfTime, QuotaExceeded, ServiceError, UsageError
from voserver.model.rows import RowStream
from voserver.protocols import metrics
from voserver.protocols.datalink import descriptors
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import Answer
from voserver.protocols.trace import Trace
from voserver.query.adql import LANGUAGES
from voserver.query.plan import Limit, Planner, is_doubtful, plan
from voserver.query.run import Batches, run
from voserver.query.statement import Statement
from voserver.serializers import Choice, Document, choose_format, serialize
from voserver.uploads import Uploads

PLANNING = 10.0
"""Seconds for the plan of a query that is to be answered at once. Milliseconds are usual, but functions of constants are
computed for the plan."""
_SHORT = 1000  # characters that are understood in about a millisecond
_SLOW = re.compile(
    "in_unit|specconv|simbadpoint", re.IGNORECASE
)  # they read the units, or ask another service


_TAP = Document(standard="ivo://ivoa.net/std/TAP")


@dataclass(frozen=True, slots=True)
class RowLimits:
    """How many rows a query returns that does not say, and that says too many."""

    default: int
    hard: int


@dataclass(frozen=True)
class TapQuery:
    """What a client asks of TAP, checked except for the query's own text."""

    text: str
    language: str
    maxrec: int


def read_query(parameters: Parameters, limits: RowLimits) -> TapQuery:
    """Check the parameters of TAP (TAP 1.1 §2.7); those of other standards are ignored."""
    language = parameters.one("LANG")
    if language is None:
        raise UsageError("LANG is missing.", hint=f"Send LANG=ADQL, or one of {', '.join(LANGUAGES[1:])}.")
    text = parameters.one("QUERY")
    if text is None:
        raise UsageError("QUERY is missing.", hint="For example QUERY=SELECT TOP 5 * FROM ivoa.ObsCore")
    asked = parameters.natural("MAXREC")
    maxrec = limits.default if asked is None else min(asked, limits.hard)
    return TapQuery(text, language, maxrec)


def headers_of(choice: Choice) -> dict[str, str]:
    """The headers of an answer in a format."""
    return {
        # Word for word what was asked for (DALI 1.1 §3.4.3): the framework would add a charset.
        "Content-Type": choice.content_type,
        "Content-Disposition": f'inline; filename="result.{choice.format.extension}"',
        "Cache-Control": "no-cache",
    }


def read_format(parameters: Parameters, accept: str | None) -> Choice:
    """RESPONSEFORMAT, or FORMAT as TAP 1.0 had it (TAP 1.1 §2.7.3)."""
    return choose_format(parameters.one("RESPONSEFORMAT") or parameters.one("FORMAT"), accept)


class CountedRows:
    """The rows of an answer, counted as they pass; its first batch is fetched before anything is written.

    So whatever the database refuses at once is still told with a status of its own, in every format.
    """

    def __init__(self, rows: RowStream, trace: Trace, advice: str = "") -> None:
        self.columns: tuple[Column, ...] = rows.columns
        self.failure: ServiceError | None = None
        self._rows = rows
        self._trace = trace
        self._advice = advice
        self._batches = iter(rows)
        try:
            self._first = next(self._batches, None)
        except QuotaExceeded as error:
            self._explain(error)
            raise

    @property
    def overflow(self) -> bool:
        """As the rows say."""
        return self._rows.overflow

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, the first one first."""
        if self._first is None:
            return
        try:
            for batch in chain([self._first], self._batches):
                self._trace.rows = (self._trace.rows or 0) + batch.num_rows
                yield batch
        except ServiceError as error:
            self._explain(error)
            self.failure = error
            raise

    def _explain(self, error: ServiceError) -> None:
        """Add to a limit that was reached how far the query came, and where it may run for longer."""
        if isinstance(error, QuotaExceeded) and (rows := self._trace.rows):
            error.message += f" By then it had returned {rows:,} row{'s' * (rows != 1)}."
        if isinstance(error, OutOfTime) and self._advice:
            error.hint = f"{error.hint} {self._advice}"

    def close(self) -> None:
        """End the query."""
        self._rows.close()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and on what terms a query runs: connections, seconds, the release rule's groups, the service's URL.

    `planning` are the seconds for its plan; `advice` says where a query may run that needs more time.
    """

    pool: QueryPool
    timeout: float
    limit: Limit
    base_url: str
    groups: Sequence[str] = ()
    planning: float = PLANNING
    advice: str = ""


class _Closable(Protocol):
    """What the database works on for us."""

    def close(self) -> None:
        """End it, from any thread."""
        ...


class Running:
    """What the database works on for one answer, now or later: it can be ended from any thread, at any time."""

    def __init__(self) -> None:
        self._work: _Closable | None = None
        self._is_cancelled = False
        self._lock = Lock()

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing is wanted any more."""
        return self._is_cancelled

    def begun(self, work: _Closable) -> None:
        """Remember what has begun; it ends at once where the answer was cancelled before."""
        with self._lock:
            self._work = work
            cancelled = self._is_cancelled
        if cancelled:
            work.close()

    def cancel(self) -> None:
        """End what runs, and whatever begins from now on."""
        with self._lock:
            self._is_cancelled = True
            work = self._work
        if work is not None:
            work.close()

    def watch(self, planner: Planner) -> Planner:
        """A planner that tells what it has begun."""
        return _Watched(planner, self)


class _Watched:
    def __init__(self, planner: Planner, running: Running) -> None:
        self._planner = planner
        self._running = running

    def explain(self, sql: str, *, timeout: float) -> Batches:
        lines = self._planner.explain(sql, timeout=timeout)
        self._running.begun(lines)
        return lines


class QueryAnswer(Answer):
    """The answer to one query, in one format. Tables that came with it are loaded into the session that runs it."""

    def __init__(
        self,
        query: TapQuery,
        statement: Statement,
        choice: Choice,
        place: Place,
        trace: Trace,
        *,
        uploads: Uploads | None = None,
        about: Document = _TAP,
        running: Running | None = None,
        mark_none: bool = True,
    ) -> None:
        self._about = about
        self._mark_none = mark_none
        self._query = query
        self._uploads = uploads
        self._statement = statement
        self._choice = choice
        self._place = place
        self._trace = trace
        self._running = running or Running()
        self.failure: ServiceError | None = None
        """What ended the rows before the last. The document may say it, too, and be well-formed."""

    @override
    def pieces(self) -> Iterator[bytes]:
        """Run the query and write its rows."""
        rows = self._start()
        self._trace.rows = 0
        try:
            counted = CountedRows(rows, self._trace, self._place.advice)
            yield from serialize(self._choice, counted, self._document())
            self.failure = counted.failure
        finally:
            rows.close()
            metrics.ROWS.labels(self._choice.format.name).inc(self._trace.rows)

    def _start(self) -> RowStream:
        place = self._place
        if self._uploads is None:
            self._refuse_the_endless()
        rows = run(
            self._statement,
            place.pool,
            maxrec=self._query.maxrec,
            timeout=place.timeout,
            groups=place.groups,
            base_url=place.base_url,
            prepare=None if self._uploads is None else self._prepare,
            mark_none=self._mark_none,
        )
        self._running.begun(rows)
        return rows

    def _prepare(self, session: Session) -> None:
        assert self._uploads is not None
        self._uploads.load(session, self._statement.body)
        self._refuse_the_endless(session)

    def _refuse_the_endless(self, planner: Planner | None = None) -> None:
        if self._place.limit.seconds and self._query.maxrec and is_doubtful(self._statement):
            self.estimate(planner)

    def estimate(self, planner: Planner | None = None) -> float:
        """The seconds that the database expects to need.

        `planner` is the query's own session where it has one: only that knows the tables that came with the query.

        Raises:
            UsageError: they are more than is begun.
        """
        place = self._place
        planner = planner or self._running.watch(place.pool)
        timeout = min(place.planning, place.timeout)
        found = plan(self._statement, planner, maxrec=self._query.maxrec, timeout=timeout)
        if is_doubtful(self._statement):
            place.limit.check(found)
        return place.limit.duration(found)

    def _document(self) -> Document:
        return replace(
            self._about,
            query=self._query.text,
            release=f"voserver {voserver.__version__}",
            created=datetime.now(UTC).replace(tzinfo=None),
            services=(
                *self._about.services,
                *descriptors.of_columns(self._statement.columns, self._place.base_url),
            ),
        )

    @override
    def cancel(self) -> None:
        """End the query, whether it has begun or not."""
        self._running.cancel()


def fingerprint(text: str) -> str:
    """Short and the same for the same query however it is spaced; tells nothing of what was asked."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


async def understand(query: TapQuery, site: Site) -> Statement:
    """A query's meaning. Only for long ones, and those that may ask elsewhere, is a thread worth the change."""
    compile_adql = site.published.compiler.compile
    if len(query.text) > _SHORT or _SLOW.search(query.text):
        return await run_in_threadpool(compile_adql, query.text, query.language)
    return compile_adql(query.text, query.language)
