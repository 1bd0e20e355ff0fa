"""Extensions of a FITS file as CAOM's parts, their arrays as chunks with world coordinates (CAOM 2.4, Part, Chunk)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from voserver.catalogue.cutouts.structure import Source, Unit, read_structure
from voserver.catalogue.ingest import axes, table_columns
from voserver.catalogue.ingest.axes import Celestial, Spectral, number
from voserver.catalogue.ingest.caom import Record, identifier
from voserver.catalogue.ingest.passbands import Passband
from voserver.model.errors import UsageError

_METADATA = frozenset({"ASDF", "HDRTAB", "MOVING_TARGET_POSITION", "GROUP", "INT_TIMES", "WCS-TABLE"})
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Extension:
    """One unit of a file, and the axes that it has."""

    unit: Unit
    celestial: Celestial | None = None
    spectral: Spectral | None = None
    flux_unit: str | None = None
    """The unit of a spectrum's flux, or of an array's values."""
    is_spectrum: bool = False
    """Whether it is a table of wavelengths and fluxes, or a row of pixels along wavelengths."""

    @property
    def is_main(self) -> bool:
        """Whether its values are what the file is about, not their errors or weights."""
        return self.unit.name in {"", "SCI", "DATA", "SPEC1D", "EXTRACT1D", "COMBINE1D", "FLUX"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file consists of."""

    extensions: Sequence[Extension] = field(default=())

    @property
    def units(self) -> list[Unit]:
        """The headers with their data."""
        return [one.unit for one in self.extensions]

    @property
    def image(self) -> Extension | None:
        """The first image on the sky, of what the file is about if there is one."""
        found = [one for one in self.extensions if one.celestial]
        return next((one for one in found if one.is_main), found[0] if found else None)

    @property
    def spectrum(self) -> Extension | None:
        """The first extension that is a spectrum."""
        found = [one for one in self.extensions if one.is_spectrum]
        return next((one for one in found if one.is_main), found[0] if found else None)

    @property
    def energy(self) -> Spectral | None:
        """The wavelengths of all spectra in the file, or else of its main array."""
        found = [one.spectral for one in self.extensions if one.spectral and one.is_spectrum]
        if not found:
            others = [one for one in self.extensions if one.spectral]
            best = next((one for one in others if one.is_main), others[0] if others else None)
            return best.spectral if best else None
        together = found[0]
        for other in found[1:]:
            together = together.joined(other)
        return together

    @property
    def value_unit(self) -> str | None:
        """The unit of the spectrum's flux, or else of the main array's values."""
        if self.spectrum:
            return self.spectrum.flux_unit
        return next((one.flux_unit for one in self.extensions if one.flux_unit and one.is_main), None)


def read(source: Source) -> Contents:
    """The extensions of a file; of its data only columns of wavelengths are read.

    Raises:
        UsageError: it is no FITS file, or a damaged one.
    """
    units = read_structure(source)
    for unit in units:
        if any(isinstance(value, str) and "\0" in value for value in unit.cards.values.values()):
            raise UsageError(f"the header of {unit} has a NUL in a text, which FITS does not allow")
    return Contents([_extension(source, unit) for unit in units])


def _extension(source: Source, unit: Unit) -> Extension:
    flux = table_columns.flux(unit)
    in_table = table_columns.spectral(source, unit)
    if in_table:
        return Extension(
            unit, None, in_table, flux.unit or None if flux else None, is_spectrum=flux is not None
        )
    along = axes.spectral(unit)
    is_row = along is not None and max(unit.shape[1:], default=1) == 1 and unit.name != "ERR"
    return Extension(unit, axes.celestial(unit), along, unit.cards.text("BUNIT") or None, is_spectrum=is_row)


def value_ucd(unit: str | None) -> str | None:
    """The UCD of a flux in a unit; None where the unit does not tell."""
    text = (unit or "").replace(" ", "").lower()
    if not text:
        return None
    if text.startswith(("dn", "electron", "count", "adu")):
        return "phot.count"
    per_area = "/sr" in text or "arcsec" in text or "sr-1" in text
    if "jy" in text:
        return "phot.flux.density.sb;em.freq" if per_area else "phot.flux.density;em.freq"
    if text.startswith(("w", "erg")) or "w" in text.partition("m-")[2]:
        return "phot.flux.density.sb;em.wl" if per_area else "phot.flux.density;em.wl"
    return None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same for all parts of a file; times are MJD, the exposure's in seconds."""

    start: float | None
    end: float | None
    exposure: float | None
    band: Passband
    meta_release: datetime | None
    producer: str


def parts(uri: str, contents: Contents, told: Circumstances) -> tuple[list[Record], list[Record]]:
    """A file's parts, and the chunks in them."""
    found: list[Record] = []
    chunks: list[Record] = []
    taken: set[str] = set()
    for one in contents.extensions:
        name = _name(one.unit, taken)
        taken.add(name)
        part_uri = f"{uri}#{one.unit.number}"
        common: Record = {
            "producttype": _product_type(one.unit.name),
            "metaproducer": told.producer,
            "metarelease": told.meta_release,
        }
        found.append({"artifactid": identifier(uri), "partid": identifier(part_uri), "name": name, **common})
        if one.celestial or one.spectral or one.unit.name == "SCI":
            ids: Record = {"partid": identifier(part_uri), "chunkid": identifier(f"{part_uri}/0")}
            chunks.append({**ids, **_chunk(one, told), **common})
    return found, chunks


