"""What the names of JWST mean: files, observations, modes, programs, places in the cloud.

Knows nothing of tables or databases. File names follow the naming conventions of JWST's science data
products; modes and product types are those of MAST's catalogue.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

from voserver.model.errors import UsageError
from voserver.model.media_types import media_type_of

COLLECTION = "JWST"

Kind = Literal["exposure", "level3", "guide-star", "association", "pool", "msa"]
ProductType = Literal["science", "auxiliary", "info", "preview", "thumbnail"]
"""CAOM's words for what a file is to its plane."""

_DETECTOR = (
    r"(?P<detector>nrc[ab](?:[1-5]|long)|nrcall|nrs[12]|nis|mirimage|mirifu(?:long|short)|guider[12]"
    # Planned exposures name the instrument only.
    r"|nirspec|nircam|niriss|miri)"
)
_VISIT = r"jw(?P<program>\d{5})(?P<observation>\d{3})(?P<visit>\d{3})"
_CANDIDATE = r"(?P<candidate>o\d{3}|[ca]\d{4})"
_SEGMENT = r"(?:-seg(?P<segment>\d{3}))?"
_SUFFIX = r"(?:_(?P<suffix>[a-z][a-z0-9-]*))?(?P<thumb>_thumb)?(?:\.(?P<extension>[a-z0-9.]+))?"
_ACTIVITY = r"(?P<group>\d\d|xx)(?P<sequence>\d)(?P<activity>[0-9a-z]{2})_(?P<exposure>\d{5})"
_OBJECT = r"(?:(?P<target>t\d{3})|(?P<source>[sbv]\d{5,9}))(?:-epoch\d+)?"
_INSTRUMENT = r"(?P<instrument>nircam|nirspec|niriss|miri|fgs)(?:_(?P<elements>[a-z0-9-]+))?"

_EXPOSURE = rf"(?P<base>{_VISIT}_{_ACTIVITY}{_SEGMENT}_{_DETECTOR})(?:_{_CANDIDATE})?{_SUFFIX}"
_GUIDE_STAR = (
    rf"(?P<base>{_VISIT}_(?P<guide>gs-(?:id|acq1|acq2|track|fg))(?:_\d{{1,2}})?_\d{{13}}{_SEGMENT}){_SUFFIX}"
)
_MSA = rf"(?P<base>{_VISIT}_\d\d)_(?P<suffix>msa)(?:\.(?P<extension>fits))?"
_ASSOCIATION = (
    rf"(?P<base>jw(?P<program>\d{{5}})-{_CANDIDATE}_\d{{8}}t\d{{6}}_(?P<rule>[a-z0-9-]+)_\d{{3,5}})"
    r"_(?P<suffix>asn)(?:\.(?P<extension>json))?"
)
_POOL = r"(?P<base>jw(?P<program>\d{5})(?:_\d{3})?_\d{8}[tT]\d{6})_(?P<suffix>pool)(?:\.(?P<extension>csv))?"
# An observation's own name ends with its optical elements; a file's has a suffix and an extension too.
_LEVEL3 = (
    rf"(?P<base>jw(?P<program>\d{{5}})(?:-{_CANDIDATE})?_{_OBJECT}_{_INSTRUMENT})"
    r"(?:_(?P<suffix>[a-z][a-z0-9]*)(?P<thumb>_thumb)?\.(?P<extension>[a-z0-9.]+))?"
)

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("exposure", re.compile(_EXPOSURE, re.ASCII)),
    ("level3", re.compile(_LEVEL3, re.ASCII)),
    ("association", re.compile(_ASSOCIATION, re.ASCII)),
    ("guide-star", re.compile(_GUIDE_STAR, re.ASCII)),
    ("msa", re.compile(_MSA, re.ASCII)),
    ("pool", re.compile(_POOL, re.ASCII)),
)

