"""What a standard brings along to have its jobs served as UWS resources."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from voserver.jobs.records import Job
from voserver.protocols.faults import Style
from voserver.protocols.site import Site


def error_as_text(job: Job) -> Response:
    """A job's error document as text: its message, which for SODA begins with a label (SODA 1.0 §4.2)."""
    return Response(f"{job.error_message or ''}\n".encode(errors="replace"), media_type=Style.TEXT.value)


@dataclass(frozen=True)
class JobService:
    """One job list: its path, and what is particular to its kind of job.

    `repeatable` has the parameters whose values add up, with blanks between; a later value of any other replaces the
    earlier one.
    """

    kind: str
    path: str
    error: Callable[[Job], Response] = field(default=error_as_text, repr=False)
    repeatable: str = ""
    files: Callable[[Site, str | None], int] | None = None
    """How many bytes of files a form of that owner may bring, where there may be any."""

    def url(self, site: Site, request: Request) -> str:
        """The URL of the job list."""
        return f"{site.base_url(request)}{self.path}"
