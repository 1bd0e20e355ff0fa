"""Where the pixels of an array lie: on the sky, in wavelength and in polarization, by its FITS WCS."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voserver.catalogue.cutouts import spectral
from voserver.catalogue.cutouts.areas import Array, positions, vectors
from voserver.catalogue.cutouts.cards import Cards
from voserver.catalogue.cutouts.structure import Source, Unit
from voserver.model.errors import UsageError

if TYPE_CHECKING:
    from astropy.io.fits import Header
    from astropy.wcs import WCS

_OF_AXIS = re.compile(r"(CTYPE|CRVAL|CRPIX|CDELT|CUNIT|CROTA|PV)([1-9])(_\d{1,2})?")
_OF_BOTH = re.compile(r"(CD|PC)([1-9])_([1-9])")
_OF_SKY = re.compile(r"(LON|LAT)POLE|EQUINOX|[AB]P?_(ORDER|DMAX|\d_\d)")
_STOKES = {1: "I", 2: "Q", 3: "U", 4: "V", -1: "RR", -2: "LL", -3: "RL", -4: "LR", -5: "XX", -6: "YY",
           -7: "XY", -8: "YX"}  # fmt: skip
_WARNINGS = Lock()
_CELESTIAL = re.compile(r"(RA--|DEC-|[GE]L(ON|AT))(-[A-Z]{3}.*)?")
_MOST_STATES = 1000


@contextmanager
def quiet() -> Iterator[None]:
    """Astropy without its warnings: they are for who made the file. One thread at a time, as they are the process's."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Sky:
    """The two axes that are on the sky, and the way there and back. Pixels count from 1, centres are whole numbers.

    `rotation` carries directions of the array's own frame to those of ICRS.
    """

    axes: tuple[int, int]
    wcs: "WCS"
    rotation: Array

    def to_sky(self, x: Array, y: Array) -> Array:
        """Directions (ICRS unit vectors, shape (n, 3)) of pixels; NaN where there are none."""
        longitude, latitude = _ordered(self.wcs, self.wcs.all_pix2world(x, y, 1))
        return np.asarray(vectors(longitude, latitude) @ self.rotation.T)

    def to_pixels(self, directions: Array) -> tuple[Array, Array]:
        """Pixels of directions; NaN where there are none, and where the way does not lead back."""
        with np.errstate(invalid="ignore"):
            longitude, latitude = positions(directions @ self.rotation)
        given = _ordered(self.wcs, (longitude, latitude))
        if self.wcs.sip is None:
            x, y = self.wcs.wcs_world2pix(*given, 1)
        else:
            x, y = self.wcs.all_world2pix(*given, 1, maxiter=50, quiet=True)
        back = self.to_sky(np.where(np.isfinite(x), x, 1.0), np.where(np.isfinite(y), y, 1.0))
        with np.errstate(invalid="ignore"):
            is_there = np.isfinite(x) & (np.linalg.norm(back - directions, axis=-1) < 1e-8 + self.scale / 10)
        return np.where(is_there, x, np.nan), np.where(is_there, y, np.nan)

    @property
    def scale(self) -> float:
        """The smaller side of a pixel at the reference point, in radians."""
        matrix = np.radians(self.wcs.pixel_scale_matrix)
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sqrt((matrix**2).sum(axis=0)).min())


@dataclass(frozen=True)
class World:
    """What the axes of an array mean. `wavelengths` gives metres at pixels (counted from 1) of the axis `spectral`."""

    sky: Sky | None = None
    spectral: int | None = None
    wavelengths: Callable[[Array], Array] | None = None
    polarization: int | None = None
    states: Sequence[str] = ()


def world_of(unit: Unit, units: Sequence[Unit], source: Source) -> World:
    """What the axes of an array mean.

    Raises:
        UsageError: the header says what cannot be.
    """
    cards, axes = unit.cards, len(unit.shape)
    kinds = {axis: cards.text(f"CTYPE{axis}").upper() for axis in range(1, 10)}
    celestial = [axis for axis, kind in kinds.items() if _CELESTIAL.fullmatch(kind)]
    beyond = [axis for axis, kind in kinds.items() if kind and axis > axes]
    sky = None
    if len(celestial) == 2 and max(celestial) <= axes and not beyond:
        sky = _sky(unit, (celestial[0], celestial[1]))
    along = next((axis for axis in range(1, axes + 1) if spectral.is_spectral(kinds[axis])), None)
    wavelengths = None
    if along is not None and not beyond and _is_alone(cards, along):
        wavelengths = spectral.wavelengths(unit, along, units, source)
    states = next((axis for axis in range(1, axes + 1) if kinds[axis] == "STOKES"), None)
    named = _states(unit, states) if states else ()
    return World(sky, along if wavelengths else None, wavelengths, states, named)


def _is_alone(cards: Cards, axis: int) -> bool:
    """Whether an axis has nothing to do with the others."""
    mixed = re.compile(rf"(CD|PC)({axis}_(?!{axis}$)\d|(?!{axis}_)\d_{axis})")
    return not any(mixed.fullmatch(keyword) and value for keyword, value in cards.values.items())


