"""`voserver adql …` and `voserver explain`: queries judged, translated and weighed, without running them."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer

from voserver.model.errors import Position, ServiceError, UsageError
from voserver.query.adql import Compiler, parse

if TYPE_CHECKING:
    from voserver.settings import Settings

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
    with _query(file) as text, _judge(language, syntax=False) as judge:
        statement: Any = judge(text)
        typer.echo(statement.sql)


def explain(query: str, *, language: str, maxrec: int | None, as_json: bool) -> None:
    """Print what a query would cost; exit code 1 where it is not valid."""
    from voserver.catalogue.streams import QueryPool  # noqa: PLC0415
    from voserver.cli.configuration import read_settings  # noqa: PLC0415
    from voserver.cli.postgres import database  # noqa: PLC0415
    from voserver.query import plan  # noqa: PLC0415

    with _query(query) as text, database(read_settings()) as settings:
        statement = _compiler(settings).compile(text, language)
        rows = settings.default_maxrec if maxrec is None else min(maxrec, settings.hard_maxrec)
        pool = QueryPool.from_settings(settings)
        try:
            found = plan.plan(statement, pool, maxrec=rows, timeout=settings.sync_timeout)
        finally:
            pool.close()
        limit = plan.Limit(settings.cost_per_second, settings.estimate_limit)
        explanation = plan.explain(text, statement, found, limit, maxrec=rows)
    typer.echo(json.dumps(explanation.facts()) if as_json else explanation.text(), nl=as_json)


@contextmanager
def _query(name: str) -> Iterator[str]:
    """A query, or that of a file or of standard input (`-`); where it is refused, the reason and exit code 1.

    What has blanks in it and is no file is the query itself.
    """
    try:
        text: str | ServiceError = name
        if len(name.split()) < 2 or os.path.isfile(name):  # noqa: PTH113 -- Path's own raises where a name is too long
            (_, text), *_ = _queries(name, jsonl=False)
        if isinstance(text, ServiceError):
            raise text
        yield text
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@contextmanager
def _judge(language: str, *, syntax: bool) -> Iterator[Judge]:
    """What understands a query or raises. Only for the syntax no database is needed, and none is started."""
    # The database's drivers take longer to import than many queries to parse.
    from voserver.cli.configuration import read_settings  # noqa: PLC0415

    settings = read_settings()
    if syntax:
        yield lambda text: parse(text, language=language, extended=settings.adql_extensions)
        return
    from voserver.cli.postgres import database  # noqa: PLC0415

    with database(settings) as ready:
        compiler = _compiler(ready)
    yield lambda text: compiler.compile(text, language)


def _compiler(settings: "Settings") -> Compiler:
    """What a server with these settings understands queries by."""
    from voserver.catalogue import object_names  # noqa: PLC0415
    from voserver.cli.postgres import published  # noqa: PLC0415

    resolve = object_names.resolver(settings.resolver_url)
    return Compiler(published(settings), extended=settings.adql_extensions, resolve=resolve)


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