_LEVELS = {
    "uncal": "1b",
    "stream": "1b",
    "msa": "1b",
    "crf": "2c",
    "crfints": "2c",
    "psfalign": "2c",
    "psfsub": "2c",
    **dict.fromkeys(("ramp", "fitopt", "rate", "rateints", "trapsfilled", "dark"), "2a"),
}
"""Processing levels of an exposure's files; what is not listed is 2b."""

_PREVIEW_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "gif"})

_IMAGE_SUFFIXES = frozenset({"rate", "cal", "i2d", "crf", "segm"})

_INSTRUMENTS = {
    "nrc": "NIRCAM",
    "nrs": "NIRSPEC",
    "nis": "NIRISS",
    "mir": "MIRI",
    "gui": "FGS",
    "nir": "NIRSPEC",
}


@dataclass(frozen=True, slots=True)
class ProductName:
    """A file's name, or an observation's, taken apart. What a name does not say is None (or empty)."""

    name: str
    kind: Kind
    observation_id: str
    """The name of the observation that the file belongs to: the file's name without suffix and extension."""
    program: int
    suffix: str = ""
    extension: str = ""
    observation: int | None = None
    visit: int | None = None
    group: int | None = None
    sequence: int | None = None
    activity: str | None = None
    exposure: int | None = None
    segment: int | None = None
    detector: str | None = None
    instrument: str | None = None
    candidate: str | None = None
    target: str | None = None
    source: str | None = None
    elements: str | None = None
    rule: str | None = None
    is_thumbnail: bool = False

    @property
    def level(self) -> str:
        """The processing level: `1b`, `2a`, `2b`, `2c` or `3`."""
        if self.kind == "level3":
            return "3"
        if self.kind == "association":
            return "3" if (self.rule or "").endswith("3") else "2b"
        return "3" if self.kind == "pool" else _LEVELS.get(self.suffix, "2b")

    @property
    def product_type(self) -> ProductType:
        """What the file is to its observation."""
        if self.is_thumbnail:
            return "thumbnail"
        if self.extension in _PREVIEW_EXTENSIONS:
            return "preview"
        if self.kind in {"association", "pool"}:
            return "info"
        return "auxiliary" if self.kind in {"guide-star", "msa"} else "science"

    @property
    def subgroup(self) -> str | None:
        """MAST's product sub-group: `CAL`, `S3D`, `GS-ACQ1`, `ASN`; none for previews."""
        if self.product_type in {"preview", "thumbnail"}:
            return None
        if self.kind == "guide-star":
            guide = re.search(r"gs-[a-z0-9]+", self.name)
            return guide.group().upper() if guide else None
        return self.suffix.upper() or None

    @property
    def content_type(self) -> str | None:
        """The MIME type; images of the sky in FITS are `image/fits`, other FITS `application/fits`."""
        if self.extension == "fits" and self.suffix in _IMAGE_SUFFIXES and self.product_type == "science":
            return "image/fits"
        return media_type_of(self.name) if self.extension else None

    @property
    def is_minimum_recommended(self) -> bool:
        """Whether MAST counts it among its minimum recommended products: level-3 files and their lists."""
        return self.level == "3" and self.product_type in {"science", "info"}


@lru_cache(maxsize=65_536)
def parse(name: str) -> ProductName:
    """Take apart the name of a file (or of an observation, which has no suffix).

    Raises:
        UsageError: not a name that JWST's conventions know.
    """
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            return _named(name, kind, {key: text for key, text in match.groupdict().items() if text})
    raise UsageError(
        f"“{name[:120]}” is not the name of a JWST product",
        hint="Names look like jw02045003001_02101_00001_nrcblong_cal.fits or "
        "jw01266-o008_t004_miri_ch1-long_s3d.fits.",
    )


