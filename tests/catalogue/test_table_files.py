"""Tables as astronomers keep them are described, published, listed and taken back."""

import bz2
import gzip
import lzma
import os
from pathlib import Path

import numpy as np
import psycopg
import pytest
import yaml
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.time import Time

from voserver.catalogue import table_guards
from voserver.catalogue.drafts import draft
from voserver.catalogue.publications import published, unpublish
from voserver.catalogue.publish import publish
from voserver.model.errors import NotFound, UsageError

ENDINGS = [".ecsv", ".fits", ".vot"]
FORMATS = {".ecsv": "ascii.ecsv", ".fits": "fits", ".vot": "votable"}


def sources() -> QTable:
    """A catalogue of sources as JWST's pipeline makes them, in miniature."""
    table = QTable()
    table["label"] = np.array([1, 2, 3], dtype=np.int32)
    table["sky_centroid"] = SkyCoord([151.7, 151.8, 151.9], [-40.4, -40.5, -40.6], unit="deg")
    table["isophotal_flux"] = np.array([1e-6, np.nan, 3e-6]) * units.Jy
    table["is_extended"] = [True, False, True]
    table["name"] = ["south", "b", ""]
    table["box"] = np.arange(12, dtype=np.int16).reshape(3, 4)
    table["sharpness"] = MaskedColumn(
        [0.1, 0.2, 0.3], mask=[False, True, False], description="How sharp it is"
    )
    return table


def plain(table: QTable) -> Table:
    """The same without positions as objects, for formats that have none."""
    made = Table(table, copy=True)
    made["sky_centroid_ra"] = table["sky_centroid"].ra
    made["sky_centroid_dec"] = table["sky_centroid"].dec
    made.remove_column("sky_centroid")
    return made


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_published_by_the_draft_that_was_made_of_it(
    ending: str, tmp_path: Path, fresh_database_url: str
) -> None:
    data, felis = tmp_path / f"x_cat{ending}", tmp_path / "sources.yaml"
    table = sources() if ending == ".ecsv" else plain(sources())
    table.write(data, format=FORMATS[ending])
    made = draft(data, "surveys", "sources")
    assert made.left_out == ()
    felis.write_text(made.text)
    done = publish(fresh_database_url, felis, data, replace=False)
    assert (done.rows, done.searchable) == (3, True)
    with psycopg.connect(fresh_database_url) as connection:
        rows = connection.execute(
            "SELECT label, sky_centroid_ra, isophotal_flux, is_extended, nullif(name, ''), box, sharpness"
            " FROM surveys.sources ORDER BY label"
        ).fetchall()
        described: dict[str, str] = dict(
            connection.execute(
                "SELECT column_name, concat_ws(' ', datatype, arraysize, unit, ucd) FROM tap_schema.columns"
                " WHERE table_name = 'surveys.sources'"
            ).fetchall()
        )
    assert rows[0] == (1, 151.7, 1e-6, True, "south", [0, 1, 2, 3], 0.1)
    assert rows[1] == (2, 151.8, None, False, "b", [4, 5, 6, 7], None)
    assert rows[2][4] is None
    assert described["sky_centroid_ra"] == "double deg pos.eq.ra;meta.main"
    assert described["isophotal_flux"] == "double Jy"
    assert described['"box"'] == "short *"  # as queries write it: BOX is a word of ADQL's


