"""Who asks, and which jobs are whose."""

from starlette.requests import Request

from voserver.jobs.records import Job
from voserver.model.errors import Forbidden, SignInNeeded
from voserver.model.identity import JOBS, Identity
from voserver.protocols.hosts import sender_of
from voserver.protocols.site import Site


def for_jobs(site: Site, request: Request) -> Identity:
    """Who asks, for jobs.

    Raises:
        Forbidden: he asks with a token that was made for less.
    """
    who = site.identify(request)
    if JOBS not in who.scopes:
        raise Forbidden(
            "The token is not for jobs.", hint=f"`voserver token create --scope {JOBS}` makes one that is."
        )
    return who


def party_of(site: Site, request: Request) -> str:
    """Who shares the workers with others: a user, or the address of who has not signed in."""
    owner = site.identify(request).name
    if owner is not None:
        return f"user {owner}"
    return f"address {sender_of(request.scope)}"


async def job_for(site: Site, request: Request, kind: str) -> Job:
    """The job that a request names.

    Raises:
        NotFound: there is none.
        Forbidden: it is somebody else's. One that nobody signed in for is whoever's knows its name.
    """
    job = await site.jobs.store.get(request.path_params["job_id"], kind)
    who = for_jobs(site, request)
    if job.owner is not None and job.owner != who.name:
        refusal = SignInNeeded if who.name is None else Forbidden
        raise refusal("This job is somebody else's.", hint="Sign in as its owner.")
    return job
