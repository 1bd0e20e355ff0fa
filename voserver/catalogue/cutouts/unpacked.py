"""A file as a cut-out reads it: packed ones are unpacked first, whole, as far as that is bearable."""

import tempfile
import zlib
from contextlib import ExitStack
from math import prod
from os import pread
from typing import IO

from voserver.catalogue.cutouts.structure import Source, Unit, read_structure
from voserver.catalogue.cutouts.tiles import unpack
from voserver.model.errors import QuotaExceeded, UsageError

MOST_BYTES = 512 << 20
"""Of a packed file, and of what comes out of it."""

_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 20


class TemporarySource(Source):
    """A file on this machine's disk that is gone when it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        file.flush()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._size

    def read(self, start: int, end: int) -> bytes:
        """Those from `start` up to `end`."""
        return pread(self._file.fileno(), end - start, start)


class Opened:
    """A file's bytes, and whether they are on this machine."""

    def __init__(self, source: Source, *, is_near: bool) -> None:
        self.source = source
        self.is_near = is_near
        self._files = ExitStack()

    def units(self, name: str) -> list[Unit]:
        """What the file consists of, unpacked where need be.

        Raises:
            UsageError: it is no FITS file, or a broken one.
            QuotaExceeded: it is too large to be unpacked.
        """
        if self.source.read(0, min(2, self.source.size)) == _GZIP:
            self._replace(_unzipped(self.source, name))
        units = read_structure(self.source)
        if any(unit.is_compressed for unit in units):
            self._replace(_untiled(self.source, units, name))
            units = read_structure(self.source)
        return units

    def _replace(self, file: IO[bytes]) -> None:
        self._files.enter_context(file)
        self.source, self.is_near = TemporarySource(file), True

    def close(self) -> None:
        """Forget what was unpacked."""
        self._files.close()


def _check_size(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise QuotaExceeded(
            f"{name} is packed and too large to be unpacked here: {MOST_BYTES >> 20} MiB is the most.",
            hint="The whole file can be had: ask with nothing but its ID.",
        )


def _unzipped(source: Source, name: str) -> IO[bytes]:
    """What a file holds that was packed by gzip, several members one after the other, too."""
    _check_size(source.size, name)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- it outlives this function
    try:
        unpacking = zlib.decompressobj(31)
        size = 0
        for start in range(0, source.size, _BLOCK):
            data = source.read(start, min(start + _BLOCK, source.size))
            while data:
                block = unpacking.decompress(data, _BLOCK)
                size += len(block)
                _check_size(size, name)
                file.write(block)
                data = unpacking.unconsumed_tail
                if unpacking.eof:
                    data, unpacking = unpacking.unused_data.lstrip(b"\0"), zlib.decompressobj(31)
    except zlib.error:
        file.close()
        raise UsageError(f"{name} is broken: it cannot be unpacked.") from None
    except BaseException:
        file.close()
        raise
    return file


def _untiled(source: Source, units: list[Unit], name: str) -> IO[bytes]:
    """The file with its compressed images (FITS 4.0 §10) as plain ones."""
    total = 0
    for unit in units:
        axes = unit.cards.natural("ZNAXIS", 0) if unit.is_compressed else 0
        sides = [unit.cards.natural(f"ZNAXIS{axis}") for axis in range(1, min(axes, 9) + 1)]
        total += unit.length + 8 * prod(sides or [0])
    _check_size(max(source.size, total), name)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- likewise
    try:
        with tempfile.TemporaryFile() as packed:
            for start in range(0, source.size, _BLOCK):
                packed.write(source.read(start, min(start + _BLOCK, source.size)))
            packed.flush()
            unpack(packed, file, name, most_bytes=2 * MOST_BYTES)
    except BaseException:
        file.close()
        raise
    return file
