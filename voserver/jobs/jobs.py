"""All that a process needs to serve jobs, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property

from voserver.jobs.changes import Changes
from voserver.jobs.database import JobDatabase
from voserver.jobs.leases import Terms
from voserver.jobs.results import ResultStore
from voserver.jobs.store import JobStore, Share
from voserver.jobs.upkeep import Upkeep
from voserver.model.errors import Unavailable
from voserver.settings import Settings

_PENDING = 1000  # jobs that one party may leave unstarted
_CONNECTIONS = 4


class Jobs:
    """The jobs as a server process has them."""

    def __init__(self, settings: Settings) -> None:
        if settings.database_url is None:
            raise Unavailable("No database is configured.", hint="Set VOSERVER_DATABASE_URL.")
        self._settings = settings
        self.database = JobDatabase(settings.database_url, _CONNECTIONS + settings.job_concurrency)
        self.changes = Changes(self.database)
        self.store = JobStore(self.database, Share(_PENDING, settings.jobs_busy))
        self.terms = Terms(settings.job_lease, settings.jobs_running)

    @cached_property
    def results(self) -> ResultStore:
        """Where results lie."""
        return ResultStore.from_settings(self._settings)

    @cached_property
    def upkeep(self) -> Upkeep:
        """What is done now and then."""
        return Upkeep(self.database, self.results, self.terms.lease)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connect, listen and keep things up until the end."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.database.opened())
            await stack.enter_async_context(self.changes.opened())
            await stack.enter_async_context(self.upkeep.opened())
            yield
