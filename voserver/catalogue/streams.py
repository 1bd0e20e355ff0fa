"""Users' queries as streams of Arrow record batches: a bounded pool of ADBC connections in the query role.

ADBC runs a query as `COPY (…) TO STDOUT (FORMAT binary)`, so batches flow while PostgreSQL still works. Everything here
blocks: call it from threads. Knows nothing of columns, limits on rows, or formats.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

import adbc_driver_manager as adbc
import adbc_driver_postgresql
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader  # keeps the SQLSTATE, which pyarrow's own loses
from psycopg import conninfo

from voserver.catalogue import engine, roles
from voserver.model.errors import QuotaExceeded, ServiceError, Unavailable, UsageError
from voserver.settings import Settings

_log = logging.getLogger(__name__)

_BATCH_BYTES = str(1 << 20)
"""Measured on a million rows of 12 columns: 1 MB gives the first batch after 4 ms and full speed (0.53 s in all);
256 kB gives 2 ms and 0.55 s, 16 MB 60 ms and 0.61 s."""

_TOO_LARGE = "54000"
_APPENDED = {"adbc.ingest.mode": "adbc.ingest.mode.append", "adbc.ingest.target_db_schema": "pg_temp"}
_NOT_COPIED = {"adbc.postgresql.use_copy": "false"}


class QueryPool:
    """At most `size` queries at once; others wait up to `queue_timeout` seconds. Safe to use from many threads.

    `limits` are PostgreSQL settings for every session (`roles.limits`). Connections that broke are replaced.
    """

    def __init__(
        self, url: str, size: int, *, queue_timeout: float = 15, limits: dict[str, str] | None = None
    ) -> None:
        self.size = size
        self._uri = conninfo.make_conninfo(url, application_name="voserver query")
        self._queue_timeout = queue_timeout
        self._limits = dict(limits or {})
        self._is_closed = False
        # Last in, first out: an idle connection is taken before a place that would need a new one (None).
        self._places: queue.LifoQueue[_Connection | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The pool that an operator has configured."""
        url = settings.query_database_url or settings.database_url
        if url is None:
            raise Unavailable("No database is configured.", hint="Set VOSERVER_DATABASE_URL.")
        waiting = settings.query_queue_timeout
        return cls(url, settings.query_connections, queue_timeout=waiting, limits=roles.limits(settings))

    @property
    def free(self) -> int:
        """How many places nobody uses at the moment."""
        return self._places.qsize()

    def open(
        self,
        sql: str,
        *,
        timeout: float,
        groups: Sequence[str] = (),
        base_url: str = "",
        prepare: "Callable[[Session], None] | None" = None,
    ) -> "BatchStream":
        """Take a place and make the query ready; it starts when the first batch is asked for.

        `timeout` is in seconds and covers the reading, too; `groups` are those of the user, for the release rule;
        `base_url` goes before the paths of files that this service itself serves. `prepare` fills temporary tables,
        just before the query starts in the same session; the query itself can write nothing.
        """
        return self._open(sql, timeout, groups, base_url, copied=True, prepare=prepare)

    def explain(self, sql: str, *, timeout: float) -> "BatchStream":
        """As `open`, but the rows are the lines of PostgreSQL's plan for the query, which is not run."""
        # EXPLAIN is no query that COPY could read.
        return self._open(f"EXPLAIN {sql}", timeout, copied=False)

    def _open(
        self,
        sql: str,
        timeout: float,
        groups: Sequence[str] = (),
        base_url: str = "",
        *,
        copied: bool,
        prepare: "Callable[[Session], None] | None" = None,
    ) -> "BatchStream":
        beginning = _beginning(timeout, groups, base_url, is_prepared=prepare is not None)
        connection = self._take()
        try:
            if connection is not None:
                connection = _begin_again(connection, beginning)
            if connection is None:
                connection = _Connection(self._uri, self._limits)
                connection.execute(beginning)
        except BaseException as error:
            self.give_back(None)
            raise engine.translate(error) from error
        return BatchStream(self, connection, sql, timeout, copied=copied, prepare=prepare)

    def close(self) -> None:
        """Close what is idle now, and the rest when it comes back."""
        self._is_closed = True
        while True:
            try:
                connection = self._places.get_nowait()
            except queue.Empty:
                return
            if connection is not None:
                connection.close()

    def give_back(self, connection: "_Connection | None") -> None:
        """Free a place; None if its connection is gone."""
        if self._is_closed:
            if connection is not None:
                connection.close()
            return
        self._places.put(connection)

    def _take(self) -> "_Connection | None":
        if self._is_closed:
            raise Unavailable("The service is shutting down.")
        try:
            return self._places.get(timeout=self._queue_timeout)
        except queue.Empty:
            raise QuotaExceeded(
                f"All {self.size} places for queries were taken for {self._queue_timeout:g} s.",
                hint="Try again in a moment.",
                retry_after=max(1, round(self._queue_timeout)),
            ) from None


