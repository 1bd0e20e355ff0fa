"""CAOM documents in and out: what goes out comes back the same, and CADC's own package reads it and agrees."""

import http.server
import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import caom2
import psycopg
import pytest
from caom2.obs_reader_writer import ObservationReader
from psycopg.rows import dict_row

from tests.ingest.caom_pieces import END, NAMED, with_plane
from voserver.catalogue.caom_documents.exporting import OBSERVATION, names
from voserver.catalogue.caom_documents.harvesting import documents_from
from voserver.catalogue.caom_documents.loading import Loaded, documents_at, load
from voserver.catalogue.caom_documents.writing import Written, write
from voserver.catalogue.ingest.keywords import ingest_keywords
from voserver.model.errors import NotFound, Unavailable, UsageError
from voserver.settings import Settings

AUTHORITY = "archive.test"
SAMPLES = Path(caom2.__file__).parent / "tests" / "data"
VIEWS = ("observation", "plane", "artifact", "part", "chunk", "observationmember", "provenanceinput")
# CADC's package warns of its own.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")

NewDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def url(new_database: NewDatabase) -> Iterator[str]:
    with new_database() as made:
        yield made


def loaded(url: str, *documents: bytes) -> Loaded:
    sources = [
        (f"document {number}", lambda content=content: content) for number, content in enumerate(documents, 1)
    ]
    *_, last = load(url, AUTHORITY, sources)
    return last


def exported(url: str, version: Written = "2.4", mine: list[str] | None = None) -> dict[str, bytes]:
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = {}
        for collection, name in names(connection, None, None):
            asked = {"collection": collection, "name": name, "mine": mine or [], "everything": mine is None}
            rows = cursor.execute(OBSERVATION.encode(), asked).fetchone()
            if rows is not None:
                found[name] = write(rows, version)
        return found


def contents(url: str) -> dict[str, list[Any]]:
    """All rows of the tables of CAOM."""
    with psycopg.connect(url) as connection:
        connection.execute("SET voserver.groups = 'ivo://archive.test/gms?jwst-02045'")
        return {
            view: connection.execute(
                f"SELECT to_jsonb(v) FROM caom2.{view} AS v ORDER BY to_jsonb(v)::text".encode()
            ).fetchall()
            for view in VIEWS
        }


@pytest.fixture
def archive(fact: Callable[..., Any], write: Callable[..., Path], url: str, tmp_path: Path) -> str:
    """Exposures and a combined product, one of them with two outlines and one that is exclusive."""
    two = "POLYGON ICRS 10 10 11 10 11 11 10 11 POLYGON ICRS 12 10 13 10 13 11"
    image = "jw02045-o003_t001_nircam_f322w2-f323n_i2d.fits"
    facts = [
        fact(),
        fact("jw02045003001_02101_00002_nrcblong_cal.fits", orig_s_region=two),
        fact("jw02045003001_02101_00002_nrcblong_rate.fits", orig_s_region=two),
        fact("jw02045003001_02101_00003_nrcblong_cal.fits", s_region="CIRCLE ICRS 10 20 0.5"),
        fact(image, asntable="jw02045-o003_2_image3_00001_asn.json"),
    ]
    ingest_keywords(url, write(facts), Settings(database_url=url, data_dir=tmp_path, authority=AUTHORITY))
    return url


def without_checksums(document: bytes) -> bytes:
    """A document that may be changed without a remark on its checksums."""
    return re.sub(rb' caom2:\w+Checksum="[^"]*"', b"", document)


def lacking(version: Written, rows: list[Any]) -> list[Any]:
    """Rows without what CAOM has no more in this version, and checksums, which documents have of their own."""
    gone = {"metachecksum", "accmetachecksum"}
    if version == "2.5":
        gone |= {"position_timedependent", "creatorid"}
    return [{name: value for name, value in row.items() if name not in gone} for (row,) in rows]


@pytest.mark.parametrize("version", ["2.4", "2.5"])
def test_what_goes_out_comes_back_the_same(archive: str, new_database: NewDatabase, version: Written) -> None:
    documents = exported(archive, version)
    assert len(documents) == 4
    with new_database() as copy:
        assert loaded(copy, *documents.values()) == Loaded(added=4)
        before, after = contents(archive), contents(copy)
        for view in VIEWS:
            assert lacking(version, after[view]) == lacking(version, before[view]), view
        assert exported(copy, version) == documents


