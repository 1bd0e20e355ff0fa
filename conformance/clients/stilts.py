"""STILTS: the Virtual Observatory's validators, and what TOPCAT's library does with every service."""

import csv
import io
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from conformance import pixels
from conformance.asking import (
    NEBULA_FOOTPRINT,
    PLANETARY_NEBULA,
    SPECTRUM_POSITION,
    count,
    file_url,
    get,
    rows,
    within,
)
from conformance.ledger import FaultError, Seen, Waiver, World, check, client, equal, lines, must
from conformance.packages import debian_version, program

NAME = "STILTS"
_EXTENSIONS = "W-CAP-CULF"
"""taplint's remark that a declared feature of ADQL is not in TAPRegExt 1.0: ours are from later drafts and DaCHS."""

_INTERFACES = "W-CAP-CPI2-"
_TWO_INTERFACES = Waiver(
    "taplint 3.4.7 warns of two interfaces of TAP, one for everybody and one for who signs in",
    "It goes by VOResource 1.1, where one interface could have several securityMethods; 1.2 allows one in each, so "
    "that the interface has to be repeated.",
    "https://github.com/ivoa-std/VOResource/blob/master/VOResource-v1.2.xsd",
)
_NEWER_TERMS = r"Unknown predicate '(package|thumbnail)' from core DataLink vocabulary"
_VOCABULARY = Waiver(
    "datalinklint 3.4.7 takes #package and #thumbnail for unknown terms when it cannot fetch the vocabulary",
    "Its own copy of datalink/core is from before these terms were added; with the network it reads today's.",
    "https://www.ivoa.net/rdf/datalink/core",
)

SIMULATED = "obs_publisher_did LIKE '%/simulated'"
_RA, _DEC = PLANETARY_NEBULA


def _version() -> str:
    _program()
    return debian_version("stilts")


client(NAME, _version)


@cache
def _program() -> str:
    return program("stilts", "stilts", "default-jre-headless")


