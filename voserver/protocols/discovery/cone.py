"""`/scs/{table}`: what of a published table lies about a position (Simple Cone Search 1.03, with 1.1's MAXREC).

Every published table with main positions (`pos.eq.ra;meta.main`, `pos.eq.dec;meta.main`) has one, where these are
numbers in degrees.
"""

from starlette.requests import Request
from starlette.responses import Response

from voserver.model.errors import NotFound, UsageError
from voserver.model.tables import Table
from voserver.protocols.discovery.answering import Search, answer
from voserver.protocols.discovery.values import number, shown
from voserver.protocols.faults import Custom
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site
from voserver.query.adql import tree
from voserver.query.constraints import call, column, compare, query, shape
from voserver.query.constraints import number as as_number
from voserver.serializers import Document

STANDARD = "ivo://ivoa.net/std/ConeSearch"

_POSITION = ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main")
_UCDS = {"meta.id;meta.main": "ID_MAIN", _POSITION[0]: "POS_EQ_RA_MAIN", _POSITION[1]: "POS_EQ_DEC_MAIN"}
"""UCDs as SCS 1.03 has them, from before there were the present ones; clients look for these."""

_LIMITS = {"RA": (0, 360), "DEC": (-90, 90), "SR": (0, 180)}
_EXAMPLE = "RA=110.8&DEC=-73.45&SR=0.1, in degrees (ICRS)"


def position_of(table: Table) -> tuple[str, str] | None:
    """The names of the columns with the main position, if a table has one."""
    usable = (column for column in table.columns if column.column.can_be_degrees)
    names = {(column.column.ucd or "").lower(): column.name for column in usable}
    longitude, latitude = (names.get(ucd) for ucd in _POSITION)
    return (longitude, latitude) if longitude and latitude else None


def find_table(site: Site, name: str) -> Table:
    """The published table of that name, in any case, if it can be searched so."""
    found = [table for table in site.published.tables if position_of(table)]
    for table in found:
        if table.full_name.lower() == name.lower():
            return table
    known = ", ".join(table.full_name for table in found) or "none"
    raise NotFound(f"There is no cone search of {name[:80]}.", hint=f"Tables with positions: {known}.")


def _read(parameters: Parameters, name: str) -> float:
    text = parameters.one(name)
    if text is None:
        raise UsageError(f"{name} is missing.", hint=f"For example {_EXAMPLE}")
    low, high = _LIMITS[name]
    value = number(name, text)
    if not low <= value <= high:
        raise UsageError(
            f"{name}={shown(text)} is not between {low} and {high} degrees.", hint=f"For example {_EXAMPLE}"
        )
    return value


def _columns(table: Table, verbosity: str | None) -> list[str]:
    """Which columns VERB wants: 1 the fewest, 2 the principal ones, 3 all (SCS 1.03 §2.1)."""
    if verbosity not in {None, "1", "2", "3"}:
        raise UsageError(f"VERB={shown(verbosity or '')} is none of 1, 2 and 3.")
    if verbosity == "3":
        return []
    needed = [c.name for c in table.columns if "meta.main" in (c.column.ucd or "").split(";")]
    principal = [c.name for c in table.columns if c.principal]
    return needed if verbosity == "1" else list(dict.fromkeys([*needed, *principal]))


def to_query(table: Table, parameters: Parameters) -> tree.Query:
    """The query, nearest first."""
    ra, dec, radius = (_read(parameters, name) for name in _LIMITS)
    here = call("POINT", *map(column, position_of(table) or ()))
    distance = call("DISTANCE", here, shape("POINT", ra, dec))
    near = compare(distance, "<=", as_number(radius))
    columns = _columns(table, parameters.one("VERB"))
    return query(table.full_name, [near], columns=columns, nearest_by=distance)


async def search(site: Site, request: Request) -> Response:
    """Find what is there. SR=0 asks for the columns only (SCS 1.03 §2.1)."""
    table = find_table(site, request.path_params["name"])
    ucds = {
        column.name: _UCDS[column.column.ucd or ""] for column in table.columns if column.column.ucd in _UCDS
    }

    def understood(parameters: Parameters) -> Search:
        maxrec = 0 if _read(parameters, "SR") == 0 else None
        return Search(to_query(table, parameters), Document(standard=STANDARD), maxrec, ucds)

    return await answer(site, request, Custom.CONE, understood)
