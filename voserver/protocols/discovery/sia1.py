"""`/sia1`: images about a position, for the clients that know no other protocol (SIA 1.0).

What is asked becomes a query of caom2.SIAv1. Images are given as they are, so that what a client says of the image
that it would like to be made (NAXIS, CFRAME, PROJ …) changes nothing.
"""

from starlette.requests import Request
from starlette.responses import Response

from voserver.model.errors import UsageError
from voserver.protocols.discovery.answering import Search, answer
from voserver.protocols.discovery.formats import FITS, GRAPHIC, is_description
from voserver.protocols.discovery.regions import position
from voserver.protocols.discovery.values import number, shown
from voserver.protocols.faults import Custom
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.query.adql import tree
from voserver.query.constraints import NEVER, among, call, column, holds, query, shape
from voserver.serializers import Document, ServiceInput

STANDARD = "ivo://ivoa.net/std/SIA"

_TABLE = "caom2.SIAv1"
_REQUIRED = {
    "title": "VOX:Image_Title",
    "position_center_ra": "POS_EQ_RA_MAIN",
    "position_center_dec": "POS_EQ_DEC_MAIN",
    "position_naxes": "VOX:Image_Naxes",
    "position_naxis": "VOX:Image_Naxis",
    "position_scale": "VOX:Image_Scale",
    "imageFormat": "VOX:Image_Format",
    "accessURL": "VOX:Image_AccessReference",
}
_KNOWN = {
    **_REQUIRED,
    "instrument_name": "INST_ID",
    "time_bounds_center": "VOX:Image_MJDateObs",
    "energy_bandpassName": "VOX:BandPass_ID",
    "energy_units": "VOX:BandPass_Unit",
    "energy_bounds_center": "VOX:BandPass_RefValue",
    "energy_bounds_cval1": "VOX:BandPass_LoLimit",
    "energy_bounds_cval2": "VOX:BandPass_HiLimit",
    "publisherDID": "meta.ref.ivoid",
}
"""UCDs as SIA 1.0 has them, from before there were the present ones; clients look for these. The last is DataLink's."""

_WHOLE_SKY = 180.0
_THIN = 3e-6  # degrees: a line has no inside, and gets one of a hundredth of an arcsecond

_TESTS = ("COVERS", "ENCLOSED", "CENTER", "OVERLAPS")
"""How an image and the region of interest can lie."""

PARAMETERS = (
    ServiceInput(
        "INPUT:POS",
        unit="deg",
        ucd="pos.eq",
        description="the centre of the region: right ascension, declination (ICRS)",
    ),
    ServiceInput(
        "INPUT:SIZE",
        unit="deg",
        ucd="phys.angSize",
        description="the region's width, or its width and height; 0 for the position alone",
    ),
    ServiceInput(
        "INPUT:INTERSECT",
        description="how an image and the region lie; OVERLAPS unless told otherwise",
        options=_TESTS,
    ),
    ServiceInput(
        "INPUT:FORMAT",
        ucd="meta.code.mime",
        description="media types, or a word for some; ALL unless told otherwise",
        options=("ALL", "GRAPHIC", "GRAPHIC-ALL", "METADATA", *FITS, *GRAPHIC),
    ),
    ServiceInput(
        "INPUT:VERB",
        "int",
        None,
        description="how many columns: 0 those that SIA requires, 1 and 2 those that it knows, 3 all",
    ),
    ServiceInput("INPUT:MAXREC", "int", None, description="the most rows that are wanted"),
    ServiceInput("INPUT:RESPONSEFORMAT", description="what the answer is written as"),
)


def _size(text: str) -> tuple[float, float]:
    sides = [number("SIZE", word) for word in text.split(",")]
    if len(sides) > 2 or not all(0 <= side <= 360 for side in sides):
        raise UsageError(
            f"SIZE={shown(text)} is neither a width, nor a width and a height, of 0 to 360 degrees.",
            hint="For example SIZE=0.2 or SIZE=0.2,0.1",
        )
    return sides[0], sides[-1]


