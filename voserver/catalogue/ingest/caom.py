"""What one file's facts become in CAOM: an observation, a plane of it, an artifact of that.

Each is a dictionary of columns of its base table. The three say the same whatever other rows a file has;
where rows of one plane (or observation) differ, `principal_file` decides in the database whose facts
stay.
"""

import math
from datetime import timedelta
from functools import lru_cache
from hashlib import sha1
from typing import NamedTuple
from uuid import NAMESPACE_URL

from voserver.catalogue.ingest.facts import Facts
from voserver.catalogue.ingest.footprints import Footprint
from voserver.catalogue.ingest.passbands import Passband, passband, pixel_scale
from voserver.model import jwst
from voserver.model.addresses import file_path

Record = dict[str, object]
"""Values by column; ids as 16 bytes, arrays as tuples (see `binary_copy`)."""

_PRODUCER = "voserver:jwst-keywords-1"
_CREATOR = "STScI"
_PRINCIPAL = ("i2d", "s3d", "x1dints", "x1d", "s2d", "cal", "calints", "crf", "rate", "rateints", "uncal")
"""Suffixes by how well they stand for their plane."""

_NEVER_EXCLUSIVE = timedelta(days=7)
"""Data released this soon after the exposure were never anybody's own (processing takes days)."""


class Records(NamedTuple):
    """The rows that one file becomes."""

    observation: Record
    plane: Record
    artifact: Record
    members: tuple[str, ...]
    inputs: tuple[str, ...]


@lru_cache(maxsize=65_536)
def identifier(uri: str) -> bytes:
    """The id of an entity, the same in every load and every database: the bytes of uuid5(NAMESPACE_URL, uri)."""
    number = bytearray(sha1(NAMESPACE_URL.bytes + uri.encode(), usedforsecurity=False).digest()[:16])
    number[6] = number[6] & 0x0F | 0x50
    number[8] = number[8] & 0x3F | 0x80
    return bytes(number)


def records(facts: Facts, footprint: Footprint, authority: str) -> Records:
    """The observation, plane and artifact of a file."""
    name, product_id = facts.name, facts.name.level
    band = passband(facts.setup)
    shared = _Shared(
        observation_uri=jwst.observation_uri(name.observation_id),
        plane_uri=jwst.plane_uri(name.observation_id, product_id),
        publisher_id=jwst.publisher_id(authority, name.observation_id, product_id),
        groups=_groups(facts, authority),
        intent="calibration" if facts.mode.is_calibration or facts.text["category"] == "CAL" else "science",
        target=facts.text["targprop"] or facts.text["targname"],
        access_url=file_path(facts.uri),
    )
    members = _members(facts)
    inputs = _inputs(facts, members)
    return Records(
        observation=_observation(facts, shared, members),
        plane=_plane(facts, footprint, band, shared, inputs),
        artifact=_artifact(facts, footprint, band, shared),
        members=members,
        inputs=inputs,
    )


class _Shared(NamedTuple):
    """What more than one of the three needs."""

    observation_uri: str
    plane_uri: str
    publisher_id: str
    groups: tuple[str, ...] | None
    intent: str
    target: str | None
    access_url: str


def _groups(facts: Facts, authority: str) -> tuple[str, ...] | None:
    """Who may read the data before their release: the program's group, where there is an exclusive period."""
    meta_release = facts.meta_release
    if facts.release and meta_release and facts.release - meta_release <= _NEVER_EXCLUSIVE:
        return None
    return (jwst.exclusive_group(authority, facts.name.program),)


def _principal(facts: Facts) -> str:
    """Sorts first for the file that tells most of its plane."""
    suffix = facts.name.suffix
    rank = _PRINCIPAL.index(suffix) if suffix in _PRINCIPAL else len(_PRINCIPAL)
    return f"{rank:02d} {facts.name.name}"


def _members(facts: Facts) -> tuple[str, ...]:
    """The exposure whose keywords a level-3 product carries, its first one."""
    name, text = facts.name, facts.text
    if name.kind != "level3" or not text["detector"]:
        return ()
    parts = [text[key] for key in ("visit_id", "visitgrp", "seq_id", "act_id", "exposure")]
    if not all(parts):
        return ()
    visit, group, sequence, activity, exposure = (str(part) for part in parts)
    if not (visit.isdecimal() and group.isdecimal() and exposure.isdecimal()):
        return ()
    detector = text["detector"].lower()
    base = f"jw{int(visit):011d}_{int(group):02d}{sequence}{activity}_{int(exposure):05d}_{detector}"
    return (jwst.observation_uri(base),)


_MADE_FROM = {"2a": "1b", "2b": "2a", "2c": "2b"}


def _inputs(facts: Facts, members: tuple[str, ...]) -> tuple[str, ...]:
    """A stage of the pipeline takes the exposure's product of the stage before."""
    name = facts.name
    if name.kind == "level3":
        return tuple(f"{member}/2b" for member in members)
    before = _MADE_FROM.get(name.level)
    return (jwst.plane_uri(name.observation_id, before),) if name.kind == "exposure" and before else ()


