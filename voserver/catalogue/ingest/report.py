"""What came of a load: counts, and every row that was set aside or marked, with the reason.

Kept in the database in the transaction of each batch: a killed load goes on where it stopped and loses
nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from voserver.catalogue.ingest.bulk import Counts
from voserver.catalogue.ingest.understanding import Finding
from voserver.model.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a load. `added + changed + same + refused` are all rows of the file."""

    source: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    noted: int = 0
    resumed_at: int = 0
    """How many rows an earlier, interrupted load of the same file had done already."""
    findings_file: Path | None = None
    """Where the findings are, one JSON object a line; None when there are none."""
    unwritten: str | None = None
    """Why there is no such file though there are findings: they are in the database only."""
    differences: Sequence[str] = ()
    """What a trial would have changed, a line each."""

    def plus(self, counts: Counts, findings: Sequence[Finding]) -> "Report":
        """The report after one more batch."""
        refused = sum(finding.severity == "refused" for finding in findings)
        return replace(
            self,
            rows=self.rows + counts.added + counts.changed + counts.same + refused,
            added=self.added + counts.added,
            changed=self.changed + counts.changed,
            same=self.same + counts.same,
            refused=self.refused + refused,
            noted=self.noted + len(findings) - refused,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A load as the database knows it, which of a trial knows nothing: it has no `runid`."""

    runid: int | None
    report: Report
    programs: frozenset[int] = frozenset()
    """Those of what was merged before it was broken off."""


def begin(
    connection: psycopg.Connection, kind: str, source: str, fingerprint: str, *, is_trial: bool = False
) -> Run:
    """Take up the interrupted load of this file, or begin a new one.

    Raises:
        Unavailable: another process is at it.
    """
    if is_trial:
        return Run(None, Report(source))
    lock(connection, source, f"{kind} {fingerprint}")
    row = connection.execute(
        "SELECT runid, programs, rows_done, added, changed, same, refused, noted FROM archive.ingest_run"
        " WHERE kind = %s AND fingerprint = %s AND finished IS NULL ORDER BY runid DESC LIMIT 1",
        [kind, fingerprint],
    ).fetchone()
    connection.commit()
    if row:
        runid, programs, rows, added, changed, same, refused, noted = row
        report = Report(source, rows, added, changed, same, refused, noted, resumed_at=rows)
        return Run(runid, report, frozenset(programs))
    made = connection.execute(
        "INSERT INTO archive.ingest_run (kind, source, fingerprint) VALUES (%s, %s, %s) RETURNING runid",
        [kind, source, fingerprint],
    ).fetchone()
    assert made is not None
    connection.commit()
    return Run(made[0], Report(source))


def lock(connection: psycopg.Connection, source: str, load: str) -> None:
    """Keep others from the same load until the connection closes, so also when this process is killed.

    Raises:
        Unavailable: another process is at it.
    """
    try:
        # A connection that was closed a moment ago may still have it.
        connection.execute("SET lock_timeout = '3s'")
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [load])
        connection.execute("RESET lock_timeout")
    except psycopg.errors.LockNotAvailable as error:
        connection.rollback()
        raise Unavailable(
            f"{source} is being loaded by another process.", hint="Wait until it is done."
        ) from error
    connection.commit()


def rows_of_finished(connection: psycopg.Connection, kind: str, fingerprint: str) -> int | None:
    """How many rows were merged when this file was loaded to its end, or None where it never was."""
    row = connection.execute(
        "SELECT rows_total - refused FROM archive.ingest_run WHERE kind = %s AND fingerprint = %s"
        " AND finished IS NOT NULL ORDER BY runid DESC LIMIT 1",
        [kind, fingerprint],
    ).fetchone()
    return None if row is None else int(row[0])


def record(
    connection: psycopg.Connection,
    runid: int,
    report: Report,
    findings: Iterable[Finding],
    programs: Iterable[int],
) -> None:
    """Note how far the load is, in the transaction of the batch."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO archive.ingest_finding (runid, row_number, severity, name, reason)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(runid, one.row, one.severity, one.name, one.reason) for one in findings],
        )
    connection.execute(
        "UPDATE archive.ingest_run SET rows_done = %s, added = %s, changed = %s, same = %s, refused = %s,"
        " noted = %s, programs = %s WHERE runid = %s",
        [
            report.rows,
            report.added,
            report.changed,
            report.same,
            report.refused,
            report.noted,
            sorted(programs),
            runid,
        ],
    )


def finish(connection: psycopg.Connection, runid: int, report: Report, directory: Path) -> Report:
    """Mark the load as done, and write its findings to a file beside the server's data."""
    connection.execute(
        "UPDATE archive.ingest_run SET finished = now() AT TIME ZONE 'utc', rows_total = rows_done"
        " WHERE runid = %s",
        [runid],
    )
    connection.commit()
    if not report.refused and not report.noted:
        return report
    try:
        return replace(report, findings_file=_write_findings(connection, runid, directory))
    except OSError as error:
        return replace(report, unwritten=f"{error.filename or directory}: {error.strerror or error}")


def _write_findings(connection: psycopg.Connection, runid: int, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"findings-{runid}.jsonl"
    unfinished = path.with_suffix(".part")
    rows = connection.execute(
        "SELECT row_number, severity, name, reason FROM archive.ingest_finding WHERE runid = %s"
        " ORDER BY row_number",
        [runid],
    )
    with unfinished.open("w", encoding="utf-8") as file:
        for number, severity, name, reason in rows:
            line = {"row": number, "severity": severity, "file": name, "reason": reason}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return unfinished.replace(path)
