"""A package as a list instead of its bytes: a script that fetches them, or a table of what there is."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from shlex import quote

from voserver.catalogue.holdings import Holding
from voserver.model.addresses import file_path
from voserver.model.media_types import media_type_of
from voserver.protocols.files.selection import Selection

_FIELDS = ("name", "status", "uri", "url", "size", "checksum", "media_type", "note")
_CHECKSUM = re.compile(r"(md5|sha-?256|sha-?512):([0-9a-fA-F]+)")

_SCRIPT = r"""#!/bin/sh
# Fetches {count} files ({size} bytes) into the current directory, checks them, and goes on where it stopped when it
# is run again. For files of exclusive access put a token of yours into the environment variable VOSERVER_TOKEN.
set -u
failed=0
options='--fail --silent --show-error --location --globoff --retry 5 --continue-at -'

download() {{ # URL, file
    if [ -n "${{VOSERVER_TOKEN:-}}" ]; then
        printf 'header = "Authorization: Bearer %s"\n' "$VOSERVER_TOKEN" |
            curl --config - $options --output "$2" --url "$1"
    else
        curl $options --output "$2" --url "$1"
    fi
}}

checked() {{ # file, checksum or -
    case "$2" in
        md5:*) sum=$(md5sum < "$1" 2>/dev/null || md5 -q < "$1" 2>/dev/null) ;;
        sha256:*) sum=$(sha256sum < "$1" 2>/dev/null || shasum -a 256 < "$1" 2>/dev/null) ;;
        sha512:*) sum=$(sha512sum < "$1" 2>/dev/null || shasum -a 512 < "$1" 2>/dev/null) ;;
        *) return 0 ;;
    esac
    if [ -z "$sum" ]; then
        echo "        not checked: there is no program for it" >&2
        return 0
    fi
    [ "${{sum%% *}}" = "${{2#*:}}" ]
}}

fetch() {{ # file, URL, size or -, checksum or -
    if [ -e "$1" ]; then
        printf 'have    %s\n' "$1"
        return
    fi
    mkdir -p "${{1%/*}}"
    [ "$3" = - ] && rm -f "$1.part"
    if [ ! -e "$1.part" ] || [ "$(wc -c < "$1.part")" -lt "$3" ]; then
        if ! download "$2" "$1.part"; then
            printf 'FAILED  %s: run this script again to go on\n' "$1" >&2
            failed=1
            return
        fi
    fi
    if checked "$1.part" "$4"; then
        mv "$1.part" "$1"
        printf 'fetched %s\n' "$1"
    else
        printf 'FAILED  %s: its checksum is another; run this script again\n' "$1" >&2
        rm -f "$1.part"
        failed=1
    fi
}}

"""

Row = dict[str, str | int | None]


def rows(selection: Selection, base_url: str, missing: Mapping[str, str]) -> Iterator[Row]:
    """What there is of each file, also of those that are left out; `missing` says why, by URI."""
    for name, file in selection.files:
        note = missing.get(file.uri)
        yield _row(file, base_url, None if note else name, "missing" if note else "included", note)
    for file in selection.exclusive:
        until = f"exclusive until {file.release:%Y-%m-%d %H:%M} UTC" if file.release else "exclusive"
        yield _row(file, base_url, None, "exclusive", until)
    for one in selection.unknown:
        empty: Row = dict.fromkeys(_FIELDS)
        yield empty | {"status": "unknown", "uri": one, "note": "not in this archive"}


def _row(file: Holding, base_url: str, name: str | None, status: str, note: str | None) -> Row:
    return {
        "name": name,
        "status": status,
        "uri": file.uri,
        "url": base_url + file_path(file.uri),
        "size": file.content_length,
        "checksum": file.content_checksum,
        "media_type": file.content_type or media_type_of(file.filename),
        "note": note,
    }


def as_csv(selection: Selection, base_url: str, missing: Mapping[str, str]) -> bytes:
    """A table with a row for each file."""
    written = io.StringIO()
    table = csv.DictWriter(written, _FIELDS, lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows(selection, base_url, missing))
    return written.getvalue().encode(errors="replace")


def as_json(selection: Selection, base_url: str) -> bytes:
    """The same as a list of objects."""
    return json.dumps(list(rows(selection, base_url, {})), indent=1).encode()


def as_urls(selection: Selection, base_url: str) -> bytes:
    """The URLs (RFC 2483 §5)."""
    lines = [base_url + file_path(file.uri) for _, file in selection.files]
    left_out = len(selection.exclusive) + len(selection.unknown)
    head = [f"# {left_out} files are left out: RESPONSEFORMAT=csv tells which"] if left_out else []
    return "".join(f"{line}\r\n" for line in [*head, *lines]).encode()


def as_script(selection: Selection, base_url: str) -> bytes:
    """A shell script that fetches the files with curl. Names and URLs are in it as quoted words only."""
    head = _SCRIPT.format(count=len(selection.files), size=selection.size)
    lines = [_line(name, file, base_url) for name, file in selection.files]
    words = [(file.uri, "exclusive to others for now") for file in selection.exclusive]
    words += [(one, "not in this archive") for one in selection.unknown]
    notes = [f"printf '%s\\n' {quote(f'left out {what}: {why}')} >&2" for what, why in words]
    return "\n".join([head, *lines, *notes, "exit $failed", ""]).encode(errors="replace")


def _line(name: str, file: Holding, base_url: str) -> str:
    checksum = _CHECKSUM.fullmatch(file.content_checksum or "")
    summed = f"{checksum[1].replace('-', '')}:{checksum[2].lower()}" if checksum else "-"
    size = "-" if file.content_length is None else str(file.content_length)
    url = base_url + file_path(file.uri)
    return " ".join(["fetch", quote(f"./{name}"), quote(url), size, summed])
