"""FITS files in the manner of real products: footprint, set-up and name are real, the pixels are made up.

Every file says so: `SIMULATE = T` and HISTORY in its header, `simulated_` before its name. The same
subject gives the same bytes each time.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from math import cos, radians

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from voserver.model.errors import UsageError
from voserver.sample.subjects import Circumstances, Cube, Image, Scene, Spectrum, Subject

Array = NDArray[np.float64]

_LONGEST_SIDE = 400
_CUBE_SIDE = 30
_CHANNELS = 320
_HISTORY = (
    "The pixels of this file are simulated and carry no information on the sky.",
    "Its footprint, set-up and name follow the product of JWST that FILENAME ends in.",
)


def simulate(subject: Subject, known: Circumstances) -> bytes:
    """The bytes of the FITS file."""
    primary = fits.PrimaryHDU(header=_header(subject.file_name, known.keywords))
    random = np.random.default_rng(
        int.from_bytes(hashlib.sha256(subject.product.encode()).digest()[:8], "big")
    )
    match subject:
        case Image():
            hdus = _image(subject, known, random)
        case Cube():
            hdus = _cube(subject, known, random)
        case Spectrum():
            hdus = [_spectrum(subject, known, random)]
    stream = io.BytesIO()
    fits.HDUList([primary, *hdus]).writeto(stream)
    return stream.getvalue()


def _header(file_name: str, keywords: Mapping[str, str | float | int | None]) -> fits.Header:
    header = fits.Header()
    header["SIMULATE"] = (True, "pixels are simulated, not observed")
    header["FILENAME"] = file_name
    header["TELESCOP"] = "JWST"
    for key, value in keywords.items():
        if value is not None:
            header[key] = value
    for line in _HISTORY:
        header["HISTORY"] = line
    return header


def _image(subject: Image, known: Circumstances, random: np.random.Generator) -> list[fits.ImageHDU]:
    """SCI with its error, and what the pipeline has beside it: DQ of one exposure, WHT of a mosaic."""
    corners = _tangent_plane(known.corners)
    width, height = (float(np.hypot(*(corners[1] - corners[0]))), float(np.hypot(*(corners[2] - corners[1]))))
    scale = _LONGEST_SIDE / max(width, height)
    columns, rows = (max(16, round(side * scale)) for side in (width, height))
    pixels = _scene(subject.scene, columns, rows, random)
    error = np.sqrt(0.05**2 + np.abs(pixels) / 400)
    arrays = {"SCI": pixels.astype(">f4"), "ERR": error.astype(">f4")}
    if subject.product.endswith("_i2d.fits"):
        arrays["WHT"] = np.full((rows, columns), known.keywords.get("EFFEXPTM") or 1.0, dtype=">f4")
    else:
        # A hundredth of the pixels are not to be used, by the pipeline's first flag.
        arrays["DQ"] = (random.random((rows, columns)) < 0.01).astype(">i4")
    hdus = _extensions(arrays, "MJy/sr")
    hdus[0].header.update(_world_coordinates(known.corners, corners, columns, rows))
    hdus[0].header["S_REGION"] = _outline(known.corners)
    return hdus


def _extensions(arrays: Mapping[str, NDArray[np.generic]], unit: str) -> list[fits.ImageHDU]:
    """Arrays as extensions. That they are simulated is said in each."""
    hdus = [fits.ImageHDU(array, name=name) for name, array in arrays.items()]
    for hdu in hdus:
        hdu.header["SIMULATE"] = (True, "pixels are simulated, not observed")
        if hdu.name in {"SCI", "ERR"}:
            hdu.header["BUNIT"] = unit
    return hdus


def _outline(corners: Sequence[tuple[float, float]]) -> str:
    """A footprint as the pipeline writes it."""
    return f"POLYGON ICRS  {' '.join(f'{number:.9f}' for corner in corners for number in corner)}"


def _cube(subject: Cube, known: Circumstances, random: np.random.Generator) -> list[fits.ImageHDU]:
    """Arrays like those of the pipeline's s3d: wavelength, rows, columns; the wavelength in steps of one length."""
    corners = _tangent_plane(known.corners)
    width, height = (float(np.hypot(*(corners[1] - corners[0]))), float(np.hypot(*(corners[2] - corners[1]))))
    scale = _CUBE_SIDE / max(width, height)
    columns, rows = (max(8, round(side * scale)) for side in (width, height))
    wavelength = np.linspace(known.lower, known.upper, _CHANNELS)
    x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    distance = np.hypot(x, y * 1.2)
    ring = np.exp(-(((distance - 0.55) / 0.16) ** 2)) * _texture(columns, rows, random)
    star = np.exp(-((distance / 0.1) ** 2))
    glow = np.zeros(_CHANNELS)
    for center, strength in subject.lines:
        spread = center / known.resolving_power / 2.355 + (wavelength[1] - wavelength[0]) / 2
        glow += strength * subject.continuum * np.exp(-(((wavelength - center) / spread) ** 2) / 2)
    slope = (wavelength / wavelength.mean()) ** 1.6
    pixels = subject.continuum * slope[:, None, None] * (star + 0.3 * ring) + glow[:, None, None] * ring
    error = 0.03 * subject.continuum + 0.02 * pixels
    pixels = pixels + random.normal(0, 1, pixels.shape) * error
    arrays = {
        "SCI": pixels.astype(">f4"),
        "ERR": error.astype(">f4"),
        "DQ": np.zeros(pixels.shape, dtype=">i4"),
        "WMAP": np.full(pixels.shape, 4, dtype=">f4"),
    }
    hdus = _extensions(arrays, "MJy/sr")
    header = hdus[0].header
    header["WCSAXES"] = 3
    header.update(_world_coordinates(known.corners, corners, columns, rows))
    header.update(
        {
            "CTYPE3": "WAVE", "CUNIT3": "um", "CRPIX3": 1.0, "CRVAL3": float(wavelength[0]),
            "CD3_3": float(wavelength[1] - wavelength[0]), "S_REGION": _outline(known.corners),
        }
    )  # fmt: skip
    return hdus