def _named(name: str, kind: Kind, found: dict[str, str]) -> ProductName:
    def number(key: str) -> int | None:
        return int(found[key]) if key in found else None

    detector, candidate = found.get("detector"), found.get("candidate")
    instrument = found.get("instrument") or (detector and _instrument_of(detector))
    if kind == "guide-star":
        instrument = "FGS"
    observation = number("observation")
    if observation is None and candidate and candidate.startswith("o"):
        observation = int(candidate[1:])
    return ProductName(
        name=name,
        kind=kind,
        observation_id=found["base"],
        program=int(found["program"]),
        suffix=found.get("suffix", ""),
        extension=found.get("extension", "").lower(),
        observation=observation,
        visit=number("visit"),
        group=number("group") if found.get("group") != "xx" else None,
        sequence=number("sequence"),
        activity=found.get("activity"),
        exposure=number("exposure"),
        segment=number("segment"),
        detector=detector.upper() if detector else None,
        instrument=instrument.upper() if instrument else None,
        candidate=candidate,
        target=found.get("target"),
        source=found.get("source"),
        elements=found.get("elements"),
        rule=found.get("rule"),
        is_thumbnail="thumb" in found,
    )


def _instrument_of(detector: str) -> str:
    return detector if detector in {"nircam", "nirspec", "niriss"} else _INSTRUMENTS[detector[:3]]


_MODES = {
    "MIR_IMAGE": "IMAGE",
    "MIR_WFSS": "WFSS",
    "MIR_LYOT": "CORON",
    "MIR_4QPM": "CORON",
    "MIR_CORONCAL": "CORON",
    "MIR_MRS": "IFU",
    "MIR_FLATMRS": "IFU",
    "MIR_FLATMRS-EXT": "IFU",
    "MIR_LRS-FIXEDSLIT": "SLIT",
    "MIR_LRS-SLITLESS": "SLITLESS",
    "NRC_CORON": "CORON",
    "NRC_WFSS": "GRISM",
    "NRC_GRISM": "GRISM",
    "NRC_TSGRISM": "GRISM",
    "NIS_WFSS": "WFSS",
    "NIS_SOSS": "SOSS",
    "NIS_AMI": "AMI",
    "NRS_IFU": "IFU",
    "NRS_MSASPEC": "MSA",
    "NRS_AUTOFLAT": "MSA",
    "NRS_AUTOWAVE": "MSA",
    "NRS_FIXEDSLIT": "SLIT",
    "NRS_BRIGHTOBJ": "SLIT",
    **dict.fromkeys(
        (
            "MIR_TACQ",
            "MIR_TACONFIRM",
            "NRC_TACQ",
            "NRC_TACONFIRM",
            "NIS_TACQ",
            "NIS_TACONFIRM",
            "NRS_TACQ",
            "NRS_WATA",
            "NRS_MSATA",
            "NRS_TASLIT",
            "NRS_TACONFIRM",
            "NRS_BOTA",
            "NRS_CONFIRM",
        ),
        "TARGACQ",
    ),
}
"""MAST's mode of an exposure type; every other exposure type makes images."""

_TIME_SERIES = frozenset({"NRC_TSIMAGE", "NRC_TSGRISM", "NRS_BRIGHTOBJ", "NIS_SOSS", "MIR_LRS-SLITLESS"})

_CALIBRATION_TYPES = re.compile(r"(DARK|FLAT|LED|LAMP|AUTOWAVE|EXTCAL|CORONCAL|FOCUS)")

_PREFIXES = {"MIR": "MIRI", "NRC": "NIRCAM", "NIS": "NIRISS", "NRS": "NIRSPEC", "FGS": "FGS"}


@dataclass(frozen=True, slots=True)
class Mode:
    """How an exposure was made: MAST's instrument and mode."""

    instrument: str
    mode: str | None
    is_time_series: bool
    is_calibration: bool

    @property
    def name(self) -> str:
        """`MIRI/IMAGE`, as MAST's catalogue writes it; the instrument alone where there is no mode."""
        return f"{self.instrument}/{self.mode}" if self.mode else self.instrument

    def dataproduct_type(self, level: str) -> str:
        """ObsCore's type of what this mode gives at a processing level (ObsCore 1.1 §3.3.1).

        An integral-field unit's exposures are images of a detector, its level-3 products cubes.
        """
        if self.mode == "IFU":
            return "cube" if level == "3" else "image"
        if level == "3" and self.is_time_series:
            return "timeseries"
        return "image" if self.mode in _IMAGING or self.instrument == "FGS" else "spectrum"


