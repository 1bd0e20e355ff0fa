"""Which file an identifier of a dataset means to a cut-out, and what the catalogue knows of what that covers."""

from dataclasses import replace

from voserver.catalogue.connections import Connections
from voserver.catalogue.cutouts.areas import area_of
from voserver.catalogue.cutouts.wanted import Extent
from voserver.catalogue.holdings import Holding, Holdings
from voserver.model.errors import NotFound, UsageError
from voserver.model.identity import Identity
from voserver.model.regions import parse_region

_PRINCIPAL = "SELECT principal_file, access_url FROM archive.plane WHERE planeid = %(plane)s"
_EXTENT = """
SELECT coalesce(a.t_min, p.time_bounds_lower) AS t_min, coalesce(a.t_max, p.time_bounds_upper) AS t_max,
    coalesce(a.em_min, p.energy_bounds_lower) AS em_min, coalesce(a.em_max, p.energy_bounds_upper) AS em_max,
    coalesce(a.s_region, p.position_bounds) AS s_region
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid) WHERE artifactid = %(artifact)s"""


async def find_subject(identifier: str, holdings: Holdings, database: Connections, who: Identity) -> Holding:
    """The file that an identifier means: a file's URI, or a dataset's publisher id, which means its principal file.

    Whether it may be read is not asked yet.

    Raises:
        NotFound: there is none, or not for him.
    """
    found = await holdings.of_uris([identifier], who)
    if not found:
        found = await holdings.of_publisher_ids([identifier], who)
    if not found:
        raise NotFound(f"There is no dataset and no file {identifier[:200]!r} here.")
    if len(found) == 1:
        return found[0]
    plane = await database.one(_PRINCIPAL, {"plane": found[0].plane_id})
    principal = plane and plane["principal_file"]
    science = [one for one in found if one.product_type == "science"] or found
    named = [one for one in science if one.filename == principal]
    cuttable = [one for one in science if is_fits(one)]
    return (named or cuttable or science)[0]


def is_fits(holding: Holding) -> bool:
    """Whether a file is one of FITS by its name."""
    return holding.filename.lower().endswith((".fits", ".fits.gz", ".fit", ".fits.fz"))


async def extent_of(holding: Holding, database: Connections) -> Extent:
    """What the catalogue says that a file covers."""
    row = await database.one(_EXTENT, {"artifact": holding.artifact_id})
    if row is None:
        return Extent()
    extent = Extent()
    if row["s_region"]:
        try:
            areas = tuple(area_of(shape) for shape in parse_region(row["s_region"]).shapes)
        except UsageError:  # a footprint around half the sky says nothing
            areas = ()
        extent = replace(extent, area=areas)
    if row["em_min"] is not None and row["em_max"] is not None:
        extent = replace(extent, band=(row["em_min"], row["em_max"]))
    if row["t_min"] is not None and row["t_max"] is not None:
        extent = replace(extent, time=(row["t_min"], row["t_max"]))
    return extent
