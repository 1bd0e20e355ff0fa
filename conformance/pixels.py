"""Looking at pictures: which colours are where, and keeping them small."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from conformance.ledger import FaultError

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


def read(picture: Path, box: Box | None = None) -> NDArray[np.int16]:
    """The colours of a picture or of a part of it (left, top, right, bottom): height x width x 3."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
        return np.asarray(image.crop(box) if box else image, dtype=np.int16)


def like(colours: NDArray[np.int16], colour: Colour, tolerance: int = 60) -> NDArray[np.bool_]:
    """Which pixels have about that colour."""
    away = np.abs(colours - np.array(colour, dtype=np.int16)).max(axis=-1)
    return np.asarray(away <= tolerance)


def share(picture: Path, colour: Colour, box: Box | None = None) -> float:
    """How much of a picture has about that colour, of 1."""
    return float(like(read(picture, box), colour).mean())


def is_near(picture: Path, place: tuple[float, float], colour: Colour) -> bool:
    """Whether a place (fractions of width and height) has about that colour."""
    colours = read(picture)
    row, column = int(place[1] * (len(colours) - 1)), int(place[0] * (colours.shape[1] - 1))
    return bool(like(colours[row, column], colour))


def box(marked: NDArray[np.bool_], within: Box | None = None, margin: int = 0) -> Box:
    """Left, top, right, bottom of what is marked, looking only within a box and a margin around it."""
    left, top = 0, 0
    if within:
        left, top = max(within[0] - margin, 0), max(within[1] - margin, 0)
        marked = marked[top : within[3] + margin, left : within[2] + margin]
    rows, columns = np.nonzero(marked)
    if not len(rows):
        raise FaultError("nothing of the wanted colour is drawn")
    return int(columns.min()) + left, int(rows.min()) + top, int(columns.max()) + left, int(rows.max()) + top


def shades(picture: Path, box: Box | None = None) -> int:
    """How many different brightnesses there are: an image of the sky has many, a form few."""
    return len(np.unique(read(picture, box).sum(axis=-1)))


def area(corners: Sequence[float]) -> float:
    """Square degrees of a small polygon on the sky, of its corners ra, dec, … in degrees."""
    declination = np.array(corners[1::2])
    right_ascension = np.array(corners[::2]) * math.cos(math.radians(float(declination.mean())))
    crossed = right_ascension * np.roll(declination, -1) - np.roll(right_ascension, -1) * declination
    return abs(float(crossed.sum())) / 2


def cut(picture: Path, part: Box) -> None:
    """Keep a part of a picture."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB").crop(part)
    image.save(picture)


def keep_small(picture: Path, widest: int = 900) -> None:
    """Write a picture anew, not wider than that, with 64 colours: what a report needs."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    if image.width > widest:
        image = image.resize((widest, round(image.height * widest / image.width)), Image.Resampling.LANCZOS)
    image.quantize(64, dither=Image.Dither.NONE).save(picture, optimize=True)
