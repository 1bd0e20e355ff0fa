"""Tables that lie elsewhere (UPLOAD=name,https://…), fetched without opening a door into the operator's network.

The address of each host is looked up once, judged, and that very address is connected to, at each redirect anew: a name
that means something else a moment later leads nowhere. Only public addresses are, unless the operator names others.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from typing_extensions import override

import voserver
from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits, shown

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
_LONGEST_URL = 4000
_PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Allowed:
    """Hosts, and networks of addresses, that may be private."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Allowed":
        """From an operator's list: names and networks, with commas or blanks between."""
        hosts, networks = set(), []
        for word in text.replace(",", " ").split():
            try:
                networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                hosts.add(word.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def admits(self, host: str, address: Address) -> bool:
        """Whether an address of a host may be connected to."""
        if host.lower().rstrip(".") in self.hosts or any(address in network for network in self.networks):
            return True
        return is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet's, whichever way it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    is_special = address.is_multicast or address.is_reserved or any(address in one for one in _SPECIAL)
    return address.is_global and not is_special


_SPECIAL = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "2001:db8::/32"))
)
"""Networks that are nobody's on the Internet, whatever the version of Python says of them."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass
class Fetcher:
    """Fetches tables within limits of size and time."""

    limits: Limits
    timeout: float = 60
    allowed: Allowed = Allowed()

    def fetch(self, url: str, into: IO[bytes], taken: int = 0) -> int:
        """Write what lies at a URL into a file; how many bytes there were.

        Args:
            url: of http or https.
            into: the file.
            taken: bytes of other tables, which count with these.

        Raises:
            UsageError: why it cannot be had. What the other side says is not repeated.
        """
        ending = time.monotonic() + self.timeout
        for _ in range(_MOST_REDIRECTS + 1):
            connection = self._connect(url, ending)
            try:
                with connection.ending_at(ending), self._ask(connection, url) as answer:
                    if answer.status not in _REDIRECTS:
                        return self._keep(_Reading(connection, answer, url, ending), into, taken)
                    url = urljoin(url, answer.headers.get("Location", ""))
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._late(url) if time.monotonic() >= ending else self._failed(url, error) from error
            finally:
                connection.close()
        raise UsageError(f"{shown(url)} was reached by more than {_MOST_REDIRECTS} redirects.")

    def _connect(self, url: str, ending: float) -> "_Connection":
        parts = _parts(url)
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        left = ending - time.monotonic()
        if left <= 0:
            raise self._late(url)
        addresses = self._addresses(host, port, left)
        left = max(ending - time.monotonic(), 0.001)
        return _Connection(host, port, addresses, left, is_secure=parts.scheme == "https")

    def _addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        try:
            found = _look_up(host, port, seconds)
        except TimeoutError:
            raise UsageError(
                f"Looking up the host {shown(host)} of an uploaded table took longer than {self.timeout:g} s."
            ) from None
        except (OSError, UnicodeError):
            raise UsageError(f"The host {shown(host)} of an uploaded table is not known.") from None
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not all(self.allowed.admits(host, address) for address in addresses):
            raise UsageError(
                f"The host {shown(host)} has an address that is not public: tables are not fetched from there.",
                hint="Send the table with the query: UPLOAD=name,param:part",
            )
        return addresses

    def _ask(self, connection: "_Connection", url: str) -> http.client.HTTPResponse:
        parts = _parts(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "User-Agent": f"voserver/{voserver.__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def _keep(self, reading: "_Reading", into: IO[bytes], taken: int) -> int:
        answer, url = reading.answer, reading.url
        if answer.status != http.client.OK:
            raise UsageError(f"{shown(url)} answered with the status {answer.status}, not with a table.")
        self.limits.check_bytes(taken + (answer.length or 0))
        size = 0
        while not answer.closed:
            left = reading.ending - time.monotonic()
            if left <= 0:
                raise self._late(url)
            reading.connection.wait_at_most(left)
            chunk = answer.read1(_CHUNK)
            if not chunk:
                break
            size += len(chunk)
            self.limits.check_bytes(taken + size)
            into.write(chunk)
        if time.monotonic() >= reading.ending:  # broken by us: half a chunk's length may look like the end
            raise self._late(url)
        if answer.length:
            raise UsageError(f"{shown(url)} broke off after {size:,} bytes, {answer.length:,} too early.")
        return size

    def _late(self, url: str) -> UsageError:
        return UsageError(f"{shown(url)} took longer than {self.timeout:g} s, the longest that is waited.")

    def _failed(self, url: str, error: Exception) -> UsageError:
        if isinstance(error, TimeoutError):
            return self._late(url)
        if isinstance(error, ssl.SSLCertVerificationError):
            return UsageError(f"The certificate of {shown(url)} is not valid: {error.verify_message}.")
        return UsageError(f"{shown(url)} cannot be fetched: {type(error).__name__}.")


_Found = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]


def _look_up(host: str, port: int, seconds: float) -> _Found:
    """What a host's name means. The system's own look-up knows no limit of time, so it is left alone beyond it."""
    answer: Future[_Found] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True, name="look-up of a host").start()
    return answer.result(seconds)


@dataclass(frozen=True)
class _Reading:
    """An answer that is being read, and when that must be done."""

    connection: "_Connection"
    answer: http.client.HTTPResponse
    url: str
    ending: float


def _parts(url: str) -> SplitResult:
    """A URL's parts, if it is one that may be fetched."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(
            f"{shown(url)} is not a URL that a table is fetched from.",
            hint="It is like https://example.org/table.vot",
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError("A URL with a user's name or password in it is not fetched from.")
    return parts


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged, by the name that it was found for."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[Address], timeout: float, *, is_secure: bool
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self.default_port = _PORTS["https" if is_secure else "http"]
        self._addresses = addresses
        self._is_secure = is_secure
        self._reached: socket.socket | None = (
            None  # http.client forgets its own as soon as the headers are there
        )

    @override
    def connect(self) -> None:
        """Try the addresses one by one."""
        for number, address in enumerate(self._addresses, 1):
            try:
                self.sock = self._reached = socket.create_connection((str(address), self.port), self.timeout)
                break
            except OSError:
                if number == len(self._addresses):
                    raise
        if self._is_secure:
            context = ssl.create_default_context()
            secured = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self._reached = secured
            secured.do_handshake()

    @contextmanager
    def ending_at(self, moment: float) -> Iterator[None]:
        """Break the connection at a moment: a server that drips bytes ends no single wait, but makes one of many."""
        timer = threading.Timer(max(0, moment - time.monotonic()), self._break)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _break(self) -> None:
        if self._reached is not None:
            with suppress(OSError):
                self._reached.shutdown(socket.SHUT_RDWR)

    def wait_at_most(self, seconds: float) -> None:
        """Let the next read take no longer."""
        if self._reached is not None:
            self._reached.settimeout(seconds)
