"""Uploaded tables in the session that asks for them: temporary tables, gone with the query's transaction.

Their names and those of their columns in PostgreSQL are ours (`upload_1`, `c1`): no word of a user's gets there, and
none can hide a type or table of PostgreSQL's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Protocol

import pyarrow as pa

from voserver.catalogue import sky
from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.model.tables import Schema, Table, TableColumn
from voserver.uploads.positions import position
from voserver.uploads.storage import is_uuid

SCHEMA = "TAP_UPLOAD"
LARGE = 2000
"""Rows from which on a table gets an index of its positions, if the query has to do with the sky. A hundred thousand
rows take 0.8 s of the processor for it; what is found by it among two thousand would take as long without."""

_TYPES = {
    "boolean": "boolean",
    "short": "smallint",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double precision",
    "char": "text",
}


class Session(Protocol):
    """The session of the database that will run the query (`catalogue.streams.Session`)."""

    def execute(self, sql: str) -> None:
        """Run statements that return no rows."""
        ...

    def copy(self, table: str, batches: pa.RecordBatchReader) -> None:
        """Send rows into a temporary table whose columns are called as those of the batches."""
        ...


@dataclass(frozen=True)
class Upload:
    """A table that was read: its name, columns and rows; `file` holds these as an Arrow stream."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    file: IO[bytes]


@dataclass
class Uploads:
    """The tables that a query brings with it."""

    tables: list[Upload] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The rows of all."""
        return sum(upload.rows for upload in self.tables)

    @property
    def schema(self) -> Schema:
        """The tables as a query names them."""
        tables = (_table(upload, number) for number, upload in enumerate(self.tables, 1))
        return Schema(SCHEMA, tuple(tables), "Tables that came with the query")

    def load(self, session: Session, sql: str) -> None:
        """Bring the tables into the session, within its transaction; `sql` is what will be asked of them."""
        is_searched = "sky." in sql
        for upload, table in zip(self.tables, self.schema.tables, strict=True):
            _load(session, upload, table, is_searched=is_searched)

    def close(self) -> None:
        """Forget them."""
        for upload in self.tables:
            upload.file.close()


def _table(upload: Upload, number: int) -> Table:
    columns = tuple(TableColumn(column, stored=f"c{at}") for at, column in enumerate(upload.columns, 1))
    return Table(SCHEMA, upload.name, columns, "table", stored=("pg_temp", f"upload_{number}"))


def _load(session: Session, upload: Upload, table: Table, *, is_searched: bool) -> None:
    name = ".".join(table.sql_name)
    columns = ", ".join(chain.from_iterable(map(_definitions, table.columns)))
    session.execute(f"CREATE TEMPORARY TABLE {table.sql_name[1]} ({columns}) ON COMMIT DROP")
    upload.file.seek(0)
    try:
        with pa.ipc.open_stream(upload.file) as reader:
            session.copy(table.sql_name[1], reader)
        if is_searched and upload.rows >= LARGE:
            for index in _indexes(table):
                session.execute(f"CREATE INDEX ON {name} USING gist ({index})")
    except UsageError as error:
        error.message = f"{upload.name}: {error.message}"
        raise
    session.execute(f"ANALYZE {name}")


def _definitions(column: TableColumn) -> Iterator[str]:
    kind = "uuid" if is_uuid(column.column) else _TYPES[column.column.datatype]
    if column.column.is_timestamp:
        kind = "timestamp"
    yield f"{column.sql_name} {kind}{'[]' * column.column.is_array}"
    if column.is_region or column.geometry:
        made = sky.companion(column.sql_name, column.geometry)
        yield f"{column.shape_name} sky.region GENERATED ALWAYS AS ({made}) STORED"


def _indexes(table: Table) -> Iterator[str]:
    """What of a large table is indexed: positions and shapes."""
    if found := position([column.column for column in table.columns]):
        longitude, latitude = (f"{table.columns[place].sql_name}::float8" for place in found)
        yield sky.point(longitude, latitude)
    for column in table.columns:
        if column.geometry == "point":
            yield sky.point(*(f"({column.sql_name}[{place}])::float8" for place in (1, 2)))
        elif column.geometry or column.is_region:
            yield sky.bounds(column.shape_name)
