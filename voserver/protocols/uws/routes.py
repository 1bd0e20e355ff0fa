"""The paths of a job list."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voserver.protocols.site import Site
from voserver.protocols.uws import resources
from voserver.protocols.uws.service import JobService

_Resource = Callable[[JobService, Site, Request], Awaitable[Response]]


class _ByMethod:
    """One path's resources: a GET (and HEAD), a POST, a DELETE."""

    def __init__(self, service: JobService, site: Site, by_method: dict[str, _Resource]) -> None:
        self._call = {method: partial(resource, service, site) for method, resource in by_method.items()}

    async def __call__(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await self._call[method](request)


def job_routes(service: JobService, site: Site) -> list[Route]:
    """The routes of a job list. Their names are the labels that metrics give them."""
    name = service.path.strip("/").replace("/", "_")
    job = f"{service.path}/{{job_id}}"

    def route(path: str, label: str, **by_method: _Resource) -> Route:
        endpoint = _ByMethod(service, site, by_method)
        return Route(path, endpoint.__call__, name=f"{name}{label}", methods=list(by_method))

    def both(child: str, resource: _Resource) -> Route:
        return route(f"{job}/{child}", f"_{child}", GET=resource, POST=resource)

    def read(child: str, resource: _Resource) -> Route:
        return route(f"{job}/{child}", f"_{child}", GET=resource)

    return [
        route(service.path, "", GET=resources.job_list, POST=resources.create),
        route(job, "_job", GET=resources.job, POST=resources.change_job, DELETE=resources.delete),
        both("phase", resources.phase),
        both("executionduration", resources.execution_duration),
        both("destruction", resources.destruction),
        both("parameters", resources.parameters),
        route(f"{job}/parameters/{{name:path}}", "_parameter", GET=resources.parameter),
        read("quote", resources.quote),
        read("owner", resources.owner),
        read("error", resources.error),
        read("results", resources.results),
        route(f"{job}/results/{{result_id:path}}", "_result", GET=resources.result),
    ]
