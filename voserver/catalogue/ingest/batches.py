"""Rows of a batch, each entity once, and what COPY takes of them. Needs no database, nor its driver."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from voserver.catalogue.ingest.binary_copy import Encoder
from voserver.catalogue.ingest.caom import Record, identifier

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Target:
    """A base table, and how rows are merged into it."""

    table: str
    key: str
    parents: tuple[tuple[str, str], ...] = ()
    """The tables above and their keys, the nearest first."""
    decided: bool = False
    """Whether `principal_file` decides between rows that disagree."""
    completed: bool = True
    """Whether what a row does not say leaves what is known; otherwise it replaces that."""
    rules: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The new values of columns of which more is to be said, as SQL over the rows `old` and `excluded` (the new)."""
    settled: tuple[str, ...] = ()
    """Columns that the database fills in before rows are merged."""


_KEEPS_RELEASE = (
    "old.datarelease IS NOT NULL AND (excluded.datarelease IS NULL"
    " OR excluded.release_assumed AND NOT old.release_assumed)"
)
"""A date that was stated is better than one that is assumed, and any better than none."""


def _unless(condition: str, *columns: str) -> dict[str, str]:
    return {name: f"CASE WHEN {condition} THEN old.{name} ELSE excluded.{name} END" for name in columns}


def _measured(mark: str, *columns: str) -> dict[str, str]:
    """Columns that stay as they were read from the file itself, which `mark` tells, until it is read again."""
    kept = f"old.{mark} IS NOT NULL AND excluded.{mark} IS NULL"
    return {
        name: f"CASE WHEN {kept} THEN old.{name} ELSE coalesce(excluded.{name}, old.{name}) END"
        for name in columns
    }


def _located(footprint: str, *columns: str) -> dict[str, str]:
    """Columns that go with the footprint: they stay where it does, because who tells them has none."""
    kept = f"excluded.{footprint} IS NULL AND old.{footprint} IS NOT NULL"
    return {
        name: f"CASE WHEN {kept} THEN old.{name} ELSE coalesce(excluded.{name}, old.{name}) END"
        for name in columns
    }


def _version(row: str) -> str:
    """The numbers of a pipeline's version, which compare as versions do: 1.9.2 is before 1.17.0."""
    digits = f"substring({row}.pipeline_version FROM '^[0-9]{{1,6}}(?:[.][0-9]{{1,6}}){{0,9}}')"
    return f"string_to_array({digits}, '.')::integer[]"


_OUTDATED = (
    "(excluded.metaproducer IS DISTINCT FROM 'voserver:headers-1' AND old.pipeline_version <> excluded.pipeline_version"
    f" AND {_version('excluded')} < {_version('old')}) IS TRUE"
)
"""Whoever tells of an older version of the file looked at it earlier; but a file that was read is as it is."""


def _outdated(name: str) -> str:
    return f"CASE WHEN {_OUTDATED} THEN old.{name} ELSE coalesce(excluded.{name}, old.{name}) END"


_VERSIONED = ("contentlength", "pipeline_version", "crds_context", "sdp_version")
"""What is another of every version of a file, as its checksum is."""

_RELEASE = {
    **_unless(_KEEPS_RELEASE, "datarelease", "datareadgroups", "release_assumed", "release_set"),
    "stated_release": "coalesce(excluded.stated_release, old.stated_release)",
}
_SETTLED = ("release_assumed", "release_set", "stated_release")
_META_RELEASE = _unless("excluded.metarelease IS NULL", "metarelease", "metareadgroups")
_ENERGY = ("energy_bounds", "energy_bounds_lower", "energy_bounds_upper", "energy_bounds_width")

