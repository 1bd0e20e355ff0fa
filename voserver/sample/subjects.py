"""What the demonstration's simulated files show, and of which products: apart from the making, which needs astropy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from typing_extensions import override

Scene = Literal["nebula", "cluster", "galaxy", "cloud"]


class Named:
    """A file to simulate."""

    product: str

    @property
    def file_name(self) -> str:
        """The simulated file's name."""
        return f"simulated_{self.product}"

    @property
    def preview_name(self) -> str:
        """The name of the picture of it."""
        return f"{self.file_name.removesuffix('.fits')}.png"

    @property
    def thumbnail_name(self) -> str:
        """The name of the small picture of it."""
        return f"{self.file_name.removesuffix('.fits')}_thumb.jpg"

    @property
    def file_names(self) -> tuple[str, str, str]:
        """All of its files."""
        return self.file_name, self.preview_name, self.thumbnail_name


@dataclass(frozen=True)
class Image(Named):
    """An image to simulate: of which product, and what it shows."""

    product: str
    scene: Scene


@dataclass(frozen=True)
class Cube(Named):
    """A cube to simulate: a ring about a star; lines (µm) and strengths of the ring, continuum of the star."""

    product: str
    lines: tuple[tuple[float, float], ...]
    continuum: float


@dataclass(frozen=True)
class Spectrum(Named):
    """A spectrum to simulate: of which product; rest lines (µm) and strengths, continuum (Jy), redshift."""

    product: str
    lines: tuple[tuple[float, float], ...]
    continuum: float
    slope: float
    redshift: float = 0.0

    @property
    @override
    def file_name(self) -> str:
        """The simulated file's name; a cube's spectrum is the one that would be extracted from it."""
        return f"simulated_{self.product.replace('_s3d.', '_x1d.')}"


_HYDROGEN_AND_OXYGEN = (
    (0.1216, 30.0),
    (0.1549, 4.0),
    (0.1640, 2.0),
    (0.1750, 3.0),
    (0.1909, 3.5),
    (0.3727, 2.5),
)

Subject = Image | Cube | Spectrum

_IC_418 = "jw08387-o001_t001_miri_ch3-short_s3d.fits"
_NEBULAR = ((12.279, 0.6), (12.372, 1.5), (12.814, 12.0))

SUBJECTS: tuple[Subject, ...] = (
    Image("jw02733-o001_t001_nircam_f405n-f444w_i2d.fits", "nebula"),
    Image("jw02733-o002_t001_miri_f770w_i2d.fits", "nebula"),
    Image("jw02045003001_02101_00001_nrcblong_cal.fits", "cluster"),
    Image("jw05145019001_02101_00001_nrcalong_cal.fits", "galaxy"),
    Image("jw06151002001_02103_00001_mirimage_cal.fits", "cloud"),
    Spectrum("jw04426-o001_t001_nirspec_g140m-f100lp_x1d.fits", _HYDROGEN_AND_OXYGEN, 1.5e-7, -0.3, 10.6),
    Spectrum(
        "jw05224-o004_s000277193_nirspec_clear-prism_x1d.fits", _HYDROGEN_AND_OXYGEN, 1.0e-7, -0.3, 14.4
    ),
    Spectrum(_IC_418, _NEBULAR, 0.4, 1.6),
    Cube(_IC_418, _NEBULAR, 400.0),
)
"""Lines: Lyman alpha, C IV, He II, N III], C III], [O II]; H2 S(2), Humphreys alpha, [Ne II]."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the real product; wavelengths in µm."""

    corners: Sequence[tuple[float, float]]
    lower: float
    upper: float
    resolving_power: float
    keywords: Mapping[str, str | float | int | None]
