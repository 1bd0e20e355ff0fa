"""Files that the pipeline did not name: products of teams (calibration level 4), with what they tell of themselves.

Their headers follow no rule, so each fact has several keywords, the most particular first; what no keyword says, the
file's name may. What stays unknown is remarked on.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from voserver.catalogue.ingest import extensions
from voserver.catalogue.ingest.axes import Spectral, number
from voserver.catalogue.ingest.caom import Record, Records, identifier, records
from voserver.catalogue.ingest.extensions import Contents
from voserver.catalogue.ingest.facts import Facts
from voserver.catalogue.ingest.footprints import footprint
from voserver.catalogue.ingest.header_keywords import Keywords, believable
from voserver.catalogue.ingest.header_records import (
    PRODUCER,
    Described,
    Manner,
    finished,
    identifier_of,
    known_since,
    outlined,
)
from voserver.catalogue.ingest.name_hints import Hints, hints, instrument_with, product_in
from voserver.catalogue.ingest.releases import Choice
from voserver.catalogue.ingest.sources import Found
from voserver.model import jwst
from voserver.model.addresses import file_path
from voserver.model.errors import UsageError
from voserver.model.media_types import media_type_of

PRODUCT = "contributed"
"""The product id of their planes."""

HELD_BACK = "nobody has said when it is released: held back; say --released, or --release DATE"

_POSITIONS = (
    ("SRCRA", "SRCDEC"),
    ("RA_TARG", "DEC_TARG"),
    ("TARG_RA", "TARG_DEC"),
    ("OBJ_RA", "OBJ_DEC"),
    ("RA_OBJ", "DEC_OBJ"),
    ("RA", "DEC"),
)
_TARGETS = ("TARGPROP", "HLSPTARG", "TARGNAME", "OBJECT", "SRCNAME", "TARGET")
_SLITS = frozenset({"SlitModel", "MultiSlitModel", "SpecModel", "MultiSpecModel"})
_SOURCE = re.compile(r"([1-9]\d{3,4})_\d+", re.ASCII)
"""Names of sources in the pipeline's tables of slits: the program and a number."""
_OPD = re.compile(r"[OR]20\d{8}-[A-Z0-9]+_[A-Z0-9]+-\d+", re.ASCII)
"""Names of maps of the mirror's optical path difference, which wavefront sensing makes (O: as sensed, R: corrected)."""


def contribution(  # noqa: PLR0917 -- what is known of a file, in the order in which it is found out
    file: Found,
    contents: Contents,
    keywords: Keywords,
    energy: Spectral | None,
    manner: Manner,
    checksum: str | None,
) -> Described:
    """A file that is none of the archive's own by its name."""
    told = hints(file.name)
    facts, remarks = _facts(file, keywords, told, contents)
    facts = facts._replace(size=file.size, checksum=checksum, meta_release=known_since(file, keywords, facts))
    assert facts.meta_release is not None
    choice = Choice(is_public=True) if _is_opd(told) and not manner.choice.moment else manner.choice
    facts = facts._replace(release=choice.release(facts.meta_release))
    if facts.release is None:
        remarks.append(HELD_BACK)
    outline, more = outlined(facts, contents)
    if outline.shape is None and facts.target_ra is not None:
        outline = footprint(f"POSITION ICRS {facts.target_ra} {facts.target_dec}")
    if outline.shape is None:
        remarks.append("no position is known")
    made = _overridden(file, records(facts, outline, manner.authority), manner, told, keywords)
    kind = _kind(contents, energy, keywords) or (facts.mode.mode and facts.mode.dataproduct_type("2b"))
    value_unit = contents.value_unit or keywords.text("UNIT")
    value_ucd = extensions.value_ucd(value_unit)
    axes: Record = {"flux_unit": value_unit, "flux_ucd": value_ucd} if kind == "spectrum" else {}
    made = made._replace(
        plane=made.plane | {"dataproducttype": kind, "observable_ucd": value_ucd},
        artifact=made.artifact | {"dataproduct_type": kind, **axes},
    )
    return finished(facts, made, contents, energy, remarks + more)


def _is_opd(told: Hints) -> bool:
    return _OPD.fullmatch(told.stem) is not None


