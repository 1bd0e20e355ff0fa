"""A file as MAST's lists tell of it, as rows of the catalogue: an observation, a plane, an artifact."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from voserver.catalogue.ingest.caom import Record, identifier, records
from voserver.catalogue.ingest.facts import Facts, described, timestamp
from voserver.catalogue.ingest.footprints import Footprint, footprint
from voserver.catalogue.ingest.header_records import Described, Kin
from voserver.catalogue.ingest.mast.gathering import Listed
from voserver.catalogue.ingest.mast.lists import Row
from voserver.model import jwst, mast
from voserver.model.errors import UsageError

PRODUCER = "voserver:mast-1"
"""Where a file's own observation is known; `BARE` where only its name and the list of products tell of it."""
BARE = "voserver:mast-products-1"
PLANNED = "planned"
"""The product identifier of planes that do not exist yet."""

HELD_BACK = datetime(2100, 1, 1)  # noqa: DTZ001 -- all times are UTC without zone
"""The release of files that are exclusive until nobody knows when."""
_KINDS = {"image", "spectrum", "cube", "timeseries", "measurements", "visibility", "event"}
_OF_ANOTHER = ("targprop", "targdesc", "targtype", "category", "pi_name", "title", "publicReleaseDate_mjd")
"""What an observation says of files that are listed under it, but are of another: guide stars, lists, exposures."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for all rows of some lists."""

    authority: str
    since: datetime
    """When they were made, or fetched: what they list was public then."""
    is_fresh: bool = False
    """Whether that is now: rights and dates that contradict each other are then believed to be exclusive."""


@dataclass(slots=True)
class Told:
    """What a file becomes, and which of it is only guessed: anybody who knows it better is believed."""

    described: Described
    is_release_guessed: bool
    is_meta_release_guessed: bool


def of_file(listed: Listed, circumstances: Circumstances) -> Told:
    """The rows of a file.

    Raises:
        UsageError: a value that cannot be true.
    """
    name, own = listed.name, listed.observation
    values, mode = _values(listed)
    facts = described(values, name, mode)
    guide = mast.guide_star(name)
    known = facts.meta_release or (timestamp(guide.end) if guide else None)
    facts = facts._replace(meta_release=known or _ended(listed, circumstances))
    release, is_guessed, remarks = _release(listed, facts, circumstances)
    facts = facts._replace(release=release)
    outline = footprint(facts.footprint)
    if outline.remark and facts.footprint:
        remarks.append(outline.remark)
    made = records(facts, outline, circumstances.authority)
    rank = "98" if own is not None else "99"
    plane, artifact = _completed(made.plane, made.artifact, own, outline)
    producer = PRODUCER if own is not None or guide else BARE
    if producer is BARE:
        kind = _kind_of_rows(listed)
        plane |= {"dataproducttype": kind, "observable_ucd": None}
        artifact |= {"dataproduct_type": kind if name.product_type != "info" else None}
    both: Record = {"metaproducer": producer, "instrument_name": mode.name or None}
    artifact |= {**both, "instrument": mode.instrument or None}
    if any(mast.given(row.get("productGroupDescription")) for row in listed.rows):
        artifact |= {"minimum_recommended": 1}
    made = made._replace(
        observation=made.observation
        | both
        | {"principal_file": f"{rank} {made.observation['principal_file']}"},
        plane=plane | both | {"principal_file": f"{rank} {_last_previews(name, plane)}"},
        artifact=artifact,
    )
    told = Described(made, [], [], [*listed.remarks, *remarks], _kin(listed, str(plane["planeuri"])))
    return Told(told, is_guessed, known is None)


def _ended(listed: Listed, circumstances: Circumstances) -> datetime:
    """When the metadata of a file are public whose own observation is not known: its product's was made of it."""
    ends = [end for row in listed.others.values() if (end := mast.mjd(row.get("t_max"), "t_max"))]
    return min([circumstances.since, *(timestamp(end) for end in ends if 0 < end < 1e6)])


