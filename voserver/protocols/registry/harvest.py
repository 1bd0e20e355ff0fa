"""`/oai`: the records of the registry, for harvesters (OAI-PMH 2.0, Registry Interfaces 1.1 §3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from lxml import etree
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from voserver.catalogue.record_dates import RecordDates, dates_of
from voserver.protocols.parameters import Unreadable, read_parameters
from voserver.protocols.registry.arguments import (
    MANAGED,
    OaiError,
    Selection,
    check_prefix,
    read_arguments,
    select,
    token_for,
)
from voserver.protocols.registry.capabilities import PAGE
from voserver.protocols.registry.documents import (
    SCHEMAS,
    child,
    dublin_core,
    envelope,
    error_document,
    header,
    written,
)
from voserver.protocols.registry.records import (
    Record,
    identifier_of,
    make_records,
    missing_settings,
    stamp,
)
from voserver.protocols.site import Published, Site
from voserver.settings import Settings

_made: WeakKeyDictionary[Published, dict[str, Record]] = WeakKeyDictionary()
"""The records about the tables as they were at one moment, made once."""


@dataclass(frozen=True)
class Registry:
    """The records as they are now, and the dates of all that there are and were, the oldest change first."""

    settings: Settings
    base: str
    records: Mapping[str, Record]
    dates: list[RecordDates]

    def find(self, identifier: str) -> RecordDates:
        """The record of that identifier, in any case; `OaiError` if there is and was none."""
        for known in self.dates:
            if known.identifier.lower() == identifier.lower():
                return known
        raise OaiError("idDoesNotExist", "There is no record of that identifier.")

    def metadata(self, dates: RecordDates, prefix: str) -> etree._Element:
        """A record in a format."""
        resource = self.records[dates.identifier].resource(self.base, dates)
        return dublin_core(resource) if prefix == "oai_dc" else resource


def _identify(registry: Registry, _: Mapping[str, str], answer: etree._Element) -> None:
    settings = registry.settings
    child(answer, "repositoryName", settings.registry_title)
    child(answer, "baseURL", f"{registry.base}/oai")
    child(answer, "protocolVersion", "2.0")
    child(answer, "adminEmail", settings.registry_contact_email or f"not-set@{settings.authority}.invalid")
    child(answer, "earliestDatestamp", stamp(registry.dates[0].updated))
    child(answer, "deletedRecord", "persistent")
    child(answer, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    itself = registry.find(identifier_of(settings, "registry"))
    child(answer, "description").append(registry.metadata(itself, "ivo_vor"))
    missing = missing_settings(settings)
    if missing:
        told = etree.Comment(f" Not to be registered yet; set {', '.join(missing)}. ")
        answer.append(told)


def _list_formats(registry: Registry, arguments: Mapping[str, str], answer: etree._Element) -> None:
    if "identifier" in arguments:
        registry.find(arguments["identifier"])
    for prefix, (schema, namespace) in SCHEMAS.items():
        known = child(answer, "metadataFormat")
        child(known, "metadataPrefix", prefix)
        child(known, "schema", schema)
        child(known, "metadataNamespace", namespace)


def _list_sets(_: Registry, arguments: Mapping[str, str], answer: etree._Element) -> None:
    if "resumptionToken" in arguments:
        raise OaiError("badResumptionToken", "The list of sets comes in one piece.")
    known = child(answer, "set")
    child(known, "setSpec", MANAGED)
    child(known, "setName", "What this registry publishes")


def _get_record(registry: Registry, arguments: Mapping[str, str], answer: etree._Element) -> None:
    found = registry.find(arguments["identifier"])
    _record(registry, found, check_prefix(arguments["metadataPrefix"]), answer)


def _record(registry: Registry, dates: RecordDates, prefix: str, answer: etree._Element) -> None:
    added = child(answer, "record")
    header(added, dates)
    if not dates.is_deleted:
        child(added, "metadata").append(registry.metadata(dates, prefix))


def _is_selected(dates: RecordDates, selection: Selection) -> bool:
    return (
        selection.of_set in {None, MANAGED}
        and (selection.since is None or selection.since <= dates.updated)
        and (selection.until is None or dates.updated <= selection.until)
    )


def _list(registry: Registry, arguments: Mapping[str, str], answer: etree._Element) -> None:
    """A page of a list, in the order of changes: what changes while a list is read comes, again, at its end."""
    selection = select(arguments)
    selected = [dates for dates in registry.dates if _is_selected(dates, selection)]
    rest = [
        dates
        for dates in selected
        if selection.after is None or (dates.updated, dates.identifier) > selection.after
    ]
    if not rest:
        raise OaiError("noRecordsMatch", "No record has changed between these times, in that set.")
    for dates in rest[:PAGE]:
        if arguments["verb"] == "ListIdentifiers":
            header(answer, dates)
        else:
            _record(registry, dates, selection.prefix, answer)
    last = rest[:PAGE][-1]
    going_on = replace(
        selection, after=(last.updated, last.identifier), cursor=selection.cursor + len(rest[:PAGE])
    )
    if len(rest) > PAGE or selection.after:
        child(
            answer,
            "resumptionToken",
            token_for(going_on) if len(rest) > PAGE else None,
            completeListSize=str(len(selected)),
            cursor=str(selection.cursor),
        )


_ANSWERS: Mapping[str, Callable[[Registry, Mapping[str, str], etree._Element], None]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list,
    "ListRecords": _list,
    "GetRecord": _get_record,
}


def _answer(registry: Registry, arguments: Mapping[str, str], now: datetime) -> bytes:
    url = f"{registry.base}/oai"
    try:
        root = envelope(url, arguments, now)
        _ANSWERS[arguments["verb"]](registry, arguments, child(root, arguments["verb"]))
        return written(root)
    except OaiError as error:
        return error_document(url, arguments, now, error)


async def _registry(site: Site, base: str) -> Registry:
    published, settings = site.published, site.settings
    records = _made.get(published)
    if records is None:
        records = _made[published] = await run_in_threadpool(make_records, published.tables, settings)
    digests = {record.identifier: record.digest for record in records.values()}
    dates = await dates_of(site.database, settings.authority, digests)
    # Another process may just have published what this one does not know yet.
    return Registry(
        settings, base, records, [one for one in dates if one.is_deleted or one.identifier in records]
    )


async def harvest(site: Site, request: Request) -> Response:
    """Answer a harvester. What OAI-PMH has a code for is told with HTTP 200."""
    now = datetime.now(UTC)
    base = site.base_url(request)
    arguments: Mapping[str, str] = {}
    try:
        try:
            arguments = read_arguments(await read_parameters(request))
        except Unreadable as error:
            raise OaiError("badArgument", str(error)) from None
        body = await run_in_threadpool(_answer, await _registry(site, base), arguments, now)
    except OaiError as error:
        body = error_document(f"{base}/oai", arguments, now, error)
    return Response(body, media_type="text/xml", headers={"Cache-Control": "no-store"})
