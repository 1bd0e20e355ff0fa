"""Jobs as XML, by vo-models' classes (UWS 1.1 §3).

Those know a job's parameters one by one; ours are whatever the client gave, in its order.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from lxml import etree
from pydantic_xml import BaseXmlModel, element
from vo_models.uws import models
from vo_models.uws.types import ErrorType, ExecutionPhase
from vo_models.voresource.types import UTCTimestamp

from voserver.jobs.records import Job

_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SHORT = 500  # characters of an error that are a summary


class _Parameters(BaseXmlModel, tag="parameters", ns="uws", nsmap=models.NSMAP):
    parameter: list[models.Parameter] = element(tag="parameter", default_factory=list)


class _Job(models.JobSummary[_Parameters], tag="job", ns="uws", nsmap=models.NSMAP):
    pass


def job_document(job: Job, url: str) -> bytes:
    """A whole job; `url` is its own."""
    return _xml(
        _Job.model_validate(
            {
                "job_id": job.job_id,
                "run_id": _plain(job.run_id),
                "owner_id": _plain(job.owner),
                "phase": ExecutionPhase(job.phase),
                "quote": _time(job.quote),
                "creation_time": _time(job.creation_time),
                "start_time": _time(job.start_time),
                "end_time": _time(job.end_time),
                "execution_duration": job.execution_duration,
                "destruction": _time(job.destruction),
                "parameters": _parameters(job, url),
                "results": _results(job, url),
                "error_summary": _error(job),
            }
        )
    )


def parameters_document(job: Job, url: str) -> bytes:
    """A job's parameters; the files that came with it are given by their places below the job's URL."""
    return _xml(_parameters(job, url))


def results_document(job: Job, url: str) -> bytes:
    """A job's results, with their places below the job's URL."""
    return _xml(_results(job, url))


def list_document(jobs: Iterable[Job], url: str) -> bytes:
    """A list of jobs; `url` is that of the list."""
    references = [
        models.ShortJobDescription.model_validate(
            {
                "job_id": job.job_id,
                "href": f"{url}/{job.job_id}",
                "phase": ExecutionPhase(job.phase),
                "run_id": _plain(job.run_id),
                "owner_id": _plain(job.owner),
                "creation_time": _time(job.creation_time),
            }
        )
        for job in jobs
    ]
    return _xml(models.Jobs(jobref=references))


def _parameters(job: Job, url: str) -> _Parameters:
    given = [models.Parameter(id=_plain(name) or "", value=_plain(value)) for name, value in job.parameters]
    files = [
        models.Parameter(
            id=_plain(file.result_id) or "",
            value=f"{url}/parameters/{quote(file.result_id, safe='')}",
            by_reference=True,
        )
        for file in job.inputs
    ]
    return _Parameters(parameter=[*given, *files])


def _results(job: Job, url: str) -> models.Results:
    return models.Results(
        results=[
            models.ResultReference(
                id=result.result_id,
                href=f"{url}/results/{quote(result.result_id)}",
                size=result.size,
                mime_type=result.media_type,
            )
            for result in job.results
        ]
    )


def _error(job: Job) -> models.ErrorSummary | None:
    if job.error_message is None:
        return None
    message = (_plain(job.error_message) or "")[:_SHORT]
    return models.ErrorSummary(message=message, type=ErrorType(job.error_type), has_detail=True)


def _time(moment: object) -> UTCTimestamp | None:
    return None if moment is None else UTCTimestamp.fromisoformat(str(moment))


def _plain(text: str | None) -> str | None:
    """A text with what no XML can hold replaced."""
    return None if text is None else _NOT_XML.sub("\ufffd", text)


def _xml(document: BaseXmlModel) -> bytes:
    tree: Any = document.to_xml_tree()
    for run_id in tree.findall(".//{*}runId"):
        if not run_id.text:
            run_id.getparent().remove(run_id)
    written: bytes = etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
    return written
