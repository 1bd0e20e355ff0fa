"""The web application put together: settings, then the site, its routes and what surrounds every request."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voserver import logs
from voserver.protocols import landing, scrape
from voserver.protocols.access import Access
from voserver.protocols.authentication.login import login
from voserver.protocols.authentication.middleware import Authentication, ForWhom
from voserver.protocols.caom_repository import answering as caom
from voserver.protocols.caom_repository.capabilities import repository_document
from voserver.protocols.capabilities import capabilities_of
from voserver.protocols.compression import GzipOnRequest
from voserver.protocols.cors import AllowEveryOrigin
from voserver.protocols.datalink.capabilities import links_document
from voserver.protocols.datalink.links import links
from voserver.protocols.discovery import capabilities as discovery_capabilities
from voserver.protocols.discovery import cone, sia1, sia2, ssa
from voserver.protocols.faults import Faults, raise_to_faults
from voserver.protocols.feeds import answering as feeds
from voserver.protocols.files import jobs as package_jobs
from voserver.protocols.files import packaging, serving
from voserver.protocols.registry.capabilities import registry_document
from voserver.protocols.registry.harvest import harvest
from voserver.protocols.site import Site
from voserver.protocols.soda import asynchronous as soda_asynchronous
from voserver.protocols.soda import examples as soda_examples
from voserver.protocols.soda import sync as soda_sync
from voserver.protocols.soda.capabilities import soda_document
from voserver.protocols.tap import asynchronous
from voserver.protocols.tap.availability import availability
from voserver.protocols.tap.capabilities import capabilities
from voserver.protocols.tap.examples import examples
from voserver.protocols.tap.explain import explain
from voserver.protocols.tap.sync import sync
from voserver.protocols.tap.tables import one_table, table_set
from voserver.protocols.uws.routes import job_routes
from voserver.settings import Settings
from voserver.worker import working

_Endpoint = Callable[[Site, Request], Awaitable[Response]]


def _routes(site: Site) -> list[Route]:
    """Every path. Its name is the label that metrics give it."""

    def route(path: str, name: str, endpoint: _Endpoint, *methods: str) -> Route:
        return Route(path, partial(endpoint, site), name=name, methods=methods or ("GET",))

    return [
        # The first, because it is asked for most: paths are compared in this order.
        route("/files/{uri:path}", "files", serving.file),
        route("/", "landing", landing.landing),
        route("/tap", "tap", landing.tap),
        route("/tap/", "tap", landing.tap),
        route("/tap/sync", "tap_sync", sync, "GET", "POST"),
        *job_routes(asynchronous.SERVICE, site),
        route("/tap/explain", "tap_explain", explain, "GET", "POST"),
        route("/tap/capabilities", "tap_capabilities", capabilities),
        route("/tap/availability", "tap_availability", availability),
        route("/tap/tables", "tap_tables", table_set),
        route("/tap/tables/{name}", "tap_table", one_table),
        route("/tap/examples", "tap_examples", examples),
        route("/sia/query", "sia2", sia2.query, "GET", "POST"),
        route(
            "/sia/capabilities", "sia2_capabilities", capabilities_of(discovery_capabilities.sia2_document)
        ),
        route("/sia/availability", "sia2_availability", availability),
        route("/sia1", "sia1", sia1.search, "GET", "POST"),
        route(
            "/sia1/capabilities", "sia1_capabilities", capabilities_of(discovery_capabilities.sia1_document)
        ),
        route("/sia1/availability", "sia1_availability", availability),
        route("/ssa", "ssa", ssa.query, "GET", "POST"),
        route("/ssa/capabilities", "ssa_capabilities", capabilities_of(discovery_capabilities.ssa_document)),
        route("/ssa/availability", "ssa_availability", availability),
        route("/scs/{name}", "scs", cone.search, "GET", "POST"),
        route("/scs/{name}/capabilities", "scs_capabilities", discovery_capabilities.of_cone),
        route("/scs/{name}/availability", "scs_availability", availability),
        route("/package", "package", packaging.package, "GET", "POST"),
        *job_routes(package_jobs.SERVICE, site),
        route("/login", "login", login, "POST"),
        route("/datalink/links", "links", links, "GET", "POST"),
        route("/datalink/capabilities", "links_capabilities", capabilities_of(links_document)),
        route("/datalink/availability", "links_availability", availability),
        route("/soda/sync", "soda_sync", soda_sync.sync, "GET", "POST"),
        *job_routes(soda_asynchronous.SERVICE, site),
        route("/soda/capabilities", "soda_capabilities", capabilities_of(soda_document)),
        route("/soda/availability", "soda_availability", availability),
        route("/soda/examples", "soda_examples", soda_examples.examples),
        route("/oai", "registry", harvest, "GET", "POST"),
        route("/oai/capabilities", "registry_capabilities", capabilities_of(registry_document)),
        route("/oai/availability", "registry_availability", availability),
        route("/caom", "caom_collections", caom.collections),
        route("/caom/capabilities", "caom_capabilities", capabilities_of(repository_document)),
        route("/caom/availability", "caom_availability", availability),
        route("/caom/deletions", "caom_deletion_collections", caom.collections),
        route("/caom/deletions/{collection}", "caom_deletions", caom.deletions),
        route("/caom/{collection}", "caom_observations", caom.observations),
        route("/caom/{collection}/{observation}", "caom_observation", caom.observation),
        route("/events", "events", feeds.feed),
        route("/events.atom", "events_atom", feeds.atom_feed),
        route("/events.json", "events_json", feeds.json_form),
        route("/metrics", "metrics", scrape.expose),
    ]


def create_app(settings: Settings) -> Starlette:
    """The application for one server process. `settings.database_url` must be set."""
    logs.configure(settings)
    site = Site(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(site.opened())
            if settings.workers_embedded:
                await stack.enter_async_context(working(site))
            yield

    app = Starlette(
        routes=_routes(site),
        lifespan=lifespan,
        middleware=[
            Middleware(Access),
            Middleware(AllowEveryOrigin),
            Middleware(ForWhom),
            Middleware(GzipOnRequest),
            Middleware(Faults),
            Middleware(Authentication, site=site),
        ],
        exception_handlers={HTTPException: raise_to_faults},
    )
    app.state.site = site
    # A redirected POST loses its body in most clients: a path is served as it stands, or not at all.
    app.router.redirect_slashes = False
    return app


def create_app_from_environment() -> Starlette:
    """The application with its settings from the environment: what a server's own workers start."""
    return create_app(Settings())