def _last_previews(name: jwst.ProductName, plane: Record) -> str:
    return f"{'1' if name.product_type != 'science' else '0'} {plane['principal_file']}"


def _values(listed: Listed) -> tuple[dict[str, object], jwst.Mode]:
    """The file's facts in the keyword service's words, and its mode."""
    name, own = listed.name, listed.observation
    guide = mast.guide_star(name)
    if own is not None:
        values = mast.in_keywords(own, name)
        mode = _mode(own)
        if name.instrument not in {None, mode.instrument}:
            raise UsageError(f"instrument_name is {mode.name}, but the name says {name.instrument}")
    else:
        other = next((listed.others[one] for one in sorted(listed.others)), None)
        said = mast.in_keywords(other, name) if other is not None else {}
        values = {key: said.get(key) for key in _OF_ANOTHER}
        mode = jwst.Mode(name.instrument or "", None, is_time_series=False, is_calibration=False)
        filters = next((mast.given(row.get("filters")) for row in listed.rows), None)
        if filters and name.kind in {"exposure", "level3"}:
            values |= mast.elements(str(filters), name.instrument or "", name.elements)._asdict()
    if guide:
        values |= {"exp_type": guide.exp_type, "expend": guide.end}
        values["detector"] = mast.guider(row.get("description") for row in listed.rows)
        mode = jwst.mode_of(guide.exp_type, str(values["detector"]))
    elif name.detector and name.detector not in {"NIRSPEC", "NIRCAM", "NIRISS", "MIRI"}:
        values["detector"] = name.detector
    return values | _of_rows(listed), mode


def _mode(row: Row) -> jwst.Mode:
    return mast.mode(
        str(mast.given(row.get("instrument_name")) or ""),
        is_time_series=row.get("dataproduct_type") == "timeseries",
        is_calibration=row.get("intentType") == "calibration",
    )


def _of_rows(listed: Listed) -> dict[str, object]:
    """Size and version: where rows contradict each other, the larger one, whatever their order."""
    sizes = {str(size) for row in listed.rows if (size := mast.given(row.get("size"))) is not None}
    versions = {str(one) for row in listed.rows if (one := mast.given(row.get("prvversion"))) is not None}
    if len(sizes) > 1:
        listed.remarks.append(f"it is listed with {len(sizes)} sizes: the largest is taken")
    largest = max(sizes, key=lambda size: (len(size), size), default=None)
    return {
        "mast_uri": jwst.product_uri(listed.name.name),
        "fileSize": largest,
        "cal_ver": max(versions, default=None),
    }


def _kind_of_rows(listed: Listed) -> str | None:
    kinds = {str(row.get("dataproduct_type")) for row in listed.rows} & _KINDS
    return kinds.pop() if len(kinds) == 1 else None


def _release(
    listed: Listed, facts: Facts, circumstances: Circumstances
) -> tuple[datetime | None, bool, list[str]]:
    """From when on everybody may have it, whether that is only guessed, and remarks."""
    sources = listed.rows or ([listed.observation] if listed.observation else [])
    rights = {str(row.get("dataRights")) for row in sources}
    is_exclusive = bool(rights & {"EXCLUSIVE_ACCESS", "RESTRICTED"})
    dated = facts.release
    if dated is None:
        if is_exclusive:
            return HELD_BACK, True, ["it is exclusive, and nobody says until when: held back"]
        return (facts.meta_release, True, []) if "PUBLIC" in rights else (None, False, [])
    if is_exclusive and circumstances.is_fresh and dated < circumstances.since - _DAY:
        return HELD_BACK, False, [f"it should be public since {dated:%Y-%m-%d}, but is exclusive: held back"]
    return dated, False, []


