"""Parquet files; what a VOTable header in their metadata says of the columns is kept (VOParquet 1.0)."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from voserver.model.columns import Column, Datatype
from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits, shown
from voserver.uploads.sources import Source
from voserver.uploads.texts import without_nan
from voserver.uploads.votable import read_votable

_BATCH_ROWS = 8192
_GROWTH = 8
_LONGEST_HEADER = 16 << 20
_HEADER = b"IVOA.VOTable-Parquet.content"
_DATATYPES: tuple[tuple[tuple[pa.DataType, ...], Datatype], ...] = (
    ((pa.bool_(),), "boolean"),
    ((pa.int8(), pa.uint8(), pa.int16()), "short"),
    ((pa.uint16(), pa.int32()), "int"),
    ((pa.uint32(), pa.int64(), pa.uint64()), "long"),
    ((pa.float16(), pa.float32()), "float"),
    ((pa.float64(),), "double"),
)


def read_parquet(file: IO[bytes], limits: Limits) -> Source:
    """Open a Parquet file.

    Raises:
        UsageError: what is wrong with it.
    """
    file.seek(0)
    try:
        opened = pq.ParquetFile(
            file,
            thrift_string_size_limit=_LONGEST_HEADER,
            thrift_container_size_limit=1_000_000,
            pre_buffer=False,
        )
        facts = opened.metadata
        limits.check_rows(facts.num_rows)
        schema = opened.schema_arrow
        limits.check_columns(schema.names)
        _check_sizes(facts, limits)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise _fault(error) from None
    columns = tuple(_column(known) for known in schema)
    described = _described(columns, facts.metadata or {}, limits)
    texts = [known.name for known in schema if _is_text(known.type)]
    return Source(described, _batches(file, described, texts, limits))


def _fault(error: Exception) -> UsageError:
    words = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return UsageError(f"The uploaded Parquet file cannot be read: {words}", hint="Is it complete?")


def _check_sizes(facts: pq.FileMetaData, limits: Limits) -> None:
    """Refuse a file that says it unpacks to more than may be."""
    total = 0
    for group in range(facts.num_row_groups):
        row_group = facts.row_group(group)
        for place in range(row_group.num_columns):
            column = row_group.column(place)
            total += max(0, column.total_uncompressed_size, 8 * column.num_values)
    limits.check_bytes(total // _GROWTH)


def _column(known: pa.Field) -> Column:
    kind, arraysize = known.type, None
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        arraysize = str(kind.list_size) if pa.types.is_fixed_size_list(kind) else "*"
        kind = kind.value_type
    for types, datatype in _DATATYPES:
        if kind in types:
            return Column(known.name, datatype, arraysize)
    if arraysize is None:
        if pa.types.is_decimal(kind):
            return Column(known.name, "double")
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return Column(known.name, "char", "*", xtype="timestamp")
        if pa.types.is_null(kind) or _is_text(kind):
            return Column(known.name, "char", "*")
    raise UsageError(
        f"The column {shown(known.name)} of the uploaded Parquet file is of the type {known.type}, which has no like "
        "in VOTable.",
        hint="Leave the column out, or store numbers, texts, times, or lists of numbers.",
    )


def _is_text(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _described(
    columns: Sequence[Column], metadata: Mapping[bytes, bytes], limits: Limits
) -> tuple[Column, ...]:
    """The columns with the units and so on that the file's VOTable header has for those names."""
    header = metadata.get(_HEADER)
    if header is None:
        return tuple(columns)
    words = {known.name: known for known in read_votable(io.BytesIO(header), limits).columns}
    found = []
    for column in columns:
        said = words.get(column.name)
        if said is None:
            found.append(column)
            continue
        is_same = (said.datatype, said.is_array, said.is_timestamp) == (
            column.datatype,
            column.is_array,
            column.is_timestamp,
        )
        known = replace(said, name=column.name)
        if not is_same:
            known = replace(known, datatype=column.datatype, arraysize=column.arraysize, xtype=column.xtype)
        found.append(known)
    return tuple(found)


def _batches(
    file: IO[bytes], columns: Sequence[Column], texts: Sequence[str], limits: Limits
) -> Iterator[pa.RecordBatch]:
    """The rows. Texts come as a dictionary, which may stand for many times its size: that is counted first."""
    file.seek(0)
    row, size = 1, 0
    try:
        with pq.ParquetFile(file, read_dictionary=list(texts), pre_buffer=False) as opened:
            for batch in opened.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                size += sum(_unpacked(values) for values in batch.columns)
                limits.check_bytes(size // _GROWTH)
                arrays = [
                    _converted(column, values, row)
                    for column, values in zip(columns, batch.columns, strict=True)
                ]
                yield pa.record_batch(arrays, names=batch.schema.names)
                row += batch.num_rows
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise _fault(error) from None


def _unpacked(values: pa.Array) -> int:
    """The bytes of a column when its dictionary is put in."""
    if not pa.types.is_dictionary(values.type) or not _is_text(values.type.value_type):
        return int(values.nbytes)
    lengths = pc.binary_length(values.dictionary).take(values.indices)
    return int(pc.sum(lengths).as_py() or 0)


def _converted(column: Column, values: pa.Array, row: int) -> pa.Array:
    """The values as the column's own type."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    wanted = column.arrow_type
    try:
        if pa.types.is_timestamp(values.type) and values.type.tz is not None:
            values = values.cast(pa.timestamp(values.type.unit))  # which is universal time
        if column.is_timestamp:
            values = values.cast(wanted, safe=False)  # what is finer than a microsecond is cut off
        elif values.type != wanted:
            values = values.cast(wanted)
    except pa.ArrowException as error:
        last = row + len(values) - 1
        raise UsageError(
            f"The uploaded Parquet file has in rows {row:,} to {last:,} of {column.name} what does not fit: "
            f"{str(error).splitlines()[0][:200]}"
        ) from None
    if column.is_text:
        _check_texts(column, values, row)
    return without_nan(values)


def _check_texts(column: Column, values: pa.Array, row: int) -> None:
    """Texts without a NUL: the database has no place for one."""
    _, _, data = values.buffers()
    if data is None or not (np.frombuffer(data, np.uint8) == 0).any():
        return
    for at, value in enumerate(values.to_pylist()):
        if value and "\0" in value:
            raise UsageError(f"Row {row + at:,} of the uploaded table has a NUL character in {column.name}.")
