"""Aladin Desktop, told what to do by its script language."""

import subprocess
from pathlib import Path

from conformance import pixels
from conformance.asking import CLUSTER, NEBULA_IMAGE, PLANETARY_NEBULA, file_url, rows
from conformance.ledger import FaultError, Seen, World, check, client, equal, lines, must
from conformance.packages import debian_version, program
from conformance.screen import screen

_TINT, _DARK = 40, 60
"""How much bluer than red a footprint is drawn, and what is darker than any footprint outside the image."""
NAME = "Aladin Desktop"
_RA, _DEC = PLANETARY_NEBULA
_JAR = "/usr/share/java/aladin.jar"
_DICTIONARY = """%A Http
%D Any URL
%O LOCAL
%Z ALADIN
%U $1

%A SIA
%D Images by SIA 1
%O LOCAL
%Z ALADIN
%U $1POS=$2,$3&SIZE=$4&FORMAT=$5
%P.D 1:Base URL
%P.K 1:BaseUrl(URL|MOCID)
%P.D 2:Right ascension
%P.K 2:Target(RAd)
%P.D 3:Declination
%P.K 3:Target(DEd)
%P.D 4:Size
%P.K 4:Field(SQRd)
%P.D 5:Format
%P.V 5:image/fits
%R Mime(sia/xml)
%Aladin.Label SIA
%Aladin.LabelPlane SIA $1

%A SIA1
%D Images by SIA 1, as a table
%O LOCAL
%Z ALADIN
%U $1POS=$2,$3&SIZE=$4&FORMAT=$5
%P.D 1:Base URL
%P.K 1:BaseUrl(URL|MOCID)
%P.D 2:Right ascension
%P.K 2:Target(RAd)
%P.D 3:Declination
%P.K 3:Target(DEd)
%P.D 4:Size
%P.K 4:Field(SQRd)
%P.D 5:Format
%P.V 5:image/fits
%R Mime(votable/xml)
%Aladin.Label SIA1
%Aladin.LabelPlane SIA1 $1

%A SIA2
%D Images by SIA 2
%O LOCAL
%Z ALADIN
%U $1POS=CIRCLE+$2+$3+$4
%P.D 1:Base URL
%P.K 1:BaseUrl(URL|MOCID)
%P.D 2:Right ascension
%P.K 2:Target(RAd)
%P.D 3:Declination
%P.K 3:Target(DEd)
%P.D 4:Radius
%P.K 4:Field(RADIUSd)
%R Mime(votable/xml)
%Aladin.Label SIA2
%Aladin.LabelPlane SIA2 $1

%A SSA
%D Spectra by SSA
%O LOCAL
%Z ALADIN
%U $1REQUEST=queryData&POS=$2,$3&SIZE=$4
%P.D 1:Base URL
%P.K 1:BaseUrl(URL|MOCID)
%P.D 2:Right ascension
%P.K 2:Target(RAd)
%P.D 3:Declination
%P.K 3:Target(DEd)
%P.D 4:Size
%P.K 4:Field(SQRd)
%R Mime(votable/xml)
%Aladin.Label SSA
%Aladin.LabelPlane SSA $1

%A CS
%D Sources by cone search
%O LOCAL
%Z ALADIN
%U $1RA=$2&DEC=$3&SR=$4
%P.D 1:Base URL
%P.K 1:BaseUrl(URL|MOCID)
%P.D 2:Right ascension
%P.K 2:Target(RAd)
%P.D 3:Declination
%P.K 3:Target(DEd)
%P.D 4:Radius
%P.K 4:Field(RADIUSd)
%R Mime(votable/xml)
%Aladin.Label CS
%Aladin.LabelPlane CS $1
"""
"""What Aladin else fetches from the CDS when it starts: how the Virtual Observatory's services are asked."""


def _version() -> str:
    program("aladin", "aladin", "default-jre", "fonts-dejavu-core")
    return debian_version("aladin")


client(NAME, _version)


