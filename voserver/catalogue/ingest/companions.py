"""Files beside the FITS files: previews, source catalogues, associations, pools, engineering data, and whatever else.

They have no header that tells of the observation. They join the plane that they are for, where the catalogue has it,
and take its facts and rights; otherwise they come under a plane of their own, with what their name says.
"""

import csv
import io
import re

from voserver.catalogue.cutouts.structure import Source
from voserver.catalogue.ingest import product_lists
from voserver.catalogue.ingest.caom import Record, records
from voserver.catalogue.ingest.contributed import HELD_BACK, contribution
from voserver.catalogue.ingest.extensions import Contents
from voserver.catalogue.ingest.facts import described, timestamp
from voserver.catalogue.ingest.footprints import footprint
from voserver.catalogue.ingest.header_keywords import Keywords
from voserver.catalogue.ingest.header_records import PRODUCER, Described, Kin, Manner, finished
from voserver.catalogue.ingest.product_lists import ProductList
from voserver.catalogue.ingest.sources import Found
from voserver.model import jwst

_LAST = "99"
"""Sorts a plane's principal file after all that have headers."""
_ENGINEERING = {"theTime", "MJD", "euvalue"}
_LINE = 4096


def of_product(file: Found, name: jwst.ProductName, manner: Manner, checksum: str | None) -> Described:
    """A file of the archive's own, by its name alone."""
    mode = jwst.Mode(name.instrument or "", None, is_time_series=False, is_calibration=False)
    facts = described({}, name, mode)
    facts = facts._replace(size=file.size, checksum=checksum, meta_release=file.modified)
    facts = facts._replace(release=manner.choice.release(file.modified))
    made = records(facts, footprint(None), manner.authority)
    instrument: Record = {"instrument_name": name.instrument, "metaproducer": PRODUCER}
    principal: Record = {"principal_file": f"{_LAST} {name.name}", **instrument}
    made = made._replace(
        observation=made.observation | principal,
        plane=made.plane | principal | {"dataproducttype": None, "observable_ucd": None},
        artifact=made.artifact
        | instrument
        | {
            "instrument": name.instrument,
            "dataproduct_type": "measurements" if name.suffix == "cat" else None,
        },
        members=(),
        inputs=(),
    )
    told = finished(facts, made, Contents(), None, [])
    told.kin = Kin((str(made.plane["planeuri"]),), preview_of=_pictured(name))
    return told


def _pictured(name: jwst.ProductName) -> str | None:
    """The file that a preview shows."""
    if name.product_type != "preview":
        return None
    return jwst.product_uri(f"{name.name.removesuffix(f'.{name.extension}')}.fits")


def of_list(
    file: Found, name: jwst.ProductName | None, listed: ProductList, manner: Manner, checksum: str | None
) -> Described:
    """An association or a pool."""
    told = of_product(file, name, manner, checksum) if name else other(file, manner, checksum)
    told.records = told.records._replace(
        artifact=told.records.artifact
        | {
            "producttype": "info",
            "product_type": "INFO",
            "product_subgroup": listed.kind,
            "releasetype": "meta",
        }
    )
    own = str(told.records.observation["observationuri"])
    members = {(parent or own, child): None for parent, child in listed.members}
    told.kin = Kin(tuple(listed.planes), members=tuple(members), inputs=tuple(listed.inputs))
    told.remarks += listed.remarks
    return told


def other(file: Found, manner: Manner, checksum: str | None, remark: str | None = None) -> Described:
    """A file of which nothing more is known than its name."""
    told = contribution(file, Contents(), Keywords([]), None, manner, checksum)
    told.remarks = [*([remark] if remark else []), *(one for one in told.remarks if one is HELD_BACK)]
    return told


def engineering(file: Found, source: Source, manner: Manner, checksum: str | None) -> Described | None:
    """A mnemonic's values in a span of time, as MAST's engineering database gives them; None for other CSV.

    Public as soon as they are there, unless the operator says otherwise: they belong to no program.
    """
    head = source.read(0, min(source.size, _LINE)).decode("utf-8-sig", "replace").splitlines()
    header = next(csv.reader(head[:1]), []) if head else []
    if not set(header) >= _ENGINEERING:
        return None
    told = other(file, manner, checksum)
    at = header.index("MJD")
    tail = source.read(max(0, source.size - _LINE), source.size).decode("utf-8", "replace").splitlines()
    start, end = _mjd(head[1:2], at), _mjd(tail[-1:], at)
    mnemonic = re.split(r"-\d{8}T", file.name)[0].removesuffix(".csv")
    since = file.modified if end is None else timestamp(end)
    released = manner.choice.release(since) or since
    told.remarks = []
    bounds = (start, end) if start is not None and end is not None else None
    both: Record = {
        "metarelease": since,
        "datarelease": released,
        "datareadgroups": None,
        "target_name": mnemonic,
    }
    plane: Record = {
        **both,
        "dataproducttype": "timeseries",
        "provenance_name": "Engineering database",
        "time_bounds": bounds,
        "time_bounds_lower": start,
        "time_bounds_upper": end,
        "intent": "calibration",
    }
    artifact: Record = {
        **both,
        "producttype": "auxiliary",
        "product_type": "AUXILIARY",
        "dataproduct_type": "timeseries",
        "t_min": start,
        "t_max": end,
        "intent": "calibration",
    }
    rows = told.records
    observation = rows.observation | {"metarelease": since, "target_name": mnemonic, "intent": "calibration"}
    told.records = rows._replace(
        observation=observation, plane=rows.plane | plane, artifact=rows.artifact | artifact
    )
    return told


def _mjd(lines: list[str], at: int) -> float | None:
    row = next(csv.reader(io.StringIO(lines[0])), []) if lines else []
    try:
        value = float(row[at])
    except (IndexError, ValueError):
        return None
    return value if 40_000 < value < 90_000 else None


def list_in(file: Found, source: Source) -> ProductList | None:
    """The association or pool that a JSON or CSV file is, if it is one."""
    if file.name.lower().endswith(".json"):
        return product_lists.association(source)
    return product_lists.pool(source) if file.name.lower().endswith(".csv") else None