def _states(unit: Unit, axis: int) -> tuple[str, ...]:
    count = unit.shape[axis - 1]
    if count > _MOST_STATES:
        raise UsageError(f"{unit} has {count} states of polarization.".capitalize())
    step = unit.cards.number(f"CDELT{axis}", 1.0)
    start, at = unit.cards.number(f"CRVAL{axis}", 1.0), unit.cards.number(f"CRPIX{axis}", 1.0)
    return tuple(_STOKES.get(round(start + (pixel - at) * step), "") for pixel in range(1, count + 1))


def _sky(unit: Unit, axes: tuple[int, int]) -> Sky:
    from astropy.wcs import WCS, WcsError  # noqa: PLC0415 -- half a second, for the first cut-out only

    cards = unit.cards
    if any(keyword.startswith(("CPDIS", "CQDIS", "D2IMDIS", "DP1", "DQ1")) for keyword in cards.values):
        raise UsageError(
            f"Positions in {unit} are corrected by tables, which is not understood here.",
            hint="The whole file can be had.",
        )
    if not all(_is_alone_from(cards, axes, axis) for axis in range(1, len(unit.shape) + 1)):
        raise UsageError(f"The axes of {unit} are mixed: no box of pixels has one wavelength, or place.")
    for keyword in (f"{name}{axis}" for axis in axes for name in ("CRVAL", "CRPIX")):
        cards.number(keyword, float("nan"))  # without these there is no place
    try:
        with quiet():
            wcs = WCS(_header_of_sky(cards, axes), fix=False)
            wcs.wcs.set()
            rotation = _rotation(wcs)
        found = wcs.wcs_pix2world(0.0, 0.0, 1)
    except (WcsError, ValueError, TypeError, KeyError, ArithmeticError, MemoryError) as error:
        words = str(error).strip().splitlines()
        raise UsageError(
            f"The WCS of {unit} cannot be understood: {words[-1] if words else 'broken'}"[:300]
        ) from None
    sky = Sky(axes, wcs, rotation)
    if len(found) != 2 or not 0 < sky.scale < np.pi:
        raise UsageError(f"The WCS of {unit} cannot be understood: its pixels have no size on the sky.")
    return sky


def _is_alone_from(cards: Cards, sky: tuple[int, int], axis: int) -> bool:
    return axis in sky or _is_alone(cards, axis)


def _header_of_sky(cards: Cards, axes: tuple[int, int]) -> "Header":
    """What a header says of two axes, as if there were no others: astropy is not asked of wavelengths."""
    from astropy.io.fits import Header  # noqa: PLC0415 -- half a second, for the first cut-out only

    header = Header()
    header["NAXIS"] = header["WCSAXES"] = 2
    numbers = {str(axis): str(number) for number, axis in enumerate(axes, 1)}
    for keyword, value in cards.values.items():
        of_axis, of_both = _OF_AXIS.fullmatch(keyword), _OF_BOTH.fullmatch(keyword)
        if of_axis and of_axis[2] in numbers:
            is_degree = of_axis[1] == "CUNIT" and str(value).strip().lower() in {"degree", "degrees"}
            header[f"{of_axis[1]}{numbers[of_axis[2]]}{of_axis[3] or ''}"] = "deg" if is_degree else value
        elif of_both and {of_both[2], of_both[3]} <= numbers.keys():
            header[f"{of_both[1]}{numbers[of_both[2]]}_{numbers[of_both[3]]}"] = value
        elif _OF_SKY.fullmatch(keyword):
            header[keyword] = value
    frame = cards.text("RADESYS") or cards.text("RADECSYS") or ("" if "EQUINOX" in cards else "ICRS")
    if frame:
        header["RADESYS"] = frame
    return header


def _ordered(wcs: "WCS", pair: Sequence[Array]) -> tuple[Array, Array]:
    """Longitude and latitude, in whichever order the axes have them; and back."""
    first, second = np.asarray(pair[0]), np.asarray(pair[1])
    return (first, second) if wcs.wcs.lng == 0 else (second, first)


def _rotation(wcs: "WCS") -> NDArray[np.float64]:
    """From the array's frame to ICRS."""
    kind = str(wcs.wcs.ctype[0]).upper()
    if kind.startswith(("RA", "DEC")) and str(wcs.wcs.radesys).upper() == "ICRS":
        return np.eye(3)
    from astropy.coordinates import FK4, SkyCoord  # noqa: PLC0415 -- half a second, and most arrays are ICRS
    from astropy.wcs.utils import wcs_to_celestial_frame  # noqa: PLC0415

    frame = wcs_to_celestial_frame(wcs)
    if isinstance(frame, FK4):
        raise ValueError("it is in the frame FK4, which is not understood here")  # noqa: TRY004
    axes = SkyCoord([0, 90, 0], [0, 0, 90], unit="deg", frame=frame).icrs
    return np.asarray(axes.cartesian.xyz.value)
