"""A file of the result store as an answer, with its tag and its name."""

from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from voserver.jobs.records import ResultFile
from voserver.jobs.results import ResultStore
from voserver.protocols.ranges import Content, content_response, disposition


async def stored_response(
    request: Request, store: ResultStore, file: ResultFile, modified: datetime
) -> Response:
    """The answer to a request for a file, or a part of it.

    Raises:
        NotFound: the file is gone.
        Unavailable: the store is away.
    """
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition("inline", file.file_name),
    }
    blocks = partial(store.read, file.key)
    content = Content(file.size, file.e_tag, modified, file.media_type, blocks, headers)
    return await content_response(request, content)
