"""UPLOAD in a request (TAP 1.1 §2.7.6): its files, from the form or from elsewhere, brought to where they are read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import IO

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from voserver.model.errors import ServiceError, UsageError
from voserver.protocols.parameters import Parameters
from voserver.protocols.places import Places
from voserver.protocols.streaming import Answer, AnswerResponse
from voserver.protocols.tap.queries import Place, QueryAnswer, Running, TapQuery
from voserver.protocols.trace import Trace
from voserver.query.adql import Compiler
from voserver.serializers import Choice
from voserver.settings import Settings
from voserver.uploads import Declaration, Limits, Uploads, declarations, read_uploads
from voserver.uploads.fetching import Allowed, Fetcher
from voserver.uploads.sources import spool

_FETCHED_AT_ONCE = 8


@dataclass
class Brought:
    """The tables that a query brings with it, as files that nobody has looked into yet."""

    declarations: tuple[Declaration, ...]
    files: dict[str, IO[bytes]]
    limits: Limits

    def read(self, cancelled: Callable[[], bool]) -> Uploads:
        """Read them all: what is wrong with one is a `UsageError`."""
        return read_uploads(self.declarations, self.files, self.limits, cancelled)

    def close(self) -> None:
        """Forget the files."""
        for file in self.files.values():
            file.close()


class UploadResponse(AnswerResponse):
    """A response whose answer needs files until it is sent, or nobody waits for it any more."""

    def __init__(
        self,
        answer: Answer,
        places: Places,
        headers: Mapping[str, str],
        files: AbstractContextManager[object],
    ) -> None:
        super().__init__(answer, places, headers)
        self._files = files

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and forget the files."""
        with self._files:
            await super().__call__(scope, receive, send)


class UploadAnswer(Answer):
    """The answer to a query that brings tables: they are read first, for it to be understood."""

    def __init__(
        self,
        query: TapQuery,
        brought: Brought,
        compiler: Compiler,
        *,
        choice: Choice,
        place: Place,
        trace: Trace,
    ) -> None:
        self._query = query
        self._brought = brought
        self._compiler = compiler
        self._choice = choice
        self._place = place
        self._trace = trace
        self._answer: QueryAnswer | None = None
        self._running = Running()

    @property
    def failure(self) -> ServiceError | None:
        """What ended the rows before the last."""
        return self._answer.failure if self._answer else None

    @override
    def pieces(self) -> Iterator[bytes]:
        """Read the tables, run the query and write its rows."""
        with (
            closing(self._brought),
            closing(self._brought.read(lambda: self._running.is_cancelled)) as uploads,
        ):
            query = self._query
            statement = self._compiler.compile(query.text, query.language, uploads.schema)
            self._answer = QueryAnswer(
                query,
                statement,
                self._choice,
                self._place,
                self._trace,
                uploads=uploads,
                running=self._running,
            )
            yield from self._answer.pieces()

    @override
    def cancel(self) -> None:
        """End it, whatever it is at."""
        self._running.cancel()


async def brought_with(parameters: Parameters, settings: Settings) -> Brought | None:
    """What a request's UPLOAD names, with everything fetched that lies elsewhere; None if it has none."""
    brought = _sent_along(parameters, settings)
    if brought is not None and any(declaration.part is None for declaration in brought.declarations):
        await to_thread.run_sync(_fetch, brought, settings, limiter=_limiter())
    return brought


def bring(parameters: Parameters, settings: Settings) -> Brought | None:
    """As `brought_with`, in a thread that may wait."""
    brought = _sent_along(parameters, settings)
    if brought is not None:
        _fetch(brought, settings)
    return brought


def _sent_along(parameters: Parameters, settings: Settings) -> Brought | None:
    """What UPLOAD names, with the files of those that came with the form."""
    declared = declarations(parameters.all("UPLOAD"))
    if not declared:
        return None
    brought = Brought(declared, {}, Limits.from_settings(settings))
    try:
        for declaration in declared:
            if declaration.part is not None:
                brought.files[declaration.name] = _part(parameters, declaration)
    except BaseException:
        brought.close()
        raise
    return brought


def _part(parameters: Parameters, declaration: Declaration) -> IO[bytes]:
    """The part of the form that holds a table: a file, or a text."""
    name = declaration.part or ""
    found = parameters.files(name)
    if len(found) > 1:
        raise UsageError(
            f"The form has {len(found)} parts {name[:60]!r}.", hint="Give each a name of its own."
        )
    if found:
        return found[0]
    text = parameters.one(name.upper())
    if text is None:
        raise UsageError(
            f"UPLOAD says that {declaration.name} is in the part {name[:60]!r} of the form, which is not there.",
            hint="Send a multipart/form-data POST with a part of that name.",
        )
    file = spool()
    file.write(text.encode())
    return file


def _fetch(brought: Brought, settings: Settings) -> None:
    fetcher = Fetcher(brought.limits, settings.upload_timeout, Allowed.read(settings.upload_hosts))
    taken = 0
    try:
        for declaration in brought.declarations:
            if declaration.part is None:
                file = brought.files[declaration.name] = spool()
                taken += fetcher.fetch(declaration.uri, file, taken)
    except BaseException:
        brought.close()
        raise


_limiters: list[CapacityLimiter] = []


def _limiter() -> CapacityLimiter:
    """So many fetch at once; others wait. Made in the event loop."""
    if not _limiters:
        _limiters.append(CapacityLimiter(_FETCHED_AT_ONCE))
    return _limiters[0]
