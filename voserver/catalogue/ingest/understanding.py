"""Rows of a file become batches that are ready for the database; no database is needed here."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from voserver.catalogue.ingest import files
from voserver.catalogue.ingest.batches import Batch, Encoded, Types, encode
from voserver.catalogue.ingest.caom import records
from voserver.catalogue.ingest.facts import COLUMNS, REQUIRED, Facts, check
from voserver.catalogue.ingest.footprints import footprint
from voserver.model.errors import UsageError

Severity = Literal["refused", "noted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was set aside (`refused`), or loaded with something left out (`noted`)."""

    row: int
    severity: Severity
    name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read, and how."""

    path: Path
    authority: str
    types: Types
    resumed_at: int
    """So many rows are in the database already."""
    batch_size: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch with what was found in its rows, and the programs that its rows are of."""

    batch: Encoded
    findings: list[Finding]
    programs: set[int]


def prepare(task: Task) -> Iterator[Prepared]:
    """The file's rows in batches; one empty batch where no row is left.

    Raises:
        UsageError: the file is not what it should be.
    """
    with _without_collections():
        yield from _Understanding(task).batches()


@contextmanager
def _without_collections() -> Iterator[None]:
    """Rows make no cycles, and looking for some among a million values takes a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(slots=True)
class _Understanding:
    task: Task
    programs: set[int] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)

    def batches(self) -> Iterator[Prepared]:
        rows = files.read(self.task.path, COLUMNS, REQUIRED)
        for row in islice(rows, self.task.resumed_at):
            self._skip(row)
        chunk = list(islice(rows, self.task.batch_size))
        while True:
            yield self._understand(chunk)
            chunk = list(islice(rows, self.task.batch_size))
            if not chunk:
                return

    def _skip(self, row: files.Row) -> None:
        """A row that is in the database already counts as seen."""
        self._seen.setdefault(str(row.values.get("true_filename")), row.number)

    def _understand(self, rows: list[files.Row]) -> Prepared:
        batch, findings = Batch(), list[Finding]()
        for row in rows:
            name = row.values.get("true_filename")
            label = None if name is None else _storable(str(name)[:200])
            try:
                facts = self._facts(row)
            except UsageError as refusal:
                findings.append(Finding(row.number, "refused", label, _storable(refusal.message)))
                continue
            found = footprint(facts.footprint)
            if found.remark:
                findings.append(Finding(row.number, "noted", label, found.remark))
            made = records(facts, found, self.task.authority)
            batch.add(made.observation, made.plane, made.artifact)
            observation_uri, plane_uri = str(made.observation["observationuri"]), str(made.plane["planeuri"])
            batch.members |= {(observation_uri, member): None for member in made.members}
            batch.inputs |= {(plane_uri, one): None for one in made.inputs}
            self.programs.add(facts.name.program)
        programs, self.programs = self.programs, set()
        return Prepared(encode(batch, self.task.types), findings, programs)

    def _facts(self, row: files.Row) -> Facts:
        if row.fault:
            raise UsageError(row.fault)
        facts = check(row.values)
        first = self._seen.setdefault(facts.name.name, row.number)
        if first != row.number:
            raise UsageError(f"the file is in row {first} already")
        return facts


def _storable(reason: str) -> str:
    """PostgreSQL's texts hold no NUL."""
    return reason.replace("\0", "\\0")
