"""`/package`: a selection of files as one zip or tar, or as a list or script to fetch them with."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from voserver.catalogue.files import Copy
from voserver.catalogue.files.archives import Archive, Member, member_of, member_of_bytes, tarred, zipped
from voserver.catalogue.holdings import Holding
from voserver.model.errors import NotFound, QuotaExceeded, Unavailable, UsageError
from voserver.model.identity import Identity
from voserver.protocols.compression import UNPACKED
from voserver.protocols.files.lists import as_csv, as_json, as_script, as_urls
from voserver.protocols.files.selection import Selection, read_wanted, select
from voserver.protocols.hosts import sender_of
from voserver.protocols.parameters import Parameters, read_parameters
from voserver.protocols.ranges import disposition
from voserver.protocols.site import Site
from voserver.protocols.streaming import Answer, AnswerResponse

MANIFEST = "MANIFEST.csv"
"""What the archive itself says of its files, and of those that are left out."""

LEFT_OUT = "X-Package-Left-Out"
"""The header that says how many files were asked for and are not in the package."""

_BLOCK = 1 << 18
_AT_ONCE = 8  # stores that are asked for their copies at the same time


@dataclass(frozen=True, slots=True)
class Form:
    """A form of archive."""

    media_type: str
    extension: str
    make: Callable[[list[Member]], Archive]


_ZIP = Form("application/zip", "zip", zipped)
_TAR = Form("application/x-tar", "tar", tarred)
_ARCHIVES = {
    "zip": _ZIP,
    "application/zip": _ZIP,
    "tar": _TAR,
    "application/x-tar": _TAR,
    "application/tar": _TAR,
}

_LISTS = {
    "script": ("text/x-shellscript", "sh", as_script),
    "text/x-shellscript": ("text/x-shellscript", "sh", as_script),
    "application/x-sh": ("text/x-shellscript", "sh", as_script),
    "urls": ("text/uri-list", "txt", as_urls),
    "text/uri-list": ("text/uri-list", "txt", as_urls),
    "json": ("application/json", "json", as_json),
    "application/json": ("application/json", "json", as_json),
    "csv": ("text/csv", "csv", lambda selection, base_url: as_csv(selection, base_url, {})),
    "text/csv": ("text/csv", "csv", lambda selection, base_url: as_csv(selection, base_url, {})),
}


async def package(site: Site, request: Request) -> Response:
    """The package that a request asks for.

    Raises:
        UsageError: its parameters make no sense.
        NotFound: nothing of it is there.
        Forbidden: the caller may have none of it.
        QuotaExceeded: it is too large to be sent at once.
        Unavailable: a store that may have one of its files is away, or too many packages are being sent.
    """
    parameters = await read_parameters(request)
    asked = asked_form(parameters)
    who = site.identify(request)
    selection = await select(site, read_wanted(parameters), who)
    base_url = site.base_url(request)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    left_out = len(selection.exclusive) + len(selection.unknown)
    if asked in _LISTS:
        media_type, extension, written = _LISTS[asked]
        body = await run_in_threadpool(written, selection, base_url)
        headers |= {
            LEFT_OUT: str(left_out),
            "Content-Disposition": disposition("inline", f"package.{extension}"),
        }
        return Response(body, headers=headers, media_type=media_type)
    form = _ARCHIVES[asked]
    check_size(
        selection.size, site.settings.package_bytes, advice="Or have it made by a job: /package/async."
    )
    async with site.packing.take(sender_of(request.scope)):
        made, missing = await make(site, selection, form, who, base_url)
    headers |= {
        LEFT_OUT: str(left_out + missing),
        "Content-Type": form.media_type,
        "Content-Length": str(made.size),
        "Content-Disposition": disposition("attachment", f"package.{form.extension}"),
    }
    if request.method == "HEAD":
        return Response(headers=headers)
    kept, as_it_is = (word.decode() for word in UNPACKED)
    return AnswerResponse(_Sending(made), site.packing, {**headers, kept: as_it_is}, block=_BLOCK)


class _Sending(Answer):
    """An archive on its way."""

    def __init__(self, made: Archive) -> None:
        self._made = made
        self._is_over = Event()

    @override
    def pieces(self) -> Iterator[bytes]:
        for piece in self._made.pieces():
            if self._is_over.is_set():
                raise Unavailable("The package was stopped.")
            yield piece

    @override
    def cancel(self) -> None:
        """Make `pieces` end at the next one."""
        self._is_over.set()


def asked_form(parameters: Parameters) -> str:
    """The name of a form: a zip where nothing is said."""
    asked = (
        (parameters.one("RESPONSEFORMAT") or parameters.one("FORMAT") or "zip")
        .partition(";")[0]
        .strip()
        .lower()
    )
    if asked not in _ARCHIVES and asked not in _LISTS:
        raise UsageError(
            f"RESPONSEFORMAT={asked[:60]!r} is not known here.",
            hint="It is zip, tar, script, urls, csv or json, or the media type of one of these.",
        )
    return asked


def archive_form(parameters: Parameters) -> Form:
    """The same, where only archives make sense."""
    asked = asked_form(parameters)
    if asked not in _ARCHIVES:
        raise UsageError(
            f"RESPONSEFORMAT={asked} needs no job.", hint="A job makes zip or tar; /package the others."
        )
    return _ARCHIVES[asked]


def check_size(size: int, most: int, *, advice: str) -> None:
    """Refuse what is too large.

    Raises:
        QuotaExceeded: it has more bytes than it may have.
    """
    if size > most:
        raise QuotaExceeded(
            f"These files have {size / 1e9:.1f} GB; a package has {most / 1e9:g} GB at most.",
            hint=f"Take RESPONSEFORMAT=script, which fetches them one by one, or filter them. {advice}",
        )


async def make(
    site: Site, selection: Selection, form: Form, who: Identity, base_url: str
) -> tuple[Archive, int]:
    """The archive, ready to be read, and how many of its files no store has.

    Raises:
        NotFound: no store has any of the files.
        Unavailable: a store that may have one is away.
    """
    free = asyncio.Semaphore(_AT_ONCE)

    async def find(file: Holding) -> Copy | NotFound:
        async with free:
            try:
                return await site.stores.open(file, who)
            except NotFound as error:
                return error

    found = await asyncio.gather(*(find(file) for _, file in selection.files))
    # Of thousands of files this takes a while.
    return await run_in_threadpool(_packed, selection, found, form, base_url)


def _packed(
    selection: Selection, found: Sequence[Copy | NotFound], form: Form, base_url: str
) -> tuple[Archive, int]:
    members: list[Member] = []
    missing: dict[str, str] = {}
    for (name, file), copy in zip(selection.files, found, strict=True):
        if isinstance(copy, Copy):
            members.append(member_of(name, copy))
        else:
            missing[file.uri] = copy.message
    if not members:
        raise NotFound(f"None of the {len(selection.files)} files is in a store of this archive now.")
    manifest = as_csv(selection, base_url, missing)
    return form.make([member_of_bytes(MANIFEST, manifest), *members]), len(missing)