def _observation(facts: Facts, shared: _Shared, members: tuple[str, ...]) -> Record:
    name, text = facts.name, facts.text
    derived = name.kind == "level3"
    position = facts.target_ra is not None
    return {
        "observationuri": shared.observation_uri,
        "obsid": identifier(shared.observation_uri),
        "collection": jwst.COLLECTION,
        "observationid": name.observation_id,
        "algorithm_name": _association_rule(facts) or "mosaic" if derived else "exposure",
        "type": text["exp_type"],
        "intent": shared.intent,
        "sequencenumber": name.exposure,
        "metarelease": facts.meta_release,
        "metareadgroups": None if facts.meta_release else shared.groups,
        "proposal_id": str(name.program),
        "proposal_pi": text["pi_name"],
        "proposal_project": text["category"],
        "proposal_title": text["title"],
        "proposal_keywords": _keywords(text["scicat"]),
        "target_name": shared.target,
        "target_moving": _moving(text["targtype"]),
        "target_keywords": _keywords(*(text["targdesc"] or "").split(";")),
        "targetposition_coordsys": "ICRS" if position else None,
        "targetposition_coordinates_cval1": facts.target_ra,
        "targetposition_coordinates_cval2": facts.target_dec,
        "telescope_name": jwst.COLLECTION,
        "requirements_flag": "fail" if text["visitsta"] == "UNSUCCESSFUL" else None,
        "instrument_name": facts.mode.name,
        "instrument_keywords": _keywords(
            text["detector"],
            *dict.fromkeys((facts.setup.optical_filter, facts.setup.pupil, facts.setup.grating)),
            text["subarray"],
            text["readpatt"],
        ),
        "members": " ".join(members) or None,
        "typecode": "D" if derived else "S",
        "metaproducer": _PRODUCER,
        # The highest level is looked at last; any would do, as all carry the same exposure's keywords.
        "principal_file": f"{9 - jwst.calibration_level(name.level)} {_principal(facts)}",
    }


def _association_rule(facts: Facts) -> str | None:
    """The pipeline that made a level-3 product: `spec3`, as its association's name says."""
    parts = (facts.text["asntable"] or "").split("_")
    return parts[2] if len(parts) == 5 and parts[4] == "asn.json" else None


@lru_cache(maxsize=4096)
def _keywords(*words: str | None) -> str | None:
    kept = [word.strip().replace("|", "/") for word in words if word and word.strip()]
    return "|".join(kept) or None


def _moving(target_type: str | None) -> int | None:
    return {"FIXED": 0, "MOVING": 1}.get(target_type or "")


def _plane(
    facts: Facts, footprint: Footprint, band: Passband, shared: _Shared, inputs: tuple[str, ...]
) -> Record:
    name, text = facts.name, facts.text
    association = text["asntable"]
    return {
        "publisherid": shared.publisher_id,
        "obsid": identifier(shared.observation_uri),
        "planeid": identifier(shared.plane_uri),
        "planeuri": shared.plane_uri,
        "productid": name.level,
        "metarelease": facts.meta_release,
        "metareadgroups": None if facts.meta_release else shared.groups,
        "datarelease": facts.release,
        "datareadgroups": shared.groups,
        "dataproducttype": facts.mode.dataproduct_type(name.level),
        "calibrationlevel": jwst.calibration_level(name.level),
        "provenance_name": "CALJWST",
        "provenance_version": text["cal_ver"] or text["sdp_ver"],
        "provenance_reference": "https://jwst-pipeline.readthedocs.io/",
        "provenance_producer": _CREATOR,
        "provenance_project": jwst.COLLECTION,
        "provenance_runid": association.removesuffix("_asn.json") if association else None,
        "provenance_keywords": _keywords(text["crds_ctx"]),
        "provenance_inputs": " ".join(inputs) or None,
        "observable_ucd": _observable(name.level, facts.mode),
        "position_bounds": footprint.text,
        "position_bounds_size": footprint.size,
        "position_samplesize": pixel_scale(facts.setup, name.level),
        "position_timedependent": _moving(text["targtype"]),
        **_energy(band),
        "time_bounds": _interval(facts.start, facts.end),
        "time_bounds_lower": facts.start,
        "time_bounds_upper": facts.end,
        "time_bounds_width": None if facts.start is None or facts.end is None else facts.end - facts.start,
        "time_exposure": facts.exposure_time,
        "metaproducer": _PRODUCER,
        "position_bounds__shape": footprint.shape,
        "position_bounds_given": facts.footprint,
        "position_bounds_status": footprint.status,
        "position_center_ra": facts.target_ra if footprint.ra is None else footprint.ra,
        "position_center_dec": facts.target_dec if footprint.dec is None else footprint.dec,
        "collection": jwst.COLLECTION,
        "observationid": name.observation_id,
        "intent": shared.intent,
        "telescope_name": jwst.COLLECTION,
        "instrument_name": facts.mode.name,
        "target_name": shared.target,
        "target_moving": _moving(text["targtype"]),
        "proposal_id": str(name.program),
        "proposal_pi": text["pi_name"],
        "proposal_title": text["title"],
        "access_url": shared.access_url,
        "access_format": name.content_type,
        "access_estsize": None if facts.size is None else math.ceil(facts.size / 1000),
        "dataproduct_subtype": name.suffix or None,
        "principal_file": _principal(facts),
    }


