"""`/tap/explain`: what a query would become and cost, without running it. An extension: no standard knows it.

It takes the parameters of `/tap/sync`, and refuses what that refuses. A plan is never carried out (EXPLAIN without
ANALYZE), so what it tells of the rows are the planner's statistics. Its conditions are the user's own and those of the
release rule, which is no secret.
"""

import json
from collections.abc import Iterator
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from voserver.model.errors import Forbidden, UsageError
from voserver.protocols.faults import Style, remember_style
from voserver.protocols.pages import render
from voserver.protocols.parameters import Parameters, Unreadable, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import Answer, AnswerResponse
from voserver.protocols.tap.queries import PLANNING, Running, TapQuery, fingerprint, understand
from voserver.protocols.tap.sync import read_sync_query
from voserver.protocols.trace import trace_of
from voserver.query.plan import Explanation, plan
from voserver.query.plan import explain as explanation_of
from voserver.query.statement import Statement
from voserver.serializers import is_browser


class _Form(Enum):
    """What an explanation can be written as, with the kind of document that tells errors."""

    JSON = Style.JSON
    TEXT = Style.TEXT
    HTML = Style.HTML


_NAMES = {
    "json": _Form.JSON,
    "application/json": _Form.JSON,
    "text": _Form.TEXT,
    "text/plain": _Form.TEXT,
    "html": _Form.HTML,
    "text/html": _Form.HTML,
}


def _accepted(accept: str) -> _Form:
    """The form for a client that said only what it accepts."""
    if is_browser(accept):
        return _Form.HTML
    wanted = [item.split(";")[0].strip().lower() for item in accept.split(",")]
    return next((_NAMES[name] for name in wanted if name in _NAMES), _Form.JSON)


def _form(parameters: Parameters, accept: str) -> _Form:
    """The form that RESPONSEFORMAT or FORMAT names, else that of Accept."""
    asked = parameters.one("RESPONSEFORMAT") or parameters.one("FORMAT")
    if asked is None:
        return _accepted(accept)
    form = _NAMES.get(asked.split(";")[0].strip().lower())
    if form is None:
        raise UsageError(
            f"An explanation cannot be written as {asked[:40]!r}.", hint="FORMAT is json, text or html."
        )
    return form


class ExplanationAnswer(Answer):
    """The explanation of one query. It takes a place like a query: the database works for both."""

    def __init__(self, site: Site, query: TapQuery, statement: Statement, form: _Form) -> None:
        self._site = site
        self._query = query
        self._statement = statement
        self._form = form
        self._running = Running()

    @override
    def pieces(self) -> Iterator[bytes]:
        """Ask for the plan and write what it says."""
        maxrec = self._query.maxrec
        planner = self._running.watch(self._site.pool)
        timeout = min(PLANNING, self._site.settings.sync_timeout)
        found = plan(self._statement, planner, maxrec=maxrec, timeout=timeout)
        yield self._written(
            explanation_of(self._query.text, self._statement, found, self._site.limit, maxrec=maxrec)
        )

    def _written(self, explanation: Explanation) -> bytes:
        match self._form:
            case _Form.JSON:
                return json.dumps(explanation.facts(), ensure_ascii=False, indent=1).encode(errors="replace")
            case _Form.TEXT:
                return explanation.text().encode(errors="replace")
            case _Form.HTML:
                return render("explain.html", explanation=explanation)

    @override
    def cancel(self) -> None:
        """End the planning."""
        self._running.cancel()


async def explain(site: Site, request: Request) -> Response:
    """Tell the SQL of a query, its plan, and the rows and time that the database expects."""
    accept = request.headers.get("accept", "")
    remember_style(request.scope, _accepted(accept).value)
    try:
        parameters = await read_parameters(request)
    except Unreadable as error:
        remember_style(request.scope, _form(error.parameters, accept).value)
        raise
    form = _form(parameters, accept)
    remember_style(request.scope, form.value)
    trace = trace_of(request.scope)
    trace.run_id = parameters.run_id
    if not site.settings.explain:
        raise Forbidden("This service does not show plans.", hint="/tap/sync runs the query.")
    if parameters.all("UPLOAD"):
        raise UsageError(
            "UPLOAD was given, but plans are shown without uploaded tables only.",
            hint="/tap/sync takes them.",
        )
    query = read_sync_query(parameters, site.limits(site.identify(request).name))
    trace.query = fingerprint(query.text)
    statement = await understand(query, site)
    headers = {"Content-Type": form.value.value, "Cache-Control": "no-cache"}
    if request.method == "HEAD":
        return Response(headers=headers)
    return AnswerResponse(ExplanationAnswer(site, query, statement, form), site.places, headers)
