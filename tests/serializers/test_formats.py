import pytest

from voserver.model.errors import UsageError
from voserver.serializers import FORMATS, Format, choose_format

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("requested", "name", "content_type"),
    [
        ("votable", "VOTable TABLEDATA", "application/x-votable+xml"),
        ("votable/td", "VOTable TABLEDATA", "application/x-votable+xml;serialization=TABLEDATA"),
        ("votable/b2", "VOTable BINARY2", "application/x-votable+xml;serialization=BINARY2"),
        ("VOTABLE/B", "VOTable BINARY", "application/x-votable+xml;serialization=BINARY"),
        ("application/x-votable+xml", "VOTable TABLEDATA", "application/x-votable+xml"),
        ("application/x-votable xml", "VOTable TABLEDATA", "application/x-votable+xml"),
        ("text/xml", "VOTable TABLEDATA", "text/xml"),
        ("text/xml; serialization=binary2", "VOTable BINARY2", "text/xml;serialization=BINARY2"),
        (
            "application/x-votable+xml;serialization=BINARY2",
            "VOTable BINARY2",
            "application/x-votable+xml;serialization=BINARY2",
        ),
        (
            'Application/X-VOTable+XML; Serialization="TABLEDATA"',
            "VOTable TABLEDATA",
            "application/x-votable+xml;serialization=TABLEDATA",
        ),
        ("application/x-votable+xml;content=datalink", "VOTable TABLEDATA", "application/x-votable+xml"),
        ("csv", "CSV", "text/csv;header=present"),
        ("text/csv;header=present", "CSV", "text/csv;header=present"),
        ("tsv", "TSV", "text/tab-separated-values"),
        ("fits", "FITS", "application/fits"),
        ("parquet", "Parquet", "application/vnd.apache.parquet"),
        ("application/vnd.apache.arrow.stream", "Arrow", "application/vnd.apache.arrow.stream"),
        ("json", "JSON", "application/json"),
        ("html", "HTML", "text/html;charset=utf-8"),
        ("text/plain", "text", "text/plain;charset=utf-8"),
        (" text ", "text", "text/plain;charset=utf-8"),
    ],
)
def test_a_format_is_found_and_the_answer_carries_the_type_asked_for(
    requested: str, name: str, content_type: str
) -> None:
    choice = choose_format(requested, None)
    assert (choice.format.name, choice.content_type) == (name, content_type)


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_every_registered_word_finds_its_format(known: Format) -> None:
    for word in (*known.aliases, known.media_type):
        assert choose_format(word, None).format is known


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "VOTable TABLEDATA"),
        ("*/*", "VOTable TABLEDATA"),
        ("text/plain", "VOTable TABLEDATA"),
        (JAVA, "VOTable TABLEDATA"),
        (FIREFOX, "HTML"),
        (f"application/x-votable+xml,{FIREFOX}", "VOTable TABLEDATA"),
        ("text/html;q=0,application/xhtml+xml", "VOTable TABLEDATA"),
        ("text/html", "HTML"),
        ("text/html,*/*;q=0.8", "HTML"),
        ("text/html, application/xhtml+xml, */*", "HTML"),
        ("text/html, text/*;q=0.5, image/*", "HTML"),
        ("text/html, image/gif, image/jpeg, */*; q=0.2", "VOTable TABLEDATA"),
        ("application/json, text/html;q=0.5", "VOTable TABLEDATA"),
        ("*/*, text/html;q=0.1", "VOTable TABLEDATA"),
        (";;q=,=,text/html;q=nonsense,application/xhtml+xml", "VOTable TABLEDATA"),
    ],
)
def test_without_a_request_only_a_browser_gets_a_page(accept: str | None, name: str) -> None:
    assert choose_format(None, accept).format.name == name
    assert choose_format("", accept).format.name == name


def test_what_is_asked_for_wins_over_what_the_browser_accepts() -> None:
    assert choose_format("csv", FIREFOX).format.name == "CSV"


@pytest.mark.parametrize(
    "requested", ["xlsx", "csv\r\nX-Evil: 1", "votable/b3", "a" * 10_000, ";", "csv;x=y"]
)
def test_an_unknown_format_is_refused_with_all_that_exist(requested: str) -> None:
    with pytest.raises(UsageError) as refusal:
        choose_format(requested, None)
    assert "votable/b2" in str(refusal.value)
    assert len(str(refusal.value)) < 1000


def test_a_slip_is_recognised() -> None:
    with pytest.raises(UsageError, match=r"Did you mean parquet\?"):
        choose_format("parket", None)


def test_an_unknown_serialization_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match="TABLEDATA, BINARY2, BINARY"):
        choose_format("application/x-votable+xml;serialization=FITS", None)


def test_csv_without_its_header_is_refused() -> None:
    with pytest.raises(UsageError, match="header"):
        choose_format("text/csv;header=absent", None)
