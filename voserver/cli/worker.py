"""What each server process runs: the application, with its settings from the environment."""

from starlette.applications import Starlette

from voserver.app import create_app
from voserver.settings import Settings


def application() -> Starlette:
    """The application, made anew in every process that `voserver serve --workers` starts."""
    return create_app(Settings())
