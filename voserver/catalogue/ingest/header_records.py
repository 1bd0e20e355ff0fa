"""A FITS file of JWST's archive, by its name and headers, as rows of the catalogue."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from voserver.catalogue.ingest import extensions, header_keywords
from voserver.catalogue.ingest.axes import Spectral
from voserver.catalogue.ingest.caom import Record, Records, records
from voserver.catalogue.ingest.extensions import Contents
from voserver.catalogue.ingest.facts import Facts
from voserver.catalogue.ingest.footprints import Footprint, footprint
from voserver.catalogue.ingest.header_keywords import Keywords
from voserver.catalogue.ingest.passbands import passband
from voserver.catalogue.ingest.releases import Choice
from voserver.catalogue.ingest.sources import Found
from voserver.model import jwst
from voserver.model.programs import CATEGORIES

PRODUCER = "voserver:headers-1"

NO_CATEGORY = (
    "the category of its program is not known: held back where nothing else tells its release; "
    "say --released, or --release DATE"
)


@dataclass(frozen=True, slots=True)
class Manner:
    """What holds for all files of a load."""

    authority: str
    choice: Choice = field(default_factory=Choice)
    creator: str | None = None
    """Who made contributed files that do not say."""
    with_checksums: bool = False


@dataclass(frozen=True, slots=True)
class Kin:
    """What a file without a header belongs to, in URIs."""

    planes: tuple[str, ...]
    """It joins the first of them that the catalogue has."""
    members: tuple[tuple[str, str], ...] = ()
    """Pairs of observations that it tells of: what is made, and of which exposure."""
    inputs: tuple[tuple[str, str], ...] = ()
    """The same of planes."""
    preview_of: str | None = None
    """The file that it shows."""


@dataclass(slots=True)
class Described:
    """What a file becomes: rows of every table, and remarks on what could not be understood."""

    records: Records
    parts: list[Record]
    chunks: list[Record]
    remarks: list[str]
    kin: Kin | None = None


def product(
    file: Found, name: jwst.ProductName, contents: Contents, manner: Manner, checksum: str | None
) -> Described:
    """A file of the archive's own, by its name."""
    keywords = Keywords.of(contents.units)
    facts, remarks = header_keywords.facts(name, keywords)
    facts = facts._replace(size=file.size, checksum=checksum, meta_release=known_since(file, keywords, facts))
    assert facts.meta_release is not None
    facts = facts._replace(release=manner.choice.release(facts.meta_release))
    if facts.release is None and facts.text["category"] not in CATEGORIES:
        remarks.append(NO_CATEGORY)
    outline, more = outlined(facts, contents)
    made = records(facts, outline, manner.authority)
    kind = _kind(facts)
    own: Record = {
        "instrument_name": facts.mode.name or None,
        "metaproducer": PRODUCER,
        "dataproducttype": facts.mode.dataproduct_type(name.level) if facts.mode.mode else kind,
    }
    file_only: Record = {
        "instrument": facts.mode.instrument or None,
        "instrument_name": facts.mode.name or None,
        "metaproducer": PRODUCER,
        "dataproduct_type": kind,
    }
    made = made._replace(
        observation=made.observation | {key: own[key] for key in ("instrument_name", "metaproducer")},
        plane=made.plane | own,
        artifact=made.artifact | file_only,
    )
    energy = contents.energy if kind in {"spectrum", "cube", "timeseries"} else None
    return finished(facts, made, contents, energy, remarks + more)


def known_since(file: Found, keywords: Keywords, facts: Facts) -> datetime:
    """From when on a file's metadata are public: the end of its exposure, or else when the file was written."""
    if facts.meta_release is not None:
        return facts.meta_release
    try:
        written = datetime.fromisoformat(keywords.text("DATE") or "")
    except ValueError:
        return file.modified
    if written.tzinfo:
        written = written.astimezone(UTC).replace(tzinfo=None)
    return min(written, file.modified) if written.year > 1990 else file.modified


def _kind(facts: Facts) -> str | None:
    """ObsCore's type of the file; without an exposure type only what its suffix alone tells."""
    if facts.mode.mode or facts.mode.instrument == "FGS":
        return jwst.product_dataproduct_type(facts.name, facts.mode)
    guesses = {
        jwst.product_dataproduct_type(
            facts.name, jwst.Mode("", mode, is_time_series=False, is_calibration=False)
        )
        for mode in ("IMAGE", "MSA", "IFU")
    }
    return guesses.pop() if len(guesses) == 1 else None


def outlined(facts: Facts, contents: Contents) -> tuple[Footprint, list[str]]:
    """The footprint that the header gives, or else the outline of the image."""
    found = footprint(facts.footprint)
    image = contents.image
    computed = image.celestial.footprint if image and image.celestial else None
    if found.shape is None and computed:
        found = footprint(computed)
    return found, [found.remark] if found.remark and facts.footprint else []


def finished(
    facts: Facts,
    made: Records,
    contents: Contents,
    energy: Spectral | None,
    remarks: list[str],
) -> Described:
    """The rows with what only the file's own axes tell, and its parts."""
    image = contents.image.celestial if contents.image else None
    plane: Record = {
        **made.plane,
        "position_dimension_naxis1": None if image is None else image.lengths[0],
        "position_dimension_naxis2": None if image is None else image.lengths[1],
        "energy_dimension": None if energy is None else energy.length,
        "energy_samplesize": None
        if energy is None
        else (energy.upper - energy.lower) / max(1, energy.length),
        "provenance_lastexecuted": None,
        **_measured_bounds(energy),
    }
    if image:
        plane["position_samplesize"] = round(image.pixel_scale, 6)
    flux_unit = contents.value_unit if energy else None
    artifact: Record = {
        "flux_unit": flux_unit,
        "flux_ucd": extensions.value_ucd(flux_unit),
        **made.artifact,
        "em_unit": None if energy is None else energy.unit,
        "em_xel": None if energy is None else energy.length,
    }
    if energy:
        artifact |= {"em_min": energy.lower, "em_max": energy.upper}
    told = extensions.Circumstances(
        facts.start,
        facts.end,
        facts.exposure_time,
        passband(facts.setup),
        facts.meta_release,
        PRODUCER,
    )
    parts, chunks = extensions.parts(str(made.artifact["uri"]), contents, told)
    return Described(made._replace(plane=plane, artifact=artifact), parts, chunks, remarks)


def _measured_bounds(energy: Spectral | None) -> Record:
    if energy is None:
        return {}
    return {
        "energy_bounds": (energy.lower, energy.upper),
        "energy_bounds_lower": energy.lower,
        "energy_bounds_upper": energy.upper,
        "energy_bounds_width": energy.upper - energy.lower,
    }


def identifier_of(name: str) -> str:
    """A file's name, or a part of it, as it can stand in identifiers."""
    return quote(name, safe="")