def test_a_draft_says_what_the_file_says(tmp_path: Path) -> None:
    data = tmp_path / "x.ecsv"
    table = sources()
    table["start"] = Time(["2022-07-12T00:00:00", "2023-07-12T00:00:00", "2024-07-12T00:00:00"])
    table.write(data, format="ascii.ecsv")
    made = yaml.safe_load(draft(data, "surveys", "sources").text)
    columns = {column["name"]: column for column in made["tables"][0]["columns"]}
    assert columns["sharpness"]["description"] == "How sharp it is"
    assert columns["start"] == {
        "name": "start", "datatype": "text", "description": "start as the file has it", "ivoa:ucd": "time.epoch",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"ra,dec,n\n1.5,2.5,3\n"),
        ("b.csv", b"RAJ2000,DEJ2000,n\n1.5,2.5,3\n"),
        ("c.csv", b"s_ra,s_dec,n\n1.5,2.5,3\n"),
    ],
)
def test_positions_are_known_by_their_customary_names(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    made = yaml.safe_load(draft(tmp_path / name, "s", "t").text)["tables"][0]["columns"]
    assert [column.get("ivoa:ucd") for column in made] == [
        "pos.eq.ra;meta.main",
        "pos.eq.dec;meta.main",
        None,
    ]
    assert [column["datatype"] for column in made] == ["double", "double", "long"]


def test_positions_in_sexagesimal_text_are_not_said_to_be_degrees(tmp_path: Path) -> None:
    told = {"unit": "deg", "meta": {"ucd": "pos.eq.ra;meta.main"}}
    table = Table(
        {"ra": Column(["23:20:06.86"], **told), "dec": Column(["-60:03:56.6"], **told), "raj2000": [350.0]}
    )
    table.write(tmp_path / "x.ecsv", format="ascii.ecsv")
    table.write(tmp_path / "x.csv", format="ascii.csv")
    for name in ("x.ecsv", "x.csv"):
        columns = yaml.safe_load(draft(tmp_path / name, "s", "t").text)["tables"][0]["columns"]
        assert [
            (column["datatype"], column.get("ivoa:ucd"), column.get("ivoa:unit")) for column in columns
        ] == [
            ("text", None, None),
            ("text", None, None),
            ("double", None, None),
        ]


def test_numbers_are_the_position_where_text_has_the_commoner_names(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("ra,dec,raj2000,dej2000\n23:20:06.86,-60:03:56.6,350.03,-60.07\n")
    columns = yaml.safe_load(draft(tmp_path / "x.csv", "s", "t").text)["tables"][0]["columns"]
    assert [column.get("ivoa:ucd") for column in columns] == [
        None, None, "pos.eq.ra;meta.main", "pos.eq.dec;meta.main",
    ]  # fmt: skip


def test_what_a_table_in_a_database_cannot_have_is_left_out_with_the_reason(tmp_path: Path) -> None:
    columns = [
        fits.Column("flux[0]", "D", array=[1.0]),
        fits.Column("phase", "M", array=[1 + 2j]),
        fits.Column("ra", "D", array=[1.0]),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "x.fits")
    made = draft(tmp_path / "x.fits", "s", "t")
    assert made.left_out == ("'flux[0]': no name for a query",)
    columns = yaml.safe_load(made.text)["tables"][0]["columns"]
    assert [(column["name"], column.get("votable:arraysize")) for column in columns] == [
        ("phase", "*"),
        ("ra", None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.fits", b"", "cannot be read as fits"),
        ("x.fits", b"SIMPLE  =                    T" + b" " * 2850, "cannot be read as fits"),
        ("x.ecsv", b"not a table", "cannot be read as ascii.ecsv"),
        ("x.vot", b"<VOTABLE", "cannot be read as votable"),
        ("x.vot", b"<html/>", "cannot be read as votable"),
        ("x.xlsx", b"", "not a kind of file that is read here"),
    ],
)
def test_a_damaged_file_is_refused_in_words(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=said):
        draft(tmp_path / name, "s", "t")


def test_published_tables_are_listed_and_taken_back(tmp_path: Path, fresh_database_url: str) -> None:
    data = tmp_path / "x.csv"
    data.write_text("ra,dec\n1,2\n")
    for name in ("one", "two"):
        felis = tmp_path / f"{name}.yaml"
        felis.write_text(draft(data, "mine", name).text)
        publish(fresh_database_url, felis, data, replace=False)
    assert [(one.table, one.rows) for one in published(fresh_database_url)] == [
        ("mine.one", 1),
        ("mine.two", 1),
    ]
    with pytest.raises(NotFound, match=r"Published are: mine\.one, mine\.two"):
        unpublish(fresh_database_url, "ivoa.obscore")
    assert unpublish(fresh_database_url, "MINE.One").table == "mine.one"
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("CREATE VIEW public.needy AS SELECT ra FROM mine.two")
    with pytest.raises(UsageError, match="needed by something else"):
        unpublish(fresh_database_url, "mine.two")
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("DROP VIEW public.needy")
    unpublish(fresh_database_url, "mine.two")
    with psycopg.connect(fresh_database_url) as connection:
        assert connection.execute(
            "SELECT (SELECT count(*) FROM tap_schema.schemas WHERE schema_name = 'mine'), to_regnamespace('mine')"
        ).fetchone() == (0, None)
    assert published(fresh_database_url) == []


VOTABLE = (
    '<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>{fields}<DATA>{data}</DATA>'
    "</TABLE></RESOURCE></VOTABLE>"
)
LETTER = '<FIELD name="a" datatype="char" arraysize="1"/>'
ROWS = "<TABLEDATA>" + "<TR><TD>x</TD></TR>" * 6000 + "</TABLEDATA>"


def votable(fields: str, data: str) -> str:
    return VOTABLE.format(fields=fields, data=data)


def ecsv(*header: str, rows: str = "1\n2\n") -> str:
    return "".join(f"# {line}\n" for line in ("%ECSV 1.0", "---", *header)) + f"a\n{rows}"


@pytest.mark.parametrize("form", ["BINARY", "BINARY2", "FITS", "PARQUET"])
def test_a_votable_whose_rows_lie_elsewhere_is_refused_unread(form: str, tmp_path: Path) -> None:
    secret, data = tmp_path / "secret.txt", tmp_path / "x.vot"
    secret.write_text("TOPSECRET")
    data.write_text(votable(LETTER, f'<{form}><v:STREAM xmlns:v="v" href="file://{secret}"/></{form}>'))
    with pytest.raises(UsageError, match=r"Its rows lie elsewhere \(STREAM href=…\)"):
        draft(data, "s", "t")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.vot", '<!DOCTYPE V [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + votable(LETTER, ROWS), "<!DOCTYPE"),
        ("x.vot", votable('<FIELD name="a" datatype="char" arraysize="100000*"/>', ROWS), "need too much memory"),
        ("x.vot", votable('<FIELD name="a" datatype="int" arraysize="99999x99999"/>', ROWS), "need too much memory"),
        ("x.vot", "<RESOURCE>" * 200, "more than 100 deep"),
        ("x.ecsv", ecsv("datatype: [{name: a, datatype: S2000000000}]"), "the type “S2000000000”"),
        (
            "x.ecsv",
            ecsv("datatype: [{name: a, datatype: string, subtype: 'int64[99999999999]'}]"),
            "need too much memory",
        ),
        (
            "x.ecsv",
            ecsv("datatype: [{name: a, datatype: int64, meta: {x: !numpy.void {dtype: O, buffer: QUFBQUFBQUE=}}}]"),
            "!numpy.void",
        ),
        (
            "x.ecsv",
            ecsv("datatype: [{name: a, datatype: string}]", rows="x" * 100_000 + "\n" + "y\n" * 10_000),
            "need too much memory",
        ),
        (
            "x.ecsv",
            ecsv(
                "meta: {__serialized_columns__: [&a0 [1], "
                + ", ".join(f"&a{n} [{', '.join(9 * [f'*a{n - 1}'])}]" for n in range(1, 9))
                + "]}",
                "datatype: [{name: a, datatype: int64}]",
            ),
            "aliases of aliases",
        ),
    ],
)  # fmt: skip
def test_a_small_file_that_stands_for_much_is_refused(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=said):
        draft(tmp_path / name, "s", "t")


