"""What the repository answers: its collections, the observations of one as they changed, and documents of these."""

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from voserver.catalogue.caom_documents.exporting import (
    COLLECTIONS,
    DELETIONS,
    LISTING,
    LISTING_OF_A_MOMENT,
    OBSERVATION,
)
from voserver.catalogue.caom_documents.writing import Form, Written, write
from voserver.model.errors import NotFound, UsageError
from voserver.protocols.documents import document_response
from voserver.protocols.faults import Style, remember_style
from voserver.protocols.parameters import Parameters, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.trace import trace_of

USUAL, MOST = 1_000, 10_000
"""Observations in a list."""

_EARLIEST, _LATEST = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 -- the catalogue's times have no zone
_TABBED = "text/tab-separated-values; charset=utf-8"


async def collections(site: Site, request: Request) -> Response:
    """The names of collections, a line each."""
    remember_style(request.scope, Style.TEXT)
    rows = await site.database.all(COLLECTIONS, {"mine": list(site.identify(request).groups)})
    return Response("".join(f"{row['collection']}\n" for row in rows), media_type="text/plain")


async def observations(site: Site, request: Request) -> Response:
    """Those of a collection that changed between `start` and `end`, in that order, `maxrec` at most.

    Each line has the collection, the observationID, when it changed, and no checksum: that is of the document as
    somebody sees it, and would cost as much as all documents of the list. Who harvests asks again from the
    last line's time on, so a list ends before what is still being written, and has all that changed at one moment where
    that is more than `maxrec`: else nobody would ever get beyond.
    """
    remember_style(request.scope, Style.TEXT)
    parameters = await read_parameters(request)
    asked = parameters.natural("MAXREC")
    limit = USUAL if asked is None else min(asked, MOST)
    wanted = {**await _span(site, request, parameters), "limit": limit}
    rows = await site.database.all(LISTING, wanted)
    if rows and len(rows) == limit and rows[0]["changed"] == rows[-1]["changed"]:
        moment = rows[0]["changed"]
        rows = await site.database.all(LISTING_OF_A_MOMENT, {**wanted, "start": moment, "end": moment})
    lines = ((row["collection"], row["observationid"], _written(row["changed"]), "") for row in rows)
    return await _table(site, request, wanted, list(lines))


async def deletions(site: Site, request: Request) -> Response:
    """Observations of a collection that are here no more: id, collection, observationID, and when it went."""
    remember_style(request.scope, Style.TEXT)
    parameters = await read_parameters(request)
    wanted = {
        **await _span(site, request, parameters),
        "limit": min(parameters.natural("MAXREC") or MOST, MOST),
    }
    rows = await site.database.all(f"{DELETIONS} LIMIT %(limit)s", wanted)
    lines = [
        (row["obsid"], row["collection"], row["observationid"], _written(row["changed"])) for row in rows
    ]
    return await _table(site, request, wanted, lines)


async def _span(site: Site, request: Request, parameters: Parameters) -> dict[str, object]:
    """What is asked for: a collection, from START to END, as far as nobody is writing any more."""
    horizon = await site.database.one(
        "SELECT date_trunc('milliseconds', archive.change_horizon()) AS moment", {}
    )
    assert horizon is not None
    return {
        "collection": _name(request.path_params["collection"]),
        "start": _time(parameters, "START", _EARLIEST),
        "end": _time(parameters, "END", _LATEST),
        "before": horizon["moment"],
        "mine": list(site.identify(request).groups),
    }


async def _table(
    site: Site, request: Request, wanted: dict[str, object], lines: Sequence[tuple[str, ...]]
) -> Response:
    """Lines of words that are separated by tabs."""
    if not lines:
        there = await site.database.all(COLLECTIONS, {"mine": wanted["mine"]})
        if wanted["collection"] not in {row["collection"] for row in there}:
            raise NotFound(
                f"There is no collection {str(wanted['collection'])[:100]!r} here.",
                hint="Collections are listed at /caom.",
            )
    trace_of(request.scope).rows = len(lines)
    body = "".join("\t".join(line) + "\n" for line in lines)
    return Response(body, media_type=_TABBED, headers={"Cache-Control": "no-cache"})


async def observation(site: Site, request: Request) -> Response:
    """An observation's document, with all that one may see: CAOM 2.4 unless VERSION says 2.5, in JSON if one wants."""
    remember_style(request.scope, Style.TEXT)
    parameters = await read_parameters(request)
    version, form = _version(parameters), _form(parameters, request.headers.get("accept", ""))
    collection, name = (_name(request.path_params[one]) for one in ("collection", "observation"))
    identity = site.identify(request)
    wanted = {"collection": collection, "name": name, "mine": list(identity.groups), "everything": False}
    rows = await site.database.one(OBSERVATION, wanted)
    if rows is None:
        raise NotFound(f"There is no observation {name[:100]!r} in the collection {collection[:100]!r} here.")
    body = await run_in_threadpool(write, rows, version, form)
    modified = rows["changed"].replace(tzinfo=UTC)
    cache = "no-cache" if identity.name is None else "private, no-cache"
    media_type = "application/json" if form == "json" else "text/xml"
    answer = document_response(request, body, media_type, modified=modified, cache=cache)
    answer.headers["Vary"] = "Accept"
    return answer


def _form(parameters: Parameters, accept: str) -> Form:
    """XML, unless JSON is asked for, or nothing else is accepted."""
    given = parameters.one("RESPONSEFORMAT")
    if given is None:
        return "json" if "json" in accept and "xml" not in accept else "xml"
    for form, names in _FORMS.items():
        if given.strip().lower() in names:
            return form
    raise UsageError(f"RESPONSEFORMAT={given[:40]!r} is not written here.", hint="There are xml and json.")


_FORMS: dict[Form, set[str]] = {
    "xml": {"xml", "text/xml", "application/xml"},
    "json": {"json", "application/json"},
}


def _version(parameters: Parameters) -> Written:
    given = parameters.one("VERSION")
    if given is None or given.strip() == "2.4":
        return "2.4"
    if given.strip() == "2.5":
        return "2.5"
    raise UsageError(f"VERSION={given[:40]!r} is not written here.", hint="There are 2.4 and 2.5.")


def _name(text: str) -> str:
    """A name as it may stand in the database; others are of nothing."""
    if not text.isprintable():
        raise NotFound("There is nothing of that name here.")
    return text


def _time(parameters: Parameters, name: str, without: datetime) -> datetime:
    given = parameters.one(name)
    if given is None:
        return without
    try:
        moment = datetime.fromisoformat(given.strip().replace(" ", "T"))
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise UsageError(
            f"{name.lower()}={given[:60]!r} is no date of ISO 8601.",
            hint=f"For example {name.lower()}=2026-01-31T12:00:00.000 (UTC)",
        ) from None


def _written(moment: datetime | None) -> str:
    """As IVOA dates are written; with microseconds only where there are some, so that a start from here is exact."""
    if moment is None:
        return ""
    return moment.isoformat(timespec="microseconds" if moment.microsecond % 1000 else "milliseconds")