def _center(corners: Sequence[tuple[float, float]]) -> tuple[float, float]:
    lon, lat = np.radians(np.array(corners)).T
    x, y, z = (
        float(part.mean()) for part in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
    )
    return float(np.degrees(np.arctan2(y, x))) % 360, float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def _tangent_plane(corners: Sequence[tuple[float, float]]) -> Array:
    """Degrees east and north of the centre, on the plane that touches the sphere there (FITS TAN)."""
    if len(corners) != 4:
        raise UsageError(f"An image's footprint has four corners, not {len(corners)}.")
    lon0, lat0 = (radians(angle) for angle in _center(corners))
    lon, lat = np.radians(np.array(corners)).T
    depth = np.sin(lat) * np.sin(lat0) + np.cos(lat) * cos(lat0) * np.cos(lon - lon0)
    east = np.cos(lat) * np.sin(lon - lon0) / depth
    north = (np.sin(lat) * cos(lat0) - np.cos(lat) * np.sin(lat0) * np.cos(lon - lon0)) / depth
    plane: Array = np.degrees(np.column_stack([east, north]))
    return plane


def _world_coordinates(
    places: Sequence[tuple[float, float]], corners: Array, columns: int, rows: int
) -> dict[str, str | float]:
    """The linear map that carries the corners of the array to the corners of the footprint."""
    low, right, top = 0.5, columns + 0.5, rows + 0.5
    # Counter-clockwise on the sky is clockwise on an array whose first axis runs west: hence this order.
    pixels = np.array([[right, low], [low, low], [low, top], [right, top]])
    if _turn(corners) < 0:
        corners = corners[::-1]
    matrix = np.column_stack([pixels, np.ones(4)])
    (a, c), (b, d), (e, f) = np.linalg.lstsq(matrix, corners, rcond=None)[0]
    x, y = np.linalg.solve(np.array([[a, b], [c, d]]), np.array([-e, -f]))
    lon, lat = _center(places)
    return {
        "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CUNIT1": "deg", "CUNIT2": "deg", "RADESYS": "ICRS",
        "CRVAL1": lon, "CRVAL2": lat, "CRPIX1": float(x), "CRPIX2": float(y),
        "CD1_1": float(a), "CD1_2": float(b), "CD2_1": float(c), "CD2_2": float(d),
    }  # fmt: skip


