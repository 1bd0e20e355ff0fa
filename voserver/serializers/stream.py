"""The bytes of an answer as they leave: in chunks worth sending, and with the rows closed at any end."""

from collections.abc import Generator, Iterator

from typing_extensions import override

from voserver.model.rows import RowStream
from voserver.serializers.document import Document
from voserver.serializers.formats import Choice

_WORTH_SENDING = 65_536


class Answer(Iterator[bytes]):
    """Chunks of bytes. The rows are closed when it ends, fails or is closed, even unstarted."""

    def __init__(self, chunks: Iterator[bytes], rows: RowStream) -> None:
        self._chunks = _gathered(chunks)
        self._rows = rows

    @override
    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop, and give back what the rows hold. May be called twice."""
        try:
            self._chunks.close()
        finally:
            self._rows.close()


def serialize(choice: Choice, rows: RowStream, document: Document) -> Answer:
    """Write rows in the chosen format, as they come.

    A `ServiceError` from the rows ends a VOTable, JSON, HTML or text document with what happened; the other
    formats have no place for it and raise it again.
    """
    return Answer(choice.format.write(rows, document), rows)


def _gathered(chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The first chunk at once, for the client that waits; then none too small to be worth sending."""
    yield next(filter(None, chunks), b"")
    held: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= _WORTH_SENDING:
                yield held[0] if len(held) == 1 else b"".join(held)
                held, size = [], 0
        if size:
            yield b"".join(held)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
