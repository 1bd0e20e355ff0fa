"""The rows of VOTable's FITS serialization (VOTable 1.4 §5.2): a FITS file within the document."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from voserver.model.errors import UsageError
from voserver.uploads.fits import read_fits
from voserver.uploads.limits import Limits
from voserver.uploads.sources import spool
from voserver.uploads.votable_fields import Field


class FitsRows:
    """Takes the bytes of the file, gives the rows of its first table, as the FIELDs say that they are."""

    def __init__(self, fields: Sequence[Field], limits: Limits) -> None:
        self._fields = fields
        self._limits = limits
        self._file = spool()

    def feed(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """Keep more bytes: there is no row before the last of them."""
        self._file.write(data)
        return iter(())

    def finish(self) -> Iterator[pa.RecordBatch]:
        """The rows."""
        with self._file:
            source = read_fits(self._file, self._limits)
            if len(source.columns) != len(self._fields):
                raise UsageError(
                    f"The uploaded VOTable has {len(self._fields)} FIELDs, and the FITS table in it "
                    f"{len(source.columns)} columns."
                )
            names = [known.column.name for known in self._fields]
            for batch in source.batches:
                arrays = [
                    self._typed(known, values)
                    for known, values in zip(self._fields, batch.columns, strict=True)
                ]
                yield pa.record_batch(arrays, names=names)

    def _typed(self, known: Field, values: pa.Array) -> pa.Array:
        column = known.column
        try:
            return values.cast(column.arrow_type)
        except pa.ArrowException as error:
            raise UsageError(
                f"The FITS table in the uploaded VOTable has another type in {column.name} than its FIELD says: "
                f"{str(error).splitlines()[0][:200]}"
            ) from None
