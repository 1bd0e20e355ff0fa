"""The rows of the base tables that a document makes, with what is copied down so that views need no join."""

from contextlib import suppress

from voserver.catalogue.caom_documents.reading import Node, Row
from voserver.model import jwst
from voserver.model.addresses import file_path
from voserver.model.errors import UsageError

Tables = dict[tuple[str, str], list[Row]]
"""The rows of each table, by its name and its key."""

_TABLES = (
    ("observation", "obsid"),
    ("plane", "planeid"),
    ("artifact", "artifactid"),
    ("part", "partid"),
    ("chunk", "chunkid"),
)


def rows_of(tree: Node, authority: str) -> Tables:
    """The rows of each table, with what is copied down so that views need no join."""
    observation = tree.row
    found: Tables = {one: [] for one in _TABLES}
    found["observation", "obsid"].append(observation)
    for plane in tree.children:
        found["plane", "planeid"].append(_plane(plane.row, observation, authority))
        for artifact in plane.children:
            found["artifact", "artifactid"].append(_artifact(artifact.row, plane.row, observation))
            for part in artifact.children:
                found["part", "partid"].append({**part.row, **_above(artifact.row, "artifactid")})
                chunks = (
                    {**chunk.row, **_above({**artifact.row, **part.row}, "partid")} for chunk in part.children
                )
                found["chunk", "chunkid"] += chunks
    return found


def _above(row: Row, key: str) -> Row:
    return {name: row[name] for name in (key, "metarelease", "metareadgroups")}


def _plane(row: Row, observation: Row, authority: str) -> Row:
    collection, name = observation["collection"], observation["observationid"]
    copied = ("obsid", "collection", "observationid", "intent", "telescope_name", "instrument_name", "target_name",
              "target_type", "target_moving", "proposal_id", "proposal_pi", "proposal_title")  # fmt: skip
    row |= {one: observation[one] for one in copied}
    row["publisherid"] = (
        jwst.publisher_id(authority, name, row["productid"])
        if collection == jwst.COLLECTION
        else f"ivo://{authority}/{collection.lower()}?{name}/{row['productid']}"
    )
    if row.get("position_center_ra") is None:
        row["position_center_ra"] = observation["targetposition_coordinates_cval1"]
        row["position_center_dec"] = observation["targetposition_coordinates_cval2"]
    return row


def _artifact(row: Row, plane: Row, observation: Row) -> Row:
    """A file of whose name JWST's conventions say more, where it follows them."""
    uri = row["uri"]
    row |= {
        "planeid": plane["planeid"],
        "metarelease": plane["metarelease"],
        "metareadgroups": plane["metareadgroups"],
        "datarelease": row.get("contentrelease") or plane["datarelease"],
        "datareadgroups": row.get("contentreadgroups") or plane["datareadgroups"],
        "filename": uri.rpartition("/")[2] or uri,
        "publisherid": plane["publisherid"],
        "obs_id": observation["observationid"],
        "calib_level": plane["calibrationlevel"],
        "intent": observation["intent"],
        "pipeline_version": plane["provenance_version"],
        "target_name": observation["target_name"],
        "proposal_pi": observation["proposal_pi"],
        "proposal_title": observation["proposal_title"],
        "telescope_name": observation["telescope_name"],
        "instrument_name": observation["instrument_name"],
        "instrument": (observation["instrument_name"] or "").partition("/")[0] or None,
        "mode": (observation["instrument_name"] or "").partition("/")[2] or None,
        "dataproduct_type": plane["dataproducttype"] if row["producttype"] == "science" else None,
        "s_ra": plane.get("position_center_ra"),
        "s_dec": plane.get("position_center_dec"),
        "s_fov": plane.get("position_bounds_size"),
        "s_region": plane.get("position_bounds"),
        "s_region__shape": plane.get("position_bounds__shape"),
        "t_min": plane.get("time_bounds_lower"),
        "t_max": plane.get("time_bounds_upper"),
        "t_exptime": plane.get("time_exposure"),
        "em_min": plane.get("energy_bounds_lower"),
        "em_max": plane.get("energy_bounds_upper"),
        "access_url": file_path(uri),
    }
    row |= dict.fromkeys(_NAMED)
    with suppress(UsageError):  # another archive's file, or none of JWST's
        name = jwst.parse(row["filename"])
        row |= {
            "program": name.program, "observation": name.observation, "visit": name.visit, "visit_group": name.group,
            "sequence": name.sequence, "activity": name.activity, "exposure": name.exposure, "segment": name.segment,
            "suffix": name.suffix or None, "product_subgroup": name.subgroup,
        }  # fmt: skip
    return row


_NAMED = ("program", "observation", "visit", "visit_group", "sequence", "activity", "exposure", "segment", "suffix",
          "product_subgroup")  # fmt: skip
"""What a file's name says."""
