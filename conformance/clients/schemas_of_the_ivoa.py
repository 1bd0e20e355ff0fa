"""libxml2 with the IVOA's XML schemas: every document of every endpoint is valid."""

import re
import tempfile
import urllib.request
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from lxml import etree

from conformance.asking import PLANETARY_NEBULA, SPECTRUM_POSITION, get, rows
from conformance.ledger import World, check, client, must
from conformance.packages import program
from conformance.schemas import all_schemas

NAME = "XSD (libxml2)"
_RA, _DEC = PLANETARY_NEBULA

client(NAME, lambda: ".".join(str(part) for part in etree.LIBXML_VERSION))


@cache
def _schema() -> etree.XMLSchema:
    program("stilts", "stilts")
    with tempfile.TemporaryDirectory(prefix="schemas-") as directory:
        return all_schemas(Path(directory))


def _wrong(body: bytes) -> str:
    """Why a document is not valid; empty where it is."""
    schema = _schema()
    try:
        document = etree.fromstring(body)
    except etree.XMLSyntaxError as error:
        return f"no XML: {error}: {body[:200]!r}"
    schema.validate(document)
    return str(schema.error_log)[:600]


def _all_valid(documents: dict[str, bytes]) -> str:
    wrong = {name: said for name, body in documents.items() if (said := _wrong(body))}
    must(not wrong, "; ".join(f"{name}: {said}" for name, said in wrong.items()))
    return f"Valid: {', '.join(documents)}"


@check(NAME, "VOSI: capabilities, availability and tables of every service", "fast")
def _(world: World) -> str:
    services = ("tap", "sia", "sia1", "ssa", "scs/jwst.product", "datalink", "oai", "soda")
    paths = [f"{service}/{kind}" for service in services for kind in ("capabilities", "availability")]
    paths += ["tap/tables", "tap/tables?detail=min", "tap/tables/ivoa.ObsCore"]
    return _all_valid({path: get(f"{world.url}/{path}") for path in paths})


@check(NAME, "VOTable: answers, descriptions and errors of every service", "fast")
def _(world: World) -> str:
    did = rows(
        world.url,
        "SELECT TOP 1 obs_publisher_did FROM ivoa.ObsCore WHERE obs_publisher_did LIKE '%/simulated'",
    )
    identifier = quote(did[0]["obs_publisher_did"], safe="")
    query = urlencode({"LANG": "ADQL", "QUERY": "SELECT TOP 100 * FROM ivoa.ObsCore"})
    paths = {
        "TAP": f"tap/sync?{query}",
        "TAP, BINARY2": f"tap/sync?{query}&RESPONSEFORMAT=votable/b2",
        "TAP, overflow": f"tap/sync?{query}&MAXREC=5",
        "TAP, no rows": f"tap/sync?{query}&MAXREC=0",
        "TAP, error": "tap/sync?LANG=ADQL&QUERY=SELECT",
        "SIA 2": f"sia/query?POS=CIRCLE+{_RA}+{_DEC}+0.1",
        "SIA 2, description": "sia/query?MAXREC=0",
        "SIA 2, error": "sia/query?POS=CIRCLE+here",
        "SIA 1": f"sia1?POS={_RA},{_DEC}&SIZE=0.1",
        "SIA 1, metadata": "sia1?FORMAT=METADATA",
        "SIA 1, error": "sia1?POS=here",
        "SSA": f"ssa?REQUEST=queryData&POS={SPECTRUM_POSITION[0]},{SPECTRUM_POSITION[1]}&SIZE=0.2",
        "SSA, metadata": "ssa?REQUEST=queryData&FORMAT=METADATA",
        "SSA, error": "ssa?REQUEST=queryData&POS=here",
        "cone search": f"scs/jwst.product?RA={_RA}&DEC={_DEC}&SR=0.1",
        "cone search, description": "scs/jwst.product?RA=0&DEC=0&SR=0",
        "cone search, error": "scs/jwst.product?RA=here&DEC=0&SR=1",
        "DataLink": f"datalink/links?ID={identifier}",
        "DataLink, unknown": "datalink/links?ID=ivo%3A%2F%2Fnobody%2Fnothing",
    }
    return _all_valid({name: get(f"{world.url}/{path}") for name, path in paths.items()})


@check(NAME, "UWS: a job, its parts and the list", "fast")
def _(world: World) -> str:
    form = urlencode({"LANG": "ADQL", "QUERY": "SELECT TOP 1 obs_id FROM ivoa.ObsCore", "PHASE": "RUN"})
    with urllib.request.urlopen(f"{world.url}/tap/async", form.encode()) as answer:
        job = answer.url
    while get(f"{job}/phase") in {b"QUEUED", b"EXECUTING"}:
        get(f"{job}?WAIT=30")
    documents = {"job": get(job), "list": get(f"{world.url}/tap/async")}
    documents |= {part: get(f"{job}/{part}") for part in ("results", "parameters")}
    must(b"COMPLETED" in documents["job"], "the job did not end")
    return _all_valid(documents)


@check(NAME, "OAI-PMH: every verb, in both metadata formats", "fast")
def _(world: World) -> str:
    base = f"{world.url}/oai?verb="
    names = get(f"{base}ListIdentifiers&metadataPrefix=ivo_vor").decode()
    found = re.findall(r"<(?:\w+:)?identifier>([^<]+)</", names)
    must(len(found) >= 5, f"only {len(found)} records")
    record = quote(found[0], safe="")
    queries = ["Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers&metadataPrefix=ivo_vor"]
    queries += ["ListRecords&metadataPrefix=ivo_vor", "ListRecords&metadataPrefix=oai_dc"]
    queries += [
        f"GetRecord&metadataPrefix=ivo_vor&identifier={record}",
        "GetRecord&identifier=nothing",
        "Nothing",
    ]
    said = _all_valid({query.split("&identifier")[0]: get(base + query) for query in queries})
    return f"{len(found)} records. {said}"
