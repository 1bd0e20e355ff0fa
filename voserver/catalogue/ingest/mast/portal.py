"""MAST's portal API, asked politely by astroquery: one request at a time, with pauses, pages, patience and limits."""

import email.utils
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from voserver import __version__
from voserver.catalogue.ingest.mast.lists import Row
from voserver.model.errors import Unavailable, UsageError

MAST = "https://mast.stsci.edu"
_log = logging.getLogger(__name__)

Filters = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Politeness:
    """How MAST is asked. Times in seconds."""

    pause: float = 1.0
    """Between two requests."""
    page_size: int = 5_000
    """Rows of an answer."""
    attempts: int = 6
    """How often a request is made that goes wrong, the pause before the next one doubled each time."""
    first_retry: float = 2.0
    longest_wait: float = 900.0
    """No longer is waited where MAST names a time after which it is to be asked again."""
    connecting: float = 15.0
    answering: float = 300.0
    """The longest that one answer may take to come."""
    executing: float = 900.0
    """The longest that MAST may say that it is still at work on a query."""
    most_bytes: int = 256 << 20
    """The largest answer that is read."""
    most_pages: int = 10_000
    """An answer of more pages has no end: MAST has some millions of rows of JWST."""


class Answer(Protocol):
    """What is used of an answer of `requests`."""

    status_code: int
    headers: Mapping[str, str]

    def iter_content(self, chunk_size: int) -> Iterator[bytes]:
        """Its content in pieces."""

    def close(self) -> None:
        """Give back the connection."""


Send = Callable[[tuple[float, float]], Answer]
"""Sends a question, with the seconds that it may take to connect, and to wait for a piece of the answer."""


class _Passing(Exception):  # noqa: N818 -- not an error yet
    """Something went wrong that may go well the next time, perhaps after the seconds that MAST names."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(slots=True)
class Portal:
    """MAST, or a server that speaks as it does."""

    server: str = MAST
    politeness: Politeness = field(default_factory=Politeness)
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _api: Any = None
    _asked: bool = False

    def __post_init__(self) -> None:
        if not self.server.startswith(("https://", "http://")):
            raise UsageError(f"“{self.server[:120]}” is not the URL of a server.")
        self._api = _portal_class()(self)

    def close(self) -> None:
        """Give back the connections."""
        self._api.close()

    def observations(self, filters: Filters, position: str | None = None) -> Iterator[list[Row]]:
        """Observations, a page at a time; `position` is `ra, dec, radius` in degrees.

        Raises:
            Unavailable: MAST is away, or does not do what is asked.
        """
        params: dict[str, object] = {"columns": "*", "filters": list(filters)}
        if position:
            return self._pages("Mast.Caom.Filtered.Position", {**params, "position": position})
        return self._pages("Mast.Caom.Filtered", params)

    def products(self, obsids: Sequence[str]) -> Iterator[list[Row]]:
        """All products of some observations, a page at a time.

        Raises:
            Unavailable: MAST is away, or does not do what is asked.
        """
        return self._pages("Mast.Caom.Products", {"obsid": ",".join(obsids)})

    def _pages(self, service: str, params: Mapping[str, object]) -> Iterator[list[Row]]:
        page, pages, rows, first, announced = 1, 1, 0, 0, None
        while page <= pages:
            answer = self._api.service_request_async(
                service, dict(params), pagesize=self.politeness.page_size, page=page
            )[0]
            some = answer["data"]
            rows += len(some)
            paging = answer.get("paging") or {}
            pages = _whole(paging.get("pagesFiltered")) or page
            announced = _whole(paging.get("rowsFiltered"))
            if page < pages and not some:
                raise Unavailable(f"{self.server} answers an empty page {page} of {pages}.")
            # New rows may come meanwhile, but not as fast as they are read.
            first = first or pages
            if pages > min(self.politeness.most_pages, first + 1 + first // 10):
                raise Unavailable(
                    f"{self.server} says that there are {pages:,} pages, after {first:,} at first."
                )
            if some:
                yield some
            page += 1
        if announced is not None and rows < announced:
            raise Unavailable(
                f"{self.server} gave {rows:,} rows of the {announced:,} that it has.", hint="Try again later."
            )

    def ask(self, send: Send) -> dict[str, Any]:
        """One question until it is answered, however often it must be asked."""
        politeness = self.politeness
        retry, executing_until = politeness.first_retry, None
        attempt = 1
        while True:
            if self._asked:
                self.wait(politeness.pause)
            self._asked = True
            try:
                answer = self._once(send)
            except _Passing as fault:
                if attempt >= politeness.attempts:
                    raise Unavailable(
                        f"{self.server} cannot be harvested: {fault}.",
                        hint="What was harvested is kept: the same command goes on later.",
                    ) from fault
                after = retry if fault.after is None else max(fault.after, politeness.pause)
                _log.info("harvest: %s; asked again in %g s", fault, after)
                self.wait(after)
                attempt, retry = attempt + 1, retry * 2
                continue
            if answer.get("status") != "EXECUTING":
                return answer
            now = self.clock()
            executing_until = executing_until or now + politeness.executing
            if now >= executing_until:
                raise Unavailable(
                    f"{self.server} has worked on the query for more than {politeness.executing:g} seconds."
                )
            self.wait(min(retry, 10.0))

    def _once(self, send: Send) -> dict[str, Any]:
        from requests.exceptions import RequestException  # noqa: PLC0415 -- it comes with astroquery

        until = self.clock() + self.politeness.answering
        try:
            with closing(send((self.politeness.connecting, self.politeness.answering))) as answer:
                content = b"".join(self._pieces(answer, until))
                status, told = answer.status_code, answer.headers
        except RequestException as error:
            raise _Passing(f"it does not answer ({type(error).__name__})") from error
        if status == 429 or status >= 500:
            raise _Passing(f"it answers HTTP {status}", self._retry_after(told.get("Retry-After")))
        if 300 <= status < 400:
            raise Unavailable(
                f"{self.server} sends its visitors to {str(told.get('Location'))[:200]!r}.",
                hint="If that is the server that you mean, give it with --server.",
            )
        if status != 200:
            raise Unavailable(f"{self.server} refuses: HTTP {status}.")
        return _document(content, self.server)

    def _pieces(self, answer: Answer, until: float) -> Iterator[bytes]:
        size = 0
        for piece in answer.iter_content(1 << 16):
            size += len(piece)
            if size > self.politeness.most_bytes:
                raise Unavailable(f"{self.server} answers more than {self.politeness.most_bytes:,} bytes.")
            if self.clock() > until:
                raise _Passing(f"its answer took longer than {self.politeness.answering:g} seconds")
            yield piece

    def _retry_after(self, said: str | None) -> float | None:
        """Seconds or a date (RFC 9110 §10.2.3)."""
        if not said:
            return None
        if said.strip().isdecimal():
            seconds = float(said)
        else:
            try:
                seconds = email.utils.parsedate_to_datetime(said).timestamp() - time.time()
            except ValueError:
                return None
        if seconds > self.politeness.longest_wait:
            raise Unavailable(f"{self.server} asks to be left alone for {seconds:,.0f} seconds.")
        return max(seconds, 0.0)


def _document(content: bytes, server: str) -> dict[str, Any]:
    """An answer as it should be; what is none (a page of HTML, half a JSON) may be one the next time."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        kind = "a web page" if content.lstrip()[:1] == b"<" else "no whole JSON"
        raise _Passing(f"it answers {kind} instead of rows") from error
    status = document.get("status") if isinstance(document, dict) else None
    if status == "EXECUTING":
        return {"status": status}
    if status == "ERROR":
        raise Unavailable(f"{server} says: {str(document.get('msg'))[:300]}")
    rows = document.get("data") if isinstance(document, dict) else None
    if status != "COMPLETE" or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Passing("its answer has no rows")
    if not isinstance(document.get("paging") or {}, dict):
        raise _Passing("its answer does not say how many pages there are")
    return dict(document)


