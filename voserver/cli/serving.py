"""Listens on a port and runs the web application, in one process or in several."""

import errno
import json
import os
import socket
from collections.abc import Callable
from tempfile import TemporaryDirectory

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from typing_extensions import override
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from voserver.cli.configuration import read_settings
from voserver.cli.connection import MOST, Connection
from voserver.cli.postgres import check_schema, database
from voserver.model.errors import ServiceError, Unavailable
from voserver.settings import Settings

GRACE = 20
"""Seconds that running answers have to end after Ctrl-C or SIGTERM."""
_STARTING = 60  # seconds that a server process may take until it answers
_BACKLOG = 2048  # connections that may wait to be accepted


def run(**options: object) -> None:
    """`voserver serve`: serve until Ctrl-C or SIGTERM."""
    settings = read_settings(**options)
    with listen(settings.host, settings.port) as listener, database(settings) as ready:
        check_schema(ready)
        serve(ready, listener, lambda: None)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: made before any other work, so that a port that is taken is told at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            hint = f"Choose another: --port {port + 1 if port < 65535 else 8000}"
            raise ServiceError(f"Port {port} of {host} is in use.", hint=hint) from error
        hint = "Choose another --host or --port."
        raise ServiceError(f"Cannot listen on {host}, port {port}: {error.strerror}.", hint=hint) from error
    return listener


def address(listener: socket.socket) -> str:
    """The URL under which a browser on this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 -- compared, not bound
    return f"http://{local}:{port}"


def serve(settings: Settings, listener: socket.socket, when_up: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `when_up` is called when the first request can be answered."""
    _hand_down(settings)
    config = uvicorn.Config(
        "voserver.app:create_app_from_environment",
        factory=True,
        workers=settings.workers,
        http=Connection,
        limit_concurrency=MOST,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        backlog=_BACKLOG,
    )
    if settings.workers > 1:
        # Where the processes add up their metrics, whichever of them is asked (see protocols.metrics).
        with TemporaryDirectory(prefix="voserver-metrics-") as shared:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
            _Workers(config, listener, when_up, shared).run()
        return
    try:
        _Server(config, when_up).run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn raises the signal again after it has shut down
        return


class _Workers(Multiprocess):
    """Server processes on one socket. One that dies is replaced, and what it was doing counts no longer."""

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, when_up: Callable[[], None], metrics: str
    ) -> None:
        super().__init__(config, sockets=[listener])
        self._when_up = when_up
        self._metrics = metrics

    @override
    def run(self) -> None:
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise Unavailable("A server process could not start.", hint="Its log, above, says why.")

    @override
    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_STARTING) for process in self.processes):
            self._when_up()

    @override
    def keep_subprocess_alive(self) -> None:
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            mark_process_dead(pid, self._metrics)  # type: ignore[no-untyped-call]


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it is up."""

    def __init__(self, config: uvicorn.Config, when_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_up = when_up

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_up()


def _hand_down(settings: Settings) -> None:
    """Put the settings into the environment, where the server processes read them."""
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        text = json.dumps(value) if isinstance(value, list) else str(value)
        os.environ[f"VOSERVER_{name.upper()}"] = text
