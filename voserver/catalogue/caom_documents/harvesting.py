"""Documents from a CAOM repository: the list of a collection, page by page, and each observation."""

import urllib.request
from collections.abc import Iterator
from functools import partial
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit

from voserver.catalogue.caom_documents.json_form import is_json
from voserver.catalogue.caom_documents.loading import Source
from voserver.catalogue.caom_documents.reading import LARGEST
from voserver.model.errors import Unavailable, UsageError

_PAGE = 1_000
_SECONDS = 60


def documents_from(url: str) -> Iterator[Source]:
    """The one document at a URL, or all of the collection whose list is there.

    Raises:
        Unavailable: the list cannot be had.
        UsageError: the URL is none of the web's, or what is there is neither a document nor a list.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise UsageError(f"{url[:200]!r} is no URL of the web.")
    first = _fetch_list(f"{url}?{urlencode({'maxrec': _PAGE})}" if "?" not in url else url)
    if first.lstrip().startswith(b"<") or is_json(first):
        yield url, lambda: first
        return
    seen: set[str] = set()
    page = first
    while new := [row for row in _rows(page) if row[0] not in seen]:
        for name, _ in new:
            seen.add(name)
            address = f"{url.partition('?')[0].rstrip('/')}/{quote(name, safe='')}"
            yield address, partial(_fetch, address)
        # From the last one's time on, which others may have, too.
        base = url.partition("?")[0]
        page = _fetch_list(f"{base}?{urlencode({'maxrec': _PAGE, 'start': new[-1][1]})}")


def _rows(page: bytes) -> Iterator[tuple[str, str]]:
    """Names of observations with the times when they changed."""
    for line in page.decode(errors="replace").splitlines():
        words = line.split("\t")
        if len(words) < 3:
            raise UsageError(
                f"What is there is neither a CAOM document nor a list of observations: {line[:80]!r}."
            )
        yield words[1], words[2]


def _fetch_list(url: str) -> bytes:
    try:
        return _fetch(url)
    except URLError as error:
        raise Unavailable(f"{url[:200]} cannot be had: {error.reason}") from error
    except OSError as error:
        raise Unavailable(f"{url[:200]} cannot be had: {error}") from error


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 -- of the web, which was checked
        content: bytes = answer.read(LARGEST + 1)
        return content
