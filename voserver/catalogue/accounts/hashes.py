"""Passwords and tokens as they are made, kept and compared."""

import hashlib
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voserver.model.errors import UsageError

TOKEN_PREFIX = "vos_"  # noqa: S105 -- says what it is to whoever finds one, in a log or a repository, say
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
"""Bytes: hashing costs time, and strangers may ask for it."""

_HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 §4, second choice: 64 MiB, three passes


def hash_password(password: str) -> str:
    """What is kept of a password.

    Raises:
        UsageError: it is too short, or too long.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(
            f"The password has {len(password)} characters.",
            hint=f"It needs {SHORTEST_PASSWORD}; several words in a row are fine.",
        )
    # What comes as bytes that are no UTF-8 is not printable either.
    if not password.isprintable():
        raise UsageError(
            "The password has characters that no sign-in can send.", hint="Use letters, digits, spaces."
        )
    if len(password.encode()) > LONGEST_PASSWORD:
        raise UsageError(f"The password is longer than {LONGEST_PASSWORD} bytes.")
    return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password. It takes the same time where none is kept: nobody learns which names there are."""
    try:
        _HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


def new_token() -> str:
    """A token: 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token, and looked for."""
    return hashlib.sha256(token.encode()).digest()
