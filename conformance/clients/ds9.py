"""SAOImage DS9 on a screen of its own, told what to do by XPA."""

import math
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from conformance import pixels
from conformance.asking import (
    NEBULA_FOOTPRINT,
    NEBULA_IMAGE,
    PLANETARY_NEBULA,
    count,
    file_url,
    get,
    rows,
    within,
)
from conformance.ledger import FaultError, Seen, World, check, client, equal, must
from conformance.packages import debian_version, program
from conformance.screen import screen

WHITE = 250
"""What DS9's canvas is brighter than."""

NAME = "SAOImage DS9"
_RA, _DEC = PLANETARY_NEBULA
_DID = "ivo://voserver.example/jwst?jw02733-o001_t001_nircam_f405n-f444w/simulated"

_DEBIANS_XML = """
package require xml
foreach name {VOTParse VOTRead} {
    proc $name [info args $name] [string map [list {$xml free} {catch {$xml free}}] [info body $name]]
}
"""
"""Debian's DS9 8.4.1 does not load the package that its VOTable reader uses, and that one frees its parser twice."""


def _version() -> str:
    program("xpaset", "xpa-tools")
    program("ds9", "saods9", "xpa-tools", "tcl-xml")
    return debian_version("saods9")


client(NAME, _version)


class DS9:
    """A running DS9."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def get(self, *words: str) -> str:
        """What DS9 answers."""
        return self._run(["xpaget", "conformance", *words])

    def do(self, *words: str) -> None:
        """Tell DS9 to do something."""
        self._run(["xpaset", "-p", "conformance", *words])

    def tcl(self, script: str) -> None:
        """Let DS9 run a piece of Tcl."""
        self._run(["xpaset", "conformance", "tcl"], script)

    def _run(self, command: list[str], text: str | None = None) -> str:
        finished = subprocess.run(
            command,
            env=self._environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        said = finished.stdout.strip()
        if finished.returncode or "XPA$ERROR" in finished.stderr + said:
            raise FaultError(f"{' '.join(command)}: {finished.stderr.strip()} {said}")
        return said


@contextmanager
def running(world: World, *words: str, home_name: str = "ds9") -> Iterator[DS9]:
    """DS9 with what the command line opens."""
    home = world.file(home_name)
    environment = screen().environment(home) | {"XPA_METHOD": "local", "XPA_TMPDIR": str(home / "xpa")}
    (home / "xpa").mkdir(exist_ok=True)
    with (home / "log").open("a") as log:
        command = ["ds9", "-title", "conformance", "-geometry", "900x800", *words]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        ds9 = DS9(environment)
        _wait_for(ds9, process)
        yield ds9
        ds9.do("exit")
        process.wait(30)
    finally:
        process.kill()
        process.wait(30)


def _wait_for(ds9: DS9, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            ds9.get("version")
        except FaultError:
            time.sleep(0.5)
        else:
            return
    raise FaultError("DS9 did not start")


_CANVAS_HEIGHT, _CIRCLE = 541, 12
"""Pixels of the screen: the height of DS9's canvas in a window of this size, the width of a catalogue's symbol."""
GREEN = (0, 255, 0)


def image_size(ds9: DS9) -> tuple[int, int]:
    """Width and height of the image, when it has arrived."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = int(ds9.get("fits", "width") or 0), int(ds9.get("fits", "height") or 0)
        if all(found):
            return found
        time.sleep(0.5)
    raise FaultError("no image appeared")


def _pictured(picture: Path) -> None:
    """Take DS9's window from the screen, when what it draws has settled."""
    time.sleep(2)
    screen().picture(picture)
    pixels.cut(picture, (0, 0, 900, 830))


