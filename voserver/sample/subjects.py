"""What the demonstration's simulated files show, and of which products: apart from the making, which needs astropy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Scene = Literal["nebula", "cluster", "galaxy", "cloud"]


@dataclass(frozen=True, slots=True)
class Image:
    """An image to simulate: of which product, and what it shows."""

    product: str
    scene: Scene

    @property
    def file_name(self) -> str:
        """The simulated file's name."""
        return f"simulated_{self.product}"


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A spectrum to simulate: of which product; rest lines (µm) and strengths, continuum (Jy), redshift."""

    product: str
    lines: tuple[tuple[float, float], ...]
    continuum: float
    slope: float
    redshift: float = 0.0

    @property
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

SUBJECTS: tuple[Image | Spectrum, ...] = (
    Image("jw02733-o001_t001_nircam_f405n-f444w_i2d.fits", "nebula"),
    Image("jw02733-o002_t001_miri_f770w_i2d.fits", "nebula"),
    Image("jw02045003001_02101_00001_nrcblong_cal.fits", "cluster"),
    Image("jw05145019001_02101_00001_nrcalong_cal.fits", "galaxy"),
    Image("jw06151002001_02103_00001_mirimage_cal.fits", "cloud"),
    Spectrum("jw04426-o001_t001_nirspec_g140m-f100lp_x1d.fits", _HYDROGEN_AND_OXYGEN, 1.5e-7, -0.3, 10.6),
    Spectrum(
        "jw05224-o004_s000277193_nirspec_clear-prism_x1d.fits", _HYDROGEN_AND_OXYGEN, 1.0e-7, -0.3, 14.4
    ),
    Spectrum(
        "jw08387-o001_t001_miri_ch3-short_s3d.fits", ((12.279, 0.6), (12.372, 1.5), (12.814, 12.0)), 0.4, 1.6
    ),
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
