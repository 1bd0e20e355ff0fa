"""The bytes of an answer as they leave, with the rows closed at any end."""

from collections.abc import Generator
from dataclasses import replace

from voserver.model.rows import RowStream
from voserver.serializers.document import Document
from voserver.serializers.formats import Choice


def serialize(choice: Choice, rows: RowStream, document: Document) -> Generator[bytes, None, None]:
    """Write rows in the chosen format, as they come; they are closed when that ends, fails or is closed.

    A `ServiceError` from the rows ends a VOTable, JSON, HTML or text document with what happened; the other
    formats have no place for it and raise it again.
    """
    if not choice.has_services:
        document = replace(document, services=())
    try:
        yield from choice.format.write(rows, document)
    finally:
        rows.close()