def _energy(band: Passband) -> Record:
    if band.lower is None or band.upper is None:
        return {**dict.fromkeys(_ENERGY), "energy_bandpassname": band.name}
    values = (
        _interval(band.lower, band.upper),
        band.lower,
        band.upper,
        band.upper - band.lower,
        band.resolving_power,
        None if band.power_range is None else _interval(*band.power_range),
        "Infrared",
        "Infrared|Optical" if band.lower < 1e-6 else "Infrared",
        band.name,
    )
    return dict(zip(_ENERGY, values, strict=True))


_ENERGY = (
    "energy_bounds",
    "energy_bounds_lower",
    "energy_bounds_upper",
    "energy_bounds_width",
    "energy_resolvingpower",
    "energy_resolvingpowerbounds",
    "energy_emband",
    "energy_energybands",
    "energy_bandpassname",
)


def _observable(level: str, mode: jwst.Mode) -> str:
    """What the pixels count: nothing but electrons before the flux calibration."""
    if level in {"1b", "2a"}:
        return "phot.count"
    return "phot.flux.density" if mode.dataproduct_type(level) == "spectrum" else "phot.flux.density.sb"


def _interval(lower: float | None, upper: float | None) -> tuple[float, float] | None:
    return None if lower is None or upper is None else (lower, upper)


def _artifact(facts: Facts, footprint: Footprint, band: Passband, shared: _Shared) -> Record:
    name, text, setup = facts.name, facts.text, facts.setup
    return {
        "uri": facts.uri,
        "planeid": identifier(shared.plane_uri),
        "artifactid": identifier(facts.uri),
        "producttype": name.product_type,
        "releasetype": "meta" if name.product_type == "info" else "data",
        "contenttype": name.content_type,
        "contentlength": facts.size,
        "contentchecksum": facts.checksum,
        "metaproducer": _PRODUCER,
        "metarelease": facts.meta_release,
        "metareadgroups": None if facts.meta_release else shared.groups,
        "datarelease": facts.release,
        "datareadgroups": shared.groups,
        "filename": name.name,
        "publisherid": shared.publisher_id,
        "obs_id": name.observation_id,
        "program": name.program,
        "observation": name.observation,
        "visit": name.visit,
        "visit_group": name.group,
        "sequence": name.sequence,
        "activity": name.activity,
        "exposure": name.exposure,
        "segment": name.segment,
        "association": text["asntable"],
        "category": text["category"],
        "proposal_pi": text["pi_name"],
        "proposal_title": text["title"],
        "telescope_name": jwst.COLLECTION,
        "instrument": facts.mode.instrument,
        "mode": facts.mode.mode,
        "instrument_name": facts.mode.name,
        "exp_type": text["exp_type"],
        "detector": text["detector"],
        "nircam_module": text["module"],
        "channel": (text["channel"] or "").removesuffix(".0") or None,
        "band": text["band"],
        "filter": setup.optical_filter or None,
        "pupil": setup.pupil or None,
        "grating": setup.grating or None,
        "subarray": text["subarray"],
        "readout_pattern": text["readpatt"],
        "suffix": name.suffix or None,
        "product_type": _mast_type(name),
        "product_subgroup": name.subgroup,
        "dataproduct_type": jwst.product_dataproduct_type(name, facts.mode),
        "calib_level": jwst.calibration_level(name.level),
        "minimum_recommended": int(name.is_minimum_recommended),
        "intent": shared.intent,
        "pipeline_version": text["cal_ver"],
        "crds_context": text["crds_ctx"],
        "sdp_version": text["sdp_ver"],
        "target_name": shared.target,
        "target_type": text["targtype"],
        "s_ra": facts.target_ra if footprint.ra is None else footprint.ra,
        "s_dec": facts.target_dec if footprint.dec is None else footprint.dec,
        "s_fov": footprint.size,
        "s_region": footprint.text,
        "s_region__shape": footprint.shape,
        "t_min": facts.start,
        "t_max": facts.end,
        "t_exptime": facts.exposure_time,
        **_wavelengths(band),
        "provenance_producer": _CREATOR,
        "access_url": shared.access_url,
        "cloud_uri": jwst.cloud_uri(name),
    }


def _wavelengths(band: Passband) -> Record:
    return {"em_min": band.lower, "em_max": band.upper, "em_res_power": band.resolving_power}


def _mast_type(name: jwst.ProductName) -> str:
    """MAST's word: SCIENCE, AUXILIARY, INFO or PREVIEW (it has no thumbnails)."""
    return "PREVIEW" if name.product_type == "thumbnail" else name.product_type.upper()
