"""`/package/async`: packages that are made by a job, and then fetched in parts, again and again."""

import asyncio
from collections.abc import Iterator

from typing_extensions import override

from voserver.catalogue.accounts import groups_of_owner
from voserver.catalogue.files.archives import Archive
from voserver.jobs.records import Job
from voserver.jobs.work import Output, Term, Work
from voserver.model.errors import Unavailable
from voserver.model.identity import Identity
from voserver.protocols.files.packaging import archive_form, check_size, make
from voserver.protocols.files.selection import REPEATABLE, read_wanted, select
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.protocols.uws.service import JobService

KIND = "package"

SERVICE = JobService(kind=KIND, path="/package/async", repeatable=" ".join(REPEATABLE))


class PackageWork(Work):
    """The work of one job. Files are found in the event loop, `loop`, and read in the job's own thread."""

    def __init__(self, job: Job, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self._site = site
        self._loop = loop
        self._base_url = job.base_url
        self._term = Term(job.execution_duration)
        self._most = site.limits(job.owner).async_bytes
        parameters = Parameters(job.parameters)
        self._form = archive_form(parameters)
        self._wanted = read_wanted(parameters)
        # What somebody may have is what he may when the job runs.
        self._who = Identity(job.owner, groups_of_owner(site.database_url, job.owner))

    @override
    def outputs(self) -> Iterator[Output]:
        """The one package."""
        finding = asyncio.run_coroutine_threadsafe(self._make(), self._loop)
        try:
            made = finding.result(max(1.0, self._term.left))
        except TimeoutError:
            finding.cancel()
            raise Unavailable("The files could not be found in time.") from None
        name = f"package.{self._form.extension}"
        yield Output("package", self._form.media_type, name, self._pieces(made))

    async def _make(self) -> Archive:
        selection = await select(self._site, self._wanted, self._who)
        check_size(selection.size, self._most, advice="Or ask for several packages.")
        made, _ = await make(self._site, selection, self._form, self._who, self._base_url)
        check_size(made.size, self._most, advice="Or ask for several packages.")
        return made

    def _pieces(self, made: Archive) -> Iterator[bytes]:
        for piece in made.pieces():
            self._term.check()
            yield piece

    @override
    def cancel(self) -> None:
        """Read no further."""
        self._term.end()

    @override
    def close(self) -> None:
        """Nothing is held between two blocks."""
