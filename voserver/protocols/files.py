"""`/files/<name>`: the demonstration's own FITS files and previews, as they lie in one directory."""

import mimetypes
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from voserver.model.errors import NotFound
from voserver.protocols.documents import is_known
from voserver.protocols.site import Site

_MEDIA_TYPES = {
    ".fits": "image/fits",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}
_TABLE = "application/fits"
_TABLE_SUFFIXES = ("_x1d.fits", "_x1dints.fits", "_c1d.fits", "_cat.fits", "_whtlt.fits")


def _media_type(name: str) -> str:
    """Clients choose by it what to do: `application/fits` is a table to TOPCAT, `image/fits` a picture."""
    if name.endswith(_TABLE_SUFFIXES):
        return _TABLE
    suffix = Path(name).suffix.lower()
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _find(directory: Path, name: str) -> tuple[Path, os.stat_result] | None:
    """The file of that name, if it is a plain one in the directory. Links out of it are not followed."""
    if not name or name.startswith(".") or "\\" in name or "\x00" in name:
        return None
    try:
        path = (directory / name).resolve()
        inside = path.is_relative_to(directory.resolve())
        status = path.stat()
        return (path, status) if inside and stat.S_ISREG(status.st_mode) else None
    except (OSError, ValueError):
        return None


async def file(site: Site, request: Request) -> Response:
    """One file. `<name>/properties`, by which Aladin looks for a HiPS, is no route: 404."""
    name: str = request.path_params["name"]
    found = await run_in_threadpool(_find, site.settings.data_dir / "files", name)
    if found is None:
        raise NotFound(f"There is no file {name[:100]}.")
    path, status = found
    response = FileResponse(
        path,
        media_type=_media_type(path.name),
        filename=path.name,
        content_disposition_type="inline",
        stat_result=status,
        headers={"Cache-Control": "public, max-age=3600"},
    )
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    if is_known(request, response.headers["etag"], modified):
        return Response(status_code=304, headers={"ETag": response.headers["etag"]})
    return response
