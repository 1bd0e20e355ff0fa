"""Documents from a CAOM repository: the list of a collection, page by page, each observation, and what was deleted.

The operator names a host. What lies there may lead elsewhere, by redirects or by the addresses in its capabilities; that
is not followed beyond the host.
"""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import Message
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit

from typing_extensions import override

from voserver.catalogue.caom_documents.json_form import is_json
from voserver.catalogue.caom_documents.loading import Source
from voserver.catalogue.caom_documents.reading import LARGEST, parse, read
from voserver.model.errors import NotFound, Unavailable, UsageError

_PAGE = 1_000
_SECONDS = 60
_LONGEST = 600
"""Seconds that a document may take."""
_DELETIONS = "vos://cadc.nrc.ca~vospace/CADC/std/CAOM2Repository#del-1.0"


def documents_from(url: str, listed: set[str] | None = None) -> Iterator[Source]:
    """The one document at a URL, or all of the collection whose list is there, whose names are added to `listed`.

    Raises:
        Unavailable: the list cannot be had.
        UsageError: the URL is none of the web's, or what is there is neither a document nor a list.
    """
    check_url(url)
    first = _fetch_list(f"{url}?{urlencode({'maxrec': _PAGE})}" if "?" not in url else url)
    if first.lstrip().startswith(b"<") or is_json(first):
        yield url, lambda: first
        return
    seen = set[str]() if listed is None else listed
    base = url.partition("?")[0].rstrip("/")
    for words in _pages(base, first, 3):
        collection, name = words[:2]
        if name not in seen:
            seen.add(name)
            yield f"{base}/{quote(name, safe='')}", partial(_fetch_of, base, collection, name)


def check_url(url: str) -> None:
    """See that a URL is one of the web's.

    Raises:
        UsageError: it is none.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and url.isprintable() and " " not in url:
            return
    raise UsageError(f"{url[:200]!r} is no URL of the web.")


def _pages(base: str, page: bytes, columns: int) -> Iterator[list[str]]:
    """The rows of a list, of which the first page is here. A row that is in two pages comes once."""
    moment = columns - 1
    last: set[tuple[str, ...]] = set()
    has_stepped = False
    while rows := list(_rows(page, columns)):
        fresh = [row for row in rows if tuple(row) not in last]
        yield from fresh
        last = {tuple(row) for row in rows}
        start = rows[-1][moment]
        if not fresh:  # all of the last moment is known; there may be more after it
            later = _next(start)
            if has_stepped or later is None:  # the repository does not look at the start
                return
            start = later
        has_stepped = not fresh
        page = _fetch_list(f"{base}?{urlencode({'maxrec': _PAGE, 'start': start})}")


def _next(moment: str) -> str | None:
    """A millisecond later."""
    try:
        return (datetime.fromisoformat(moment) + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return None


def _rows(page: bytes, columns: int) -> Iterator[list[str]]:
    """The words of each line."""
    for line in page.decode(errors="replace").splitlines():
        words = line.split("\t")
        if len(words) < columns:
            raise UsageError(
                f"What is there is neither a CAOM document nor a list of observations: {line[:80]!r}."
            )
        yield words


def deletions_from(url: str, listed: set[str]) -> Iterator[tuple[str, str]]:
    """Collections and names of observations that the collection's repository has no more, where it tells of any.

    Args:
        url: the collection's.
        listed: observations that it has, whatever became of others of their names.

    Raises:
        Unavailable: the list cannot be had.
    """
    base = url.partition("?")[0].rstrip("/")
    collection = base.rpartition("/")[2]
    there = _deletions_url(base)
    if there is None:
        return
    address = f"{there.rstrip('/')}/{collection}"
    for words in _pages(address, _fetch_list(f"{address}?{urlencode({'maxrec': _PAGE})}"), 4):
        name = words[2]
        if name not in listed and quote(words[1], safe="") == collection and _is_gone(base, name):
            listed.add(name)
            yield words[1], name


def _is_gone(base: str, name: str) -> bool:
    """Whether the repository has no such observation, and does not just keep it out of its list."""
    try:
        _fetch(f"{base}/{quote(name, safe='')}")
    except HTTPError as error:
        return error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
    except OSError:
        return False
    return False


def _deletions_url(base: str) -> str | None:
    """Where the capabilities beside the list of collections, or above it, say that deletions are."""
    repository = base.rpartition("/")[0]
    for above in (repository, repository.rpartition("/")[0]):
        try:
            root = parse(_fetch(f"{above}/capabilities"))
        except (OSError, UsageError):
            continue
        for capability in root.iter("{*}capability", "capability"):
            if capability.get("standardID") == _DELETIONS:
                found = (capability.findtext("interface/accessURL") or "").strip()
                return found if found and _host(found) == _host(base) else None
    return None


def _host(url: str) -> str | None:
    with suppress(ValueError):
        return urlsplit(url).hostname
    return None


def _fetch_of(base: str, collection: str, name: str) -> bytes:
    """An observation's document.

    Raises:
        UsageError: it is another's.
    """
    content = _fetch(f"{base}/{quote(name, safe='')}")
    row = read(content).observation.row
    if (row["collection"], row["observationid"]) != (collection, name):
        found = f"{row['collection']}/{row['observationid']}"
        raise UsageError(f"What is there is the document of another observation: {found[:200]}.")
    return content


def _fetch_list(url: str) -> bytes:
    try:
        return _fetch(url)
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            raise NotFound(f"There is nothing at {url[:200]}.") from error
        raise Unavailable(f"{url[:200]} cannot be had: {error.reason}") from error
    except URLError as error:
        raise Unavailable(f"{url[:200]} cannot be had: {error.reason}") from error
    except OSError as error:
        raise Unavailable(f"{url[:200]} cannot be had: {error}") from error


class _WithinHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the host that the operator has named."""

    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if _host(newurl) != _host(req.full_url):
            raise URLError(
                f"it leads to another host, {str(_host(newurl))[:100]!r}: name that if you trust it"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


_OPENER = urllib.request.build_opener(_WithinHost)


def _fetch(url: str) -> bytes:
    ending = time.monotonic() + _LONGEST
    content = bytearray()
    try:
        with _OPENER.open(url, timeout=_SECONDS) as answer:
            while len(content) <= LARGEST and (piece := answer.read1(1 << 16)):
                content += piece
                if time.monotonic() > ending:
                    raise URLError(f"it takes longer than {_LONGEST} s")
    except HTTPException as error:  # which is no OSError, as all else is that goes wrong on the way
        raise URLError("what came is no answer of HTTP") from error
    return bytes(content)