def _turn(corners: Array) -> float:
    (x1, y1), (x2, y2) = corners[1] - corners[0], corners[2] - corners[1]
    return float(x1 * y2 - y1 * x2)


def _scene(scene: Scene, columns: int, rows: int, random: np.random.Generator) -> Array:
    x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    distance = np.hypot(x, y)
    noise = random.normal(0, 0.05, (rows, columns))
    texture = _texture(columns, rows, random)
    if scene == "nebula":
        rings = 6 * np.exp(-(((distance - 0.45) / 0.09) ** 2)) + 2 * np.exp(
            -(((distance - 0.75) / 0.18) ** 2)
        )
        picture, stars = rings * texture + 0.5, 60
    elif scene == "galaxy":
        disk = np.exp(-np.hypot((x + y) * 0.9, (x - y) * 3.5) * 2.2)
        picture, stars = 25 * disk * texture + 0.3, 80
    elif scene == "cloud":
        picture, stars = 8 * texture**2 + 0.5, 70
    else:
        picture, stars = 1.5 * texture + 0.5, 900
    _add_stars(picture, stars, 0.25 if scene == "cluster" else 1.0, random)
    return np.asarray(picture + noise, dtype=float)


def _texture(columns: int, rows: int, random: np.random.Generator) -> Array:
    """Fluctuations on all scales about 1, as clouds have them."""
    fx, fy = np.meshgrid(np.fft.fftfreq(columns), np.fft.fftfreq(rows))
    frequency = np.maximum(np.hypot(fx, fy), 1 / max(columns, rows))
    waves = np.fft.fft2(random.normal(size=(rows, columns))) * frequency**-1.7
    field = np.real(np.fft.ifft2(waves))
    return np.asarray(np.exp(0.6 * (field - field.mean()) / field.std()), dtype=float)


def _add_stars(picture: Array, count: int, spread: float, random: np.random.Generator) -> None:
    rows, columns = picture.shape
    size = 6
    v, u = np.mgrid[-size : size + 1, -size : size + 1]
    for _ in range(count):
        if spread < 1 and random.random() < 0.6:
            column, row = (
                columns * (0.5 + spread / 2 * random.normal()),
                rows * (0.5 + spread / 2 * random.normal()),
            )
        else:
            column, row = random.uniform(0, columns), random.uniform(0, rows)
        brightness = 3 * random.pareto(1.3)
        if not (size < column < columns - size - 1 and size < row < rows - size - 1):
            continue
        i, j = int(row), int(column)
        core = np.exp(-((u - column + j) ** 2 + (v - row + i) ** 2) / (2 * 1.1**2))
        picture[i - size : i + size + 1, j - size : j + size + 1] += min(brightness, 200.0) * core


def _spectrum(subject: Spectrum, known: Circumstances, random: np.random.Generator) -> fits.BinTableHDU:
    """A table like the pipeline's x1d: wavelength in µm, flux in Jy."""
    count = max(64, round(2 * known.resolving_power * float(np.log(known.upper / known.lower))))
    wavelength = np.geomspace(known.lower, known.upper, count)
    flux = subject.continuum * (wavelength / wavelength.mean()) ** subject.slope
    flux[wavelength < 0.1216 * (1 + subject.redshift)] = 0.0
    for rest, strength in subject.lines:
        center = rest * (1 + subject.redshift)
        width = center / known.resolving_power / 2.355
        flux = flux + strength * subject.continuum * np.exp(-(((wavelength - center) / width) ** 2) / 2)
    error = np.full(count, 0.04 * subject.continuum)
    flux = flux + random.normal(0, 1, count) * error
    columns = [
        fits.Column("WAVELENGTH", "D", unit="um", array=wavelength),
        fits.Column("FLUX", "D", unit="Jy", array=flux),
        fits.Column("FLUX_ERROR", "D", unit="Jy", array=error),
        fits.Column("DQ", "J", array=np.zeros(count, dtype=np.int32)),
    ]
    hdu = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
    hdu.header["SIMULATE"] = (True, "values are simulated, not observed")
    return hdu
