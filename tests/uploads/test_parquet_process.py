"""The process beside the server that reads Parquet: whatever it does, the server goes on."""

import subprocess
import sys
from tempfile import TemporaryFile

import pytest

from voserver.model.errors import UsageError
from voserver.uploads.parquet_process import _source


def test_a_process_that_writes_what_is_no_stream_is_not_waited_for() -> None:
    """It writes more than a pipe holds after what cannot be understood."""
    begun = r"b'\0\0\0\2[]' + b'\xff\xff\xff\xff\x10\0\0\0'"  # the columns, and the length of a message
    program = f"import sys; sys.stdout.buffer.write({begun} + b'x' * 10_000_000)"
    command = [sys.executable, "-c", program]
    with (
        TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        source = _source(process, errors)
        with pytest.raises(UsageError, match="cannot be read"):
            list(source.batches)
        assert process.poll() is not None
