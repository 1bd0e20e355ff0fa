"""Files beside the FITS files: previews, source catalogues, associations, pools, engineering data, and whatever else.

They have no header that tells of the observation. They join the plane that they are for, where the catalogue has it,
and take its facts and rights; otherwise they come under a plane of their own, with what their name says.
"""

import csv
import re
from dataclasses import dataclass

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

_UNIX_EPOCH = 40_587
"""As a modified Julian date."""
_LAST = "99"
"""Sorts a plane's principal file after all that have headers."""
_ENGINEERING = {"theTime", "MJD", "euvalue"}
_MNEMONIC = re.compile(r'"TlmMnemonic"\s*:\s*"(\w{1,80})"')
_OBSERVED = re.compile(r'"ObsTime"\s*:\s*"\\?/Date\((\d{1,16})[+)]')
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


@dataclass(frozen=True, slots=True)
class _Telemetry:
    """A mnemonic, and the times of its first and last value, as modified Julian dates."""

    mnemonic: str
    start: float | None
    end: float | None


def _telemetry(file: Found, source: Source) -> _Telemetry | None:
    """What a file of MAST's engineering database has: CSV, or the JSON that its service answers; None for others."""
    head = source.read(0, min(source.size, _LINE)).decode("utf-8-sig", "replace")
    tail = source.read(max(0, source.size - _LINE), source.size).decode("utf-8", "replace")
    if not file.name.lower().endswith(".csv"):
        mnemonic, times = _MNEMONIC.search(head), _OBSERVED.findall(head)[:1] + _OBSERVED.findall(tail)[-1:]
        if not (mnemonic and len(times) == 2):
            return None
        start, end = (_of_mission(_UNIX_EPOCH + int(time) / 86_400_000) for time in times)
        return _Telemetry(mnemonic[1], start, end)
    lines = head.splitlines()
    header = next(csv.reader(lines[:1]), [])
    if not set(header) >= _ENGINEERING:
        return None
    at = header.index("MJD")
    mnemonic_of_file = re.split(r"-\d{8}T", file.name)[0].removesuffix(".csv")
    return _Telemetry(mnemonic_of_file, _mjd(lines[1:2], at), _mjd(tail.splitlines()[-1:], at))


def engineering(file: Found, source: Source, manner: Manner, checksum: str | None) -> Described | None:
    """A mnemonic's values in a span of time, as MAST's engineering database gives them; None for other files.

    Public as soon as they are there, unless the operator says otherwise: they belong to no program.
    """
    telemetry = _telemetry(file, source)
    if telemetry is None:
        return None
    told = other(file, manner, checksum)
    mnemonic, start, end = telemetry.mnemonic, telemetry.start, telemetry.end
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
    try:
        row = next(csv.reader(lines[:1]), [])
        return _of_mission(float(row[at]))
    except (IndexError, ValueError, csv.Error):
        return None


def _of_mission(date: float) -> float | None:
    return date if 40_000 < date < 90_000 else None


def list_in(file: Found, source: Source) -> ProductList | None:
    """The association or pool that a JSON or CSV file is, if it is one."""
    if file.name.lower().endswith(".json"):
        return product_lists.association(source)
    return product_lists.pool(source) if file.name.lower().endswith(".csv") else None