def test_a_document_twice_changes_nothing(archive: str) -> None:
    documents = exported(archive)
    before = contents(archive)
    assert loaded(archive, *documents.values()) == Loaded(same=4)
    assert contents(archive) == before


def test_what_another_loader_knows_of_a_file_stays(archive: str) -> None:
    def detectors() -> list[Any]:
        with psycopg.connect(archive) as connection:
            return connection.execute(
                "SELECT filename, detector, filter, exp_type FROM jwst.product ORDER BY 1"
            ).fetchall()

    before = detectors()
    changed = [
        without_checksums(one).replace(b"NAME-QUINTUPLET-CLUSTER", b"Quintuplet")
        for one in exported(archive).values()
    ]
    assert loaded(archive, *changed) == Loaded(changed=4)
    assert detectors() == before
    with psycopg.connect(archive) as connection:
        assert connection.execute("SELECT DISTINCT target_name FROM jwst.product").fetchall() == [
            ("Quintuplet",)
        ]


def test_cadc_reads_what_goes_out(archive: str) -> None:
    documents = exported(archive)
    for name, document in documents.items():
        observation = ObservationReader(validate=True).read(io.BytesIO(document))
        assert observation.observation_id == name
        (plane, *_) = observation.planes.values()
        assert plane.position.bounds is not None
        assert plane.energy.bandpass_name == "F322W2;F323N"
    derived = ObservationReader().read(io.BytesIO(documents["jw02045-o003_t001_nircam_f322w2-f323n"]))
    assert isinstance(derived, caom2.DerivedObservation)
    assert derived.algorithm.name == "image3"


@pytest.mark.parametrize("name", [one.name for one in sorted(SAMPLES.glob("[CS]*-CAOM-2.[34].xml"))])
def test_cadcs_own_documents_come_in_and_go_out_again(url: str, name: str) -> None:
    given = (SAMPLES / name).read_bytes()
    first = loaded(url, given)
    assert (first.added, first.refused) == (1, [])
    (again,) = exported(url).values()
    wanted = ObservationReader().read(io.BytesIO(given))
    keep_to_one_plane(wanted)
    found = ObservationReader(validate=True).read(io.BytesIO(again))
    assert {one.product_id for one in found.planes.values()} == {
        one.product_id for one in wanted.planes.values()
    }
    assert summary(found) == summary(wanted)
    assert loaded(url, again) == Loaded(same=1)


def test_a_plane_without_a_calibration_level_is_refused(url: str) -> None:
    given = (SAMPLES / "MinimalSimpleCircle-CAOM-2.3.xml").read_bytes()
    ((_, reason),) = loaded(url, given).refused
    assert "has no calibrationLevel of -1 to 4" in reason


def keep_to_one_plane(observation: Any) -> None:
    """The samples have the same files in several planes; here they are in the first."""
    seen: set[str] = set()
    for plane in observation.planes.values():
        for uri in list(plane.artifacts):
            if uri in seen:
                del plane.artifacts[uri]
            seen.add(uri)


def summary(observation: Any) -> list[object]:
    """What CADC's package sees in a document, entity by entity, as far as every version has it."""
    found: list[object] = [
        observation.observation_id,
        observation.proposal and observation.proposal.keywords,
        observation.target_position and observation.target_position.coordinates.cval1,
        observation._id,
    ]
    for plane in observation.planes.values():
        found += [
            plane._id,
            plane.data_release,
            plane.calibration_level,
            plane.provenance and plane.provenance.run_id,
        ]
        for axis in (plane.energy, plane.time):
            found.append(axis and axis.bounds and (axis.bounds.lower, axis.bounds.upper))
        for artifact in plane.artifacts.values():
            found += [artifact.uri, artifact._id, artifact.content_length, artifact.content_checksum]
            for part in artifact.parts.values():
                found += [part.name, part._id]
                for chunk in sorted(part.chunks, key=lambda one: str(one._id)):
                    found += [chunk._id, chunk.naxis]
                    position, energy = chunk.position, chunk.energy
                    if position:
                        function, bounds = position.axis.function, position.axis.bounds
                        found += [
                            position.coordsys,
                            function and (function.cd11, function.ref_coord.coord2.val),
                        ]
                        found += [repr(bounds)]
                    if energy:
                        found += [energy.specsys, energy.axis.function and energy.axis.function.delta]
                        found += [energy.axis.bounds and repr(energy.axis.bounds.samples)]
    return found


