"""voserver: the Virtual Observatory front of a James Webb Space Telescope archive."""

from importlib.metadata import version

__version__ = version("voserver")
