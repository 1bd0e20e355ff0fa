"""Files read as uploads, without a database."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pytest

from voserver.model.columns import Column
from voserver.uploads import Declaration, Limits, read_uploads
from voserver.uploads.storage import stored_type


@dataclass(frozen=True)
class Read:
    """A table that was read."""

    columns: tuple[Column, ...]
    rows: list[tuple[object, ...]]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def values(self, name: str) -> list[object]:
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]


ReadTable = Callable[..., Read]


@pytest.fixture(scope="session")
def read() -> ReadTable:
    """Read the bytes of a file: `read(data)`."""

    def table(data: bytes, limits: Limits | None = None) -> Read:
        uploads = read_uploads([Declaration("t", "param:t")], {"t": io.BytesIO(data)}, limits or Limits())
        (upload,) = uploads.tables
        upload.file.seek(0)
        with pa.ipc.open_stream(upload.file) as reader:
            found = reader.read_all()
        uploads.close()
        assert found.num_rows == upload.rows
        assert found.schema.types == [stored_type(column) for column in upload.columns]
        found.validate(full=True)
        values = [column.to_pylist() for column in found.columns]
        return Read(upload.columns, list(zip(*values, strict=True)))

    return table
