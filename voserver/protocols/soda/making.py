"""One cut-out being made: from a file in a store to its bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

from typing_extensions import override

from voserver.catalogue.cutouts.fits_cut import CutOut, cut
from voserver.catalogue.cutouts.pictures import Look, draw
from voserver.catalogue.cutouts.pieces import Range, write
from voserver.catalogue.cutouts.subjects import is_fits
from voserver.catalogue.cutouts.unpacked import Opened
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.catalogue.files import Copy
from voserver.catalogue.holdings import Holding
from voserver.model.errors import QuotaExceeded, Unavailable, UsageError
from voserver.protocols.streaming import Answer

IMAGE = "image/fits"
TABLE = "application/fits"


@dataclass(frozen=True)
class Subject:
    """What is cut: a file that may be read, a copy of it, and what the catalogue knows that it covers."""

    holding: Holding
    copy: Copy
    extent: Extent

    look: Look | None = None
    """How a picture of it looks, where one is wanted."""

    @property
    def file_name(self) -> str:
        """The name of a cut-out."""
        extension = self.look.form.lower() if self.look else "fits"
        return f"{self.holding.filename.partition('.fit')[0]}_cutout.{extension}"

    @property
    def media_type(self) -> str:
        """`image/fits` for what has pixels, `application/fits` for tables: clients choose by it what to do."""
        if self.look is not None:
            return self.look.media_type
        return TABLE if self.holding.dataproduct_type in {"spectrum", "measurements"} else IMAGE


class Making(Answer):
    """A cut-out that was chosen and can be written, once."""

    def __init__(self, opened: Opened, found: CutOut) -> None:
        self._opened = opened
        self._found = found
        self._is_over = Event()

    @property
    def size(self) -> int:
        """Its bytes."""
        return self._found.size

    @override
    def pieces(self) -> Iterator[bytes]:
        try:
            for piece in write(self._found.pieces, self._opened.source, is_near=self._opened.is_near):
                if self._is_over.is_set():
                    raise Unavailable("The cut-out was stopped.")
                yield piece
        finally:
            self._opened.close()

    @override
    def cancel(self) -> None:
        """Make `pieces` end at the next one."""
        self._is_over.set()

    def close(self) -> None:
        """Forget what was unpacked, where no piece is wanted."""
        self._opened.close()


def begin(subject: Subject, wanted: Wanted, *, most_bytes: int, advice: str) -> Making | None:
    """Choose what is cut; blocks while headers are read. None where the filter selects nothing.

    Raises:
        UsageError: the file cannot be cut like that.
        QuotaExceeded: the cut-out would be too large.
    """
    opened = Opened(subject.copy, is_near=subject.copy.path is not None)
    try:
        found = _chosen(subject, opened, wanted, most_bytes)
        _check_size(found, most_bytes, advice)
    except BaseException:
        opened.close()
        raise
    if found is None:
        opened.close()
        return None
    return Making(opened, found)


def _chosen(subject: Subject, opened: Opened, wanted: Wanted, most_bytes: int) -> CutOut | None:
    if wanted.is_everything and subject.look is None:
        return CutOut([Range(0, subject.copy.size)])
    name = subject.holding.filename
    if not is_fits(subject.holding):
        raise UsageError(
            f"{name} is no FITS file: nothing can be cut out of it.",
            hint="The whole file can be had: ask with nothing but its ID.",
        )
    if subject.look is not None:
        drawn = draw(opened, name, wanted, subject.extent, subject.look, most_bytes=most_bytes)
        return None if drawn is None else CutOut([drawn])
    return cut(opened.source, opened.units(name), wanted, subject.extent, name)


def _check_size(found: CutOut | None, most_bytes: int, advice: str) -> None:
    if found is not None and found.size > most_bytes:
        raise QuotaExceeded(
            f"The cut-out would have {found.size / 1e6:,.0f} MB; the most is {most_bytes / 1e6:,.0f} MB.",
            hint=advice,
        )
