"""The resources of a job list (UWS 1.1 §2.2): every endpoint, for whatever kind of job.

To change something is a POST that answers 303, to the job or, once it is gone, to the list.
"""

import asyncio
from contextlib import closing, suppress
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from voserver.jobs.phases import ACTIVE, Phase
from voserver.jobs.records import Job, NewJob
from voserver.model.errors import NotFound, ServiceError, UsageError
from voserver.protocols.ending import when_ending
from voserver.protocols.parameters import Parameters, read_parameters
from voserver.protocols.site import Site
from voserver.protocols.uws import documents
from voserver.protocols.uws.access import for_jobs, job_for, party_of
from voserver.protocols.uws.service import JobService
from voserver.protocols.uws.stored import stored_response
from voserver.protocols.uws.times import read_time, written
from voserver.uploads.sources import chunks

LONGEST_WAIT = 50.0
"""Seconds that WAIT blocks at most: proxies and load balancers end silent connections after a minute."""

_LOOK = 5.0  # seconds after which a waiting request looks by itself
_PAGE = 100  # jobs in a list that was not asked for more, or fewer
_LONGEST_PAGE = 1000
_NOT_THE_JOBS = frozenset({"PHASE", "RUNID", "ACTION", "WAIT"})

_NO_STORE = {"Cache-Control": "no-store"}


async def job_list(service: JobService, site: Site, request: Request) -> Response:
    """GET: the newest of the caller's own jobs. Jobs that nobody signed in for are in no list: their name is the key."""
    parameters = await read_parameters(request)
    phases = [_phase(text) for text in parameters.all("PHASE")]
    after = parameters.one("AFTER")
    since = None if after is None else read_time("AFTER", after)
    last = parameters.natural("LAST")
    if last == 0:
        raise UsageError("LAST=0 asks for no job.", hint="LAST is one or more, for example LAST=10.")
    owner = for_jobs(site, request).name
    jobs = []
    if owner is not None:
        number = min(last or _PAGE, _LONGEST_PAGE)
        jobs = await site.jobs.store.jobs_of(service.kind, owner, phases=phases, after=since, last=number)
    return _xml(documents.list_document(jobs, service.url(site, request)))


async def create(service: JobService, site: Site, request: Request) -> Response:
    """POST: a new job; PHASE=RUN starts it at once. Its parameters are judged when it runs (TAP 1.1 §2.7)."""
    with closing(await _with_files(service, site, request)) as parameters:
        job_id = await _made(service, site, request, parameters)
    return _see_other(f"{service.url(site, request)}/{job_id}")


async def _made(service: JobService, site: Site, request: Request, parameters: Parameters) -> str:
    phase = parameters.one("PHASE")
    if phase is not None and phase.upper() != "RUN":
        raise UsageError(f"PHASE={phase[:40]!r} is no phase to create a job in.", hint="PHASE=RUN starts it.")
    brings_files = bool(parameters.all_files)
    owner = for_jobs(site, request).name
    job_id = await site.jobs.store.create(
        NewJob(
            kind=service.kind,
            party=party_of(site, request),
            owner=owner,
            run_id=parameters.run_id,
            parameters=_of_job(parameters),
            base_url=site.base_url(request),
            execution_duration=site.limits(owner).async_timeout,
            lifetime=site.settings.job_lifetime,
            starts=phase is not None and not brings_files,
        )
    )
    if brings_files:
        made = await site.jobs.store.get(job_id, service.kind)
        try:
            await _keep_files(site, made, parameters)
        except ServiceError:
            # Nobody is told of a job that lacks a part of what came with it.
            await site.jobs.upkeep.discard(await site.jobs.store.delete(made))
            raise
        if phase is not None:
            await site.jobs.store.run(made)
    return job_id


async def job(service: JobService, site: Site, request: Request) -> Response:
    """GET: the job; with WAIT, when its phase has changed or the time is over (UWS 1.1 §2.2.1.1)."""
    parameters = await read_parameters(request)
    seconds = _wait(parameters.one("WAIT"))
    phase = parameters.one("PHASE")
    expected = None if phase is None else _phase(phase)
    found = await job_for(site, request, service.kind)
    if seconds and found.phase in ACTIVE and expected in {None, found.phase}:
        found = await _changed(service, site, request, seconds, found.phase)
    return _xml(documents.job_document(found, _url(service, site, request)))


