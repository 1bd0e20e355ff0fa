"""Aladin Desktop, told what to do by its script language."""

import subprocess

from conformance.asking import NEBULA_IMAGE, PLANETARY_NEBULA, file_url
from conformance.ledger import Seen, World, check, client
from conformance.packages import debian_version, program
from conformance.screen import screen

NAME = "Aladin Desktop"
_RA, _DEC = PLANETARY_NEBULA
_JAR = "/usr/share/java/aladin.jar"
_DICTIONARY = """%A Http
%D Any URL
%O LOCAL
%Z ALADIN
%U $1

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
    program("aladin", "aladin", "default-jre")
    return debian_version("aladin")


client(NAME, _version)


def _script(world: World, *commands: str) -> str:
    """Run Aladin with a script, to its end: what it printed."""
    dictionary = world.file("services.dic")
    dictionary.write_text(_DICTIONARY)
    home = world.file("aladin")
    words = ["-nogui", "-nosamp", "-nonetworktest", "-noreleasetest", "-nolog", "-nobanner", "-noplugin"]
    command = [program("java", "default-jre"), "-Xmx1g", f"-Duser.home={home}", "-jar", _JAR, *words]
    finished = subprocess.run(
        [*command, f"-glufile={dictionary}", f"-script={';'.join([*commands, 'quit'])}"],
        env=screen().environment(home),
        cwd=world.scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return finished.stdout + finished.stderr


@check(NAME, "an image by its URL, with its footprint", "gui")
def _(world: World) -> Seen:
    picture = world.pictures / "aladin-image.png"
    said = _script(
        world,
        f"load {file_url(world.url, NEBULA_IMAGE)}",
        "sync",
        f"{_RA} {_DEC}",
        "zoom 1x",
        f"get SIA2({world.url}/sia/query?) {_RA} {_DEC} 1arcmin",
        "sync",
        "status",
        f"save -png 800x700 {picture}",
    )
    print(said)
    return Seen("", (picture.name,))
