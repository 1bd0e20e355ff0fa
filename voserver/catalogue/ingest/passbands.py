"""Which wavelengths JWST's filters, gratings and channels let through, and how finely they disperse.

Numbers are those of the JWST User Documentation (jwst-docs.stsci.edu), in micrometres: "NIRCam Filters"
(at half power) and "NIRCam Grisms"; "NIRISS Filters" (at half power), "NIRISS GR150 Grisms" and "NIRISS
GR700XD Grism"; "NIRSpec Dispersers and Filters"; "MIRI Filters and Dispersers" (centre and half the width
to either side, as in MAST's catalogue), "MIRI Medium Resolution Spectroscopy" (flight values) and "MIRI
Low Resolution Spectroscopy"; "FGS Overview".
"""

from dataclasses import dataclass
from functools import lru_cache

_NIRCAM = {
    "F070W": (0.624, 0.781),
    "F090W": (0.795, 1.005),
    "F115W": (1.013, 1.282),
    "F140M": (1.331, 1.479),
    "F150W": (1.331, 1.668),
    "F150W2": (1.007, 2.380),
    "F162M": (1.542, 1.713),
    "F164N": (1.635, 1.653),
    "F182M": (1.722, 1.968),
    "F187N": (1.863, 1.884),
    "F200W": (1.755, 2.227),
    "F210M": (1.992, 2.201),
    "F212N": (2.109, 2.134),
    "F250M": (2.412, 2.595),
    "F277W": (2.423, 3.132),
    "F300M": (2.831, 3.157),
    "F322W2": (2.432, 4.013),
    "F323N": (3.217, 3.255),
    "F335M": (3.177, 3.537),
    "F356W": (3.135, 3.981),
    "F360M": (3.426, 3.814),
    "F405N": (4.028, 4.074),
    "F410M": (3.866, 4.302),
    "F430M": (4.167, 4.398),
    "F444W": (3.881, 4.982),
    "F460M": (4.515, 4.747),
    "F466N": (4.629, 4.681),
    "F470N": (4.683, 4.733),
    "F480M": (4.662, 4.973),
}

_NIRISS = {
    "F090W": (0.796, 1.005),
    "F115W": (1.013, 1.283),
    "F140M": (1.332, 1.480),
    "F150W": (1.330, 1.671),
    "F158M": (1.488, 1.688),
    "F200W": (1.751, 2.226),
    "F277W": (2.413, 3.143),
    "F356W": (3.140, 4.068),
    "F380M": (3.726, 3.931),
    "F430M": (4.182, 4.395),
    "F444W": (3.880, 5.023),
    "F480M": (4.668, 4.971),
}

_MIRI = {
    "F560W": (5.0, 6.2),
    "F770W": (6.6, 8.8),
    "F1000W": (9.0, 11.0),
    "F1130W": (10.95, 11.65),
    "F1280W": (11.6, 14.0),
    "F1500W": (13.5, 16.5),
    "F1800W": (16.5, 19.5),
    "F2100W": (18.5, 23.5),
    "F2550W": (23.5, 27.5),
    "F2550WR": (23.5, 27.5),
    "F1065C": (10.2, 10.95),
    "F1140C": (10.9, 11.7),
    "F1550C": (15.05, 15.95),
    "F2300C": (20.0, 25.5),
}

# Wavelengths and the range of resolving power, by channel and band.
_MRS = {
    ("1", "SHORT"): (4.90, 5.74, 3320, 3710),
    ("1", "MEDIUM"): (5.66, 6.63, 3190, 3750),
    ("1", "LONG"): (6.53, 7.65, 3100, 3610),
    ("2", "SHORT"): (7.51, 8.77, 2990, 3110),
    ("2", "MEDIUM"): (8.67, 10.13, 2750, 3170),
    ("2", "LONG"): (10.01, 11.70, 2860, 3300),
    ("3", "SHORT"): (11.55, 13.47, 2530, 2880),
    ("3", "MEDIUM"): (13.34, 15.57, 1790, 2640),
    ("3", "LONG"): (15.41, 17.98, 1980, 2790),
    ("4", "SHORT"): (17.70, 20.95, 1460, 1930),
    ("4", "MEDIUM"): (20.69, 24.48, 1680, 1770),
    ("4", "LONG"): (24.40, 27.90, 1330, 1630),
}

_NIRSPEC = {
    ("PRISM", "CLEAR"): (0.60, 5.30, 30, 330),
    ("G140M", "F070LP"): (0.70, 1.27, 500, 890),
    ("G140M", "F100LP"): (0.97, 1.84, 690, 1340),
    ("G235M", "F170LP"): (1.66, 3.07, 720, 1340),
    ("G395M", "F290LP"): (2.87, 5.10, 730, 1315),
    ("G140H", "F070LP"): (0.81, 1.27, 1320, 2395),
    ("G140H", "F100LP"): (0.97, 1.82, 1850, 3675),
    ("G235H", "F170LP"): (1.66, 3.05, 1910, 3690),
    ("G395H", "F290LP"): (2.87, 5.14, 1930, 3615),
}

_NIRSPEC_IMAGING = {"F110W": (1.0, 1.3), "F140X": (0.8, 2.0), "CLEAR": (0.6, 5.3)}

