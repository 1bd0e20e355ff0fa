"""A job as it is at one moment, and its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voserver.jobs.phases import Phase


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file in the result store: what it is to the client, and where it lies."""

    result_id: str
    key: str
    media_type: str
    file_name: str
    size: int
    e_tag: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job. `party` is who shares the workers fairly with others; `losses` count attempts that ended unfinished."""

    job_id: str
    kind: str
    owner: str | None
    party: str
    run_id: str | None
    phase: Phase
    parameters: tuple[tuple[str, str], ...]
    base_url: str
    creation_time: datetime
    start_time: datetime | None
    end_time: datetime | None
    quote: datetime | None
    execution_duration: int
    destruction: datetime
    attempt: int
    losses: int
    row_count: int | None
    error_type: str | None
    error_message: str | None
    results: tuple[ResultFile, ...] = ()
    inputs: tuple[ResultFile, ...] = ()
    """The files that came with the job, called as in the form."""

    def result(self, result_id: str) -> ResultFile | None:
        """The result of that name, if there is one."""
        return next((one for one in self.results if one.result_id == result_id), None)


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a job is made of."""

    kind: str
    party: str
    owner: str | None
    run_id: str | None
    parameters: tuple[tuple[str, str], ...]
    base_url: str
    execution_duration: int
    lifetime: int
    starts: bool = False


COLUMNS = (
    "job_id, kind, owner, party, run_id, phase, parameters, base_url, creation_time, start_time, end_time, quote,"
    " execution_duration, destruction, attempt, losses, row_count, error_type, error_message"
)
"""The columns of archive.job that make a `Job`."""

_FILES = """
    (SELECT coalesce(jsonb_agg(jsonb_build_object('result_id', f.result_id, 'key', f.file_key,
        'media_type', f.media_type, 'file_name', f.file_name, 'size', f.size, 'e_tag', f.e_tag)
        ORDER BY f.position), '[]')
    FROM archive.job_file f WHERE f.job_id = j.job_id AND f.size IS NOT NULL AND """
RESULTS = f"{_FILES} NOT f.is_input AND f.attempt = j.attempt AND j.phase = 'COMPLETED') AS results"
INPUTS = f"{_FILES} f.is_input) AS inputs"
"""What a job `j` has made, and what came with it, as columns."""

STORED = "UPDATE archive.job_file SET size = %(size)s, e_tag = %(e_tag)s WHERE file_key = %(key)s RETURNING file_key"
"""Says that a file, made or brought, has been written whole."""


def job_from(row: Mapping[str, Any]) -> Job:
    """A job from its row, which may have its files in columns `results` and `inputs`."""
    facts = dict(row)
    for files in ("results", "inputs"):
        facts[files] = tuple(ResultFile(**one) for one in facts.get(files, ()))
    facts["phase"] = Phase(facts["phase"])
    facts["parameters"] = tuple((name, value) for name, value in facts["parameters"])
    return Job(**facts)