def test_what_a_document_has_not_got_any_more_goes(archive: str) -> None:
    documents = exported(archive)
    document = without_checksums(documents["jw02045003001_02101_00002_nrcblong"]).decode()
    start = document.index("    <caom2:plane ")
    end = document.index("</caom2:plane>") + len("</caom2:plane>\n")
    assert loaded(archive, (document[:start] + document[end:]).encode()) == Loaded(changed=1)
    with psycopg.connect(archive) as connection:
        assert connection.execute("SELECT count(*) FROM archive.plane").fetchone() == (4,)
        gone = connection.execute("SELECT filename FROM archive.event WHERE kind = 'withdrawn'").fetchall()
    assert gone == [("jw02045003001_02101_00002_nrcblong_rate.fits",)]


def test_a_new_checksum_in_a_document_is_an_event(archive: str) -> None:
    document = exported(archive)["jw02045003001_02101_00001_nrcblong"]
    old = b"d427260dcf19304f955a866125a01841"
    assert loaded(archive, document.replace(old, old[::-1])).changed == 1
    with psycopg.connect(archive) as connection:
        kinds = connection.execute(
            "SELECT old_checksum FROM jwst.event WHERE kind = 'reprocessed'"
        ).fetchall()
    assert kinds == [(f"md5:{old.decode()}",)]


def versions(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT filename, old_version, new_version FROM jwst.event WHERE kind = 'reprocessed' ORDER BY 1"
        ).fetchall()


def test_a_new_version_of_a_plane_alone_is_an_event(archive: str) -> None:
    document = without_checksums(exported(archive)["jw02045003001_02101_00001_nrcblong"])
    other = document.replace(b"version>1.18.0<", b"version>1.19.0<")
    assert loaded(archive, other) == Loaded(changed=1)
    name = "jw02045003001_02101_00001_nrcblong_cal.fits"
    assert versions(archive) == [(name, "1.18.0", "1.19.0")]
    with psycopg.connect(archive) as connection:  # nor can another way of changing it leave the event out
        connection.execute(
            "UPDATE archive.plane SET provenance_version = '1.20.0' WHERE planeuri LIKE '%00001_nrcblong/2b'"
        )
    assert versions(archive) == [(name, "1.18.0", "1.19.0"), (name, "1.19.0", "1.20.0")]


def test_a_file_that_says_its_version_itself_does_not_speak_for_others_of_its_plane(archive: str) -> None:
    with psycopg.connect(archive) as connection:
        connection.execute(
            "UPDATE archive.plane SET provenance_version = '2.0' WHERE planeuri LIKE '%00001_nrcblong/2b'"
        )
        connection.execute(
            "UPDATE archive.artifact SET pipeline_version = '2.0', contentchecksum = 'md5:00'"
            " WHERE filename LIKE '%00001_nrcblong_cal.fits'"
        )
    assert versions(archive) == [("jw02045003001_02101_00001_nrcblong_cal.fits", "1.18.0", "2.0")]


def test_hidden_parts_are_left_out_for_who_may_not_see_them(archive: str) -> None:
    with psycopg.connect(archive) as connection:
        connection.execute(
            "UPDATE archive.plane SET metarelease = NULL, metareadgroups = '{group}' WHERE planeuri LIKE '%00002%/2a'"
        )
        connection.execute(
            "UPDATE archive.observation SET metarelease = NULL WHERE observationid LIKE '%00003%'"
        )
    public = exported(archive, mine=[])
    assert len(public) == 3
    assert b"_rate.fits" not in public["jw02045003001_02101_00002_nrcblong"]
    assert b"_rate.fits" in exported(archive, mine=["group"])["jw02045003001_02101_00002_nrcblong"]


