"""Media types by the words that SIA 1.0 and SSA have for them in FORMAT."""

from voserver.protocols.parameters import Parameters

GRAPHIC = ("image/jpeg", "image/png", "image/gif")
FITS = ("image/fits", "application/fits")
VOTABLE = ("application/x-votable+xml", "text/xml", "application/xml")


def is_description(parameters: Parameters) -> bool:
    """Whether the service shall describe itself, with FORMAT=METADATA."""
    return (parameters.one("FORMAT") or "").strip().upper() == "METADATA"
