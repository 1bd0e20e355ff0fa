import threading
from collections.abc import Iterator

import psycopg
import pytest

from voserver.catalogue.streams import QueryPool
from voserver.model.errors import InternalError, QuotaExceeded, Unavailable, UsageError
from voserver.settings import Settings

ENDLESS = "SELECT a FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b"
SILENT = "SELECT count(*) FROM generate_series(1, 100000) AS a, generate_series(1, 1000000) AS b"


@pytest.fixture
def pool(settings: Settings) -> Iterator[QueryPool]:
    pool = QueryPool.from_settings(
        settings.model_copy(update={"query_connections": 2, "query_queue_timeout": 0})
    )
    yield pool
    pool.close()


def value(pool: QueryPool, sql: str, groups: tuple[str, ...] = ()) -> object:
    with pool.open(sql, timeout=10, groups=groups) as stream:
        return next(iter(stream)).column(0)[0].as_py()


def running(url: str, text: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database() AND position(%s IN query) > 0",
            [text],
        ).fetchone()
    assert row is not None
    return int(row[0])


def wait_for(condition: object) -> None:
    assert callable(condition)
    clock = threading.Event()
    for _ in range(400):
        if condition():
            return
        clock.wait(0.025)
    raise AssertionError("It did not come about.")


def test_batches_hold_every_row_in_order(pool: QueryPool) -> None:
    with pool.open("SELECT a, a::text AS b FROM generate_series(1, 300000) AS a", timeout=30) as stream:
        batches = list(stream)
    numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
    assert numbers == list(range(1, 300001))
    assert len(batches) > 1


def test_a_query_without_rows_has_no_batches(pool: QueryPool) -> None:
    with pool.open("SELECT 1 AS a WHERE false", timeout=5) as stream:
        assert list(stream) == []
    assert pool.free == 2


def test_a_finished_stream_stays_finished(pool: QueryPool) -> None:
    stream = pool.open("SELECT 1 AS a", timeout=5)
    assert len(list(stream)) == 1
    assert list(stream) == []
    stream.close()
    stream.close()
    assert pool.free == 2


def test_queries_run_in_the_query_role_and_read_only(pool: QueryPool) -> None:
    assert value(pool, "SELECT current_user::text") == "voserver_query"
    assert value(pool, "SELECT current_setting('transaction_read_only')") == "on"
    assert value(pool, "SELECT current_setting('temp_file_limit')") == "4GB"


def test_groups_and_time_limit_end_with_their_query(pool: QueryPool) -> None:
    groups = "SELECT coalesce(current_setting('voserver.groups', true), '')"
    assert value(pool, groups, ("o'brien", "jwst-1234")) == "o'brien,jwst-1234"
    assert value(pool, groups) == ""


@pytest.mark.parametrize("group", ["", "a,b", "a\0b"])
def test_a_group_that_could_pass_for_two_is_refused(pool: QueryPool, group: str) -> None:
    with pytest.raises(UsageError):
        pool.open("SELECT 1", timeout=5, groups=[group])
    assert pool.free == 2


def test_a_query_over_its_time_is_stopped_and_says_so(pool: QueryPool) -> None:
    with pool.open(SILENT, timeout=0.2) as stream, pytest.raises(QuotaExceeded, match=r"longer than 0\.2 s"):
        next(stream)
    assert value(pool, "SELECT 1") == 1


@pytest.mark.parametrize(
    ("sql", "error", "text"),
    [
        ("SELECT 1 / a AS b FROM generate_series(0, 3) AS a", UsageError, "divides by zero"),
        ("SELECT 1 / (50000 - a) AS b FROM generate_series(0, 60000) AS a", UsageError, "divides by zero"),
        ("SELECT sqrt(-a) AS b FROM generate_series(1, 3) AS a", UsageError, "square root"),
        ("SELECT a * 2000000000 AS b FROM generate_series(1, 3) AS a", UsageError, "too large"),
        ("SELECT nonsense FROM nowhere", InternalError, "Reference"),
        ("SELECT * FROM archive.plane", InternalError, "Reference"),
    ],
)
def test_a_failing_query_is_told_in_plain_words_and_leaves_the_pool_whole(
    pool: QueryPool, sql: str, error: type[Exception], text: str
) -> None:
    with pool.open(sql, timeout=10) as stream, pytest.raises(error, match=text):
        list(stream)
    assert pool.free == 2
    assert value(pool, "SELECT 1") == 1


@pytest.mark.parametrize("sql", [ENDLESS, SILENT])
def test_closing_early_stops_the_query_in_the_database(pool: QueryPool, database_url: str, sql: str) -> None:
    stream = pool.open(sql, timeout=60)
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in stream:
                pass
        except Unavailable as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    wait_for(lambda: running(database_url, sql))
    stream.close()
    reader.join(10)
    assert not reader.is_alive()
    assert "cancelled" in str(failures[0])
    wait_for(lambda: not running(database_url, sql))
    assert pool.free == 2


def test_closing_after_the_first_batch_stops_the_query(pool: QueryPool, database_url: str) -> None:
    with pool.open(ENDLESS, timeout=60) as stream:
        assert next(stream).num_rows > 0
    wait_for(lambda: not running(database_url, ENDLESS))
    with pytest.raises(Unavailable, match="cancelled"):
        next(stream)


def test_a_query_cancelled_before_it_starts_does_not_start(pool: QueryPool) -> None:
    stream = pool.open("SELECT 1 AS a", timeout=5)
    stream.cancel()
    with pytest.raises(Unavailable, match="cancelled"):
        next(stream)
    stream.close()
    assert pool.free == 2


def test_when_every_place_is_taken_the_next_is_told_to_come_back(pool: QueryPool) -> None:
    streams = [pool.open(ENDLESS, timeout=60) for _ in range(2)]
    with pytest.raises(QuotaExceeded, match="All 2 places") as caught:
        pool.open("SELECT 1", timeout=5)
    assert caught.value.retry_after == 1
    for stream in streams:
        stream.close()
    assert value(pool, "SELECT 1") == 1


def test_connections_that_broke_are_replaced(pool: QueryPool, database_url: str) -> None:
    mine = value(pool, "SELECT pg_backend_pid()")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
    assert value(pool, "SELECT pg_backend_pid()") != mine


def test_a_connection_lost_while_reading_is_told_and_replaced(pool: QueryPool, database_url: str) -> None:
    with pool.open(ENDLESS, timeout=60) as stream:
        next(stream)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE position(%s IN query) > 0 AND pid <> pg_backend_pid()",
                [ENDLESS],
            )
        with pytest.raises(Unavailable, match="cannot be reached"):
            list(stream)
    assert value(pool, "SELECT 1") == 1


def test_a_database_that_is_away_is_told() -> None:
    pool = QueryPool("postgresql://nobody@127.0.0.1:1/none", 1)
    with pytest.raises(Unavailable, match="cannot be reached"):
        pool.open("SELECT 1", timeout=1)
    assert pool.free == 1


def test_a_closed_pool_takes_no_queries(pool: QueryPool) -> None:
    stream = pool.open("SELECT 1 AS a", timeout=5)
    pool.close()
    assert len(list(stream)) == 1
    with pytest.raises(Unavailable, match="shutting down"):
        pool.open("SELECT 1", timeout=5)