def test_a_document_cannot_take_the_place_of_another_observation(archive: str) -> None:
    before = contents(archive)
    document = exported(archive)["jw02045003001_02101_00001_nrcblong"]
    other = document.replace(b"jw02045003001_02101_00001", b"jw02045003001_02101_00009")
    ((_, reason),) = loaded(archive, other).refused
    assert "is another one here" in reason
    assert contents(archive) == before


def test_a_file_of_another_observation_stays_there(archive: str) -> None:
    document = without_checksums(exported(archive)["jw02045003001_02101_00001_nrcblong"]).decode()
    lines = document.replace("nrcblong</caom2:observationID>", "copy</caom2:observationID>").splitlines()
    fresh = [re.sub(r'(caom2:id=")[0-9a-f]{8}', r"\g<1>00000000", line) for line in lines]
    done = loaded(archive, "\n".join(fresh).encode())
    assert (done.added, done.refused) == (1, [])
    ((_, note),) = done.noted
    assert (
        note
        == "mast:JWST/product/jw02045003001_02101_00001_nrcblong_cal.fits is a file of another plane already"
    )


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        ((b">JWST</caom2:collection>", b">HST</caom2:collection>"), "is of the collection JWST here"),
        ((b"00001_nrcblong</caom2:uri>", b"00009_nrcblong</caom2:uri>"), "is another one here"),
        (
            (b"00001_nrcblong/2b</caom2:uri>", b"00002_nrcblong/2b</caom2:uri>"),
            "is of another observation here",
        ),
    ],
    ids=["collection", "observation", "plane"],
)
def test_a_document_with_another_ones_uri_takes_nothing_from_it(
    archive: str, swap: tuple[bytes, bytes], said: str
) -> None:
    before = contents(archive)
    document = exported(archive, "2.5")["jw02045003001_02101_00001_nrcblong"]
    assert swap[0] in document
    ((_, reason),) = loaded(archive, document.replace(*swap)).refused
    assert said in reason
    assert contents(archive) == before


def test_wrong_documents_are_set_aside_and_the_others_loaded(url: str, tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "good.xml").write_bytes(NAMED + END)
    (tmp_path / "bad.xml").write_bytes(b"<x/>")
    odd = with_plane(b"<caom2:calibrationLevel>1</caom2:calibrationLevel><caom2:artifacts>")
    (tmp_path / "unfinished.xml").write_bytes(odd)
    wrong = (
        NAMED.replace(b">o<", b">wrong<").replace(b"0001", b"0009")
        + b"<caom2:intent>evil</caom2:intent>"
        + END
    )
    (tmp_path / "wrong.xml").write_bytes(wrong)
    *_, last = load(url, AUTHORITY, documents_at(tmp_path))
    assert last.added == 1
    assert sorted(Path(name).name for name, _ in last.refused) == ["bad.xml", "unfinished.xml", "wrong.xml"]
    with pytest.raises(NotFound, match="There is nothing at"):
        list(documents_at(tmp_path / "nothing"))


def test_a_repository_is_harvested_page_by_page(url: str) -> None:
    documents = {f"o{n}": NAMED.replace(b">o<", f">o{n}<".encode()).replace(b"0001", f"{n:04d}".encode()) + END
                 for n in range(1, 6)}  # fmt: skip

    class Repository(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, asked = self.path.partition("?")
            name = path.removeprefix("/caom/C").strip("/")
            content = documents.get(name, b"")
            if not name:
                after = asked.partition("start=2024-01-0")[2]
                start = int(after[:1] or 1) + ("T" in after)  # a millisecond later
                rows = [f"C\to{n}\t2024-01-0{n}\n" for n in range(start, min(start + 2, 6))]
                content = "".join(rows).encode()
            self.send_response(200 if content or not name else 404)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}/caom/C"
        *_, last = load(url, AUTHORITY, documents_from(base))
        assert last == Loaded(added=5)
        *_, last = load(url, AUTHORITY, documents_from(f"{base}/o3"))
        assert last == Loaded(same=1)
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(Unavailable, match="cannot be had"):
        list(documents_from(base))
    with pytest.raises(UsageError, match="no URL of the web"):
        list(documents_from("file:///etc/passwd"))