def _facts(file: Found, keywords: Keywords, told: Hints, contents: Contents) -> tuple[Facts, list[str]]:
    row = keywords.row()
    row |= {key: value for key, value in _also(keywords, told, contents).items() if value is not None}
    optical_filter, grating = keywords.text("FILTER", "FWA_POS"), keywords.text("GRATING", "GWA_POS")
    instrument = (keywords.text("INSTRUME") or told.instrument or instrument_with(grating or "")).upper()
    mode, remarks = _mode(instrument, row, told, keywords)
    program = _program(keywords, told)
    if program is None:
        remarks.append("no program is known")
    name = jwst.ProductName(
        name=file.name,
        kind="exposure",
        observation_id=_observation_id(file, told),
        program=program or 0,
        extension=file.name.lower().partition(".")[2],
    )
    facts, more = believable(row, name, mode)
    setup = told.setup(mode.instrument, mode.mode, optical_filter, grating)
    return facts._replace(setup=setup), remarks + more


def _observation_id(file: Found, told: Hints) -> str:
    try:
        jwst.parse(told.stem)
    except UsageError:
        return identifier_of(told.stem)
    return identifier_of(file.name)  # the stem is the name of an observation of the archive's own


def _mode(
    instrument: str, row: dict[str, object], told: Hints, keywords: Keywords
) -> tuple[jwst.Mode, list[str]]:
    try:
        return jwst.mode_of(str(row.get("exp_type", "")), str(row.get("detector", ""))), []
    except UsageError:
        pass
    known = instrument if instrument in {"NIRCAM", "NIRSPEC", "NIRISS", "MIRI", "FGS"} else ""
    name = None
    if known == "MIRI" and told.channel:
        name = "IFU"
    elif known == "NIRSPEC" and (keywords.first("MSA_ID", "MSAMETFL") or keywords.text("MODE") == "MOS"):
        name = "MSA"
    mode = jwst.Mode(known, name, is_time_series=False, is_calibration=False)
    return mode, [] if known else ["no instrument is known"]


def _also(keywords: Keywords, told: Hints, contents: Contents) -> dict[str, object]:
    """What other keywords than the pipeline's say, and the name."""
    target = keywords.text(*_TARGETS) or told.target or None
    start = keywords.first("EXPSTART", "MJD-BEG", "MJD-OBS")
    end = keywords.first("EXPEND", "MJD-END")
    if start is None and contents.units:
        start, end = _of_exposures(contents)
    ra, dec = _position(keywords, contents)
    return {
        "targname": target,
        "targprop": target,
        "targ_ra": ra,
        "targ_dec": dec,
        "expstart": start,
        "expend": end,
        "effexptm": keywords.first("EFFEXPTM", "XPOSURE", "EXPTIME"),
        "title": keywords.text("TITLE", "HLSPNAME"),
        "cal_ver": keywords.text("HLSPVER", "VERSION", "CAL_VER", "COMPNAME"),
    }


def _position(keywords: Keywords, contents: Contents) -> tuple[object, object]:
    """Where it is; 0, 0 is what is written where nobody knows."""
    for names in _POSITIONS:
        ra, dec = (keywords.first(name) for name in names)
        if isinstance(ra, int | float) and isinstance(dec, int | float) and (ra, dec) != (0, 0):
            return ra, dec
    image = contents.image
    return image.celestial.value if image and image.celestial else (None, None)


def _of_exposures(contents: Contents) -> tuple[float | None, float | None]:
    """From the first to the last of the exposures that a spectrum was combined of, as msaexp lists them."""
    starts: list[float] = []
    ends: list[float] = []
    for unit in contents.units:
        values = unit.cards.values
        numbers = [key.removeprefix("EXPSTR") for key in values if re.fullmatch(r"EXPSTR\d+", key)]
        for which in numbers:
            begin, end = number(values, f"EXPSTR{which}"), number(values, f"EXPEND{which}")
            if begin is None or end is None:
                continue
            starts.append(begin)
            ends.append(max(end, begin + (number(values, f"EFFEXP{which}") or 0.0) / 86_400))
    return (min(starts), max(ends)) if starts else (None, None)


def _program(keywords: Keywords, told: Hints) -> int | None:
    given = keywords.first("PROGRAM", "PROPOSID", "PROGID")
    if given is not None and re.fullmatch(r"0*[1-9]\d{0,4}", str(given), re.ASCII):
        return int(given)
    product = told.product or product_in(keywords.text("FILE1") or "")
    source = _SOURCE.fullmatch(keywords.text("SRCNAME") or "")
    return product.program if product else int(source[1]) if source else None


