"""Make keywords.parquet: facts of well-known programs and of every instrument, from others' lists.

    python -m voserver.sample.make_sample DIRECTORY

DIRECTORY holds `exposures.parquet` (rows of MAST's JWST keyword service) and `mast_examples/` (rows of
MAST's catalogue). Only identifiers, positions, times, set-ups, sizes and dates are taken: no titles,
abstracts, descriptions or names of people.
"""

import csv
import gzip
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from voserver.model import jwst, mast
from voserver.sample import KEYWORDS

Fact = dict[str, object]

PROGRAMS = {
    2045: "the Quintuplet cluster",
    4515: "the centre of the Galaxy",
    3571: "the centre of the Galaxy",
    1266: "the centre of the Galaxy",
    4571: "NGC 6537 and NGC 2440",
    5145: "M 82",
    1701: "M 82 and NGC 253",
    4540: "JADES",
    6511: "the Hubble Ultra Deep Field",
    7336: "the Hubble Ultra Deep Field",
    5224: "Mirage or Miracle",
    4866: "IC 348",
    5408: "pillars in Carina",
    7075: "Kepler's supernova",
    5791: "Trumpler 14",
    6987: "eta Carinae",
    6151: "W51",
    5114: "N159",
    5749: "the Red Rectangle",
    5357: "HL Tauri",
    12518: "beta Pictoris",
    9442: "3I/ATLAS",
    9441: "2024 YR4",
    8975: "Uranus",
    4565: "Io",
    2760: "Titan",
    5137: "omega Centauri",
    8322: "omega Centauri",
    5381: "Terzan 5",
    5782: "Abell 1689",
    5086: "GN-z11",
    9433: "the Cliff",
    8544: "JADES-GS-z14-0",
    12774: "SMACS 0723",
    6451: "IDCS J1426",
    9287: "SMP LMC 58",
    4706: "Tc 1",
    8387: "IC 418",
    4529: "Centaurus A",
    3436: "M 33",
    5014: "NGC 5253",
    9262: "SN 2023ixf",
    6123: "UHZ1",
    9079: "Fomalhaut",
    12628: "alpha Centauri",
    4564: "TW Hydrae",
    4093: "WR 125",
    5168: "stars of the SMC",
    8051: "GHZ 8 and GHZ 9",
    9286: "the ecliptic",
}
"""Programs that are taken whole, and what they looked at."""

CORONAGRAPHY = frozenset({"1386", "1194", "1411", "1618"})
"""Programs with coronagraphs: HIP 65426, HR 8799, beta Pictoris, alpha Centauri."""

SLITLESS = 4681
"""A parallel program whose slitless spectra have placeholders for footprints; its first rows are taken."""

TEXTS = (
    *(
        "true_filename",
        "mast_uri",
        "exp_type",
        "productLevel",
        "detector",
        "channel",
        "band",
        "module",
        "subarray",
    ),
    *(
        "filter",
        "pupil",
        "grating",
        "targname",
        "targprop",
        "targtype",
        "category",
        "act_id",
        "visitsta",
        "readpatt",
    ),
    *("tsovisit", "s_region", "orig_s_region", "asntable", "cal_ver", "crds_ctx", "sdp_ver", "checksum"),
)
NUMBERS = ("targ_ra", "targ_dec", "expstart", "expend", "effexptm", "publicReleaseDate_mjd")
INTEGERS = ("program", "visit_id", "visitgrp", "seq_id", "exposure", "fileSize")

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.float64()) for name in NUMBERS),
        *((name, pa.int64()) for name in INTEGERS),
    ]
)

_EXPOSURE_TYPES = {
    "MIRI/IMAGE": "MIR_IMAGE",
    "NIRCAM/IMAGE": "NRC_IMAGE",
    "NIRSPEC/IFU": "NRS_IFU",
    "NIRSPEC/MSA": "NRS_MSASPEC",
}


def main(source: Path) -> None:
    """Write the sample beside this file."""
    facts = exposures(source / "exposures.parquet")
    examples = source / "mast_examples"
    facts += coronagraphs(source / "level3_images.csv.gz")
    facts += southern_ring(examples / "snoww3d_post_mast_search_target.json")
    facts += catalogued(examples / "gear66_mast_obs.csv", examples / "gear66_mast_all_products.csv")
    facts += catalogued(examples / "harvest_notebook_obs.csv", examples / "harvest_notebook_prods.csv")
    known = {str(fact["true_filename"]): fact for fact in reversed(facts)}
    rows = [known[name] for name in sorted(known)]
    table = pa.Table.from_pylist(
        [{name: row.get(name) for name in _SCHEMA.names} for row in rows], schema=_SCHEMA
    )
    pq.write_table(table, KEYWORDS, compression="zstd", compression_level=19)
    sys.stdout.write(f"{table.num_rows} products, {KEYWORDS.stat().st_size / 1024:.0f} KiB\n")


