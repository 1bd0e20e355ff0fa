"""World coordinates of an array in a FITS file: its axes on the sky, in wavelength and in polarization.

Knows the linear keywords (FITS 4.0 §8.2) and the gnomonic projection (TAN), which JWST's images have. Distortions
(TAN-SIP) move a corner by less than a few pixels and are left out. No pixel is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, isfinite, radians, sin, sqrt

from voserver.catalogue.cutouts.structure import Unit

_TAN = re.compile(r"(?:RA---|DEC--)TAN(?:-SIP)?")
_SPECTRAL = re.compile(r"(?:WAVE|AWAV|LAMBDA|FREQ)", re.IGNORECASE)
_METRES = {
    "m": 1.0,
    "mm": 1e-3,
    "um": 1e-6,
    "micron": 1e-6,
    "microns": 1e-6,
    "micrometer": 1e-6,
    "nm": 1e-9,
    "nanometer": 1e-9,
    "angstrom": 1e-10,
    "angstroms": 1e-10,
    "aa": 1e-10,
}
_LIGHT = 299_792_458.0
_LIKELY = (1e-7, 1e-3)
"""Metres between which JWST's wavelengths lie, whatever a file is about; else its unit is not what it says."""


@dataclass(frozen=True, slots=True)
class Celestial:
    """An image's plane on the sky: the numbers (from 1) of its two axes, longitude first; degrees, pixels."""

    axes: tuple[int, int]
    lengths: tuple[int, int]
    pixel: tuple[float, float]
    value: tuple[float, float]
    matrix: tuple[float, float, float, float]
    """CD in degrees a pixel: longitude by the first and second axis, then latitude."""
    ctypes: tuple[str, str]
    frame: str

    @property
    def pixel_scale(self) -> float:
        """Arcseconds a pixel."""
        a, b, c, d = self.matrix
        return 3600 * sqrt(abs(a * d - b * c))

    @property
    def footprint(self) -> str | None:
        """The outline of the array as STC-S; None in frames other than ICRS and what is as good as that."""
        if self.frame not in {"ICRS", "FK5", ""}:
            return None
        (x, y), (width, height) = self.pixel, self.lengths
        corners = ((0.5, 0.5), (width + 0.5, 0.5), (width + 0.5, height + 0.5), (0.5, height + 0.5))
        sky = [self._sky(corner[0] - x, corner[1] - y) for corner in corners]
        if self.matrix[0] * self.matrix[3] - self.matrix[1] * self.matrix[2] < 0:
            sky.reverse()
        return "POLYGON ICRS " + " ".join(f"{ra:.9f} {dec:.9f}" for ra, dec in sky)

    def _sky(self, x: float, y: float) -> tuple[float, float]:
        """Deprojected (Calabretta & Greisen 2002, §5.1.3): the tangent point is the reference."""
        a, b, c, d = self.matrix
        xi, eta = radians(a * x + b * y), radians(c * x + d * y)
        ra0, dec0 = map(radians, self.value)
        down = cos(dec0) - eta * sin(dec0)
        ra = ra0 + atan2(xi, down)
        return degrees(ra) % 360, degrees(atan2(sin(dec0) + eta * cos(dec0), hypot(xi, down)))


@dataclass(frozen=True, slots=True)
class Spectral:
    """An axis of wavelengths, in metres; `lower` and `upper` are the outer edges, or the outermost samples."""

    lower: float
    upper: float
    length: int
    unit: str
    """As the file has it."""
    axis: int = 1
    """Its number, from 1."""
    is_linear: bool = False
    pixel: float | None = None
    value: float | None = None
    step: float | None = None

    def joined(self, other: "Spectral") -> "Spectral":
        """Both together: all that either covers, as many points as the longer has."""
        return Spectral(
            min(self.lower, other.lower),
            max(self.upper, other.upper),
            max(self.length, other.length),
            self.unit,
        )


def number(values: Mapping[str, object], keyword: str) -> float | None:
    """A keyword's value, where it is a finite number."""
    value = values.get(keyword)
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        return None
    return float(value)