def stilts(*words: str) -> str:
    """Run a task; what it printed. A failed one is a fault."""
    finished = subprocess.run(
        [_program(), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        stdin=subprocess.DEVNULL,
    )
    if finished.returncode:
        raise FaultError(f"stilts {words[0]} failed: {(finished.stderr + finished.stdout)[-800:].strip()}")
    return finished.stdout


def _table(*words: str) -> list[dict[str, str]]:
    """The rows that a task gives, by way of CSV."""
    return list(csv.DictReader(io.StringIO(stilts(*words, "ofmt=csv"))))


def _findings(text: str, pattern: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(pattern, line)]


@check(NAME, "taplint, all stages", "fast")
def _(world: World) -> Seen:
    text = stilts("taplint", f"tapurl={world.url}/tap")
    warned = [line for line in _findings(text, "W-") if not line.startswith(_EXTENSIONS)]
    wrong = _findings(text, r"[EF]-") + [line for line in warned if not line.startswith(_INTERFACES)]
    must(not wrong, f"taplint complains: {lines(wrong)}")
    stages = re.findall(r"^Section (\w+):", text, re.MULTILINE)
    must(
        {"TMV", "TMC", "CAP", "QGE", "QPO", "QAS", "UWS", "OBS", "UPL", "EXA"} <= set(stages),
        f"only {stages}",
    )
    totals = re.findall(r"^Totals: (.*)", text, re.MULTILINE)
    must(totals, "taplint did not come to its end")
    said = f"{len(stages)} stages ({', '.join(stages)}); {totals[0]}"
    return Seen(said, waivers=(_TWO_INTERFACES,) if warned else ())


def _answers(url: str) -> dict[str, str]:
    """One answer of each service, and TAP's of each VOTable serialization, with an error's."""

    def tap(adql: str, wanted: str) -> str:
        return f"{url}/tap/sync?" + urlencode({"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": wanted})

    every = "SELECT TOP 50 * FROM ivoa.ObsCore"
    did = rows(url, f"SELECT TOP 1 obs_publisher_did FROM ivoa.ObsCore WHERE {SIMULATED}")[0]
    return {
        "TAP, TABLEDATA": tap(every, "votable/td"),
        "TAP, BINARY2": tap(every, "votable/b2"),
        "TAP, overflow": tap(every, "votable") + "&MAXREC=3",
        "TAP, an error": tap("SELECT nothing FROM ivoa.ObsCore", "votable"),
        "SIA 2": f"{url}/sia/query?POS=CIRCLE+{_RA}+{_DEC}+0.1&MAXREC=50",
        "SIA 1": f"{url}/sia1?POS={_RA},{_DEC}&SIZE=0.1",
        "SSA": f"{url}/ssa?REQUEST=queryData&POS={SPECTRUM_POSITION[0]},{SPECTRUM_POSITION[1]}&SIZE=0.2",
        "cone search": f"{url}/scs/jwst.product?RA={_RA}&DEC={_DEC}&SR=0.05",
        "DataLink": f"{url}/datalink/links?ID={quote(did['obs_publisher_did'], safe='')}",
    }


@check(NAME, "votlint of every service and format", "fast")
def _(world: World) -> str:
    answers = _answers(world.url)
    for name, url in answers.items():
        saved = world.file("answer.vot")
        saved.write_bytes(get(url))  # it does not read what comes with an error's status
        text = stilts("votlint", f"votable={saved}")
        wrong = _findings(text, r"(ERROR|WARNING|INFO)")
        must(not wrong, f"{name} ({url}): {lines(wrong)}")
    return f"No error and no warning in {len(answers)} documents: {', '.join(answers)}"


@check(NAME, "datalinklint", "fast")
def _(world: World) -> Seen:
    text = stilts("datalinklint", f"votable={_answers(world.url)['DataLink']}")
    found = _findings(text, r"[EWF]-")
    wrong = [line for line in found if not re.search(_NEWER_TERMS, line)]
    must(not wrong, f"datalinklint complains: {lines(wrong)}")
    waivers = (_VOCABULARY,) if found else ()
    return Seen(re.findall(r"^Totals: .*", text, re.MULTILINE)[0], waivers=waivers)


@check(NAME, "xsdvalidate (Xerces) of capabilities, tables and availability")
def _(world: World) -> str:
    documents = ["tap/capabilities", "tap/tables", "tap/availability", "sia/capabilities"]
    for document in documents:
        text = stilts("xsdvalidate", "uselocals=true", f"doc={world.url}/{document}")
        wrong = _findings(text, "(ERROR|WARNING|FATAL)")
        must(not wrong, f"{document}: {lines(wrong)}")
    return f"Valid: {', '.join(documents)}"


def _same_rows(seen: list[dict[str, str]], wanted: tuple[dict[str, str], ...], column: str) -> None:
    must(wanted, "nothing to compare with: the server itself has no such row")
    equal([row[column] for row in seen], [row[column] for row in wanted], f"values of {column}")


_QUERY = (
    "SELECT obs_id, s_ra, t_exptime, s_region FROM ivoa.ObsCore"
    f" WHERE {within(_RA, _DEC, 0.1)} ORDER BY obs_publisher_did"
)


@check(NAME, "tapquery, synchronous")
def _(world: World) -> str:
    seen = _table("tapquery", f"tapurl={world.url}/tap", "sync=true", f"adql={_QUERY}")
    _same_rows(seen, rows(world.url, _QUERY), "obs_id")
    return f"{len(seen)} rows, the first {seen[0]['obs_id']}"


@check(NAME, "tapquery, asynchronous, and tapresume")
def _(world: World) -> str:
    seen = _table("tapquery", f"tapurl={world.url}/tap", "sync=false", "delete=never", f"adql={_QUERY}")
    _same_rows(seen, rows(world.url, _QUERY), "obs_id")
    words = (
        "tapquery",
        f"tapurl={world.url}/tap",
        "sync=false",
        "delete=never",
        "progress=true",
        "omode=count",
    )
    finished = subprocess.run(
        [_program(), *words, f"adql={_QUERY}"], capture_output=True, text=True, check=True
    )
    jobs = re.findall(r"http\S+/tap/async/[^\s/]+", finished.stdout + finished.stderr)
    must(jobs, f"no job's URL in {finished.stdout}{finished.stderr}")
    again = _table("tapresume", f"joburl={jobs[0]}")
    equal(len(again), len(seen), "rows of the resumed job")
    return f"{len(seen)} rows as a job; the same again from the job's URL"


def _upload(world: World) -> Path:
    """A table of three positions, one of them in the nebula."""
    table = world.file("positions.csv")
    table.write_text(f"number,name,ra,dec\n1,nebula,{_RA},{_DEC}\n2,nowhere,10,80\n3,zero,0,0\n")
    return table


@check(NAME, "tapquery with an upload; integers stay integers")
def _(world: World) -> str:
    adql = (
        "SELECT u.number, u.name, COUNT(*) AS n FROM TAP_UPLOAD.t1 AS u JOIN ivoa.ObsCore AS o ON 1 = "
        "CONTAINS(POINT('ICRS', o.s_ra, o.s_dec), CIRCLE('ICRS', u.ra, u.dec, 0.1)) GROUP BY u.number, u.name"
    )
    result = world.file("uploaded.vot")
    words = ["nupload=1", f"upload1={_upload(world)}", "ufmt1=csv", "upname1=t1", f"out={result}"]
    stilts("tapquery", f"tapurl={world.url}/tap", *words, f"adql={adql}", "ofmt=votable")
    seen = _table("tpipe", f"in={result}")
    wanted = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.1))
    equal([(row["number"], row["name"], int(row["n"])) for row in seen], [("1", "nebula", wanted)], "rows")
    sent, kind = (_type_of_number(f"in={table}") for table in (_upload(world), result))
    equal(kind, sent, "type of number")
    return f"1 of 3 positions has {wanted} observations; number went and came back as {kind}"


