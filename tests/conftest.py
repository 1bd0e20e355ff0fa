"""One PostgreSQL per test run, and a database of its own for every worker."""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from voserver.catalogue import migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.settings import Settings

# A test database is worth nothing after the run: no waiting for the disk.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}
_TEMPLATE = "voserver_template"
_ROOT = "VOSERVER_TEST_ROOT"

# Nothing is written into the checkout, and a slow machine is no fault of the code's.
hypothesis_settings.register_profile("voserver", database=None, deadline=None)
hypothesis_settings.load_profile("voserver")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the run's directory before workers start: short enough for a socket, and theirs by the environment."""
    if not hasattr(config, "workerinput") and _ROOT not in os.environ:
        os.environ[_ROOT] = tempfile.mkdtemp(prefix="voserver-test-")
        # What a test forgets to say is not looked for, or made, in the developer's own home.
        os.environ["XDG_DATA_HOME"] = f"{os.environ[_ROOT]}/home"
        config.add_cleanup(_clean)


def _clean() -> None:
    root = Path(os.environ.pop(_ROOT))
    if (root / "postgresql").exists():
        EmbeddedPostgres(root, _SETTINGS).stop(even_if_shared=True)
    shutil.rmtree(root)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / "workers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _execute(url: str, statement: str, database: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(database)))


@pytest.fixture(scope="session")
def server_url() -> str:
    """The test server's own database, empty; the template of all others is ready."""
    root = Path(os.environ[_ROOT])
    with _alone(root):
        url = EmbeddedPostgres(root, _SETTINGS).start()
        with psycopg.connect(url) as connection:
            made = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone()
        if made is None:
            building = f"{_TEMPLATE}_building"
            _execute(url, "DROP DATABASE IF EXISTS {}", building)
            _execute(url, "CREATE DATABASE {}", building)
            migrations.upgrade(_in(url, building), Settings(database_url=_in(url, building), data_dir=root))
            _execute(url, f"ALTER DATABASE {{}} RENAME TO {_TEMPLATE}", building)
    return url


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    """A copy of the template: every table and view, no rows. Dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    with _alone(Path(os.environ[_ROOT])):
        _execute(server_url, f"CREATE DATABASE {{}} TEMPLATE {_TEMPLATE}", name)
    try:
        yield _in(server_url, name)
    finally:
        _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Callable[[], AbstractContextManager[str]]:
    """Makes a database with the whole schema for tests of several modules, who fill it: `with new_database() as url`."""
    return lambda: _database(server_url)


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A database with the whole schema, shared by this worker's tests; those that change it undo that."""
    with _database(server_url) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(server_url: str) -> Iterator[str]:
    """A database with the whole schema for the tests of one module, which may fill it."""
    with _database(server_url) as url:
        yield url


@pytest.fixture
def fresh_database_url(server_url: str) -> Iterator[str]:
    """A database with the whole schema for one test alone."""
    with _database(server_url) as url:
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database with nothing in it for one test alone."""
    name = f"test_{secrets.token_hex(6)}"
    _execute(server_url, "CREATE DATABASE {}", name)
    try:
        yield _in(server_url, name)
    finally:
        _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a server on the worker's database."""
    return Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("data"))
