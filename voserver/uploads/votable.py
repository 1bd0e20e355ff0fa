"""VOTables in every serialization (VOTable 1.1 to 1.5), read as they stream in.

Expat reads the XML: it knows nothing but what we handle. A document type, with which entities and other files would
come, is refused where it begins; so is what has no end (a tag of megabytes, elements within elements).
(lxml, safely set, refuses texts of more than 10 MB, and the rows of BINARY are one text.)
"""

import binascii
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO
from xml.parsers import expat

import pyarrow as pa

from voserver.model.errors import UsageError
from voserver.uploads.limits import Limits, shown
from voserver.uploads.sources import Source, chunks
from voserver.uploads.texts import from_texts
from voserver.uploads.votable_binary import BinaryRows
from voserver.uploads.votable_fields import Field, field
from voserver.uploads.votable_fits import FitsRows

_DEEPEST = 100
_LONGEST_TAG = 1 << 20
_BATCH_ROWS = 8192
_BATCH_CELLS = 200_000
_BLANKS = b" \t\r\n"
_LINK = "The rows must be in the document itself."


def read_votable(file: IO[bytes], limits: Limits) -> Source:
    """Open a VOTable: its first table is meant.

    Raises:
        UsageError: what is wrong with it, and where.
    """
    document = _Document(limits)
    feeding = document.feed(file)
    while not (document.is_begun or document.is_done):
        if next(feeding, None) is None:
            break
    if not (document.is_begun or document.is_done):
        raise UsageError("The uploaded document is XML, but has no TABLE of a VOTable in it.")
    return Source(tuple(known.column for known in document.fields), document.batches(feeding))


