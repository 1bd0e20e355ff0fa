"""MAST's lists as files: which kind each is, and its rows.

A list of products, of observations or of level-3 images, as CSV (also packed) or Parquet; or JSON: a list of rows, an
answer of the portal's, or a search's results; or a plain list of files' names, as text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from voserver.catalogue.ingest import files
from voserver.catalogue.ingest.understanding import Finding, Severity
from voserver.model import jwst, mast
from voserver.model.errors import NotFound, UsageError

Row = Mapping[str, object]
Kind = Literal["products", "observations", "images"]

PRODUCT_COLUMNS = (
    *("obsID", "obs_collection", "dataproduct_type", "obs_id", "description", "dataURI", "productType"),
    *("productGroupDescription", "productSubGroupDescription", "prvversion", "proposal_id"),
    *("productFilename", "size", "parent_obsid", "dataRights", "calib_level", "filters"),
)
OBSERVATION_COLUMNS = (
    *("intentType", "obs_collection", "provenance_name", "instrument_name", "filters", "target_name"),
    *("target_classification", "obs_id", "s_ra", "s_dec", "dataproduct_type", "proposal_pi", "calib_level"),
    *("t_min", "t_max", "t_exptime", "em_min", "em_max", "obs_title", "t_obs_release", "proposal_id"),
    *("proposal_type", "s_region", "jpegURL", "dataURL", "dataRights", "mtFlag", "obsid"),
)
_NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "products": ("obs_id", "dataURI", "productType"),
    "observations": ("obs_id", "instrument_name", "calib_level"),
    "images": ("instrument_name", "dataURL", "t_obs_release"),
}
_LARGEST_JSON = 64 << 20
"""Python needs some twenty times as much memory."""
_LONGEST_LINE = 4096


def storable(text: str) -> str:
    """What PostgreSQL holds of a text: no NUL, and no half of a sign."""
    return text.replace("\0", "\\0").encode("utf-8", "replace").decode()


class Place(NamedTuple):
    """Where something is said: a list, and the row of it, from 1."""

    source: str
    row: int

    def finding(self, severity: Severity, name: object, reason: str, other: "Place | None" = None) -> Finding:
        """What is wrong there, or at the other place that tells of the same."""
        shown = None if name is None else storable(str(name)[:200])
        places = [f"{place.source}, row {place.row}" for place in (self, other) if place]
        return Finding(
            self.row, severity, shown, storable(f"{' and '.join(dict.fromkeys(places))}: {reason}")
        )


@dataclass(slots=True)
class Lists:
    """What some lists say; rows that cannot be used at all are among the findings."""

    observations: dict[str, Row] = field(default_factory=dict)
    """By their name, `obs_id`."""
    products: list[Row] = field(default_factory=list)
    """A file under several observations has a row for each."""
    observation_places: dict[str, Place] = field(default_factory=dict)
    """Of those observations that the lists themselves have."""
    product_places: list[Place] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    since: datetime | None = None
    """When the lists were made, as far as that is known (UTC)."""

    def add(self, kind: Kind, rows: Iterable[tuple[Row, str | None]], source: str) -> None:
        """Take the rows of a list, each with what is wrong with it or None."""
        for number, (row, fault) in enumerate(rows, 1):
            self.rows += 1
            place = Place(source, number)
            try:
                self._take(kind, row, fault, place)
            except UsageError as refusal:
                label = row.get("productFilename") or row.get("obs_id") or row.get("dataURL")
                self.findings.append(place.finding("refused", label, refusal.message))

    def _take(self, kind: Kind, row: Row, fault: str | None, place: Place) -> None:
        if fault:
            raise UsageError(fault)
        for column, value in row.items():
            if isinstance(value, str) and storable(value) != value:
                raise UsageError(f"{column[:40]} has signs that no text has")
        collection = mast.given(row.get("obs_collection")) or jwst.COLLECTION
        if collection != jwst.COLLECTION:
            raise UsageError(f"it is of the collection {str(collection)[:40]}, not of JWST")
        if kind == "products":
            self.products.append(row)
            self.product_places.append(place)
            return
        taken = dict(row) if kind == "observations" else _observation_of_image(row)
        name = mast.given(taken.get("obs_id"))
        if name is None:
            raise UsageError("obs_id is missing")
        self.observations[str(name)] = taken
        self.observation_places[str(name)] = place


def _observation_of_image(row: Row) -> dict[str, object]:
    """A row of the level-3 images, as the observation that it is of."""
    # Of some the archive has a preview, but no image.
    name = mast.file_name(row.get("dataURL")) or mast.file_name(row.get("jpegURL"))
    if name is None:
        raise UsageError("dataURL and jpegURL are missing: which file it is about is not known")
    return {**row, "obs_id": jwst.parse(name).observation_id, "calib_level": 3, "dataproduct_type": "image"}


def read(paths: Sequence[Path]) -> Lists:
    """The rows of all these lists.

    Raises:
        NotFound: there is no such file.
        UsageError: a file is no list of MAST's, or damaged.
    """
    lists = Lists()
    for path in paths:
        if not path.is_file():
            raise NotFound(f"There is no file {path}.")
        made = files.last_change(path.stat())
        lists.since = made if lists.since is None else min(made, lists.since)
        ending = path.suffix.lower()
        if ending == ".txt":
            lists.add("products", _names(path), path.name)
        elif ending == ".json":
            rows = json_rows(path)
            kind = kind_of(path.name, _columns(rows))
            lists.add(kind, ((row, None) for row in rows), path.name)
        elif ending not in {".csv", ".gz", ".parquet"}:
            raise UsageError(f"{path.name} is no list by its name.", hint=_TAKEN)
        else:
            files.check(path)
            kind = kind_of(path.name, files.header(path))
            lists.add(kind, _table(path, kind), path.name)
    return lists


_TAKEN = (
    "Taken are CSV (also packed: .csv.gz), .parquet, .json, and plain lists of names or URLs of files: .txt."
)


def _names(path: Path) -> Iterator[tuple[Row, str | None]]:
    """A plain list: a line each has a file's name, or a URL that ends with it. Nothing more is known of the files.

    Raises:
        UsageError: it is no text, or has lines that are none of these.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), 1):
                if len(line) == _LONGEST_LINE:
                    raise UsageError(f"{path.name}, line {number}: it is longer than any name.", hint=_TAKEN)
                if line.strip() and not line.startswith("#"):
                    yield _row_of_name(str(mast.file_name(line)))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is no text in UTF-8.", hint=_TAKEN) from error


