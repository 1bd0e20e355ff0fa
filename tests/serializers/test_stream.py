import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voserver.model.errors import Unavailable
from voserver.serializers import FORMATS, Choice, Document, Format, serialize

EVERY_FORMAT = pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
TELLS = {"VOTable TABLEDATA", "VOTable BINARY2", "VOTable BINARY", "JSON", "HTML", "text"}
LOST = Unavailable("The database went <away>.", hint="Try again.")


@EVERY_FORMAT
def test_rows_are_closed_at_the_end(known: Format, rows_of: Callable[..., Any], document: Document) -> None:
    rows = rows_of()
    assert b"".join(serialize(Choice(known, ""), rows, document))
    assert rows.closed


@EVERY_FORMAT
def test_rows_are_closed_when_the_client_leaves(
    known: Format, rows_of: Callable[..., Any], document: Document
) -> None:
    rows = rows_of()
    answer = serialize(Choice(known, ""), rows, document)
    next(answer)
    answer.close()
    assert rows.closed


@EVERY_FORMAT
def test_a_failure_is_told_or_raised_again(
    known: Format, rows_of: Callable[..., Any], document: Document
) -> None:
    rows = rows_of(error=LOST)
    answer = serialize(Choice(known, ""), rows, document)
    if known.name in TELLS:
        written = b"".join(answer).decode()
        assert "The database went " in written
        assert "Try again." in written
    else:
        with pytest.raises(Unavailable):
            list(answer)
    assert rows.closed


@pytest.mark.parametrize(
    "known",
    # Plain text needs rows to know its columns' widths; Arrow's library keeps the schema for the first batch.
    [known for known in FORMATS if known.name not in {"text", "Arrow"}],
    ids=lambda known: known.name,
)
def test_the_first_bytes_wait_for_no_rows(
    known: Format, rows_of: Callable[..., Any], document: Document
) -> None:
    class Untouchable:
        columns = rows_of().columns
        overflow = False
        closed = False

        def __iter__(self) -> Any:
            raise AssertionError

        def close(self) -> None:
            self.closed = True

    answer = serialize(Choice(known, ""), Untouchable(), document)
    assert next(answer)
    answer.close()


@pytest.mark.parametrize("ending", ["done", "left", "failed"])
def test_fits_leaves_no_file_behind(
    ending: str,
    rows_of: Callable[..., Any],
    document: Document,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fits = next(known for known in FORMATS if known.name == "FITS")
    answer = serialize(Choice(fits, ""), rows_of(error=LOST if ending == "failed" else None), document)
    next(answer)
    if ending == "failed":
        with pytest.raises(Unavailable):
            list(answer)
    elif ending == "done":
        list(answer)
    answer.close()
    assert not list(tmp_path.iterdir())
