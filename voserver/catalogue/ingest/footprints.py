"""Footprints as the archive gives them, understood: region, text, centre and size, or why there is none."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from voserver.catalogue.ingest.binary_copy import doubles
from voserver.model.regions import Region, parse_region

Status = Literal["good", "repaired", "unusable", "placeholder", "absent"]

_PLACEHOLDER_RADIUS = 0.017
"""Slitless spectra have a circle of so many degrees about their pointing where no footprint is known."""

_LARGEST = 5.0
"""Degrees that no product of JWST spans: the whole focal plane is a third of a degree wide."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """A footprint, ready for the catalogue; `shape` is the array of sky.region as COPY takes it."""

    status: Status
    text: str | None = None
    shape: bytes | None = None
    ra: float | None = None
    dec: float | None = None
    size: float | None = None
    remark: str | None = None


@lru_cache(maxsize=16_384)
def footprint(given: str | None) -> Footprint:
    """Understand a footprint. What cannot be understood keeps its text elsewhere and gets a remark here."""
    if given is None:
        return Footprint("absent", remark="there is no footprint")
    region = parse_region(given)
    circle = region.circle()
    if circle is None:
        return Footprint("unusable", remark=f"the footprint is {region.status}")
    ra, dec, size = circle
    if size > _LARGEST:
        remark = f"the footprint is not usable: it spans {size:.3g} degrees, which no product of JWST does"
        return Footprint("unusable", remark=remark)
    status, remarks = _judged(region)
    return Footprint(status, region.stcs(), doubles(region.shape()), ra, dec, size, remarks)


def _judged(region: Region) -> tuple[Status, str | None]:
    first = region.shapes[0]
    if len(region.shapes) == 1 and first.kind == "Circle" and first.numbers[2] == _PLACEHOLDER_RADIUS:
        return "placeholder", "the footprint is a placeholder: a circle about the pointing"
    return ("repaired", f"the footprint was {region.status}") if region.notes else ("good", None)