def _completed(plane: Record, artifact: Record, own: Row | None, outline: Footprint) -> tuple[Record, Record]:
    """With the observation's wavelengths and centre, where nothing better is known."""
    if own is None:
        return plane, artifact
    lower, upper = _metres(own.get("em_min")), _metres(own.get("em_max"))
    if plane["energy_bounds_lower"] is None and lower and upper and lower < upper:
        plane = plane | {
            "energy_bounds": (lower, upper),
            "energy_bounds_lower": lower,
            "energy_bounds_upper": upper,
            "energy_bounds_width": upper - lower,
            "energy_emband": "Infrared",
        }
        artifact = artifact | {"em_min": lower, "em_max": upper}
    ra, dec = _degrees(own.get("s_ra"), 0, 360), _degrees(own.get("s_dec"), -90, 90)
    if outline.ra is None and ra is not None and dec is not None:
        plane = plane | {"position_center_ra": ra, "position_center_dec": dec}
        artifact = artifact | {"s_ra": ra, "s_dec": dec}
    return plane, artifact


def _metres(nanometres: object) -> float | None:
    number = _degrees(nanometres, 1, 1e6)
    return None if number is None else round(number * 1e-9, 15)


def _degrees(value: object, lowest: float, highest: float) -> float | None:
    value = mast.given(value)
    try:
        number = float(str(value)) if value is not None else None
    except ValueError:
        raise UsageError(f"“{str(value)[:40]}” is not a number") from None
    return number if number is not None and lowest <= number <= highest else None


def _kin(listed: Listed, own_plane: str) -> Kin | None:
    """Associations and pools join the products that they are listed under; previews are shown with theirs."""
    name = listed.name
    if name.product_type == "preview":
        shown = jwst.product_uri(f"{name.name.removesuffix(f'.{name.extension}')}.fits")
        return Kin((), preview_of=shown)
    if name.kind not in {"association", "pool"}:
        return None
    planes = {plane for row in listed.rows if (plane := _plane_of(row)) and plane != own_plane}
    return Kin(tuple(sorted(planes, key=lambda plane: (not plane.endswith("/3"), plane))))


def _plane_of(row: Row) -> str | None:
    observation = mast.given(row.get("obs_id"))
    level = str(mast.given(row.get("calib_level"))).removesuffix(".0")
    try:
        parsed = jwst.parse(str(observation))
    except UsageError:
        return None
    of_level = {"1": "1b", "2": "2b", "3": "3"}.get(level)
    if of_level is None or (parsed.kind == "level3") != (of_level == "3"):
        return None
    return jwst.plane_uri(parsed.observation_id, of_level)


def of_plan(row: Row, circumstances: Circumstances) -> Told:
    """The observation and plane of an exposure that is only planned: there is no file yet.

    Raises:
        UsageError: a value that cannot be true.
    """
    name = jwst.parse(str(row["obs_id"]).strip())
    values = mast.in_keywords(row, name)
    mode = _mode(row)
    if name.instrument not in {None, mode.instrument}:
        raise UsageError(f"instrument_name is {mode.name}, but the name says {name.instrument}")
    facts = described(values, name, mode)._replace(meta_release=circumstances.since)
    outline = footprint(facts.footprint)
    made = records(facts, outline, circumstances.authority)
    uri = jwst.plane_uri(name.observation_id, PLANNED)
    plane, _ = _completed(made.plane, made.artifact, row, outline)
    plane = plane | {
        "planeuri": uri,
        "planeid": identifier(uri),
        "publisherid": jwst.publisher_id(circumstances.authority, name.observation_id, PLANNED),
        "productid": PLANNED,
        "calibrationlevel": -1,
        "dataproducttype": kind if (kind := str(row.get("dataproduct_type"))) in _KINDS else None,
        "metaproducer": PRODUCER,
        **dict.fromkeys(("access_url", "access_format", "access_estsize", "dataproduct_subtype")),
        **dict.fromkeys(("provenance_name", "provenance_version", "provenance_reference")),
        "provenance_inputs": None,
    }
    remarks = [outline.remark] if outline.remark and facts.footprint else []
    made = made._replace(
        observation=made.observation | {"metaproducer": PRODUCER}, plane=plane, artifact={}, inputs=()
    )
    return Told(Described(made, [], [], remarks), is_release_guessed=False, is_meta_release_guessed=True)
