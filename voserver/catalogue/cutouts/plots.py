"""A plot of spectra, drawn with Pillow: curves in a frame whose axes are labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from voserver.catalogue.cutouts.areas import Array

_FINE = 2  # drawn so many times larger, for smooth lines
_PAPER, _INK, _GRID = (255, 255, 255), (40, 44, 52), (226, 229, 234)
_COLORS = ((31, 99, 178), (196, 78, 52), (46, 139, 87), (128, 82, 160))
_MOST_CURVES = 64
_OUTLIER = 100


@dataclass(frozen=True)
class Line:
    """A spectrum: wavelengths (µm), fluxes, and the unit of these."""

    wavelength: Array
    flux: Array
    unit: str


@dataclass(frozen=True)
class _Scale:
    """From values to places, in pixels."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: Array | float) -> Array:
        return np.asarray(
            self.start + (np.asarray(value) - self.low) / (self.high - self.low) * (self.end - self.start)
        )


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


def plot(lines: Sequence[Line], *, title: str, width: int) -> Image.Image:
    """The spectra in one frame, `width` pixels wide and three fifths as high."""
    width = max(240, width) * _FINE
    height = width * 3 // 5
    size = width / 48
    words = font(size)
    picture = Image.new("RGB", (width, height), _PAPER)
    drawing = ImageDraw.Draw(picture)
    left, right, top, bottom = size * 5.5, width - size * 1.5, size * 2.6, height - size * 4
    x = _Scale(*_limits([line.wavelength for line in lines], 0.0, 100.0), left, right)
    y = _Scale(*_limits([line.flux for line in lines], 0.2, 100.0), bottom, top)
    power = _power(y)
    for value in _ticks(x.low, x.high):
        place = float(x.place(value))
        drawing.line([(place, top), (place, bottom)], fill=_GRID, width=_FINE)
        drawing.text((place, bottom + size * 0.5), f"{value:g}", fill=_INK, font=words, anchor="ma")
    for value in _ticks(y.low, y.high):
        place = float(y.place(value))
        drawing.line([(left, place), (right, place)], fill=_GRID, width=_FINE)
        text = f"{value / 10.0**power:.6g}"
        drawing.text((left - size * 0.5, place), text, fill=_INK, font=words, anchor="rm")
    for number, line in enumerate(lines[:_MOST_CURVES]):
        _curve(drawing, line, x, y, _COLORS[number % len(_COLORS)])
    drawing.rectangle([left, top, right, bottom], outline=_INK, width=_FINE)
    unit = lines[0].unit or "no unit"
    factor = f"1e{power} " if power else ""
    drawing.text(
        ((left + right) / 2, height - size * 1.9), "wavelength (microns)", fill=_INK, font=words, anchor="ma"
    )
    drawing.text((left, top - size * 0.5), f"flux ({factor}{unit})", fill=_INK, font=words, anchor="ls")
    drawing.text((right, top - size * 0.5), title[:80], fill=_INK, font=font(size * 0.75), anchor="rs")
    return picture.resize((width // _FINE, height // _FINE), Image.Resampling.LANCZOS)


def _limits(arrays: Sequence[Array], lower: float, upper: float) -> tuple[float, float]:
    """Between which values there is something to see: percentiles, with some room where they are not the ends."""
    values = np.concatenate(arrays)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, most, high = (float(value) for value in np.percentile(values, [lower, 99.5, upper]))
    if high > _OUTLIER * abs(most):  # a pixel that was hit by a cosmic ray
        high = most
    room = 0.06 * (high - low) if lower else 0.0
    if not high > low:
        room = abs(high) * 0.1 or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers in between, some six of them."""
    step = 10.0 ** floor(log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= 7)
    return [
        float(number * step) for number in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)
    ]


def _power(scale: _Scale) -> int:
    """The power of ten that fluxes are written in, where they are very small or large."""
    largest = max(abs(scale.low), abs(scale.high))
    power = floor(log10(largest)) if largest > 0 else 0
    return power if not -3 < power < 4 else 0


def _curve(
    drawing: ImageDraw.ImageDraw, line: Line, x: _Scale, y: _Scale, color: tuple[int, int, int]
) -> None:
    """One spectrum, broken where values are missing."""
    columns, heights = x.place(line.wavelength), np.clip(y.place(line.flux), y.end, y.start)
    is_there = np.isfinite(columns) & np.isfinite(heights)
    for part in np.split(np.arange(len(columns)), np.flatnonzero(~is_there)):
        kept = part[is_there[part]]
        points = list(zip(columns[kept].tolist(), heights[kept].tolist(), strict=True))
        if len(points) > 1:
            drawing.line(points, fill=color, width=_FINE + 1, joint="curve")
        elif points:
            drawing.point(points, fill=color)
