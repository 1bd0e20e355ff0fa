"""Pieces of CAOM documents."""

HEAD = (
    b'<caom2:Observation xmlns:caom2="http://www.opencadc.org/caom2/xml/v2.4"'
    b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="caom2:SimpleObservation"'
)
ID = b' caom2:id="00000000-0000-0000-0000-000000000001">'
NAMED = HEAD + ID + b"<caom2:collection>C</caom2:collection><caom2:observationID>o</caom2:observationID>"
END = b"</caom2:Observation>"


def with_plane(inside: bytes) -> bytes:
    """A document with a plane that has this."""
    head = b'<caom2:planes><caom2:plane caom2:id="00000000-0000-0000-0000-000000000002">'
    head += b"<caom2:productID>p</caom2:productID>"
    return NAMED + head + inside + b"</caom2:plane></caom2:planes>" + END