def exposures(path: Path) -> list[Fact]:
    """Whole programs, some slitless spectra, and what few raw exposures there are."""
    rows = pq.read_table(path, columns=list(_SCHEMA.names)).to_pylist()
    slitless = [row for row in rows if row["program"] == SLITLESS][:60]
    return [row for row in rows if row["program"] in PROGRAMS or row["productLevel"] == "1b"] + slitless


def coronagraphs(path: Path) -> list[Fact]:
    """Level-3 images through coronagraphs: names and dates, as the list has no positions or sizes."""
    facts: list[Fact] = []
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            instrument, _, mode = row["instrument_name"].partition("/")
            if mode != "CORON" or row["proposal_id"] not in CORONAGRAPHY:
                continue
            name = row["dataURL"].rpartition("/")[2]
            masked = "MIR_4QPM" if "mask" in name else "MIR_LYOT"
            optical_filter = re.search(r"f\d{3,4}[wmnc]2?", name.partition(instrument.lower())[2])
            facts.append(
                {
                    "true_filename": name,
                    "mast_uri": jwst.product_uri(name),
                    "exp_type": "NRC_CORON" if instrument == "NIRCAM" else masked,
                    "program": int(row["proposal_id"]),
                    "filter": optical_filter.group().upper() if optical_filter else None,
                    "targprop": row["target_name"],
                    "expend": mast.mjd(row["t_max"], "t_max"),
                    "publicReleaseDate_mjd": mast.mjd(row["t_obs_release"], "t_obs_release"),
                }
            )
    return facts


def southern_ring(path: Path) -> list[Fact]:
    """Level-3 images of NGC 3132, as a search in MAST's catalogue answers."""
    return [
        _of_catalogue(row, str(row["dataURL"]).rpartition("/")[2])
        for row in json.loads(path.read_text())["results"]
    ]


def catalogued(observations: Path, products: Path) -> list[Fact]:
    """Products of MAST's catalogue whose observation is listed, and the guide stars' files."""
    with observations.open(newline="") as file:
        parents = {row["obsid"]: row for row in csv.DictReader(file)}
    facts = []
    with products.open(newline="") as file:
        for row in csv.DictReader(file):
            name = row["productFilename"]
            guide = "_gs-" in name
            parent = parents.get(row["parent_obsid" if guide else "obsID"])
            if (
                parent is None
                or row["productType"] not in {"SCIENCE", "AUXILIARY"}
                or name.endswith("_msa.fits")
            ):
                continue
            fact = _guide_star(row, parent) if guide else _of_catalogue(parent, name)
            facts.append(fact | {"fileSize": int(row["size"]), "cal_ver": mast.given(row["prvversion"])})
    return facts


def _of_catalogue(row: Mapping[str, object], name: str) -> Fact:
    """A row of MAST's catalogue in the keyword service's words, without titles and names of people."""
    said = mast.in_keywords(row, jwst.parse(name))
    kept = {key: said[key] for key in _TAKEN}
    return {"true_filename": name, "exp_type": _EXPOSURE_TYPES[str(row["instrument_name"])], **kept} | {
        "program": int(str(said["program"])),
        "effexptm": float(str(said["effexptm"])),
    }


_TAKEN = ("mast_uri", "filter", "pupil", "grating", "targprop", "category", "s_region", "expstart", "expend",
          "publicReleaseDate_mjd")  # fmt: skip


def _guide_star(row: Mapping[str, str], parent: Mapping[str, str]) -> Fact:
    """A guide star's file: its name holds the time, its description the guider."""
    name = jwst.parse(row["productFilename"])
    told = mast.guide_star(name)
    assert told is not None
    return {
        "true_filename": name.name,
        "mast_uri": jwst.product_uri(name.name),
        "exp_type": told.exp_type,
        "detector": mast.guider([row["description"]]),
        "program": int(row["proposal_id"]),
        "category": parent["proposal_type"],
        "targprop": parent["target_name"],
        "expend": told.end,
        "publicReleaseDate_mjd": float(parent["t_obs_release"]),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
