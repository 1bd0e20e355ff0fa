"""Which media type a file has, by its name: the one table."""

from pathlib import PurePosixPath

OTHER = "application/octet-stream"

_BY_EXTENSION = {
    "fits": "application/fits",
    "fits.gz": "application/fits",
    "fits.fz": "application/fits",
    "asdf": "application/x-asdf",
    "csv": "text/csv",
    # Nobody has registered one. Not text/csv: JWST's are separated by spaces, and programs go by what this says.
    "ecsv": "text/x-ecsv",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "txt": "text/plain; charset=utf-8",
    "vot": "application/x-votable+xml",
    "xml": "text/xml",
    "yaml": "application/yaml",
    "zip": "application/zip",
}


def media_type_of(name: str) -> str:
    """The media type of a file. FITS that nothing better is known of is `application/fits`, whatever it holds."""
    words = PurePosixPath(name).name.lower().split(".")
    return _BY_EXTENSION.get(".".join(words[-2:])) or _BY_EXTENSION.get(words[-1]) or OTHER
