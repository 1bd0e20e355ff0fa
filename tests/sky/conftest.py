"""What the tests of the sky's functions share."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def session(database_url: str) -> Iterator[psycopg.Connection]:
    """A session of which nothing stays."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