def celestial(unit: Unit) -> Celestial | None:
    """An image's axes on the sky, where it has a pair of them that is understood here."""
    values, shape = unit.cards.values, unit.shape
    found: dict[str, int] = {}
    for axis in range(1, len(shape) + 1):
        ctype = str(values.get(f"CTYPE{axis}", ""))
        if unit.kind == "IMAGE" and _TAN.fullmatch(ctype):
            found.setdefault(ctype[:2], axis)
    if found.keys() != {"RA", "DE"}:
        return None
    longitude, latitude = found["RA"], found["DE"]
    first, second = sorted((longitude, latitude))
    references = [number(values, f"{key}{axis}") for key in ("CRPIX", "CRVAL") for axis in (first, second)]
    matrix = [_cd(values, axis, by) for axis in (longitude, latitude) for by in (first, second)]
    if None in references or None in matrix or not all(shape[axis - 1] for axis in (first, second)):
        return None
    x, y, one, other = (float(each or 0) for each in references)
    ra, dec = (one, other) if longitude == first else (other, one)
    if not -90 <= dec <= 90:
        return None
    a, b, c, d = (float(each or 0) for each in matrix)
    found_axes = Celestial(
        axes=(longitude, latitude),
        lengths=(shape[first - 1], shape[second - 1]),
        pixel=(x, y),
        value=(ra % 360, dec),
        matrix=(a, b, c, d),
        ctypes=(str(values[f"CTYPE{longitude}"]), str(values[f"CTYPE{latitude}"])),
        frame=str(values.get("RADESYS", "")).strip().upper(),
    )
    return found_axes if 0 < found_axes.pixel_scale < 3600 else None  # else its numbers are no image's


def _cd(values: Mapping[str, object], axis: int, by: int) -> float | None:
    """An element of the matrix, in whichever form it is written (FITS 4.0 §8.2)."""
    if any(keyword.startswith("CD") and keyword[2:3].isdigit() for keyword in values):
        return number(values, f"CD{axis}_{by}") or 0.0
    step = number(values, f"CDELT{axis}")
    part = number(values, f"PC{axis}_{by}")
    if part is None:
        part = 1.0 if axis == by else 0.0
    return None if step is None else step * part


def spectral(unit: Unit) -> Spectral | None:
    """An array's linear axis of wavelengths (or frequencies), where it has one."""
    values = unit.cards.values
    for axis, length in enumerate(unit.shape, 1):
        ctype = str(values.get(f"CTYPE{axis}", ""))
        if unit.kind != "IMAGE" or not _SPECTRAL.match(ctype) or "-" in ctype:
            continue
        pixel, value = number(values, f"CRPIX{axis}"), number(values, f"CRVAL{axis}")
        step = _cd(values, axis, axis)
        if pixel is None or value is None or not step or not length:
            continue
        unit_text = str(values.get(f"CUNIT{axis}", "")).strip()
        ends = [value + (place - pixel) * step for place in (0.5, length + 0.5)]
        return wavelengths(
            ends,
            length,
            unit_text or ("Hz" if ctype.upper().startswith("FREQ") else "m"),
            axis=axis,
            linear=(pixel, value, step),
        )
    return None


def wavelengths(
    ends: list[float],
    length: int,
    unit: str,
    *,
    axis: int = 1,
    linear: tuple[float, float, float] | None = None,
) -> Spectral | None:
    """An axis by its ends in a unit; None where the unit is not known or JWST has no such wavelengths."""
    if unit == "Hz":
        metres = sorted(_LIGHT / end for end in ends if end > 0)
        linear = None
    else:
        factor = _METRES.get(unit.lower())
        if factor is None:
            return None
        metres = sorted(end * factor for end in ends)
        linear = linear and (linear[0], linear[1] * factor, linear[2] * factor)
    if len(metres) < 2 or not _LIKELY[0] <= metres[0] <= metres[-1] <= _LIKELY[1]:
        return None
    lower, upper = (round(each, 12) for each in (metres[0], metres[-1]))
    found = Spectral(lower, upper, length, unit, axis)
    if linear is None:
        return found
    return Spectral(lower, upper, length, unit, axis, True, *linear)


def polarization(unit: Unit) -> int | None:
    """The number of the axis of Stokes parameters, where there is one."""
    for axis in range(1, len(unit.shape) + 1):
        if unit.kind == "IMAGE" and str(unit.cards.values.get(f"CTYPE{axis}", "")).strip() == "STOKES":
            return axis
    return None