def test_what_an_ecsv_file_notes_besides_its_columns_is_not_looked_at(tmp_path: Path) -> None:
    bomb = ["a0: &a0 {k: 1}"]
    bomb += [f"a{n}: &a{n} {{<<: [{', '.join(9 * [f'*a{n - 1}'])}]}}" for n in range(1, 10)]
    noted = ["x: !numpy.void {dtype: O, buffer: QUFBQUFBQUE=}", *bomb]
    text = ecsv("datatype: [{name: a, datatype: int64}]", "meta:", *(f"  {line}" for line in noted))
    (tmp_path / "x.ecsv").write_text(text)
    assert "datatype: long" in draft(tmp_path / "x.ecsv", "s", "t").text


def test_packed_text_tables_and_large_files_are_refused(tmp_path: Path) -> None:
    text = ecsv("datatype: [{name: a, datatype: int64}]", rows="1\n" * 1000).encode()
    for packed in (gzip.compress(text), bz2.compress(text), lzma.compress(text)):
        (tmp_path / "x.ecsv").write_bytes(packed)
        with pytest.raises(UsageError, match=r"x\.ecsv is packed by (gzip|bzip2|xz)"):
            draft(tmp_path / "x.ecsv", "s", "t")
    for name, size, said in (
        ("y.ecsv", 129, "128 MiB"),
        ("y.vot", 129, "128 MiB"),
        ("y.fits", 1025, "1,024 MiB"),
    ):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size << 20)  # without taking the disk's room
        with pytest.raises(UsageError, match=f"more than {said}.*\n.*Parquet or CSV"):
            draft(tmp_path / name, "s", "t")


def test_a_packed_fits_table_is_read_and_unpacked_no_further_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Table({"a": [1, 2]}).write(tmp_path / "x.fits.gz", format="fits")
    assert "datatype: long" in draft(tmp_path / "x.fits.gz", "s", "t").text
    monkeypatch.setattr(table_guards, "LARGEST_FITS", 2880)
    with pytest.raises(UsageError, match="more than 0 MiB unpacked"):
        draft(tmp_path / "x.fits.gz", "s", "t")


def test_a_fits_table_is_no_larger_than_its_file(tmp_path: Path) -> None:
    column = fits.Column(
        "v", "PD()", array=np.array([np.arange(10_000.0)] + [np.zeros(1)] * 9_999, dtype=object)
    )
    fits.BinTableHDU.from_columns([column]).writeto(tmp_path / "x.fits")
    with fits.open(tmp_path / "x.fits") as units:
        start = units.fileinfo(1)["datLoc"]
    with (tmp_path / "x.fits").open("r+b") as file:
        file.seek(start)
        descriptor = file.read(8)
        file.seek(start)
        file.write(descriptor * 10_000)  # all cells are the one large one
    with pytest.raises(UsageError, match="100,000,000 values in cells of variable length"):
        draft(tmp_path / "x.fits", "s", "t")
    fits.BinTableHDU.from_columns([fits.Column("a", "1A", array=["x"])]).writeto(tmp_path / "y.fits")
    content = (tmp_path / "y.fits").read_bytes()
    for was, will in (
        (b"'1A  ", b"'0A  "),
        (b"NAXIS1  =                    1", b"NAXIS1  =                    0"),
    ):
        content = content.replace(was, will)
    (tmp_path / "y.fits").write_bytes(content)
    with pytest.raises(UsageError, match="rows without bytes"):
        draft(tmp_path / "y.fits", "s", "t")


@pytest.mark.parametrize("name", ["x.fits", "x.ecsv", "x.vot", "x.csv"])
def test_a_pipe_is_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(UsageError, match="There is no file"):
        draft(tmp_path / name, "s", "t")
