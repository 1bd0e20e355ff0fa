"""`/files/<name>`: the demonstration's own FITS files and previews, as they lie in one directory."""

import mimetypes
import stat
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from voserver.model.errors import NotFound
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


def _find(directory: Path, name: str) -> Path | None:
    """The file of that name, if it is a plain one in the directory. Links out of it are not followed."""
    if not name or name.startswith(".") or "\\" in name or "\x00" in name:
        return None
    try:
        path = (directory / name).resolve()
        inside = path.is_relative_to(directory.resolve())
        return path if inside and stat.S_ISREG(path.stat().st_mode) else None
    except (OSError, ValueError):
        return None


async def file(site: Site, request: Request) -> Response:
    """One file. `<name>/properties`, by which Aladin looks for a HiPS, is no route: 404."""
    name: str = request.path_params["name"]
    path = await run_in_threadpool(_find, site.settings.data_dir / "files", name)
    if path is None:
        raise NotFound(f"There is no file {name}.")
    return FileResponse(
        path,
        media_type=_media_type(path.name),
        filename=path.name,
        content_disposition_type="inline",
        headers={"Cache-Control": "public, max-age=3600"},
    )
