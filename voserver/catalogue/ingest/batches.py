"""Rows of a batch, each entity once, and what COPY takes of them. Needs no database, nor its driver."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from voserver.catalogue.ingest.binary_copy import Encoder
from voserver.catalogue.ingest.caom import Record, identifier


@dataclass(frozen=True, slots=True)
class Target:
    """A base table, and how rows are merged into it."""

    table: str
    key: str
    parents: tuple[tuple[str, str], ...] = ()
    """The tables above and their keys, the nearest first."""
    decided: bool = False
    """Whether `principal_file` decides between rows that disagree."""
    kept: str = ""
    """The column that stays once it has a value: `link_associations` finds out more than a row says."""


OBSERVATION = Target("observation", "obsid", decided=True, kept="members")
PLANE = Target("plane", "planeid", (("observation", "obsid"),), decided=True, kept="provenance_inputs")
ARTIFACT = Target("artifact", "artifactid", (("plane", "planeid"), ("observation", "obsid")))
TARGETS = (OBSERVATION, PLANE, ARTIFACT)

_LINK_TYPES = ("text", "uuid", "text", "timestamp without time zone", "text[]")


@dataclass(slots=True)
class Batch:
    """Rows to merge, each entity once: of rows that share an observation or a plane, its principal file's."""

    observations: dict[object, Record] = field(default_factory=dict)
    planes: dict[object, Record] = field(default_factory=dict)
    artifacts: list[Record] = field(default_factory=list)
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a derived observation's URI and a member's."""
    inputs: dict[tuple[str, str], None] = field(default_factory=dict)
    """Pairs of a plane's URI and an input's."""

    def add(self, observation: Record, plane: Record, artifact: Record) -> None:
        """Take the three rows of one file."""
        _keep_principal(self.observations, observation, "obsid")
        _keep_principal(self.planes, plane, "planeid")
        self.artifacts.append(artifact)


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
    artifacts: int


Types = Mapping[Target, Mapping[str, str]]
"""The types of the base tables' columns, by name."""


def encode(batch: Batch, types: Types) -> Encoded:
    """What the database is sent; needs no connection."""
    encoder = Encoder()
    rows = {
        OBSERVATION: batch.observations.values(),
        PLANE: batch.planes.values(),
        ARTIFACT: batch.artifacts,
    }
    tables = {target: _stage(encoder, types[target], some) for target, some in rows.items() if some}
    return Encoded(tables, encoder.rows(_LINK_TYPES, _links(batch)), len(batch.artifacts))


def _stage(encoder: Encoder, types: Mapping[str, str], rows: Iterable[Record]) -> Staged:
    columns = tuple(next(iter(rows)))
    return Staged(columns, encoder.rows([types[name] for name in columns], (row.values() for row in rows)))


def _links(batch: Batch) -> Iterable[Sequence[object]]:
    """Members and inputs; each carries its parent's release, so that the views need no join."""
    for kind, links, parents in (
        ("member", batch.members, batch.observations),
        ("input", batch.inputs, batch.planes),
    ):
        for parent, child in links:
            row = parents[identifier(parent)]
            yield kind, identifier(parent), child, row["metarelease"], row["metareadgroups"]
