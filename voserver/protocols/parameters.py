"""The parameters of a request, as DALI has them: from the URL, a form or a multipart form.

Names are case-insensitive, values are not (DALI 1.1 §2.3). Everything read here is hostile: sizes and
counts are limited while the body arrives, and bytes that are no text are refused. What a parameter means is
not known here. Files are kept where an endpoint takes some, on disk, and are not looked into.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import IO
from urllib.parse import unquote_to_bytes

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from voserver.model.errors import UsageError
from voserver.protocols.bodies import BodyNotSupported, BodyPacked, Share, TooLarge, chunks
from voserver.uploads.sources import IN_MEMORY, spool

MAX_URL_QUERY = 60 * 1024
MAX_BODY = 16 * 1024 * 1024
MAX_FIELDS = 200
MAX_NAME = 128
MAX_VALUE = 1024 * 1024
_RUN_ID_LENGTH = 64

_SHORT = 64 * 1024  # bytes of a form that are decoded in a few milliseconds
_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
}
_FORM = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"
_TEXT = b"text/plain"


class Parameters:
    """The parameters of one request, looked up by name in any case."""

    def __init__(
        self,
        pairs: Iterable[tuple[str, str]],
        files: Iterable[tuple[str, IO[bytes]]] = (),
        share: Share | None = None,
    ) -> None:
        self._values: dict[str, list[str]] = {}
        self._files = tuple(files)
        self._share = share
        for name, value in pairs:
            self._values.setdefault(name.upper(), []).append(value)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every name, in capitals, with every value."""
        return tuple((name, value) for name, values in self._values.items() for value in values)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value given for a parameter that may be repeated, empty ones left out."""
        return tuple(value for value in self._values.get(name, ()) if value.strip())

    @property
    def all_files(self) -> tuple[tuple[str, IO[bytes]], ...]:
        """Every file of the form, with the name of its part."""
        return self._files

    def files(self, name: str) -> list[IO[bytes]]:
        """The files of the form whose part has that name, as it is spelled or, if none has, in any case."""
        exact = [file for known, file in self._files if known == name]
        return exact or [file for known, file in self._files if known.upper() == name.upper()]

    def close(self) -> None:
        """Forget the files."""
        for _, file in self._files:
            file.close()
        if self._share:
            self._share.give_back()

    def one(self, name: str) -> str | None:
        """The value of a parameter that is given once at most; an empty value counts as none."""
        values = self._values.get(name, [])
        if len(values) > 1:
            raise UsageError(
                f"{name} was given {len(values)} times, but it can have only one value.",
                hint=f"Send {name} once.",
            )
        return values[0] if values and values[0].strip() else None

    @property
    def run_id(self) -> str | None:
        """The client's own name for its run or job (DALI 1.1 §3.4.6)."""
        run_id = self.one("RUNID")
        return None if run_id is None else run_id[:_RUN_ID_LENGTH]

    def natural(self, name: str) -> int | None:
        """The value of a parameter that is an integer, zero or more."""
        text = self.one(name)
        if text is None:
            return None
        text = text.strip()
        if not (text.isascii() and text.isdigit()):
            raise UsageError(
                f"{name}={_shown(text)} is not a number of rows.",
                hint=f"{name} is an integer, zero or more, for example {name}=1000.",
            )
        # Clients ask for "everything" by huge numbers; what is cut off here is above every limit anyway.
        return int(text) if len(text) <= 18 else 10**18


class Unreadable(UsageError):  # noqa: N818 -- likewise
    """Some parameters cannot be read. `parameters` are the others: they may say in which form to tell it."""

    def __init__(self, fault: UsageError, parameters: Parameters) -> None:
        super().__init__(fault.message, hint=fault.hint)
        self.parameters = parameters


@dataclass
class _Pairs:
    """Names and values as they are read, and the first thing that was wrong with one."""

    share: Share
    most: int = MAX_FIELDS
    pairs: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, IO[bytes]]] = field(default_factory=list)
    fault: UsageError | None = None

    def add(self, name: str, value: Callable[[], str]) -> None:
        try:
            self.pairs.append((name, value()))
        except UsageError as error:
            self.fault = self.fault or error

    def parameters(self) -> Parameters:
        if not self.files:
            self.share.give_back()
        found = Parameters(self.pairs, self.files, self.share)
        if self.fault:
            raise Unreadable(self.fault, found)
        return found

    def close(self) -> None:
        for _, file in self.files:
            file.close()
        self.share.give_back()