@check(NAME, "an image by its URL, its coordinates, its footprint around it", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "ds9-image.png"
    with running(world, "-url", file_url(world.url, NEBULA_IMAGE), "-zscale") as ds9:
        shape = image_size(ds9)
        ds9.do("pan", "to", str(_RA), str(_DEC), "wcs", "icrs", "degrees")
        middle = [float(word) for word in ds9.get("pan", "wcs", "icrs", "degrees").split()]
        must(abs(middle[0] - _RA) < 1e-4 and abs(middle[1] - _DEC) < 1e-4, f"its centre is at {middle}")
        polygon = ",".join(str(number) for number in NEBULA_FOOTPRINT)
        regions = world.file("footprint.reg")
        regions.write_text(f"icrs\npolygon({polygon}) # color=green width=3\n")
        ds9.do("regions", "load", str(regions))
        ds9.do("zoom", "to", "fit")
        ds9.do("zoom", "0.9")
        _pictured(picture)
    drawn = pixels.box(pixels.like(pixels.read(picture), GREEN))
    shown = pixels.box(pixels.read(picture).max(axis=-1) < WHITE, within=drawn, margin=12)
    away = max(abs(one - other) for one, other in zip(drawn, shown, strict=True))
    must(away <= 8, f"the footprint is drawn at {drawn}, the image at {shown}")
    must(pixels.shades(picture, drawn) > 40, "the picture is empty")
    pixels.keep_small(picture)
    return Seen(
        f"{shape[0]} x {shape[1]} pixels; the footprint is its edge, within {away} pixels", (picture.name,)
    )


def _urls(ds9: DS9, world: World) -> list[str]:
    """The URLs of the images that the window lists."""
    saved = world.file("ds9-urls.txt")
    ds9.tcl(
        f"set saved [open {saved} w]\n"
        "set column [expr [lsearch $siaheredb(Ucd) VOX:Image_AccessReference] + 1]\n"
        "for {set row 1} {$row <= [starbase_nrows siaheredb]} {incr row} "
        "{puts $saved [starbase_get siaheredb $row $column]}\nclose $saved\n"
    )
    return saved.read_text().split()


@check(NAME, "its SIA window: a search, and an image of the list on display", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "ds9-sia.png"
    with running(world, "-url", file_url(world.url, NEBULA_IMAGE), "-zscale") as ds9:
        # As its menu does for the servers of the list that DS9 was made with.
        ds9.tcl(
            f"{_DEBIANS_XML}\nSIADialog siahere {{Here}} {world.url}/sia1 {{}} sync\nset ::errorInfo {{}}"
        )
        urls = _urls(ds9, world)
        must(urls, "the window lists nothing")
        place = next(number for number, url in enumerate(urls, start=1) if NEBULA_IMAGE in url)
        ds9.tcl(f"$siahere(tbl) selection set {place},1\nset siahere(mode) new\nSIAImageCmd siahere")
        time.sleep(4)
        frames = ds9.get("frame", "all").split()
        equal(len(frames), 2, "frames")
        equal(ds9.get("fits", "width"), "399", "width of the image from the list")
        _pictured(picture)
    pixels.keep_small(picture)
    return Seen(f"{len(urls)} images listed, one of them opened in a frame of its own", (picture.name,))


@check(NAME, "a table of observations as a catalogue over the image", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "ds9-catalogue.png"
    answer = world.file("observations.vot")
    adql = f"SELECT obs_id, s_ra, s_dec FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.01)}"
    answer.write_bytes(get(f"{world.url}/tap/sync?" + urlencode({"LANG": "ADQL", "QUERY": adql})))
    wanted = count(world.url, "ivoa.ObsCore", within(_RA, _DEC, 0.01))
    with running(world, "-url", file_url(world.url, NEBULA_IMAGE), "-zscale") as ds9:
        image_size(ds9)
        ds9.do("zoom", "to", "fit")
        ds9.tcl(f"{_DEBIANS_XML}\nset ::errorInfo {{}}")
        ds9.tcl(f"CatalogCmdLoad {answer} VOTRead\nset ::errorInfo {{}}")
        counted = world.file("ds9-rows.txt")
        ds9.tcl(
            "set one [lindex $icat(cats) end]\n"
            f"set saved [open {counted} w]\nputs $saved [starbase_nrows [set ${{one}}(tbldb)]]\nclose $saved\n"
            "wm withdraw [set ${one}(top)]\nset ::errorInfo {}"
        )
        seen = counted.read_text().strip()
        _pictured(picture)
    equal(int(seen), wanted, "rows")
    drawn = pixels.box(pixels.like(pixels.read(picture), GREEN, 120))
    pixels.keep_small(picture)
    places = [
        (float(row["s_ra"]) * math.cos(math.radians(_DEC)), float(row["s_dec"]))
        for row in rows(world.url, adql)
    ]
    field = math.sqrt(pixels.area(NEBULA_FOOTPRINT)) / (
        _CANVAS_HEIGHT - 1
    )  # degrees that a pixel of the screen has
    apart = max(math.dist(one, other) for one in places for other in places) / field
    across = math.hypot(drawn[2] - drawn[0] - _CIRCLE, drawn[3] - drawn[1] - _CIRCLE)
    must(abs(across - apart) < 6, f"symbols are {across:.0f} pixels apart, their positions {apart:.0f}")
    middle = (drawn[0] + drawn[2]) / 2, (drawn[1] + drawn[3]) / 2
    must(math.dist(middle, (450, 510)) < 60, f"symbols are drawn around {middle}, not in the image's middle")
    said = f"{seen} rows; symbols {across:.0f} pixels apart as their positions are ({apart:.0f})"
    return Seen(said, (picture.name,))


@check(NAME, "a cut-out by SODA", "gui")
def _(world: World) -> str:
    url = f"{world.url}/soda/sync?ID={quote(_DID, safe='')}&CIRCLE={_RA}+{_DEC}+0.008"
    with running(world, "-url", url) as ds9:
        shape = image_size(ds9)
        ds9.do("pan", "to", str(_RA), str(_DEC), "wcs", "icrs", "degrees")
        middle = [float(word) for word in ds9.get("pan", "image").split()]
    must(20 < shape[0] < 300, f"an image of {shape}")
    away = max(abs(place - length / 2) for place, length in zip(middle, shape, strict=True))
    must(away < 2, f"the position asked for is at {middle} of {shape}")
    return f"{shape[0]} x {shape[1]} of 399 x 400 pixels, the position asked for in the middle"
