"""What every endpoint works with: settings, the database's pool, the published tables, places for queries."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from voserver.catalogue import object_names
from voserver.catalogue.accounts import Accounts
from voserver.catalogue.connections import Connections
from voserver.catalogue.engine import connect
from voserver.catalogue.files import Stores
from voserver.catalogue.holdings import Holdings
from voserver.catalogue.streams import QueryPool
from voserver.catalogue.tap_schema import load_tables
from voserver.jobs.jobs import Jobs
from voserver.model.errors import ServiceError
from voserver.model.identity import ANYBODY, Identity
from voserver.model.tables import Tables
from voserver.protocols.authentication.openid import OpenID
from voserver.protocols.authentication.passwords import Passwords
from voserver.protocols.places import Places
from voserver.query.adql import Compiler, parse
from voserver.query.plan import Limit
from voserver.settings import Settings

IDENTITY = "voserver.identity"
"""Where a request's scope has who asks."""

RELOAD_SECONDS = 30.0
"""How long after a table was published by another process this one may not know it."""

_CONNECTIONS = 4  # look-ups of files and accounts that each process does at once

log = structlog.get_logger()


@dataclass(frozen=True, eq=False)
class Published:
    """The tables as they were at one moment, with the documents about them. A change makes a new object."""

    tables: Tables
    since: datetime
    compiler: Compiler
    documents: dict[object, bytes] = field(default_factory=dict)

    def document(self, key: object, make: Callable[[], bytes]) -> bytes:
        """A document about these tables, made once."""
        if key not in self.documents:
            self.documents[key] = make()
        return self.documents[key]


class Site:
    """One server process's view of the world, open between `opened` and its end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._for_users = settings.for_users()
        self.started = datetime.now(UTC)
        self.jobs = Jobs(settings)
        self.database = Connections(self.database_url, _CONNECTIONS, purpose="web")
        self.accounts = Accounts(self.database)
        self.passwords = Passwords(self.accounts)
        self.openid = OpenID(settings) if settings.oidc_issuer else None
        self.holdings = Holdings(self.database)
        self.stores = Stores.from_settings(settings)
        self.places = Places(settings.query_connections, settings.query_queue_timeout)
        self.cutting = Places(settings.cutouts, settings.query_queue_timeout, "cut-outs")
        self.packing = Places(settings.packages, settings.query_queue_timeout, "packages")
        self._pool: QueryPool | None = None
        self._published: Published | None = None

    @property
    def database_url(self) -> str:
        """The database, for everything but users' queries."""
        assert self.settings.database_url is not None
        return self.settings.database_url

    @property
    def pool(self) -> QueryPool:
        """The connections that run users' queries."""
        assert self._pool is not None
        return self._pool

    @property
    def limit(self) -> Limit:
        """How long a query may be estimated to take."""
        return Limit(self.settings.cost_per_second, self.settings.estimate_limit)

    @property
    def published(self) -> Published:
        """What can be queried."""
        assert self._published is not None
        return self._published

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect and load the tables; keep them up to date; at the end give everything back."""
        await run_in_threadpool(self._open)
        watching = asyncio.create_task(self._watch())
        try:
            async with self.database.opened(), self.jobs.opened():
                yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await run_in_threadpool(self._close)

    def _open(self) -> None:
        self.reload()
        # Reads the grammar, which takes a while: the first user shall not wait for it.
        parse("SELECT a FROM b", extended=self.settings.adql_extensions)
        self._pool = QueryPool.from_settings(self.settings)

    def _close(self) -> None:
        self.places.close()
        self.cutting.close()
        self.packing.close()
        self.pool.close()

    def reload(self) -> None:
        """Read TAP_SCHEMA, and replace what is published where it has changed."""
        with connect(self.database_url) as connection:
            tables = load_tables(connection)
        if self._published is None or self._published.tables != tables:
            compiler = Compiler(
                tables,
                extended=self.settings.adql_extensions,
                resolve=object_names.resolver(self.settings.resolver_url),
            )
            self._published = Published(tables, datetime.now(UTC).replace(microsecond=0), compiler)
            log.info("tables_loaded", tables=sum(1 for _ in tables))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            try:
                await run_in_threadpool(self.reload)
            except ServiceError as error:
                log.warning("tables_not_reloaded", error=str(error))

    def identify(self, request: Request) -> Identity:
        """Who asks, as the middleware has found out."""
        identity: Identity = request.scope.get(IDENTITY, ANYBODY)
        return identity

    def limits(self, owner: str | None) -> Settings:
        """The settings as they hold for somebody: those who have signed in are given more."""
        return self.settings if owner is None else self._for_users

    def base_url(self, request: Request) -> str:
        """The service's public URL, without a trailing slash: as set, or as this request came."""
        if self.settings.base_url:
            return self.settings.base_url.rstrip("/")
        host = quote(request.url.netloc, safe=":[]@.-_~")
        return f"{request.url.scheme}://{host}{quote(request.scope.get('root_path', ''))}".rstrip("/")
