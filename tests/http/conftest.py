"""The application over a real PostgreSQL with a small catalogue: in this process, and on a real socket."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn

from voserver.app import create_app
from voserver.cli.connection import Connection
from voserver.settings import Settings

ORIGIN = "http://archive.test"
Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="session")
def catalogue_url(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A database of this directory's own, with `catalogue.sql` in it."""
    with new_database() as url:
        with psycopg.connect(url) as filling:
            filling.execute((Path(__file__).parent / "catalogue.sql").read_bytes())
        yield url


@pytest.fixture(scope="session")
def site_settings(catalogue_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=catalogue_url,
        data_dir=tmp_path_factory.mktemp("data"),
        default_maxrec=1000,
        hard_maxrec=100_000,
        sync_timeout=60,
        query_connections=4,
        log_level="error",
        explain=True,
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process, without a socket."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60) as client,
    ):
        yield client


class _Loop:
    """An event loop in a thread of its own: plain test functions talk to an application that stays open."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def ask(site_settings: Settings) -> Iterator[Ask]:
    """Send one request: `ask("GET", "/tap/sync", params={...})`."""
    loop = _Loop()
    context = opened(site_settings)
    client = loop.run(context.__aenter__())
    yield lambda method, path, **options: loop.run(client.request(method, path, **options))
    loop.run(context.__aexit__(None, None, None))
    loop.close()


@pytest.fixture(scope="session")
def query(ask: Ask) -> Ask:
    """Run an ADQL query: `query("SELECT …", FORMAT="csv")`."""

    def send(adql: str, **parameters: str) -> httpx.Response:
        return ask("POST", "/tap/sync", data={"LANG": "ADQL", "QUERY": adql, **parameters})

    return send


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The application on a real socket, as its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(settings)
        config = uvicorn.Config(app, http=Connection, log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        yield f"http://{host}:{port}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def serve() -> Callable[[Settings], AbstractContextManager[str]]:
    """Serve with settings of one's own: `with serve(settings) as url`."""
    return serving


@pytest.fixture(scope="session")
def served(site_settings: Settings) -> Iterator[str]:
    """A server that lives as long as the tests."""
    with serving(site_settings) as url:
        yield url


@pytest.fixture(scope="module")
def impatient(site_settings: Settings) -> Iterator[str]:
    """A server that gives a query one second and a single place to run in, and nobody time to wait."""
    changed = {"sync_timeout": 1, "hard_maxrec": 10**9, "query_connections": 1, "query_queue_timeout": 0}
    with serving(site_settings.model_copy(update=changed)) as url:
        yield url
