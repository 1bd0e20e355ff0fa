"""What a table's file must not do, looked for before astropy reads it.

astropy opens what a VOTable's STREAM points to, unpacks by content, makes the objects that an ECSV's header names, and
has the whole table in memory. So a file is streamed through first: nothing in it may point elsewhere, be packed, or be
a table of other sizes than its file has. Limits are in bytes of memory that astropy needs, roughly.
"""

import gzip
import re
import textwrap
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import IO
from xml.parsers import expat

import yaml

from voserver.model.errors import UsageError

LARGEST_TEXT = 128 << 20
"""Bytes of an ECSV or VOTable file. astropy needs some ten times as many."""
LARGEST_FITS = 1 << 30
"""Bytes of a FITS file, unpacked."""
LARGEST_TABLE = 2 << 30
"""Bytes of a table in memory, as its columns are declared."""

INSTEAD = "Make it a Parquet or CSV file: these are read piece by piece, of any size."
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
    b"\x1f\x9d": "compress",
}
"""What astropy unpacks, by the first bytes."""
_PIECE = 1 << 20

_ECSV_HEADER = 1 << 20
_ECSV_NODES = 100_000
_ECSV_LINE_COST = 100
"""Bytes that a line costs besides its text."""
_ECSV_TYPE = re.compile(
    r"(?:bool|string|json|object|(?:u?int|float|complex)\d{1,3})(?:\[[\d, ]*(?:null)?\])?"
)
_ECSV_TAG = re.compile(
    r"!astropy\.[A-Za-z_.]+|tag:yaml\.org,2002:(?:map|omap|seq|str|int|float|bool|null|binary|timestamp|python/tuple)"
)

_XML_DEEPEST = 100
_CHARACTER = 4
_NUMBER = 16
_SIZES = {
    "boolean": 1,
    "bit": 1,
    "unsignedByte": 1,
    "short": 2,
    "int": 4,
    "float": 4,
    "char": 4,
    "unicodeChar": 4,
}
"""Bytes in memory by a VOTable's datatype; others have up to 16."""


def check_size(path: Path, *, is_fits: bool) -> None:
    """Refuse a file that is no file, is packed (but for a FITS file by gzip), or would need too much memory.

    Raises:
        UsageError: says which.
    """
    if not path.is_file():  # a pipe would be waited for
        raise UsageError(f"There is no file {path}.")
    with path.open("rb") as file:
        first = file.read(8)
    packing = next((name for sign, name in _PACKED.items() if first.startswith(sign)), None)
    if packing and not (is_fits and packing == "gzip"):
        raise UsageError(f"{path} is packed by {packing}.", hint="Unpack it first.")
    largest = LARGEST_FITS if is_fits else LARGEST_TEXT
    size = _unpacked(path, largest) if packing else path.stat().st_size
    if size > largest:
        unpacked = " unpacked" if packing else ""
        raise UsageError(f"{path} has more than {largest >> 20:,} MiB{unpacked}.", hint=INSTEAD)


def _unpacked(path: Path, largest: int) -> int:
    """The size of what is in a gzip file, or one that is too large."""
    size = 0
    try:
        with gzip.open(path) as file:
            while size <= largest and (piece := file.read(_PIECE)):
                size += len(piece)
    except (EOFError, OSError, zlib.error) as error:
        raise UsageError(f"{path} cannot be unpacked: {error}.") from error
    return size


def ecsv_lines(path: Path) -> list[str]:
    """The lines of an ECSV file as astropy may see them: its header has only what a table needs.

    The rest of the header (`meta`) is left out: it can be anything, and astropy makes objects of it that reach beyond
    the file.

    Raises:
        UsageError: the header is none, or the table is too large.
    """
    lines = _ecsv_text(path)
    begins = (
        number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")
    )
    length = next(begins, len(lines))
    header = [line.strip().removeprefix("#") for line in lines[:length] if line.strip()]
    if not (header and header[0].startswith(" %ECSV ")):
        raise UsageError(f"{path} cannot be read as ascii.ecsv: its first line is not like “# %ECSV 1.0”.")
    made = _ecsv_header(path, textwrap.dedent("\n".join(header[1:])), len(lines))
    return [f"#{header[0]}", *(f"# {line}" for line in made), *lines[length:]]


def _ecsv_text(path: Path) -> list[str]:
    lines, longest = [], 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            lines.append(line.rstrip("\n"))
            longest = max(longest, len(line))
            # A text column is as wide as its widest cell in every row.
            if len(lines) * (longest * _CHARACTER + _ECSV_LINE_COST) > LARGEST_TABLE:
                raise UsageError(
                    f"{path}: {len(lines):,} lines, of up to {longest:,} characters, need too much memory.",
                    hint=INSTEAD,
                )
    return lines


