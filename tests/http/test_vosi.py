"""Capabilities, tables, availability, examples: true, and valid where the standards' schemas are at hand."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from lxml import etree

from tests.http.standards import SCHEMAS, assert_valid
from voserver.app import create_app
from voserver.model.columns import Column
from voserver.model.tables import ForeignKey, Schema, Table, TableColumn, Tables
from voserver.protocols.tap.examples import EXAMPLES, Example
from voserver.protocols.tap.vodataservice import table_document, table_set_document
from voserver.query.adql import language_features
from voserver.serializers import FORMATS
from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"


@pytest.mark.parametrize(
    "path",
    ["capabilities", "availability", "tables", "tables?detail=min", "tables?detail=max",
     "tables/ivoa.ObsCore", "tables/tap_schema.columns"],
)  # fmt: skip
@pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="the standards' XML schemas (../shared/standards/xsd) are not here"
)
def test_documents_are_valid(ask: Ask, path: str) -> None:
    answer = ask("GET", f"/tap/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert_valid(answer.content)


def test_text_is_escaped_once_and_reserved_names_are_quoted() -> None:
    column = TableColumn(
        Column("size", "char", "*", xtype="adql:REGION", description="a < b & c"), indexed=True
    )
    key = ForeignKey("k", "s.t", "s.u", (("size", "x"),), description="<&>")
    tables = Tables((Schema("s", (Table("s", "t", (column,), description='"<&>"', foreign_keys=(key,)),)),))
    root = etree.fromstring(table_set_document(tables, brief=False))
    assert root.findtext(".//table/description") == '"<&>"'
    assert root.findtext(".//foreignKey/description") == "<&>"
    assert root.findtext(".//column/name") == '"size"'
    assert root.findtext(".//column/description") == "a < b & c"
    kind = root.find(".//dataType")
    assert kind is not None
    assert dict(kind.items()) == {
        XSI: "vs:VOTableType",
        "arraysize": "*",
        "extendedType": "adql:REGION",
    }
    assert [flag.text for flag in root.iter("flag")] == ["indexed"]
    (table,) = tables
    assert_valid(table_document(table))


def test_capabilities_declare_exactly_what_there_is(ask: Ask, site_settings: Settings) -> None:
    root = etree.fromstring(ask("GET", "/tap/capabilities").content)
    standards = [capability.get("standardID") for capability in root.iter("capability")]
    assert standards.count("ivo://ivoa.net/std/TAP") == 1
    assert {standard.rsplit("/", 1)[1] for standard in standards if standard} == {
        "VOSI#capabilities", "VOSI#availability", "VOSI#tables-1.1", "DALI#examples", "TAP",
    }  # fmt: skip
    assert [mime.text for mime in root.iter("mime")] == [known.media_type for known in FORMATS]
    declared = {features.get("type"): len(features) for features in root.iter("languageFeatures")}
    assert declared == {
        kind: len(forms) for kind, forms in language_features(extended=True, resolving=True).items()
    }
    assert [version.text for version in root.iter("version")] == ["2.0", "2.1"]
    assert root.findtext(".//outputLimit/default") == str(site_settings.default_maxrec)
    assert root.findtext(".//outputLimit/hard") == str(site_settings.hard_maxrec)
    methods = [str(method.get("ivo-id")) for method in root.iter("uploadMethod")]
    assert methods == [f"ivo://ivoa.net/std/TAPRegExt#upload-{name}" for name in ("inline", "http", "https")]
    assert root.findtext(".//uploadLimit/default[@unit='byte']") == str(site_settings.upload_bytes)
    assert root.findtext(".//uploadLimit/hard[@unit='row']") == str(site_settings.upload_rows)
    for url in root.iter("accessURL"):
        if url.get("use") == "full":
            assert ask("GET", str(url.text)).status_code == 200
    aliases = [alias.text for alias in root.iter("alias")]
    asked = {"LANG": "ADQL", "QUERY": "SELECT TOP 1 obs_id FROM ivoa.ObsCore"}
    for alias in aliases:
        assert ask("GET", "/tap/sync", params={**asked, "RESPONSEFORMAT": alias}).status_code == 200


def test_a_document_that_the_client_has_is_not_sent_again(ask: Ask) -> None:
    for path in ("/tap/capabilities", "/tap/tables"):
        first = ask("GET", path)
        assert ask("GET", path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        assert ask("GET", path, headers={"If-None-Match": '"other"'}).status_code == 200
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert ask("GET", path, headers=since).status_code == 304
        assert ask("GET", path, headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_tables_come_brief_or_whole(ask: Ask) -> None:
    brief, whole = ask("GET", "/tap/tables?detail=min").text, ask("GET", "/tap/tables?DETAIL=max").text
    assert "<column>" not in brief
    assert "<name>ivoa.ObsCore</name>" in brief
    assert "<foreignKey>" in whole
    refused = ask("GET", "/tap/tables?detail=some")
    assert refused.status_code == 400
    assert "neither min nor max" in refused.text


def test_a_table_is_found_in_any_case_and_an_unknown_one_is_not(ask: Ask) -> None:
    assert "<name>s_region</name>" in ask("GET", "/tap/tables/IVOA.obscore").text
    refused = ask("GET", "/tap/tables/ivoa.nothing")
    assert refused.status_code == 404
    assert "There is no table ivoa.nothing" in refused.text


def test_a_browser_gets_a_table_as_a_page_with_every_column_and_a_query_to_try(ask: Ask) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = ask("GET", "/tap/tables/caom2.plane", headers=browser)
    assert answer.headers["content-type"].startswith("text/html")
    assert "Accept" in answer.headers["vary"]
    page = etree.fromstring(answer.content.removeprefix(b"<!DOCTYPE html>\n"))
    html = {"h": "http://www.w3.org/1999/xhtml"}
    shown = [
        tuple("".join(str(text) for text in cell.itertext()) for cell in row.findall("h:td", html))
        for row in page.iterfind(".//h:tbody/h:tr", html)
    ]
    described = etree.fromstring(ask("GET", "/tap/tables/caom2.Plane").content)
    columns = described.findall("column")
    assert len(shown) == len(columns) > 0
    for (name, kind, unit, ucd, description), column in zip(shown, columns, strict=True):
        assert name.split()[0] == str(column.findtext("name")).strip('"')
        assert kind.startswith(str(column.findtext("dataType")))
        assert (unit, ucd) == (column.findtext("unit") or "", column.findtext("ucd") or "")
        assert description == column.findtext("description")
    links = [str(link.get("href")) for link in page.iterfind(".//h:a", html)]
    (query,) = [link for link in links if "SELECT" in link]
    assert "SELECT%20TOP%2010%20%2A%20FROM%20caom2.Plane" in query
    assert ask("GET", query).status_code == 200
    joined = [link for link in links if "/tap/tables/" in link]
    assert joined
    assert {ask("GET", link, headers=browser).status_code for link in joined} == {200}


def test_an_archive_that_works_says_so(ask: Ask) -> None:
    assert ">true</" in ask("GET", "/tap/availability").text


def test_an_archive_without_its_schema_says_that_it_is_down(
    site_settings: Settings, empty_database_url: str
) -> None:
    app = create_app(site_settings)
    site_of_app = app.state.site
    site_of_app.settings = site_settings.model_copy(update={"database_url": empty_database_url})
    transport = httpx.ASGITransport(app)

    async def fetch() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://archive.test") as client:
            return await client.get("/tap/availability")

    answer = asyncio.run(fetch())
    assert ">false</" in answer.text
    assert "voserver db upgrade" in answer.text
    assert_valid(answer.content)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_example_runs_and_names_its_tables(query: Ask, example: Example) -> None:
    answer = query(example.query, FORMAT="csv")
    assert answer.status_code == 200, answer.text
    for table in example.tables:
        assert table in example.query


def test_examples_have_the_form_that_clients_read(ask: Ask) -> None:
    root = etree.fromstring(ask("GET", "/tap/examples").content.removeprefix(b"<!DOCTYPE html>\n"))
    (around,) = root.iterfind(".//*[@vocab='http://www.ivoa.net/rdf/examples#']")
    found = around.findall(".//*[@typeof='example']")
    assert [element.get("id") for element in found] == [example.id for example in EXAMPLES]
    for element, example in zip(found, EXAMPLES, strict=True):
        assert element.get("resource") == f"#{example.id}"
        (name,) = element.iterfind(".//*[@property='name']")
        (text,) = element.iterfind(".//*[@property='query']")
        assert (name.text, text.text) == (example.name, example.query)
        tables = element.iterfind(".//*[@property='table']")
        assert tuple(table.text for table in tables) == example.tables