_LRS = {"SLIT": (5.0, 14.0, 40, 160), "SLITLESS": (5.0, 12.0, 40, 160), "WFSS": (5.0, 14.0, 40, 160)}
_SOSS = (0.6, 2.8, 400, 1400)
_GUIDER = (0.6, 5.0)

_PIXEL_SCALES = {"NIRISS": 0.065, "MIRI": 0.11, "NIRSPEC": 0.10, "FGS": 0.069}
_MRS_CUBE_SCALES = {"1": 0.13, "2": 0.17, "3": 0.20, "4": 0.35}

_MICROMETRE = 1e-6


@dataclass(frozen=True, slots=True)
class Passband:
    """The light that reaches a detector; wavelengths in metres."""

    name: str | None = None
    lower: float | None = None
    upper: float | None = None
    power_range: tuple[float, float] | None = None

    @property
    def resolving_power(self) -> float | None:
        """λ/Δλ in the middle of its range; a filter's own is its centre over its width."""
        if self.power_range is not None:
            return sum(self.power_range) / 2
        if self.lower is None or self.upper is None:
            return None
        return round((self.lower + self.upper) / 2 / (self.upper - self.lower), 3)


@dataclass(frozen=True, slots=True)
class Setup:
    """How an instrument was set; empty strings where it has no such part."""

    instrument: str
    mode: str
    optical_filter: str = ""
    pupil: str = ""
    grating: str = ""
    channel: str = ""
    band: str = ""


@lru_cache(maxsize=4096)
def passband(setup: Setup) -> Passband:
    """The passband of a set-up; empty where the documentation has no numbers for it (opaque, unknown)."""
    name = bandpass_name(setup)
    if setup.instrument == "FGS":
        return _band(name, _GUIDER)
    if setup.instrument == "NIRSPEC":
        found = _NIRSPEC.get((setup.grating, setup.optical_filter)) or _NIRSPEC_IMAGING.get(
            setup.optical_filter
        )
        return _band(name, found)
    if setup.instrument == "MIRI":
        return _band(name, _miri(setup))
    if setup.instrument == "NIRISS":
        return _band(name, _niriss(setup))
    return _band(name, _nircam(setup))


def bandpass_name(setup: Setup) -> str | None:
    """The elements joined as MAST does, by `;` in order of the alphabet: `CLEAR;PRISM`; or `CH1-LONG`."""
    if setup.mode == "IFU" and setup.instrument == "MIRI":
        return f"CH{setup.channel}-{setup.band}" if setup.channel and setup.band else setup.band or None
    parts = {part for part in (setup.optical_filter, setup.pupil, setup.grating) if part}
    if setup.instrument != "NIRSPEC" and len(parts) > 1:
        parts -= {"CLEAR", "CLEARP"}
    return ";".join(sorted(parts)) or None


def pixel_scale(setup: Setup, level: str) -> float | None:
    """Arcseconds a pixel; of a cube's spaxels for the medium-resolution spectrometer's level-3 products."""
    if setup.instrument == "NIRCAM":
        band = passband(setup)
        return None if band.lower is None else 0.031 if band.lower < 2.35 * _MICROMETRE else 0.063
    if setup.instrument == "MIRI" and setup.mode == "IFU":
        return _MRS_CUBE_SCALES.get(setup.channel) if level == "3" else None
    return _PIXEL_SCALES.get(setup.instrument)


def _band(name: str | None, numbers: tuple[float, ...] | None) -> Passband:
    if numbers is None:
        return Passband(name)
    lower, upper = (round(number * _MICROMETRE, 12) for number in numbers[:2])
    if len(numbers) == 4:
        return Passband(name, lower, upper, (float(numbers[2]), float(numbers[3])))
    return Passband(name, lower, upper)


def _miri(setup: Setup) -> tuple[float, ...] | None:
    if setup.mode == "IFU":
        return _MRS.get((setup.channel, setup.band)) or _mrs_detector(setup)
    if setup.optical_filter == "P750L":
        return _LRS.get(setup.mode)
    return _MIRI.get(setup.optical_filter)


def _mrs_detector(setup: Setup) -> tuple[float, ...] | None:
    """An exposure of one detector has two channels (`12` or `34`) in one band."""
    found = [_MRS[key] for key in ((channel, setup.band) for channel in setup.channel) if key in _MRS]
    if not found:
        return None
    lower, upper, coarse, fine = zip(*found, strict=True)
    return min(lower), max(upper), min(coarse), max(fine)


def _niriss(setup: Setup) -> tuple[float, ...] | None:
    if setup.mode == "SOSS":
        return _SOSS
    found = _NIRISS.get(setup.optical_filter) or _NIRISS.get(setup.pupil)
    return (*found, 150, 150) if found and setup.mode == "WFSS" else found


def _nircam(setup: Setup) -> tuple[float, ...] | None:
    # A narrow filter sits in the pupil wheel behind a wide one, which only blocks its leaks.
    found = _NIRCAM.get(setup.pupil) or _NIRCAM.get(setup.optical_filter)
    if found and setup.mode == "GRISM":
        return (*found, *(round(1130 + (edge - 2.4) * 550 / 2.6) for edge in found))
    return found
