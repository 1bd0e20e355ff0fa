"""How long PostgreSQL kept processors busy: other work on the machine changes that less than the time that passes."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds(cluster: Path) -> float:
    """Of all processes of a cluster since it was started, user's and system's (Linux).

    A process that has ended is counted with the postmaster, whose child it was.
    """
    postmaster = int((cluster / "postmaster.pid").read_text().split(maxsplit=1)[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return sum(_ticks(postmaster)) / _TICKS + sum(sum(_ticks(int(child))[:2]) for child in children) / _TICKS


def _ticks(pid: int) -> tuple[int, ...]:
    """Its user's and system's time, and those of its children that have ended; zero where it has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return (0, 0, 0, 0)
    return tuple(map(int, fields[11:15]))