_IMAGING = frozenset({"IMAGE", "CORON", "AMI", "TARGACQ"})

_TYPE_OF_SUFFIX = {
    "s3d": "cube",
    "i2d": "image",
    "segm": "image",
    "x1d": "spectrum",
    "c1d": "spectrum",
    "s2d": "spectrum",
    "x1dints": "timeseries",
    "whtlt": "timeseries",
    "phot": "timeseries",
    "cat": "measurements",
}


@lru_cache(maxsize=256)
def mode_of(exp_type: str, detector: str | None = None) -> Mode:
    """The mode of an exposure type (`MIR_MRS`); guiders have their detector's name for a mode.

    Raises:
        UsageError: no instrument's exposure type begins like this.
    """
    instrument = _PREFIXES.get(exp_type[:3])
    if instrument is None or exp_type[3:4] != "_":
        raise UsageError(
            f"“{exp_type[:40]}” is not an exposure type of JWST",
            hint="They look like MIR_IMAGE or NRS_MSASPEC.",
        )
    mode: str | None = _MODES.get(exp_type, "IMAGE")
    if instrument == "FGS":
        mode = {"GUIDER1": "FGS1", "GUIDER2": "FGS2"}.get(detector or "")
    calibration = _CALIBRATION_TYPES.search(exp_type) is not None
    return Mode(instrument, mode, exp_type in _TIME_SERIES, calibration)


def product_dataproduct_type(name: ProductName, mode: Mode) -> str:
    """ObsCore's type of one file: what its suffix says, else what its mode gives at its level."""
    return _TYPE_OF_SUFFIX.get(name.suffix) or mode.dataproduct_type(name.level)


def calibration_level(level: str) -> int:
    """CAOM's and ObsCore's calibration level of a processing level (`2b` is 2)."""
    return int(level[0])


def cloud_uri(name: ProductName) -> str | None:
    """Where a public file lies in STScI's bucket; None where the rule for its kind is not known.

    Files of exclusive access are not in the bucket before their release.
    """
    program = f"jw{name.program:05d}"
    root = f"s3://stpubdata/jwst/public/{program}"
    if name.kind == "exposure" and name.extension and name.observation is not None and name.visit is not None:
        return f"{root}/{program}{name.observation:03d}{name.visit:03d}/{name.name}"
    if name.kind == "level3" and name.extension and name.target and (name.candidate or "").startswith("o"):
        return f"{root}/L3/t/{name.candidate}/{name.name}"
    return None


def download_url(uri: str) -> str:
    """Where MAST serves a `mast:` URI.

    Raises:
        UsageError: the URI has another scheme.
    """
    if not uri.startswith("mast:"):
        raise UsageError(f"“{uri[:120]}” is not a MAST URI", hint="They look like mast:JWST/product/FILE.")
    return f"https://mast.stsci.edu/api/v0.1/Download/file?uri={quote(uri, safe='/')}"


def product_uri(file_name: str) -> str:
    """MAST's URI of a product file."""
    return f"mast:JWST/product/{file_name}"


def observation_uri(observation_id: str) -> str:
    """CAOM's URI of an observation."""
    return f"caom:{COLLECTION}/{observation_id}"


def plane_uri(observation_id: str, product_id: str) -> str:
    """CAOM's URI of a plane."""
    return f"caom:{COLLECTION}/{observation_id}/{product_id}"


def publisher_id(authority: str, observation_id: str, product_id: str) -> str:
    """The IVOA dataset identifier of a plane."""
    return f"ivo://{authority}/{COLLECTION.lower()}?{observation_id}/{product_id}"


def exclusive_group(authority: str, program: int) -> str:
    """The group whose members may see a program's data before their release."""
    return f"ivo://{authority}/gms?jwst-{program:05d}"
