import asyncio
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.types import Message

from voserver.model.errors import UsageError
from voserver.protocols import parameters
from voserver.protocols.bodies import TooLarge
from voserver.protocols.parameters import Parameters, read_parameters

STILTS_BOUNDARY = "<<<--------------MULTIPART-BOUNDARY------->>>"
ASTROQUERY_BOUNDARY = "===1732147200000==="


def read(
    query: bytes = b"", *, method: str = "GET", content_type: str | None = None, body: Sequence[bytes] = ()
) -> Parameters:
    chunks = list(body)

    async def receive() -> Message:
        chunk = chunks.pop(0) if chunks else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
    scope = {"type": "http", "method": method, "query_string": query, "headers": headers}
    return asyncio.run(read_parameters(Request(scope, receive)))


def post(content_type: str | None, *body: bytes) -> Parameters:
    return read(method="POST", content_type=content_type, body=body)


def multipart(boundary: str, *parts: tuple[str, str], head: str = "") -> bytes:
    text = "".join(
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n{head}\r\n{value}'
        for name, value in parts
    )
    return f"{text}\r\n--{boundary}--\r\n".encode()


def test_names_are_found_in_any_case_and_values_keep_theirs() -> None:
    found = read(b"lang=ADQL&Query=SELECT+%27Aa%27")
    assert found.one("LANG") == "ADQL"
    assert found.one("QUERY") == "SELECT 'Aa'"


def test_what_was_not_sent_is_none_and_so_is_an_empty_value() -> None:
    found = read(b"FORMAT=&&MAXREC=+")
    assert found.one("FORMAT") is None
    assert found.natural("MAXREC") is None
    assert found.one("RUNID") is None


def test_percent_plus_and_utf8_are_decoded() -> None:
    assert read("QUERY=a%2Bb+%C3%A9 é".replace(" ", "+").encode()).one("QUERY") == "a+b é é"


def test_a_repeated_parameter_is_refused_where_one_is_meant() -> None:
    found = read(b"LANG=ADQL&lang=ADQL")
    with pytest.raises(UsageError, match="LANG was given 2 times"):
        found.one("LANG")
    assert found.all("LANG") == ("ADQL", "ADQL")


def test_url_and_form_are_read_together() -> None:
    found = read(
        b"LANG=ADQL",
        method="POST",
        content_type="application/x-www-form-urlencoded",
        body=[b"QUE", b"RY=x%20y"],
    )
    assert (found.one("LANG"), found.one("QUERY")) == ("ADQL", "x y")


def test_a_form_in_latin_1_is_read_as_such() -> None:
    found = post("application/x-www-form-urlencoded; charset=ISO-8859-1", b"QUERY=%E9")
    assert found.one("QUERY") == "é"


def test_a_post_without_content_type_and_body_has_the_parameters_of_its_url() -> None:
    assert read(b"LANG=ADQL", method="POST").one("LANG") == "ADQL"


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
@pytest.mark.parametrize(
    ("boundary", "content_type"),
    [
        (STILTS_BOUNDARY, f'multipart/form-data; boundary="{STILTS_BOUNDARY}"'),
        (ASTROQUERY_BOUNDARY, f"multipart/form-data; boundary={ASTROQUERY_BOUNDARY}"),
        ("x", "Multipart/Form-Data; Boundary=x"),
    ],
)
def test_multipart_is_read_however_it_is_cut(boundary: str, content_type: str, size: int) -> None:
    body = multipart(
        boundary,
        ("LANG", "ADQL"),
        ("QUERY", "SELECT 'é' -- \r\n FROM t"),
        head="Content-Type: text/plain; charset=UTF-8\r\n",
    )
    found = post(content_type, *(body[start : start + size] for start in range(0, len(body), size)))
    assert found.one("LANG") == "ADQL"
    assert found.one("QUERY") == "SELECT 'é' -- \r\n FROM t"


