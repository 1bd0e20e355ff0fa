"""The standards' XML schemas, where they are at hand: in a directory beside the checkout."""

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from typing_extensions import override

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "standards" / "xsd"


class _Catalogue(etree.Resolver):
    """Finds the schemas that others import."""

    @override
    def resolve(self, system_url: str, _: str, context: Any) -> Any:  # type: ignore[override]
        catalogue = etree.parse(SCHEMAS / "catalog.xml")
        for entry in catalogue.iter("{urn:oasis:names:tc:entity:xmlns:xml:catalog}system"):
            if entry.get("systemId") == system_url:
                return self.resolve_filename(str(SCHEMAS / str(entry.get("uri"))), context)  # type: ignore[attr-defined]
        return None


@cache
def _schema() -> etree.XMLSchema:
    """The schemas of VOResource and its extensions, of VOSI, of OAI-PMH and of its Dublin Core."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Catalogue())
    driver = (SCHEMAS / "wrapper-all.xsd").read_text()
    dublin_core = "http://www.openarchives.org/OAI/2.0/oai_dc"
    added = f'<xs:import namespace="{dublin_core}/" schemaLocation="{dublin_core}.xsd"/></xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver.replace("</xs:schema>", added).encode(), parser))


def assert_valid(body: bytes) -> None:
    """Valid where the schemas are at hand; well-formed anywhere."""
    document = etree.fromstring(body)
    if SCHEMAS.is_dir():
        _schema().assertValid(document)
