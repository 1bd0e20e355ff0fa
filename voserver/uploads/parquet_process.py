"""Parquet, read in a process beside the server's.

Its reader is C++ that a broken file can bring down, whole process and all, and that believes what a page says of its
size. So it works where nobody else does, with a limit on memory. What goes between the processes: the file by its
input; the columns as JSON, then an Arrow stream by its output; what is wrong as JSON by its errors.
"""

import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from shutil import copyfileobj
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO

import pyarrow as pa

from voserver.model.columns import Column
from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits
from voserver.uploads.parquet import read_parquet
from voserver.uploads.sources import Source

_MEMORY = 3 << 30
_SECONDS = 300
_LONGEST_ANSWER = 16 << 20
_size = struct.Struct(">I")


@contextmanager
def read_beside(file: IO[bytes], limits: Limits) -> Iterator[Source]:
    """Open a Parquet file, as `read_parquet` does; the process ends with the context."""
    # -P: whatever lies in the working directory is not imported.
    command = [sys.executable, "-P", "-m", __name__, json.dumps(asdict(limits))]
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}  # which reserves nothing
    with TemporaryFile() as content, TemporaryFile() as errors:
        file.seek(0)
        copyfileobj(file, content)
        content.seek(0)
        with Popen(command, stdin=content, stdout=PIPE, stderr=errors, env=environment) as process:  # noqa: S603 -- ours
            try:
                yield _source(process, errors)
            finally:
                process.kill()


def _source(process: "Popen[bytes]", errors: IO[bytes]) -> Source:
    assert process.stdout is not None
    head = process.stdout.read(_size.size)
    if len(head) < _size.size:
        raise _fault(process, errors)
    text = process.stdout.read(_size.unpack(head)[0])
    columns = tuple(Column(**words) for words in json.loads(text))
    return Source(columns, _batches(process, errors))


def _batches(process: "Popen[bytes]", errors: IO[bytes]) -> Iterator[pa.RecordBatch]:
    try:
        with pa.ipc.open_stream(process.stdout) as stream:
            yield from stream
    except (pa.ArrowException, OSError):
        raise _fault(process, errors) from None
    if process.wait():
        raise _fault(process, errors)


def _fault(process: "Popen[bytes]", errors: IO[bytes]) -> UsageError:
    """What the process said before it ended, if it did. What more it may write is not waited for."""
    assert process.stdout is not None
    process.stdout.close()  # one that waits for room in the pipe would wait for ever
    process.wait()
    errors.seek(0)
    said = errors.read(_LONGEST_ANSWER).rpartition(b"\0")[2]
    try:
        message, hint = json.loads(said)
    except ValueError:
        message, hint = "The uploaded Parquet file cannot be read.", "It is broken, or needs too much memory."
    return UsageError(message, hint=hint)


def main() -> int:
    """In the process: read the file that is the input."""
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limits = Limits(**json.loads(sys.argv[1]))
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            _send(read_parquet(file, limits), sys.stdout.buffer)
    except UsageError as error:
        sys.stderr.write("\0" + json.dumps([error.message, error.hint]))
        return 1
    return 0


def _send(source: Source, output: IO[bytes]) -> None:
    head = json.dumps([asdict(column) for column in source.columns]).encode()
    output.write(_size.pack(len(head)) + head)
    output.flush()
    schema = pa.schema(
        [pa.field(f"c{number}", column.arrow_type) for number, column in enumerate(source.columns, 1)]
    )
    with pa.ipc.new_stream(output, schema) as stream:
        for batch in source.batches:
            stream.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    output.flush()


if __name__ == "__main__":
    sys.exit(main())
