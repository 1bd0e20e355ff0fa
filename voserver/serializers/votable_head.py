"""What a VOTable says before and after its rows (VOTable 1.4, namespace v1.3). Knows no serialization.

Version 1.4 and not 1.5: it has all that is said here (COOSYS, TIMESYS), and every client in use reads it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.serializers.cells import INTEGER_NULLS, distinct
from voserver.serializers.document import Document, Info, ServiceDescriptor, ServiceInput
from voserver.serializers.xml_text import attributes, escaped

VERSION = "1.4"
_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
_OPENING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<VOTABLE version="{VERSION}" xmlns="{_NAMESPACE}">\n<RESOURCE type="results">\n'
)

OK = Info("QUERY_STATUS", "OK")
OVERFLOW = Info("QUERY_STATUS", "OVERFLOW", "There are more rows than the limit let through (MAXREC).")

_FRAME_ID = "frame_icrs"
_CALENDAR_ID = "time_utc"
_MJD_ID = "time_mjd_utc"
_SYSTEMS = {
    _FRAME_ID: f'<COOSYS ID="{_FRAME_ID}" system="ICRS"/>\n',
    _CALENDAR_ID: f'<TIMESYS ID="{_CALENDAR_ID}" timescale="UTC" refposition="UNKNOWN"/>\n',
    _MJD_ID: f'<TIMESYS ID="{_MJD_ID}" timeorigin="MJD-origin" timescale="UTC" refposition="UNKNOWN"/>\n',
}


def failed(error: ServiceError) -> Info:
    """The INFO that says why there are no (more) rows (DALI 1.1 §4.4.1)."""
    return Info("QUERY_STATUS", "ERROR", str(error))


def info(fact: Info) -> str:
    """One INFO element."""
    start = f"<INFO{attributes(name=fact.name, value=fact.value, ucd=fact.ucd)}"
    return f"{start}/>\n" if fact.text is None else f"{start}>{escaped(fact.text)}</INFO>\n"


def head(
    columns: Sequence[Column], document: Document, *, magic_nulls: bool = False, status: Info = OK
) -> str:
    """Everything from the XML declaration to the last FIELD."""
    references = [_system(column) for column in columns]
    systems = "".join(xml for name, xml in _SYSTEMS.items() if name in references)
    identifiers = _identifiers(columns)
    fields = "".join(
        _field(column, identifier, reference, magic_nulls)
        for column, identifier, reference in zip(columns, identifiers, references, strict=True)
    )
    facts = "".join(info(fact) for fact in (status, *document.facts))
    params = "".join(_input(one) for one in document.parameters)
    return f"{_OPENING}{facts}{systems}{params}<TABLE>\n{fields}"


def closing(columns: Sequence[Column], document: Document) -> Iterator[str]:
    """Everything after the table: the services that can be called next, each in a RESOURCE (DataLink 1.1 §4)."""
    identifiers = dict(zip((column.name for column in columns), _identifiers(columns), strict=True))
    yield "</RESOURCE>\n"
    for service in document.services:
        yield _service(service, identifiers)
    yield "</VOTABLE>\n"


def _service(service: ServiceDescriptor, identifiers: Mapping[str, str]) -> str:
    texts = {
        "accessURL": service.url,
        "standardID": service.standard,
        "contentType": service.content_type,
    }
    params = "".join(
        f"<PARAM{attributes(name=name, datatype='char', arraysize='*', value=value)}/>\n"
        for name, value in texts.items()
        if value
    )
    inputs = "".join(
        _input(one, identifiers[one.reference] if one.reference else None) for one in service.inputs
    )
    description = (
        f"<DESCRIPTION>{escaped(service.description)}</DESCRIPTION>\n" if service.description else ""
    )
    utype = "adhoc:this" if service.is_this else "adhoc:service"
    start = attributes(ID=service.identifier, type="meta", utype=utype, name=service.name)
    return (
        f'<RESOURCE{start}>\n{description}{params}<GROUP name="inputParams">\n{inputs}</GROUP>\n</RESOURCE>\n'
    )


# Of the thousands of services that an answer may have, most parameters are alike.
@lru_cache(maxsize=256)
def _input(one: ServiceInput, reference: str | None = None) -> str:
    """A parameter. The value of one that has none is empty, as SODA has it: clients send it in no other case."""
    start = attributes(
        name=one.name,
        datatype=one.datatype,
        arraysize=one.arraysize,
        xtype=one.xtype,
        unit=one.unit,
        ucd=one.ucd,
        utype=one.utype,
        ref=reference,
        value=one.value,
    )
    inside = f"<DESCRIPTION>{escaped(one.description)}</DESCRIPTION>" if one.description else ""
    values = "".join(
        f"<{limit}{attributes(value=value)}/>"
        for limit, value in (("MIN", one.minimum), ("MAX", one.maximum))
        if value is not None
    )
    values += "".join(f"<OPTION{attributes(value=option)}/>" for option in one.options)
    inside += f"<VALUES>{values}</VALUES>" if values else ""
    return f"<PARAM{start}>{inside}</PARAM>\n" if inside else f"<PARAM{start}/>\n"


def without_rows(columns: Sequence[Column], document: Document, status: Info = OK) -> str:
    """A VOTable that describes a table kept elsewhere, and nothing more."""
    return f"{head(columns, document, status=status)}</TABLE>\n{''.join(closing(columns, Document()))}"


def error_votable(error: ServiceError, document: Document) -> bytes:
    """The VOTable that stands in for an answer (DALI 1.1 §4.4.1)."""
    facts = "".join(info(fact) for fact in (failed(error), *document.facts))
    return f"{_OPENING}{facts}{''.join(closing((), document))}".encode()


def _system(column: Column) -> str | None:
    """The coordinate or time system that the values are in, where the column's words say so."""
    ucd = (column.ucd or "").lower()
    if column.is_timestamp:
        return _CALENDAR_ID
    if ucd.replace("_", ".").startswith(("pos.eq.ra", "pos.eq.dec")) and column.datatype in {
        "double",
        "float",
    }:
        return _FRAME_ID
    if ucd.startswith(("time.start", "time.end", "time.epoch")) and column.unit == "d":
        return _MJD_ID
    return None


