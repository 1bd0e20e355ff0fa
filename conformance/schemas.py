"""The XML schemas of the IVOA, from what installed packages have: STILTS's, astropy's and GAVO DaCHS's copies.

DaCHS (Debian's python3-gavo) is fetched and unpacked, not installed: only its schemas are read.
"""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import astropy.io.votable
from lxml import etree

from conformance.ledger import AbsentError

_XS = "{http://www.w3.org/2001/XMLSchema}"
_WRAPPER = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'
_JAR = Path("/usr/share/java/starlink-ttools.jar")
_IN_JAR = "uk/ac/starlink/ttools/taplint/"
_NEEDED = {
    "http://www.ivoa.net/xml/VOTable/v1.3",
    "http://www.ivoa.net/xml/VOSICapabilities/v1.0",
    "http://www.ivoa.net/xml/VOSIAvailability/v1.0",
    "http://www.ivoa.net/xml/VOSITables/v1.0",
    "http://www.ivoa.net/xml/VODataService/v1.1",
    "http://www.ivoa.net/xml/VOResource/v1.0",
    "http://www.ivoa.net/xml/TAPRegExt/v1.0",
    "http://www.ivoa.net/xml/UWS/v1.0",
    "http://www.ivoa.net/xml/SIA/v1.1",
    "http://www.ivoa.net/xml/SSA/v1.1",
    "http://www.ivoa.net/xml/ConeSearch/v1.0",
    "http://www.ivoa.net/xml/VORegistry/v1.0",
    "http://www.ivoa.net/xml/RegistryInterface/v1.0",
    "http://www.openarchives.org/OAI/2.0/",
    "http://www.openarchives.org/OAI/2.0/oai_dc/",
}
_OUTDATED = re.compile(
    r"VOTable-1\.[12]|VOSITables-v1\.0|VODataService-v1\.[01]|VOResource-v1\.0|pre-Erratum1|v1\.20|SSA-v1\.2|XMLSchema|DaCHS"
)


def all_schemas(directory: Path) -> etree.XMLSchema:
    """One schema of all the namespaces, compiled; its files are gathered in a directory."""
    known = _by_namespace(_gathered(directory))
    files: dict[str, Path] = {}
    waiting = set(_NEEDED)
    while waiting:
        namespace = waiting.pop()
        if namespace not in known:
            raise AbsentError(f"no package here has the schema of {namespace}: apt-get install stilts")
        files[namespace] = known[namespace]
        waiting |= _imports(known[namespace], known) - set(files)
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{file.as_uri()}"/>'
        for namespace, file in sorted(files.items())
    )
    return etree.XMLSchema(etree.fromstring(_WRAPPER.format(imports)))


def _gathered(directory: Path) -> list[Path]:
    """All schema files; of a namespace that several have, the one to take comes first."""
    votable = Path(astropy.io.votable.__file__).parent / "data" / "VOTable.v1.4.xsd"
    copied = directory / "astropy-VOTable.xsd"
    copied.write_bytes(votable.read_bytes())
    found = [copied]
    if _JAR.exists():
        with zipfile.ZipFile(_JAR) as jar:
            for name in jar.namelist():
                if name.startswith(_IN_JAR) and name.endswith(".xsd"):
                    file = directory / f"stilts-{Path(name).name}"
                    file.write_bytes(jar.read(name))
                    found.append(file)
    _download("python3-gavo", directory)
    for package in directory.glob("python3-gavo*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(package), str(directory / "gavo")], check=True)
    found += sorted((directory / "gavo").rglob("*.xsd"))
    return [file for file in found if not _OUTDATED.search(file.name)]


def _download(package: str, directory: Path) -> None:
    """Fetch a Debian package; where the lists of packages are missing and this is root, those first."""
    if shutil.which("apt-get") is None:
        return
    for command in (["download", package], ["update"], ["download", package]):
        subprocess.run(["apt-get", "-qq", *command], cwd=directory, check=False, capture_output=True)
        if list(directory.glob(f"{package}*.deb")):
            return


def _by_namespace(files: list[Path]) -> dict[str, Path]:
    chosen: dict[str, Path] = {}
    for file in files:
        namespace = etree.parse(file).getroot().get("targetNamespace")
        if namespace:
            chosen.setdefault(namespace, file)
    return chosen


def _imports(file: Path, known: dict[str, Path]) -> set[str]:
    """The namespaces that a schema imports; the file is changed to take them from here, not from the network."""
    document = etree.parse(file)
    found = set()
    for element in document.iter(f"{_XS}import"):
        namespace = str(element.get("namespace"))
        found.add(namespace)
        if namespace in known:
            element.set("schemaLocation", known[namespace].as_uri())
    document.write(file)
    return found
