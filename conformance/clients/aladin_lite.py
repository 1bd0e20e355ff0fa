"""Aladin Lite in a browser without a window: footprints and an image over the sky."""

import json
import subprocess
import tarfile
from pathlib import Path
from urllib.parse import urlencode

from conformance import browser, pixels
from conformance.asking import NEBULA_FOOTPRINT, NEBULA_IMAGE, PLANETARY_NEBULA, file_url, rows, within
from conformance.ledger import AbsentError, Seen, World, check, client, equal, must
from conformance.packages import program

NAME = "Aladin Lite"
_VERSION = "3.8.2"
_RA, _DEC = PLANETARY_NEBULA
GREEN = (0, 255, 0)
_PAGE = """<!DOCTYPE html><html><body style="margin:0"><div id="sky" style="width:900px;height:700px"></div>
<script type="module">
import A from "./aladin.js";
const asked = %s;
window.state = {};
await A.init;
const sky = A.aladin("#sky", {survey: [], target: asked.target, fov: 0.11, cooFrame: "ICRS", projection: "TAN",
  showReticle: false, backgroundColor: "rgb(20,20,40)"});
window.sky = sky;
if (asked.image) {
  sky.setOverlayImageLayer(A.image(asked.image, {name: "image",
    successCallback: () => { state.image = true; },
    errorCallback: (error) => { state.wrong = String(error); }}), "image");
}
sky.addCatalog(A.catalogFromURL(asked.table, {color: "#00ff00", sourceSize: 8, onClick: "showTable"},
  (found) => { state.sources = found.sources.length; },
  (error) => { state.wrong = String(error); }));
</script></body></html>
"""


def _version() -> str:
    program("chromium", "chromium", "fonts-dejavu-core")
    return f"{_VERSION} (Chromium)"


client(NAME, _version)


def _package(world: World) -> Path:
    """A directory with Aladin Lite in it, as npm has it."""
    directory = world.file("aladin-lite")
    directory.mkdir(exist_ok=True)
    if not (directory / "aladin.js").exists():
        npm = program("npm", "npm")
        finished = subprocess.run(
            [npm, "pack", "--silent", f"aladin-lite@{_VERSION}"],
            cwd=directory,
            capture_output=True,
            check=False,
        )
        packed = list(directory.glob("*.tgz"))
        if finished.returncode or not packed:
            raise AbsentError(f"npm has no aladin-lite {_VERSION}: {finished.stderr.decode()[-300:]}")
        with tarfile.open(packed[0]) as archive:
            content = archive.extractfile("package/dist/aladin.js")
            assert content is not None
            (directory / "aladin.js").write_bytes(content.read())
    return directory


@check(NAME, "an image, and the footprints of a TAP answer, where they are", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "aladin-lite.png"
    adql = f"SELECT * FROM ivoa.ObsCore WHERE {within(_RA, _DEC, 0.05)} AND instrument_name LIKE 'NIRCAM%'"
    query = {"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": "application/x-votable+xml;services=none"}
    directory = _package(world)
    asked = {
        "target": f"{_RA} {_DEC}",
        "image": file_url(world.url, NEBULA_IMAGE),
        "table": f"{world.url}/tap/sync?{urlencode(query)}",
    }
    (directory / "index.html").write_text(_PAGE % json.dumps(asked))
    with browser.served(directory) as url, browser.opened(f"{url}/index.html") as page:
        page.wait_for_function(
            "window.state && (state.wrong || (state.image && state.sources !== undefined))", timeout=120_000
        )
        state = page.evaluate("state")
        must("wrong" not in state, f"Aladin Lite says: {state}")
        page.wait_for_timeout(4000)
        corners = [
            page.evaluate("([ra, dec]) => Array.from(sky.world2pix(ra, dec))", list(corner))
            for corner in zip(NEBULA_FOOTPRINT[::2], NEBULA_FOOTPRINT[1::2], strict=True)
        ]
        page.screenshot(path=str(picture))
    wanted = len(rows(world.url, adql))
    equal(state["sources"], wanted, "observations")
    colours = pixels.read(picture)
    for (x, y), (next_x, next_y) in zip(corners, [*corners[1:], corners[0]], strict=True):
        middle = round((x + next_x) / 2), round((y + next_y) / 2)
        around = colours[middle[1] - 3 : middle[1] + 4, middle[0] - 3 : middle[0] + 4]
        must(pixels.like(around, GREEN, 110).any(), f"no edge of the footprint at {middle}")
    centre = tuple(round(sum(corner[axis] for corner in corners) / 4) for axis in (0, 1))
    box = (centre[0] - 120, centre[1] - 120, centre[0] + 120, centre[1] + 120)
    must(pixels.shades(picture, box) > 40, "no image within the footprint")
    pixels.keep_small(picture)
    return Seen(
        f"{wanted} observations; the image with the edges of its footprint where they are", (picture.name,)
    )
