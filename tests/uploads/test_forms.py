"""One table in every form that is read: the same columns and values come out of each."""

import base64
import gzip
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from astropy import units
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.table import MaskedColumn, Table

ROWS = 20_000


def table(rows: int = ROWS) -> Table:
    number = np.arange(rows)
    made = Table(
        {
            "flag": number % 2 == 0,
            "small": number.astype(np.int16),
            "number": number.astype(np.int32),
            "large": number.astype(np.int64) + 2**40,
            "ra": (number * 350 / rows + 0.25) * units.deg,
            "flux": MaskedColumn(number.astype(np.float32) + 0.5, mask=number % 7 == 0),
            "name": [f"star {n}" for n in number],
            "spectrum": np.stack([number, number + 0.5, number * 2.0], axis=1),
        }
    )
    made["ra"].info.meta = {"ucd": "pos.eq.ra;meta.main"}
    made["ra"].info.description = "Right ascension"
    return made


def votable(serialization: str) -> Callable[[Table], bytes]:
    def write(made: Table) -> bytes:
        document = from_table(made)
        document.get_first_table().format = serialization
        buffer = io.BytesIO()
        document.to_xml(buffer)
        return buffer.getvalue()

    return write


def fits_file(made: Table) -> bytes:
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(np.zeros((5, 7))), fits.table_to_hdu(made)]).writeto(buffer)
    return buffer.getvalue()


def fits_in_votable(made: Table) -> bytes:
    document = votable("tabledata")(made[:0]).decode()
    stream = base64.encodebytes(fits_file(made)).decode()
    rows = f'<DATA><FITS extnum="1"><STREAM encoding="base64">{stream}</STREAM></FITS></DATA></TABLE>'
    return (
        document.replace("</TABLE>", rows)
        .replace("<DATA>\n    <TABLEDATA>\n    </TABLEDATA>\n   </DATA>", "")
        .encode()
    )


def arrow(made: Table) -> pa.Table:
    columns = {name: made[name] for name in made.colnames if name != "spectrum"}
    arrays = {
        name: pa.array(
            np.asarray(column), mask=np.asarray(getattr(column, "mask", np.zeros(len(made), bool)))
        )
        for name, column in columns.items()
    }
    return pa.table(arrays | {"spectrum": pa.array(made["spectrum"].tolist(), pa.list_(pa.float64(), 3))})


def parquet(made: Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(arrow(made), buffer, row_group_size=3000)
    return buffer.getvalue()


def csv(made: Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(arrow(made).drop(["spectrum"]), buffer)
    return buffer.getvalue()


FORMS: dict[str, Callable[[Table], bytes]] = {
    "TABLEDATA": votable("tabledata"),
    "BINARY": votable("binary"),
    "BINARY2": votable("binary2"),
    "FITS": fits_file,
    "FITS in VOTable": fits_in_votable,
    "Parquet": parquet,
    "CSV": csv,
    "TSV": lambda made: csv(made).replace(b",", b"\t"),
    "BINARY2 in gzip": lambda made: gzip.compress(votable("binary2")(made)),
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_the_same_in_every_form(read: Any, form: str) -> None:
    found = read(FORMS[form](table()))
    assert len(found.rows) == ROWS
    for at in (0, 1, 5, 7, 8191, 8192, 19_999):
        assert found.values("number")[at] == at
        assert found.values("small")[at] == np.int16(at)
        assert found.values("large")[at] == at + 2**40
        assert found.values("name")[at] == f"star {at}"
        assert found.values("ra")[at] == pytest.approx(at * 350 / ROWS + 0.25, rel=1e-14)
        assert found.values("flux")[at] == (None if at % 7 == 0 else at + 0.5)
        assert found.values("flag")[at] == (at % 2 == 0)
        if form not in {"CSV", "TSV"}:
            assert found.values("spectrum")[at] == [at, at + 0.5, at * 2]


@pytest.mark.parametrize("form", FORMS)
def test_types_are_kept(read: Any, form: str) -> None:
    found = read(FORMS[form](table(10)))
    types = {column.name: column.datatype for column in found.columns}
    if form in {"CSV", "TSV"}:
        assert list(types.values()) == ["boolean", "int", "int", "long", "double", "double", "char"]
        return
    assert list(types.values()) == ["boolean", "short", "int", "long", "double", "float", "char", "double"]
    assert found.column("spectrum").arraysize == "3"


@pytest.mark.parametrize("form", ["TABLEDATA", "BINARY", "BINARY2", "FITS", "FITS in VOTable"])
def test_units_are_kept(read: Any, form: str) -> None:
    found = read(FORMS[form](table(10)))
    assert found.column("ra").unit == "deg"
    if form != "FITS":
        assert found.column("ra").ucd == "pos.eq.ra;meta.main"
        assert found.column("ra").description == "Right ascension"


def test_times_in_a_parquet_file_are_universal_time(read: Any) -> None:
    moment = datetime(2024, 7, 1, 12)  # noqa: DTZ001 -- made so below
    buffer = io.BytesIO()
    columns = {
        "naive": pa.array([moment], pa.timestamp("ns")),
        "zoned": pa.array([moment], pa.timestamp("ms", "Europe/Paris")),
        "day": pa.array([moment.date()]),
    }
    pq.write_table(pa.table(columns), buffer)
    found = read(buffer.getvalue())
    assert [column.xtype for column in found.columns] == ["timestamp"] * 3
    assert found.rows == [(moment, moment, moment.replace(hour=0))]
