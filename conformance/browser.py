"""Debian's Chromium without a window, and a place to serve pages from."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.ledger import AbsentError
from conformance.packages import program

if TYPE_CHECKING:
    from playwright.sync_api import Page

_DRAWING = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
"""WebGL by the processor."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory to pages of this machine: its URL."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def opened(url: str, width: int = 900, height: int = 700) -> Iterator["Page"]:
    """A page, and what goes wrong on it in `page.wrong`."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- is not in the project's own environment
    except ImportError:
        raise AbsentError("playwright is missing: make conformance-gui brings it") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program("chromium", "chromium", "fonts-dejavu-core"),
            args=["--no-sandbox", *_DRAWING],
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(url)
        yield page
        browser.close()
