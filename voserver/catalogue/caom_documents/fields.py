"""What a CAOM document says, in the order of its schemas: the path of each element, and what kind of value it has.

A kind with `2.4` or `2.5` behind it is only in documents up to that version, or from it on.
"""

from dataclasses import dataclass
from typing import Literal

Version = Literal["2.3", "2.4", "2.5"]

NAMESPACES: dict[Version, str] = {
    "2.3": "http://www.opencadc.org/caom2/xml/v2.3",
    "2.4": "http://www.opencadc.org/caom2/xml/v2.4",
    "2.5": "http://www.opencadc.org/caom2/xml/v2.5",
}


@dataclass(frozen=True, slots=True)
class Field:
    """An element: where it is, its kind of value, and the column that has it."""

    path: tuple[str, ...]
    kind: str
    column: str
    since: Version = "2.3"
    until: Version = "2.5"


def _fields(text: str) -> tuple[Field, ...]:
    return tuple(_field(line.split()) for line in text.strip().splitlines())


def _field(words: list[str]) -> Field:
    path = tuple(words[0].split("/"))
    since, until, column = "2.3", "2.5", "_".join(path).lower()
    for word in words[2:]:
        if word.startswith("since"):
            since = word.removeprefix("since")
        elif word.startswith("until"):
            until = word.removeprefix("until")
        else:
            column = word
    return Field(path, words[1], column, since, until)  # type: ignore[arg-type]


OBSERVATION = _fields("""
metaRelease date
metaReadGroups groups
sequenceNumber integer
algorithm/name text
type text
intent text
proposal/id text
proposal/pi text
proposal/project text
proposal/title text
proposal/reference text since2.5
proposal/keywords keyword|
target/name text
target/targetID text
target/type text
target/standard truth
target/redshift real
target/moving truth
target/keywords keyword|
targetPosition/coordsys text
targetPosition/equinox real
targetPosition/coordinates/cval1 real
targetPosition/coordinates/cval2 real
requirements/flag text
telescope/name text
telescope/geoLocationX real
telescope/geoLocationY real
telescope/geoLocationZ real
telescope/trackingMode text since2.5
telescope/keywords keyword|
instrument/name text
instrument/keywords keyword|
environment/seeing real
environment/humidity real
environment/elevation real
environment/tau real
environment/wavelengthTau real
environment/ambientTemp real
environment/photometric truth
""")

PLANE = _fields("""
creatorID text until2.4
metaRelease date
metaReadGroups groups
dataRelease date
dataReadGroups groups
dataProductType text
calibrationLevel integer
provenance/name text
provenance/version text
provenance/project text
provenance/producer text
provenance/runID text
provenance/reference text
provenance/lastExecuted date
provenance/keywords keyword|
provenance/inputs planeURI_ until2.4
provenance/inputs input_ since2.5
observable/ucd text
observable/calibration text since2.5
metrics/sourceNumberDensity real
metrics/background real
metrics/backgroundStddev real
metrics/fluxDensityLimit real
metrics/magLimit real
quality/flag text
position/bounds region position_bounds
position/dimension/naxis1 integer
position/dimension/naxis2 integer
position/maxRecoverableScale interval since2.5
position/resolution real
position/resolutionBounds interval
position/sampleSize real
position/timeDependent truth until2.4
position/calibration text since2.5
energy/bounds sampled
energy/dimension integer
energy/resolvingPower real
energy/resolvingPowerBounds interval
energy/resolution real since2.5
energy/resolutionBounds interval since2.5
energy/sampleSize real
energy/bandpassName text
energy/emBand text until2.3 energy_energybands
energy/energyBands emBand| since2.4
energy/restwav real until2.4
energy/rest real since2.5 energy_restwav
energy/transition/species text
energy/transition/transition text
energy/calibration text since2.5
time/bounds sampled
time/dimension integer
time/resolution real
time/resolutionBounds interval
time/sampleSize real
time/exposure real
time/exposureBounds interval since2.5
time/calibration text since2.5
polarization/states state/
polarization/dimension integer
custom/ctype text since2.4
custom/bounds sampled since2.4
custom/dimension integer since2.4
""")

ARTIFACT = _fields("""
uri text
productType text
releaseType text
contentRelease date since2.4
contentReadGroups groups since2.4
contentType text
contentLength integer
contentChecksum text
""")

PART = _fields("""
name text
productType text
""")


def _axis(of: str) -> str:
    """The elements of an axis of one dimension."""
    return f"""
{of}/axis/axis/ctype text
{of}/axis/axis/cunit text
{of}/axis/error/syser real
{of}/axis/error/rnder real
{of}/axis/range/start/pix real
{of}/axis/range/start/val real
{of}/axis/range/end/pix real
{of}/axis/range/end/val real
{of}/axis/bounds ranges
{of}/axis/function/naxis integer
{of}/axis/function/delta real
{of}/axis/function/refCoord/pix real
{of}/axis/function/refCoord/val real
""".strip()


CHUNK = _fields(f"""
productType text
naxis integer
observableAxis integer
positionAxis1 integer
positionAxis2 integer
energyAxis integer
timeAxis integer
polarizationAxis integer
customAxis integer
observable/dependent/axis/ctype text
observable/dependent/axis/cunit text
observable/dependent/bin integer
observable/independent/axis/ctype text
observable/independent/axis/cunit text
observable/independent/bin integer
position/axis/axis1/ctype text
position/axis/axis1/cunit text
position/axis/axis2/ctype text
position/axis/axis2/cunit text
position/axis/error1/syser real
position/axis/error1/rnder real
position/axis/error2/syser real
position/axis/error2/rnder real
position/axis/range/start/coord1/pix real
position/axis/range/start/coord1/val real
position/axis/range/start/coord2/pix real
position/axis/range/start/coord2/val real
position/axis/range/end/coord1/pix real
position/axis/range/end/coord1/val real
position/axis/range/end/coord2/pix real
position/axis/range/end/coord2/val real
position/axis/bounds outline
position/axis/function/dimension/naxis1 integer
position/axis/function/dimension/naxis2 integer
position/axis/function/refCoord/coord1/pix real
position/axis/function/refCoord/coord1/val real
position/axis/function/refCoord/coord2/pix real
position/axis/function/refCoord/coord2/val real
position/axis/function/cd11 real
position/axis/function/cd12 real
position/axis/function/cd21 real
position/axis/function/cd22 real
position/coordsys text
position/equinox real
position/resolution real
{_axis("energy")}
energy/specsys text
energy/ssysobs text
energy/ssyssrc text
energy/restfrq real
energy/restwav real
energy/velosys real
energy/zsource real
energy/velang real
energy/bandpassName text
energy/resolvingPower real
energy/transition/species text
energy/transition/transition text
{_axis("time")}
time/timesys text
time/trefpos text
time/mjdref real
time/exposure real
time/resolution real
{_axis("polarization")}
{_axis("custom")}
""")

ENTITY = (
    ("lastModified", "date"),
    ("maxLastModified", "date"),
    ("metaChecksum", "text"),
    ("accMetaChecksum", "text"),
    ("metaProducer", "text"),
)
"""Attributes of observations, planes, artifacts, parts and chunks, besides `id`; columns have their names."""