def _type_of_number(*words: str) -> str:
    described = _table("tpipe", *words, "cmd=meta Name Class")
    return next(row["Class"] for row in described if row["Name"] == "number")


@check(NAME, "every format that it reads")
def _(world: World) -> str:
    adql = "SELECT TOP 500 s_ra, t_exptime, calib_level, obs_id FROM ivoa.ObsCore ORDER BY obs_publisher_did"
    formats = {"votable": "votable", "votable/b2": "votable", "fits": "fits", "csv": "csv"}
    sums = set()
    for wanted, reader in formats.items():
        url = f"{world.url}/tap/sync?" + urlencode(
            {"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": wanted}, quote_via=quote
        )
        task = ["tpipe", f"in={url}", f"ifmt={reader}", "cmd=stats NGood Sum"]
        found = _table(*task)
        sums.add(str([(row["NGood"], f"{float(row['Sum'] or 0):.3f}") for row in found]))
    equal(len(sums), 1, "different sums over one answer in different formats")
    return f"{', '.join(formats)}: the same sums of every column over 500 rows"


@check(NAME, "cone, in every service type")
def _(world: World) -> str:
    position = [f"lon={_RA}", f"lat={_DEC}", "radius=0.05"]
    spectrum = [f"lon={SPECTRUM_POSITION[0]}", f"lat={SPECTRUM_POSITION[1]}", "radius=0.05"]
    said = []
    for kind, path, where in (
        ("cone", "scs/jwst.product", position),
        ("sia1", "sia1", position),
        ("sia2", "sia/query", position),
        ("ssa", "ssa", spectrum),
    ):
        seen = _table("cone", f"serviceurl={world.url}/{path}", f"servicetype={kind}", *where)
        must(seen, f"{kind} gave no rows")
        said.append(f"{kind} {len(seen)} rows")
    wanted = count(world.url, "jwst.product", within(_RA, _DEC, 0.05))
    equal(said[0], f"cone {wanted} rows", "the cone search")
    return ", ".join(said)


