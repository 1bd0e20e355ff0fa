"""TOPCAT: its windows for every service, on a screen."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy.io import fits

from conformance import pixels, swing
from conformance.asking import (
    NEBULA_IMAGE,
    PLANETARY_NEBULA,
    SPECTRUM,
    SPECTRUM_POSITION,
    count,
    file_url,
    get,
    rows,
    within,
)
from conformance.ledger import Seen, World, check, client, equal, must
from conformance.packages import debian_version, program
from conformance.screen import screen
from conformance.swing import Windows

NAME = "TOPCAT"
_RA, _DEC = PLANETARY_NEBULA
JAR = "/usr/share/java/starlink-topcat.jar"
_TAP = "Table Access Protocol (TAP) Query"


def _version() -> str:
    program("topcat", "topcat", "default-jre", "fonts-dejavu-core")
    return debian_version("topcat")


client(NAME, _version)


@contextmanager
def topcat(world: World, *words: str) -> Iterator[Windows]:
    """TOPCAT, with its main window in front."""
    with swing.running(
        world.file("topcat"), JAR, "uk.ac.starlink.topcat.Driver", "-nohub", *words
    ) as windows:
        windows.do("window", "TOPCAT", seconds=120)
        windows.do("text")
        yield windows


def _no_registry(windows: Windows) -> None:
    """Close what says that a registry of services elsewhere could not be reached."""
    if windows.ask("window", "Service search error").startswith("ok"):
        windows.do("close")


def _pictured(windows: Windows, title: str, picture: Path) -> None:
    """Take a window from the screen."""
    _shot(windows, title, picture)
    pixels.keep_small(picture)


def _shot(windows: Windows, title: str, picture: Path) -> None:
    _no_registry(windows)
    windows.do("window", title)
    windows.do("place", "1000", "760")
    time.sleep(2)
    screen().picture(picture)
    pixels.cut(picture, (0, 0, 1000, 760))


def loaded(windows: Windows, wanted: int) -> None:
    """Wait until the main window has a table of so many rows."""
    windows.do("window", "TOPCAT")
    windows.text(f"Rows: | {wanted:,} |")


def _cells(windows: Windows, number: int) -> list[dict[str, str]]:
    """The cells of the table with that number, as its data window shows them, when it has been loaded."""
    end = time.monotonic() + 60
    while not windows.ask("window", f"TOPCAT({number}): Table Browser").startswith("ok"):
        must(time.monotonic() < end, f"table {number} was not loaded; windows: {windows.ask('windows')}")
        windows.do("window", "TOPCAT")
        windows.do("press", "Table Data")
        time.sleep(1)
    return _rows(windows)


def _rows(windows: Windows) -> list[dict[str, str]]:
    """The rows that the present window lists."""
    words = windows.do("rows", "200").split("\t")
    length, width = int(words[0]), int(words[1])
    names, values = words[2 : 2 + width], words[2 + width :]
    must(length > 0, "the table's window is empty")
    return [
        dict(zip(names, values[start : start + width], strict=True)) for start in range(0, len(values), width)
    ]


def _query(windows: Windows, adql: str, mode: str) -> None:
    """Run a query in the TAP window."""
    windows.do("window", _TAP)
    windows.do("choose", "Mode:", mode)
    windows.do("write", adql)
    windows.do("press", "Run Query")


def _tap(windows: Windows, world: World) -> set[str]:
    """Open the TAP window for the server: the tables that it shows."""
    windows.do("press", _TAP)
    windows.do("window", _TAP)
    windows.do("fill", "TAP URL:", f"{world.url}/tap")
    windows.do("press", "Use Service")
    end = time.monotonic() + 60
    while "ivoa.ObsCore" not in (nodes := windows.do("nodes")) and time.monotonic() < end:
        time.sleep(0.5)
    return {node for node in nodes.split("\t") if "." in node and "@" not in node}


@check(NAME, "TAP window: the tables; a query, synchronous and asynchronous", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-tap.png"
    data = world.pictures / "topcat-table.png"
    adql = f"SELECT obs_id, s_ra, s_dec, t_exptime, s_region FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)}"
    wanted = rows(world.url, adql)
    with topcat(world) as windows:
        tables = _tap(windows, world)
        must({"ivoa.ObsCore", "jwst.product", "caom2.Plane"} <= tables, f"tables: {sorted(tables)}")
        _query(windows, adql, "Synchronous")
        loaded(windows, len(wanted))
        seen = _cells(windows, 1)
        equal(sorted(row["obs_id"] for row in seen), sorted(row["obs_id"] for row in wanted), "obs_id")
        _pictured(windows, "Table Browser", data)
        _query(windows, adql.replace("0.1)", "0.02)"), "Asynchronous")
        fewer = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.02))
        loaded(windows, fewer)
        windows.do("window", _TAP)
        windows.do("tab", "Use Service")
        _pictured(windows, _TAP, picture)
    said = f"{len(tables)} tables listed; {len(seen)} rows synchronously, {fewer} as a job, as curl has them"
    return Seen(said, (picture.name, data.name))


@check(NAME, "TAP window: a query with a table of TOPCAT's", "gui")
def _(world: World) -> str:
    table = world.file("mine.csv")
    table.write_text(f"name,ra,dec\nnebula,{_RA},{_DEC}\nnowhere,10,80\n")
    wanted = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.1))
    with topcat(world, "-f", "csv", str(table)) as windows:
        loaded(windows, 2)
        _tap(windows, world)
        adql = (
            "SELECT u.name, o.obs_id FROM TAP_UPLOAD.t1 AS u JOIN ivoa.ObsCore AS o ON 1 = "
            "CONTAINS(POINT('ICRS', o.s_ra, o.s_dec), CIRCLE('ICRS', u.ra, u.dec, 0.1))"
        )
        _query(windows, adql, "Synchronous")
        loaded(windows, wanted)
        seen = _cells(windows, 2)
    equal({row["name"] for row in seen}, {"nebula"}, "matched positions")
    return f"{wanted} pairs, all with the one position that has observations"


_SIA = "Simple Image Access (SIA) Query"
_FORMS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Cone Search", "scs/jwst.product", {"Cone URL:": "", "Radius:": "0.05"}),
    (_SIA, "sia1", {"SIA URL:": "", "Angular Size:": "0.1"}),
    (_SIA, "sia/query", {"SIA URL:": "", "Angular Size:": "0.1"}),
    ("Simple Spectral Access (SSA) Query", "ssa", {"SSA URL:": "", "Diameter:": "0.1"}),
)


@check(NAME, "windows of cone search, SIA 1, SIA 2 and SSA", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-sia.png"
    seen = {}
    with topcat(world) as windows:
        for number, (title, path, fields) in enumerate(_FORMS, start=1):
            windows.do("window", "TOPCAT")
            windows.do("press", "Load Table")
            windows.do("window", "Load New Table")
            windows.do("press", title)
            windows.do("window", title.split(" (")[0])
            if path == "sia/query":
                windows.do("choose", "SIA Version:", "2.0")
            place = SPECTRUM_POSITION if path == "ssa" else PLANETARY_NEBULA
            for label, value in (fields | {"RA:": str(place[0]), "Dec:": str(place[1])}).items():
                windows.do("fill", label, value or f"{world.url}/{path}")
            if path == "sia/query":
                _pictured(windows, title.split(" (")[0], picture)
            windows.do("press", "OK")
            seen[path] = len(_cells(windows, number))
    wanted = count(world.url, "jwst.product", within(_RA, _DEC, 0.05))
    equal(seen["scs/jwst.product"], wanted, "rows of the cone search")
    return Seen(", ".join(f"{path}: {length} rows" for path, length in seen.items()), (picture.name,))


@check(NAME, "DataLink: the links of a row of a TAP answer", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-datalink.png"
    near = within(_RA, _DEC, 0.01)
    adql = f"SELECT * FROM ivoa.ObsCore WHERE {near} AND obs_publisher_did LIKE '%f405n-f444w/simulated'"
    with topcat(world) as windows:
        _tap(windows, world)
        _query(windows, adql, "Synchronous")
        loaded(windows, count(world.url, "ivoa.ObsCore", adql.split("WHERE ")[1]))
        windows.do("press", "Activation Actions")
        windows.do("window", "Activation")
        windows.do("press", "Invoke Service")
        windows.text(f"{world.url}/datalink/links")  # the descriptor that came with the table
        windows.do("press", "Invoke selected action on current row (1)")
        windows.do("window", "")  # the window of links has no title
        links = _rows(windows)
        _pictured(windows, "", picture)
    terms = {row["semantics"]: row for row in links}
    must(NEBULA_IMAGE in terms["#this"]["access_url"], f"#this is {terms['#this']}")
    must("#cutout" in terms, f"links: {sorted(terms)}")
    return Seen(f"{len(links)} links: {', '.join(row['semantics'] for row in links)}", (picture.name,))


RED = (230, 0, 0)
_NEON = 12.814
"""Wavelength of a line of neon, µm, which the simulated disk has brightest."""


@check(NAME, "a spectrum, plotted", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-spectrum.png"
    with fits.open(io.BytesIO(get(file_url(world.url, SPECTRUM)))) as opened:
        wavelengths = opened[1].data["WAVELENGTH"]
    with topcat(world, "-f", "fits", f"{file_url(world.url, SPECTRUM)}#1") as windows:
        loaded(windows, len(wavelengths))
        windows.do("press", "Plane Plot")
        windows.do("window", "Plane Plot")
        _shot(windows, "Plane Plot", picture)
    drawn = pixels.like(pixels.read(picture, (45, 82, 970, 412)), RED, 40)
    left, top, right, _ = pixels.box(drawn)
    peak = float(np.nonzero(drawn[top])[0].mean() - left) / (right - left)
    place = float(wavelengths.min() + peak * (wavelengths.max() - wavelengths.min()))
    must(abs(place - _NEON) < 0.02, f"the highest point is drawn at {place:.3f} µm, the line is at {_NEON}")
    pixels.keep_small(picture)
    return Seen(f"{len(wavelengths)} points; the line [Ne II] is drawn at {place:.2f} µm", (picture.name,))


@check(NAME, "signed in with a password: an exclusive file", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-signed-in.png"
    account = world.account
    with topcat(world) as windows:
        windows.do("press", "Load Table")
        windows.do("window", "Load New Table")
        windows.do("fill", "Location:", file_url(world.url, account.uri))
        windows.do("choose", "Format:", "FITS-plus")
        windows.do("press", "OK")
        windows.do("window", "Authentication")
        time.sleep(1)
        screen().picture(picture)
        windows.do("fill", "User:", account.name)
        windows.do("fill", "Password:", account.password)
        windows.do("press", "OK")
        windows.do("window", "Load Error")
        said = windows.do("text")
    pixels.cut(picture, (0, 0, 840, 560))
    pixels.keep_small(picture)
    # What it asked a password for is an image: it says so of what it has read, not that it may not.
    words = "Doesn't look like a FITS-plus file"
    must(words in said, f"after the password it says: {said}")
    return Seen(
        f"It asks for user and password, and reads the file (an image, of which it says: {words})",
        (picture.name,),
    )
