"""What the server says when asked without a client: what clients should then show, too."""

import csv
import io
import urllib.request
from functools import cache
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

PLANETARY_NEBULA = (151.757, -40.436)
"""Right ascension and declination (degrees) of NGC 3132, of which the sample has images and simulated pixels."""

NEBULA_IMAGE = "voserver:sample/simulated_jw02733-o001_t001_nircam_f405n-f444w_i2d.fits"
"""The URI of a simulated image of it, through NIRCam."""

NEBULA_FOOTPRINT = (
    151.742495,
    -40.409641,
    151.79255,
    -40.425053,
    151.772238,
    -40.463294,
    151.722159,
    -40.447873,
)
"""That image's corners: right ascension, declination, … in degrees."""

SPECTRUM_POSITION = (81.867519, -12.697119)
"""Of a simulated spectrum of a planetary disk (MIRI, channel 3)."""

CLUSTER = (150.09, 2.27)
"""Where the sample has several spectra."""

SPECTRUM = "voserver:sample/simulated_jw08387-o001_t001_miri_ch3-short_x1d.fits"
"""That spectrum's URI."""


@cache
def rows(url: str, adql: str) -> tuple[dict[str, str], ...]:
    """The rows of a query, as CSV has them."""
    form = urlencode({"LANG": "ADQL", "FORMAT": "csv", "QUERY": adql}).encode()
    with urllib.request.urlopen(f"{url}/tap/sync", form, timeout=120) as answer:
        return tuple(csv.DictReader(io.TextIOWrapper(answer, "utf-8")))


def count(url: str, table: str, condition: str) -> int:
    """How many rows of a table meet a condition."""
    return int(rows(url, f"SELECT COUNT(*) AS n FROM {table} WHERE {condition}")[0]["n"])


def get(url: str, most: int = 50_000_000) -> bytes:
    """The body of an answer, of an error's, too."""
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            body: bytes = answer.read(most)
    except HTTPError as error:
        body = error.read(most)
    return body


def file_url(url: str, uri: str) -> str:
    """Where a file of the archive is given out."""
    return f"{url}/files/{quote(uri, safe=':/')}"


def within(right_ascension: float, declination: float, radius: float) -> str:
    """The condition of a cone around s_ra, s_dec, in degrees."""
    return (
        "1 = CONTAINS(POINT('ICRS', s_ra, s_dec),"
        f" CIRCLE('ICRS', {right_ascension}, {declination}, {radius}))"
    )
