"""`/ssa`: spectra by parameters (SSA 1.1). What is asked becomes a query of jwst.spectrum."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from voserver.model.errors import UsageError
from voserver.model.tables import Table
from voserver.protocols.discovery import ranges
from voserver.protocols.discovery.answering import Search, answer
from voserver.protocols.discovery.formats import FITS, GRAPHIC, VOTABLE, is_description
from voserver.protocols.discovery.regions import position
from voserver.protocols.discovery.values import equals, equals_in_any_case, number, overlaps, shown
from voserver.protocols.faults import SSA_VERSION, Custom
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.query import constraints
from voserver.query.adql import tree
from voserver.query.constraints import (
    NEVER,
    among,
    any_of,
    call,
    column,
    compare,
    holds,
    is_given,
    like,
    shape,
)
from voserver.serializers import Document, ServiceInput

STANDARD = "ivo://ivoa.net/std/SSA"

_TABLE = "jwst.spectrum"
_DIAMETER = 0.1
"""Degrees about a position where no SIZE is given: an instrument's field of view."""

PARAMETERS = (
    ServiceInput("INPUT:REQUEST", description="what to do", options=("queryData",), value="queryData"),
    ServiceInput(
        "INPUT:POS", unit="deg", ucd="pos.eq", description="where: right ascension, declination (ICRS)"
    ),
    ServiceInput(
        "INPUT:SIZE",
        "double",
        None,
        unit="deg",
        ucd="phys.angSize",
        description="diameter about the position",
        value=str(_DIAMETER),
    ),
    ServiceInput("INPUT:BAND", unit="m", ucd="em.wl", description="ranges of wavelengths, like 1e-6/2e-6"),
    ServiceInput("INPUT:TIME", ucd="time", description="ranges of dates, like 2022-07/2023-06-30T12:00:00"),
    ServiceInput(
        "INPUT:FORMAT",
        ucd="meta.code.mime",
        description="media types, or words for some",
        options=("all", "compliant", "native", "graphic", "votable", "fits", "xml", "metadata"),
        value="all",
    ),
    ServiceInput(
        "INPUT:SPECRP", "double", None, ucd="spect.resolution", description="the least resolving power"
    ),
    ServiceInput(
        "INPUT:SPATRES",
        "double",
        None,
        unit="deg",
        ucd="pos.angResolution",
        description="the coarsest resolution on the sky",
    ),
    ServiceInput("INPUT:TARGETNAME", ucd="meta.id;src", description="the target's name"),
    ServiceInput("INPUT:PUBDID", ucd="meta.ref.ivoid", description="the publisher's identifier"),
    ServiceInput("INPUT:CREATORDID", ucd="meta.id", description="the file's identifier in the archive"),
    ServiceInput("INPUT:COLLECTION", ucd="meta.id", description="the collection, or how its name begins"),
    ServiceInput("INPUT:TOP", "int", None, description="the best rows only: those nearest to the position"),
    ServiceInput("INPUT:MAXREC", "int", None, description="the most rows that are wanted"),
    ServiceInput("INPUT:RESPONSEFORMAT", description="what the answer is written as"),
)


def _about_position(parameters: Parameters) -> tuple[list[tree.Condition], tree.Function | None]:
    """The condition that a spectrum was taken there, and the order by its distance."""
    given, size = parameters.one("POS"), parameters.one("SIZE")
    diameter = _DIAMETER if size is None else number("SIZE", size)
    if not 0 <= diameter <= 360:
        raise UsageError(f"SIZE={shown(size or '')} is no diameter of 0 to 360 degrees.")
    if given is None:
        return [], None
    longitude, latitude = position(given)
    circle = shape("CIRCLE", longitude, latitude, diameter / 2)
    middle = call("POINT", column("s_ra"), column("s_dec"))
    met = [holds(call("INTERSECTS", column("s_region"), circle)), holds(call("CONTAINS", middle, circle))]
    return [any_of(met)], call("DISTANCE", middle, shape("POINT", longitude, latitude))


def _band(text: str) -> tree.Condition:
    wanted, _, frame = text.partition(";")
    if frame.strip().lower() not in {"", "observer"}:
        raise UsageError(
            f"BAND={shown(text)}: wavelengths in the frame of the source are not known.",
            hint="They are as observed.",
        )
    found = ranges.numbers("BAND", wanted, "1e-6/2e-6, in metres; names of bands are not known")
    return any_of([overlaps("em_min", "em_max", one) for one in found])