def _row_of_name(name: str) -> tuple[Row, str | None]:
    try:
        own = jwst.parse(name).observation_id
    except UsageError as refusal:
        return {"productFilename": name}, refusal.message
    return {
        "productFilename": name, "dataURI": jwst.product_uri(name), "obs_id": own, "obsID": own, "parent_obsid": own
    }, None  # fmt: skip


def _table(path: Path, kind: Kind) -> Iterator[tuple[Row, str | None]]:
    columns = PRODUCT_COLUMNS if kind == "products" else OBSERVATION_COLUMNS
    for row in files.read(path, columns, _NEEDED[kind]):
        yield row.values, row.fault


def kind_of(name: str, columns: Iterable[str]) -> Kind:
    """Which list has these columns.

    Raises:
        UsageError: none.
    """
    there = set(columns)
    for kind, needed in _NEEDED.items():
        if there.issuperset(needed):
            return kind
    wanted = "; ".join(f"of {kind} has {', '.join(needed)}" for kind, needed in _NEEDED.items())
    raise UsageError(f"{name} is no list of MAST's by its columns.", hint=f"A list {wanted}.")


def json_rows(path: Path) -> list[Row]:
    """The rows of a JSON file.

    Raises:
        UsageError: it is damaged, too large, or has no rows.
    """
    if path.stat().st_size > _LARGEST_JSON:
        raise UsageError(
            f"{path.name} is larger than {_LARGEST_JSON >> 20} MiB.",
            hint="Give it in pieces, or as CSV or Parquet.",
        )
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} is no whole JSON: {str(error)[:200]}") from error
    rows = document
    if isinstance(document, dict):
        rows = next((document[key] for key in ("data", "results") if key in document), None)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UsageError(
            f"{path.name} has no rows.",
            hint="Wanted is a list of objects, alone or under `data` or `results`.",
        )
    return rows


def _columns(rows: Sequence[Row]) -> set[str]:
    return {str(name) for row in rows for name in row}
