"""SAMP: a page of rows in a browser sends its table and its images to the programs that run beside it."""

import time
from pathlib import Path
from urllib.parse import urlencode

from conformance import browser, pixels, swing
from conformance.asking import NEBULA_IMAGE, PLANETARY_NEBULA, rows, within
from conformance.clients import ds9, topcat
from conformance.ledger import Seen, World, check, client, equal, must
from conformance.packages import program
from conformance.screen import screen

NAME = "SAMP (web profile)"
_RA, _DEC = PLANETARY_NEBULA


def _version() -> str:
    for name, package in (("chromium", "chromium"), ("topcat", "topcat"), ("ds9", "saods9")):
        program(name, package)
    return "1.3"


client(NAME, _version)


@check(NAME, "a page of rows sends its table to TOPCAT and an image to DS9", "gui")
def _(world: World) -> Seen:
    page_picture = world.pictures / "samp-page.png"
    picture = world.pictures / "samp-received.png"
    adql = f"SELECT obs_id, access_url, s_ra, s_dec FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.1)}"
    address = f"{world.url}/tap/sync?" + urlencode({"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": "html"})
    wanted = rows(world.url, adql)
    home = world.file("samp")
    with (
        swing.running(home, topcat.JAR, "uk.ac.starlink.topcat.Driver") as windows,
        browser.opened(address, 1000, 500) as page,
    ):
        windows.do("window", "TOPCAT", seconds=120)
        _wait_for_the_hub(home)
        with ds9.running(world, home_name="samp") as viewer:
            time.sleep(5)  # DS9 looks for the hub when it has started
            page.get_by_role("button", name="Send the table").click()
            windows.do("window", "SAMP Hub Security")
            windows.do("press", "Yes")
            page.wait_for_function("document.querySelector('output').textContent.startsWith('Sent')")
            told = page.locator("output").text_content()
            topcat.loaded(windows, len(wanted))
            page.locator("tr", has_text=NEBULA_IMAGE.split("/")[-1]).get_by_role(
                "button", name="Send"
            ).click()
            shape = ds9.image_size(viewer)
            page.wait_for_timeout(1000)
            page.screenshot(path=str(page_picture))
            windows.do("window", "TOPCAT")
            windows.do("move", "500", "680")
            viewer.tcl("foreach one $icat(cats) {wm withdraw [set ${one}(top)]}\nset ::errorInfo {}")
            time.sleep(2)
            screen().picture(picture)
    equal(shape, (399, 400), "the image that DS9 received")
    must(told, "the page said nothing")
    pixels.keep_small(page_picture)
    pixels.keep_small(picture)
    said = f"TOPCAT shows the table's {len(wanted)} rows, DS9 an image of {shape[0]} x {shape[1]}; the page: {told}"
    return Seen(said, (page_picture.name, picture.name))


def _wait_for_the_hub(home: Path) -> None:
    """Until TOPCAT's hub has written where it is to be found."""
    end = time.monotonic() + 60
    while not (home / ".samp").exists():
        must(time.monotonic() < end, "TOPCAT started no hub")
        time.sleep(0.5)
