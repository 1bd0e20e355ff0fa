"""Whether a VOTable is one."""

import io
from functools import cache
from pathlib import Path

import pytest
from astropy.io import votable
from lxml import etree

SCHEMA = Path(__file__).parents[2].parent / "shared" / "standards" / "xsd" / "VOTable-1.4.xsd"
VOTABLE = "{http://www.ivoa.net/xml/VOTable/v1.3}"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA, etree.XMLParser(no_network=True)))


def assert_valid_votable(body: bytes) -> None:
    """What astropy reads, and the standard's schema takes."""
    votable.parse(
        io.BytesIO(body), verify="ignore"
    )  # it complains of UCDs and names that older protocols require
    if not SCHEMA.is_file():
        pytest.skip("VOTable's XML schema (../shared/standards/xsd/VOTable-1.4.xsd) is not here")
    _schema().assertValid(etree.fromstring(body))


def infos(body: bytes, name: str) -> list[tuple[str | None, str | None]]:
    """The values and texts of all INFOs of that name."""
    found = etree.fromstring(body).iter(f"{VOTABLE}INFO")
    return [(one.get("value"), one.text) for one in found if one.get("name") == name]
