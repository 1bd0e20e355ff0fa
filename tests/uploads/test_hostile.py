"""Files that are broken, lie or attack: each is refused in words that name the fault, and in little memory."""

import base64
import gzip
import io
import re
import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from voserver.model.errors import UsageError
from voserver.uploads import Limits

HEAD = b'<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE>'
TAIL = b"</TABLE></RESOURCE></VOTABLE>"
NUMBER = b'<FIELD name="n" datatype="int"/>'
TEXT = b'<FIELD name="t" datatype="char" arraysize="*"/>'


def document(fields: bytes, data: bytes = b"", head: bytes = HEAD) -> bytes:
    return head + fields + b"<DATA>" + data + b"</DATA>" + TAIL


def rows(*cells: bytes) -> bytes:
    return b"<TABLEDATA>" + b"".join(b"<TR><TD>" + cell + b"</TD></TR>" for cell in cells) + b"</TABLEDATA>"


def stream(form: bytes, data: bytes) -> bytes:
    packed = base64.b64encode(data)
    return b"<%s><STREAM encoding='base64'>%s</STREAM></%s>" % (form, packed, form)


def fits_table(**changes: object) -> bytes:
    """A FITS table of an integer and an array from the heap, some cards of which say something else."""
    arrays = np.array([np.arange(3.0), np.arange(2.0)], dtype=object)
    columns = [
        fits.Column("n", "J", array=np.arange(2)),
        fits.Column("a", "PD()", array=arrays),
    ]
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(buffer)
    data = buffer.getvalue()
    for name, value in changes.items():
        card = f"{name:<8}= {value:>20}".ljust(80).encode()
        data, count = re.subn(rb"%s *= .{70}" % name.encode(), card, data)
        assert count
    return data


def parquet(**columns: pa.Array) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"ha") for level in range(10)
)

HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "blanks": (b" \n ", "is empty"),
    "laughs": (b"<?xml version='1.0'?><!DOCTYPE VOTABLE [" + LAUGHS + b"]>" + rows(b"&l9;"), "document type"),
    "external entity": (b"<!DOCTYPE VOTABLE [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><VOTABLE/>", "document type"),
    "external subset": (b"<!DOCTYPE VOTABLE SYSTEM 'http://127.0.0.1/x.dtd'><VOTABLE/>", "document type"),
    "unknown entity": (document(TEXT, rows(b"&x;")), "undefined entity"),
    "deep": (b"<VOTABLE>" + b"<RESOURCE>" * 5000, "more than 100 deep"),
    "long tag": (b"<VOTABLE a='" + b"x" * 3_000_000, "longer than 1 MiB"),
    "long comment": (b"<VOTABLE><!--" + b"x" * 3_000_000, "longer than 1 MiB"),
    "no votable": (b"<html><body/></html>", "it begins with <html>"),
    "no table": (b"<VOTABLE><RESOURCE/></VOTABLE>", "no TABLE"),
    "no fields": (document(b"", rows()), "no columns"),
    "half": (document(TEXT, rows(b"a"))[:-30], "not XML at line 1"),
    "half a row": (document(TEXT, rows(b"a"))[:100], "not XML"),
    "wrong nesting": (HEAD + b"</RESOURCE>", "mismatched tag"),
    "bad UTF-8": (document(TEXT, rows(b"\xff\xfe")), "invalid token"),
    "NUL": (document(TEXT, rows(b"a\0b")), "not XML"),
    "NUL by number": (document(TEXT, rows(b"a&#0;b")), "invalid character"),
    "unknown encoding": (b"<?xml version='1.0' encoding='x-none'?><VOTABLE/>", "cannot be decoded"),
    "many columns": (document(b"<FIELD name='a' datatype='int'/>" * 10_000), "1,000 may be"),
    "same names": (document(NUMBER + NUMBER.replace(b'"n"', b'"N"')), "two columns called 'n' and 'N'"),
    "long name": (document(NUMBER.replace(b'"n"', b"'" + b"n" * 300 + b"'")), "longer than 200 characters"),
    "control in name": (document(NUMBER.replace(b'"n"', b"'a&#x85;b'")), "control characters"),
    "no datatype": (document(b"<FIELD name='x'/>"), "datatype ''"),
    "unknown datatype": (document(b"<FIELD name='x' datatype='string'/>"), "datatype 'string'"),
    "bad arraysize": (document(b"<FIELD name='x' datatype='int' arraysize='many'/>"), "arraysize 'many'"),
    "huge arraysize": (document(b"<FIELD name='x' datatype='int' arraysize='99999x99999'/>"), "9,999,800,001 items"),
    "too few cells": (document(NUMBER + TEXT, rows(b"1")), "Row 1 of the uploaded VOTable has 1 cells"),
    "no number": (document(NUMBER, rows(b"1", b"one")), "Row 2 of the uploaded table has 'one' in n"),
    "large number": (document(NUMBER, rows(b"3000000000")), "not an integer of 32 bits"),
    "float in int": (document(NUMBER, rows(b"1.5")), "'1.5' in n"),
    "no time": (document(TEXT.replace(b"/>", b" xtype='timestamp'/>"), rows(b"yesterday")), "which is not a time"),
    "no uuid": (document(TEXT.replace(b"/>", b" xtype='uuid'/>"), rows(b"1-2-3")), "not a UUID"),
    "nrows too many": (document(NUMBER, rows(b"1"), HEAD[:-1] + b" nrows='7'>"), "nrows=7, but has 1 rows"),
    "nrows too few": (document(NUMBER, rows(b"1", b"2"), HEAD[:-1] + b" nrows='1'>"), "nrows=1, but has 2 rows"),
    "nrows huge": (document(NUMBER, rows(b"1"), HEAD[:-1] + b" nrows='999999999'>"), "more than 1,000,000 rows"),
    "nrows no number": (document(NUMBER, rows(b"1"), HEAD[:-1] + b" nrows='x'>"), "nrows is 'x'"),
    "elsewhere": (document(NUMBER, b"<BINARY><STREAM href='file:///etc/passwd'/></BINARY>"), "lie elsewhere"),
    "no encoding": (document(NUMBER, b"<BINARY><STREAM>AAAA</STREAM></BINARY>"), "encoding ''"),
    "no base64": (document(NUMBER, b"<BINARY><STREAM encoding='base64'>A*AA</STREAM></BINARY>"), "not base64"),
    "half base64": (document(NUMBER, b"<BINARY><STREAM encoding='base64'>AAAAAA</STREAM></BINARY>"), "ends too early"),
    "unknown form": (document(NUMBER, b"<PARQUET/>"), "in the form <PARQUET>"),
    "half a binary row": (document(NUMBER, stream(b"BINARY", b"\0" * 7)), "ends within row 2"),
    "lying length": (document(TEXT, stream(b"BINARY", struct.pack(">i", 2**31 - 1) + b"abc")), "ends within row 1"),
    "negative length": (document(TEXT, stream(b"BINARY2", b"\0" + struct.pack(">i", -5))), "an array of -5 items"),
    "no text": (document(TEXT, stream(b"BINARY", struct.pack(">i", 2) + b"\xff\xff")), "not UTF-8"),
    "no boolean": (document(b"<FIELD name='f' datatype='boolean'/>", stream(b"BINARY", b"TX")), "byte 0x58"),
    "half gzip": (gzip.compress(document(NUMBER, rows(b"1")))[:-20], "cannot be unpacked"),
    "gzip twice": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "packed by gzip, twice"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "a ZIP archive"),
    "latin csv": (b"a,b\ncaf\xe9,1\n", "Line 2 of the uploaded text is not UTF-8"),
    "NUL csv": (b"a,b\n1,2\n3,\0\n", "Line 3 of the uploaded text has a NUL byte"),
    "binary": (bytes(range(1, 256)), "not UTF-8"),
    "ragged csv": (b"a,b\n1,2\n3\n", "Expected 2 columns, got 1"),
    "open quote": (b'a,"b\n1,2\n', "not a line of names"),
    "same names csv": (b"a,A\n1,2\n", "two columns called"),
    "long csv line": (b"a,b\n" + b"x" * 3_000_000 + b",1\n", "not a table"),
    "fits without table": (fits_table()[:2880], "no table"),
    "fits cut": (fits_table()[:-2880], "by its header, but the file ends"),
    "fits many rows": (fits_table(NAXIS2=10**7), "more than 1,000,000 rows"),
    "fits rows": (fits_table(NAXIS2=10**5), "the file ends after"),
    "fits width": (fits_table(NAXIS1=13), "but its columns take 12"),
    "fits heap": (fits_table(PCOUNT=8), "outside of its heap"),
    "fits negative": (fits_table(NAXIS2=-1), "NAXIS2='-1', which is no size"),
    "fits form": (fits_table(TFORM1="'7Z'"), "no form of a column"),
    "fits columns": (fits_table(TFIELDS=5000), "1,000 may be"),
    "parquet cut": (parquet(a=pa.array([1]))[:-30], "cannot be read"),
    "parquet struct": (parquet(a=pa.array([{"x": 1}])), "has no like in VOTable"),
    "parquet large": (parquet(a=pa.array([2**64 - 1], pa.uint64())), "what does not fit"),
    "parquet NUL": (parquet(a=pa.array(["b\0c"])), "NUL character"),
    "parquet bytes": (parquet(a=pa.array([b"\xff"])), "what does not fit"),
    "parquet names": (parquet(x=pa.array([1]), X=pa.array([1])), "two columns called"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_wrong_is_refused_in_words(read: Any, name: str) -> None:
    data, words = HOSTILE[name]
    with pytest.raises(UsageError) as refused:
        read(data)
    assert words in refused.value.message
    assert refused.value.message.startswith("t: ")


ABORTING = zlib.decompress(base64.b85decode(
    rb"c-"
    rb"oaxTT22#6rPz~1|c6*oMi^~!G~N7)GSaU?BT4f7qU_b>QzLnpftBq!{5=5>!HV<`VpPkT`y2Ceay}|oXhu}*_jUX4umO6qSO{#kQ"
    rb"5=5gkX_1A}feUi*z2V68Ldj##R{_TlH8Z_eV6DjOaLJ#x6lQBx<8s$<6h)K!KD<Z3HSTM;DUL*X@Qu4JJ%gEfdN8!R_#&FHEG%GD"
    rb"-VH#IrY&`dQMp^(0)`D(?^*>&t{E6qX2#TAvh`bLGVTcL0^w^9rVaLjp~8k1L08OlpnzO2ZE{me$gFXU-ShKEp2t%T&n0OfCDtEb"
    rb"he65M|3a^m>=q$KeU(H{I8$i~!Mv5N7~0a7R!F7(p#af$IXCYo`X#3IZDop&NR^esPbaN9cHUF9-"
    rb"%C9;~5V_bsaTBIz!;UCrMB7{KW!8KT<?ikh%JYUDP&Xo#8aZ|b=txLcJcL}n)a>C?;bxiFYa3jOJHJj=Wer~cjeF>_ccmWl@|j~A"
    rb"@(cn2Rv2jA}xBN}ko"
))  # fmt: skip
"""A Parquet file that ended the whole process of its reader (pyarrow 26: a level's histogram of a wrong size)."""


def test_a_file_that_ends_its_reader_does_not_end_us(read: Any) -> None:
    with pytest.raises(UsageError, match="The uploaded Parquet file cannot be read"):
        read(ABORTING)


def peak(read: Any, data: bytes, words: str, limits: Limits) -> int:
    """The most bytes that were held at once while the file was refused."""
    before, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match=words):
            read(data, limits)
        return tracemalloc.get_traced_memory()[1] + int(pool.max_memory() or 0)
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


