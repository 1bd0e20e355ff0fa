"""`/tap/sync`: one query, one answer (TAP 1.1 §2.1, §2.7)."""

from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response

from voserver.protocols.faults import Style, remember_style, style_for_format
from voserver.protocols.parameters import Parameters, Unreadable, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import AnswerResponse
from voserver.protocols.tap.queries import (
    Place,
    QueryAnswer,
    RowLimits,
    TapQuery,
    fingerprint,
    headers_of,
    read_format,
    read_query,
    understand,
)
from voserver.protocols.tap.uploads import UploadAnswer, UploadResponse, brought_with
from voserver.protocols.trace import trace_of
from voserver.query.plan import in_words
from voserver.serializers import Choice, is_browser
from voserver.settings import Settings


def read_sync_query(parameters: Parameters, limits: Settings) -> TapQuery:
    """The query, with the limits of this mode."""
    return read_query(parameters, RowLimits(limits.default_maxrec, limits.hard_maxrec))


def _format(parameters: Parameters, request: Request) -> Choice:
    """The format of the answer; errors take that form from here on."""
    choice = read_format(parameters, request.headers.get("accept"))
    remember_style(request.scope, style_for_format(choice.content_type))
    return choice


async def sync(site: Site, request: Request) -> Response:
    """Run a query and stream its rows. HEAD gets the headers of a query that is right, without running it."""
    accept, is_head = request.headers.get("accept", ""), request.method == "HEAD"
    remember_style(request.scope, Style.HTML if is_browser(accept) else Style.VOTABLE)
    who = site.identify(request)
    settings = site.limits(who.name)
    try:
        parameters = await read_parameters(request, files_limit=settings.upload_bytes)
    except Unreadable as error:
        _format(error.parameters, request)
        raise
    with ExitStack() as files:
        files.callback(parameters.close)
        chosen = _format(parameters, request)
        trace = trace_of(request.scope)
        trace.run_id = parameters.run_id
        query = read_sync_query(parameters, settings)
        trace.query = fingerprint(query.text)
        headers = headers_of(chosen)
        base_url = site.base_url(request)
        longer = in_words(settings.async_hard_timeout)
        advice = f"Or run it as a job, at {base_url}/tap/async: that may take up to {longer}."
        place = Place(site.pool, settings.sync_timeout, site.limit, base_url, who.groups, advice=advice)
        brought = await brought_with(parameters, settings)
        if brought is None:
            answer = QueryAnswer(query, await understand(query, site), chosen, place, trace)
            return Response(headers=headers) if is_head else AnswerResponse(answer, site.places, headers)
        files.callback(brought.close)
        compiler = site.published.compiler
        with_tables = UploadAnswer(query, brought, compiler, choice=chosen, place=place, trace=trace)
        if is_head:
            return Response(headers=headers)
        return UploadResponse(with_tables, site.places, headers, files.pop_all())