def _script(world: World, *commands: str) -> None:
    """Run Aladin with a script, to its end; what it complains of is a fault."""
    dictionary = world.file("services.dic")
    dictionary.write_text(_DICTIONARY)
    home = world.file("aladin")
    words = ["-nogui", "-nosamp", "-nonetworktest", "-noreleasetest", "-nolog", "-nobanner", "-noplugin"]
    command = [program("java", "default-jre"), "-Xmx1g", f"-Duser.home={home}", "-jar", _JAR, *words]
    command += [f"-glufile={dictionary}", f"-script={';'.join([*commands, 'quit'])}"]
    for _ in range(3):
        try:
            finished = subprocess.run(
                command,
                env=screen().environment(home),
                cwd=world.scratch,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=45,
                check=False,
            )
            break
        except subprocess.TimeoutExpired:
            continue  # its threads can wait for one another when it starts
    else:
        raise FaultError("Aladin did not come to the end of its script, three times")
    said = finished.stdout + finished.stderr
    complaints = [line for line in said.splitlines() if line.startswith("!!!")]
    must(not complaints, f"Aladin complains: {lines(complaints)}")


def _rows(saved: Path) -> list[dict[str, str]]:
    """The rows of a table that Aladin has exported."""
    must(saved.exists(), "Aladin has no such table to export")
    names, _, *rows = [line.split("\t") for line in saved.read_text().splitlines()]
    return [dict(zip(names, row, strict=True)) for row in rows]


@check(NAME, "an image by its URL, the footprints of what SIA 2 finds over it", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "aladin-footprints.png"
    saved = world.file("aladin-sia2.txt")
    _script(
        world,
        *(f"load {file_url(world.url, NEBULA_IMAGE)}", "sync"),
        *(f"OBS=get SIA2({world.url}/sia/query?) {_RA} {_DEC} 1arcmin", "sync"),
        *("cmoc -order=16 -fov OBS", "sync", f"export OBS {saved}", "sync", f"save -png 800x700 {picture}"),
    )
    seen = {row["obs_publisher_did"] for row in _rows(saved)}
    wanted = rows(world.url, f"SELECT obs_publisher_did FROM ivoa.ObsCore WHERE {_within(1 / 60)}")
    equal(seen, {row["obs_publisher_did"] for row in wanted}, "observations")
    colours = pixels.read(picture)
    blue = colours[..., 2] - colours[..., 0] > _TINT
    image = colours[..., 0] < _DARK  # the image under the footprints
    must((blue & image).sum() > 0.97 * image.sum(), "the image reaches out of its footprint")
    must(
        not blue[:90].any() and not blue[:640, :150].any(), "there are footprints where nothing was observed"
    )
    below = blue[600:640, 320:600].mean()  # where MIRI's field lies, not NIRCam's
    must(below > 0.9, f"only {below:.0%} of MIRI's part is covered")
    pixels.keep_small(picture)
    share = (blue & image).sum() / image.sum()
    return Seen(
        f"{len(seen)} observations; {share:.1%} of the image lies within their footprints", (picture.name,)
    )


@check(NAME, "SIA 1, SSA and cone search", "gui")
def _(world: World) -> str:
    files = {name: world.file(f"aladin-{name}.txt") for name in ("SIA1", "SSA", "CS")}
    searches = {
        "SIA1": (f"{world.url}/sia1?", PLANETARY_NEBULA),
        "SSA": (f"{world.url}/ssa?", CLUSTER),
        "CS": (f"{world.url}/scs/jwst.product?", PLANETARY_NEBULA),
    }
    said = []
    for name, (url, place) in searches.items():
        _script(
            world,
            *(f"load {file_url(world.url, NEBULA_IMAGE)}", "sync"),
            *(f"OBS=get {name}({url}) {place[0]} {place[1]} 2arcmin", "sync"),
            *(f"export OBS {files[name]}", "sync"),
        )
        said.append(f"{name} {len(_rows(files[name]))} rows")
    return ", ".join(said)


def _within(radius: float) -> str:
    """What SIA 2 finds around the nebula."""
    circle = f"CIRCLE('ICRS', {_RA}, {_DEC}, {radius})"
    return f"1 = INTERSECTS({circle}, s_region) AND dataproduct_type IN ('image', 'cube')"
