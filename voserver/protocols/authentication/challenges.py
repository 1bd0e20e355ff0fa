"""How clients are told that they can sign in: challenges (RFC 9110 §11.6.1), and where they may be answered.

`ivoa_bearer` names a page that takes a name and a password and gives a token (the IVOA's SSO-next draft, as CADC and
TOPCAT have it). It comes first: who knows it sends the password once. Basic and Bearer are HTTP's own.
"""

import re
from ipaddress import ip_address

from starlette.types import Scope

LOGIN = "/login"
PASSWORD_OVER_TLS = "ivo://ivoa.net/sso#tls-with-password"  # noqa: S105 -- the standard's identifier
BASIC = "ivo://ivoa.net/sso#BasicAA"

_KEY = "voserver.challenges"
_PORT = re.compile(r":\d*$")


def is_private(scope: Scope, *, anywhere: bool) -> bool:
    """Whether what a client sends here can be read by nobody on the way: over TLS, or on one machine.

    A proxy that ends TLS says so by X-Forwarded-Proto, which is in the scope's scheme. `anywhere` is for one that does
    not.
    """
    return anywhere or scope["scheme"] == "https" or _is_loopback(_host(scope))


def _host(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return _PORT.sub("", given.strip()).strip("[]").lower()


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # names that mean this machine (RFC 6761 §6.3)
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def offer(scope: Scope, base_url: str) -> None:
    """Let the answers to this request say how to sign in."""
    scope[_KEY] = base_url


def challenges_of(scope: Scope, *, failure: str | None = None) -> list[str]:
    """The values of WWW-Authenticate for this request; none where nobody should send a password.

    `failure` is why a credential that was sent is not taken (RFC 6750 §3).
    """
    base_url = scope.get(_KEY)
    if base_url is None:
        return []
    error = f', error="invalid_token", error_description="{_plain(failure)}"' if failure else ""
    return [
        f'ivoa_bearer standard_id="{PASSWORD_OVER_TLS}", access_url="{base_url}{LOGIN}"{error}',
        'Basic realm="voserver", charset="UTF-8"',
        f'Bearer realm="voserver"{error}',
    ]


def _plain(text: str) -> str:
    """A text as error_description takes it (RFC 6750 §3)."""
    return re.sub(r"[^ !#-\[\]-~]", "'", text)
