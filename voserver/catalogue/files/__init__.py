"""The bytes of files: which of the operator's stores has a copy that somebody may have, and reading it."""

from voserver.catalogue.files.copies import Copy, Elsewhere, Missing
from voserver.catalogue.files.stores import Stores, default_stores

__all__ = ["Copy", "Elsewhere", "Missing", "Stores", "default_stores"]
