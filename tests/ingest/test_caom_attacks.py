"""CAOM documents that are none, that are wrong, or that would cost too much: refused in words."""

import pytest

from tests.ingest.caom_pieces import END, HEAD, ID, NAMED, with_plane
from voserver.catalogue.caom_documents.reading import read
from voserver.model.errors import UsageError

_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _named(name: bytes) -> bytes:
    return NAMED.replace(b">o<", b">" + name + b"<")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "no well-formed XML"),
        (b"not xml", "no well-formed XML"),
        (b"<x/>", "its root is x"),
        (b"<Observation/>", "its root is Observation"),
        (NAMED.replace(b"v2.4", b"v9"), "no well-formed XML"),
        (NAMED.replace(b"v2.4", b"v9") + END, "no CAOM observation"),
        (_LAUGHS + NAMED + b"<caom2:type>&b;</caom2:type>" + END, "has a DOCTYPE"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + NAMED + END, "has a DOCTYPE"),
        (HEAD + ID + b"<a>" * 10_000, "no well-formed XML"),
        (HEAD + b">" + END, "its id '' is no UUID"),
        (HEAD + ID + END, "it has no collection"),
        (HEAD + ID + b"<caom2:collection>C</caom2:collection>" + END, "it has no observationID"),
        (HEAD + ID + b"<caom2:collection>..</caom2:collection>" + END, "its collection '..' cannot be a name"),
        (_named(b".") + END, "its observationID '.' cannot be a name"),
        (_named("\N{COMET}".encode() * 60) + END, "cannot be a name"),
        (NAMED + b"<caom2:uri>caom:C/a&#10;JWST&#9;forged</caom2:uri>" + END, "has characters that no URI has"),
        (NAMED + b"<caom2:uri>caom:C/..</caom2:uri>" + END, "its observationID '..' cannot be a name"),
        (NAMED + b"<caom2:sequenceNumber>1e3</caom2:sequenceNumber>" + END, "'1e3' is no integer"),
        (NAMED + b"<caom2:sequenceNumber>" + b"9" * 400 + b"</caom2:sequenceNumber>" + END, "is no integer"),
        (NAMED + b"<caom2:metaRelease>soon</caom2:metaRelease>" + END, "'soon' is no date"),
        (NAMED + b"<caom2:target><caom2:redshift>NaN</caom2:redshift></caom2:target>" + END, "is no finite number"),
        (NAMED + b"<caom2:target><caom2:moving>maybe</caom2:moving></caom2:target>" + END, "is no true or false"),
        (with_plane(b""), "no calibrationLevel of -1 to 4"),
        (with_plane(b"<caom2:calibrationLevel>9</caom2:calibrationLevel>"), "no calibrationLevel of -1 to 4"),
        (
            with_plane(
                b"<caom2:calibrationLevel>1</caom2:calibrationLevel><caom2:position><caom2:bounds/></caom2:position>"
            ),
            "neither a circle nor a polygon",
        ),
        (
            with_plane(
                b"<caom2:calibrationLevel>1</caom2:calibrationLevel><caom2:energy><caom2:bounds/></caom2:energy>"
            ),
            "a lower and an upper end",
        ),
    ],
)  # fmt: skip
def test_what_is_no_observation_is_refused_in_words(document: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(document)


_LEVEL = b"<caom2:calibrationLevel>1</caom2:calibrationLevel>"
_POINT = b"<caom2:point><caom2:cval1>1</caom2:cval1><caom2:cval2>%d</caom2:cval2></caom2:point>"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (NAMED + b"<a/>" * 1_000_001 + END, "has more than 1,000,000 tags"),
        (NAMED + b"<caom2:type>" + b"x" * 11_000_000 + b"</caom2:type>" + END, "no well-formed XML"),
        (
            with_plane(
                _LEVEL + b"<caom2:position><caom2:bounds><caom2:points>"
                + b"".join(_POINT % (n % 90) for n in range(2_001)) + b"</caom2:points></caom2:bounds></caom2:position>"
            ),
            "more than 2,000 vertices",
        ),
        (
            with_plane(
                _LEVEL + b"<caom2:energy><caom2:bounds><caom2:lower>2</caom2:lower><caom2:upper>1</caom2:upper>"
                b"</caom2:bounds></caom2:energy>"
            ),
            "lower end 2.0 is above its upper end 1.0",
        ),
        (
            with_plane(
                _LEVEL + b"<caom2:position><caom2:resolutionBounds><caom2:lower>1</caom2:lower>"
                b"<caom2:upper>2</caom2:upper><caom2:more>abc</caom2:more></caom2:resolutionBounds></caom2:position>"
            ),
            "has a value that is none",
        ),
    ],
    ids=["tags", "text", "vertices", "reversed", "wrong"],
)  # fmt: skip
def test_a_document_that_would_cost_too_much_or_has_wrong_values_is_refused(
    document: bytes, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read(document)


def test_elements_that_are_none_of_caoms_and_long_numbers_do_no_harm() -> None:
    odd = (
        NAMED
        + b"<caom2:sequenceNumber>3000000000</caom2:sequenceNumber><caom2:planes><caom2:x/></caom2:planes>"
        + END
    )
    assert read(odd).observation.row["sequencenumber"] == 3_000_000_000


def test_a_document_beyond_all_measure_is_refused() -> None:
    with pytest.raises(UsageError, match="larger than 64 MiB"):
        read(NAMED + b" " * 64 * 1024**2 + END)
