"""HTML and plain text: what people look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import html

from voserver.model.columns import Column
from voserver.model.errors import Unavailable
from voserver.serializers import html_page


def page_of(data: bytes) -> Any:
    return html.fromstring(data)


OURS = Path(html_page.__file__).with_name("samp.js").read_text(encoding="utf-8").strip()
TEXT = (Column("t", "char", "*"),)


def test_a_page_shows_the_values(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    page = page_of(write("html", rows_of(sizes=[1, 3])))
    rows = [[cell.text_content() for cell in row.iter("td")] for row in page.iter("tr")][1:]
    assert rows[0][:3] == ["true", "-5", "2736"]
    assert rows[1] == [""] * 13
    assert rows[2][7] == 'a, "b" <c> & ]]>'
    assert page.get_element_by_id("query").text_content() == "SELECT *\nFROM t WHERE a < 'é'"
    assert page.get_element_by_id("ending").text_content() == "4 rows."


def test_only_web_addresses_become_links(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    texts = [
        "https://a.example/?x=1&y=2",
        "javascript:alert(1)",
        'https://a.example/" onclick="alert(1)',
        "https://a.example/<script>alert(1)</script>",
        "see https://a.example/",
        None,
    ]
    page = page_of(write("html", rows_of(TEXT, [(text,) for text in texts])))
    assert [link.get("href") for link in page.iter("a")] == [texts[0]]
    assert [script.text_content().strip() for script in page.iter("script")] == [OURS]
    assert [cell.text_content() for cell in page.iter("td")] == [text or "" for text in texts]


def test_names_and_descriptions_cannot_break_out(
    rows_of: Callable[..., Any], write: Callable[..., bytes]
) -> None:
    columns = (Column("<b>", "int", unit="<i>", description='"><script>x</script>'),)
    page = page_of(write("html", rows_of(columns, [])))
    assert [head.get("title") for head in page.iter("th")] == ['"><script>x</script>']
    assert not list(page.iter("b", "i"))
    assert [script.text_content().strip() for script in page.iter("script")] == [OURS]


def test_a_page_tells_how_it_ended(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    cut = page_of(write("html", rows_of(overflow=True))).get_element_by_id("ending")
    assert "more rows than the limit" in cut.text_content()
    failed = page_of(write("html", rows_of(error=Unavailable("gone <b>")))).get_element_by_id("ending")
    assert failed.text_content().endswith("an error: gone <b>")


def test_text_is_aligned_by_what_it_holds(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    columns = (Column("n", "int"), Column("name", "char", "*"), Column("x", "double"))
    rows = [(1, "a\nb", 0.5), (1000, None, None), (2, "é", 10.25)]
    assert write("text", rows_of(columns, rows)).decode().splitlines() == [
        "   n  name      x",
        "----  ----  -----",
        "   1  a b     0.5",
        "1000",
        "   2  é     10.25",
        "(3 rows)",
    ]


def test_text_tells_how_it_ended(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    assert "OVERFLOW: There are more rows" in write("text", rows_of(overflow=True)).decode()
    assert (
        write("text", rows_of(TEXT, [], error=Unavailable("gone"))).decode()
        == "t\n-\n(0 rows)\n\nERROR: gone\n"
    )


def test_later_wider_values_stay_whole(rows_of: Callable[..., Any], write: Callable[..., bytes]) -> None:
    written = write("text", rows_of(TEXT, [("a",), ("b" * 500,)], sizes=[1, 1])).decode()
    assert "b" * 500 in written