def _whole(number: object) -> int | None:
    return int(number) if isinstance(number, int | float) and 0 <= number < 1e9 else None


def _portal_class() -> type:
    """The portal's client in astroquery, which leaves the asking itself to a `Portal`.

    Raises:
        UsageError: astroquery is not installed.
    """
    try:
        from astroquery.mast.discovery_portal import PortalAPI  # noqa: PLC0415 -- not everybody installs it
    except ModuleNotFoundError as error:
        raise UsageError(
            "Harvesting MAST needs astroquery, which is not installed.",
            hint="In the checkout: make setup, or without what only development needs: uv sync --no-dev --extra harvest",
        ) from error

    class PoliteAPI(PortalAPI):  # type: ignore[misc]
        """Its requests go one by one through the portal that it belongs to; nothing else is fetched."""

        def __init__(self, portal: Portal) -> None:
            super().__init__()
            self._portal = portal
            # requests would read the whole answer that sends it elsewhere, and ask whoever is there.
            self._session.get_redirect_target = lambda _: None
            services = ("Mast.Caom.Filtered", "Mast.Caom.Filtered.Position", "Mast.Caom.Products")
            self._column_configs: dict[str, object] = {service: {} for service in services}
            self.MAST_REQUEST_URL = f"{portal.server.rstrip('/')}/api/v0/invoke"
            own = f"voserver/{__version__} (harvest of JWST metadata)"
            self._session.headers["User-Agent"] = f"{own} {self._session.headers['User-Agent']}"

        def close(self) -> None:
            """Give back the connections."""
            self._session.close()

        def _request(
            self, method: str, url: str, data: object = None, headers: object = None, **_others: object
        ) -> list[dict[str, Any]]:
            def send(timeout: tuple[float, float]) -> Answer:
                answer: Answer = self._session.request(
                    method, url, data=data, headers=headers, timeout=timeout, stream=True
                )
                return answer

            return [self._portal.ask(send)]

    return PoliteAPI