def _region(longitude: float, latitude: float, width: float, height: float) -> tree.Function:
    """The region of interest: a box, unless it is a point, or too large for its sides to be great circles."""
    longer = max(width, height)
    if longer == 0:
        return shape("POINT", longitude, latitude)
    if longer >= _WHOLE_SKY:
        return shape("CIRCLE", longitude, latitude, min(longer / 2, 180))
    return shape("BOX", longitude, latitude, max(width, _THIN), max(height, _THIN))


def _on_sky(parameters: Parameters) -> tree.Condition:
    given = {name: parameters.one(name) for name in ("POS", "SIZE")}
    for name, text in given.items():
        if text is None:
            raise UsageError(f"{name} is missing.", hint="For example POS=110.8,-73.45&SIZE=0.2, in degrees.")
    longitude, latitude = position(given["POS"] or "")
    wanted = parameters.one("INTERSECT") or "OVERLAPS"
    test = wanted.strip().upper()
    if test not in _TESTS:
        raise UsageError(
            f"INTERSECT={shown(wanted)} is none of the relations that are known.",
            hint=f"They are {', '.join(_TESTS)}.",
        )
    region = _region(longitude, latitude, *_size(given["SIZE"] or ""))
    image = column("position_bounds")
    match test:
        case "COVERS":
            return holds(call("CONTAINS", region, image))
        case "ENCLOSED":
            return holds(call("CONTAINS", image, region))
        case "CENTER":
            return holds(call("CONTAINS", shape("POINT", longitude, latitude), image))
        case _:
            return holds(call("INTERSECTS", region, image))


def _formats(text: str) -> tuple[str, ...]:
    """The media types that FORMAT wants; none where it wants all."""
    found: list[str] = []
    for word in text.lower().split(","):
        wanted = word.strip()
        if wanted == "all":
            return ()
        wanted = wanted.removeprefix("graphic-") if wanted != "graphic-all" else "graphic"
        if wanted == "graphic":
            found += GRAPHIC
        elif wanted in {"fits", *FITS}:
            found += FITS
        elif "/" in wanted:
            found.append(wanted)
        elif f"image/{wanted}" in GRAPHIC:
            found.append(f"image/{wanted}")
        else:
            raise UsageError(
                f"FORMAT={shown(text)} is no format of images.",
                hint="It is ALL, GRAPHIC, METADATA, or media types such as image/fits,image/png.",
            )
    return tuple(dict.fromkeys(found))


def _columns(verbosity: str | None) -> tuple[str, ...]:
    """The columns that VERB wants; none for all."""
    if verbosity not in {None, "0", "1", "2", "3"}:
        raise UsageError(f"VERB={shown(verbosity or '')} is none of 0, 1, 2 and 3.")
    return () if verbosity in {None, "3"} else tuple(_REQUIRED if verbosity == "0" else _KNOWN)


def to_query(parameters: Parameters) -> tree.Query:
    """What is asked. That for FORMAT=METADATA finds nothing, and says so with all columns."""
    wanted = parameters.one("FORMAT") or "ALL"
    columns = _columns(parameters.one("VERB"))
    if is_description(parameters):
        return query(_TABLE, [NEVER], columns=columns)
    conditions = [_on_sky(parameters)]
    formats = _formats(wanted)
    if formats:
        conditions.append(among(column("imageFormat"), formats))
    return query(_TABLE, conditions, columns=columns)


async def search(site: Site, request: Request) -> Response:
    """Find images."""

    def understood(parameters: Parameters) -> Search:
        told = PARAMETERS if is_description(parameters) else ()
        return Search(to_query(parameters), Document(standard=STANDARD, parameters=told), ucds=_KNOWN)

    return await answer(site, request, Custom.DALI, understood, media_type="text/xml")