@check(NAME, "coneskymatch, in every service type")
def _(world: World) -> str:
    table = world.file("matching.csv")
    table.write_text(
        f"name,ra,dec\nnebula,{_RA},{_DEC}\nnowhere,10,80\nspectrum,{SPECTRUM_POSITION[0]},{SPECTRUM_POSITION[1]}\n"
    )
    said = []
    for kind, path, name in (
        ("cone", "scs/jwst.product", "nebula"),
        ("sia1", "sia1", "nebula"),
        ("sia2", "sia/query", "nebula"),
        ("ssa", "ssa", "spectrum"),
    ):
        words = [f"serviceurl={world.url}/{path}", f"servicetype={kind}", f"in={table}", "ra=ra", "dec=dec"]
        seen = _table("coneskymatch", *words, "sr=0.02", "find=all", "erract=abort", "usefoot=false")
        names = {row["name"] for row in seen}
        must(name in names and "nowhere" not in names, f"{kind} matched {sorted(names)}")
        said.append(f"{kind} {len(seen)} pairs")
    return ", ".join(said)


@check(NAME, "tapskymatch")
def _(world: World) -> str:
    seen = _table(
        "tapskymatch",
        f"tapurl={world.url}/tap",
        "taptable=ivoa.ObsCore",
        "taplon=s_ra",
        "taplat=s_dec",
        "tapcols=obs_id,s_ra",
        f"in={_upload(world)}",
        "inlon=ra",
        "inlat=dec",
        "sr=0.1",
        "find=all",
    )
    equal(len(seen), count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.1)), "pairs")
    equal({row["name"] for row in seen}, {"nebula"}, "matched positions")
    return f"{len(seen)} pairs, all with the nebula"


@check(NAME, "plot2sky: footprints drawn where they are")
def _(world: World) -> Seen:
    picture = world.pictures / "stilts-footprint.png"
    adql = f"SELECT TOP 1 s_region FROM ivoa.ObsCore WHERE {SIMULATED} AND instrument_name LIKE 'NIRCAM%' AND"
    source = f"{world.url}/tap/sync?" + urlencode(
        {"LANG": "ADQL", "QUERY": f"{adql} {within(_RA, _DEC, 0.1)}"}, quote_via=quote
    )
    half = 0.06
    stilts(
        "plot2sky",
        *(
            "xpix=400",
            "ypix=400",
            "insets=0,0,0,0",
            "grid=false",
            "labelpos=none",
            f"clon={_RA}",
            f"clat={_DEC}",
        ),
        *(f"radius={half}", "layer1=area", f"in1={source}", "ifmt1=votable", "area1=s_region"),
        *("color1=blue", "polymode1=fill", "shading1=flat", "omode=out", f"out={picture}"),
    )
    share = pixels.share(picture, (0, 0, 255))
    # A degree of right ascension is shorter by cos δ; the view's diameter is the shorter side.
    wanted = pixels.area(NEBULA_FOOTPRINT) / (2 * half) ** 2
    must(abs(share - wanted) < 0.15 * wanted, f"{share:.3f} of the field is blue, not {wanted:.3f}")
    must(pixels.is_near(picture, (0.5, 0.5), (0, 0, 255)), "the nebula's centre is not within the footprint")
    return Seen(
        f"The footprint covers {share:.1%} of the field, as its corners say ({wanted:.1%})", (picture.name,)
    )


@check(NAME, "signed in with a password: an exclusive file")
def _(world: World) -> str:
    account = world.account
    command = ["tpipe", f"in={file_url(world.url, account.uri)}", "omode=count"]
    denied = _complaint(*command)
    must("401" in denied, f"without a password: {denied}")
    password = [f"-Dstar.basicauth.user={account.name}", f"-Dstar.basicauth.password={account.password}"]
    read = _complaint(*password, *command)
    # The file is an image: a reader of tables that gets it says that there is no table in it.
    must("401" not in read and "HDU" in read, f"with the password: {read}")
    return f"401 without; with the password it reads the file (an image, so it says: {read.splitlines()[-1][:120]})"


def _complaint(*words: str) -> str:
    finished = subprocess.run([_program(), *words], capture_output=True, text=True, check=False, timeout=300)
    return (finished.stdout + finished.stderr).strip()
