"""Jobs as their owners see and change them. Every change is one transaction, and says why it cannot be made."""
# ruff: noqa: S608 -- the statements are put together from our own constants

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from voserver.catalogue.connections import Connection
from voserver.jobs.database import JobDatabase
from voserver.jobs.phases import ENDED, STARTABLE, Phase
from voserver.jobs.records import COLUMNS, INPUTS, RESULTS, STORED, Job, NewJob, job_from
from voserver.jobs.results import Stored
from voserver.model.errors import Forbidden, NotFound, QuotaExceeded

_ONE = (
    f"SELECT {COLUMNS}, {RESULTS}, {INPUTS} FROM archive.job j WHERE job_id = %(job_id)s AND kind = %(kind)s"
)
_LOCKED = f"SELECT {COLUMNS} FROM archive.job WHERE job_id = %(job_id)s AND kind = %(kind)s FOR UPDATE"
_CREATE = """
    INSERT INTO archive.job (job_id, kind, party, owner, run_id, parameters, base_url, execution_duration, destruction)
    VALUES (%(job_id)s, %(kind)s, %(party)s, %(owner)s, %(run_id)s, %(parameters)s, %(base_url)s,
        %(execution_duration)s, clock_timestamp() + make_interval(secs => %(lifetime)s))"""
_LIST = f"""
    SELECT {COLUMNS} FROM archive.job
    WHERE kind = %(kind)s AND owner = %(owner)s AND phase = ANY(%(phases)s)
        AND date_trunc('milliseconds', creation_time) > coalesce(%(after)s::timestamptz, '-infinity')
    ORDER BY creation_time DESC, job_id LIMIT %(last)s"""
_SHARE = """
    SELECT count(*) FILTER (WHERE phase = 'PENDING') AS pending, count(*) FILTER (WHERE phase <> 'PENDING') AS busy
    FROM archive.job WHERE party = %(party)s AND phase IN ('PENDING', 'QUEUED', 'EXECUTING')"""
_QUEUE = "UPDATE archive.job SET phase = 'QUEUED', queued_time = clock_timestamp() WHERE job_id = %(job_id)s"
_ABORT = "UPDATE archive.job SET phase = 'ABORTED', end_time = clock_timestamp() WHERE job_id = %(job_id)s"
_NOTE_INPUT = """
    WITH replaced AS (
        UPDATE archive.job_file SET is_input = false, attempt = -1
        WHERE job_id = %(job_id)s AND is_input AND result_id = %(name)s)
    INSERT INTO archive.job_file (file_key, job_id, attempt, position, result_id, media_type, file_name, is_input)
    VALUES (%(key)s, %(job_id)s, 0, 0, %(name)s, %(media_type)s, 'upload', true)"""
_COUNTS = "SELECT phase, count(*) AS number FROM archive.job GROUP BY phase"

_NAME = re.compile("[0-9a-f]{32}")
_MOST_PARAMETERS = 200
_MOST_LETTERS = 2_000_000
_MOST_FILES = 40
_FILES = (
    b"SELECT count(*), coalesce(sum(size), 0) FROM archive.job_file"
    b" WHERE job_id = %(job_id)s AND (is_input OR attempt = -1)"
)

_LATER = 30  # seconds after which somebody with too many jobs may try again


@dataclass(frozen=True, slots=True)
class Share:
    """How many jobs one party may have at once."""

    pending: int
    busy: int


