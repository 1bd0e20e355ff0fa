"""`voserver adql …`: queries judged and translated, without running them."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import typer

from voserver.model.errors import Position, ServiceError, UsageError
from voserver.query.adql import compile as compile_adql
from voserver.query.adql.parser import parse

_MAXIMUM_BYTES = 8 * 1024**2
"""Of one file or line: more than the longest query that is read, each of whose characters JSON writes as an escape."""

_BLOCK = 64 * 1024

Judge = Callable[[str], object]


def check(files: list[str], *, jsonl: bool, syntax: bool, language: str) -> None:
    """Print a verdict for each query; exit code 1 where one is not valid."""
    all_valid = True
    with _judge(language, syntax=syntax) as judge:
        for name in files or ["-"]:
            for place, text in _queries(name, jsonl=jsonl):
                verdict = _verdict(judge, text)
                all_valid = all_valid and verdict["valid"]
                typer.echo(json.dumps(place | verdict))
    if not all_valid:
        raise typer.Exit(1)


def sql(file: str, *, language: str) -> None:
    """Print the SQL of a query; exit code 1 and the reason where it is not valid."""
    with valid_query(file) as text, _judge(language, syntax=False) as judge:
        statement: Any = judge(text)
        typer.echo(statement.sql)


@contextmanager
def valid_query(file: str) -> Iterator[str]:
    """The query that a file, or standard input (`-`), holds; where it is refused, the reason and exit code 1."""
    try:
        (_, text), *_ = _queries(file, jsonl=False)
        if isinstance(text, ServiceError):
            raise text
        yield text
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@contextmanager
def _judge(language: str, *, syntax: bool) -> Iterator[Judge]:
    """What understands a query or raises. Only for the syntax no database is needed, and none is started."""
    if syntax:
        yield parse
        return
    # The database's drivers take longer to import than many queries to parse.
    from voserver.cli.configuration import read_settings  # noqa: PLC0415
    from voserver.cli.postgres import database, published  # noqa: PLC0415

    with database(read_settings()) as settings:
        tables = published(settings)
    yield lambda text: compile_adql(text, tables, language=language)


def _verdict(judge: Judge, text: str | ServiceError) -> dict[str, Any]:
    """What the check prints of a query, or of what should have been one."""
    try:
        if isinstance(text, ServiceError):
            raise text
        judge(text)
    except ServiceError as error:
        position: Position | None = getattr(error, "position", None)
        return {
            "valid": False,
            "message": f"{error.message} {error.hint}" if error.hint else error.message,
            "line": position and position.line,
            "column": position and position.column,
        }
    return {"valid": True, "message": None, "line": None, "column": None}


def _queries(name: str, *, jsonl: bool) -> Iterator[tuple[dict[str, Any], str | ServiceError]]:
    """Where each query of a file stands, and its text or what is wrong with it."""
    try:
        with _opened(name) as file:
            if not jsonl:
                yield {"file": name}, _text(_bounded(file, file.read))
                return
            for number, line in enumerate(iter(lambda: _bounded(file, file.readline), b""), 1):
                if isinstance(line, ServiceError) or line.strip():
                    yield {"file": name, "line_number": number}, _of_json(_text(line))
    except OSError as error:
        yield {"file": name}, UsageError(f"{name} cannot be read: {error.strerror or error}.")


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _bounded(file: IO[bytes], read: Callable[[int], bytes]) -> bytes | UsageError:
    """A file or a line; where it is too long to be a query, the rest of it is passed over."""
    raw = read(_MAXIMUM_BYTES + 1)
    if len(raw) <= _MAXIMUM_BYTES:
        return raw
    is_line = read == file.readline
    while not (is_line and raw.endswith(b"\n")):
        raw = read(_BLOCK)
        if not raw:
            break
    what = "line" if is_line else "file"
    return UsageError(f"The {what} is longer than {_MAXIMUM_BYTES:,} bytes; no query is.")


def _text(raw: bytes | ServiceError) -> str | ServiceError:
    if isinstance(raw, ServiceError):
        return raw
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return UsageError(f"This is not UTF-8: byte 0x{raw[error.start]:02X} at offset {error.start}.")


def _of_json(line: str | ServiceError) -> str | ServiceError:
    """The query of a line of JSON."""
    if isinstance(line, ServiceError):
        return line
    try:
        found = json.loads(line.strip())
    except json.JSONDecodeError as error:
        return UsageError(f"The line is not JSON: {error.msg} at character {error.pos + 1}.")
    except (RecursionError, ValueError):
        return UsageError("The line's JSON is nested too deeply, or has a number of too many digits.")
    if not isinstance(found, dict):
        return UsageError('The line is JSON, but not an object such as {"query": "SELECT …"}.')
    if "query" not in found:
        return UsageError("The line's object has no key `query`.")
    query = found["query"]
    return query if isinstance(query, str) else UsageError("The line's `query` is not a text.")
