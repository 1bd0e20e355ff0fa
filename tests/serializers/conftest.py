"""Rows for the serializers to write: a stream of our own making, and a table with every type and trap."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.serializers import Document, choose_format, serialize


@dataclass
class FakeRows:
    columns: tuple[Column, ...]
    batches: Sequence[pa.RecordBatch]
    overflow: bool = False
    error: ServiceError | None = None
    closed: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield from self.batches
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed += 1


COLUMNS = (
    Column("flag", "boolean", description='Whether <this> is "so" & not otherwise'),
    Column("visit", "short"),
    Column("program", "int", ucd="meta.id"),
    Column("size", "long", unit="byte", ucd="phys.size;meta.file"),
    Column("flux", "float", unit="Jy"),
    Column("s_ra", "double", unit="deg", ucd="pos.eq.ra", utype="obscore:Char.SpatialAxis.Coverage"),
    Column("t_min", "double", unit="d", ucd="time.start;obs.exposure"),
    Column("target", "char", "*"),
    Column("obs_id", "char", "8"),
    Column("released", "char", "*", xtype="timestamp", ucd="time.release"),
    Column("em_bounds", "double", "2", xtype="interval", unit="m"),
    Column("counts", "int", "*"),
    Column("access_url", "char", "*", ucd="meta.ref.url"),
)

ROWS: tuple[tuple[object, ...], ...] = (
    (True, -5, 2736, 2**40, 1.5, 83.8221, 59000.25, "NGC 3324", "jw000001", datetime(2022, 7, 12, 14, 30),  # noqa: DTZ001
     [1e-6, 2.5e-6], [1, -2, 3], "https://archive.example/a?b=1&c=2"),
    (None,) * 13,
    (False, 0, -1, -1, -0.1, 0.1, 1e-300, 'a, "b" <c> & ]]>', "x", datetime(1999, 12, 31, 23, 59, 59, 120000),  # noqa: DTZ001
     [0.5, 1e300], [], "javascript:alert(1)"),
    (True, 32767, 2147483647, 2**62, 3e38, 359.99999999999994, 1e22, "tab\tline\nend", "12345678",
     datetime(2022, 1, 1, 0, 0, 0, 1), [0.1, 0.2], [7], "http://x.example/<b>"),  # noqa: DTZ001
)  # fmt: skip


def make_batch(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> pa.RecordBatch:
    arrays = [
        pa.array([row[index] for row in rows], column.arrow_type) for index, column in enumerate(columns)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[str(index) for index in range(len(columns))])


@pytest.fixture(scope="session")
def columns() -> tuple[Column, ...]:
    return COLUMNS


@pytest.fixture(scope="session")
def values() -> tuple[tuple[object, ...], ...]:
    return ROWS


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., FakeRows]:
    """A stream: `rows_of(columns, rows, ...)`; `sizes` says how many rows each batch has."""

    def make(
        columns: tuple[Column, ...] = COLUMNS,
        rows: Sequence[Sequence[object]] = ROWS,
        *,
        sizes: Sequence[int] | None = None,
        overflow: bool = False,
        error: ServiceError | None = None,
    ) -> FakeRows:
        batches, start = [], 0
        for size in sizes or ([len(rows)] if rows else []):
            batches.append(make_batch(columns, rows[start : start + size]))
            start += size
        return FakeRows(columns, batches, overflow, error)

    return make


@pytest.fixture(scope="session")
def document() -> Document:
    return Document(
        title="A test",
        service="The archive",
        standard="ivo://ivoa.net/std/TAP",
        query="SELECT *\nFROM t WHERE a < 'é'",
        created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


@pytest.fixture(scope="session")
def write(document: Document) -> Callable[[str, FakeRows], bytes]:
    """All bytes of an answer in the format of a short name."""

    def written(name: str, rows: FakeRows) -> bytes:
        return b"".join(serialize(choose_format(name, None), rows, document))

    return written
