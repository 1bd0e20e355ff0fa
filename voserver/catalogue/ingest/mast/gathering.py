"""Rows that list a file become one: a file under several observations is one file."""

from dataclasses import dataclass, field

from voserver.catalogue.ingest.mast.lists import Lists, Place, Row
from voserver.model import jwst, mast
from voserver.model.errors import UsageError


@dataclass(slots=True)
class Listed:
    """A file, and what all rows say of it."""

    name: jwst.ProductName
    place: Place
    """The first row that names it."""
    rows: list[Row] = field(default_factory=list)
    """Of lists of products; none where only an observation names the file."""
    observation: Row | None = None
    """Its own observation."""
    observation_place: Place | None = None
    """Where that is, if the lists themselves have it."""
    others: dict[str, Row] = field(default_factory=dict)
    """The observations that it is listed under, by name, as far as these are known."""
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """All files of some lists, the planned observations, and who is made of whom."""

    files: dict[str, Listed] = field(default_factory=dict)
    planned: list[tuple[Place, Row]] = field(default_factory=list)
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a derived observation's name and that of an exposure that it is made of."""


def gather(lists: Lists) -> Gathered:
    """The files of the lists, in order of their names; rows that cannot be true go to the lists' findings."""
    found = Gathered()
    names = {str(mast.given(row.get("obsid"))): name for name, row in lists.observations.items()}
    names |= {str(mast.given(row.get("obsID"))): str(row.get("obs_id")) for row in lists.products}
    for place, row in zip(lists.product_places, lists.products, strict=True):
        try:
            _take_product(found, row, lists, names, place)
        except UsageError as refusal:
            label = row.get("productFilename") or row.get("dataURI")
            lists.findings.append(place.finding("refused", label, refusal.message))
    for name, place in lists.observation_places.items():
        try:
            _take_observation(found, name, lists.observations[name], place)
        except UsageError as refusal:
            lists.findings.append(place.finding("refused", name, refusal.message))
    for listed in found.files.values():
        own = lists.observations.get(listed.name.observation_id)
        if listed.name.kind in {"exposure", "level3"}:
            listed.observation = own
            listed.observation_place = lists.observation_places.get(listed.name.observation_id)
    found.files = dict(sorted(found.files.items()))
    return found


def _take_product(found: Gathered, row: Row, lists: Lists, names: dict[str, str], place: Place) -> None:
    uri = str(row.get("dataURI"))
    file_name = mast.file_name(uri)
    if file_name is None:
        raise UsageError("dataURI is missing")
    name = _file_of(file_name)
    if uri != jwst.product_uri(name.name):
        raise UsageError(f"dataURI is “{uri[:120]}”, but the file's would be {jwst.product_uri(name.name)}")
    _check_program(row, name)
    listed = found.files.setdefault(name.name, Listed(name, place))
    listed.rows.append(row)
    own = str(mast.given(row.get("obs_id")))
    parent = names.get(str(mast.given(row.get("parent_obsid"))))
    for one in (own, parent):
        if one in lists.observations:
            listed.others[one] = lists.observations[one]
    if parent and parent != own and _is_derived(parent) and not _is_derived(own):
        found.members[parent, own] = None


def _is_derived(observation: str) -> bool:
    try:
        return jwst.parse(observation).kind == "level3"
    except UsageError:
        return False


def _file_of(file_name: str) -> jwst.ProductName:
    name = jwst.parse(file_name)
    if not name.extension:
        raise UsageError(f"“{file_name[:120]}” is the name of an observation, not of a file")
    return name


def _check_program(row: Row, name: jwst.ProductName) -> None:
    given = mast.given(row.get("proposal_id"))
    if given is not None and str(given).lstrip("0").removesuffix(".0") != str(name.program):
        raise UsageError(f"proposal_id is {str(given)[:20]}, but the name says {name.program}")


def _take_observation(found: Gathered, name: str, row: Row, place: Place) -> None:
    parsed = jwst.parse(name)
    if parsed.extension or parsed.observation_id != name:
        raise UsageError("obs_id is not the name of an observation")
    _check_program(row, parsed)
    if str(mast.given(row.get("calib_level"))) in {"-1", "-1.0"}:
        found.planned.append((place, row))
        return
    file_name, preview = mast.file_name(row.get("dataURL")), mast.file_name(row.get("jpegURL"))
    if file_name is None and preview is None:
        raise UsageError("no file is named (dataURL, jpegURL)")
    for one in (file_name, preview):
        if one is None:
            continue
        name_of_file = _file_of(one)
        if name_of_file.observation_id == name:
            found.files.setdefault(one, Listed(name_of_file, place)).others[name] = row
        elif one == file_name:
            raise UsageError(f"the file that it names, {one[:120]}, is of another observation")
        elif file_name:
            # Some previews of MAST's list are those of another sub-array or filter.
            listed = found.files[file_name]
            listed.remarks.append(
                f"the preview that is named, {one[:120]}, is of another observation: left out"
            )
