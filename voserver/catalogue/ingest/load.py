"""A load under way, whatever it reads: batches are merged in a transaction each, and what came of them is counted.

Of a trial every transaction is taken back, once what it changes is known; the database then knows of no load.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg

from voserver.catalogue.ingest import bulk, joining, report
from voserver.catalogue.ingest.batches import Encoded
from voserver.catalogue.ingest.bulk import Counts
from voserver.catalogue.ingest.differences import Rows, lines, of_files
from voserver.catalogue.ingest.header_records import Described
from voserver.catalogue.ingest.report import Report, Run
from voserver.catalogue.ingest.understanding import Finding
from voserver.settings import Settings

Progress = Callable[[int, int | None], None]
"""Called with the number of files or rows done, and of all where that is known."""

_MOST_KEPT = 100_000
"""So many lines of a trial's differences are kept; nobody reads more of them."""


@dataclass(kw_only=True)
class Load:
    """A load under way."""

    connection: psycopg.Connection
    run: Run
    so_far: Report = field(init=False)
    programs: set[int] = field(default_factory=set)
    """Those whose products may get other members."""
    differences: list[str] = field(default_factory=list)
    """What a trial would have changed, a line each; so many more are not kept: `not_kept`."""
    not_kept: int = 0

    def __post_init__(self) -> None:
        self.so_far = self.run.report
        self.programs |= self.run.programs

    @property
    def is_trial(self) -> bool:
        """Whether nothing of it is to stay."""
        return self.run.runid is None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A batch's transaction; what is looked up in it stays as it is until it ends."""
        with self.connection.transaction(force_rollback=self.is_trial):
            bulk.wait_for_turn(self.connection)
            yield

    def merge(self, batch: Encoded, findings: Sequence[Finding], files: Iterable[Described] = ()) -> None:
        """Bring a batch of files into the tables, in the transaction that is open."""
        with self.compared(lambda: of_files(self.connection, batch.artifacts)):
            counts = bulk.merge(self.connection, batch)
            joining.link(self.connection, files)
        self.note(counts, findings)

    @contextmanager
    def compared(self, look: Callable[[], Rows]) -> Iterator[None]:
        """Of a trial: what the block changes of the rows that `look` finds."""
        before = look() if self.is_trial else {}
        yield
        if self.is_trial:
            self.note_differences(lines(before, look()))

    def note_differences(self, told: Sequence[str]) -> None:
        """Keep lines that say what a trial would change."""
        room = _MOST_KEPT - len(self.differences)
        # A name may have line breaks, which would look like another file.
        self.differences += [" ".join(line.splitlines()) for line in told[:room]]
        self.not_kept += len(told[room:])

    def note(self, counts: Counts, findings: Sequence[Finding]) -> None:
        """Note what came of a batch, in its transaction."""
        self.so_far = self.so_far.plus(counts, findings)
        if self.run.runid is None:
            self.note_differences([f"{one.severity}: {one.name}: {one.reason}" for one in findings])
        else:
            report.record(self.connection, self.run.runid, self.so_far, findings, self.programs)

    def link_associations(self) -> None:
        """Products of several exposures get what else is known of their members, once all batches are merged."""
        if not self.is_trial:
            with self.transaction():
                bulk.link_associations(self.connection, sorted(self.programs))

    def finish(self, settings: Settings) -> Report:
        """The end of the load."""
        if self.run.runid is None:
            more = [f"… and {self.not_kept:,} more"] if self.not_kept else []
            return replace(self.so_far, differences=(*self.differences, *more))
        return report.finish(self.connection, self.run.runid, self.so_far, settings.data_dir / "ingest")
