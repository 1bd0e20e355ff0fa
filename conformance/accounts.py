"""Somebody who may read what others may not: the user whom the demonstration makes, and its exclusive image."""

import re
import urllib.request
from urllib.parse import urlencode

from conformance.ledger import AbsentError, Account
from conformance.server import Server


def sign_in(server: Server) -> Account:
    """Read the demonstration's invitation, and get a token by the password."""
    invited = re.search(r"curl -u (\w+):(\S+) -O '\S+?/files/([^']+)'", server.said())
    if not invited:
        raise AbsentError(f"the server at {server.url} did not say how to sign in")
    name, password, uri = invited.groups()
    form = urlencode({"username": name, "password": password}).encode()
    with urllib.request.urlopen(f"{server.url}/login", form, timeout=60) as answer:
        token = answer.read().decode().strip()
    return Account(name, password, token, uri)
