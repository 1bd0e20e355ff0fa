"""The publishing registry: harvested as registries of the VO do, and valid by the standards' schemas where they are."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest
from lxml import etree

from tests.http.standards import assert_valid
from voserver.protocols.registry.capabilities import PAGE
from voserver.settings import Settings

Ask = Callable[..., httpx.Response]
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
RESOURCE = "{http://www.ivoa.net/xml/RegistryInterface/v1.0}Resource"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
AUTHORITY = "ivo://voserver.example"
FORGED = "metadataPrefix%3Divo_vor%26cursor%3D-5%26after%3D2026-01-01T00:00:00Z%26identifier%3Da"
REGISTERED = {
    "base_url": "https://archive.test/vo",
    "authority": "archive.test",
    "registry_publisher": "The <Archive> & Co.",
    "registry_contact_name": "Archive desk",
    "registry_contact_email": "desk@archive.test",
    "registry_rights": "Free for all",
    "registry_rights_url": "https://spdx.org/licenses/CC-BY-4.0",
}


def oai(ask: Ask, verb: str, **arguments: str) -> etree._Element:
    answer = ask("GET", "/oai", params={"verb": verb, **arguments})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert_valid(answer.content)
    return etree.fromstring(answer.content)


def code_of(answer: etree._Element) -> str | None:
    found = answer.find(f"{OAI}error")
    return None if found is None else found.get("code")


def identifiers(answer: etree._Element) -> list[str]:
    return [str(found.text) for found in answer.iter(f"{OAI}identifier")]


def record(ask: Ask, key: str) -> etree._Element:
    answer = oai(ask, "GetRecord", identifier=f"{AUTHORITY}/{key}".rstrip("/"), metadataPrefix="ivo_vor")
    found = answer.find(f".//{RESOURCE}")
    assert found is not None
    return found


def test_it_says_what_it_is(ask: Ask) -> None:
    answer = oai(ask, "Identify")
    assert answer.findtext(f".//{OAI}baseURL") == "http://archive.test/oai"
    assert answer.findtext(f".//{OAI}protocolVersion") == "2.0"
    assert answer.findtext(f".//{OAI}granularity") == "YYYY-MM-DDThh:mm:ssZ"
    assert answer.findtext(f".//{OAI}deletedRecord") == "persistent"
    itself = answer.find(f".//{OAI}description/{RESOURCE}")
    assert itself is not None
    assert itself.get(XSI_TYPE) == "vg:Registry"
    assert itself.findtext("managedAuthority") == "voserver.example"


def test_it_lists_its_formats_and_its_set(ask: Ask) -> None:
    prefixes = [found.text for found in oai(ask, "ListMetadataFormats").iter(f"{OAI}metadataPrefix")]
    assert prefixes == ["ivo_vor", "oai_dc"]
    of_one = oai(ask, "ListMetadataFormats", identifier=f"{AUTHORITY}/tap")
    assert len(list(of_one.iter(f"{OAI}metadataPrefix"))) == 2
    assert [found.text for found in oai(ask, "ListSets").iter(f"{OAI}setSpec")] == ["ivo_managed"]


def cones(settings: Settings) -> set[str]:
    """The keys of records of tables that can be searched by cone."""
    with psycopg.connect(str(settings.database_url)) as connection:
        found = connection.execute(
            "SELECT table_name FROM tap_schema.columns WHERE ucd = 'pos.eq.ra;meta.main'"
        )
        return {f"scs/{name}" for (name,) in found}


def test_everything_that_is_served_has_a_record(ask: Ask, site_settings: Settings) -> None:
    answer = oai(ask, "ListRecords", metadataPrefix="ivo_vor", set="ivo_managed")
    kinds = {found.findtext("identifier"): found.get(XSI_TYPE) for found in answer.iter(RESOURCE)}
    assert kinds == {
        AUTHORITY: "vg:Authority",
        f"{AUTHORITY}/org": "vr:Organisation",
        f"{AUTHORITY}/registry": "vg:Registry",
        f"{AUTHORITY}/tap": "vs:CatalogService",
        f"{AUTHORITY}/sia": "vs:DataService",
        f"{AUTHORITY}/sia1": "vs:DataService",
        f"{AUTHORITY}/ssa": "vs:DataService",
        **{f"{AUTHORITY}/{key}": "vs:CatalogService" for key in cones(site_settings)},
        f"{AUTHORITY}/datalink": "vs:DataService",
        f"{AUTHORITY}/soda": "vs:DataService",
        f"{AUTHORITY}/obscore": "vs:CatalogResource",
        f"{AUTHORITY}/obsplan": "vs:CatalogResource",
    }
    listed = oai(ask, "ListIdentifiers", metadataPrefix="oai_dc")
    assert sorted(identifiers(listed)) == sorted(str(identifier) for identifier in kinds)


def _plain(element: etree._Element) -> list[tuple[str, list[str], str | None]]:
    """What an element says, without the prefixes that are only declared."""
    return [(str(found.tag), sorted(map(str, found.attrib.items())), found.text) for found in element.iter()]


@pytest.mark.parametrize(
    "key", ["tap", "sia", "sia1", "ssa", "scs/jwst.product", "datalink", "soda", "registry"]
)
def test_capabilities_of_a_record_are_those_that_the_service_shows(ask: Ask, key: str) -> None:
    path = "oai" if key == "registry" else key
    shown = etree.fromstring(ask("GET", f"/{path}/capabilities").content)
    in_record = record(ask, key).findall("capability")
    assert [_plain(found) for found in in_record] == [_plain(found) for found in shown.iter("capability")]
    for found in in_record:
        standard = str(found.get("standardID"))
        if "VOSI" in standard:
            assert ask("GET", str(found.findtext("interface/accessURL"))).status_code == 200


def test_collections_are_served_by_tap_and_have_the_tables_that_clients_look_for(ask: Ask) -> None:
    for key, utype in (
        ("obscore", "ivo://ivoa.net/std/obscore#table-1.1"),
        ("obsplan", "ivo://ivoa.net/std/obsloctap#table-1.0"),
    ):
        found = record(ask, key)
        assert found.findtext("tableset/schema/table/utype") == utype
        capability = found.find("capability")
        assert capability is not None
        assert capability.get("standardID") == "ivo://ivoa.net/std/TAP#aux"
        assert capability.findtext("interface/accessURL") == "http://archive.test/tap"
        served_by = found.find("content/relationship/relatedResource")
        assert served_by is not None
        assert served_by.get("ivo-id") == f"{AUTHORITY}/tap"
    tables = [found.text for found in record(ask, "tap").iterfind("tableset/schema/table/name")]
    assert "ivoa.ObsCore" in tables
    assert "tap_schema.columns" in tables


def test_records_are_written_in_dublin_core_too(ask: Ask) -> None:
    answer = oai(ask, "GetRecord", identifier=f"{AUTHORITY}/tap", metadataPrefix="oai_dc")
    assert answer.findtext(f".//{DC}title") == "JWST archive: tables (TAP)"
    assert answer.findtext(f".//{DC}identifier") == f"{AUTHORITY}/tap"
    assert answer.findtext(f".//{DC}subject") == "infrared-astronomy"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=x", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&metadataPrefix=ivo_vor", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&page=2", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=0000-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=2026-01-01T00:00:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=2026-01-02&until=2026-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&set=%3Cscript%3E", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&set=%EF%BF%BE", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&set=%00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&until=1999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=ivo_vor&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=ivo_vor&set=others", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=marc21&identifier=ivo://voserver.example/tap", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=ivo_vor", "badArgument"),
        ("verb=GetRecord&metadataPrefix=ivo_vor&identifier=ivo://voserver.example/none", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=ivo_vor&identifier=%EF%BF%BE%F0%9F%8C%8C", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=none", "idDoesNotExist"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=metadataPrefix%3Divo_vor%26cursor%3D5", "badResumptionToken"),
        (f"verb=ListRecords&resumptionToken={FORGED}", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=ivo_vor", "badArgument"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_is_told_by_the_protocols_codes(ask: Ask, query: str, code: str) -> None:
    for answer in (
        ask("GET", f"/oai?{query}"),
        ask("POST", "/oai", content=query, headers={"Content-Type": "application/x-www-form-urlencoded"}),
    ):
        assert answer.status_code == 200
        assert_valid(answer.content)
        assert code_of(etree.fromstring(answer.content)) == code


def test_a_form_is_answered_like_a_url(ask: Ask) -> None:
    answer = ask(
        "POST", "/oai", data={"verb": "GetRecord", "identifier": AUTHORITY, "metadataPrefix": "ivo_vor"}
    )
    found = etree.fromstring(answer.content).find(f".//{RESOURCE}")
    assert found is not None
    assert found.get(XSI_TYPE) == "vg:Authority"


def test_until_it_can_be_registered_its_records_are_inactive(ask: Ask) -> None:
    answer = ask("GET", "/oai?verb=Identify")
    for setting in (
        "BASE_URL",
        "AUTHORITY",
        "REGISTRY_PUBLISHER",
        "REGISTRY_CONTACT_NAME",
        "REGISTRY_CONTACT_EMAIL",
    ):
        assert f"VOSERVER_{setting}" in answer.text
    assert 'status="inactive"' in answer.text
    assert 'status="active"' not in answer.text


@pytest.fixture
def registered(fresh_database_url: str, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {"database_url": fresh_database_url, "data_dir": tmp_path, "log_level": "error", **REGISTERED}
    )


def records(url: str, verb: str = "ListRecords", **arguments: str) -> etree._Element:
    answer = httpx.get(
        f"{url}/oai", params={"verb": verb, "metadataPrefix": "ivo_vor", **arguments}, timeout=60
    )
    assert answer.status_code == 200
    assert_valid(answer.content)
    return etree.fromstring(answer.content)


def test_settings_are_the_words_of_records(
    serve: Callable[[Settings], AbstractContextManager[str]], registered: Settings
) -> None:
    with serve(registered) as url:
        answer = records(url)
        identify = httpx.get(f"{url}/oai?verb=Identify").text
    resources = list(answer.iter(RESOURCE))
    assert len(resources) > 9
    assert {found.get("status") for found in resources} == {"active"}
    assert {found.findtext("curation/publisher") for found in resources} == {"The <Archive> & Co."}
    assert {found.findtext("curation/contact/email") for found in resources} == {"desk@archive.test"}
    rights = resources[-1].find("rights")
    assert rights is not None
    assert rights.get("rightsURI") == "https://spdx.org/licenses/CC-BY-4.0"
    urls = [str(found.text) for resource in resources for found in resource.iter("accessURL", "referenceURL")]
    assert [url for url in urls if not url.startswith("https://archive.test/vo/")] == []
    assert "<oai:adminEmail>desk@archive.test<" in identify
    assert "VOSERVER_" not in identify


def _dates(answer: etree._Element) -> dict[str, str]:
    return {
        str(found.findtext(f"{OAI}identifier")): str(found.findtext(f"{OAI}datestamp"))
        for found in answer.iter(f"{OAI}header")
    }


def _long_ago(settings: Settings) -> None:
    with psycopg.connect(str(settings.database_url)) as connection:
        connection.execute(
            "UPDATE archive.registry_record SET created = '2024-01-01Z', updated = '2024-01-01Z'"
        )


def test_only_what_changed_has_a_new_date_and_a_restart_changes_nothing(
    serve: Callable[[Settings], AbstractContextManager[str]], registered: Settings
) -> None:
    with serve(registered) as url:
        records(url)
    _long_ago(registered)
    with serve(registered) as url:
        again = records(url)
        assert set(_dates(again).values()) == {"2024-01-01T00:00:00Z"}
        assert {found.get("updated") for found in again.iter(RESOURCE)} == {"2024-01-01T00:00:00Z"}
    with serve(registered.model_copy(update={"hard_maxrec": 12_345})) as url:
        changed = _dates(records(url, **{"from": "2024-01-02"}))
        assert set(changed) == {
            f"ivo://archive.test/{key}" for key in {"tap", "sia1", "ssa"} | cones(registered)
        }
        unchanged = _dates(records(url, until="2024-01-01"))
        assert changed.keys().isdisjoint(unchanged)
        assert len(changed) + len(unchanged) == len(_dates(again))
        assert "ivo://archive.test/sia" in unchanged


def test_what_is_no_longer_published_is_told_to_be_deleted(
    serve: Callable[[Settings], AbstractContextManager[str]], registered: Settings
) -> None:
    with serve(registered) as url:
        records(url)
    _long_ago(registered)
    with psycopg.connect(str(registered.database_url)) as connection:
        connection.execute("DELETE FROM tap_schema.tables WHERE table_name = 'ivoa.obsplan'")
    with serve(registered) as url:
        gone = "ivo://archive.test/obsplan"
        headers = {
            found.findtext(f"{OAI}identifier"): found.get("status")
            for found in records(url, "ListIdentifiers", **{"from": "2024-01-02"}).iter(f"{OAI}header")
        }
        assert headers[gone] == "deleted"
        assert headers["ivo://archive.test/tap"] is None
        alone = records(url, "GetRecord", identifier=gone)
        assert alone.find(f".//{OAI}metadata") is None
        assert alone.find(f".//{OAI}header[@status='deleted']") is not None
    with psycopg.connect(str(registered.database_url)) as connection:
        connection.execute(
            "INSERT INTO tap_schema.tables (schema_name, table_name, table_type) VALUES ('ivoa', 'ivoa.obsplan', 'view')"
        )
    with serve(registered) as url:
        assert records(url, "GetRecord", identifier=gone).find(f".//{RESOURCE}") is not None


@pytest.mark.parametrize(
    ("datatype", "unit", "is_searched"),
    [("double", "deg", True), ("double", None, True), ("char", "deg", False), ("double", "rad", False)],
)
def test_only_tables_with_numeric_positions_in_degrees_have_a_cone_search(
    serve: Callable[[Settings], AbstractContextManager[str]],
    registered: Settings,
    datatype: str,
    unit: str | None,
    is_searched: bool,
) -> None:
    with psycopg.connect(str(registered.database_url)) as connection:
        connection.execute("INSERT INTO tap_schema.schemas (schema_name) VALUES ('tso')")
        connection.execute(
            "INSERT INTO tap_schema.tables (schema_name, table_name, table_type) VALUES ('tso', 'tso.visits', 'table')"
        )
        for column in ("ra", "dec"):
            connection.execute(
                "INSERT INTO tap_schema.columns"
                " (table_name, column_name, datatype, arraysize, unit, ucd, indexed, principal, std)"
                " VALUES ('tso.visits', %s, %s, %s, %s, %s, 0, 1, 0)",
                [column, datatype, "*" if datatype == "char" else None, unit, f"pos.eq.{column};meta.main"],
            )
    with serve(registered) as url:
        listed = set(identifiers(records(url, "ListIdentifiers")))
        assert ("ivo://archive.test/scs/tso.visits" in listed) is is_searched
        assert "ivo://archive.test/scs/jwst.product" in listed
        answer = httpx.get(f"{url}/scs/tso.visits/capabilities")
        assert answer.status_code == (200 if is_searched else 404)


@pytest.fixture
def many(registered: Settings) -> Settings:
    """An archive with more tables to search than one answer of the registry holds."""
    with psycopg.connect(str(registered.database_url)) as connection:
        connection.execute("INSERT INTO tap_schema.schemas (schema_name) VALUES ('stars')")
        for number in range(PAGE + 5):
            name = f"stars.c{number}"
            connection.execute(
                "INSERT INTO tap_schema.tables (schema_name, table_name, table_type) VALUES ('stars', %s, 'table')",
                [name],
            )
            for column, ucd in (("ra", "pos.eq.ra;meta.main"), ("dec", "pos.eq.dec;meta.main")):
                connection.execute(
                    "INSERT INTO tap_schema.columns (table_name, column_name, datatype, ucd, indexed, principal, std)"
                    " VALUES (%s, %s, 'double', %s, 0, 1, 0)",
                    [name, column, ucd],
                )
    return registered


def _pages(url: str, verb: str) -> Iterator[etree._Element]:
    answer = records(url, verb, set="ivo_managed", **{"from": "2020-01-01"})
    while True:
        yield answer
        token = answer.find(f".//{OAI}resumptionToken")
        assert token is not None
        if not token.text:
            return
        body = httpx.get(f"{url}/oai", params={"verb": verb, "resumptionToken": token.text}).content
        assert_valid(body)
        answer = etree.fromstring(body)


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_a_long_list_comes_in_pieces_without_gaps(
    serve: Callable[[Settings], AbstractContextManager[str]], many: Settings, verb: str
) -> None:
    with serve(many) as url:
        pages = list(_pages(url, verb))
    found = [identifier for page in pages for identifier in identifiers(page)]
    assert len(found) == len(set(found)) > PAGE + 5
    assert [len(identifiers(page)) for page in pages] == [PAGE, len(found) - PAGE]
    tokens = [page.find(f".//{OAI}resumptionToken") for page in pages]
    assert [
        (token.get("cursor"), token.get("completeListSize")) for token in tokens if token is not None
    ] == [
        ("0", str(len(found))),
        (str(PAGE), str(len(found))),
    ]
