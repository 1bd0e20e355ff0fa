import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from voserver.model.columns import Column


def open_table(data: bytes) -> Any:
    hdus = fits.open(io.BytesIO(data), logical_as_bytes=True)
    hdus.verify("exception")
    return hdus[1]


@pytest.mark.parametrize("sizes", [[4], [1, 2, 1]])
def test_astropy_reads_what_went_in(
    sizes: list[int], rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    written = write("fits", rows_of(sizes=sizes))
    assert len(written) % 2880 == 0
    table = open_table(written).data
    assert table["flag"].tolist() == [b"T", b"", b"F", b"T"]
    assert table["visit"].tolist() == [-5, -32768, 0, 32767]
    assert table["size"].tolist() == [2**40, -(2**63), -1, 2**62]
    np.testing.assert_array_equal(table["s_ra"], [83.8221, np.nan, 0.1, 359.99999999999994])
    assert table["target"].tolist() == ["NGC 3324", "", 'a, "b" <c> & ]]>', "tab\tline\nend"]
    assert table["released"].tolist() == [
        "2022-07-12T14:30:00",
        "",
        "1999-12-31T23:59:59.120",
        "2022-01-01T00:00:00.000001",
    ]
    np.testing.assert_array_equal(table["em_bounds"][:2], [[1e-6, 2.5e-6], [np.nan, np.nan]])
    missing = -(2**31)
    assert table["counts"].tolist() == [[1, -2, 3], [missing] * 3, [missing] * 3, [7, missing, missing]]


def test_columns_keep_their_words(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    header = open_table(write("fits", rows_of(overflow=True))).header
    assert (header["TUNIT4"], header["TUCD4"], header["TNULL4"]) == ("byte", "phys.size;meta.file", -(2**63))
    assert header["TUTYP6"] == "obscore:Char.SpatialAxis.Coverage"
    assert header["TCOMM1"] == 'Whether <this> is "so" & not otherwise'
    assert header["TXTYP10"] == "timestamp"
    assert header["QSTATUS"] == "OVERFLOW"
    assert "query: SELECT * FROM t" in str(header["HISTORY"])


@pytest.mark.parametrize(
    "text", ["it's " * 40, "'" * 100, "é\n&\x00" * 50, "x" * 68, "x" * 69, "'" * 34 + "x"]
)
def test_long_and_odd_texts_survive_in_cards(
    text: str, rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    header = open_table(write("fits", rows_of((Column("a", "int", description=text),), [(1,)]))).header
    plain = "".join(character if " " <= character <= "~" else "?" for character in " ".join(text.split()))
    assert header["TCOMM1"] == plain.rstrip()


def test_text_is_ascii(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    rows = rows_of((Column("pi", "char", "*"),), [("Müller",), ("天",)])
    assert open_table(write("fits", rows)).data["pi"].tolist() == ["Muller", "?"]


def test_an_empty_result_is_a_table(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    table = open_table(write("fits", rows_of(rows=[])))
    assert len(table.data) == 0
    assert len(table.columns) == 13


def test_stilts_reads_nulls(rows_of: Callable[..., Any], write: Callable[..., bytes], tmp_path: Path) -> None:
    stilts = shutil.which("stilts")
    if stilts is None:
        pytest.skip("stilts is not installed")
    path = tmp_path / "answer.fits"
    path.write_bytes(write("fits", rows_of()))
    words = [stilts, "tpipe", f"in={path}", "ofmt=csv", "cmd=keepcols 'flag visit program size flux target'"]
    lines = subprocess.run(words, capture_output=True, check=True).stdout.decode().splitlines()
    assert lines[1:3] == ["true,-5,2736,1099511627776,1.5,NGC 3324", ",,,,,"]