class BatchStream:
    """The batches of one query, read once. `cancel` and `close` may be called from any thread, more than once."""

    def __init__(
        self,
        pool: QueryPool,
        connection: "_Connection",
        sql: str,
        timeout: float,
        *,
        copied: bool = True,
        prepare: "Callable[[Session], None] | None" = None,
    ) -> None:
        self._pool = pool
        self._connection = connection
        self._sql = sql
        self._timeout = timeout
        self._prepare = prepare
        self._options = {"adbc.postgresql.batch_size_hint_bytes": _BATCH_BYTES} if copied else _NOT_COPIED
        self._statement = connection.statement()
        self._reader: AdbcRecordBatchReader | None = None
        self._reading = threading.Lock()  # held while the driver works for us
        self._releasing = threading.Lock()  # held while the statement is cancelled or given up
        self._is_cancelled = False
        self._is_finished = False
        self._is_released = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> pa.RecordBatch:
        """The next batch; the first call starts the query."""
        with self._reading:
            if self._is_finished:
                raise StopIteration
            if self._is_cancelled or self._is_released:
                raise Unavailable("The query was cancelled.")
            try:
                return self._read()
            except StopIteration:
                self._is_finished = True
                self._release()
                raise
            except Exception as error:
                self._release()
                raise self._translate(error) from error

    def cancel(self) -> None:
        """Make PostgreSQL stop working on the query: whoever reads gets an error."""
        with self._releasing:
            if self._is_released:
                return
            self._is_cancelled = True
            try:
                self._statement.cancel()
            except adbc.Error as error:
                _log.warning("A query could not be cancelled: %s", error)

    def close(self) -> None:
        """Stop the query if it still runs and free its place."""
        if not (self._is_finished or self._is_released):
            self.cancel()
        # A reader may be just about to start the query, where one cancellation would be lost: insist.
        while not self._reading.acquire(timeout=0.05):
            self.cancel()
        try:
            self._release()
        finally:
            self._reading.release()

    def _read(self) -> pa.RecordBatch:
        if self._reader is None:
            if self._prepare is not None:
                self._prepare(Session(self._connection))
                self._connection.execute("SET LOCAL transaction_read_only = on")
            self._statement.set_options(**self._options)
            self._statement.set_sql_query(self._sql)
            handle, _ = self._statement.execute_query()
            self._reader = AdbcRecordBatchReader._import_from_c(handle.address)  # noqa: SLF001 -- the only way in
        while True:
            batch = self._reader.read_next_batch()
            if batch.num_rows:
                return batch

    def _translate(self, error: Exception) -> ServiceError:
        if self._is_cancelled:
            return Unavailable("The query was cancelled.")
        return engine.translate(error, timeout=self._timeout)

    def _release(self) -> None:
        """Give the connection back, or give it up if it cannot be trusted."""
        with self._releasing:
            if self._is_released:
                return
            self._is_released = True
            kept: _Connection | None = None
            try:
                if self._reader is not None:
                    self._reader.close()
                self._statement.close()
                # A late cancellation could hit the connection's next user, so a cancelled one is not used again.
                if not self._is_cancelled:
                    self._connection.execute("ROLLBACK")
                    kept = self._connection
            except adbc.Error as error:
                _log.info("A database connection is given up: %s", error)
            finally:
                if kept is None:
                    self._connection.close()
                self._pool.give_back(kept)


