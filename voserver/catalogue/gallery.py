"""The newest pictures that everybody may see, for the front page."""

from dataclasses import dataclass

from voserver.catalogue.connections import Connections


@dataclass(frozen=True, slots=True)
class Picture:
    """A thumbnail, and what it shows: where (degrees), and by which identifier the data are known."""

    uri: str
    publisher_id: str
    target: str | None
    instrument: str | None
    kind: str | None
    is_simulated: bool
    ra: float | None
    dec: float | None


_NEWEST = """
SELECT a.uri, a.publisherid AS publisher_id, a.target_name AS target, a.instrument_name AS instrument,
    p.dataproducttype AS kind, a.product_subgroup IS NOT DISTINCT FROM 'SIMULATED' AS is_simulated,
    p.position_center_ra AS ra, p.position_center_dec AS dec
FROM archive.artifact AS a JOIN archive.plane AS p USING (planeid)
WHERE a.producttype = 'thumbnail' AND a.publisherid IS NOT NULL
    AND archive.readable(a.metarelease, a.metareadgroups, '{}')
    AND archive.readable(a.datarelease, a.datareadgroups, '{}')
ORDER BY a.lastmodified DESC, a.uri LIMIT %(most)s
"""


async def newest(database: Connections, most: int) -> list[Picture]:
    """At most so many pictures, the newest first."""
    return [Picture(**row) for row in await database.all(_NEWEST, {"most": most})]