def _kind(contents: Contents, energy: Spectral | None, keywords: Keywords) -> str | None:
    """ObsCore's type of the file, by its axes."""
    image = contents.image
    if contents.spectrum:
        return "spectrum"
    if image and energy:
        return "cube"
    if keywords.text("DATAMODL") in _SLITS or energy:
        return "spectrum"
    return "image" if image else None


class _Own(NamedTuple):
    """What a contributed product has of its own in more than one row."""

    uri: str
    plane_uri: str
    publisher_id: str
    program: int | None
    instrument_name: str | None
    intent: str
    creator: str | None
    content_type: str
    groups: tuple[str, ...] | None

    @property
    def both(self) -> Record:
        """What the plane and the artifact have."""
        return {
            "planeid": identifier(self.plane_uri),
            "publisherid": self.publisher_id,
            "intent": self.intent,
            "instrument_name": self.instrument_name,
            "provenance_producer": self.creator,
            "access_url": file_path(self.uri),
            "datareadgroups": self.groups,
            "metaproducer": PRODUCER,
        }


def _overridden(file: Found, made: Records, manner: Manner, told: Hints, keywords: Keywords) -> Records:
    """The rows as those of a contributed product."""
    observation_id, is_opd = str(made.observation["observationid"]), _is_opd(told)
    program = _program(keywords, told)
    groups = made.plane["datareadgroups"]
    own = _Own(
        uri=f"voserver:contributed/{identifier_of(file.name)}",
        plane_uri=jwst.plane_uri(observation_id, PRODUCT),
        publisher_id=jwst.publisher_id(manner.authority, observation_id, PRODUCT),
        program=program,
        instrument_name=str(made.plane["instrument_name"] or "") or None,
        intent="calibration" if is_opd else str(made.plane["intent"]),
        creator=manner.creator or keywords.text("HLSPLEAD", "SYSTEM") or ("STScI" if is_opd else None),
        content_type=media_type_of(file.name),
        groups=groups if isinstance(groups, tuple) and program is not None else None,
    )
    proposal = None if program is None else str(program)
    inputs = tuple(_inputs(keywords, told))
    observation: Record = {
        "algorithm_name": "contributed",
        "proposal_id": proposal,
        "instrument_name": own.instrument_name,
        "intent": own.intent,
        "typecode": "D",
        "metaproducer": PRODUCER,
        "principal_file": file.name,
    }
    doi, project = keywords.text("DOI"), keywords.text("HLSPID")
    plane: Record = {
        **own.both,
        "planeuri": own.plane_uri,
        "productid": PRODUCT,
        "calibrationlevel": 4,
        "provenance_name": "WSS" if is_opd else project or keywords.text("SYSTEM") or _software(keywords),
        "provenance_reference": f"https://doi.org/{doi}" if doi else None,
        "provenance_project": project,
        "provenance_runid": None,
        "provenance_inputs": " ".join(inputs) or None,
        "proposal_id": proposal,
        "access_format": own.content_type,
        "dataproduct_subtype": None,
        "principal_file": file.name,
    }
    return Records(
        made.observation | observation,
        made.plane | plane,
        made.artifact | _artifact(file, own),
        members=(),
        inputs=inputs,
    )


def _artifact(file: Found, own: _Own) -> Record:
    return {
        **own.both,
        "uri": own.uri,
        "artifactid": identifier(own.uri),
        "producttype": "science",
        "contenttype": own.content_type,
        "filename": file.name,
        "program": own.program,
        "instrument": own.instrument_name.partition("/")[0] if own.instrument_name else None,
        "suffix": None,
        "product_type": "SCIENCE",
        "product_subgroup": None,
        "calib_level": 4,
        "minimum_recommended": 0,
        "cloud_uri": None,
    }


def _software(keywords: Keywords) -> str | None:
    """By what only msaexp leaves: how it scales fluxes."""
    return "msaexp" if keywords.first("TOMUJY") is not None else None


def _inputs(keywords: Keywords, told: Hints) -> Iterable[str]:
    """The planes that the file was made from, as far as names tell."""
    texts = (keywords.text(f"FILE{count}") for count in range(1, 1000))
    named = (product_in(text.partition(".")[0]) for text in _until_none(texts))
    found = [told.product, *named]
    return dict.fromkeys(jwst.plane_uri(one.observation_id, one.level) for one in found if one)


def _until_none(texts: Iterable[str | None]) -> Iterable[str]:
    for text in texts:
        if text is None:
            return
        yield text
