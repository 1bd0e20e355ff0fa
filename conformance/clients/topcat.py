"""TOPCAT: its windows for every service, on a screen."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance import pixels, swing
from conformance.asking import PLANETARY_NEBULA, SPECTRUM_POSITION, count, rows, within
from conformance.ledger import Seen, World, check, client, equal, must
from conformance.packages import debian_version, program
from conformance.screen import screen
from conformance.swing import Windows

NAME = "TOPCAT"
_RA, _DEC = PLANETARY_NEBULA
_JAR = "/usr/share/java/starlink-topcat.jar"
_TAP = "Table Access Protocol (TAP) Query"


def _version() -> str:
    program("topcat", "topcat", "default-jre")
    return debian_version("topcat")


client(NAME, _version)


@contextmanager
def topcat(world: World, *words: str) -> Iterator[Windows]:
    """TOPCAT, with its main window in front."""
    with swing.running(world.file("topcat"), _JAR, "uk.ac.starlink.topcat.Driver", "-nohub", *words) as windows:
        windows.do("window", "TOPCAT", seconds=120)
        windows.do("text")
        yield windows


def _pictured(windows: Windows, picture: Path) -> None:
    """Take the present window from the screen."""
    windows.do("place", "1000", "760")
    time.sleep(2)
    screen().picture(picture)
    pixels.cut(picture, (0, 0, 1000, 760))
    pixels.keep_small(picture)


def _loaded(windows: Windows, wanted: int) -> None:
    """Wait until the main window has a table of so many rows."""
    windows.do("window", "TOPCAT")
    windows.text(f"{wanted:,}" if wanted < 1000 else f"{wanted}")


@check(NAME, "TAP window: tables, a synchronous and an asynchronous query", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "topcat-tap.png"
    adql = f"SELECT obs_id, s_ra, s_dec, t_exptime, s_region FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)}"
    wanted = rows(world.url, adql)
    with topcat(world) as windows:
        windows.do("press", _TAP)
        windows.do("window", _TAP)
        windows.do("fill", "TAP URL:", f"{world.url}/tap")
        windows.do("press", "Use Service")
        print(windows.do("nodes"))
        time.sleep(5)
        print(windows.do("nodes"))
        windows.do("write", adql)
        _pictured(windows, picture)
        windows.do("press", "Run Query")
        time.sleep(4)
        print(windows.do("windows"))
        windows.do("window", "TOPCAT")
        print(windows.do("text"))
        print(windows.do("rows", "5"))
    return Seen("", (picture.name,))
