"""`/sia/query`: images and cubes by parameters (SIA 2.0 §2.1). What is asked becomes a query of ivoa.ObsCore."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from voserver.model.errors import UsageError
from voserver.protocols.discovery.answering import Search, answer
from voserver.protocols.discovery.regions import meets
from voserver.protocols.discovery.values import equals, equals_in_any_case, interval, overlaps, shown, within
from voserver.protocols.faults import Custom
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.query import constraints
from voserver.query.adql import tree
from voserver.query.constraints import among, any_of, column, compare, like
from voserver.serializers import Document, ServiceDescriptor, ServiceInput

STANDARD = "ivo://ivoa.net/std/SIA#query-2.0"

DATA_PRODUCTS = ("image", "cube")
"""What SIA finds; everything else is for TAP and SSA."""

_STATES = ("I", "Q", "U", "V", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX", "POLI", "POLA")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query: what it means, and the condition that a value of it is.

    `unit`, `datatype`, `arraysize`, `xtype` and `options` describe its values to clients.
    """

    name: str
    meaning: str
    condition: Callable[[str], tree.Condition]
    datatype: str = "char"
    arraysize: str | None = "*"
    xtype: str | None = None
    unit: str | None = None
    ucd: str | None = None
    options: tuple[str, ...] = ()


def _in_range(name: str, of: str, meaning: str, *, unit: str | None, ucd: str, example: str) -> Parameter:
    def condition(text: str) -> tree.Condition:
        return within(of, interval(name, text, example))

    return Parameter(name, meaning, condition, "double", "2", "interval", unit, ucd)


def _overlapping(
    name: str, columns: tuple[str, str], meaning: str, *, unit: str, ucd: str, example: str
) -> Parameter:
    def condition(text: str) -> tree.Condition:
        return overlaps(*columns, interval(name, text, example))

    return Parameter(name, meaning, condition, "double", "2", "interval", unit, ucd)


def _equal(name: str, of: str, meaning: str, ucd: str) -> Parameter:
    return Parameter(name, meaning, lambda text: equals(of, text.strip()), ucd=ucd)


def _polarization(text: str) -> tree.Condition:
    state = text.strip().upper()
    if state not in _STATES:
        raise UsageError(
            f"POL={shown(text)} is no state of polarization.", hint=f"They are {', '.join(_STATES)}."
        )
    return like(column("pol_states"), f"%/{state}/%")


def _identifier(text: str) -> tree.Condition:
    return equals_in_any_case("obs_publisher_did", text)


def _data_product(text: str) -> tree.Condition:
    kind = text.strip().lower()
    if kind not in DATA_PRODUCTS:
        raise UsageError(
            f"DPTYPE={shown(text)} is not what SIA finds.",
            hint="It is image or cube; TAP has the rest, in ivoa.ObsCore.",
        )
    return equals("dataproduct_type", kind)


def _calibration(text: str) -> tree.Condition:
    if text.strip() not in {"0", "1", "2", "3", "4"}:
        raise UsageError(f"CALIB={shown(text)} is no calibration level.", hint="It is 0, 1, 2, 3 or 4.")
    return compare(column("calib_level"), "=", constraints.number(int(text)))


PARAMETERS = (
    Parameter(
        "POS",
        "where: CIRCLE longitude latitude radius, RANGE west east south north, or POLYGON and its vertices",
        lambda text: meets("s_region", text),
        ucd="pos.outline;obs",
        unit="deg",
    ),
    _overlapping(
        "BAND", ("em_min", "em_max"), "wavelengths", unit="m", ucd="em.wl;stat.interval", example="5e-7 9e-7"
    ),
    _overlapping(
        "TIME",
        ("t_min", "t_max"),
        "times, as MJD",
        unit="d",
        ucd="time.interval;obs.exposure",
        example="59770 59800.5",
    ),
    Parameter("POL", "a state of polarization", _polarization, ucd="meta.code;phys.polarization"),
    _in_range(
        "FOV",
        "s_fov",
        "size of the field of view",
        unit="deg",
        ucd="phys.angSize;instr.fov",
        example="0.01 +Inf",
    ),
    _in_range(
        "SPATRES",
        "s_resolution",
        "resolution on the sky",
        unit="arcsec",
        ucd="pos.angResolution",
        example="0 0.1",
    ),
    _in_range(
        "SPECRP", "em_res_power", "resolving power", unit=None, ucd="spect.resolution", example="1000 +Inf"
    ),
    _in_range(
        "EXPTIME",
        "t_exptime",
        "exposure time",
        unit="s",
        ucd="time.duration;obs.exposure",
        example="600 +Inf",
    ),
    _in_range(
        "TIMERES", "t_resolution", "resolution in time", unit="s", ucd="time.resolution", example="0 10"
    ),
    Parameter("ID", "the publisher's identifier", _identifier, ucd="meta.ref.ivoid"),
    _equal("COLLECTION", "obs_collection", "the collection", "meta.id"),
    _equal("FACILITY", "facility_name", "the telescope", "meta.id;instr.tel"),
    _equal(
        "INSTRUMENT",
        "instrument_name",
        "the instrument, in any mode or in one: MIRI, MIRI/IMAGE",
        "meta.id;instr",
    ),
    Parameter("DPTYPE", "image or cube", _data_product, ucd="meta.code.class", options=DATA_PRODUCTS),
    Parameter("CALIB", "calibration level", _calibration, "int", None, ucd="meta.code;obs.calib"),
    _equal("TARGET", "target_name", "the target's name", "meta.id;src"),
    _equal("FORMAT", "access_format", "media type of the file", "meta.code.mime"),
)


def to_query(parameters: Parameters) -> tree.Query:
    """Values of one parameter are alternatives, parameters must all hold (SIA 2.0 §2.1)."""
    conditions: list[tree.Condition] = [among(column("dataproduct_type"), DATA_PRODUCTS)]
    for parameter in PARAMETERS:
        values = parameters.all(parameter.name)
        if values:
            conditions.append(any_of([parameter.condition(value) for value in values]))
    return constraints.query("ivoa.ObsCore", conditions)


def _itself(url: str) -> ServiceDescriptor:
    """What this service takes, told in each of its answers (SIA 2.0 §2.2.3)."""
    inputs = tuple(
        ServiceInput(
            one.name,
            one.datatype,
            one.arraysize,
            xtype=one.xtype,
            unit=one.unit,
            ucd=one.ucd,
            description=one.meaning,
            options=one.options,
        )
        for one in PARAMETERS
    )
    maxrec = ServiceInput("MAXREC", "int", None, description="the most rows that are wanted")
    form = ServiceInput("RESPONSEFORMAT", description="what the answer is written as")
    return ServiceDescriptor("this", url, (*inputs, maxrec, form), STANDARD, "Images and cubes by parameters")


async def query(site: Site, request: Request) -> Response:
    """Find images and cubes."""
    about = Document(standard=STANDARD, services=(_itself(f"{site.base_url(request)}/sia/query"),))
    return await answer(site, request, Custom.SIA, lambda parameters: Search(to_query(parameters), about))
