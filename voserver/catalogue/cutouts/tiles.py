"""Images that are compressed in tiles (FITS 4.0 §10), unpacked in a process beside the server's.

What unpacks them is C that a broken file can bring down, whole process and all, and a tile may hold a thousand times
what the header says of it. So it works where nobody else does, with limits on memory, time and what it writes.
"""

import os
import resource
import sys
from contextlib import suppress
from subprocess import Popen, TimeoutExpired
from tempfile import TemporaryFile
from typing import IO

from voserver.model.errors import QuotaExceeded, UsageError

_MEMORY = 3 << 30
_SECONDS = 60
_LONGEST_ANSWER = 200


def unpack(packed: IO[bytes], plain: IO[bytes], name: str, *, most_bytes: int) -> None:
    """Write a FITS file with plain images in place of its compressed ones. Blocks.

    Raises:
        UsageError: the file is broken.
        QuotaExceeded: it takes too long.
    """
    packed.seek(0)
    # -P: whatever lies in the working directory is not imported.
    command = [sys.executable, "-P", "-m", __name__, str(most_bytes)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # each thread would reserve memory
    with (
        TemporaryFile() as errors,
        Popen(command, stdin=packed, stdout=plain, stderr=errors, env=environment) as process,  # noqa: S603 -- ours
    ):
        try:
            status = process.wait(2 * _SECONDS)
        except TimeoutExpired:
            raise QuotaExceeded(
                f"{name} takes too long to be unpacked.",
                hint="The whole file can be had: ask with nothing but its ID.",
            ) from None
        finally:
            process.kill()
        if status:
            errors.seek(0)
            said = errors.read().decode(errors="replace").rpartition("\0")[2] if status == 1 else ""
            raise UsageError(f"{name} is broken: {said[:_LONGEST_ANSWER] or 'its tiles cannot be unpacked'}")


def main() -> int:
    """In the process: the input is the file, the output what comes of it."""
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most_bytes = int(sys.argv[1])
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    from astropy.io import fits  # noqa: PLC0415 -- within the limits

    try:
        with (
            os.fdopen(0, "rb", closefd=False) as packed,
            os.fdopen(1, "wb", closefd=False) as plain,
            fits.open(packed) as hdus,
        ):
            images = [
                fits.ImageHDU(hdu.data, hdu.header) if isinstance(hdu, fits.CompImageHDU) else hdu
                for hdu in hdus
            ]
            fits.HDUList(images).writeto(plain)
    except Exception as error:  # noqa: BLE001 -- astropy and its codecs raise whatever they meet
        sys.stderr.write(f"\0{error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