async def _changed(service: JobService, site: Site, request: Request, seconds: float, phase: Phase) -> Job:
    """The job when it has left a phase, after so many seconds, or when the server ends."""
    until = monotonic() + seconds
    ending = asyncio.Event()
    with site.jobs.changes.watching(request.path_params["job_id"]) as event:

        def end() -> None:
            ending.set()
            event.set()

        with when_ending(request.scope, end):
            while True:
                event.clear()
                found = await job_for(site, request, service.kind)
                left = until - monotonic()
                if found.phase is not phase or left <= 0 or ending.is_set():
                    return found
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, _LOOK)):
                        await event.wait()


async def change_job(service: JobService, site: Site, request: Request) -> Response:
    """POST to the job itself: only ACTION=DELETE. Parameters are for `/parameters` (DALI 1.1 §2.2)."""
    parameters = await read_parameters(request)
    action = parameters.one("ACTION")
    if action is None or action.upper() != "DELETE":
        given = "There is no ACTION." if action is None else f"ACTION={action[:40]!r} is not known."
        raise UsageError(
            given,
            hint="A POST here takes ACTION=DELETE. PHASE goes to …/phase, parameters to …/parameters.",
        )
    return await delete(service, site, request)


async def delete(service: JobService, site: Site, request: Request) -> Response:
    """DELETE: end the job and remove it with its results."""
    found = await job_for(site, request, service.kind)
    keys = await site.jobs.store.delete(found)
    await site.jobs.upkeep.discard(keys)
    return _see_other(service.url(site, request))


async def phase(service: JobService, site: Site, request: Request) -> Response:
    """The phase; PHASE=RUN starts the job, PHASE=ABORT ends it."""
    found = await job_for(site, request, service.kind)
    if request.method != "POST":
        return _text(found.phase)
    asked = _needed(await read_parameters(request), "PHASE", "RUN or ABORT")
    match asked.upper():
        case "RUN":
            await site.jobs.store.run(found)
        case "ABORT":
            await site.jobs.store.abort(found)
        case _:
            raise UsageError(f"PHASE={asked[:40]!r} cannot be asked for.", hint="PHASE is RUN or ABORT.")
    return _see_other(_url(service, site, request))


async def execution_duration(service: JobService, site: Site, request: Request) -> Response:
    """The seconds that the job may run. 0 asks for no limit, and like too many gets the service's own."""
    found = await job_for(site, request, service.kind)
    if request.method != "POST":
        return _text(str(found.execution_duration))
    text = _needed(await read_parameters(request), "EXECUTIONDURATION", "a number of seconds").strip()
    if not (text.isascii() and text.isdigit()):
        raise UsageError(
            f"EXECUTIONDURATION={text[:40]!r} is not a number of seconds.",
            hint="It is an integer, for example EXECUTIONDURATION=600; 0 is for as long as the service allows.",
        )
    hard = site.limits(found.owner).async_hard_timeout
    asked = int(text) if len(text) < 10 else hard
    await site.jobs.store.set_duration(found, min(asked or hard, hard))
    return _see_other(_url(service, site, request))


async def destruction(service: JobService, site: Site, request: Request) -> Response:
    """When the job will be deleted; the service's own limit holds."""
    found = await job_for(site, request, service.kind)
    if request.method != "POST":
        return _text(written(found.destruction))
    text = _needed(await read_parameters(request), "DESTRUCTION", "a time")
    moment = read_time("DESTRUCTION", text)
    await site.jobs.store.set_destruction(found, moment, longest=site.settings.job_lifetime)
    return _see_other(_url(service, site, request))


async def parameters(service: JobService, site: Site, request: Request) -> Response:
    """The job's parameters; a POST gives it more, or others, before it runs."""
    found = await job_for(site, request, service.kind)
    if request.method != "POST":
        return _xml(documents.parameters_document(found, _url(service, site, request)))
    with closing(await _with_files(service, site, request)) as given:
        await _keep_files(site, found, given)
        await site.jobs.store.set_parameters(
            found, _of_job(given), repeatable=service.repeatable, run_id=given.run_id
        )
    return _see_other(_url(service, site, request))