class JobStore:
    """The jobs in the database."""

    def __init__(self, database: JobDatabase, share: Share) -> None:
        self._database = database
        self._share = share

    async def create(self, new: NewJob) -> str:
        """Make a job, PENDING, or QUEUED where it is to start at once; returns its identifier.

        Raises:
            QuotaExceeded: its party has too many already.
        """
        job_id = secrets.token_hex(16)  # nobody can guess it: for who has not signed in it is the key
        values: dict[str, Any] = {
            "job_id": job_id,
            "kind": new.kind,
            "party": new.party,
            "owner": new.owner,
            "run_id": new.run_id,
            "parameters": Jsonb(new.parameters),
            "base_url": new.base_url,
            "execution_duration": new.execution_duration,
            "lifetime": new.lifetime,
        }
        async with self._database.transaction() as connection:
            await self._check_share(connection, new.party, starts=new.starts)
            await connection.execute(_CREATE.encode(), values)
            if new.starts:
                await self._enqueue(connection, job_id)
        return job_id

    async def get(self, job_id: str, kind: str) -> Job:
        """A job with its results.

        Raises:
            NotFound: there is none, or no longer.
        """
        row = None
        if _NAME.fullmatch(job_id):  # others, PostgreSQL might not even be able to look for
            row = await self._database.one(_ONE, {"job_id": job_id, "kind": kind})
        if row is None:
            raise _no_such_job(job_id)
        return job_from(row)

    async def jobs_of(
        self, kind: str, owner: str, *, phases: Sequence[Phase] = (), after: datetime | None, last: int
    ) -> list[Job]:
        """The newest jobs of an owner, newest first (UWS 1.1 §2.2.2.1)."""
        values = {
            "kind": kind,
            "owner": owner,
            "phases": list(phases) or sorted(set(Phase) - {Phase.ARCHIVED}),
            "after": after,
            "last": last,
        }
        return [job_from(row) for row in await self._database.all(_LIST, values)]

    async def set_parameters(
        self, job: Job, given: Iterable[tuple[str, str]], *, repeatable: str, run_id: str | None = None
    ) -> None:
        """Give a job parameters: those in `repeatable` (blanks between) are added, others replace others."""
        fresh = tuple(given)
        async with self._database.transaction() as connection:
            current = await self._locked(connection, job)
            if current.phase is not Phase.PENDING:
                raise Forbidden(
                    f"The job is {current.phase}: its parameters can no longer be changed.",
                    hint="Make a new job.",
                )
            named = {name.upper() for name, _ in fresh} - set(repeatable.split())
            kept = [(name, value) for name, value in current.parameters if name.upper() not in named]
            _check_parameters([*kept, *fresh])
            await connection.execute(
                b"UPDATE archive.job SET parameters = %(parameters)s, run_id = coalesce(%(run_id)s, run_id)"
                b" WHERE job_id = %(job_id)s",
                {"parameters": Jsonb([*kept, *fresh]), "run_id": run_id, "job_id": job.job_id},
            )

    async def run(self, job: Job) -> None:
        """Queue a job that waits to be told so."""
        async with self._database.transaction() as connection:
            current = await self._locked(connection, job)
            if current.phase not in STARTABLE:
                raise Forbidden(
                    f"The job is {current.phase}: it cannot be started.",
                    hint="PHASE=RUN starts a job that is PENDING. To run the same again, make a new job.",
                )
            await self._check_share(connection, current.party, starts=True, is_new=False)
            await self._enqueue(connection, job.job_id)

    async def abort(self, job: Job) -> None:
        """End a job that has not ended; its worker stops within the second. Aborting it twice is no error."""
        async with self._database.transaction() as connection:
            current = await self._locked(connection, job)
            if current.phase is Phase.ABORTED:
                return
            if current.phase in ENDED:
                raise Forbidden(
                    f"The job is {current.phase}: there is nothing left to abort.", hint="DELETE removes it."
                )
            await connection.execute(_ABORT.encode(), {"job_id": job.job_id})

    async def delete(self, job: Job) -> list[str]:
        """Remove a job, and end it where it runs. Returns the keys of its files, which are waste now."""
        keys = await self._database.all(
            "WITH gone AS (DELETE FROM archive.job WHERE job_id = %(job_id)s RETURNING job_id)"
            " SELECT file_key FROM archive.job_file JOIN gone USING (job_id) WHERE size IS NOT NULL",
            {"job_id": job.job_id},
        )
        return [row["file_key"] for row in keys]

    async def note_input(self, job: Job, name: str, media_type: str, *, most_bytes: int) -> str:
        """A key for a file that comes with a job; one that came before under that name is forgotten.

        Raises:
            QuotaExceeded: the job has brought as many files or bytes as it may, those that were replaced among them.
        """
        async with self._database.transaction() as connection:
            current = await self._locked(connection, job)
            if current.phase is not Phase.PENDING:
                raise Forbidden(
                    f"The job is {current.phase}: it takes no more files.", hint="Make a new job."
                )
            files, size = await _brought(connection, job)
            if files >= _MOST_FILES or size >= most_bytes:
                raise QuotaExceeded(
                    f"This job has brought {files} files of {size:,} bytes, and may bring no more.",
                    hint=f"It may be {_MOST_FILES} files and {most_bytes:,} bytes. Make a new job.",
                )
            key = f"{job.job_id}/input/{secrets.token_hex(4)}"
            values = {"key": key, "job_id": job.job_id, "name": name, "media_type": media_type}
            await connection.execute(_NOTE_INPUT.encode(), values)
        return key

    async def has_input(self, key: str, stored: Stored) -> None:
        """Say that such a file has been written whole."""
        values = {"key": key, "size": stored.size, "e_tag": stored.e_tag}
        await self._database.one(STORED, values)

    async def set_duration(self, job: Job, seconds: int) -> None:
        """Set how long a job may run, before it runs."""
        async with self._database.transaction() as connection:
            current = await self._locked(connection, job)
            if current.phase not in STARTABLE | {Phase.QUEUED}:
                raise Forbidden(f"The job is {current.phase}: its time limit can no longer be changed.")
            await connection.execute(
                b"UPDATE archive.job SET execution_duration = %(seconds)s WHERE job_id = %(job_id)s",
                {"seconds": seconds, "job_id": job.job_id},
            )

    async def set_destruction(self, job: Job, moment: datetime, *, longest: int) -> None:
        """Set when a job is deleted, `longest` seconds after its creation at the latest."""
        found = await self._database.one(
            "UPDATE archive.job SET destruction = least(%(moment)s, creation_time + make_interval(secs => %(longest)s))"
            " WHERE job_id = %(job_id)s RETURNING job_id",
            {"moment": moment, "longest": longest, "job_id": job.job_id},
        )
        if found is None:
            raise _no_such_job(job.job_id)

    async def counts(self) -> dict[Phase, int]:
        """How many jobs there are in each phase."""
        return {Phase(row["phase"]): row["number"] for row in await self._database.all(_COUNTS)}

    async def _locked(self, connection: Connection, job: Job) -> Job:
        found = await connection.execute(_LOCKED.encode(), {"job_id": job.job_id, "kind": job.kind})
        row = await found.fetchone()
        if row is None:
            raise _no_such_job(job.job_id)
        return job_from(row)

    async def _enqueue(self, connection: Connection, job_id: str) -> None:
        await connection.execute(_QUEUE.encode(), {"job_id": job_id})
        await self._database.ring(connection)

    async def _check_share(
        self, connection: Connection, party: str, *, starts: bool, is_new: bool = True
    ) -> None:
        # Requests of one party that come together are counted one after the other.
        await connection.execute(b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [party])
        row = await (await connection.execute(_SHARE.encode(), {"party": party})).fetchone()
        assert row is not None
        if starts and row["busy"] >= self._share.busy:
            raise QuotaExceeded(
                f"{row['busy']} of your jobs are waiting or running already, which is as many as you may have.",
                hint="Wait for some to end, or abort or delete some.",
                retry_after=_LATER,
            )
        if is_new and row["pending"] >= self._share.pending:
            raise QuotaExceeded(
                f"{row['pending']} of your jobs have not been started, which is as many as you may have.",
                hint="Start or delete some.",
                retry_after=_LATER,
            )


def _no_such_job(job_id: str) -> NotFound:
    return NotFound(
        f"There is no job {job_id[:64]}.",
        hint="It may have been deleted, or its destruction time has passed.",
    )


def _check_parameters(parameters: Sequence[tuple[str, str]]) -> None:
    """Each request is bounded, and so must be what many of them make."""
    letters = sum(len(name) + len(value) for name, value in parameters)
    if len(parameters) > _MOST_PARAMETERS or letters > _MOST_LETTERS:
        raise QuotaExceeded(
            f"The job would have {len(parameters)} parameters of {letters:,} characters.",
            hint=f"It may have {_MOST_PARAMETERS} of {_MOST_LETTERS:,} characters.",
        )


async def _brought(connection: Connection, job: Job) -> tuple[int, int]:
    """How many files came with a job, and their bytes."""
    row = await (await connection.execute(_FILES, {"job_id": job.job_id})).fetchone()
    return (0, 0) if row is None else (int(row["count"]), int(row["coalesce"]))
