"""Load what the demonstration shows: facts of real products, and a few files with simulated pixels."""

import hashlib
import math
from collections.abc import Mapping

import psycopg
import pyarrow.parquet as pq

from voserver import __version__
from voserver.catalogue import engine
from voserver.catalogue.ingest import batches, bulk, keywords
from voserver.catalogue.ingest.caom import Record, identifier, records
from voserver.catalogue.ingest.facts import Facts, check
from voserver.catalogue.ingest.footprints import footprint
from voserver.catalogue.ingest.load import Progress
from voserver.catalogue.ingest.passbands import passband
from voserver.catalogue.ingest.report import Report
from voserver.model import jwst
from voserver.model.addresses import file_path
from voserver.model.regions import parse_region
from voserver.sample import KEYWORDS
from voserver.sample.subjects import SUBJECTS, Circumstances, Cube, Image, Spectrum, Subject
from voserver.settings import Settings

_PRODUCT = "simulated"
"""The product id of planes with simulated pixels."""

_KINDS: dict[type[Subject], str] = {Image: "image", Cube: "cube", Spectrum: "spectrum"}


def load_sample(url: str, settings: Settings, *, progress: Progress | None = None) -> Report:
    """Load the sample and write its files to `data_dir/files`; nothing where both are there already."""
    directory = settings.data_dir / "files"
    if all((directory / name).is_file() for subject in SUBJECTS for name in subject.file_names):
        done = keywords.finished(url, KEYWORDS, settings)
        if done:
            return done
    # astropy takes half a second: for the first time only.
    from voserver.catalogue.ingest.sample_files import make_files  # noqa: PLC0415

    outcome = keywords.ingest_keywords(url, KEYWORDS, settings, progress=progress)
    rows = {row["true_filename"]: row for row in pq.ParquetFile(KEYWORDS).read().to_pylist()}
    directory.mkdir(parents=True, exist_ok=True)
    batch = batches.Batch()
    for subject in SUBJECTS:
        facts = check(rows[subject.product])
        files = make_files(subject, _circumstances(facts))
        for name, content in files.items():
            (directory / name).write_bytes(content)
        plane, artifacts = _described(facts, subject, files, settings.authority)
        batch.planes[plane["planeid"]] = plane
        batch.artifacts += artifacts
    with engine.connect(url) as connection:
        try:
            types = bulk.prepare(connection)
            with connection.transaction():
                bulk.merge(connection, batches.encode(batch, types))
        except psycopg.Error as error:
            raise engine.translate(error) from error
    return outcome


def _circumstances(facts: Facts) -> Circumstances:
    """What the simulation has to know of a product."""
    first = parse_region(facts.footprint or "").shapes[0].numbers
    band = passband(facts.setup)
    power = band.power_range or (100.0, 100.0)
    assert band.lower is not None
    assert band.upper is not None
    return Circumstances(
        corners=list(zip(first[::2], first[1::2], strict=True)),
        lower=band.lower * 1e6,
        upper=band.upper * 1e6,
        resolving_power=sum(power) / 2,
        keywords={
            "INSTRUME": facts.mode.instrument,
            "DETECTOR": facts.text["detector"],
            "EXP_TYPE": facts.text["exp_type"],
            "FILTER": facts.setup.optical_filter or None,
            "PUPIL": facts.setup.pupil or None,
            "GRATING": facts.setup.grating or None,
            "CHANNEL": facts.setup.channel or None,
            "BAND": facts.setup.band or None,
            "PROGRAM": f"{facts.name.program:05d}",
            "TARGPROP": facts.text["targprop"],
            "MJD-BEG": facts.start,
            "MJD-END": facts.end,
            "EFFEXPTM": facts.exposure_time,
        },
    )


def _described(
    facts: Facts, subject: Subject, files: Mapping[str, bytes], authority: str
) -> tuple[Record, list[Record]]:
    """A plane and artifacts that hold nothing of the real product but what the simulation took from it."""
    made = records(facts, footprint(facts.footprint), authority)
    kind = _KINDS[type(subject)]
    # A cube and the spectrum that would be extracted from it are of one observation.
    product = f"{_PRODUCT}-cube" if kind == "cube" else _PRODUCT
    plane_uri = jwst.plane_uri(facts.name.observation_id, product)
    publisher_id = jwst.publisher_id(authority, facts.name.observation_id, product)
    content_type = "application/fits" if kind == "spectrum" else "image/fits"
    released: Record = {"datarelease": facts.meta_release, "datareadgroups": None}
    plane = (
        made.plane
        | released
        | {
            "planeuri": plane_uri,
            "planeid": identifier(plane_uri),
            "publisherid": publisher_id,
            "productid": product,
            "dataproducttype": kind,
            "dataproduct_subtype": _PRODUCT,
            "provenance_name": "SIMULATED",
            "provenance_version": __version__,
            "provenance_reference": None,
            "provenance_producer": "voserver",
            "provenance_project": None,
            "provenance_runid": None,
            "provenance_keywords": "simulated pixels",
            "provenance_inputs": None,
            "access_url": file_path(_uri(subject.file_name)),
            "access_format": content_type,
            "access_estsize": math.ceil(len(files[subject.file_name]) / 1000),
            "principal_file": subject.file_name,
        }
    )
    whole = made.artifact | released | {"planeid": identifier(plane_uri), "publisherid": publisher_id}
    parts = {
        subject.file_name: ("science", content_type),
        subject.preview_name: ("preview", "image/png"),
        subject.thumbnail_name: ("thumbnail", "image/jpeg"),
    }
    artifacts = [
        whole | _file(name, files[name], *words, kind=kind if words[0] == "science" else None)
        for name, words in parts.items()
    ]
    artifacts[0]["preview_url"] = file_path(_uri(subject.preview_name))
    return plane, artifacts


def _uri(file_name: str) -> str:
    return f"voserver:sample/{file_name}"


def _file(name: str, content: bytes, product_type: str, content_type: str, *, kind: str | None) -> Record:
    """What is particular to one file of a plane; `kind` is that of its data, if it has any."""
    uri = _uri(name)
    return {
        "uri": uri,
        "artifactid": identifier(uri),
        "producttype": product_type,
        "contenttype": content_type,
        "contentlength": len(content),
        "contentchecksum": f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}",
        "filename": name,
        "association": None,
        "suffix": jwst.parse(f"{name.removeprefix('simulated_').partition('.')[0]}.fits").suffix
        if kind
        else None,
        "product_type": product_type,
        "product_subgroup": "SIMULATED",
        "dataproduct_type": kind,
        "minimum_recommended": 0,
        "pipeline_version": None,
        "crds_context": None,
        "sdp_version": None,
        "provenance_producer": "voserver",
        "access_url": file_path(uri),
        "preview_url": None,
        "cloud_uri": None,
    }