async def parameter(service: JobService, site: Site, request: Request) -> Response:
    """One parameter's value, or the file that came under that name (UWS 1.1 §2.2.1.3)."""
    found = await job_for(site, request, service.kind)
    name: str = request.path_params["name"]
    file = next((one for one in found.inputs if one.result_id == name), None)
    if file is not None:
        store = await run_in_threadpool(lambda: site.jobs.results)
        return await stored_response(request, store, file, found.creation_time)
    values = [value for known, value in found.parameters if known == name.upper()]
    if not values:
        raise NotFound(f"The job has no parameter {name[:60]}.")
    return _text("\n".join(values))


async def quote(service: JobService, site: Site, request: Request) -> Response:
    """When the job will have ended, by the database's estimate; nothing where that is not known."""
    return _text(written((await job_for(site, request, service.kind)).quote))


async def owner(service: JobService, site: Site, request: Request) -> Response:
    """Who signed in to make the job; nothing where nobody did."""
    return _text((await job_for(site, request, service.kind)).owner or "")


async def error(service: JobService, site: Site, request: Request) -> Response:
    """What went wrong, as a document with status 200 (DALI 1.1 §4.2)."""
    found = await job_for(site, request, service.kind)
    if found.error_message is None:
        raise NotFound(f"The job has no error: it is {found.phase}.")
    return service.error(found)


async def results(service: JobService, site: Site, request: Request) -> Response:
    """What the job has made."""
    found = await job_for(site, request, service.kind)
    return _xml(documents.results_document(found, _url(service, site, request)))


async def result(service: JobService, site: Site, request: Request) -> Response:
    """One result, byte for byte."""
    found = await job_for(site, request, service.kind)
    name: str = request.path_params["result_id"]
    file = found.result(name)
    if file is None or found.end_time is None:
        known = ", ".join(one.result_id for one in found.results)
        where = f"The results are: {known}." if known else f"The job is {found.phase}."
        hint = "…/error says why." if found.phase is Phase.ERROR else None
        raise NotFound(f"The job has no result {name[:60]}. {where}", hint=hint)
    store = await run_in_threadpool(lambda: site.jobs.results)
    return await stored_response(request, store, file, found.end_time)


async def _with_files(service: JobService, site: Site, request: Request) -> Parameters:
    limit = service.files(site, for_jobs(site, request).name) if service.files else None
    return await read_parameters(request, files_limit=limit)


async def _keep_files(site: Site, job: Job, parameters: Parameters) -> None:
    """Put the files of a form into the store: the job is run by another process."""
    store = await run_in_threadpool(lambda: site.jobs.results)
    most = site.limits(job.owner).upload_bytes
    for name, file in parameters.all_files:
        key = await site.jobs.store.note_input(job, name, "application/octet-stream", most_bytes=most)
        stored = await run_in_threadpool(store.write, key, chunks(file))
        await site.jobs.store.has_input(key, stored)


def _of_job(parameters: Parameters) -> tuple[tuple[str, str], ...]:
    """The parameters that are the job's own, not UWS's."""
    return tuple(pair for pair in parameters.pairs if pair[0] not in _NOT_THE_JOBS)


def _phase(text: str) -> Phase:
    try:
        return Phase(text.strip().upper())
    except ValueError:
        raise UsageError(
            f"PHASE={text[:40]!r} is not a phase.", hint=f"Phases are {', '.join(Phase)}."
        ) from None


def _wait(text: str | None) -> float:
    """How long to wait, in seconds; any negative number is for as long as may be."""
    if text is None:
        return 0.0
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise UsageError(
            f"WAIT={text[:40]!r} is not a number of seconds.", hint=f"WAIT is -1 to {LONGEST_WAIT:.0f}."
        )
    if text.strip().startswith("-") or len(digits) > 4:
        return LONGEST_WAIT
    return min(float(digits), LONGEST_WAIT)


def _needed(parameters: Parameters, name: str, meaning: str) -> str:
    value = parameters.one(name)
    if value is None:
        raise UsageError(f"{name} is missing.", hint=f"A POST here takes {name}: {meaning}.")
    return value


def _url(service: JobService, site: Site, request: Request) -> str:
    return f"{service.url(site, request)}/{request.path_params['job_id']}"


def _see_other(url: str) -> Response:
    return RedirectResponse(url, 303, headers=_NO_STORE)


def _xml(body: bytes) -> Response:
    return Response(body, headers=_NO_STORE, media_type="text/xml")


def _text(text: str) -> Response:
    return PlainTextResponse(text, headers=_NO_STORE)