def _time(text: str) -> tree.Condition:
    found = ranges.times("TIME", text, "2022-07-12/2023-06-30T12:00:00")
    return any_of([overlaps("t_min", "t_max", one) for one in found])


def _limited(name: str, of: str, operator: str) -> Callable[[str], tree.Condition]:
    def condition(text: str) -> tree.Condition:
        value = number(name, text)
        if not 0 <= value < float("inf"):
            raise UsageError(f"{name}={shown(text)} is not a number from 0 on.")
        return compare(column(of), operator, constraints.number(value))

    return condition


def _same(of: str) -> Callable[[str], tree.Condition]:
    return lambda text: equals_in_any_case(of, text)


def _collection(text: str) -> tree.Condition:
    """A collection whose name begins so (SSA 1.1 §4.1.2). What LIKE takes for any sign is in no name."""
    wanted = text.strip().lower()
    if set(wanted) & set("%_\\"):
        return equals_in_any_case("obs_collection", wanted)
    return like(call("LOWER", column("obs_collection")), f"{wanted}%")


def _format(text: str) -> tree.Condition:
    """Which formats will do (SSA 1.1 §4.1.1.5). All files are native, none is of the IVOA's own model."""
    accepted: list[str] = []
    for word in text.lower().split(","):
        wanted = word.strip()
        if wanted in {"all", "native"}:
            return is_given("access_format")
        if wanted in _FORMATS:
            accepted += _FORMATS[wanted]
        elif "/" in wanted:
            accepted.append(wanted)
        else:
            raise UsageError(
                f"FORMAT={shown(text)} is no format of spectra.",
                hint=f"It is all, native, metadata, {', '.join(_FORMATS)}, or media types such as application/fits.",
            )
    return among(column("access_format"), dict.fromkeys(accepted)) if accepted else NEVER


_FORMATS = {"compliant": (), "graphic": GRAPHIC, "votable": VOTABLE[:1], "fits": FITS, "xml": VOTABLE}

_CONDITIONS: dict[str, Callable[[str], tree.Condition]] = {
    "BAND": _band,
    "TIME": _time,
    "FORMAT": _format,
    "SPECRP": _limited("SPECRP", "em_res_power", ">="),
    "SPATRES": _limited("SPATRES", "s_resolution", "<="),
    "TARGETNAME": _same("target_name"),
    "PUBDID": _same("obs_publisher_did"),
    "CREATORDID": lambda text: equals("creator_did", text.strip()),
    "COLLECTION": _collection,
}


def to_query(parameters: Parameters) -> tree.Query:
    """What is asked, nearest first. That for FORMAT=METADATA finds nothing, and says so with all columns."""
    if is_description(parameters):
        return constraints.query(_TABLE, [NEVER])
    conditions, distance = _about_position(parameters)
    for name, condition in _CONDITIONS.items():
        text = parameters.one(name)
        if text is not None:
            conditions.append(condition(text))
    return constraints.query(_TABLE, conditions, nearest_by=distance, top=parameters.natural("TOP"))


def _check_request(parameters: Parameters) -> None:
    """There is one thing to be done; a client that does not name it can mean no other."""
    wanted = parameters.one("REQUEST") or "queryData"
    if wanted.strip().lower() != "querydata":
        raise UsageError(
            f"REQUEST={shown(wanted)} is not what SSA does here.", hint="Send REQUEST=queryData."
        )


def _described(table: Table) -> tuple[ServiceInput, ...]:
    """Every parameter, and every column of an answer (SSA 1.1 §4.1.1.5)."""
    outputs = (
        ServiceInput(
            f"OUTPUT:{one.name}",
            one.datatype,
            one.arraysize,
            xtype=one.xtype,
            unit=one.unit,
            ucd=one.ucd,
            utype=one.utype,
            description=one.description,
        )
        for one in (column.column for column in table.columns)
    )
    return (*PARAMETERS, *outputs)


async def query(site: Site, request: Request) -> Response:
    """Find spectra."""
    table = site.published.tables.find(_TABLE)
    assert table is not None

    def understood(parameters: Parameters) -> Search:
        _check_request(parameters)
        told = _described(table) if is_description(parameters) else ()
        return Search(
            to_query(parameters), Document(standard=STANDARD, infos=(SSA_VERSION,), parameters=told)
        )

    return await answer(site, request, Custom.SSA, understood, media_type="text/xml")
