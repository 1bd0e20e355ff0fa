"""`/soda/async`: cut-outs as jobs, each combination of parameters a result (SODA 1.0 §5)."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from typing_extensions import override

from voserver.catalogue.accounts import groups_of_owner
from voserver.jobs.records import Job
from voserver.jobs.work import Output, Term, Work
from voserver.model.errors import OutOfTime, ServiceError, Unavailable
from voserver.model.identity import Identity
from voserver.protocols.faults import soda_label
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.protocols.soda.filters import REPEATABLE, Combination, read_filters, read_look
from voserver.protocols.soda.making import Making, begin
from voserver.protocols.soda.sync import opened, readable
from voserver.protocols.uws.service import JobService

KIND = "soda"

_TEXT = "text/plain; charset=utf-8"
_PATIENCE = 120.0  # seconds that the catalogue and the stores may take to find a file
_Result = TypeVar("_Result")

SERVICE = JobService(kind=KIND, path="/soda/async", repeatable=" ".join(REPEATABLE))


class CutOutWork(Work):
    """The work of one job. Files are found in the event loop, `loop`, and cut in the job's own thread."""

    def __init__(self, job: Job, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self._site = site
        self._loop = loop
        self._term = Term(job.execution_duration)
        self._left = site.limits(job.owner).async_bytes
        self._making: Making | None = None
        try:
            parameters = Parameters(job.parameters)
            self._filters, self._look = read_filters(parameters), read_look(parameters)
            self._who = Identity(job.owner, groups_of_owner(site.database_url, job.owner))
        except ServiceError as error:
            raise _labelled(error) from None

    @override
    def outputs(self) -> Iterator[Output]:
        """A result for each combination; one that has none is a text that says why."""
        for number, asked in enumerate(self._filters.combinations(), 1):
            identifier = "result" if self._filters.count == 1 else f"result-{number}"
            try:
                yield self._output(identifier, asked)
            except (Unavailable, OutOfTime) as error:
                raise _labelled(error) from error
            except ServiceError as error:
                text = f"{_labelled(error)}\nThis was asked for: ID={asked.identifier} {asked.wanted.words}\n"
                pieces = iter([text.encode(errors="replace")])
                yield Output(identifier, _TEXT, f"{identifier}.txt", pieces)

    def _output(self, identifier: str, asked: Combination) -> Output:
        self._term.check()
        holding = self._wait(readable(self._site, asked.identifier, self._who))
        subject = self._wait(opened(self._site, holding, self._who, self._look))
        advice = "Ask for less."
        self._making = begin(subject, asked.wanted, most_bytes=self._left, advice=advice)
        if self._making is None:
            raise ServiceError(f"Nothing of {holding.filename} lies within what was asked for.")
        self._left -= self._making.size
        name = f"{identifier}_{subject.file_name}" if identifier != "result" else subject.file_name
        return Output(identifier, subject.media_type, name, self._pieces(self._making))

    def _wait(self, asked: Coroutine[Any, Any, _Result]) -> _Result:
        """What the event loop finds out."""
        finding = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return finding.result(_PATIENCE)
        except TimeoutError:
            finding.cancel()
            raise Unavailable("The file could not be found in time.") from None

    def _pieces(self, making: Making) -> Iterator[bytes]:
        try:
            for piece in making.pieces():
                self._term.check()
                yield piece
        except ServiceError as error:
            raise _labelled(error) from None

    @override
    def cancel(self) -> None:
        """End the cut-out that is being made, and make no other."""
        self._term.end()
        if self._making is not None:
            self._making.cancel()

    @override
    def close(self) -> None:
        """Forget what was unpacked."""
        if self._making is not None:
            self._making.close()


def _labelled(error: ServiceError) -> ServiceError:
    """The error with SODA's word for it first."""
    error.message = f"{soda_label(error)}: {error.message}"
    return error
