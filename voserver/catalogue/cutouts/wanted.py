"""What a cut-out shall hold, and what is known of a file besides what it says itself."""

from dataclasses import dataclass

from voserver.catalogue.cutouts.areas import Area


@dataclass(frozen=True)
class Wanted:
    """A filter. None, or no states, where everything is wanted. `words` tell it in the file's history.

    Attributes:
        area: the region of the sky.
        band: the shortest and longest wavelength in vacuum, metres.
        time: the earliest and latest time, MJD in UTC.
        states: states of polarization.
        words: the filter as it was asked for.
    """

    area: Area | None = None
    band: tuple[float, float] | None = None
    time: tuple[float, float] | None = None
    states: frozenset[str] = frozenset()
    words: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is filtered."""
        return self.area is None and self.band is None and self.time is None and not self.states


@dataclass(frozen=True)
class Extent:
    """What the catalogue says that a file covers: for axes that its arrays do not have. None where it does not say.

    `band` in metres, `time` in MJD, `area` the footprint.
    """

    area: tuple[Area, ...] = ()
    band: tuple[float, float] | None = None
    time: tuple[float, float] | None = None


def overlap(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    """Whether intervals have something in common; what is not known has."""
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])
