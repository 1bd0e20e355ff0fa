"""Pictures of what a filter selects: PNG or JPEG of an image or a cube, a plot of a spectrum."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from voserver.catalogue.cutouts import plots, rows
from voserver.catalogue.cutouts.areas import Array
from voserver.catalogue.cutouts.fits_cut import Selection, select
from voserver.catalogue.cutouts.pieces import Slab, write
from voserver.catalogue.cutouts.spectral import metres
from voserver.catalogue.cutouts.structure import Unit
from voserver.catalogue.cutouts.tables import read_rows, table_of
from voserver.catalogue.cutouts.unpacked import Opened
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.model.errors import QuotaExceeded, UsageError

Stretch = Literal["asinh", "log", "linear", "sqrt"]
STRETCHES: tuple[Stretch, ...] = ("asinh", "log", "linear", "sqrt")

COLORMAPS = {
    "gray": ("000000", "ffffff"),
    "viridis": ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"),
    "inferno": ("000004", "1f0c48", "550f6d", "88226a", "ba3655", "e35933", "f98e09", "f9c932", "fcffa4"),
}
"""Colours from the least to the greatest value, in even steps."""

_NOTHING = (24, 26, 32)
"""The colour of pixels that have no value."""

_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_SHADES = 256
_LONGEST = 1 << 20  # bytes of an array of one axis that is drawn: it is one read
_WIDEST = 200_000
_VALUES = 1 << 18  # that are added up at once
_ROWS = 64  # that are coloured at once
_WORTH_IT = 1 << 20  # pixels of a picture that is packed as well as can be
_QUICK = 3  # how well larger ones are packed: to pack noise harder takes three times as long, for nothing
_TELLING = 1 << 22  # values of which percentiles are taken
_STEEP = {"asinh": 10.0, "log": 1000.0}


@dataclass(frozen=True)
class Look:
    """How a picture is drawn.

    Attributes:
        form: `PNG` or `JPEG`.
        stretch: how brightness goes with the value.
        percentiles: of the values that are darkest and brightest.
        size: the longer side in pixels, at most.
        least: where what is shown has fewer, its pixels become squares, so that the longer side has as many.
        colors: one of `COLORMAPS`.
    """

    form: Literal["PNG", "JPEG"] = "PNG"
    stretch: Stretch = "asinh"
    percentiles: tuple[float, float] = (1.0, 99.7)
    size: int = 1024
    least: int = 0
    colors: str = "gray"

    @property
    def media_type(self) -> str:
        """The media type of the picture."""
        return f"image/{self.form.lower()}"


def draw(
    opened: Opened, name: str, wanted: Wanted, extent: Extent, look: Look, *, most_bytes: int
) -> bytes | None:
    """The picture of what a filter selects of a file called `name`; None where that is nothing.

    Raises:
        UsageError: the file is broken, or shows nothing that can be drawn.
        QuotaExceeded: more than `most_bytes` would have to be read.
    """
    units = opened.units(name)
    selection = select(opened.source, units, wanted, extent)
    if selection is None:
        return None
    is_simulated = any(unit.cards.values.get("SIMULATE") is True for unit in units[:2])
    unit = _shown(selection)
    if unit is not None:
        picture = _colored(_averaged(opened, selection, unit, look.size, most_bytes), look)
        picture = _enlarged(picture, look.least)
        if is_simulated:
            _caption(picture)
        return _encoded(picture, look)
    lines = list(_spectra(opened, selection, wanted)) or list(_lines(opened, selection))
    if not lines:
        raise UsageError("The file holds neither an image nor a spectrum: nothing can be drawn of it.")
    title = f"{name}{' (simulated)' if is_simulated else ''}"
    return _encoded(plots.plot(lines, title=title, width=look.size), look)


def _shown(selection: Selection) -> Unit | None:
    """The array that is drawn: the science array, or else the first with two axes."""
    arrays = [
        unit
        for unit in selection.units
        if unit.number in selection.worlds and unit.number not in selection.dropped and len(unit.shape) >= 2
    ]
    named = [unit for unit in arrays if unit.name == "SCI"]
    placed = [unit for unit in arrays if selection.worlds[unit.number].sky is not None]
    return next(iter([*(unit for unit in named if unit in placed), *named, *placed, *arrays]), None)


def _averaged(opened: Opened, selection: Selection, unit: Unit, size: int, most_bytes: int) -> Array:
    """The array's first two axes, further ones averaged, in blocks so large that it fits; NaN where nothing is."""
    slab = Slab(unit, selection.boxes.get(unit.number, {}))
    if slab.size > most_bytes:
        raise QuotaExceeded(
            f"{slab.size / 1e6:,.0f} MB would be read for the picture; the most is {most_bytes / 1e6:,.0f} MB.",
            hint="Ask for a smaller part: CIRCLE, POLYGON, BAND.",
        )
    width, height, *deeper = (last - first + 1 for first, last in slab.limits())
    if width > _WIDEST:  # whole rows are in memory
        raise UsageError(f"{unit} has rows of {width:,} pixels; {_WIDEST:,} is the most that is drawn.")
    step = max(1, -(-max(width, height) // size))
    columns, lines = -(-width // step), -(-height // step)
    total, count = np.zeros((lines, columns)), np.zeros((lines, columns), np.uint32)
    starts = np.arange(0, width, step)
    done = 0
    for block in _rows(opened, slab, width):
        is_there = np.isfinite(block)
        target = (np.arange(done, done + len(block)) % height) // step
        firsts = np.flatnonzero(np.diff(target, prepend=-1))  # rows that begin another line
        for sums, values in ((total, np.where(is_there, block, 0.0)), (count, is_there.astype(np.uint32))):
            across = np.add.reduceat(values, starts, axis=1) if step > 1 else values
            np.add.at(sums, target[firsts], np.add.reduceat(across, firsts, axis=0))
        done += len(block)
    assert done == height * prod(deeper)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(total, count, out=total)


def _rows(opened: Opened, slab: Slab, width: int) -> Iterator[Array]:
    """The values of whole rows, as they are read."""
    cards = slab.unit.cards
    kind = np.dtype(_DTYPES[int(cards.values["BITPIX"])])
    scale, zero, blank = cards.number("BSCALE", 1.0), cards.number("BZERO", 0.0), cards.values.get("BLANK")
    left = b""
    for piece in write([slab], opened.source, is_near=opened.is_near):
        left += piece
        whole = len(left) // (width * kind.itemsize) * width * kind.itemsize
        if whole:
            raw = np.frombuffer(left[:whole], kind).reshape(-1, width)
            at_once = max(1, _VALUES // width)
            for first in range(0, len(raw), at_once):
                some = raw[first : first + at_once]
                values = some.astype(float) * scale + zero
                has_blank = kind.kind in "iu" and blank is not None
                yield np.where(some == blank, np.nan, values) if has_blank else values
            left = left[whole:]


def _colored(values: Array, look: Look) -> Image.Image:
    """The values as colours, the last row above, as FITS has it; some rows after the others, which takes less memory."""
    low, high = _limits(values, look.percentiles)
    with np.errstate(over="ignore"):
        width = high - low if 0 < high - low < np.inf else 1.0
    palette = _palette(look.colors)
    pixels = np.empty((*values.shape, 3), np.uint8)
    for end in range(len(values), 0, -_ROWS):
        rows_of = values[max(0, end - _ROWS) : end][::-1]
        is_there = np.isfinite(rows_of)
        with np.errstate(over="ignore", invalid="ignore"):
            part = (np.where(is_there, rows_of, low) - low) / width
        part = _stretched(np.clip(part, 0, 1, out=part), look.stretch)
        start = len(values) - end
        band = pixels[start : start + len(part)]
        band[:] = palette[np.rint(part * (_SHADES - 1)).astype(np.uint8)]
        band[~is_there] = _NOTHING
    del values  # the picture is another copy
    return Image.fromarray(pixels, "RGB")


def _limits(values: Array, percentiles: tuple[float, float]) -> tuple[float, float]:
    """The values that are darkest and brightest; of a large array some millions of them tell."""
    flat = values.ravel()
    some = flat[:: 1 + flat.size // _TELLING | 1]  # an odd step goes through all columns
    for told in (some, flat):
        known = told[np.isfinite(told)]
        if known.size:
            with np.errstate(over="ignore", invalid="ignore"):
                low, high = np.percentile(known, percentiles, overwrite_input=True)
            return float(low), float(high)
    return 0.0, 1.0


def _palette(name: str) -> NDArray[np.uint8]:
    """The colours of a map, shape (256, 3)."""
    stops = [[int(color[at : at + 2], 16) for at in (0, 2, 4)] for color in COLORMAPS[name]]
    places, shades = np.linspace(0, 1, len(stops)), np.linspace(0, 1, _SHADES)
    channels = [np.interp(shades, places, [stop[channel] for stop in stops]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _stretched(part: Array, stretch: Stretch) -> Array:
    match stretch:
        case "asinh":
            return np.asarray(np.arcsinh(part * _STEEP["asinh"]) / np.arcsinh(_STEEP["asinh"]))
        case "log":
            return np.asarray(np.log1p(part * _STEEP["log"]) / np.log1p(_STEEP["log"]))
        case "sqrt":
            return np.asarray(np.sqrt(part))
        case "linear":
            return part


def _enlarged(picture: Image.Image, least: int) -> Image.Image:
    factor = -(-least // max(picture.size))
    if factor <= 1:
        return picture
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)


def _caption(picture: Image.Image) -> None:
    """Say in the picture that it is no observation."""
    size = max(9, picture.width // 32)
    font, drawing = plots.font(size), ImageDraw.Draw(picture)
    place = (size * 0.5, picture.height - size * 1.6)
    drawing.text(place, "simulated", fill=(235, 235, 235), font=font, stroke_width=1, stroke_fill=(0, 0, 0))


def _spectra(opened: Opened, selection: Selection, wanted: Wanted) -> Iterator[plots.Line]:
    """The spectra in tables, in their band: micrometres and fluxes."""
    for unit in selection.units:
        column = rows.spectrum_of(unit)
        if column is None or unit.number in selection.dropped:
            continue
        table = table_of(unit)
        flux = table.column("FLUX") or table.column("SURF_BRIGHT")
        if flux is None or flux.count != column.count:
            continue
        content = read_rows(table, opened.source)
        wavelength = table.values(column, content).ravel() * metres(column.unit or "um")
        low, high = wanted.band or (-np.inf, np.inf)
        with np.errstate(invalid="ignore"):
            inside = (wavelength >= low) & (wavelength <= high)
        values = table.values(flux, content).ravel()[inside]
        yield plots.Line(wavelength[inside] * 1e6, values, flux.unit)


def _lines(opened: Opened, selection: Selection) -> Iterator[plots.Line]:
    """The first spectrum that is an array of one axis, as far as it is selected."""
    for unit in selection.units:
        world = selection.worlds.get(unit.number)
        if world is None or world.wavelengths is None or len(unit.shape) != 1 or unit.length > _LONGEST:
            continue
        if unit.number not in selection.dropped:
            slab = Slab(unit, selection.boxes.get(unit.number, {}))
            ((first, last),) = slab.limits()
            (flux,) = (block.ravel() for block in _rows(opened, slab, last - first + 1))
            pixels = np.arange(first, last + 1, dtype=float)
            yield plots.Line(world.wavelengths(pixels) * 1e6, flux, unit.cards.text("BUNIT"))
            return


def _encoded(picture: Image.Image, look: Look) -> bytes:
    stream = io.BytesIO()
    if look.form == "PNG":
        is_small = picture.width * picture.height <= _WORTH_IT
        picture.save(stream, "PNG", optimize=is_small, compress_level=_QUICK)
    else:
        picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def thumbnail(content: bytes, size: int = 160) -> bytes:
    """A small JPEG of a picture."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((size, size))
    return _encoded(picture, Look("JPEG"))
