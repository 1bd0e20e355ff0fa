"""Load the weekly schedules, or a list of programs, into the table of visits.

A file is loaded in one transaction; rows that cannot be true are set aside with the reason; the same file twice changes
nothing. Of a visit that is in several reports the latest counts, in whatever order they are loaded.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from voserver.catalogue import engine
from voserver.catalogue.ingest import differences, files, report
from voserver.catalogue.ingest.bulk import Counts
from voserver.catalogue.ingest.load import Load
from voserver.catalogue.ingest.report import Report
from voserver.catalogue.ingest.understanding import Finding
from voserver.catalogue.ingest.visits import (
    ATTACHED,
    BESIDE,
    PROGRAMS,
    PROGRAMS_MORE,
    SCHEDULE,
    SCHEDULE_MORE,
    Record,
    identity,
    key_of,
    listed,
    parent_of,
    report_of,
    scheduled,
    span,
)
from voserver.model.errors import UsageError
from voserver.settings import Settings

_KIND = "schedule"
_KEY = ("program", "observation", "visit", "part")

_Key = tuple[int, int, int]


def ingest_schedule(url: str, path: Path, settings: Settings, *, is_trial: bool = False) -> Report:
    """Load the file into the database at `url`; of a trial nothing stays.

    Raises:
        NotFound: there is no such file.
        UsageError: the file is neither a schedule nor a list of programs, or damaged.
        ServiceError: the database is away, or is not at this version's schema.
    """
    files.check(path)
    header = files.header(path)
    understood = _Listed() if set(PROGRAMS) <= set(header) else _Scheduled()
    missing = [name for name in SCHEDULE if name not in header]
    if isinstance(understood, _Scheduled) and missing:
        raise UsageError(
            f"{path.name} is neither a schedule (it lacks {', '.join(missing)}) nor a list of programs.",
            hint=f"A schedule has the columns {', '.join(SCHEDULE)}; a list has {', '.join(PROGRAMS)}.",
        )
    rows = files.read(path, (*understood.required, *understood.more), understood.required)
    records, findings, total = understood.records(rows)
    with engine.connect(url) as connection:
        try:
            run = report.begin(connection, _KIND, path.name, files.fingerprint(path), is_trial=is_trial)
            load = Load(connection=connection, run=run)
            names = [str(record["obs_id"]) for record in records]
            with load.transaction():
                with load.compared(lambda: differences.of_visits(connection, names)):
                    added, changed = _merge(connection, understood, records)
                load.note(Counts(added, changed, total - len(findings) - added - changed), findings)
            return load.finish(settings)
        except psycopg.Error as error:
            raise engine.translate(error) from error


class _Listed:
    """A list of programs: a visit once, or the last row counts."""

    required = PROGRAMS
    more = PROGRAMS_MORE
    condition = sql.SQL("true")

    def records(self, rows: Iterable[files.Row]) -> tuple[Sequence[Record], list[Finding], int]:
        found: dict[object, Record] = {}
        findings: list[Finding] = []
        total = 0
        for row in rows:
            total += 1
            try:
                record = listed(_values(row))
            except UsageError as refusal:
                findings.append(_refused(row, str(row.values.get("pid")), refusal))
                continue
            found[record["obs_id"]] = record
        return list(found.values()), findings, total


class _Scheduled:
    """The reports of some weeks: a visit is in as many as it was scheduled anew, and the latest counts."""

    required = SCHEDULE
    more = SCHEDULE_MORE
    condition = sql.SQL("(old.report IS NULL OR excluded.report >= old.report)")

    def __init__(self) -> None:
        self._spans: dict[tuple[datetime, _Key], tuple[datetime, datetime]] = {}
        self._beside: dict[tuple[datetime, _Key], int] = {}

    def records(self, rows: Iterable[files.Row]) -> tuple[Sequence[Record], list[Finding], int]:
        found: dict[tuple[object, ...], Record] = {}
        findings: list[Finding] = []
        total = 0
        for row in rows:
            total += 1
            try:
                record = self._record(row)
            except UsageError as refusal:
                findings.append(_refused(row, str(row.values.get("file")), refusal))
                continue
            key = tuple(record[name] for name in _KEY)
            known = found.get(key)
            if known is None or str(known["report"]) <= str(record["report"]):
                found[key] = record
        return list(found.values()), findings, total

    def _record(self, row: files.Row) -> Record:
        values = _values(row)
        day = report_of(values)
        if values["visit_type"] == BESIDE:
            parent = parent_of(values)
            part = self._beside[day, parent] = self._beside.get((day, parent), 0) + 1
            return scheduled(values, identity(*parent, part), self._span_of(day, parent))
        key = key_of(values, ("program", "observation_num", "visit_num"))
        if values["start_time"] == ATTACHED:
            return scheduled(values, identity(*key), self._span_of(day, parent_of(values)))
        times = self._spans[day, key] = span(values)
        return scheduled(values, identity(*key), times)

    def _span_of(self, day: datetime, parent: _Key) -> tuple[datetime, datetime]:
        """A parallel visit has the time of the one that it is attached to, which stands before it."""
        times = self._spans.get((day, parent))
        if times is None:
            program, observation, visit = parent
            raise UsageError(
                f"its parent visit {program}:{observation}:{visit} is not before it in the report"
            )
        return times


def _values(row: files.Row) -> dict[str, object]:
    if row.fault:
        raise UsageError(row.fault)
    return dict(row.values)


def _refused(row: files.Row, name: str, refusal: UsageError) -> Finding:
    """Texts of PostgreSQL hold no NUL."""
    return Finding(
        row.number, "refused", name[:200].replace("\0", "\\0"), refusal.message.replace("\0", "\\0")
    )


def _merge(
    connection: psycopg.Connection, understood: _Listed | _Scheduled, records: Sequence[Record]
) -> tuple[int, int]:
    """How many visits were added, and how many changed."""
    if not records:
        return 0, 0
    columns = tuple(records[0])
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE staged_visit ON COMMIT DROP AS SELECT {} FROM archive.visit WITH NO DATA"
        ).format(names)
    )
    copy = sql.SQL("COPY pg_temp.staged_visit ({}) FROM STDIN").format(names)
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for record in records:
            stream.write_row(tuple(record.values()))
    others = [name for name in columns if name not in {*_KEY, "obs_id"}]
    after = [sql.Identifier("excluded", name) for name in others]
    counted = connection.execute(
        sql.SQL(
            "WITH merged AS (INSERT INTO archive.visit AS old ({names}) SELECT {names} FROM pg_temp.staged_visit"
            " ON CONFLICT ({key}) DO UPDATE SET ({others}) = ROW ({after}), lastmodified = now() AT TIME ZONE 'utc'"
            " WHERE {condition} AND ({before}) IS DISTINCT FROM ({after}) RETURNING old.xmax = 0 AS added)"
            " SELECT count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added) FROM merged"
        ).format(
            names=names,
            key=sql.SQL(", ").join(map(sql.Identifier, _KEY)),
            others=sql.SQL(", ").join(map(sql.Identifier, others)),
            before=sql.SQL(", ").join(sql.Identifier("old", name) for name in others),
            after=sql.SQL(", ").join(after),
            condition=understood.condition,
        )
    ).fetchone()
    assert counted is not None
    return int(counted[0]), int(counted[1])
