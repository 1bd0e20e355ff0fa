"""What the clients need from Debian: installed where this runs as root, else named."""

import os
import shutil
import subprocess
from functools import cache

from conformance.ledger import AbsentError


def program(name: str, *packages: str) -> str:
    """The path of a program, installed with its packages where it is missing."""
    found = shutil.which(name)
    if found is None:
        _install(*packages)
        found = shutil.which(name)
    if found is None:
        raise AbsentError(f"{name} is missing: apt-get install {' '.join(packages)}")
    return found


@cache
def _install(*packages: str) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *words],
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


@cache
def debian_version(package: str) -> str:
    """The version of an installed Debian package, without Debian's own additions."""
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False
    )
    version = shown.stdout.split(":")[-1].split("-")[0].split("+")[0]
    if not version:
        raise AbsentError(f"{package} is not installed")
    return version
