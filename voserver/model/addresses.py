"""Where this service serves a file, as a path: views and answers put the service's URL before it."""

from urllib.parse import quote

FILES = "/files/"


def file_path(uri: str) -> str:
    """`/files/mast:JWST/product/…`: what could mean something else in a URL is escaped."""
    return FILES + quote(uri, safe=":/")
