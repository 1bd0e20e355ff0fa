"""`/tap/examples`: queries to learn from, in the form that TOPCAT and pyvo read (DALI 1.1 §2.3)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

import voserver
from voserver.protocols.documents import document_response
from voserver.protocols.pages import render
from voserver.protocols.site import Site


@dataclass(frozen=True, slots=True)
class Example:
    """A query that is worth reading, and what it is about. The tests run every one."""

    id: str
    name: str
    description: str
    query: str
    tables: tuple[str, ...]


EXAMPLES: tuple[Example, ...] = (
    Example(
        "position",
        "Images that show a position",
        "Footprints, not pointing centres, decide: every image whose field of view contains the given point "
        "(here in the cluster SMACS 0723), the deepest first.",
        """SELECT TOP 100 obs_id, target_name, instrument_name, t_exptime, em_min, em_max, access_url
FROM ivoa.ObsCore
WHERE dataproduct_type = 'image'
  AND 1 = CONTAINS(POINT('ICRS', 110.834, -73.454), s_region)
ORDER BY t_exptime DESC""",
        ("ivoa.ObsCore",),
    ),
    Example(
        "region",
        "Everything that overlaps a region",
        "Observations of any kind that share a piece of sky with a polygon; a CIRCLE works the same way.",
        """SELECT TOP 1000 obs_id, dataproduct_type, instrument_name, t_min, t_exptime, s_region
FROM ivoa.ObsCore
WHERE 1 = INTERSECTS(s_region, POLYGON('ICRS', 53.0, -27.9, 53.3, -27.9, 53.3, -27.7, 53.0, -27.7))""",
        ("ivoa.ObsCore",),
    ),
    Example(
        "wavelength",
        "Spectra that cover a feature",
        "Spectra and cubes whose range includes the 3.3 µm band of the aromatic hydrocarbons. "
        "Wavelengths are in metres.",
        """SELECT TOP 200 obs_id, target_name, instrument_name, em_min, em_max, em_res_power
FROM ivoa.ObsCore
WHERE dataproduct_type IN ('spectrum', 'cube')
  AND em_min < 3.3e-6 AND em_max > 3.3e-6
ORDER BY em_res_power DESC""",
        ("ivoa.ObsCore",),
    ),
    Example(
        "products",
        "The files of a program, ready to download",
        "One row per file: the extracted spectra of one program that anybody may have, "
        "with their sizes and addresses. Guide-star files and duplicates are not in the way.",
        """SELECT filename, instrument, mode, grating, filter, content_length, access_url, s3_uri
FROM jwst.product
WHERE program = 4426
  AND suffix IN ('x1d', 'x1dints')
  AND data_rights = 'public'
ORDER BY filename""",
        ("jwst.product",),
    ),
    Example(
        "filters",
        "How much was taken through each filter",
        "The exposures of each instrument and filter and their total time in hours, from count-rate files.",
        """SELECT instrument, filter, COUNT(*) AS exposures, SUM(t_exptime) / 3600 AS hours
FROM jwst.product
WHERE suffix = 'rate'
GROUP BY instrument, filter
ORDER BY hours DESC""",
        ("jwst.product",),
    ),
    Example(
        "released",
        "What became public last",
        "The newest combined products (calibration level 3) that are open to all.",
        """SELECT TOP 50 filename, program, target_name, instrument_name, release_date, access_url
FROM jwst.product
WHERE calib_level = 3 AND data_rights = 'public' AND release_date IS NOT NULL
ORDER BY release_date DESC""",
        ("jwst.product",),
    ),
    Example(
        "inputs",
        "What a combined product was made from",
        "CAOM keeps which planes a product had as inputs. A plane is one data product of an observation.",
        """SELECT TOP 200 p.planeURI, p.provenance_name, p.provenance_version, i.inputID
FROM caom2.Plane AS p
JOIN caom2.ProvenanceInput AS i ON i.outputID = p.planeID
WHERE p.calibrationLevel = 3
ORDER BY planeURI, inputID""",
        ("caom2.Plane", "caom2.ProvenanceInput"),
    ),
    Example(
        "caom",
        "Observations, their data products and files",
        "The three levels of CAOM in one query, as at other archives that publish this model.",
        """SELECT TOP 100 o.observationID, o.proposal_pi, p.productID, p.calibrationLevel, a.uri
FROM caom2.Observation AS o
JOIN caom2.Plane AS p ON p.obsID = o.obsID
JOIN caom2.Artifact AS a ON a.planeID = p.planeID
WHERE o.proposal_id = '4426' AND a.productType = 'science'""",
        ("caom2.Observation", "caom2.Plane", "caom2.Artifact"),
    ),
)


async def examples(site: Site, request: Request) -> Response:
    """All examples, as XHTML that people and programs read."""
    body = render(
        "examples.html", base=site.base_url(request), version=voserver.__version__, examples=EXAMPLES
    )
    return document_response(request, body, "text/html; charset=utf-8", modified=site.started)
