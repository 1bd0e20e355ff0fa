"""CSV and TSV: names from the first line, types from the values (RFC 4180; TAP 1.1 §2.7.3).

A file says nothing of types, so it is read twice: once to see which type holds every value of a column, once to give
the rows. Everything is text to the reader, so that no value decides alone.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits, shown
from voserver.uploads.sources import Source, chunks
from voserver.uploads.texts import from_texts

_LONGEST_LINE = 1 << 20
_BLOCK = 1 << 20
_NULLS = ["", "NULL", "null"]
_SEPARATORS = ",\t;|"

_INTEGER = r"^[+-]?(0|[1-9][0-9]{0,17})$"
"""Without a zero in front: `02736` is a name, not a number."""
_TIME = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z?"
_PATTERNS = (
    ("boolean", r"^(?i:true|false)$"),
    ("integer", _INTEGER),
    ("number", r"^(?i:[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?inf(inity)?|nan)$"),
    ("time", rf"^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])({_TIME})?$"),
)  # fmt: skip


class _Guess:
    """What type holds every value of a column that was seen."""

    def __init__(self) -> None:
        self._possible = dict(_PATTERNS)
        self._has_leading_zeros = False
        self._longest = 0
        self._smallest, self._largest = 0, 0
        self._is_empty = True

    def see(self, values: pa.Array) -> None:
        """Rule out what does not hold these."""
        values = pc.utf8_trim_whitespace(values.drop_null())
        if not len(values):
            return
        self._is_empty = False
        for name, pattern in list(self._possible.items()):
            if not pc.all(pc.match_substring_regex(values, pattern)).as_py():
                del self._possible[name]
        if "number" in self._possible and not self._has_leading_zeros:
            zeros = pc.match_substring_regex(values, "^[+-]?0[0-9]")
            self._has_leading_zeros = bool(pc.any(zeros).as_py())
        if "integer" in self._possible:
            bounds = pc.min_max(pc.utf8_ltrim(values, "+").cast(pa.int64())).as_py()
            self._smallest = min(self._smallest, bounds["min"])
            self._largest = max(self._largest, bounds["max"])

    def column(self, name: str) -> Column:
        """The column."""
        kinds = [] if self._is_empty else list(self._possible)
        if "boolean" in kinds:
            return Column(name, "boolean")
        if "integer" in kinds:
            is_small = self._smallest >= -(2**31) and self._largest < 2**31
            return Column(name, "int" if is_small else "long")
        if "number" in kinds and not self._has_leading_zeros:
            return Column(name, "double")
        if "time" in kinds:
            return Column(name, "char", "*", xtype="timestamp")
        return Column(name, "char", "*")


def read_delimited(file: IO[bytes], limits: Limits) -> Source:
    """Open a CSV or TSV file.

    Raises:
        UsageError: what is wrong with it, and where.
    """
    _check_bytes(file)
    separator, names = _header(file)
    limits.check_columns(names)
    guesses = [_Guess() for _ in names]
    rows = 0
    for batch in _texts(file, separator, len(names)):
        rows += batch.num_rows
        limits.check_rows(rows)
        for guess, values in zip(guesses, batch.columns, strict=True):
            guess.see(values)
    columns = tuple(guess.column(name) for guess, name in zip(guesses, names, strict=True))
    return Source(columns, _typed(columns, _texts(file, separator, len(names))))


def _check_bytes(file: IO[bytes]) -> None:
    """UTF-8 without a NUL: else say where."""
    line = 1
    rest = b""
    for chunk in chunks(file):
        data = rest + chunk
        try:
            data.decode()
            rest = b""
        except UnicodeDecodeError as error:
            if error.start < len(data) - 3:
                raise _not_utf8(data, error.start, line) from None
            rest = data[error.start :]
            data = data[: error.start]
        if (at := data.find(b"\0")) >= 0:
            where = line + data.count(b"\n", 0, at)
            raise UsageError(f"Line {where:,} of the uploaded text has a NUL byte.", hint="Is it CSV?")
        line += data.count(b"\n")
    if rest:
        raise _not_utf8(rest, 0, line)


def _not_utf8(data: bytes, at: int, line: int) -> UsageError:
    where = line + data.count(b"\n", 0, at)
    return UsageError(
        f"Line {where:,} of the uploaded text is not UTF-8: it has the byte 0x{data[at]:02X}.",
        hint="Save it as UTF-8. VOTable, FITS, Parquet, CSV and TSV are read.",
    )


def _header(file: IO[bytes]) -> tuple[str, list[str]]:
    """What stands between values, and the names."""
    file.seek(0)
    line = file.readline(_LONGEST_LINE).decode(errors="ignore").removeprefix("\ufeff").rstrip("\r\n")
    bare = "".join(line.split('"')[::2])  # what is in quotes separates nothing
    separator = max(_SEPARATORS, key=bare.count)
    try:
        (names,) = csv.reader(io.StringIO(line), delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        raise UsageError(
            f"The first line of the uploaded text, {shown(line)}, is not a line of names."
        ) from None
    return separator, [name.strip() for name in names]


def _texts(file: IO[bytes], separator: str, width: int) -> Iterator[pa.RecordBatch]:
    """The rows, all as text."""
    file.seek(0)
    file.readline()
    names = [f"c{number}" for number in range(1, width + 1)]
    try:
        # Arrow refuses a file that has no lines, and reads no further than the file's end, so it may be ours.
        if not file.read(1):
            return
        file.seek(-1, io.SEEK_CUR)
        with pyarrow.csv.open_csv(
            pa.PythonFile(_Unclosed(file), mode="r"),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=_NULLS,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        ) as reader:
            yield from reader
    except pa.ArrowException as error:
        words = str(error).splitlines()[0][:200].removeprefix("CSV parse error: ")
        raise UsageError(
            f"The uploaded text is not a table: {words}",
            hint="Every line has as many values as the first has names.",
        ) from None


class _Unclosed:
    """A file that Arrow does not close."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """As the file does."""
        return self._file.read(size)

    def close(self) -> None:
        """Whoever opened it does."""


def _typed(columns: Sequence[Column], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    row = 1
    for batch in batches:
        arrays = [
            from_texts(column, values, row) for column, values in zip(columns, batch.columns, strict=True)
        ]
        yield pa.record_batch(arrays, names=batch.schema.names)
        row += batch.num_rows