def _identifiers(columns: Sequence[Column]) -> list[str]:
    """An XML ID for each column: close to its name, unlike any other in the document."""
    plain = (re.sub(r"[^A-Za-z0-9_.-]", "_", column.name) for column in columns)
    wanted = [name if re.match(r"[A-Za-z_]", name) else f"_{name}" for name in plain]
    return distinct([*_SYSTEMS, *wanted])[len(_SYSTEMS) :]


def _field(column: Column, identifier: str, reference: str | None, magic_nulls: bool) -> str:
    start = attributes(
        ID=identifier,
        name=column.name,
        datatype=column.datatype,
        arraysize=arraysize(column),
        xtype=column.xtype,
        unit=column.unit,
        ucd=column.ucd,
        utype=column.utype,
        ref=reference,
    )
    inside = f"<DESCRIPTION>{escaped(column.description)}</DESCRIPTION>" if column.description else ""
    if magic_nulls and column.datatype in INTEGER_NULLS:
        inside += f'<VALUES null="{INTEGER_NULLS[column.datatype]}"/>'
    return f"<FIELD{start}>{inside}</FIELD>\n" if inside else f"<FIELD{start}/>\n"


def words(column: Column) -> dict[str, str | None]:
    """What VOTable says of a column, for formats that say it in a way of their own."""
    return {
        "name": column.name,
        "datatype": column.datatype,
        "arraysize": arraysize(column),
        "xtype": column.xtype,
        "unit": column.unit,
        "ucd": column.ucd,
        "utype": column.utype,
        "description": column.description,
    }


def arraysize(column: Column) -> str | None:
    """The shape that is declared: text of no declared length is of any length, not of one character."""
    return column.arraysize or ("*" if column.datatype == "char" else None)


def fixed_size(column: Column) -> int | None:
    """How many numbers or bytes each value has, or None when that varies."""
    shape = arraysize(column) or "1"
    if shape.endswith("*"):
        return None
    size = 1
    for length in shape.split("x"):
        size *= int(length)
    return size
