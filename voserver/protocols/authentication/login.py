"""`/login`: a name and a password become a token (`ivo://ivoa.net/sso#tls-with-password` of the IVOA's SSO-next draft).

The token is the body and, as TOPCAT and CADC's clients look for it, the header X-VO-Bearer.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from voserver.model.errors import Forbidden, UsageError
from voserver.model.identity import SCOPES
from voserver.protocols.authentication import challenges
from voserver.protocols.hosts import sender_of
from voserver.protocols.parameters import read_parameters
from voserver.protocols.site import Site


async def login(site: Site, request: Request) -> Response:
    """POST username and password as a form; the answer is a token that holds for `login_seconds`."""
    parameters = await read_parameters(request)
    if request.url.query:
        raise UsageError(
            "Nothing is taken from the URL here: logs keep URLs.",
            hint="Send username and password as a form, by POST. If the password was in the URL, change it.",
        )
    if not challenges.is_private(request.scope, anywhere=site.settings.credentials_over_http):
        raise Forbidden(
            "Passwords are taken over https only. This one may have been read on its way: change it.",
            hint="Use the same URL with https.",
        )
    name, password = parameters.one("USERNAME"), parameters.one("PASSWORD")
    if name is None or password is None:
        raise UsageError(
            "username or password is missing.", hint="Send both as a form: username=ada&password=…"
        )
    account = await site.passwords.check(name, password, sender_of(request.scope))
    token, expires = await site.accounts.login_token(account.name, site.settings.login_seconds, tuple(SCOPES))
    headers = {
        "X-VO-Bearer": token,
        "X-VO-Bearer-Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "X-VO-Authenticated": account.name,
        "Cache-Control": "no-store",
    }
    return PlainTextResponse(token, headers=headers)
