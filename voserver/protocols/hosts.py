"""For whom a request is: the one Host header that HTTP wants (RFC 9112 §3.2). And whom it comes from.

The service's own URL is taken from it where none is set, so two of them, or one that is no host, are refused.
"""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

from voserver.model.errors import UsageError

_HOST = re.compile(rb"(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_LONGEST = 253 + len(":65535")  # what the names of hosts may have (RFC 1035 §2.3.4, as text)
_HINT = "It reads like: Host: archive.example.org"


def check_host(scope: Scope) -> None:
    """Refuse a request that does not say clearly for whom it is. HTTP/1.0 need not say it."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1:
        raise UsageError(f"The request has {len(hosts)} Host headers.", hint=f"Send one. {_HINT}")
    if not hosts and scope.get("http_version") == "1.1":
        raise UsageError("The request has no Host header, which HTTP/1.1 requires.", hint=_HINT)
    if hosts and len(hosts[0].strip()) > _LONGEST:
        raise UsageError("The request's Host header is longer than names of hosts are.", hint=_HINT)
    if hosts and not _HOST.fullmatch(hosts[0].strip()):
        raise UsageError("The request's Host header is no name or address of a host.", hint=_HINT)


def sender_of(scope: Scope) -> str:
    """The address that a request comes from. One IPv6 subscriber has 2^64 addresses: those count as one."""
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False).network_address)
