"""curl: what the pages of documentation show, and the small print of HTTP."""

import re
import subprocess
from functools import cache
from urllib.parse import quote

from conformance.asking import NEBULA_IMAGE, PLANETARY_NEBULA, file_url, get
from conformance.ledger import FaultError, World, check, client, equal, must
from conformance.packages import program

NAME = "curl"
_RA, _DEC = PLANETARY_NEBULA
_ADQL = "SELECT TOP 5 obs_id, s_ra FROM ivoa.ObsCore ORDER BY obs_publisher_did"


@cache
def _version() -> str:
    shown = subprocess.run([program("curl", "curl"), "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.split()[1]


client(NAME, _version)


def curl(*words: str) -> str:
    """What curl prints; a failure (HTTP's, too) is a fault."""
    command = [program("curl", "curl"), "-sS", "--fail-with-body", "--max-time", "120", *words]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise FaultError(f"curl {' '.join(words)}: {finished.stderr} {finished.stdout[:400]}")
    return finished.stdout


def _status(*words: str) -> str:
    command = [program("curl", "curl"), "-s", "-o", "/dev/null", "-w", "%{http_code} %{content_type}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@check(NAME, "TAP by GET and POST: CSV, TSV, JSON, text, HTML", "fast")
def _(world: World) -> str:
    sync = f"{world.url}/tap/sync"
    query = ["--data-urlencode", f"QUERY={_ADQL}", "-d", "LANG=ADQL"]
    posted = curl(sync, *query, "-d", "FORMAT=csv")
    equal(curl("-G", sync, *query, "-d", "FORMAT=csv"), posted, "GET and POST")
    rows = posted.splitlines()
    equal((rows[0], len(rows)), ("obs_id,s_ra", 6), "header and lines")
    name = rows[1].split(",")[0]
    for wanted in ("tsv", "json", "text/plain", "html"):
        must(name in curl(sync, *query, "-d", f"FORMAT={wanted}"), f"{wanted} does not show {name}")
    return f"5 rows by either method, the first {name}; also as TSV, JSON, text and a page"


@check(NAME, "an asynchronous job: made, run, read, deleted", "fast")
def _(world: World) -> str:
    made = curl("-D", "-", f"{world.url}/tap/async", "-d", "LANG=ADQL", "--data-urlencode", f"QUERY={_ADQL}")
    job = re.findall(r"(?im)^location: (\S+)", made)[0]
    equal(curl(f"{job}/phase"), "PENDING", "phase")
    curl(f"{job}/phase", "-d", "PHASE=RUN")
    while curl(f"{job}/phase") in {"QUEUED", "EXECUTING"}:
        curl(f"{job}?WAIT=20")
    equal(curl(f"{job}/phase"), "COMPLETED", "phase")
    must("<TR>" in curl(f"{job}/results/result"), "no rows in the result")
    curl("-X", "DELETE", job)
    must(_status(job).startswith("404"), "the job is still there")
    return "PENDING, COMPLETED, a result with rows, gone after DELETE"


@check(NAME, "errors have a status and a type", "fast")
def _(world: World) -> str:
    wanted = {
        "tap/sync?LANG=ADQL&QUERY=SELECT": "400 application/x-votable+xml",
        "tap/async/none": "404",
        "files/voserver:sample/nothing.fits": "404 text/plain",
        "no/such/path": "404",
        f"{NEBULA_IMAGE}/properties": "404",
    }
    for path, said in wanted.items():
        seen = _status(f"{world.url}/{path}")
        must(seen.startswith(said), f"{path}: {seen} instead of {said}")
    return "400 and a VOTable for a wrong query; 404 for what is not there"


@check(NAME, "a file: whole, a part of it, unchanged", "fast")
def _(world: World) -> str:
    url = file_url(world.url, NEBULA_IMAGE)
    saved = world.file("image.fits")
    curl("-o", str(saved), url)
    content = saved.read_bytes()
    must(content.startswith(b"SIMPLE  ="), "it is no FITS file")
    rest = world.file("part.fits")
    rest.write_bytes(content[:100_000])
    curl("-C", "-", "-o", str(rest), url)
    equal(rest.read_bytes() == content, True, "a download gone on with and the whole")
    tag = re.findall(r"(?im)^etag: (\S+)", curl("-I", url))
    must(tag, "no ETag")
    equal(_status("-H", f"If-None-Match: {tag[0]}", url)[:3], "304", "status for an ETag that it has")
    return f"{len(content):,} bytes of FITS; resumed at 100,000; 304 where it is unchanged"


@check(NAME, "DataLink, package and cut-out from a publisher id", "fast")
def _(world: World) -> str:
    did = "ivo://voserver.example/jwst?jw02733-o001_t001_nircam_f405n-f444w/simulated"
    identifier = quote(did, safe="")
    links = curl(f"{world.url}/datalink/links?ID={identifier}")
    must(f">{file_url(world.url, NEBULA_IMAGE)}<" in links, "no link to the file")
    cut = world.file("cut.fits")
    curl("-o", str(cut), f"{world.url}/soda/sync?ID={identifier}&CIRCLE={_RA}+{_DEC}+0.005")
    must(cut.read_bytes().startswith(b"SIMPLE  ="), "the cut-out is no FITS file")
    must(
        cut.stat().st_size < len(get(file_url(world.url, NEBULA_IMAGE))),
        "the cut-out is as large as the image",
    )
    packed = world.file("package.zip")
    curl("-o", str(packed), f"{world.url}/package?ID={identifier}")
    must(packed.read_bytes().startswith(b"PK"), "the package is no ZIP file")
    return (
        f"The file's link; a cut-out of {cut.stat().st_size:,} bytes; a package of {packed.stat().st_size:,}"
    )


@check(NAME, "any page may read it (CORS)", "fast")
def _(world: World) -> str:
    shown = curl("-I", "-H", "Origin: https://elsewhere.example", f"{world.url}/tap/capabilities")
    must(re.search(r"(?im)^access-control-allow-origin: \*", shown), f"no CORS header: {shown}")
    return "Access-Control-Allow-Origin: *, also on HEAD"