def _shown(text: str, length: int = 60) -> str:
    """A value as it may be repeated in a message."""
    return repr(text if len(text) <= length else text[:length] + "…")


def decode(raw: bytes, encoding: str, where: str) -> str:
    """Bytes of a name or value as text, or a `UsageError` that says where they are no text."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{where} is not {encoding.upper()}: byte 0x{raw[error.start]:02X} at offset {error.start}.",
            hint="Send parameters as UTF-8.",
        ) from None
    if found := _CONTROL.search(text):
        raise UsageError(f"{where} contains the control character U+{ord(found.group()):04X}.")
    return text


def _percent_decode(raw: bytes, encoding: str, where: str) -> str:
    raw = raw.replace(b"+", b" ")
    if found := _BAD_PERCENT.search(raw):
        text = raw[found.start() : found.start() + 3].decode("latin-1")
        raise UsageError(
            f"{where} contains {_shown(text)}, which is no percent-encoded byte.",
            hint="Write a literal percent sign as %25.",
        )
    return decode(unquote_to_bytes(raw), encoding, where)


def _parse_urlencoded(raw: bytes, pairs: _Pairs, encoding: str = "utf-8") -> None:
    """Read the names and values of a URL's query or a url-encoded form."""
    if raw.count(b"&") >= pairs.most:
        raise _too_many_fields(pairs.most)
    for item in raw.split(b"&"):
        if not item:
            continue
        raw_name, _, raw_value = item.partition(b"=")
        name = _percent_decode(raw_name, encoding, "A parameter's name")
        _check_sizes(name, len(raw_name), len(raw_value))
        pairs.add(name, partial(_percent_decode, raw_value, encoding, name))


def _too_many_fields(most: int) -> TooLarge:
    return TooLarge(f"There are too many parameters: {most:,} at most.")


def _check_sizes(name: str, name_size: int, value_size: int) -> None:
    if name_size > MAX_NAME:
        raise TooLarge(f"A parameter's name is too long: {MAX_NAME} bytes at most.")
    if value_size > MAX_VALUE:
        raise TooLarge(f"{_shown(name)} is too long: {MAX_VALUE} bytes at most.")


def _encoding(options: Mapping[bytes, bytes]) -> str:
    charset = options.get(b"charset", b"utf-8").decode("latin-1").strip().lower()
    try:
        return _ENCODINGS[charset]
    except KeyError:
        raise UsageError(
            f"The charset {_shown(charset)} is not understood.", hint="Send parameters as UTF-8."
        ) from None


@dataclass
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    encoding: str = "utf-8"
    is_file: bool = False
    file: IO[bytes] | None = None
    size: int = 0
    data: bytearray = field(default_factory=bytearray)


class _Form:
    """Collects a multipart form while it is parsed. Without a limit on files their content is dropped."""

    def __init__(self, pairs: _Pairs, files_limit: int | None) -> None:
        self._pairs = pairs
        self._files_limit = files_limit
        self.files_size = 0
        self._part = _Part()
        self._parts = 0
        self._header = bytearray()
        self._header_value = bytearray()
        self.complete = False

    def on_part_begin(self) -> None:
        self._part = _Part()
        self._parts += 1
        if self._parts > self._pairs.most:
            raise _too_many_fields(self._pairs.most)

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def on_header_end(self) -> None:
        self._part.headers[bytes(self._header).strip().lower()] = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def on_headers_finished(self) -> None:
        part = self._part
        _, disposition = parse_options_header(part.headers.get(b"content-disposition"))
        if b"name" not in disposition:
            raise UsageError(
                "A part of the form has no name.",
                hint='Each part needs a header like: Content-Disposition: form-data; name="QUERY"',
            )
        part.name = decode(disposition[b"name"], "utf-8", "The name of a part of the form")
        media_type, options = parse_options_header(part.headers.get(b"content-type"))
        part.is_file = b"filename" in disposition or media_type not in {b"", _TEXT}
        if not part.is_file:
            part.encoding = _encoding(options)
        elif self._files_limit is not None:
            part.file = spool()
            self._pairs.files.append((part.name, part.file))
        _check_sizes(part.name, len(disposition[b"name"]), 0)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._keep(data[start:end])
            return
        self._part.data += data[start:end]
        _check_sizes(self._part.name, 0, len(self._part.data))

    def _keep(self, data: bytes) -> None:
        if self._part.file is None or self._files_limit is None:
            return
        self.files_size += len(data)
        if self.files_size > self._files_limit:
            raise TooLarge(
                f"The uploaded files are larger than {self._files_limit:,} bytes together, the most that is taken.",
                hint="Send fewer rows or columns, or a form that takes less room: BINARY2, Parquet, FITS.",
            )
        before, self._part.size = self._part.size, self._part.size + len(data)
        in_memory = min(self._part.size, IN_MEMORY) - min(before, IN_MEMORY)
        self._pairs.share.keep(memory=in_memory, disk=len(data))
        self._part.file.write(data)

    def on_part_end(self) -> None:
        part = self._part
        if not part.is_file:
            self._pairs.add(part.name, partial(decode, bytes(part.data), part.encoding, part.name))

    def on_end(self) -> None:
        self.complete = True