class Session:
    """A query's session before the query, to whoever prepares it: it may make temporary tables."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection

    def execute(self, sql: str) -> None:
        """Run statements that return no rows."""
        try:
            self._connection.execute(sql)
        except adbc.Error as error:
            raise engine.translate(error) from error

    def copy(self, table: str, batches: pa.RecordBatchReader) -> None:
        """Send rows into a temporary table by binary COPY; its columns are called as those of the batches."""
        statement = self._connection.statement()
        try:
            statement.set_options(**{**_APPENDED, "adbc.ingest.target_table": table})
            statement.bind_stream(batches)
            statement.execute_update()
        except adbc.Error as error:
            if error.sqlstate == _TOO_LARGE:
                raise UsageError(
                    "A row is larger than the database can take.",
                    hint="It takes about 8 kB a row, long texts and arrays not counted. Leave columns out.",
                ) from error
            raise engine.translate(error) from error
        finally:
            statement.close()

    def explain(self, sql: str, *, timeout: float) -> "Lines":
        """As `QueryPool.explain`, within this session, whose time limit is that of the query."""
        del timeout
        statement = self._connection.statement()
        try:
            statement.set_options(**_NOT_COPIED)
            statement.set_sql_query(f"EXPLAIN {sql}")
            handle, _ = statement.execute_query()
            reader = AdbcRecordBatchReader._import_from_c(handle.address)  # noqa: SLF001 -- the only way in
            try:
                return Lines(list(reader))
            finally:
                reader.close()
        finally:
            statement.close()


class Lines:
    """Batches that were read whole."""

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches."""
        return iter(self._batches)

    def close(self) -> None:
        """Nothing is open."""


class _Connection:
    """One ADBC connection in the query role."""

    def __init__(self, uri: str, limits: dict[str, str]) -> None:
        self._database = adbc_driver_postgresql.connect(uri)
        try:
            self._connection = adbc.AdbcConnection(self._database)
        except BaseException:
            self._database.close()
            raise
        try:
            self.execute(_session(limits))
        except BaseException:
            self.close()
            raise

    def statement(self) -> adbc.AdbcStatement:
        return adbc.AdbcStatement(self._connection)

    def execute(self, sql: str) -> None:
        """Run statements that return no rows, in one round trip."""
        statement = self.statement()
        try:
            statement.set_sql_query(sql)
            statement.execute_update()
        finally:
            statement.close()

    def close(self) -> None:
        self._connection.close()
        self._database.close()


def _begin_again(connection: _Connection, beginning: str) -> _Connection | None:
    """Begin on a connection that was idle; None if it broke meanwhile (PostgreSQL was restarted, say)."""
    try:
        connection.execute(beginning)
    except adbc.Error as error:
        _log.info("An idle database connection had broken and is replaced: %s", error)
        connection.close()
        return None
    return connection


def _session(limits: dict[str, str]) -> str:
    """What every new session sets: literals as we write them, the limits, and the query role at last.

    Some limits only a superuser may set, or who was granted it; the doctor tells when one is missing.
    """
    settings = {"standard_conforming_strings": "on", **limits}
    wanted = ", ".join(f"({_quote(name)}, {_quote(value)})" for name, value in settings.items())
    return (
        f"SELECT set_config(s.name, w.value, false) FROM (VALUES {wanted}) AS w (name, value)"  # noqa: S608 -- ours, and quoted
        " JOIN pg_settings AS s ON lower(s.name) = w.name"
        " WHERE s.context = 'user' OR has_parameter_privilege(s.name, 'SET');"
        f" SET ROLE {_quote(roles.QUERY_ROLE)}"
    )


def _beginning(timeout: float, groups: Sequence[str], base_url: str, *, is_prepared: bool = False) -> str:
    """Begin a query's transaction. SET LOCAL ends with it, so nothing leaks to the connection's next user."""
    mode = "READ WRITE" if is_prepared else "READ ONLY"  # until it is prepared
    for group in groups:
        if not group or "," in group or "\0" in group:
            raise UsageError(f"{group!r} cannot be the name of a group: it is empty or holds a comma.")
    milliseconds = max(1, int(timeout * 1000))
    listed = _quote(",".join(groups))
    return (
        f"BEGIN {mode}; SET LOCAL statement_timeout = {milliseconds}; SET LOCAL voserver.groups = {listed};"
        f" SET LOCAL voserver.base_url = {_quote(base_url)}"
    )


def _quote(text: str) -> str:
    """A text as an SQL literal (standard_conforming_strings is on in every session)."""
    return "'" + text.replace("'", "''") + "'"
