"""CAOM documents in JSON: what CADC's `JsonWriter` makes of the XML, and the same rows as the XML makes."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import caom2
import pytest
from lxml import etree

from voserver.catalogue.caom_documents.json_form import to_json
from voserver.catalogue.caom_documents.loading import Loaded, documents_at, load
from voserver.catalogue.caom_documents.reading import read
from voserver.model.errors import UsageError

SAMPLES = Path(caom2.__file__).parent / "tests" / "data"
NAMES = [one.name for one in sorted(SAMPLES.glob("Sample*-CAOM-2.[34].xml"))]


def in_json(name: str) -> bytes:
    return to_json(etree.fromstring((SAMPLES / name).read_bytes(), etree.XMLParser(remove_blank_text=True)))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_in_json_says_the_same_as_in_xml(name: str) -> None:
    assert read(in_json(name)) == read((SAMPLES / name).read_bytes())


def test_json_has_attributes_values_and_lists_as_cadc_writes_them() -> None:
    observation = json.loads(in_json("SampleDerived-CAOM-2.4.xml"))["caom2:Observation"]
    assert observation["@xmlns:caom2"] == "http://www.opencadc.org/caom2/xml/v2.4"
    assert observation["@xsi:type"] == "caom2:DerivedObservation"
    assert isinstance(observation["caom2:observationID"]["$"], str)
    planes = [one["plane"] for one in observation["caom2:planes"]["$"]]
    assert all(len(plane["@caom2:id"]) == 36 for plane in planes)
    levels = [plane["caom2:calibrationLevel"]["$"] for plane in planes]
    assert all(type(level) is int for level in levels)


@pytest.mark.parametrize(
    "text", ["1.10", "007", "1e5", "NaN", "Infinity", "-0", "true", "9" * 400, "1.5", "12"]
)
def test_a_text_that_looks_like_a_number_comes_back_as_it_was(text: str) -> None:
    root = etree.fromstring((SAMPLES / "SampleDerived-CAOM-2.4.xml").read_bytes())
    version = next(root.iter("{*}provenance")).find("{*}version")
    assert version is not None
    version.text = text
    read_again = read(to_json(root)).observation.children[0].row["provenance_version"]
    assert read_again == text


_SPACE = "http://www.opencadc.org/caom2/xml/v2.4"


def document(**members: Any) -> bytes:
    fixed = {
        "@xmlns:c": _SPACE,
        "@c:id": "00000000-0000-0000-0000-000000000001",
        "c:collection": {"$": "C"},
        "c:observationID": {"$": "o"},
    }
    return json.dumps({"c:Observation": {**fixed, **members}}).encode()


def plane(**members: Any) -> bytes:
    return document(**{"c:planes": {"$": [{"plane": members}]}})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is no JSON"),
        (b"{}", "no object whose one member is caom2:Observation"),
        (b'{"a": 1}', "no object whose one member is caom2:Observation"),
        (b'{"a": {"@xmlns": 7}}', "its root is"),
        (b'{"caom2:Observation": {}}', "its root is Observation"),
        (b'{"x y": {}}', "no CAOM observation: Invalid tag name"),
        (b'{"c:Observation": {"@xmlns:c": "%s", "c:a b": 1}}' % _SPACE.encode(), "Invalid tag name"),
        (b'{"c:Observation": {"@xmlns:c": "%s", "@a": [1]}}' % _SPACE.encode(), "its attribute 'a' is no text"),
        (b'{"a":' * 100_000, "nested deeper than 100"),
        (b'{"c:a": {"@xmlns:c": "x", "b": ' + b'{"b":' * 200 + b"1" + b"}" * 202, "nested deeper than 100"),
        (b'{"a": "\xff"}', "is no JSON"),
        (document(**{"c:type": {"$": "a\x00b"}}), "no CAOM observation: All strings must be XML compatible"),
        (document(**{"c:sequenceNumber": {"$": 1.5}}), "Observation/sequenceNumber: '1.5' is no integer"),
        (document(**{"c:planes": {"$": ["plane"]}}), "an item of its list is no object"),
        (document(**{"c:target": {"c:redshift": {"$": float("nan")}}}), "'NaN' is no finite number"),
        (document(**{"c:target": {"c:redshift": [[1]]}}), "it is an array where"),
        (plane(), "planes/plane: its id '' is no UUID"),
    ],
)  # fmt: skip
def test_what_is_no_observation_in_json_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(content)


def test_json_that_would_take_too_much_memory_is_refused() -> None:
    with pytest.raises(UsageError, match="larger than 16 MiB"):
        read(b"{" + b" " * 16 * 1024**2 + b"}")


def test_names_that_come_twice_are_several_elements() -> None:
    doubled = document().replace(
        b'"c:collection"', b'"c:metaReadGroups": {"groupURI": "a", "groupURI": ["b"]}, "c:collection"'
    )
    assert read(doubled).observation.row["metareadgroups"] == ["a", "b"]


def test_files_in_json_are_loaded(
    new_database: Callable[[], AbstractContextManager[str]], tmp_path: Path
) -> None:
    (tmp_path / "one.json").write_bytes(in_json(NAMES[-1]))
    (tmp_path / "wrong.json").write_bytes(b"[]")
    with new_database() as url:
        *_, last = load(url, "archive.test", documents_at(tmp_path))
    assert last.added == 1
    assert [Path(name).name for name, _ in last.refused] == ["wrong.json"]
    assert last != Loaded()