def _ecsv_header(path: Path, text: str, count: int) -> list[str]:
    if len(text) > _ECSV_HEADER:
        raise UsageError(f"{path} has a header of more than {_ECSV_HEADER >> 20} MiB.")
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{path} has no header of an ECSV file: {' '.join(str(error).split())}") from error
    if not isinstance(root, yaml.MappingNode):
        raise UsageError(f"{path} has no header of an ECSV file: it is no mapping.")
    root.value = [(key, _without_notes(value) if key.value == "meta" else value) for key, value in root.value]
    for number, node in enumerate(_all(root)):
        if number > _ECSV_NODES:
            raise UsageError(f"{path} has aliases of aliases in its header, which stand for too much.")
        if not _ECSV_TAG.fullmatch(node.tag):
            raise UsageError(f"{path} has {node.tag[:60]} in its header, which is not read here.")
        if isinstance(node, yaml.MappingNode):
            _check_ecsv_types(path, node, count)
    written = yaml.serialize(
        root, Dumper=yaml.SafeDumper, explicit_start=True, width=_ECSV_HEADER, allow_unicode=True
    )
    return str(written).splitlines()


def _without_notes(meta: yaml.Node) -> yaml.MappingNode:
    """Of the header's `meta` what says how columns are put together."""
    kept = [pair for pair in _pairs(meta) if pair[0].value == "__serialized_columns__"]
    return yaml.MappingNode("tag:yaml.org,2002:map", kept)


def _check_ecsv_types(path: Path, node: yaml.MappingNode, count: int) -> None:
    """Refuse types that are numpy's, not ECSV's: of any length of text, of any size of array."""
    for key, value in node.value:
        if key.value not in ("datatype", "subtype") or not isinstance(value, yaml.ScalarNode):
            continue
        if not _ECSV_TYPE.fullmatch(value.value):
            raise UsageError(f"{path} has a column of the type “{value.value[:40]}”, which is none of ECSV.")
        shape = value.value.partition("[")[2]
        if prod(int(size[:18]) for size in re.findall(r"\d+", shape)) * _NUMBER * count > LARGEST_TABLE:
            raise UsageError(
                f"{path}: cells of the type {value.value[:40]} need too much memory.", hint=INSTEAD
            )


def _pairs(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The members of a mapping, or of an ordered one, which is a list of mappings."""
    if isinstance(node, yaml.MappingNode):
        yield from node.value
    elif isinstance(node, yaml.SequenceNode):
        for member in node.value:
            yield from _pairs(member)


def _all(node: yaml.Node) -> Iterator[yaml.Node]:
    """A node and all below, with those that aliases stand for, however often: astropy writes some for units."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def check_votable(path: Path) -> None:
    """Refuse a VOTable that has a document type, points elsewhere for its rows, or declares rows of gigabytes.

    Raises:
        UsageError: says which, and the line. What is no XML is left to astropy to refuse.
    """
    guard = _VotableGuard(path)
    with path.open("rb") as file:
        guard.read(file)


class _VotableGuard:
    """Expat's handlers: nothing is kept but how deep and how large it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0
        self._width = 0
        """Bytes of a row in memory."""
        self._least = 0
        """Bytes that a row of BINARY has at least."""
        self._rows = 0
        self._stream = 0
        self._parser = parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def read(self, file: IO[bytes]) -> None:
        try:
            self._parser.ParseFile(file)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UsageError(f"{self._path} cannot be read as votable: {error}.") from error

    def _fault(self, words: str, hint: str) -> UsageError:
        return UsageError(f"{self._path}: {words} (Line {self._parser.CurrentLineNumber:,}.)", hint=hint)

    def _doctype(self, *_: object) -> None:
        raise self._fault("A document type (<!DOCTYPE …>) is not taken.", "Leave it out.")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _XML_DEEPEST:
            raise self._fault(
                f"Elements are within elements, more than {_XML_DEEPEST} deep.", "Is it a VOTable?"
            )
        match qualified.rpartition(":")[2]:
            case "STREAM":
                if any(key.rpartition(":")[2].lower() == "href" for key in attributes):
                    raise self._fault(
                        "Its rows lie elsewhere (STREAM href=…).", "The rows must be in the file itself."
                    )
                self._stream = 0
                self._parser.CharacterDataHandler = self._binary
            case "TABLE":
                self._width = self._least = self._rows = 0
                self._check_memory(_number(attributes.get("nrows", "")))
            case "FIELD" | "PARAM":
                self._add_column(attributes)
            case "TR":
                self._rows += 1
                self._check_memory(self._rows)
            case _:
                pass

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._parser.CharacterDataHandler = None

    def _binary(self, text: str) -> None:
        self._stream += len(text)
        self._check_memory(self._stream * 3 // 4 // max(self._least, 1))

    def _add_column(self, attributes: dict[str, str]) -> None:
        """Count a column at what astropy sets aside for it: also for 4000*, of which few characters may be there."""
        size = attributes.get("arraysize", "")
        width = _SIZES.get(attributes.get("datatype", ""), 16) * prod(map(_number, re.findall(r"\d+", size)))
        self._width += width
        self._least += 4 if "*" in size else width // 8
        self._check_memory(1)

    def _check_memory(self, rows: int) -> None:
        if rows * self._width > LARGEST_TABLE:
            raise self._fault(
                f"{rows:,} rows of {self._width:,} bytes, as its FIELDs say, need too much memory.", INSTEAD
            )


def _number(digits: str) -> int:
    return int(digits[:18]) if digits.strip().isdecimal() else 0