def test_the_content_of_a_file_is_not_taken_for_a_parameter() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="UPLOAD"\r\n\r\nt,param:t\r\n'
        b'--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n\xff\xfe\x00\r\n--x--\r\n'
    )
    found = post("multipart/form-data; boundary=x", body)
    assert found.all("UPLOAD") == ("t,param:t",)
    assert found.one("t") is None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (b"QUERY=%zz", "'%zz', which is no percent-encoded byte"),
        (b"QUERY=100%", "'%', which is no percent-encoded byte"),
        (b"QUERY=%FF", "QUERY is not UTF-8: byte 0xFF at offset 0"),
        (b"%C3=1", "A parameter's name is not UTF-8"),
        (b"QUERY=a%00b", "control character U\\+0000"),
        (b"QUERY=\xff", "not UTF-8"),
    ],
)
def test_text_that_is_no_text_is_refused(query: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(query)


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b"{}", "cannot be read from a body of type 'application/json'"),
        ("text/xml; charset=utf-8", b"<x/>", "cannot be read"),
        ("multipart/form-data", b"", "no boundary"),
        ("multipart/form-data; boundary=", b"", "no boundary"),
        ("multipart/form-data; boundary=x", b"nonsense", "cannot be read"),
        ("multipart/form-data; boundary=x", b"", "ends too early"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="LANG"\r\n\r\nADQL',
            "ends too early",
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nADQL\r\n--x--\r\n", "has no name"),
        ("multipart/form-data; boundary=x", multipart("x", ("Q", "a\x01")), "control character U\\+0001"),
        (
            "multipart/form-data; boundary=x",
            multipart("x", ("Q", "a"), head="Content-Type: text/plain; charset=klingon\r\n"),
            "charset 'klingon' is not understood",
        ),
        ("application/x-www-form-urlencoded; charset=utf-7", b"Q=1", "charset 'utf-7' is not understood"),
        (f"multipart/form-data; boundary={'x' * 5000}", b"", "cannot be read"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_clear_words(
    content_type: str, body: bytes, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        post(content_type, body)


def test_sizes_and_counts_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "MAX_VALUE", 100)
    monkeypatch.setattr(parameters, "MAX_BODY", 1000)
    form = "application/x-www-form-urlencoded"
    with pytest.raises(TooLarge, match="'QUERY' is too long: 100 bytes"):
        post(form, b"QUERY=" + b"x" * 101)
    with pytest.raises(TooLarge, match="request is too large"):
        post(form, *[b"x" * 100] * 11)
    with pytest.raises(TooLarge, match="'QUERY' is too long"):
        post("multipart/form-data; boundary=x", multipart("x", ("QUERY", "y" * 101)))
    with pytest.raises(TooLarge, match="name is too long"):
        post(form, b"x" * 200 + b"=1")
    with pytest.raises(TooLarge, match="too many parameters"):
        read(b"&".join(b"a=1" for _ in range(201)))
    monkeypatch.setattr(parameters, "MAX_BODY", 10**9)
    with pytest.raises(TooLarge, match="too many parameters"):
        post("multipart/form-data; boundary=x", multipart("x", *[("a", "b")] * 201))


def test_a_url_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "MAX_URL_QUERY", 10)
    with pytest.raises(TooLarge, match="URL is too long"):
        read(b"QUERY=12345678")


@pytest.mark.parametrize(("text", "value"), [("0", 0), (" 20000000 ", 20_000_000), ("9" * 5000, 10**18)])
def test_numbers_of_rows_are_read(text: str, value: int) -> None:
    assert Parameters([("maxrec", text)]).natural("MAXREC") == value


@pytest.mark.parametrize("text", ["-1", "1e3", "1.0", "ten", "0x10", "٣", "1_000", "NaN"])
def test_what_is_no_number_of_rows_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a number of rows"):
        Parameters([("MAXREC", text)]).natural("MAXREC")
