"""How a search by parameters is answered: its query is run like any other, and described in its own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

from voserver.protocols.faults import (
    Custom,
    Style,
    remember_custom,
    remember_style,
    style_for_format,
)
from voserver.protocols.parameters import Parameters, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.streaming import AnswerResponse
from voserver.protocols.tap.queries import Place, QueryAnswer, TapQuery, fingerprint, headers_of
from voserver.protocols.trace import trace_of
from voserver.query.adql import tree
from voserver.serializers import Document, choose_format, is_browser


@dataclass(frozen=True)
class Search:
    """A search, understood: the query that it is, and what is said of its answer.

    `ucds` are those of columns, by their names, that the protocol has other words for.
    """

    query: tree.Query
    about: Document
    maxrec: int | None = None
    ucds: Mapping[str, str] = field(default_factory=dict)


async def answer(
    site: Site,
    request: Request,
    custom: Custom,
    understood: Callable[[Parameters], Search],
    *,
    media_type: str | None = None,
) -> Response:
    """Run the search that a request asks for, and stream its rows as RESPONSEFORMAT says.

    Until the form of the answer is known, an error is a VOTable, or a page for a browser. `media_type` is what the
    standard calls a VOTable, where that is not what the others do.
    """
    accept = request.headers.get("accept", "")
    remember_custom(request.scope, custom)
    remember_style(request.scope, Style.HTML if is_browser(accept) else Style.VOTABLE)
    parameters = await read_parameters(request)
    asked_for = parameters.one("RESPONSEFORMAT")
    chosen = choose_format(asked_for, accept)
    if media_type and not asked_for and not is_browser(accept):
        chosen = replace(chosen, content_type=media_type)
    remember_style(request.scope, style_for_format(chosen.content_type))
    search = understood(parameters)
    trace = trace_of(request.scope)
    trace.run_id = parameters.run_id
    trace.query = fingerprint(repr(search.query))
    who = site.identify(request)
    settings = site.limits(who.name)
    asked = parameters.natural("MAXREC") if search.maxrec is None else search.maxrec
    maxrec = settings.default_maxrec if asked is None else min(asked, settings.hard_maxrec)
    statement = site.published.compiler.compile_tree(search.query)
    columns = (replace(column, ucd=search.ucds.get(column.name, column.ucd)) for column in statement.columns)
    statement = replace(statement, columns=tuple(columns))
    place = Place(site.pool, settings.sync_timeout, site.limit, site.base_url(request), who.groups)
    headers = headers_of(chosen)
    if request.method == "HEAD":
        return Response(headers=headers)
    # A description that was asked for is whole without rows: SIA 2.0 has MAXREC=0 for it, others have their own words.
    mark_none = search.maxrec is None and custom is not Custom.SIA
    query = TapQuery("", "", maxrec)
    found = QueryAnswer(query, statement, chosen, place, trace, about=search.about, mark_none=mark_none)
    return AnswerResponse(found, site.places, headers)
