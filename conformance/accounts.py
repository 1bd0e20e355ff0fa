"""Somebody who may read what others may not, made with the server's own commands."""

from conformance.ledger import AbsentError, Account
from conformance.server import Server


def sign_in(server: Server) -> Account:
    """Make a user, a token and an exclusive product that this user may read."""
    raise AbsentError(f"The server at {server.url} has no accounts")
