"""What Prometheus can ask: how many, how long, how much. Labels are few and never a user's words.

With several server processes on one port a scrape meets any one of them. Where the environment names a
directory to share (`PROMETHEUS_MULTIPROC_DIR`, set before the processes start), every answer is the sum
over all of them.
"""

import os

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)

REQUESTS = Counter("voserver_requests", "Requests answered.", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "voserver_request_seconds", "Time from request to last byte.", ["endpoint"], buckets=_DURATIONS
)
BYTES = Counter("voserver_response_bytes", "Bytes of bodies handed to the server.", ["endpoint"])
ROWS = Counter("voserver_rows", "Rows returned by queries.", ["format"])
RUNNING = Gauge("voserver_running_queries", "Queries that hold a place.", multiprocess_mode="livesum")
WAITING = Gauge("voserver_waiting_queries", "Queries that wait for a place.", multiprocess_mode="livesum")
WAIT_SECONDS = Histogram(
    "voserver_place_wait_seconds", "Time a query waited for a place.", buckets=_DURATIONS
)


def latest() -> bytes:
    """The metrics in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