class _Document:
    """What is known of a document as far as it has been read."""

    def __init__(self, limits: Limits) -> None:
        self.fields: list[Field] = []
        self.is_begun = False
        """Whether all columns are known."""
        self.is_done = False
        """Whether the table is at its end."""
        self._limits = limits
        self._path: list[str] = []
        self._attributes: dict[str, str] = {}
        self._null: str | None = None
        self._description: list[str] = []
        self._nrows: int | None = None
        self._is_listening = False
        self._text: list[str] = []
        self._row: list[str] = []
        self._rows: list[list[str]] = []
        self._count = 0
        self._decoder: BinaryRows | FitsRows | None = None
        self._base64 = b""
        self._ready: list[pa.RecordBatch] = []
        self._rest: Iterator[pa.RecordBatch] = iter(())
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = lambda _name: self._end()
        self._parser.CharacterDataHandler = self._characters

    # ---- reading

    def feed(self, file: IO[bytes]) -> Iterator[bool]:
        """Read piece by piece, until the table is at its end."""
        fed = 0
        for chunk in chunks(file):
            self._parse(chunk)
            fed += len(chunk)
            if fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST_TAG + len(chunk):
                raise self._fault(
                    f"Something in the XML is longer than {_LONGEST_TAG >> 20} MiB: a tag, or a comment."
                )
            yield True
            if self.is_done:
                return
        self._parse(b"", final=True)
        yield True

    def _parse(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            words = expat.ErrorString(error.code)
            hint = "Is the document complete?" if "no element" in words or final else None
            raise UsageError(
                f"The uploaded VOTable is not XML at line {error.lineno:,}, column {error.offset + 1:,}: {words}.",
                hint=hint,
            ) from None
        except (
            ValueError,
            LookupError,
        ) as error:  # an encoding that Python does not know, or not as one of bytes
            raise UsageError(f"The uploaded VOTable cannot be decoded: {error}.") from None

    def batches(self, feeding: Iterator[bool]) -> Iterator[pa.RecordBatch]:
        """The rows."""
        while True:
            ready, self._ready = self._ready, []
            for batch in chain(ready, self._rest):
                self._count += batch.num_rows
                yield batch
            if not ready and next(feeding, None) is None:
                break
        if self._nrows is not None and self._nrows != self._count:
            raise UsageError(
                f"The uploaded VOTable says nrows={self._nrows:,}, but has {self._count:,} rows.",
                hint="Was it cut short? The attribute nrows may be left out.",
            )

    def _fault(self, words: str, hint: str | None = None) -> UsageError:
        return UsageError(f"{words} (Line {self._parser.CurrentLineNumber:,} of the upload.)", hint=hint)

    # ---- what expat finds

    def _doctype(self, *_: object) -> None:
        raise self._fault(
            "The uploaded VOTable has a document type (<!DOCTYPE …>), which is not taken.",
            hint="Leave it out.",
        )

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(":")[2]
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise self._fault(f"The uploaded XML has elements within elements, more than {_DEEPEST} deep.")
        if self.is_done:
            return
        if len(self._path) == 1 and name != "VOTABLE":
            raise self._fault(f"The uploaded XML is no VOTable: it begins with <{name[:40]}>.")
        self._is_listening = False
        if name == "TR":
            self._row = []
        elif name == "TD" or (name == "DESCRIPTION" and self._parent() == "FIELD"):
            self._listen()
        else:
            self._element(name, attributes)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        match self._parent(), name:
            case "TABLE", "FIELD":
                self._attributes, self._null, self._description = attributes, None, []
            case "FIELD", "VALUES":
                self._null = attributes.get("null", "").strip() or None
            case _, "TABLE":
                self._table(attributes)
            case "TABLE", "DATA":
                self._begin()
            case "DATA", "BINARY" | "BINARY2":
                self._decoder = BinaryRows(self.fields, flagged=name == "BINARY2")
            case "DATA", "FITS":
                self._decoder = FitsRows(self.fields, self._limits)
            case _, "STREAM":
                self._stream(attributes)
            case "DATA", form if form != "TABLEDATA":
                raise self._fault(
                    f"Rows in the form <{form[:40]}> are not read here.",
                    hint="Use TABLEDATA, BINARY, BINARY2 or FITS.",
                )

    def _parent(self) -> str:
        return self._path[-2] if len(self._path) > 1 else ""

    def _listen(self) -> None:
        self._is_listening = True
        self._text = []

    def _characters(self, text: str) -> None:
        if self._is_listening:
            if self._decoder is not None:
                self._decode(text)
            else:
                self._text.append(text)

    def _end(self) -> None:
        name = self._path.pop()
        if self.is_done:
            return
        self._is_listening = False
        if name == "TD":
            self._row.append("".join(self._text))
            self._text = []
        elif name == "TR":
            self._end_row()
        elif name == "FIELD" and self._path[-1:] == ["TABLE"]:
            self._end_field()
        elif name == "DESCRIPTION" and self._path[-1:] == ["FIELD"]:
            self._description = self._text
        elif name == "STREAM" and self._decoder is not None:
            self._end_stream()
        elif name == "TABLE":
            self._begin()
            self._flush()
            self.is_done = True

    # ---- what that means

    def _table(self, attributes: dict[str, str]) -> None:
        nrows = attributes.get("nrows", "").strip()
        if nrows:
            if not (nrows.isascii() and nrows.isdigit()):
                raise self._fault(f"The attribute nrows is {shown(nrows)}, which is no number.")
            self._nrows = int(nrows[:18])
            self._limits.check_rows(self._nrows)

    def _end_field(self) -> None:
        known = field(self._attributes, len(self.fields) + 1)
        description = " ".join("".join(self._description).split())[:1000] or None
        self.fields.append(_with(known, self._null, description))
        self._limits.check_columns(self.fields)

    def _begin(self) -> None:
        if not self.is_begun:
            self._limits.check_columns(self.fields)
            self.is_begun = True

    def _end_row(self) -> None:
        if len(self._row) != len(self.fields):
            number = self._count + len(self._rows) + sum(batch.num_rows for batch in self._ready) + 1
            raise self._fault(
                f"Row {number:,} of the uploaded VOTable has {len(self._row)} cells, and the table "
                f"{len(self.fields)} FIELDs."
            )
        self._rows.append(self._row)
        if len(self._rows) >= _BATCH_ROWS or len(self._rows) * len(self._row) >= _BATCH_CELLS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        first = self._count + sum(batch.num_rows for batch in self._ready) + 1
        arrays = [
            from_texts(known.column, _apart(known, texts), first, null=known.null, size=known.numbers)
            for known, texts in zip(self.fields, zip(*self._rows, strict=True), strict=True)
        ]
        self._ready.append(pa.record_batch(arrays, names=[known.column.name for known in self.fields]))
        self._rows = []

    def _stream(self, attributes: dict[str, str]) -> None:
        if attributes.get("href"):
            raise self._fault("The rows of the uploaded VOTable lie elsewhere (STREAM href=…).", hint=_LINK)
        if attributes.get("encoding", "").strip() != "base64":
            raise self._fault(
                f"STREAM has the encoding {shown(attributes.get('encoding', ''))}.", hint="It must be base64."
            )
        self._is_listening = True

    def _decode(self, text: str) -> None:
        try:
            self._base64 += text.encode("ascii").translate(None, _BLANKS)
            whole = len(self._base64) // 4 * 4
            data = binascii.a2b_base64(self._base64[:whole], strict_mode=True) if whole else b""
        except ValueError as error:  # binascii's, and those of text that is not ASCII
            raise self._fault(f"The STREAM is not base64: {error}.") from None
        self._base64 = self._base64[whole:]
        assert self._decoder is not None
        self._ready.extend(self._decoder.feed(data))

    def _end_stream(self) -> None:
        if self._base64:
            raise self._fault("The STREAM is not base64: it ends too early.")
        assert self._decoder is not None
        self._rest = self._decoder.finish()


def _apart(known: Field, texts: Sequence[str]) -> Sequence[str]:
    """The cells of a column; bits have blanks between them, which VOTable leaves to the writer."""
    if known.datatype != "bit" or not known.column.is_array:
        return texts
    return [" ".join(text.replace(" ", "")) for text in texts]


def _with(known: Field, null: str | None, description: str | None) -> Field:
    return replace(known, null=null, column=replace(known.column, description=description))
