"""Every format's bytes for one small table, as they were last approved.

`UPDATE_GOLDEN=1 pytest tests/serializers/test_golden.py` writes them anew:
look at the difference before committing.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voserver.serializers import FORMATS, Format

GOLDEN = Path(__file__).parent / "golden"
# The bytes of these depend on the version of the library that writes them; test_arrow.py reads them back.
_BY_LIBRARY = {"Parquet", "Arrow"}


@pytest.mark.parametrize("known", [f for f in FORMATS if f.name not in _BY_LIBRARY], ids=lambda f: f.name)
def test_bytes_are_as_approved(
    known: Format, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    path = GOLDEN / f"{known.name.replace(' ', '-').lower()}.{known.extension}"
    written = write(known.aliases[0], rows_of(sizes=[1, 2, 1], overflow=True))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(written)
    assert written == path.read_bytes()