def test_a_gzip_bomb_is_refused_in_little_memory(read: Any) -> None:
    bomb = gzip.compress(b"a\n" + b"0" * 200_000_000)
    assert len(bomb) < 200_000
    assert peak(read, bomb, "larger than 64 MiB", Limits(bytes=64 << 20)) < 200 << 20


def test_a_dictionary_that_unpacks_to_much_is_refused(read: Any) -> None:
    bomb = parquet(a=pa.DictionaryArray.from_arrays(np.zeros(10_000, np.int32), ["x" * 1_000_000]))
    assert len(bomb) < 1_000_000
    assert peak(read, bomb, "larger than 1 MiB", Limits(bytes=1 << 20)) < 300 << 20


def test_an_array_of_the_heap_that_many_rows_share_is_refused(read: Any) -> None:
    shared = fits_table()
    columns = [fits.Column("a", "PD()", array=np.array([np.zeros(100_000)] * 2, dtype=object))]
    buffer = io.BytesIO()
    table = fits.BinTableHDU.from_columns(columns, nrows=2)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(buffer)
    data = buffer.getvalue()
    start = data.index(b"END" + b" " * 77, 2880) // 2880 * 2880 + 2880
    descriptor = data[start : start + 8]
    many = descriptor * 2000
    header = re.sub(rb"NAXIS2  = .{70}", b"NAXIS2  =                 2000".ljust(80), data[:start])
    header = re.sub(rb"THEAP   = .{70}", b"THEAP   =                16000".ljust(80), header)
    heap = data[start + 16 :]
    bomb = header + many + heap + b"\0" * (-(len(many) + len(heap)) % 2880)
    assert len(shared) < len(bomb) < 4_000_000
    assert peak(read, bomb, "larger than 8 MiB", Limits(bytes=8 << 20)) < 300 << 20


def test_more_rows_than_may_be_are_refused_as_they_come(read: Any) -> None:
    data = document(NUMBER, rows(*[b"1"] * 1001))
    with pytest.raises(UsageError, match="more than 1,000 rows"):
        read(data, Limits(rows=1000))
    assert len(read(data, Limits(rows=1001)).rows) == 1001