def _name(unit: Unit, taken: set[str]) -> str:
    """As programs name an extension: `SCI,1`; by its number where it has no name, or one that is there twice."""
    name = f"{unit.name},{unit.version}"
    return str(unit.number) if not unit.name or name in taken or len(name) > _LONGEST_NAME else name


def _product_type(name: str) -> str:
    """CAOM's word for what an extension is to the file."""
    if name.startswith(("ERR", "VAR")):
        return "noise"
    if name.startswith(("WHT", "WMAP")):
        return "weight"
    return "info" if name in _METADATA else "auxiliary" if name.startswith(("DQ", "CON")) else "science"


def _chunk(one: Extension, told: Circumstances) -> Record:
    unit = one.unit
    is_table = unit.kind != "IMAGE"
    polarization = axes.polarization(unit)
    return {
        "naxis": 1 if is_table else len(unit.shape),
        "positionaxis1": one.celestial.axes[0] if one.celestial else None,
        "positionaxis2": one.celestial.axes[1] if one.celestial else None,
        "energyaxis": one.spectral.axis if one.spectral else None,
        "polarizationaxis": polarization,
        **_position(one.celestial),
        **_energy(one.spectral, told.band, unit),
        **_time(told),
        **_polarization(unit, polarization),
        "observable_dependent_axis_ctype": "FLUX" if one.flux_unit else None,
        "observable_dependent_axis_cunit": one.flux_unit,
    }


def _position(sky: Celestial | None) -> Record:
    (a, b, c, d) = sky.matrix if sky else (None,) * 4
    return {
        "position_coordsys": (sky.frame or "ICRS") if sky else None,
        "position_axis_axis1_ctype": sky.ctypes[0] if sky else None,
        "position_axis_axis1_cunit": "deg" if sky else None,
        "position_axis_axis2_ctype": sky.ctypes[1] if sky else None,
        "position_axis_axis2_cunit": "deg" if sky else None,
        "position_axis_function_dimension_naxis1": sky.lengths[0] if sky else None,
        "position_axis_function_dimension_naxis2": sky.lengths[1] if sky else None,
        "position_axis_function_refcoord_coord1_pix": sky.pixel[0] if sky else None,
        "position_axis_function_refcoord_coord1_val": sky.value[0] if sky else None,
        "position_axis_function_refcoord_coord2_pix": sky.pixel[1] if sky else None,
        "position_axis_function_refcoord_coord2_val": sky.value[1] if sky else None,
        "position_axis_function_cd11": a,
        "position_axis_function_cd12": b,
        "position_axis_function_cd21": c,
        "position_axis_function_cd22": d,
    }


def _energy(axis: Spectral | None, band: Passband, unit: Unit) -> Record:
    """Wavelengths in metres; of an array without an axis of them those that the instrument lets through."""
    lower, upper = (axis.lower, axis.upper) if axis else (band.lower, band.upper)
    is_function = axis is not None and axis.is_linear
    is_range = lower is not None and upper is not None and not is_function
    return {
        "energy_axis_axis_ctype": None if lower is None else "WAVE",
        "energy_axis_axis_cunit": None if lower is None else "m",
        "energy_axis_range_start_pix": 0.5 if is_range else None,
        "energy_axis_range_start_val": lower if is_range else None,
        "energy_axis_range_end_pix": (axis.length if axis else 1) + 0.5 if is_range else None,
        "energy_axis_range_end_val": upper if is_range else None,
        "energy_axis_function_naxis": axis.length if axis and is_function else None,
        "energy_axis_function_refcoord_pix": axis.pixel if axis and is_function else None,
        "energy_axis_function_refcoord_val": axis.value if axis and is_function else None,
        "energy_axis_function_delta": axis.step if axis and is_function else None,
        "energy_specsys": None if lower is None else unit.cards.text("SPECSYS") or "TOPOCENT",
        "energy_velosys": number(unit.cards.values, "VELOSYS"),
        "energy_bandpassname": band.name,
        "energy_resolvingpower": band.resolving_power,
    }


def _time(told: Circumstances) -> Record:
    known = told.start is not None and told.end is not None
    return {
        "time_axis_axis_ctype": "TIME" if known else None,
        "time_axis_axis_cunit": "d" if known else None,
        "time_axis_range_start_pix": 0.5 if known else None,
        "time_axis_range_start_val": told.start if known else None,
        "time_axis_range_end_pix": 1.5 if known else None,
        "time_axis_range_end_val": told.end if known else None,
        "time_timesys": "UTC" if known else None,
        "time_mjdref": 0.0 if known else None,
        "time_exposure": told.exposure,
    }


def _polarization(unit: Unit, axis: int | None) -> Record:
    values = unit.cards.values
    return {
        "polarization_axis_axis_ctype": "STOKES" if axis else None,
        "polarization_axis_function_naxis": unit.shape[axis - 1] if axis else None,
        "polarization_axis_function_refcoord_pix": number(values, f"CRPIX{axis}") if axis else None,
        "polarization_axis_function_refcoord_val": number(values, f"CRVAL{axis}") if axis else None,
        "polarization_axis_function_delta": number(values, f"CDELT{axis}") if axis else None,
    }
