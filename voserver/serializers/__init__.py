"""Rows to bytes: every format that an answer can have. Knows no HTTP, no query, no database.

`choose_format` turns what a client asked for into a `Choice`; `serialize` writes a `RowStream` that way.
"""

from voserver.serializers.document import Document, Info, ServiceDescriptor, ServiceInput
from voserver.serializers.formats import FORMATS, Choice, Format, choose_format, is_browser
from voserver.serializers.html_page import SAMP_SCRIPT
from voserver.serializers.stream import serialize
from voserver.serializers.votable_head import error_votable

__all__ = [
    "FORMATS",
    "SAMP_SCRIPT",
    "Choice",
    "Document",
    "Format",
    "Info",
    "ServiceDescriptor",
    "ServiceInput",
    "choose_format",
    "error_votable",
    "is_browser",
    "serialize",
]
