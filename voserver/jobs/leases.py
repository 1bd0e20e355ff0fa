"""Jobs as workers see them: whose turn it is, whose job it is, and how it ended.

A worker holds a job by a lease that it renews; a worker that died renews nothing, and the job goes to another, once.
Each taking has a number, the attempt: only the latest can end the job, so a worker that was merely cut off for a while
cannot end it a second time.
"""
# ruff: noqa: S608 -- the statements are put together from our own constants

from collections.abc import Iterable
from dataclasses import dataclass

from voserver.jobs.database import JobDatabase
from voserver.jobs.records import COLUMNS, INPUTS, STORED, Job, job_from
from voserver.jobs.results import Stored
from voserver.jobs.work import Output

MOST_LOSSES = 1
"""How many attempts may be lost before the job fails: one that kills its worker must not kill them all."""

_TURN = "SELECT pg_advisory_xact_lock(0x766f6a62)"
_TAKE = f"""
    WITH parties AS (
        SELECT party, min(queued_time) AS first FROM archive.job WHERE phase = 'QUEUED' GROUP BY party
    ), shares AS (
        SELECT party,
            (SELECT count(*) FROM archive.job r WHERE r.party = p.party AND r.phase = 'EXECUTING') AS running,
            (SELECT max(start_time) FROM archive.job s WHERE s.party = p.party) AS served
        FROM parties p
    ), next AS (
        SELECT job_id FROM archive.job JOIN shares USING (party)
        WHERE phase = 'QUEUED' AND running < %(most)s
        ORDER BY priority DESC, running, served NULLS FIRST, queued_time, job_id LIMIT 1
    )
    UPDATE archive.job SET phase = 'EXECUTING', worker = %(worker)s, attempt = attempt + 1, quote = NULL,
        lease = clock_timestamp() + make_interval(secs => %(lease)s), start_time = clock_timestamp()
    WHERE job_id = (SELECT job_id FROM next) AND phase = 'QUEUED'
    RETURNING {COLUMNS}"""
_INPUTS = f"SELECT {INPUTS} FROM archive.job j WHERE job_id = %(job_id)s"
_RENEW = """
    UPDATE archive.job SET lease = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE worker = %(worker)s AND phase = 'EXECUTING' AND job_id = ANY(%(jobs)s) RETURNING job_id, attempt"""
_NOTE = """
    INSERT INTO archive.job_file (file_key, job_id, attempt, position, result_id, media_type, file_name)
    SELECT %(key)s, job_id, attempt, %(position)s, %(result_id)s, %(media_type)s, %(file_name)s
    FROM archive.job WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND phase = 'EXECUTING' FOR SHARE
    RETURNING file_key"""
_MINE = "WHERE job_id = %(job_id)s AND attempt = %(attempt)s AND phase = 'EXECUTING' RETURNING job_id"
_COMPLETE = f"""
    UPDATE archive.job SET phase = 'COMPLETED', end_time = clock_timestamp(), row_count = %(row_count)s,
        lease = NULL {_MINE}"""
_FAIL = f"""
    UPDATE archive.job SET phase = 'ERROR', end_time = clock_timestamp(), row_count = %(row_count)s,
        error_type = %(type)s, error_message = %(message)s, lease = NULL {_MINE}"""
_GIVE_BACK = f"""
    UPDATE archive.job SET phase = 'QUEUED', start_time = NULL, worker = NULL, lease = NULL, quote = NULL,
        losses = losses + %(losses)s {_MINE}"""
_QUOTE = "UPDATE archive.job SET quote = start_time + make_interval(secs => %(seconds)s) " + _MINE


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms workers hold jobs: for how many seconds, and how many of one party at once."""

    lease: float
    most: int


class Leases:
    """One worker's hold on its jobs. `worker` is its name, never used twice."""

    def __init__(self, database: JobDatabase, worker: str, terms: Terms) -> None:
        self._database = database
        self._worker = worker
        self._terms = terms

    async def take(self) -> Job | None:
        """Take the job whose turn it is: of the party that has least running, and was served longest ago."""
        values = {"worker": self._worker, "lease": self._terms.lease, "most": self._terms.most}
        async with self._database.transaction() as connection:
            await connection.execute(_TURN.encode())
            row = await (await connection.execute(_TAKE.encode(), values)).fetchone()
            if row is None:
                return None
            files = await (await connection.execute(_INPUTS.encode(), {"job_id": row["job_id"]})).fetchone()
        return job_from({**row, **(files or {})})

    async def renew(self, jobs: Iterable[str]) -> set[tuple[str, int]]:
        """Keep these jobs; returns which still are held, with their attempts. The rest has been aborted, say.

        A job that the worker has lost sight of is not among them: its lease runs out.
        """
        values = {"worker": self._worker, "lease": self._terms.lease, "jobs": list(jobs)}
        return {(row["job_id"], row["attempt"]) for row in await self._database.all(_RENEW, values)}

    async def quote(self, job: Job, seconds: float) -> None:
        """Say how long a job will take from its start."""
        limited = min(seconds, job.execution_duration or seconds)
        await self._change(_QUOTE, job, seconds=limited)

    async def note_file(self, job: Job, position: int, output: Output) -> str | None:
        """A key for a result that will be written; None where the job is no longer this worker's."""
        key = f"{job.job_id}/{job.attempt}/{position}"
        found = await self._change(
            _NOTE,
            job,
            key=key,
            position=position,
            result_id=output.result_id,
            media_type=output.media_type,
            file_name=output.file_name,
        )
        return key if found else None

    async def stored(self, key: str, stored: Stored) -> None:
        """Say that a result has been written whole."""
        await self._database.one(STORED, {"key": key, "size": stored.size, "e_tag": stored.e_tag})

    async def complete(self, job: Job, row_count: int | None) -> bool:
        """End a job well; False where it is no longer this worker's."""
        return await self._change(_COMPLETE, job, row_count=row_count)

    async def fail(self, job: Job, message: str, *, transient: bool, row_count: int | None = None) -> bool:
        """End a job in an error; False where it is no longer this worker's."""
        kind = "transient" if transient else "fatal"
        return await self._change(_FAIL, job, message=message, type=kind, row_count=row_count)

    async def give_back(self, job: Job, *, is_lost: bool) -> None:
        """Queue a job again; a lost attempt counts."""
        values = {"job_id": job.job_id, "attempt": job.attempt, "losses": int(is_lost)}
        async with self._database.transaction() as connection:
            if await (await connection.execute(_GIVE_BACK.encode(), values)).fetchone():
                await self._database.ring(connection)

    async def _change(self, statement: str, job: Job, **values: object) -> bool:
        known = {"job_id": job.job_id, "attempt": job.attempt}
        return await self._database.one(statement, {**known, **values}) is not None
