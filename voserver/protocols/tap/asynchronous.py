"""`/tap/async`: TAP queries as jobs (TAP 1.1 §2.1). The resources are UWS's; here is what a job of TAP does."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from starlette.responses import Response
from typing_extensions import override

import voserver
from voserver.catalogue.accounts import groups_of_owner
from voserver.catalogue.streams import QueryPool
from voserver.jobs.records import Job
from voserver.jobs.work import Output, Work
from voserver.model.errors import QuotaExceeded, ServiceError, UsageError
from voserver.protocols.faults import Style, style_for_format
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.protocols.tap.queries import Place, QueryAnswer, RowLimits, read_format, read_query
from voserver.protocols.tap.uploads import UploadAnswer, bring
from voserver.protocols.trace import Trace
from voserver.protocols.uws.service import JobService
from voserver.query.plan import in_words
from voserver.serializers import Choice, Document, error_votable
from voserver.uploads.sources import spool

KIND = "tap"
_RESULT = "result"  # its name is the standard's (TAP 1.1 §2.1)


def _error(job: Job) -> Response:
    """The error document: a VOTable unless another kind of format was asked for (DALI 1.1 §4.2)."""
    error = ServiceError(job.error_message or "")
    if _style(job) is Style.VOTABLE:
        body = error_votable(error, Document(release=f"voserver {voserver.__version__}"))
        return Response(body, media_type=Style.VOTABLE.value)
    return Response(f"{error}\n".encode(errors="replace"), media_type=Style.TEXT.value)


def _style(job: Job) -> Style:
    try:
        return style_for_format(read_format(Parameters(job.parameters), None).content_type)
    except UsageError:
        return Style.VOTABLE


def _upload_bytes(site: Site, owner: str | None) -> int:
    return site.limits(owner).upload_bytes


SERVICE = JobService(kind=KIND, path="/tap/async", error=_error, repeatable="UPLOAD", files=_upload_bytes)


class QueryWork(Work):
    """The work of one job: a query, whose rows become its result."""

    def __init__(self, job: Job, site: Site, pool: QueryPool) -> None:
        self._files = ExitStack()
        try:
            inputs = [(one.result_id, self._input(site, one.key)) for one in job.inputs]
            self._prepare(job, site, pool, Parameters(job.parameters, inputs))
        except BaseException:
            self._files.close()
            raise

    def _input(self, site: Site, key: str) -> IO[bytes]:
        """A file that came with the job."""
        file = self._files.enter_context(spool())
        site.jobs.results.copy(key, file)
        return file

    def _prepare(self, job: Job, site: Site, pool: QueryPool, parameters: Parameters) -> None:
        settings = site.limits(job.owner)
        query = read_query(parameters, RowLimits(settings.async_default_maxrec, settings.async_hard_maxrec))
        self._choice: Choice = read_format(parameters, None)
        self._trace = Trace(job.job_id)
        self._most = settings.async_bytes
        seconds = job.execution_duration
        longest = in_words(settings.async_hard_timeout)
        advice = f"Or give the job more time: EXECUTIONDURATION may be up to {longest}."
        # What somebody may read is what he may when the job runs, whatever he might when he sent it.
        groups = groups_of_owner(site.database_url, job.owner)
        place = Place(pool, seconds, site.limit, job.base_url, groups, planning=seconds, advice=advice)
        compiler = site.published.compiler
        brought = bring(parameters, settings)
        self._answer: QueryAnswer | UploadAnswer
        if brought is None:
            statement = compiler.compile(query.text, query.language)
            self._answer = QueryAnswer(query, statement, self._choice, place, self._trace)
        else:
            self._files.callback(brought.close)
            self._answer = UploadAnswer(
                query, brought, compiler, choice=self._choice, place=place, trace=self._trace
            )
        self._has_rows = query.maxrec > 0

    @property
    @override
    def row_count(self) -> int | None:
        return self._trace.rows

    @override
    def estimate(self) -> float | None:
        """By the database's plan, where that needs no table of the user's. What would never end is refused here."""
        if self._has_rows and isinstance(self._answer, QueryAnswer):
            return self._answer.estimate()
        return None

    @override
    def outputs(self) -> Iterator[Output]:
        name = f"result.{self._choice.format.extension}"
        yield Output(_RESULT, self._choice.content_type, name, self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        size = 0
        for piece in self._answer.pieces():
            size += len(piece)
            if size > self._most:
                raise QuotaExceeded(
                    f"The result has more than {self._most / 1e9:g} GB, which is the most that a job may have.",
                    hint="Select fewer columns or rows, or a format that is smaller: parquet, for example.",
                )
            yield piece
        if self._answer.failure is not None:
            raise self._answer.failure

    @override
    def cancel(self) -> None:
        """End the query."""
        self._answer.cancel()

    @override
    def close(self) -> None:
        """Forget the tables that came with it."""
        self._files.close()