OBSERVATION = Target(
    "observation",
    "obsid",
    decided=True,
    rules={
        **_META_RELEASE,
        # `link_associations` finds out more than a row says.
        "members": "coalesce(old.members, excluded.members)",
        "requirements_flag": "excluded.requirements_flag",
    },
)
PLANE = Target(
    "plane",
    "planeid",
    (("observation", "obsid"),),
    decided=True,
    rules={
        **_META_RELEASE,
        **_RELEASE,
        **_measured("energy_dimension", *_ENERGY),
        "provenance_inputs": "coalesce(old.provenance_inputs, excluded.provenance_inputs)",
        **_located("position_bounds", "position_center_ra", "position_center_dec"),
        **_unless(
            "excluded.position_bounds_status = 'absent'"
            " OR excluded.position_bounds IS NULL AND old.position_bounds IS NOT NULL",
            "position_bounds_status",
        ),
    },
    settled=_SETTLED,
)
ARTIFACT = Target(
    "artifact",
    "artifactid",
    (("plane", "planeid"), ("observation", "obsid")),
    rules={
        **_META_RELEASE,
        **_RELEASE,
        **_located("s_region", "s_ra", "s_dec"),
        **_measured("em_unit", "em_min", "em_max"),
        **{name: _outdated(name) for name in _VERSIONED},
        # The checksum of a file that has another size by now is another.
        "contentchecksum": f"CASE WHEN {_OUTDATED} THEN old.contentchecksum"
        " ELSE coalesce(excluded.contentchecksum, CASE WHEN"
        " coalesce(excluded.contentlength = old.contentlength, true) THEN old.contentchecksum END) END",
    },
    settled=_SETTLED,
)
_ABOVE_PART = (("artifact", "artifactid"), ("plane", "planeid"), ("observation", "obsid"))
PART = Target("part", "partid", _ABOVE_PART, completed=False)
CHUNK = Target("chunk", "chunkid", (("part", "partid"), *_ABOVE_PART), completed=False)
TARGETS = (OBSERVATION, PLANE, ARTIFACT, PART, CHUNK)

_LOCATION_TYPES = ("uuid", "text", "text")
_LINK_TYPES = ("text", "uuid", "text")


@dataclass(slots=True)
class Batch:
    """Rows to merge, each entity once: of rows that share an observation or a plane, its principal file's."""

    observations: dict[object, Record] = field(default_factory=dict)
    planes: dict[object, Record] = field(default_factory=dict)
    artifacts: list[Record] = field(default_factory=list)
    parts: list[Record] = field(default_factory=list)
    """All parts of the files that were read themselves; their chunks likewise."""
    chunks: list[Record] = field(default_factory=list)
    locations: dict[tuple[bytes, str], str] = field(default_factory=dict)
    """Keys of files by artifact and store."""
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a derived observation's URI and a member's."""
    inputs: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a plane's URI and an input's."""

    def add(self, observation: Record, plane: Record, artifact: Record) -> None:
        """Take the three rows of one file."""
        _keep_principal(self.observations, observation, "obsid")
        _keep_principal(self.planes, plane, "planeid")
        self.artifacts.append(artifact)


def chunks(things: Iterable[_Thing], size: int) -> Iterator[list[_Thing]]:
    """The things, so many at a time."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _keep_principal(rows: dict[object, Record], row: Record, key: str) -> None:
    known = rows.get(row[key])
    if known is None or str(row["principal_file"]) < str(known["principal_file"]):
        rows[row[key]] = row


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows of one table, as COPY takes them."""

    columns: tuple[str, ...]
    content: list[bytes]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch, ready for the database."""

    tables: Mapping[Target, Staged]
    links: list[bytes]
    locations: list[bytes]
    artifacts: list[bytes]
    """The ids of the batch's files."""


Types = Mapping[Target, Mapping[str, str]]
"""The types of the base tables' columns, by name."""


def encode(batch: Batch, types: Types) -> Encoded:
    """What the database is sent; needs no connection."""
    encoder = Encoder()
    rows = {
        OBSERVATION: batch.observations.values(),
        PLANE: batch.planes.values(),
        ARTIFACT: batch.artifacts,
        PART: batch.parts,
        CHUNK: batch.chunks,
    }
    tables = {target: _stage(encoder, types[target], some) for target, some in rows.items() if some}
    locations = ((*of, key) for of, key in batch.locations.items())
    return Encoded(
        tables,
        encoder.rows(_LINK_TYPES, _links(batch)),
        encoder.rows(_LOCATION_TYPES, locations),
        [identifier(str(row["uri"])) for row in batch.artifacts],
    )


def _stage(encoder: Encoder, types: Mapping[str, str], rows: Iterable[Record]) -> Staged:
    columns = tuple(next(iter(rows)))
    # Rows of different kinds of files may have their columns in another order.
    values = (row.values() if tuple(row) == columns else [row[name] for name in columns] for row in rows)
    return Staged(columns, encoder.rows([types[name] for name in columns], values))


def _links(batch: Batch) -> Iterable[Sequence[object]]:
    for kind, links in (("member", batch.members), ("input", batch.inputs)):
        for parent, child in links:
            yield kind, identifier(parent), child
