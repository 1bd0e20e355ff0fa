"""The rows of VOTable's BINARY and BINARY2 (VOTable 1.4 §5.3, §5.4), from bytes that come piece by piece."""

import struct
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from voserver.model.errors import UsageError
from voserver.uploads.binary_values import Places, decode, width
from voserver.uploads.votable_fields import Field

_BATCH_ROWS = 8192
_BATCH_BYTES = 4 << 20
_LONGEST_ROW = 64 << 20
_count = struct.Struct(">i")


class BinaryRows:
    """Takes bytes, gives record batches. What is kept between is less than a row, or a batch."""

    def __init__(self, fields: Sequence[Field], *, flagged: bool) -> None:
        self._fields = fields
        self._names = [field.column.name for field in fields]
        self._flags = (len(fields) + 7) // 8 if flagged else 0
        self._data = bytearray()
        self._row = 1
        # Where each field begins, counted from the row's beginning or from the end of a field of varying width.
        self._places: list[tuple[int, int]] = []
        self._varying: list[tuple[int, Field]] = []
        offset = self._flags
        for field in fields:
            self._places.append((len(self._varying), offset))
            if field.size is None:
                self._varying.append((offset, field))
                offset = 0
            else:
                offset += width(field, field.size)
        self._tail = offset

    def feed(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """The batches that more bytes complete."""
        self._data += data
        while len(self._data) >= _BATCH_BYTES:
            batch = self._batch()
            if batch is None:
                self._check_length()
                return
            yield batch

    def finish(self) -> Iterator[pa.RecordBatch]:
        """What is left; it must end with a row."""
        while self._data:
            batch = self._batch()
            if batch is None:
                raise UsageError(
                    f"The uploaded table ends within row {self._row:,}: {len(self._data)} bytes are left there."
                )
            yield batch

    def _check_length(self) -> None:
        if len(self._data) > _LONGEST_ROW:
            raise UsageError(
                f"Row {self._row:,} of the uploaded table would be longer than {_LONGEST_ROW >> 20} MiB: "
                "a length in it is wrong."
            )

    def _batch(self) -> pa.RecordBatch | None:
        """The next complete rows."""
        anchors, end = self._walk()
        rows = len(anchors[0])
        if not rows:
            return None
        data = np.frombuffer(bytes(memoryview(self._data)[:end]), np.uint8)
        batch = self._decoded(data, anchors)
        self._row += rows
        del self._data[:end]
        return batch

    def _walk(self) -> tuple[list[Places], int]:
        """Where rows begin and their fields of varying width end, and where the last complete row ends."""
        size = min(len(self._data), _BATCH_BYTES) if not self._varying else len(self._data)
        if not self._varying:
            rows = (
                min(max(size, self._tail) // self._tail, len(self._data) // self._tail) if self._tail else 0
            )
            rows = min(rows, _BATCH_ROWS)
            return [np.arange(rows, dtype=np.int64) * self._tail], rows * self._tail
        data, unpack, tail = self._data, _count.unpack_from, self._tail
        steps = [(offset, *_item(field)) for offset, field in self._varying]
        found: list[list[int]] = []
        position = 0
        while len(found) < _BATCH_ROWS and position < _BATCH_BYTES:
            row = [at := position]
            for offset, item, bits in steps:
                at += offset
                if at + 4 > size:
                    return self._anchors(found), position
                (count,) = unpack(data, at)
                if count < 0:
                    raise UsageError(
                        f"Row {self._row + len(found):,} of the uploaded table has an array of {count} items."
                    )
                at += 4 + ((count + 7) // 8 if bits else count * item)
                row.append(at)
            if at + tail > size:
                break
            position = at + tail
            found.append(row)
        return self._anchors(found), position

    def _anchors(self, rows: list[list[int]]) -> list[Places]:
        table = np.array(rows, np.int64).reshape(len(rows), len(self._varying) + 1)
        return list(np.ascontiguousarray(table.T))

    def _decoded(
        self, data: "np.ndarray[tuple[int], np.dtype[np.uint8]]", anchors: list[Places]
    ) -> pa.RecordBatch:
        flags = None
        if self._flags:
            packed = data[anchors[0][:, None] + np.arange(self._flags)]
            flags = np.unpackbits(packed, axis=1)[:, : len(self._fields)].astype(np.bool_)
        arrays = []
        for index, (field, (anchor, offset)) in enumerate(zip(self._fields, self._places, strict=True)):
            starts = anchors[anchor] + offset
            counts = None
            if field.size is None:
                prefix = data[starts[:, None] + np.arange(4)]
                counts = prefix.view(">i4").ravel().astype(np.int64)
                starts = starts + 4
            missing = None if flags is None else flags[:, index]
            arrays.append(decode(field, data, starts, counts, row=self._row, missing=missing))
        return pa.record_batch(arrays, names=self._names)


def _item(field: Field) -> tuple[int, bool]:
    """The bytes of an item, and whether items are bits."""
    return (0, True) if field.kind.item == "bit" else (width(field, 1), False)
