"""Who asks, and which jobs are whose."""

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

from voserver.jobs.records import Job
from voserver.model.errors import Forbidden
from voserver.protocols.site import Site


def party_of(site: Site, request: Request) -> str:
    """Who shares the workers with others: a user, or the address of who has not signed in.

    One IPv6 subscriber has 2^64 addresses: those count as one.
    """
    owner = site.identify(request)
    if owner is not None:
        return f"user {owner}"
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address):
        address = ip_network((address, 64), strict=False).network_address
    return f"address {address}"


async def job_for(site: Site, request: Request, kind: str) -> Job:
    """The job that a request names.

    Raises:
        NotFound: there is none.
        Forbidden: it is somebody else's. One that nobody signed in for is whoever's knows its name.
    """
    job = await site.jobs.store.get(request.path_params["job_id"], kind)
    if job.owner is not None and job.owner != site.identify(request):
        raise Forbidden("This job is somebody else's.", hint="Sign in as its owner.")
    return job
