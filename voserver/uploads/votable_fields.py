"""VOTable's FIELDs (VOTable 1.4 §2, §4): what a column is here, and how its values are written there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from voserver.model.columns import Column, Datatype
from voserver.model.errors import UsageError
from voserver.uploads.limits import shown

_ARRAYSIZE = re.compile(r"(?:[0-9]{1,9}x){0,7}(?:[0-9]{1,9}\*?|\*)")
_LONGEST_ARRAY = 10_000_000
_WORDS = 1000


@dataclass(frozen=True, slots=True)
class _Kind:
    """A datatype of VOTable: ours, the form of an item in BINARY, and how many of ours an item is."""

    datatype: Datatype
    item: str
    parts: int = 1


KINDS: Mapping[str, _Kind] = {
    "boolean": _Kind("boolean", "u1"),
    "bit": _Kind("boolean", "bit"),
    "unsignedByte": _Kind("short", "u1"),
    "short": _Kind("short", ">i2"),
    "int": _Kind("int", ">i4"),
    "long": _Kind("long", ">i8"),
    "char": _Kind("char", "S1"),
    "unicodeChar": _Kind("char", ">u2"),
    "float": _Kind("float", ">f4"),
    "double": _Kind("double", ">f8"),
    "floatComplex": _Kind("float", ">f4", 2),
    "doubleComplex": _Kind("double", ">f8", 2),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A FIELD.

    Attributes:
        column: the column it is here.
        datatype: as VOTable calls it.
        size: how many items each value has, None where that varies.
        null: the text of the number that stands for no value.
    """

    column: Column
    datatype: str
    size: int | None
    null: str | None = None

    @property
    def kind(self) -> _Kind:
        """What is known of the datatype."""
        return KINDS[self.datatype]

    @property
    def numbers(self) -> int | None:
        """How many numbers of ours each value has, None where that varies."""
        return None if self.size is None else self.size * self.kind.parts


def field(attributes: Mapping[str, str], number: int) -> Field:
    """The field of a FIELD element's attributes; `number` counts from 1."""
    name = attributes.get("name") or attributes.get("ID") or f"column_{number}"
    datatype = attributes.get("datatype", "")
    if datatype not in KINDS:
        raise UsageError(
            f"FIELD {shown(name)} has the datatype {shown(datatype)}, which VOTable does not know.",
            hint=f"Its datatypes are {', '.join(KINDS)}.",
        )
    arraysize = attributes.get("arraysize", "").replace(" ", "") or None
    size = _size(name, arraysize)
    kind = KINDS[datatype]
    xtype = _word(attributes, "xtype")
    if arraysize == "1":
        arraysize = None  # some write every scalar like this (VOTable 1.3, erratum 3)
    if kind.parts == 2:
        arraysize = "2" if arraysize is None else f"2x{arraysize}"
    column = Column(
        name=name,
        datatype=kind.datatype,
        arraysize=arraysize,
        xtype=xtype,
        unit=_word(attributes, "unit"),
        ucd=_word(attributes, "ucd"),
        utype=_word(attributes, "utype"),
    )
    return Field(column, datatype, size)


def _word(attributes: Mapping[str, str], name: str) -> str | None:
    """An attribute that goes on into the result, unless it is empty or longer than any real one."""
    word = " ".join(attributes.get(name, "").split())
    return word[:_WORDS] or None


def _size(name: str, arraysize: str | None) -> int | None:
    """How many items a value has; None for any number."""
    if arraysize is None:
        return 1
    if not _ARRAYSIZE.fullmatch(arraysize):
        raise UsageError(
            f"FIELD {shown(name)} has the arraysize {shown(arraysize)}, which is none.",
            hint="An arraysize is like 8, *, 32* or 2x3.",
        )
    if arraysize.endswith("*"):
        return None
    size = 1
    for length in arraysize.split("x"):
        size *= int(length)
    if not 0 < size <= _LONGEST_ARRAY:
        raise UsageError(f"FIELD {shown(name)} has values of {size:,} items; {_LONGEST_ARRAY:,} may be.")
    return size