def _multipart_parser(form: _Form, options: Mapping[bytes, bytes]) -> python_multipart.MultipartParser:
    boundary = options.get(b"boundary")
    if not boundary:
        raise UsageError(
            "The multipart form has no boundary.",
            hint="Content-Type must read like: multipart/form-data; boundary=something",
        )
    return python_multipart.MultipartParser(
        boundary,
        {
            "on_part_begin": form.on_part_begin,
            "on_header_field": form.on_header_field,
            "on_header_value": form.on_header_value,
            "on_header_end": form.on_header_end,
            "on_headers_finished": form.on_headers_finished,
            "on_part_data": form.on_part_data,
            "on_part_end": form.on_part_end,
            "on_end": form.on_end,
        },
    )


async def _read_multipart(
    request: Request, options: Mapping[bytes, bytes], pairs: _Pairs, files_limit: int | None
) -> None:
    form = _Form(pairs, files_limit)
    size = 0  # of all that is not files
    try:
        parser = _multipart_parser(form, options)
        async for chunk in chunks(request):
            before = form.files_size
            parser.write(chunk)
            others = len(chunk) - (form.files_size - before)
            size += others
            _check_body(size)
            pairs.share.keep(memory=others)
        parser.finalize()
    except FormParserError as error:
        raise UsageError(f"The multipart form cannot be read: {error}") from None
    if not form.complete:
        raise UsageError(
            "The multipart form ends too early.",
            hint="The last line is the boundary with two hyphens before and after it.",
        )


def _check_body(size: int) -> None:
    if size > MAX_BODY:
        raise TooLarge(f"The request is too large: {MAX_BODY // 1024**2} MiB at most.")


async def _read_urlencoded(request: Request, options: Mapping[bytes, bytes], pairs: _Pairs) -> None:
    encoding = _encoding(options)
    body = bytearray()
    async for chunk in chunks(request):
        body += chunk
        _check_body(len(body))
        pairs.share.keep(memory=len(chunk))
    if len(body) > _SHORT:
        await run_in_threadpool(_parse_urlencoded, bytes(body), pairs, encoding)
    else:
        _parse_urlencoded(bytes(body), pairs, encoding)


async def _read_form(request: Request, pairs: _Pairs, files_limit: int | None) -> None:
    packed = request.headers.get("content-encoding", "").strip().lower()
    if packed not in {"", "identity"}:
        raise BodyPacked(
            f"The body is packed: its Content-Encoding is {_shown(packed)}.",
            hint="Send it as it is, without Content-Encoding. (Answers are packed for those who accept gzip.)",
        )
    content_type = request.headers.get("content-type", "")
    media_type, options = parse_options_header(content_type)
    if media_type == _MULTIPART:
        await _read_multipart(request, options, pairs, files_limit)
    elif media_type in {_FORM, b""}:
        await _read_urlencoded(request, options, pairs)
    else:
        raise BodyNotSupported(
            f"Parameters cannot be read from a body of type {_shown(content_type)}.",
            hint="Use application/x-www-form-urlencoded or multipart/form-data.",
        )


async def read_parameters(
    request: Request, *, files_limit: int | None = None, most_fields: int = MAX_FIELDS
) -> Parameters:
    """The parameters of a request: those of its URL and, for a POST, those of its form (DALI 1.1 §2.3).

    Where there is a `files_limit`, files in the form are kept, at most so many bytes of them.
    A value that is no text makes it `Unreadable`, with the parameters that are.
    """
    query: bytes = request.scope["query_string"]
    if len(query) > MAX_URL_QUERY:
        raise TooLarge(
            f"The URL is too long: {MAX_URL_QUERY // 1024} KiB at most.", hint="Send long queries by POST."
        )
    pairs = _Pairs(Share(files_limit), most_fields)
    _parse_urlencoded(query, pairs)
    try:
        if request.method == "POST":
            await _read_form(request, pairs, files_limit)
        return pairs.parameters()
    except BaseException:
        pairs.close()
        raise
