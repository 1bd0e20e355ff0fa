"""Which form a file has: told by how it begins, as what clients call it is often wrong."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from voserver.model.errors import UsageError
from voserver.uploads.delimited import read_delimited
from voserver.uploads.fits import read_fits
from voserver.uploads.limits import Limits
from voserver.uploads.parquet_process import read_beside
from voserver.uploads.sources import CHUNK, Source, spool
from voserver.uploads.votable import read_votable

_KNOWN = "VOTable, FITS, Parquet, CSV and TSV are read."
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"\x89HDF": "HDF5",
    b"ARROW1": "Arrow",
    b"%PDF": "a PDF",
}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_table(file: IO[bytes], limits: Limits) -> Iterator[Source]:
    """The table in a file: its columns are known, and its rows are read as they are asked for."""
    with ExitStack() as opened:
        if _head(file).startswith(_GZIP):
            packed, file = file, opened.enter_context(spool())
            _unpack(packed, file, limits)
        if _head(file).startswith(_PARQUET):
            yield opened.enter_context(read_beside(file, limits))
        else:
            yield _table(file, limits)


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(4096)


def _unpack(file: IO[bytes], unpacked: IO[bytes], limits: Limits) -> None:
    file.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while chunk := packed.read(CHUNK):
                size += len(chunk)
                limits.check_bytes(size)
                unpacked.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"The uploaded gzip file cannot be unpacked: {error}.") from None


def _table(file: IO[bytes], limits: Limits) -> Source:
    head = _head(file)
    for mark, said in {**_OTHERS, _GZIP: "packed by gzip, twice"}.items():
        if head.startswith(mark):
            raise UsageError(f"The uploaded file is {said}.", hint=_KNOWN)
    if head.startswith(b"SIMPLE  ="):
        return read_fits(file, limits)
    if _is_xml(head):
        return read_votable(file, limits)
    if not head.strip():
        raise UsageError("The uploaded file is empty.", hint=_KNOWN)
    return read_delimited(file, limits)


def _is_xml(head: bytes) -> bool:
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip().startswith(b"<")
